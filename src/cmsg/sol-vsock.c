// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_VSOCK.  Kernel: net/vmw_vsock/af_vsock.c __vsock_connectible_recvmsg(). */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type rows[] = {
	{
		ROW(L_VSOCK, 1, "VSOCK_RECVERR"),
		.size = 16,
		.kinds = ON(VSOCK),
		.since = KERNEL_RELEASE(6, 7, 0),
		.effect = "error queue: calls with MSG_ZEROCOPY whose memory is free again",
		.kernel = "net/vmw_vsock/af_vsock.c vsock_connectible_recvmsg(), net/core/sock.c "
			  "sock_recv_errqueue()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_ZEROCOPY" },
	},
};

const struct cmsg_level cmsg_level_vsock = CMSG_LEVEL(L_VSOCK, "SOL_VSOCK", rows);
