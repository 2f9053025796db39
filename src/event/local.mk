# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/event/abi.c \
	src/event/addr.c src/event/addr.h \
	src/event/ask.c src/event/ask.h \
	src/event/call.c src/event/call.h \
	src/event/event.c src/event/event.h \
	src/event/lines.c src/event/lines.h \
	src/event/names.c src/event/names.h \
	src/event/proc.c src/event/proc.h \
	src/event/record.c src/event/record.h \
	src/event/record-json.c src/event/record-json.h \
	src/event/record-event.c src/event/record-event.h \
	src/event/record-read.c src/event/record-read.h \
	src/event/sock.c src/event/sock.h \
	src/event/source.h

libcmsg_a_SOURCES += \
	src/event/strace-call.c src/event/strace-call.h \
	src/event/strace-control.c \
	src/event/strace-after.c \
	src/event/strace-learn.c \
	src/event/sniff.c src/event/sniff.h \
	src/event/strace-lex.c src/event/strace-lex.h \
	src/event/strace-line.c src/event/strace-line.h \
	src/event/strace-result.c \
	src/event/strace-read.c src/event/strace-read.h \
	src/event/strace-state.c src/event/strace-state.h \
	src/event/strace-values.c src/event/strace-values.h
