// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_PACKET.  Kernel: net/packet/af_packet.c packet_recvmsg(). */
#include "config.h"

#include <stdio.h>

#include "cmsg/table.h"

static const struct names status_names = NAMES(
	"TP_STATUS_???", VALUE(1U << 0, "TP_STATUS_USER"), VALUE(1U << 1, "TP_STATUS_COPY"),
	VALUE(1U << 2, "TP_STATUS_LOSING"), VALUE(1U << 3, "TP_STATUS_CSUMNOTREADY"),
	VALUE(1U << 4, "TP_STATUS_VLAN_VALID"), VALUE(1U << 5, "TP_STATUS_BLK_TMO"),
	VALUE(1U << 6, "TP_STATUS_VLAN_TPID_VALID"), VALUE(1U << 7, "TP_STATUS_CSUM_VALID"),
	VALUE(1U << 8, "TP_STATUS_GSO_TCP"), VALUE(1U << 29, "TP_STATUS_TS_SOFTWARE"),
	VALUE(1U << 30, "TP_STATUS_TS_SYS_HARDWARE"), VALUE(1U << 31, "TP_STATUS_TS_RAW_HARDWARE"));

enum { VLAN_VALID = 1 << 4, VLAN_TPID_VALID = 1 << 6 };

/* IEEE 802.1Q: 3 bits of priority, 1 drop eligible, 12 of VLAN id. */
static void emit_tci(struct emit *e, uint16_t tci, bool valid)
{
	char text[64];

	emit_hex(e, "tp_vlan_tci", tci);
	if (!valid)
		return;
	snprintf(text, sizeof(text), "VLAN %d, priority %d%s", tci & 0xfff, tci >> 13,
		 tci >> 12 & 1 ? ", drop eligible" : "");
	emit_comment(e, text);
}

static void decode_auxdata(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	uint32_t status = read_u32(&r);

	emit_struct(e, NULL);
	emit_flags(e, "tp_status", status, &status_names);
	emit_u64(e, "tp_len", read_u32(&r));
	emit_u64(e, "tp_snaplen", read_u32(&r));
	emit_u64(e, "tp_mac", read_u16(&r));
	emit_u64(e, "tp_net", read_u16(&r));
	/* the tag is in host order */
	emit_tci(e, read_u16(&r), status & VLAN_VALID);

	uint16_t tpid = read_u16(&r);

	if (status & VLAN_TPID_VALID)
		emit_enum(e, "tp_vlan_tpid", tpid, &names_ethertypes);
	else
		emit_hex(e, "tp_vlan_tpid", tpid);
	emit_end(e);
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_PACKET, 8, "PACKET_AUXDATA"),
		.size = 20,
		.kinds = ON(PACKET),
		.since = KERNEL_RELEASE(2, 6, 21),
		.effect = "lengths, checksum state and VLAN tag of the packet",
		.kernel = "net/packet/af_packet.c packet_recvmsg()",
		.decode = decode_auxdata,
		.recv = { .from = FROM_PROTOCOL, .nth = 1, .option = OPT_PACKET_AUXDATA },
	},
	{
		ROW(L_PACKET, 16, "PACKET_TX_TIMESTAMP"),
		.size = 16,
		.kinds = ON(PACKET),
		.since = KERNEL_RELEASE(2, 6, 36),
		.effect = "error queue: which packet a transmit timestamp belongs to",
		.kernel = "net/packet/af_packet.c packet_recvmsg(), net/core/sock.c "
			  "sock_recv_errqueue()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_ERROR, .nth = 3, .option = OPT_SO_TIMESTAMPING },
	},
};

const struct cmsg_level cmsg_level_packet = CMSG_LEVEL(L_PACKET, "SOL_PACKET", rows);
