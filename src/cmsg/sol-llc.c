// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_LLC: IEEE 802.2.  Kernel: net/llc/af_llc.c llc_cmsg_rcv(). */
#include "config.h"

#include "cmsg/table.h"

enum { MAC_SIZE = 6 };

static void decode_pktinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_ifindex(e, "lpi_ifindex", read_u32(&r));
	emit_hex(e, "lpi_sap", read_u8(&r));
	emit_bytes(e, "lpi_mac", read_bytes(&r, MAC_SIZE), MAC_SIZE);
	emit_end(e);
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_LLC, 9, "LLC_OPT_PKTINFO"),
		.size = 12,
		.kinds = ON(LLC),
		.since = KERNEL_RELEASE(2, 6, 25),
		.effect = "interface, service access point and address that the frame was sent to",
		.kernel = "net/llc/af_llc.c llc_cmsg_rcv()",
		.decode = decode_pktinfo,
		.recv = { .from = FROM_UNSUMMED, .option_name = "LLC_OPT_PKTINFO" },
	},
};

const struct cmsg_level cmsg_level_llc = CMSG_LEVEL(L_LLC, "SOL_LLC", rows);
