// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_IUCV, on s390.  Kernel: net/iucv/af_iucv.c iucv_sock_sendmsg(), iucv_sock_recvmsg(). */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

static void class_check(struct judge *j)
{
	if (j->found & FOUND_ONE)
		judge_reject(j, CHECK_REPEATED, EINVAL, "SCM_IUCV_TRGCLS is there twice");
	j->found |= FOUND_ONE;
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_IUCV, 1, "SCM_IUCV_TRGCLS"),
		.size = 4,
		.kinds = ON(IUCV),
		.since = KERNEL_RELEASE(2, 6, 31),
		.effect = "target class of the message; a second one is EINVAL",
		.kernel = "net/iucv/af_iucv.c iucv_sock_sendmsg()",
		.decode = decode_hex32s,
		.send = {
			.by = BY_IUCV,
			.does = "sets the target class",
			.size_why = "SCM_IUCV_TRGCLS takes exactly 4 bytes",
			.check = class_check,
		},
		.recv = { .from = FROM_UNSUMMED },
	},
};

const struct cmsg_level cmsg_level_iucv = CMSG_LEVEL(L_IUCV, "SOL_IUCV", rows);
