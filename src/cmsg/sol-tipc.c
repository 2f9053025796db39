// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_TIPC.  Kernel: net/tipc/socket.c tipc_sk_anc_data_recv(). */
#include "config.h"

#include "cmsg/table.h"

static const struct names error_names =
	NAMES("TIPC_ERR_???", VALUE(0, "TIPC_OK"), VALUE(1, "TIPC_ERR_NO_NAME"),
	      VALUE(2, "TIPC_ERR_NO_PORT"), VALUE(3, "TIPC_ERR_NO_NODE"),
	      VALUE(4, "TIPC_ERR_OVERLOAD"), VALUE(5, "TIPC_CONN_SHUTDOWN"));

static void decode_errinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_enum(e, "error", read_u32(&r), &error_names);
	emit_u64(e, "length", read_u32(&r));
	emit_end(e);
}

static void decode_destname(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "type", read_u32(&r));
	emit_u64(e, "lower", read_u32(&r));
	emit_u64(e, "upper", read_u32(&r));
	emit_end(e);
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_TIPC, 1, "TIPC_ERRINFO"),
		.size = 8,
		.kinds = ON(TIPC),
		.since = KERNEL_RELEASE(2, 6, 16),
		.effect = "why a message came back, and how many bytes of it",
		.kernel = "net/tipc/socket.c tipc_sk_anc_data_recv()",
		.decode = decode_errinfo,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_TIPC, 2, "TIPC_RETDATA"),
		.size = 1,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(TIPC),
		.since = KERNEL_RELEASE(2, 6, 16),
		.effect = "the data that came back",
		.kernel = "net/tipc/socket.c tipc_sk_anc_data_recv()",
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_TIPC, 3, "TIPC_DESTNAME"),
		.size = 12,
		.kinds = ON(TIPC),
		.since = KERNEL_RELEASE(2, 6, 16),
		.effect = "service name or range that the message was sent to",
		.kernel = "net/tipc/socket.c tipc_sk_anc_data_recv()",
		.decode = decode_destname,
		.recv = { .from = FROM_UNSUMMED },
	},
};

const struct cmsg_level cmsg_level_tipc = CMSG_LEVEL(L_TIPC, "SOL_TIPC", rows);
