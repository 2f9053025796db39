// SPDX-License-Identifier: LGPL-2.1-or-later
/* Decoders that several tables share, and the entry to them all. */
#include "config.h"

#include <stdio.h>

#include "cmsg/table.h"

const struct abi *emit_abi(const struct emit *e)
{
	return e->ev && e->ev->abi ? e->ev->abi : abi_native();
}

enum sock_kind emit_sock_kind(const struct emit *e)
{
	return e->ev ? sock_kind(e->ev->sock) : SOCK_KIND_UNKNOWN;
}

uint32_t cmsg_least_size(const struct cmsg_type *t, const struct abi *abi)
{
	return t->size32 && abi->kword == 4 ? t->size32 : t->size;
}

bool cmsg_emit(struct emit *e, const struct cmsg *c)
{
	const struct cmsg_type *t = c->row;

	if (!c->data_len)
		return false;
	if (t && t->decode && c->data_len >= cmsg_least_size(t, emit_abi(e)))
		t->decode(e, c);
	else
		emit_bytes(e, NULL, c->data, c->data_len);
	return true;
}

void decode_u32s(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 4)
		emit_u64(e, NULL, read_u32(&r));
	emit_end(e);
}

void decode_s32s(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 4)
		emit_s64(e, NULL, read_s32(&r));
	emit_end(e);
}

void decode_hex32s(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 4)
		emit_hex(e, NULL, read_u32(&r));
	emit_end(e);
}

void decode_u64s(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 8)
		emit_u64(e, NULL, read_u64(&r));
	emit_end(e);
}

void decode_hex64s(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 8)
		emit_hex(e, NULL, read_u64(&r));
	emit_end(e);
}

void decode_u8s(struct emit *e, const struct cmsg *c)
{
	emit_array(e, NULL);
	for (uint32_t i = 0; i < c->data_len; i++)
		emit_u64(e, NULL, c->data[i]);
	emit_end(e);
}

void decode_hex8s(struct emit *e, const struct cmsg *c)
{
	emit_array(e, NULL);
	for (uint32_t i = 0; i < c->data_len; i++)
		emit_hex(e, NULL, c->data[i]);
	emit_end(e);
}

void decode_string(struct emit *e, const struct cmsg *c)
{
	emit_string(e, NULL, c->data, c->data_len);
}

void decode_sockaddr(struct emit *e, const struct cmsg *c)
{
	enum { SOCKADDR_MAX = 128 }; /* sizeof(struct sockaddr_storage) */

	emit_sockaddr(e, NULL, c->data, c->data_len < SOCKADDR_MAX ? c->data_len : SOCKADDR_MAX);
}

void emit_time(struct emit *e, struct reader *r, unsigned int word, const char *fraction)
{
	emit_struct(e, NULL);
	if (word == 4) {
		emit_s64(e, "tv_sec", read_s32(r));
		emit_u64(e, fraction, read_u32(r));
	} else {
		emit_s64(e, "tv_sec", read_s64(r));
		emit_u64(e, fraction, read_u64(r));
	}
	emit_end(e);
}

/* RFC 2474, 2597, 3246, 5865, 8622 and RFC 3168. */
static const char *const dscp_names[64] = {
	[0] = "CS0",   [1] = "LE",    [8] = "CS1",   [10] = "AF11", [12] = "AF12", [14] = "AF13",
	[16] = "CS2",  [18] = "AF21", [20] = "AF22", [22] = "AF23", [24] = "CS3",  [26] = "AF31",
	[28] = "AF32", [30] = "AF33", [32] = "CS4",  [34] = "AF41", [36] = "AF42", [38] = "AF43",
	[40] = "CS5",  [44] = "VA",   [46] = "EF",   [48] = "CS6",  [56] = "CS7",
};
static const char *const ecn_names[4] = { "Not-ECT", "ECT(1)", "ECT(0)", "CE" };

void emit_dscp_ecn(struct emit *e, uint8_t v)
{
	const char *dscp = dscp_names[v >> 2];
	char text[32];

	if (dscp)
		snprintf(text, sizeof(text), "DSCP %s, ECN %s", dscp, ecn_names[v & 3]);
	else
		snprintf(text, sizeof(text), "DSCP %d, ECN %s", v >> 2, ecn_names[v & 3]);
	emit_comment(e, text);
}

void decode_timeval(struct emit *e, const struct cmsg *c, unsigned int word)
{
	struct reader r = cmsg_reader(c);

	emit_time(e, &r, word, "tv_usec");
}

void decode_timespec(struct emit *e, const struct cmsg *c, unsigned int word)
{
	struct reader r = cmsg_reader(c);

	emit_time(e, &r, word, "tv_nsec");
}
