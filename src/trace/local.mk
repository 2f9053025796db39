# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/trace/trace.h src/trace/trace.c src/trace/state.h \
	src/trace/attach.c \
	src/trace/calls.c src/trace/calls.h \
	src/trace/detach.c \
	src/trace/fds.c src/trace/fds.h \
	src/trace/filter.c src/trace/filter.h \
	src/trace/inherit.c src/trace/inherit.h \
	src/trace/launch.c \
	src/trace/loop.c \
	src/trace/packets.c \
	src/trace/paths.c \
	src/trace/received.c src/trace/received.h \
	src/trace/refused.c src/trace/refused.h \
	src/trace/say.c \
	src/trace/stops.c \
	src/trace/tracee.c src/trace/tracee.h \
	src/trace/wait.c
libtrace_a_SOURCES += \
	src/trace/memory.c src/trace/memory.h \
	src/trace/capture.c src/trace/capture.h \
	src/trace/capture-fetch.c src/trace/capture-fetch.h \
	src/trace/capture-msg.c src/trace/capture-msg.h \
	src/trace/symbols.c src/trace/symbols-elf.c src/trace/symbols.h \
	src/trace/unwind.c src/trace/unwind.h \
	src/trace/unwind-dwarf.c src/trace/unwind-dwarf.h \
	src/trace/unwind-maps.c src/trace/unwind-maps.h \
	src/trace/unwind-walk.c src/trace/unwind-walk.h
