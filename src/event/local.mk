# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/event/addr.c src/event/addr.h \
	src/event/ask.c src/event/ask.h \
	src/event/call.c src/event/call.h \
	src/event/event.c src/event/event.h \
	src/event/names.c src/event/names.h \
	src/event/proc.c src/event/proc.h \
	src/event/sock.c src/event/sock.h src/event/sock-options.h \
	src/event/source.c src/event/source.h
