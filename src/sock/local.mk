# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/sock/addrs.c \
	src/sock/ask.c \
	src/sock/enter.c src/sock/enter.h \
	src/sock/facts.c src/sock/facts.h \
	src/sock/netns.c src/sock/netns.h \
	src/sock/nl.c src/sock/nl.h \
	src/sock/pcapng.c src/sock/pcapng.h \
	src/sock/priv.h \
	src/sock/proc.c \
	src/sock/qdisc.c src/sock/route.c src/sock/route.h \
	src/sock/sockdiag.c \
	src/sock/sockread.c src/sock/sockread.h \
	src/sock/tap.c src/sock/tap.h \
	src/sock/wire.c src/sock/wire.h
if STATIC
libtrace_a_SOURCES += src/sock/mnl-static.c
endif
