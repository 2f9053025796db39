// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Parsers of the rarer families: kTLS, AF_ALG, SCTP, RDS, RXRPC, IUCV.  Pure.
 * Kernel: net/tls/tls_main.c, crypto/af_alg.c, net/sctp/socket.c, net/rds/send.c, net/rxrpc/sendmsg.c,
 * net/iucv/af_iucv.c.  Read in the kernel's source, not proven where the family isn't available.
 */
#include "config.h"

#include <errno.h>

#include "kernel/judge.h"

#define LEVEL(var, number, table, where, text)                                                     \
	static const struct level var = { .level = (number),                                       \
					  .rows = (table),                                         \
					  .n = sizeof(table) / sizeof((table)[0]),                 \
					  .kernel = (where),                                       \
					  .unknown = (text) };                                     \
	static const struct level *const var##_list[] = { &var, NULL };                            \
	static const struct pass var##_pass[] = { { .kernel = (where), .levels = var##_list } }

/* ---- kTLS ---- */

enum {
	FOUND_ONE = 1,
	FOUND_CALL_ID = 2,
	FOUND_LENGTH = 4,
	FOUND_OP = 8,
	FOUND_MAP = 16,
	FOUND_RDMA = 32
};

static void tls_check(struct judge *j)
{
	if (j->ev->flags & F_MORE)
		judge_reject(j, CHECK_STATE, EINVAL,
			     "a record type can't be given together with MSG_MORE");
	j->found |= FOUND_ONE;
}

static const struct row tls_rows[] = {
	{ .type = 1, /* TLS_SET_RECORD_TYPE */
	  .size = 1,
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OTHER_A,
	  .effect = "sends a record of this type, closing the open one",
	  .size_why = "TLS_SET_RECORD_TYPE takes one byte",
	  .check = tls_check },
};

static const char tls_where[] = "net/tls/tls_main.c tls_process_cmsg()";

LEVEL(tls_level, L_TLS, tls_rows, tls_where, "TLS_SET_RECORD_TYPE is the only SOL_TLS message");

static void tls_late(struct judge *j)
{
	if (j->m->ncmsg && !(j->found & FOUND_ONE))
		judge_fail(j, EINVAL, "none of the control messages is for SOL_TLS", tls_where);
}

const struct parser parser_tls = {
	.passes = tls_level_pass,
	.npasses = 1,
	.ignores = "kTLS reads SOL_TLS only",
	.late = tls_late,
};

static void espintcp_late(struct judge *j)
{
	if (j->m->in.controllen)
		judge_fail(j, EOPNOTSUPP, "a socket with the espintcp ULP takes no control data",
			   "net/xfrm/espintcp.c espintcp_sendmsg()");
}

const struct parser parser_espintcp = {
	.ignores = "the espintcp ULP reads no control message",
	.late = espintcp_late,
};

/* ---- AF_ALG ---- */

static void alg_iv_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 4);
	uint32_t ivlen;

	if (!d)
		return;
	memcpy(&ivlen, d, 4);
	if (j->payload - 4 < ivlen)
		judge_reject(j, CHECK_VALUE, EINVAL, "ivlen goes beyond the message");
	else
		judge_assume(j, "the initialisation vector has the cipher's length");
}

static void alg_op_check(struct judge *j)
{
	int32_t v;

	if (!judge_int(j, &v))
		return;
	if (v != 0 && v != 1)
		judge_reject(j, CHECK_VALUE, EINVAL, "the operation is 0 (decrypt) or 1 (encrypt)");
	j->found |= FOUND_OP;
}

static void alg_assoc_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v) && v < 0)
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the associated data's length is less than 0x80000000");
}

static const struct row alg_rows[] = {
	{ .type = 2, /* ALG_SET_IV */
	  .size = 4,
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OTHER_A,
	  .effect = "sets the initialisation vector",
	  .size_why = "ALG_SET_IV takes a length and that many bytes",
	  .check = alg_iv_check },
	{ .type = 3, /* ALG_SET_OP */
	  .size = 4,
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OTHER_B,
	  .effect = "chooses between encrypting and decrypting",
	  .size_why = "ALG_SET_OP takes at least 4 bytes",
	  .check = alg_op_check },
	{ .type = 4, /* ALG_SET_AEAD_ASSOCLEN */
	  .size = 4,
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OTHER_C,
	  .effect = "sets the length of the associated data",
	  .size_why = "ALG_SET_AEAD_ASSOCLEN takes at least 4 bytes",
	  .check = alg_assoc_check },
};

LEVEL(alg_level, L_ALG, alg_rows, "crypto/af_alg.c af_alg_cmsg_send()", "no such SOL_ALG message");

static void alg_late(struct judge *j)
{
	judge_assume(j, "it is a cipher's socket: those of hashes and random numbers read none");
}

