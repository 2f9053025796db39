// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_CAN_RAW and SOL_CAN_J1939.
 * Kernel: net/can/raw.c raw_recvmsg(), net/can/j1939/socket.c j1939_sk_recvmsg().
 */
#include "config.h"

#include "cmsg/table.h"

static const struct cmsg_type raw_rows[] = {
	{
		ROW(L_CAN_RAW, 1, "SCM_CAN_RAW_ERRQUEUE"),
		.size = 16,
		.kinds = ON(CAN_RAW),
		.since = KERNEL_RELEASE(6, 0, 0),
		.effect = "error queue: which frame a transmit timestamp belongs to",
		.kernel = "net/can/raw.c raw_recvmsg(), net/core/sock.c sock_recv_errqueue()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_TIMESTAMPING" },
	},
};

const struct cmsg_level cmsg_level_can_raw = CMSG_LEVEL(L_CAN_RAW, "SOL_CAN_RAW", raw_rows);

static const struct cmsg_type j1939_rows[] = {
	{
		ROW(L_CAN_J1939, 1, "SCM_J1939_DEST_ADDR"),
		.size = 1,
		.kinds = ON(CAN_J1939),
		.since = KERNEL_RELEASE(5, 4, 0),
		.effect = "destination address, where the message was not a broadcast",
		.kernel = "net/can/j1939/socket.c j1939_sk_recvmsg()",
		.decode = decode_hex8s,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_CAN_J1939, 2, "SCM_J1939_DEST_NAME"),
		.size = 8,
		.kinds = ON(CAN_J1939),
		.since = KERNEL_RELEASE(5, 4, 0),
		.effect = "NAME of the destination, where it has one",
		.kernel = "net/can/j1939/socket.c j1939_sk_recvmsg()",
		.decode = decode_hex64s,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_CAN_J1939, 3, "SCM_J1939_PRIO"),
		.size = 1,
		.kinds = ON(CAN_J1939),
		.since = KERNEL_RELEASE(5, 4, 0),
		.effect = "priority of the message, 0 (highest) to 7",
		.kernel = "net/can/j1939/socket.c j1939_sk_recvmsg()",
		.decode = decode_u8s,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_CAN_J1939, 4, "SCM_J1939_ERRQUEUE"),
		.size = 16,
		.kinds = ON(CAN_J1939),
		.since = KERNEL_RELEASE(5, 4, 0),
		.effect = "error queue: progress or failure of a transfer",
		.kernel = "net/can/j1939/socket.c j1939_sk_recvmsg(), net/core/sock.c "
			  "sock_recv_errqueue()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_J1939_ERRQUEUE" },
	},
};

const struct cmsg_level cmsg_level_can_j1939 = CMSG_LEVEL(L_CAN_J1939, "SOL_CAN_J1939", j1939_rows);
