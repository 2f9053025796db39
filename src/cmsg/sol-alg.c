// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_ALG: the crypto API.  Kernel: crypto/af_alg.c af_alg_cmsg_send(). */
#include "config.h"

#include "cmsg/table.h"

static const struct name op_v[] = {
	{ 0, "ALG_OP_DECRYPT" },
	{ 1, "ALG_OP_ENCRYPT" },
};
static const struct names op_names = NAMES(op_v, "ALG_OP_???");

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

static const struct cmsg_type rows[] = {
	{
		.level = L_ALG,
		.type = 2,
		.name = "ALG_SET_IV",
		.dir = CMSG_DIR_SEND,
		.size = 4,
		.size_max = UINT16_MAX,
		.kinds = ON(ALG),
		.since = "2.6.38",
		.effect = "initialisation vector; its length must be the cipher's",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_iv,
	},
	{
		.level = L_ALG,
		.type = 3,
		.name = "ALG_SET_OP",
		.dir = CMSG_DIR_SEND,
		.size = 4,
		.size_max = UINT16_MAX,
		.kinds = ON(ALG),
		.since = "2.6.38",
		.effect = "encrypt or decrypt; any control data without it means decrypt",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_op,
	},
	{
		.level = L_ALG,
		.type = 4,
		.name = "ALG_SET_AEAD_ASSOCLEN",
		.dir = CMSG_DIR_SEND,
		.size = 4,
		.size_max = UINT16_MAX,
		.kinds = ON(ALG),
		.since = "4.1",
		.effect = "bytes at the start of the data that are only authenticated",
		.kernel = "crypto/af_alg.c af_alg_cmsg_send()",
		.decode = decode_u32s,
	},
};

const struct cmsg_level cmsg_level_alg = CMSG_LEVEL(L_ALG, "SOL_ALG", rows);
