# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/report/fields-json.c src/report/fields-json.h \
	src/report/formats.c \
	src/report/list-cmsgs.c src/report/list-cmsgs.h \
	src/report/report.c src/report/report.h \
	src/report/stream.h src/report/stream.c \
	src/report/fields-text.h src/report/fields-text.c \
	src/report/socks.h src/report/socks.c \
	src/report/summary.h src/report/summary.c \
	src/report/summary-socks.c \
	src/report/text.h src/report/text.c \
	src/report/text-impl.h \
	src/report/text-call.c \
	src/report/text-control.c \
	src/report/text-msg.c \
	src/report/text-names.h src/report/text-names.c \
	src/report/text-netlink.c src/report/text-netlink-names.c \
	src/report/text-quote.c \
	src/report/text-signal.c \
	src/report/text-sock.c \
	src/report/text-sockaddr.c \
	src/report/text-sockopt-names.c \
	src/report/text-value.c

libcmsg_a_SOURCES += \
	src/report/gcc.c \
	src/report/github.c \
	src/report/junit.c \
	src/report/sarif.c \
	src/report/saved.c src/report/saved.h
