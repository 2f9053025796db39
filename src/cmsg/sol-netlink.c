// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_NETLINK.
 * Kernel: net/netlink/af_netlink.c netlink_cmsg_recv_pktinfo(), netlink_cmsg_listen_all_nsid().
 */
#include "config.h"

#include "cmsg/table.h"

static void decode_pktinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "group", read_u32(&r));
	emit_end(e);
}

static const struct cmsg_type rows[] = {
	{
		.level = L_NETLINK,
		.type = 3,
		.name = "NETLINK_PKTINFO",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON(NETLINK),
		.since = KERNEL_RELEASE(2, 6, 14),
		.option = "NETLINK_PKTINFO",
		.effect = "multicast group that the message was sent to, 0 for unicast",
		.kernel = "net/netlink/af_netlink.c netlink_cmsg_recv_pktinfo()",
		.decode = decode_pktinfo,
	},
	{
		.level = L_NETLINK,
		.type = 8,
		.name = "NETLINK_LISTEN_ALL_NSID",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON(NETLINK),
		.since = KERNEL_RELEASE(4, 2, 0),
		.option = "NETLINK_LISTEN_ALL_NSID",
		.effect = "id of the network namespace that the message came from",
		.kernel = "net/netlink/af_netlink.c netlink_cmsg_listen_all_nsid()",
		.decode = decode_s32s,
	},
};

const struct cmsg_level cmsg_level_netlink = CMSG_LEVEL(L_NETLINK, "SOL_NETLINK", rows);
