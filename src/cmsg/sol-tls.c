// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_TLS: kernel TLS.
 * Kernel: net/tls/tls_main.c tls_process_cmsg(), net/tls/tls_sw.c tls_record_content_type().
 */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

/* RFC 8446 appendix B.1, RFC 6520, RFC 9146, RFC 9147. */
static const struct names record_names =
	NAMES(NULL, VALUE(20, "change_cipher_spec"), VALUE(21, "alert"), VALUE(22, "handshake"),
	      VALUE(23, "application_data"), VALUE(24, "heartbeat"), VALUE(25, "tls12_cid"),
	      VALUE(26, "ack"));

/* The kernel reads (and gives) the first byte only. */
static void decode_record_type(struct emit *e, const struct cmsg *c)
{
	const char *name = names_find(&record_names, c->data[0]);

	emit_array(e, NULL);
	emit_u64_named(e, NULL, c->data[0], &record_names);
	if (name)
		emit_comment(e, name);
	for (uint32_t i = 1; i < c->data_len; i++)
		emit_u64(e, NULL, c->data[i]);
	emit_end(e);
}

static void record_type_check(struct judge *j)
{
	if (j->ev->flags & F_MORE)
		judge_reject(j, CHECK_STATE, EINVAL,
			     "a record type can't be given together with MSG_MORE");
	j->found |= FOUND_ONE;
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_TLS, 1, "TLS_SET_RECORD_TYPE"),
		.size = 1,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_TCP,
		.since = KERNEL_RELEASE(4, 13, 0),
		.effect = "type of the TLS record that this data becomes (one byte; 23 is "
			  "application data); EINVAL with MSG_MORE",
		.kernel = "net/tls/tls_main.c tls_process_cmsg()",
		.decode = decode_record_type,
		.send = {
			.by = BY_TLS,
			.slot = SLOT_OTHER_A,
			.does = "sends a record of this type, closing the open one",
			.size_why = "TLS_SET_RECORD_TYPE takes one byte",
			.check = record_type_check,
		},
	},
	{
		ROW(L_TLS, 2, "TLS_GET_RECORD_TYPE"),
		.size = 1,
		.kinds = ON_TCP,
		.since = KERNEL_RELEASE(4, 17, 0),
		.effect = "type of the TLS record that was received; without room for it a "
			  "record that is not application data is EIO",
		.kernel = "net/tls/tls_sw.c tls_record_content_type()",
		.decode = decode_record_type,
		.recv = { .from = FROM_UNSUMMED },
	},
};

const struct cmsg_level cmsg_level_tls = CMSG_LEVEL(L_TLS, "SOL_TLS", rows);
