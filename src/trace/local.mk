# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/trace/trace.h \
	src/trace/memory.c src/trace/memory.h \
	src/trace/capture.c src/trace/capture.h \
	src/trace/capture-fetch.c src/trace/capture-fetch.h \
	src/trace/capture-msg.c src/trace/capture-msg.h \
	src/trace/unwind.h
libtrace_a_SOURCES += src/trace/placeholder.c
