// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_BLUETOOTH, and SOL_HCI, whose number is that of SOL_IP: only HCI sockets have it.
 * Kernel: net/bluetooth/sco.c sco_skb_put_cmsg(), net/bluetooth/hci_sock.c hci_sock_cmsg().
 */
#include "config.h"

#include "cmsg/table.h"

static const struct names statuses =
	NAMES(NULL, VALUE(0, "correct"), VALUE(1, "possibly invalid"), VALUE(2, "no data received"),
	      VALUE(3, "partially lost"));

static void decode_pkt_status(struct emit *e, const struct cmsg *c)
{
	const char *text = names_find(&statuses, c->data[0]);

	emit_array(e, NULL);
	emit_u64_named(e, NULL, c->data[0], &statuses);
	if (text)
		emit_comment(e, text);
	emit_end(e);
}

static const struct cmsg_type bluetooth_rows[] = {
	{
		ROW(L_BLUETOOTH, 3, "BT_SCM_PKT_STATUS"),
		.size = 1,
		.kinds = ON(BT_SCO) | ON(BT_ISO),
		.since = KERNEL_RELEASE(5, 9, 0),
		.effect = "how well the packet was received",
		.kernel = "net/bluetooth/sco.c sco_skb_put_cmsg()",
		.decode = decode_pkt_status,
		.recv = { .from = FROM_UNSUMMED, .option_name = "BT_PKT_STATUS" },
	},
	{
		ROW(L_BLUETOOTH, 4, "BT_SCM_ERROR"),
		.size = 16,
		.kinds = ON(BT_L2CAP) | ON(BT_SCO) | ON(BT_ISO),
		.since = KERNEL_RELEASE(6, 15, 0),
		.effect = "error queue: which packet a transmit timestamp belongs to",
		.kernel = "net/bluetooth/af_bluetooth.c bt_sock_recvmsg(), net/core/sock.c "
			  "sock_recv_errqueue()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_TIMESTAMPING" },
	},
};

const struct cmsg_level cmsg_level_bluetooth =
	CMSG_LEVEL(L_BLUETOOTH, "SOL_BLUETOOTH", bluetooth_rows);

static void decode_tstamp(struct emit *e, const struct cmsg *c)
{
	decode_timeval(e, c, emit_abi(e)->kword);
}

static const struct cmsg_type hci_rows[] = {
	{
		ROW(L_HCI, 1, "HCI_CMSG_DIR"),
		.size = 4,
		.kinds = ON(BT_HCI),
		.effect = "1 where the packet came from the device",
		.kernel = "net/bluetooth/hci_sock.c hci_sock_cmsg()",
		.decode = decode_s32s,
		.recv = { .from = FROM_UNSUMMED, .option_name = "HCI_DATA_DIR" },
	},
	{
		ROW(L_HCI, 2, "HCI_CMSG_TSTAMP"),
		.size = 16,
		.size32 = 8,
		.kinds = ON(BT_HCI),
		.effect = "time of arrival as struct timeval",
		.kernel = "net/bluetooth/hci_sock.c hci_sock_cmsg()",
		.decode = decode_tstamp,
		.recv = { .from = FROM_UNSUMMED, .option_name = "HCI_TIME_STAMP" },
	},
};

const struct cmsg_level cmsg_level_hci = {
	.level = L_HCI,
	.name = "SOL_HCI",
	.types = hci_rows,
	.n = sizeof(hci_rows) / sizeof(hci_rows[0]),
	.kinds = ON(BT_HCI),
};
