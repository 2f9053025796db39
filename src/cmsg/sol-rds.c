// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_RDS.
 * Kernel: net/rds/send.c rds_cmsg_send(), net/rds/recv.c rds_cmsg_recv(), include/uapi/linux/rds.h.
 */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

static const struct names flag_names =
	NAMES("RDS_RDMA_???", VALUE(0x01, "RDS_RDMA_READWRITE"), VALUE(0x02, "RDS_RDMA_FENCE"),
	      VALUE(0x04, "RDS_RDMA_INVALIDATE"), VALUE(0x08, "RDS_RDMA_USE_ONCE"),
	      VALUE(0x10, "RDS_RDMA_DONTWAIT"), VALUE(0x20, "RDS_RDMA_NOTIFY_ME"),
	      VALUE(0x40, "RDS_RDMA_SILENT"));

static const struct names status_names =
	NAMES("RDS_RDMA_???", VALUE(0, "RDS_RDMA_SUCCESS"), VALUE(1, "RDS_RDMA_REMOTE_ERROR"),
	      VALUE(2, "RDS_RDMA_CANCELED"), VALUE(3, "RDS_RDMA_DROPPED"),
	      VALUE(4, "RDS_RDMA_OTHER_ERROR"));

enum { FADD = 6, CSWP = 7, MASKED_FADD = 8, MASKED_CSWP = 9, RX_TRACES = 3, ATOMIC_UNION = 32 };

static void emit_vec(struct emit *e, const char *name, struct reader *r)
{
	emit_struct(e, name);
	emit_hex(e, "addr", read_u64(r));
	emit_u64(e, "bytes", read_u64(r));
	emit_end(e);
}

static void decode_rdma_args(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_hex(e, "cookie", read_u64(&r));
	emit_vec(e, "remote_vec", &r);
	emit_hex(e, "local_vec_addr", read_u64(&r));
	emit_u64(e, "nr_local", read_u64(&r));
	emit_flags(e, "flags", read_u64(&r), &flag_names);
	emit_hex(e, "user_token", read_u64(&r));
	emit_end(e);
}

static void decode_rdma_map(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_vec(e, "vec", &r);
	emit_hex(e, "cookie_addr", read_u64(&r));
	emit_flags(e, "flags", read_u64(&r), &flag_names);
	emit_end(e);
}

static void decode_rdma_status(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_hex(e, "user_token", read_u64(&r));
	emit_enum(e, "status", read_u32(&r), &status_names);
	emit_end(e);
}

/* The members of the union that count depend on the type. */
static void decode_atomic(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_hex(e, "cookie", read_u64(&r));
	emit_hex(e, "local_addr", read_u64(&r));
	emit_hex(e, "remote_addr", read_u64(&r));

	struct reader u = reader_of(read_bytes(&r, ATOMIC_UNION), ATOMIC_UNION);

	if (c->type == FADD || c->type == MASKED_FADD) {
		emit_u64(e, "add", read_u64(&u));
		if (c->type == MASKED_FADD)
			emit_hex(e, "nocarry_mask", read_u64(&u));
	} else {
		emit_u64(e, "compare", read_u64(&u));
		emit_u64(e, "swap", read_u64(&u));
		if (c->type == MASKED_CSWP) {
			emit_hex(e, "compare_mask", read_u64(&u));
			emit_hex(e, "swap_mask", read_u64(&u));
		}
	}
	emit_flags(e, "flags", read_u64(&r), &flag_names);
	emit_hex(e, "user_token", read_u64(&r));
	emit_end(e);
}

static void decode_rx_trace(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	uint8_t n = read_u8(&r);

	emit_struct(e, NULL);
	emit_u64(e, "rx_traces", n);
	emit_array(e, "rx_trace_pos");
	for (int i = 0; i < RX_TRACES; i++)
		emit_u64(e, NULL, read_u8(&r));
	emit_end(e);
	read_u32(&r); /* padding */
	emit_array(e, "rx_trace");
	for (int i = 0; i < RX_TRACES; i++)
		emit_u64(e, NULL, read_u64(&r));
	emit_end(e);
	emit_end(e);
}

static void decode_zcopy_completion(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	uint32_t num = read_u32(&r);

	emit_struct(e, NULL);
	emit_u64(e, "num", num);
	emit_array(e, "cookies");
	for (uint32_t i = 0; i < num && r.left >= 4; i++)
		emit_u64(e, NULL, read_u32(&r));
	emit_end(e);
	emit_end(e);
}

static void mix(struct judge *j, unsigned int mine, unsigned int other)
{
	j->found |= mine;
	if (j->found & other)
		judge_reject(j, CHECK_REPEATED, EINVAL,
			     "mapping messages can't be mixed with RDMA or atomic ones");
}

