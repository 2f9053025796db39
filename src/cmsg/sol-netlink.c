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
		ROW(L_NETLINK, 3, "NETLINK_PKTINFO"),
		.size = 4,
		.kinds = ON(NETLINK),
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "multicast group that the message was sent to, 0 for unicast",
		.kernel = "net/netlink/af_netlink.c netlink_cmsg_recv_pktinfo()",
		.decode = decode_pktinfo,
		.recv = { .from = FROM_NETLINK, .nth = 1, .option = OPT_NETLINK_PKTINFO },
	},
	{
		ROW(L_NETLINK, 8, "NETLINK_LISTEN_ALL_NSID"),
		.size = 4,
		.kinds = ON(NETLINK),
		.since = KERNEL_RELEASE(4, 2, 0),
		.effect = "id of the network namespace that the message came from",
		.kernel = "net/netlink/af_netlink.c netlink_cmsg_listen_all_nsid()",
		.decode = decode_s32s,
		.recv = { .from = FROM_NETLINK,
			  .nth = 2,
			  .option = OPT_NETLINK_LISTEN_ALL_NSID,
			  .when = "only from a network namespace that has an id here" },
	},
};

const struct cmsg_level cmsg_level_netlink = CMSG_LEVEL(L_NETLINK, "SOL_NETLINK", rows);
