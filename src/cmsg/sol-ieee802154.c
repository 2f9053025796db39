// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_IEEE802154, whose number is that of SOL_IP: only IEEE 802.15.4 sockets have it.
 * Kernel: net/ieee802154/socket.c dgram_recvmsg().
 */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type rows[] = {
	{
		ROW(L_IEEE802154, 3, "WPAN_WANTLQI"),
		.size = 1,
		.kinds = ON(IEEE802154),
		.since = KERNEL_RELEASE(4, 19, 0),
		.effect = "link quality with which the frame was received, 0 to 255",
		.kernel = "net/ieee802154/socket.c dgram_recvmsg()",
		.decode = decode_u8s,
		.recv = { .from = FROM_UNSUMMED, .option_name = "WPAN_WANTLQI" },
	},
};

const struct cmsg_level cmsg_level_ieee802154 = {
	.level = L_IEEE802154,
	.name = "SOL_IEEE802154",
	.types = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.kinds = ON(IEEE802154),
};
