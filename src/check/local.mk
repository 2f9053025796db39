# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/check/baseline.c src/check/baseline.h \
	src/check/check.c src/check/check.h src/check/internal.h \
	src/check/convo.c src/check/convo.h \
	src/check/cut.c src/check/cut.h \
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

# One file a rule: lists.mk holds them all.
libcmsg_a_SOURCES += src/check/rules/examples.h src/check/rules/list.h
include src/check/rules/lists.mk
