# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/kernel/ip-options.c \
	src/kernel/judge.h \
	src/kernel/model.h \
	src/kernel/parsers.c \
	src/kernel/recv.c \
	src/kernel/recv.h \
	src/kernel/send-dest.c \
	src/kernel/send-ip.c \
	src/kernel/send-ipv6.c \
	src/kernel/send-other.c \
	src/kernel/send-scm.c \
	src/kernel/send-sock.c \
	src/kernel/send-udp.c \
	src/kernel/send.c \
	src/kernel/version.c
