# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/cmsg/cmsg.h src/cmsg/cmsg-table.c \
	src/cmsg/decode.c \
	src/cmsg/emit.c src/cmsg/emit.h \
	src/cmsg/errqueue.c \
	src/cmsg/ip-options.c \
	src/cmsg/ipv6-ext.c src/cmsg/ipv6-ext.h \
	src/cmsg/ipv6-send.c src/cmsg/ipv6-send.h \
	src/cmsg/judge.c src/cmsg/judge.h \
	src/cmsg/kinds.h \
	src/cmsg/level-names.c \
	src/cmsg/names.c \
	src/cmsg/opt-stats.c \
	src/cmsg/scm-send.c src/cmsg/scm-send.h \
	src/cmsg/sol-alg.c \
	src/cmsg/sol-bluetooth.c \
	src/cmsg/sol-can.c \
	src/cmsg/sol-dccp.c \
	src/cmsg/sol-ieee802154.c \
	src/cmsg/sol-ip.c \
	src/cmsg/sol-ipv6.c \
	src/cmsg/sol-iucv.c \
	src/cmsg/sol-llc.c \
	src/cmsg/sol-misdn.c \
	src/cmsg/sol-netlink.c \
	src/cmsg/sol-packet.c \
	src/cmsg/sol-rds.c \
	src/cmsg/sol-rxrpc.c \
	src/cmsg/sol-sctp.c \
	src/cmsg/sol-socket.c \
	src/cmsg/sol-tcp.c \
	src/cmsg/sol-tipc.c \
	src/cmsg/sol-tls.c \
	src/cmsg/sol-udp.c \
	src/cmsg/sol-vsock.c \
	src/cmsg/table.h \
	src/cmsg/verdict.h \
	src/cmsg/walk.c
