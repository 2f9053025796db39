// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_IUCV, on s390.  Kernel: net/iucv/af_iucv.c iucv_sock_sendmsg(), iucv_sock_recvmsg(). */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type rows[] = {
	{
		.level = L_IUCV,
		.type = 1,
		.name = "SCM_IUCV_TRGCLS",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON(IUCV),
		.since = "2.6.31",
		.effect = "target class of the message; a second one is EINVAL",
		.kernel = "net/iucv/af_iucv.c iucv_sock_sendmsg()",
		.decode = decode_hex32s,
	},
};

const struct cmsg_level cmsg_level_iucv = CMSG_LEVEL(L_IUCV, "SOL_IUCV", rows);
