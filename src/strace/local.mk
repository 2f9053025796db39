# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/strace/after.c \
	src/strace/call.c src/strace/call.h \
	src/strace/control.c \
	src/strace/early.c src/strace/early.h \
	src/strace/gather.c src/strace/gather.h \
	src/strace/learn.c \
	src/strace/lex.c src/strace/lex.h \
	src/strace/line.c src/strace/line.h \
	src/strace/read.c src/strace/read.h \
	src/strace/result.c \
	src/strace/state.c src/strace/state.h \
	src/strace/unwrap.c src/strace/unwrap.h \
	src/strace/values.c src/strace/values.h
