# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/live/engine.h src/live/live.c src/live/live.h src/live/opts.h src/live/state.h \
	src/live/call.c \
	src/live/calls.c src/live/calls.h \
	src/live/capture.c src/live/capture.h \
	src/live/capture-fetch.c src/live/capture-fetch.h src/live/capture-hint.h \
	src/live/capture-msg.c src/live/capture-msg.h \
	src/live/command.c src/live/command.h \
	src/live/fds.c src/live/fds.h \
	src/live/inherit.c src/live/inherit.h \
	src/live/life.c \
	src/live/packets.c \
	src/live/paths.c \
	src/live/received.c src/live/received.h \
	src/live/task.c src/live/task.h src/live/waits.c src/live/waits.h
