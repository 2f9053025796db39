// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_TCP; MPTCP sockets have it too.  Kernel: net/ipv4/tcp.c tcp_recvmsg(). */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type rows[] = {
	{
		ROW(L_TCP, 36, "TCP_CM_INQ"),
		.alias = "TCP_INQ",
		.size = 4,
		.kinds = ON_TCP | ON(MPTCP),
		.since = KERNEL_RELEASE(4, 18, 0),
		.effect = "bytes left to read; 1 at the end of the stream",
		.kernel = "net/ipv4/tcp.c tcp_recvmsg(), net/mptcp/protocol.c mptcp_recvmsg()",
		.decode = decode_s32s,
		.recv = { .from = FROM_PROTOCOL, .nth = 1, .option = OPT_TCP_INQ },
	},
};

const struct cmsg_level cmsg_level_tcp = CMSG_LEVEL(L_TCP, "SOL_TCP", rows);
