# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/sock/addrs.c \
	src/sock/ask.c \
	src/sock/borrow.c src/sock/borrow.h \
	src/sock/facts.c src/sock/facts.h \
	src/sock/netns.c src/sock/netns.h \
	src/sock/nl.c src/sock/nl.h \
	src/sock/priv.h \
	src/sock/proc.c \
	src/sock/route.c src/sock/route.h \
	src/sock/sockdiag.c src/sock/sockdiag.h \
	src/sock/sockread.c src/sock/sockread.h
