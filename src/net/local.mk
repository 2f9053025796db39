# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/net/answer.c \
	src/net/datagram.c src/net/datagram.h \
	src/net/joined.c src/net/joined.h \
	src/net/json.c \
	src/net/lookup.c \
	src/net/net.h \
	src/net/priv.h \
	src/net/source.c \
	src/net/tables.c \
	src/net/text.c \
	src/net/words.c src/net/words.h
