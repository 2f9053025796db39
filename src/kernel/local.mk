# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/kernel/flow.c \
	src/kernel/host.c src/kernel/host.h \
	src/kernel/late.c \
	src/kernel/model.h \
	src/kernel/parser.h \
	src/kernel/parsers.c \
	src/kernel/recv.c \
	src/kernel/recv.h \
	src/kernel/send-dest.c \
	src/kernel/send.c \
	src/kernel/version.c
