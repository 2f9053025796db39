// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_DCCP, until Linux 6.16.  Kernel: net/dccp/proto.c dccp_msghdr_parse(). */
#include "config.h"

#include "cmsg/judge.h"
#include "cmsg/table.h"

static void priority_check(struct judge *j)
{
	judge_assume(j, "the socket's queueing policy takes priorities");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_DCCP, 1, "DCCP_SCM_PRIORITY"),
		.size = 4,
		.kinds = ON(DCCP),
		.since = KERNEL_RELEASE(2, 6, 38),
		.effect = "priority of the packet in the transmit queue, with DCCPQ_POLICY_PRIO",
		.kernel = "net/dccp/proto.c dccp_msghdr_parse()",
		.decode = decode_u32s,
		.send = {
			.by = BY_DCCP,
			.slot = SLOT_OTHER_A,
			.does = "sets the packet's priority in the socket's queue",
			.size_why = "DCCP_SCM_PRIORITY takes exactly 4 bytes",
			.check = priority_check,
		},
	},
};

const struct cmsg_level cmsg_level_dccp = CMSG_LEVEL(L_DCCP, "SOL_DCCP", rows);
