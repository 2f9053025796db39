# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/record/read.c src/record/read.h \
	src/record/read-event.c src/record/read-event.h \
	src/record/read-json.c src/record/read-json.h \
	src/record/record.c src/record/record.h \
	src/record/write.c src/record/write.h \
	src/record/write-event.c \
	src/record/write-msg.c \
	src/record/write-socks.c
