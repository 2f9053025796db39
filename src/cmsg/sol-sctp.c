// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_SCTP: RFC 6458 section 5.3.
 * Kernel: net/sctp/socket.c sctp_msghdr_parse(), net/sctp/ulpevent.c.
 */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

/* Kernel: include/uapi/linux/sctp.h enum sctp_sinfo_flags; the policy is two bits among them. */
static const struct names sinfo_names = NAMES(
	"SCTP_???", VALUE(1 << 0, "SCTP_UNORDERED"), VALUE(1 << 1, "SCTP_ADDR_OVER"),
	VALUE(1 << 2, "SCTP_ABORT"), VALUE(1 << 3, "SCTP_SACK_IMMEDIATELY"),
	VALUE(1 << 6, "SCTP_SENDALL"), VALUE(1 << 7, "SCTP_PR_SCTP_ALL"), VALUE(1 << 9, "SCTP_EOF"),
	VALUE(1 << 15, "SCTP_NOTIFICATION"), VALUE(0x30, "SCTP_PR_SCTP_PRIO"),
	VALUE(0x20, "SCTP_PR_SCTP_RTX"), VALUE(0x10, "SCTP_PR_SCTP_TTL"));

static const struct names policy_names =
	NAMES("SCTP_PR_SCTP_???", VALUE(0x00, "SCTP_PR_SCTP_NONE"), VALUE(0x10, "SCTP_PR_SCTP_TTL"),
	      VALUE(0x20, "SCTP_PR_SCTP_RTX"), VALUE(0x30, "SCTP_PR_SCTP_PRIO"));

static void decode_init(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "sinit_num_ostreams", read_u16(&r));
	emit_u64(e, "sinit_max_instreams", read_u16(&r));
	emit_u64(e, "sinit_max_attempts", read_u16(&r));
	emit_u64(e, "sinit_max_init_timeo", read_u16(&r));
	emit_end(e);
}

static void decode_sndrcv(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "sinfo_stream", read_u16(&r));
	emit_u64(e, "sinfo_ssn", read_u16(&r));
	emit_flags(e, "sinfo_flags", read_u16(&r), &sinfo_names);
	read_u16(&r); /* padding */
	emit_hex(e, "sinfo_ppid", read_u32(&r));
	emit_hex(e, "sinfo_context", read_u32(&r));
	emit_u64(e, "sinfo_timetolive", read_u32(&r));
	emit_u64(e, "sinfo_tsn", read_u32(&r));
	emit_u64(e, "sinfo_cumtsn", read_u32(&r));
	emit_s64(e, "sinfo_assoc_id", read_s32(&r));
	emit_end(e);
}

static void decode_sndinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "snd_sid", read_u16(&r));
	emit_flags(e, "snd_flags", read_u16(&r), &sinfo_names);
	emit_hex(e, "snd_ppid", read_u32(&r));
	emit_hex(e, "snd_context", read_u32(&r));
	emit_s64(e, "snd_assoc_id", read_s32(&r));
	emit_end(e);
}

static void decode_rcvinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "rcv_sid", read_u16(&r));
	emit_u64(e, "rcv_ssn", read_u16(&r));
	emit_flags(e, "rcv_flags", read_u16(&r), &sinfo_names);
	read_u16(&r); /* padding */
	emit_hex(e, "rcv_ppid", read_u32(&r));
	emit_u64(e, "rcv_tsn", read_u32(&r));
	emit_u64(e, "rcv_cumtsn", read_u32(&r));
	emit_hex(e, "rcv_context", read_u32(&r));
	emit_s64(e, "rcv_assoc_id", read_s32(&r));
	emit_end(e);
}

static void decode_nxtinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "nxt_sid", read_u16(&r));
	emit_flags(e, "nxt_flags", read_u16(&r), &sinfo_names);
	emit_hex(e, "nxt_ppid", read_u32(&r));
	emit_u64(e, "nxt_length", read_u32(&r));
	emit_s64(e, "nxt_assoc_id", read_s32(&r));
	emit_end(e);
}

static void decode_prinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_enum(e, "pr_policy", read_u16(&r), &policy_names);
	read_u16(&r); /* padding */
	emit_u64(e, "pr_value", read_u32(&r));
	emit_end(e);
}

static void decode_authinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "auth_keynumber", read_u16(&r));
	emit_end(e);
}

static void decode_addr4(struct emit *e, const struct cmsg *c)
{
	emit_in_addr(e, NULL, c->data);
}

static void decode_addr6(struct emit *e, const struct cmsg *c)
{
	emit_in6_addr(e, NULL, c->data);
}

static void flags16_check(struct judge *j, unsigned int at, uint32_t mask)
{
	const unsigned char *d = judge_data(j, at + 2);
	uint16_t v;

	if (!d)
		return;
	memcpy(&v, d + at, 2);
	if (v & ~mask)
		judge_reject(j, CHECK_VALUE, EINVAL, "a flag in it is unknown");
}

