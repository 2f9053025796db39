// SPDX-License-Identifier: LGPL-2.1-or-later
/* Decoded fields as JSON: constants as number and name, addresses as text, bytes as hex. */
#include "config.h"

#include "report/fields-json.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { KEY_MAX = 96, DEPTH_MAX = 60 };
#define JSON_EXACT (1ULL << 53) /* greatest integer that every JSON reader keeps */

void jput_text(struct json *j, const char *key, const char *s, size_t len)
{
	if (utf8_valid(s, len)) {
		jput_strn(j, key, s, len);
		return;
	}
	jput_object(j, key);
	jput_hexbytes(j, "hex", s, len);
	jput_object_end(j);
}

void jput_addr_text(struct json *j, const char *key, const struct addr *a)
{
	struct buf b = { 0 };

	addr_put(&b, a);
	jput_strn(j, key, b.p, b.len);
	buf_free(&b);
}

void jput_host_text(struct json *j, const char *key, const struct addr *a)
{
	struct buf b = { 0 };

	addr_put_host(&b, a);
	jput_strn(j, key, b.p, b.len);
	buf_free(&b);
}

static void put_u64(struct json *j, const char *key, uint64_t v)
{
	if (v <= JSON_EXACT)
		jput_u64(j, key, v);
	else
		jput_hex(j, key, v);
}

/* "level" gets "level_name"; an array's element has no key: the name follows as another element. */
static void put_name(struct json *j, const char *key, const char *name, size_t len)
{
	char with[KEY_MAX];

	if (key)
		snprintf(with, sizeof(with), "%s_name", key);
	jput_strn(j, key ? with : NULL, name, len);
}

static void put_enum(struct json *j, const char *key, const struct field *f)
{
	const char *name = f->names ? names_find(f->names, f->v) : NULL;

	jput_s64(j, key, (int64_t)f->v);
	if (name)
		put_name(j, key, name, strlen(name));
}

static void put_flags(struct json *j, const char *key, const struct field *f)
{
	struct buf b = { 0 };
	uint64_t left = f->v;

	put_u64(j, key, f->v);
	for (size_t i = 0; f->names && i < f->names->n; i++) {
		const struct name *n = &f->names->v[i];

		if (!n->value || (left & n->value) != n->value)
			continue;
		left &= ~n->value;
		if (b.len)
			buf_char(&b, '|');
		buf_str(&b, n->name);
	}
	if (b.len)
		put_name(j, key, b.p, b.len);
	buf_free(&b);
}

static void put_ifindex(struct fields_json *f, const char *key, uint32_t index)
{
	const char *name = f->emit.ev ? event_ifname(f->emit.ev, f->emit.ask, index) : NULL;

	jput_u64(f->j, key, index);
	if (name && name[0])
		put_name(f->j, key, name, strlen(name));
}

static void put_in_addr(struct json *j, const char *key, const struct field *f)
{
	struct addr a = f->kind == FIELD_IN_ADDR ? addr_of_in(f->p, 0) : addr_of_in6(f->p, 0, 0);

	jput_host_text(j, key, &a);
}

static void put_sockaddr(struct json *j, const char *key, const struct field *f)
{
	struct addr a = addr_of(f->p, f->len);

	if (addr_is_inet(&a))
		jput_addr_text(j, key, &a);
	else
		jput_hexbytes(j, key, f->p, f->len);
}

static void fields_open(struct fields_json *f, const char *key, bool array)
{
	if (array)
		jput_array(f->j, key);
	else
		jput_object(f->j, key);
	f->depth++;
	if (f->depth < DEPTH_MAX)
		f->arrays = (f->arrays & ~(1ULL << f->depth)) | (uint64_t)array << f->depth;
}

static void fields_close(struct fields_json *f)
{
	if (f->arrays >> f->depth & 1)
		jput_array_end(f->j);
	else
		jput_object_end(f->j);
	f->depth--;
}

static void fields_field(struct emit *e, const struct field *fd)
{
	struct fields_json *f = (struct fields_json *)e;
	struct json *j = f->j;
	bool in_array = f->depth && (f->arrays >> f->depth & 1);
	const char *key = in_array ? NULL : fd->name ? fd->name : f->key;

	switch (fd->kind) {
	case FIELD_S64:
	case FIELD_PID:
	case FIELD_FD:
		jput_s64(j, key, (int64_t)fd->v);
		break;
	case FIELD_U64:
		if (fd->names)
			put_enum(j, key, fd);
		else
			put_u64(j, key, fd->v);
		break;
	case FIELD_HEX:
		jput_hex(j, key, fd->v);
		break;
	case FIELD_ENUM:
		put_enum(j, key, fd);
		break;
	case FIELD_FLAGS:
		put_flags(j, key, fd);
		break;
	case FIELD_IFINDEX:
		put_ifindex(f, key, (uint32_t)fd->v);
		break;
	case FIELD_IN_ADDR:
	case FIELD_IN6_ADDR:
		put_in_addr(j, key, fd);
		break;
	case FIELD_SOCKADDR:
		put_sockaddr(j, key, fd);
		break;
	case FIELD_STRING:
		jput_text(j, key, fd->p, fd->len);
		break;
	case FIELD_BYTES:
		jput_hexbytes(j, key, fd->p, fd->len);
		break;
	case FIELD_STRUCT:
	case FIELD_ARRAY:
		fields_open(f, key, fd->kind == FIELD_ARRAY);
		break;
	case FIELD_END:
		fields_close(f);
		break;
	case FIELD_COMMENT: /* a name that JSON gives beside the number already */
		break;
	}
}

void fields_json_init(struct fields_json *f, struct json *j, const char *key, struct event *ev,
		      const struct ask *ask)
{
	*f = (struct fields_json){
		.emit = { .field = fields_field, .ev = ev, .ask = ask },
		.j = j,
		.key = key,
	};
}