const struct parser parser_alg = {
	.passes = alg_level_pass,
	.npasses = 1,
	.ignores = "AF_ALG reads SOL_ALG only",
	.late = alg_late,
};

/* ---- SCTP ---- */

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
	SCTP_FLAGS = 0x0001 | 0x0002 | 0x0004 | 0x0040 | 0x0200,
	SCTP_POLICY = 0x0010 | 0x0020 | 0x0030,
};

static void sndrcv_check(struct judge *j)
{
	flags16_check(j, 4, SCTP_FLAGS);
}

static void sndinfo_check(struct judge *j)
{
	flags16_check(j, 2, SCTP_FLAGS);
}

static void prinfo_check(struct judge *j)
{
	flags16_check(j, 0, SCTP_POLICY);
}

#define SCTP_ROW(number, bytes, its_slot, does, text, ...)                                         \
	{                                                                                          \
		.type = (number), .size = (bytes), .slot = (its_slot), .effect = (does),           \
		.size_why = (text), __VA_ARGS__                                                    \
	}

static const struct row sctp_rows[] = {
	SCTP_ROW(0, 8, SLOT_OTHER_A, "sets up the new association",
		 "SCTP_INIT takes exactly 8 bytes", .idle = 0),
	SCTP_ROW(1, 32, SLOT_OTHER_B, "sets stream, flags and ppid",
		 "SCTP_SNDRCV takes exactly 32 bytes", .check = sndrcv_check),
	SCTP_ROW(2, 16, SLOT_OTHER_C, "sets stream, flags and ppid",
		 "SCTP_SNDINFO takes exactly 16 bytes", .check = sndinfo_check),
	SCTP_ROW(5, 8, SLOT_OTHER_D, "sets the partial reliability policy",
		 "SCTP_PRINFO takes exactly 8 bytes", .check = prinfo_check),
	SCTP_ROW(6, 2, SLOT_OTHER_E, "chooses the authentication key",
		 "SCTP_AUTHINFO takes exactly 2 bytes", .idle = 0),
	SCTP_ROW(7, 4, SLOT_NONE, "adds an IPv4 address of a new association",
		 "SCTP_DSTADDRV4 takes at least 4 bytes", .size_max = ROW_LONGER),
	SCTP_ROW(8, 16, SLOT_NONE, "adds an IPv6 address of a new association",
		 "SCTP_DSTADDRV6 takes at least 16 bytes", .size_max = ROW_LONGER),
};

LEVEL(sctp_level, L_SCTP, sctp_rows, "net/sctp/socket.c sctp_msghdr_parse()",
      "no such SOL_SCTP message can be sent");

const struct parser parser_sctp = {
	.passes = sctp_level_pass,
	.npasses = 1,
	.ignores = "SCTP reads SOL_SCTP only",
};

/* ---- RDS ---- */

static void rds_mix(struct judge *j, unsigned int mine, unsigned int other)
{
	j->found |= mine;
	if (j->found & other)
		judge_reject(j, CHECK_REPEATED, EINVAL,
			     "mapping messages can't be mixed with RDMA or atomic ones");
}

static void rds_rdma_check(struct judge *j)
{
	rds_mix(j, FOUND_RDMA, FOUND_MAP);
	if (judge_passed(j))
		judge_unknown(j, "it depends on the peer's memory and the transport");
}

static void rds_map_check(struct judge *j)
{
	rds_mix(j, FOUND_MAP, FOUND_RDMA);
	if (judge_passed(j))
		judge_unknown(j, "it depends on the peer's memory and the transport");
}

#define RDS_ROW(number, fn)                                                                        \
	{                                                                                          \
		.type = (number), .size_max = ROW_LONGER, .check = (fn)                            \
	}

static const struct row rds_rows[] = {
	RDS_ROW(1, rds_rdma_check), RDS_ROW(2, rds_map_check),  RDS_ROW(3, rds_map_check),
	RDS_ROW(6, rds_rdma_check), RDS_ROW(7, rds_rdma_check), RDS_ROW(8, rds_rdma_check),
	RDS_ROW(9, rds_rdma_check), RDS_ROW(12, rds_map_check),
};

LEVEL(rds_level, L_RDS, rds_rows, "net/rds/send.c rds_cmsg_send()",
      "no such SOL_RDS message can be sent");

const struct parser parser_rds = {
	.passes = rds_level_pass,
	.npasses = 1,
	.ignores = "RDS reads SOL_RDS only",
};

/* ---- RXRPC ---- */

static void rxrpc_call_id_before(struct judge *j)
{
	if (j->payload != j->ev->abi->word) /* an unsigned long of the caller's ABI */
		judge_reject(j, CHECK_SIZE, EINVAL, "RXRPC_USER_CALL_ID takes one unsigned long");
	j->found |= FOUND_CALL_ID;
}