enum {
	/* UNORDERED, ADDR_OVER, ABORT, SENDALL, PR_SCTP_ALL 0x10 … , EOF */
	SEND_FLAGS = 0x0001 | 0x0002 | 0x0004 | 0x0040 | 0x0200,
	SEND_POLICY = 0x0010 | 0x0020 | 0x0030,
};

static void sndrcv_check(struct judge *j)
{
	flags16_check(j, 4, SEND_FLAGS);
}

static void sndinfo_check(struct judge *j)
{
	flags16_check(j, 2, SEND_FLAGS);
}

/* Addresses are looked at by sctp_sendmsg_new_asoc() alone. */
static void addr_check(struct judge *j, size_t least)
{
	if (j->payload < least)
		judge_unknown(j, "it is refused where it opens an association, else never read");
}

static void addr4_check(struct judge *j)
{
	addr_check(j, 4);
}

static void addr6_check(struct judge *j)
{
	addr_check(j, 16);
}

static void prinfo_check(struct judge *j)
{
	flags16_check(j, 0, SEND_POLICY);
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_SCTP, 0, "SCTP_INIT"),
		.size = 8,
		.kinds = ON(SCTP),
		.effect = "parameters of the association that this message opens",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_init,
		.send = {
			.by = BY_SCTP,
			.slot = SLOT_OTHER_A,
			.does = "sets up the new association",
			.size_why = "SCTP_INIT takes exactly 8 bytes",
		},
	},
	{
		ROW(L_SCTP, 1, "SCTP_SNDRCV"),
		.size = 32,
		.kinds = ON(SCTP),
		.effect = "stream, flags, payload protocol and association; SCTP_SNDINFO is its "
			  "successor",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse(), net/sctp/ulpevent.c "
			  "sctp_ulpevent_read_sndrcvinfo()",
		.decode = decode_sndrcv,
		.send = {
			.by = BY_SCTP,
			.slot = SLOT_OTHER_B,
			.does = "sets stream, flags and ppid",
			.size_why = "SCTP_SNDRCV takes exactly 32 bytes",
			.check = sndrcv_check,
		},
		.recv = { .from = FROM_UNSUMMED, .option_name = "SCTP_EVENTS" },
	},
	{
		ROW(L_SCTP, 2, "SCTP_SNDINFO"),
		.size = 16,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(3, 17, 0),
		.effect = "stream, flags, payload protocol and association; overrides SCTP_SNDRCV",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_sndinfo,
		.send = {
			.by = BY_SCTP,
			.slot = SLOT_OTHER_C,
			.does = "sets stream, flags and ppid",
			.size_why = "SCTP_SNDINFO takes exactly 16 bytes",
			.check = sndinfo_check,
		},
	},
	{
		ROW(L_SCTP, 3, "SCTP_RCVINFO"),
		.size = 28,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(3, 17, 0),
		.effect = "stream, sequence numbers, payload protocol and association",
		.kernel = "net/sctp/ulpevent.c sctp_ulpevent_read_rcvinfo()",
		.decode = decode_rcvinfo,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SCTP_RECVRCVINFO" },
	},
	{
		ROW(L_SCTP, 4, "SCTP_NXTINFO"),
		.size = 16,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(3, 17, 0),
		.effect = "what the next message will be",
		.kernel = "net/sctp/ulpevent.c __sctp_ulpevent_read_nxtinfo()",
		.decode = decode_nxtinfo,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SCTP_RECVNXTINFO" },
	},
	{
		ROW(L_SCTP, 5, "SCTP_PRINFO"),
		.size = 8,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "partial reliability: policy and its value",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_prinfo,
		.send = {
			.by = BY_SCTP,
			.slot = SLOT_OTHER_D,
			.does = "sets the partial reliability policy",
			.size_why = "SCTP_PRINFO takes exactly 8 bytes",
			.check = prinfo_check,
		},
	},
	{
		ROW(L_SCTP, 6, "SCTP_AUTHINFO"),
		.size = 2,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "key to authenticate with",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_authinfo,
		.send = {
			.by = BY_SCTP,
			.slot = SLOT_OTHER_E,
			.does = "chooses the authentication key",
			.size_why = "SCTP_AUTHINFO takes exactly 2 bytes",
		},
	},
	{
		ROW(L_SCTP, 7, "SCTP_DSTADDRV4"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "further address of the peer, where this message opens the association",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_addr4,
		.send = {
			.by = BY_SCTP,
			.most = SIZE_MAX_NONE,
			.does = "adds an IPv4 address of a new association",
			.check = addr4_check,
		},
	},
	{
		ROW(L_SCTP, 8, "SCTP_DSTADDRV6"),
		.size = 16,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(SCTP),
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "further address of the peer, where this message opens the association",
		.kernel = "net/sctp/socket.c sctp_msghdr_parse()",
		.decode = decode_addr6,
		.send = {
			.by = BY_SCTP,
			.most = SIZE_MAX_NONE,
			.does = "adds an IPv6 address of a new association",
			.check = addr6_check,
		},
	},
};

const struct cmsg_level cmsg_level_sctp = CMSG_LEVEL(L_SCTP, "SOL_SCTP", rows);
