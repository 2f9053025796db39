// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_DCCP, until Linux 6.16.  Kernel: net/dccp/proto.c dccp_msghdr_parse(). */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type rows[] = {
	{
		.level = L_DCCP,
		.type = 1,
		.name = "DCCP_SCM_PRIORITY",
		.dir = CMSG_DIR_SEND,
		.size = 4,
		.kinds = ON(DCCP),
		.since = "2.6.38",
		.effect = "priority of the packet in the transmit queue, with DCCPQ_POLICY_PRIO",
		.kernel = "net/dccp/proto.c dccp_msghdr_parse()",
		.decode = decode_u32s,
	},
};

const struct cmsg_level cmsg_level_dccp = CMSG_LEVEL(L_DCCP, "SOL_DCCP", rows);
