// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_BLUETOOTH, and SOL_HCI, whose number is that of SOL_IP: only HCI sockets have it.
 * Kernel: net/bluetooth/sco.c sco_skb_put_cmsg(), net/bluetooth/hci_sock.c hci_sock_cmsg().
 */
#include "config.h"

#include "cmsg/table.h"

static const struct name status_v[] = {
	{ 0, "correct" },
	{ 1, "possibly invalid" },
	{ 2, "no data received" },
	{ 3, "partially lost" },
};

static void decode_pkt_status(struct emit *e, const struct cmsg *c)
{
	static const struct names names = NAMES(status_v, NULL);
	const char *text = names_find(&names, c->data[0]);

	emit_array(e, NULL);
	emit_u64_named(e, NULL, c->data[0], &names);
	if (text)
		emit_comment(e, text);
	emit_end(e);
}

static const struct cmsg_type bluetooth_rows[] = {
	{
		.level = L_BLUETOOTH,
		.type = 3,
		.name = "BT_SCM_PKT_STATUS",
		.dir = CMSG_DIR_RECV,
		.size = 1,
		.kinds = ON(BT_SCO) | ON(BT_ISO),
		.since = KERNEL_RELEASE(5, 9, 0),
		.option = "BT_PKT_STATUS",
		.effect = "how well the packet was received",
		.kernel = "net/bluetooth/sco.c sco_skb_put_cmsg()",
		.decode = decode_pkt_status,
	},
	{
		.level = L_BLUETOOTH,
		.type = 4,
		.name = "BT_SCM_ERROR",
		.dir = CMSG_DIR_RECV,
		.size = 16,
		.kinds = ON(BT_L2CAP) | ON(BT_SCO) | ON(BT_ISO),
		.since = KERNEL_RELEASE(6, 15, 0),
		.option = "SO_TIMESTAMPING",
		.effect = "error queue: which packet a transmit timestamp belongs to",
		.kernel = "net/bluetooth/af_bluetooth.c bt_sock_recvmsg(), net/core/sock.c "
			  "sock_recv_errqueue()",
		.decode = decode_extended_err,
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
		.level = L_HCI,
		.type = 1,
		.name = "HCI_CMSG_DIR",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON(BT_HCI),
		.option = "HCI_DATA_DIR",
		.effect = "1 where the packet came from the device",
		.kernel = "net/bluetooth/hci_sock.c hci_sock_cmsg()",
		.decode = decode_s32s,
	},
	{
		.level = L_HCI,
		.type = 2,
		.name = "HCI_CMSG_TSTAMP",
		.dir = CMSG_DIR_RECV,
		.size = 16,
		.size32 = 8,
		.kinds = ON(BT_HCI),
		.option = "HCI_TIME_STAMP",
		.effect = "time of arrival as struct timeval",
		.kernel = "net/bluetooth/hci_sock.c hci_sock_cmsg()",
		.decode = decode_tstamp,
	},
};

const struct cmsg_level cmsg_level_hci = {
	.level = L_HCI,
	.name = "SOL_HCI",
	.types = hci_rows,
	.n = sizeof(hci_rows) / sizeof(hci_rows[0]),
	.kinds = ON(BT_HCI),
};
