// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_RXRPC.
 * Kernel: net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg(), net/rxrpc/recvmsg.c, net/rxrpc/oob.c.
 */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

/* An unsigned long of the caller; the kernel's compat layer makes it 4 bytes. */
static void decode_user_call_id(struct emit *e, const struct cmsg *c)
{
	if (c->data_len >= 8)
		decode_hex64s(e, c);
	else
		decode_hex32s(e, c);
}

static void decode_error(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	emit_enum(e, NULL, read_u32(&r), &names_errno);
	emit_end(e);
}

/* One to three u32: hard limit in seconds, idle and normal timeout in milliseconds. */
static void decode_timeouts(struct emit *e, const struct cmsg *c)
{
	static const char *const names[] = { "hard", "idle", "normal" };
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	for (unsigned int i = 0; i < 3 && r.left >= 4; i++)
		emit_u64(e, names[i], read_u32(&r));
	emit_end(e);
}

static void decode_tx_length(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	emit_s64(e, NULL, read_s64(&r));
	emit_end(e);
}

static void decode_challenged(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "service_id", read_u16(&r));
	emit_u64(e, "security_index", read_u8(&r));
	read_u8(&r); /* padding */
	if (r.left)
		emit_bytes(e, "more", r.p, r.left);
	emit_end(e);
}

static void call_id_before(struct judge *j)
{
	if (j->payload != j->ev->abi->word) /* an unsigned long of the caller's ABI */
		judge_reject(j, CHECK_SIZE, EINVAL, "RXRPC_USER_CALL_ID takes one unsigned long");
	j->found |= FOUND_CALL_ID;
}

static void abort_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v) && !v)
		judge_reject(j, CHECK_VALUE, EINVAL, "an abort code is not 0");
}

static void length_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 8);
	int64_t v;

	if (!d)
		return;
	memcpy(&v, d, 8);
	if (j->found & FOUND_LENGTH)
		judge_reject(j, CHECK_REPEATED, EINVAL, "RXRPC_TX_LENGTH is there twice");
	else if (v < 0)
		judge_reject(j, CHECK_VALUE, EINVAL, "RXRPC_TX_LENGTH is negative");
	j->found |= FOUND_LENGTH;
}

static void timeout_check(struct judge *j)
{
	if (j->payload & 3)
		judge_reject(j, CHECK_SIZE, EINVAL,
			     "RXRPC_SET_CALL_TIMEOUT takes 4, 8 or 12 bytes");
	else
		judge_assume(j, "the timeouts are in range");
}

