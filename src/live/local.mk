# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/live/live.c src/live/live.h \
	src/live/calls.c src/live/calls.h \
	src/live/capture.c src/live/capture.h \
	src/live/capture-fetch.c src/live/capture-fetch.h \
	src/live/capture-msg.c src/live/capture-msg.h \
	src/live/fds.c src/live/fds.h \
	src/live/packets.c \
	src/live/paths.c \
	src/live/received.c src/live/received.h \
	src/live/say.c \
	src/live/tracee.c src/live/tracee.h
