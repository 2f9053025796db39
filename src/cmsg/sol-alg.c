// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_ALG: the crypto API.  Kernel: crypto/af_alg.c af_alg_cmsg_send(). */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

static const struct names op_names =
	NAMES("ALG_OP_???", VALUE(0, "ALG_OP_DECRYPT"), VALUE(1, "ALG_OP_ENCRYPT"));

static void decode_iv(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	uint32_t len = read_u32(&r);

	emit_struct(e, NULL);
	emit_u64(e, "ivlen", len);
	emit_bytes(e, "iv", r.p, len < r.left ? len : r.left);
	emit_end(e);
}

static void decode_op(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	emit_enum(e, NULL, read_u32(&r), &op_names);
	emit_end(e);
}

static void iv_check(struct judge *j)
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

static void op_check(struct judge *j)
{
	int32_t v;

	if (!judge_int(j, &v))
		return;
	if (v != 0 && v != 1)
		judge_reject(j, CHECK_VALUE, EINVAL, "the operation is 0 (decrypt) or 1 (encrypt)");
	j->found |= FOUND_OP;
}

static void assoclen_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v) && v < 0)
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the associated data's length is less than 0x80000000");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_ALG, 2, "ALG_SET_IV"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(ALG),
		.since = KERNEL_RELEASE(2, 6, 38),
		.effect = "initialisation vector; its length must be the cipher's",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_iv,
		.send = {
			.by = BY_ALG,
			.slot = SLOT_OTHER_A,
			.does = "sets the initialisation vector",
			.size_why = "ALG_SET_IV takes a length and that many bytes",
			.check = iv_check,
		},
	},
	{
		ROW(L_ALG, 3, "ALG_SET_OP"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(ALG),
		.since = KERNEL_RELEASE(2, 6, 38),
		.effect = "encrypt or decrypt; any control data without it means decrypt",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_op,
		.send = {
			.by = BY_ALG,
			.slot = SLOT_OTHER_B,
			.does = "chooses between encrypting and decrypting",
			.size_why = "ALG_SET_OP takes at least 4 bytes",
			.check = op_check,
		},
	},
	{
		ROW(L_ALG, 4, "ALG_SET_AEAD_ASSOCLEN"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON(ALG),
		.since = KERNEL_RELEASE(4, 1, 0),
		.effect = "bytes at the start of the data that are only authenticated",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_u32s,
		.send = {
			.by = BY_ALG,
			.slot = SLOT_OTHER_C,
			.does = "sets the length of the associated data",
			.size_why = "ALG_SET_AEAD_ASSOCLEN takes at least 4 bytes",
			.check = assoclen_check,
		},
	},
};

const struct cmsg_level cmsg_level_alg = CMSG_LEVEL(L_ALG, "SOL_ALG", rows);
