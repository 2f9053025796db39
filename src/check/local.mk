# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/check/baseline.c src/check/baseline.h \
	src/check/check.c src/check/check.h src/check/internal.h \
	src/check/convo.c src/check/convo.h \
	src/check/explain.c src/check/explain.h \
	src/check/finding.c src/check/finding.h \
	src/check/inet.c src/check/inet.h \
	src/check/known.c src/check/known.h \
	src/check/meant.c src/check/meant.h \
	src/check/place.c src/check/place.h \
	src/check/reply.c src/check/reply.h \
	src/check/rule-table.c src/check/rule.h \
	src/check/say.c src/check/say.h \
	src/check/sizes.c src/check/sizes.h \
	src/check/tally.c src/check/tally.h \
	src/check/state.c \
	src/check/suppress.c src/check/suppress.h

# One file a rule; rule-table.c registers it.
libcmsg_a_SOURCES += \
	src/check/rules/rules.h src/check/rules/examples.h \
	src/check/rules/ct101-cmsg-ignored.c \
	src/check/rules/ct102-receive-only-type.c \
	src/check/rules/ct103-cmsg-family-mismatch.c \
	src/check/rules/ct104-cmsg-size.c \
	src/check/rules/ct105-cmsg-len-is-space.c \
	src/check/rules/ct106-control-layout.c \
	src/check/rules/ct107-msghdr-garbage.c \
	src/check/rules/ct108-send-errno.c \
	src/check/rules/ct109-control-without-length.c \
	src/check/rules/ct110-control-misaligned.c \
	src/check/rules/ct111-cmsg-no-effect.c \
	src/check/rules/ct112-cmsg-duplicate.c \
	src/check/rules/ct201-reply-without-source.c \
	src/check/rules/ct202-inconsistent-source.c \
	src/check/rules/ct203-pktinfo-ifindex.c \
	src/check/rules/ct204-spec-dst-empty.c \
	src/check/rules/ct205-connect-pins-source.c \
	src/check/rules/ct206-reply-source-differs.c \
	src/check/rules/ct207-control-echoed.c \
	src/check/rules/ct208-source-unusable.c \
	src/check/rules/ct301-fds-lost.c \
	src/check/rules/ct302-too-many-fds.c \
	src/check/rules/ct303-fds-leaked.c \
	src/check/rules/ct304-fds-resent.c \
	src/check/rules/ct305-fds-without-data.c \
	src/check/rules/ct306-empty-rights.c \
	src/check/rules/ct307-fds-not-cloexec.c \
	src/check/rules/ct308-peeked-fds.c \
	src/check/rules/ct401-control-truncated.c \
	src/check/rules/ct402-cmsg-absent.c \
	src/check/rules/ct403-controllen-not-restored.c \
	src/check/rules/ct405-timestamp-flavour.c \
	src/check/rules/ct406-errqueue-not-drained.c \
	src/check/rules/ct407-name-truncated.c \
	src/check/rules/ct408-data-truncated.c \
	src/check/rules/ct501-gso-limits.c \
	src/check/rules/ct502-gso-single-segment.c \
	src/check/rules/ct503-gro-unsplit.c \
	src/check/rules/ct601-tls-record-unread.c \
	src/check/rules/ct701-credentials-refused.c \
	src/check/rules/ct702-netlink-sender-unchecked.c \
	src/check/rules/ct901-io-uring-in-use.c \
	src/check/rules/ct902-facts-missing.c
