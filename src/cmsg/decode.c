// SPDX-License-Identifier: LGPL-2.1-or-later
/* Decoders that several tables share, and the entry to them all. */
#include "config.h"

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