static void rxrpc_abort_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v) && !v)
		judge_reject(j, CHECK_VALUE, EINVAL, "an abort code is not 0");
}

static void rxrpc_length_check(struct judge *j)
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

static void rxrpc_timeout_check(struct judge *j)
{
	if (j->payload & 3)
		judge_reject(j, CHECK_SIZE, EINVAL,
			     "RXRPC_SET_CALL_TIMEOUT takes 4, 8 or 12 bytes");
	else
		judge_assume(j, "the timeouts are in range");
}

#define RXRPC_EMPTY(number, its_slot, does)                                                        \
	{                                                                                          \
		.type = (number), .size = 0, .slot = (its_slot), .effect = (does),                 \
		.size_why = "this message takes no payload"                                        \
	}

static const struct row rxrpc_rows[] = {
	{ .type = 1, /* RXRPC_USER_CALL_ID */
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OTHER_A,
	  .effect = "names the call",
	  .before = rxrpc_call_id_before },
	{ .type = 2, /* RXRPC_ABORT */
	  .size = 4,
	  .effect = "aborts the call with this code",
	  .size_why = "RXRPC_ABORT takes exactly 4 bytes",
	  .check = rxrpc_abort_check },
	RXRPC_EMPTY(10, SLOT_NONE, "makes a call on a connection of its own"),
	RXRPC_EMPTY(11, SLOT_NONE, "tries to upgrade the service"),
	{ .type = 12, /* RXRPC_TX_LENGTH */
	  .size = 8,
	  .effect = "announces the length of the transmission",
	  .size_why = "RXRPC_TX_LENGTH takes exactly 8 bytes",
	  .check = rxrpc_length_check },
	{ .type = 13, /* RXRPC_SET_CALL_TIMEOUT */
	  .size = 4,
	  .size_max = 12,
	  .effect = "sets the call's timeouts",
	  .size_why = "RXRPC_SET_CALL_TIMEOUT takes 4, 8 or 12 bytes",
	  .check = rxrpc_timeout_check },
	RXRPC_EMPTY(14, SLOT_NONE, "prepares to accept a call"),
};

static const char rxrpc_where[] = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()";

LEVEL(rxrpc_level, L_RXRPC, rxrpc_rows, rxrpc_where, "no such SOL_RXRPC message can be sent");

static void rxrpc_late(struct judge *j)
{
	if (!(j->found & FOUND_CALL_ID))
		judge_fail(j, EINVAL, "there is no RXRPC_USER_CALL_ID", rxrpc_where);
}

const struct parser parser_rxrpc = {
	.passes = rxrpc_level_pass,
	.npasses = 1,
	.ignores = "RXRPC reads SOL_RXRPC only",
	.late = rxrpc_late,
};

/* ---- IUCV ---- */

static void iucv_check(struct judge *j)
{
	if (j->found & FOUND_ONE)
		judge_reject(j, CHECK_REPEATED, EINVAL, "SCM_IUCV_TRGCLS is there twice");
	j->found |= FOUND_ONE;
}

static const struct row iucv_rows[] = {
	{ .type = 1, /* SCM_IUCV_TRGCLS */
	  .size = 4,
	  .effect = "sets the target class",
	  .size_why = "SCM_IUCV_TRGCLS takes exactly 4 bytes",
	  .check = iucv_check },
};

LEVEL(iucv_level, L_IUCV, iucv_rows, "net/iucv/af_iucv.c iucv_sock_sendmsg()",
      "SCM_IUCV_TRGCLS is the only SOL_IUCV message");

const struct parser parser_iucv = {
	.passes = iucv_level_pass,
	.npasses = 1,
	.ignores = "IUCV reads SOL_IUCV only",
};

/* ---- DCCP, until 6.15 ---- */

static void dccp_check(struct judge *j)
{
	judge_assume(j, "the socket's queueing policy takes priorities");
}

static const struct row dccp_rows[] = {
	{ .type = 1, /* DCCP_SCM_PRIORITY */
	  .size = 4,
	  .slot = SLOT_OTHER_A,
	  .effect = "sets the packet's priority in the socket's queue",
	  .size_why = "DCCP_SCM_PRIORITY takes exactly 4 bytes",
	  .check = dccp_check },
};

LEVEL(dccp_level, L_DCCP, dccp_rows, "net/dccp/proto.c dccp_msghdr_parse()",
      "DCCP_SCM_PRIORITY is the only SOL_DCCP message");

const struct parser parser_dccp = {
	.passes = dccp_level_pass,
	.npasses = 1,
	.ignores = "DCCP reads SOL_DCCP only",
};