static void oob_check(struct judge *j)
{
	judge_unknown(j, "it depends on the challenge that is answered");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_RXRPC, 1, "RXRPC_USER_CALL_ID"),
		.size = 4,
		.size_max = 8,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "the call (an unsigned long of the program); every message needs it",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.decode = decode_user_call_id,
		.send = {
			.by = BY_RXRPC,
			.slot = SLOT_OTHER_A,
			.most = SIZE_MAX_NONE,
			.does = "names the call",
			.before = call_id_before,
		},
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 2, "RXRPC_ABORT"),
		.size = 4,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "aborts the call; received: the peer did",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.decode = decode_s32s,
		.send = {
			.by = BY_RXRPC,
			.does = "aborts the call with this code",
			.size_why = "RXRPC_ABORT takes exactly 4 bytes",
			.check = abort_check,
		},
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 3, "RXRPC_ACK"),
		.size = 0,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "server: the client acknowledged the reply",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_term()",
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 5, "RXRPC_NET_ERROR"),
		.size = 4,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "the network failed: errno",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_term()",
		.decode = decode_error,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 6, "RXRPC_BUSY"),
		.size = 0,
		.size_max = 4,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "client: the server is busy",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_term()",
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 7, "RXRPC_LOCAL_ERROR"),
		.size = 4,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "the call failed here: errno",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_term()",
		.decode = decode_error,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 8, "RXRPC_NEW_CALL"),
		.size = 0,
		.size_max = 4,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "server: a call is waiting",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_new_call()",
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 9, "RXRPC_ACCEPT"),
		.size = 0,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "server: accepts a call; until 5.9, RXRPC_CHARGE_ACCEPT since",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.send = {
			.by = BY_RXRPC,
			.until = KERNEL_RELEASE(5, 10, 0),
			.does = "accepts a call",
			.size_why = "this message takes no payload",
		},
	},
	{
		ROW(L_RXRPC, 10, "RXRPC_EXCLUSIVE_CALL"),
		.size = 0,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(4, 8, 0),
		.effect = "client: a connection for this call alone",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.send = {
			.by = BY_RXRPC,
			.does = "makes a call on a connection of its own",
			.size_why = "this message takes no payload",
		},
	},
	{
		ROW(L_RXRPC, 11, "RXRPC_UPGRADE_SERVICE"),
		.size = 0,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(4, 13, 0),
		.effect = "client: asks for the better service of the two",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.send = {
			.by = BY_RXRPC,
			.does = "tries to upgrade the service",
			.size_why = "this message takes no payload",
		},
	},
	{
		ROW(L_RXRPC, 12, "RXRPC_TX_LENGTH"),
		.size = 8,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(4, 13, 0),
		.effect = "bytes that the request will have in all",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.decode = decode_tx_length,
		.send = {
			.by = BY_RXRPC,
			.does = "announces the length of the transmission",
			.size_why = "RXRPC_TX_LENGTH takes exactly 8 bytes",
			.check = length_check,
		},
	},
	{
		ROW(L_RXRPC, 13, "RXRPC_SET_CALL_TIMEOUT"),
		.size = 4,
		.size_max = 12,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(4, 15, 0),
		.effect = "hard, idle and normal timeout of the call",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.decode = decode_timeouts,
		.send = {
			.by = BY_RXRPC,
			.does = "sets the call's timeouts",
			.size_why = "RXRPC_SET_CALL_TIMEOUT takes 4, 8 or 12 bytes",
			.check = timeout_check,
		},
	},
	{
		ROW(L_RXRPC, 14, "RXRPC_CHARGE_ACCEPT"),
		.size = 0,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(5, 10, 0),
		.effect = "server: gives the id for a call to come",
		.kernel = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()",
		.send = {
			.by = BY_RXRPC,
			.does = "prepares to accept a call",
			.size_why = "this message takes no payload",
		},
	},
	{
		ROW(L_RXRPC, 15, "RXRPC_OOB_ID"),
		.size = 8,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(6, 16, 0),
		.effect = "the out-of-band message that is answered",
		.kernel = "net/rxrpc/oob.c rxrpc_sendmsg_oob_cmsg()",
		.decode = decode_u64s,
		.send = {
			.by = BY_RXRPC_OOB,
			.most = SIZE_MAX_NONE,
			.check = oob_check,
		},
		.recv = { .from = FROM_UNSUMMED, .option_name = "RXRPC_MANAGE_RESPONSE" },
	},
	{
		ROW(L_RXRPC, 16, "RXRPC_CHALLENGED"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(6, 16, 0),
		.effect = "client: the server wants proof",
		.kernel = "net/rxrpc/recvmsg.c rxrpc_recvmsg_oob()",
		.decode = decode_challenged,
		.recv = { .from = FROM_UNSUMMED, .option_name = "RXRPC_MANAGE_RESPONSE" },
	},
	{
		ROW(L_RXRPC, 17, "RXRPC_RESPOND"),
		.size = 0,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(6, 16, 0),
		.effect = "client: answers a challenge",
		.kernel = "net/rxrpc/oob.c rxrpc_sendmsg_oob_cmsg()",
		.send = {
			.by = BY_RXRPC_OOB,
			.most = SIZE_MAX_NONE,
			.check = oob_check,
		},
	},
	{
		ROW(L_RXRPC, 18, "RXRPC_RESPONDED"),
		.size = 0,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(6, 16, 0),
		.effect = "server: data that came in a response",
		.kernel = "include/uapi/linux/rxrpc.h",
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RXRPC, 19, "RXRPC_RESP_RXGK_APPDATA"),
		.size = 0,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(RXRPC),
		.since = KERNEL_RELEASE(6, 16, 0),
		.effect = "client: application data for the response",
		.kernel = "net/rxrpc/oob.c rxrpc_sendmsg_oob_cmsg()",
		.send = {
			.by = BY_RXRPC_OOB,
			.most = SIZE_MAX_NONE,
			.check = oob_check,
		},
	},
};

const struct cmsg_level cmsg_level_rxrpc = CMSG_LEVEL(L_RXRPC, "SOL_RXRPC", rows);