static void rdma_check(struct judge *j)
{
	mix(j, FOUND_RDMA, FOUND_MAP);
	if (judge_passed(j))
		judge_unknown(j, "it depends on the peer's memory and the transport");
}

static void map_check(struct judge *j)
{
	mix(j, FOUND_MAP, FOUND_RDMA);
	if (judge_passed(j))
		judge_unknown(j, "it depends on the peer's memory and the transport");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_RDS, 1, "RDS_CMSG_RDMA_ARGS"),
		.size = 56,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "RDMA transfer to or from the memory described",
		.kernel = "net/rds/rdma.c rds_cmsg_rdma_args()",
		.decode = decode_rdma_args,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = rdma_check,
		},
	},
	{
		ROW(L_RDS, 2, "RDS_CMSG_RDMA_DEST"),
		.size = 8,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "cookie of the memory that the peer shall read or write",
		.kernel = "net/rds/rdma.c rds_cmsg_rdma_dest()",
		.decode = decode_hex64s,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = map_check,
		},
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_RDS, 3, "RDS_CMSG_RDMA_MAP"),
		.size = 32,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "maps memory and sends its key along",
		.kernel = "net/rds/rdma.c rds_cmsg_rdma_map()",
		.decode = decode_rdma_map,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = map_check,
		},
	},
	{
		ROW(L_RDS, 4, "RDS_CMSG_RDMA_STATUS"),
		.size = 16,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "a transfer is done: its token and status",
		.kernel = "net/rds/recv.c rds_notify_queue_get()",
		.decode = decode_rdma_status,
		.recv = { .from = FROM_UNSUMMED, .option_name = "RDS_RECVERR" },
	},
	{
		ROW(L_RDS, 5, "RDS_CMSG_CONG_UPDATE"),
		.size = 8,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "mask of ports that are no longer congested",
		.kernel = "net/rds/recv.c rds_notify_cong()",
		.decode = decode_hex64s,
		.recv = { .from = FROM_UNSUMMED, .option_name = "RDS_CONG_MONITOR" },
	},
	{
		ROW(L_RDS, 6, "RDS_CMSG_ATOMIC_FADD"),
		.size = 72,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 37),
		.effect = "atomic fetch and add",
		.kernel = "net/rds/rdma.c rds_cmsg_atomic()",
		.decode = decode_atomic,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = rdma_check,
		},
	},
	{
		ROW(L_RDS, 7, "RDS_CMSG_ATOMIC_CSWP"),
		.size = 72,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 37),
		.effect = "atomic compare and swap",
		.kernel = "net/rds/rdma.c rds_cmsg_atomic()",
		.decode = decode_atomic,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = rdma_check,
		},
	},
	{
		ROW(L_RDS, 8, "RDS_CMSG_MASKED_ATOMIC_FADD"),
		.size = 72,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 37),
		.effect = "atomic fetch and add, masked",
		.kernel = "net/rds/rdma.c rds_cmsg_atomic()",
		.decode = decode_atomic,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = rdma_check,
		},
	},
	{
		ROW(L_RDS, 9, "RDS_CMSG_MASKED_ATOMIC_CSWP"),
		.size = 72,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(2, 6, 37),
		.effect = "atomic compare and swap, masked",
		.kernel = "net/rds/rdma.c rds_cmsg_atomic()",
		.decode = decode_atomic,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = rdma_check,
		},
	},
	{
		ROW(L_RDS, 11, "RDS_CMSG_RXPATH_LATENCY"),
		.size = 32,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(4, 11, 0),
		.effect = "time that the message spent in the stages of its reception (ns)",
		.kernel = "net/rds/recv.c rds_cmsg_recv()",
		.decode = decode_rx_trace,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_RDS_MSG_RXPATH_LATENCY" },
	},
	{
		ROW(L_RDS, 12, "RDS_CMSG_ZCOPY_COOKIE"),
		.size = 4,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "with MSG_ZEROCOPY: cookie under which the end is told",
		.kernel = "net/rds/send.c rds_cmsg_zcopy()",
		.decode = decode_u32s,
		.send = {
			.by = BY_RDS,
			.most = SIZE_MAX_NONE,
			.check = map_check,
		},
	},
	{
		ROW(L_RDS, 13, "RDS_CMSG_ZCOPY_COMPLETION"),
		.size = 36,
		.kinds = ON(RDS),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "cookies of the calls whose memory is free again",
		.kernel = "net/rds/recv.c rds_recvmsg_zcookie()",
		.decode = decode_zcopy_completion,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_ZEROCOPY" },
	},
};

const struct cmsg_level cmsg_level_rds = CMSG_LEVEL(L_RDS, "SOL_RDS", rows);
