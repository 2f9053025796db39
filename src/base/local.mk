# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/base/alloc.c src/base/alloc.h \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/bytes.h \
	src/base/clock.h \
	src/base/hash.h \
	src/base/json.c src/base/json.h \
	src/base/json-read.c src/base/json-read.h \
	src/base/lines.c src/base/lines.h \
	src/base/lru.c src/base/lru.h \
	src/base/map.c src/base/map.h \
	src/base/memory.h \
	src/base/names.c src/base/names.h \
	src/base/utf16.c src/base/utf16.h \
	src/base/utf8.c src/base/utf8.h
