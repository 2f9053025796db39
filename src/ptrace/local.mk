# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/ptrace/ptrace.c src/ptrace/ptrace.h src/ptrace/state.h \
	src/ptrace/attach.c \
	src/ptrace/detach.c \
	src/ptrace/filter.c src/ptrace/filter.h \
	src/ptrace/loop.c \
	src/ptrace/memory.c src/ptrace/memory.h \
	src/ptrace/refused.c src/ptrace/refused.h \
	src/ptrace/stops.c \
	src/ptrace/unfilter.c \
	src/ptrace/amend.c \
	src/ptrace/wait.c
