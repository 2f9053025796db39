/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A listener for decoders that keeps what they say as plain text and holds them to the rules of
 * cmsg/emit.h: balanced nesting, one outermost field, names where they belong, pointers into the payload.
 * Header only: the unit test and the fuzzer share it.
 */
#ifndef CMSGTRACE_TESTS_UNIT_CMSG_RECORDER_H
#define CMSGTRACE_TESTS_UNIT_CMSG_RECORDER_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "cmsg/cmsg.h"
#include "cmsg/emit.h"

enum { RECORDER_DEPTH = 16 };

struct recorder {
	struct emit emit; /* first: the callback casts */
	struct buf text;
	const unsigned char *data; /* the payload that fields may point into */
	size_t len;
	unsigned int depth, n[RECORDER_DEPTH];
	bool array[RECORDER_DEPTH];
	const char *broken; /* the first rule that was broken; NULL: none */
};

static void recorder_bad(struct recorder *r, const char *why)
{
	if (!r->broken)
		r->broken = why;
}

static void recorder_inside(struct recorder *r, const struct field *f)
{
	const unsigned char *p = f->p;

	if (!p) {
		if (f->len)
			recorder_bad(r, "length without bytes");
		return;
	}
	if (p < r->data || p > r->data + r->len || f->len > (size_t)(r->data + r->len - p))
		recorder_bad(r, "points outside the payload");
}

static void recorder_quoted(struct recorder *r, const struct field *f)
{
	recorder_inside(r, f);
	buf_char(&r->text, '"');
	if (f->kind == FIELD_STRING)
		buf_escaped(&r->text, f->p, f->len);
	else
		buf_hexbytes(&r->text, f->p, f->len);
	buf_char(&r->text, '"');
}

static void recorder_named(struct recorder *r, const struct field *f)
{
	const char *name = f->names ? names_find(f->names, f->v) : NULL;
	uint64_t left = f->v;
	bool any = false;

	if (!f->names)
		recorder_bad(r, "constant without a table");
	if (f->kind == FIELD_ENUM && name) {
		buf_str(&r->text, name);
		return;
	}
	for (size_t i = 0; f->kind == FIELD_FLAGS && f->names && i < f->names->n; i++) {
		const struct name *v = &f->names->v[i];

		if (!v->value || (left & v->value) != v->value)
			continue;
		if (any)
			buf_char(&r->text, '|');
		buf_str(&r->text, v->name);
		left &= ~v->value;
		any = true;
	}
	if (left || !any) {
		if (any)
			buf_char(&r->text, '|');
		buf_hex0(&r->text, left);
	}
}

static void recorder_addr(struct recorder *r, const struct field *f)
{
	char text[INET6_ADDRSTRLEN] = "?";

	recorder_inside(r, f);
	if (f->p)
		inet_ntop(f->kind == FIELD_IN_ADDR ? AF_INET : AF_INET6, f->p, text, sizeof(text));
	else
		recorder_bad(r, "address without bytes");
	buf_str(&r->text, text);
}

static void recorder_sockaddr(struct recorder *r, const struct field *f)
{
	struct addr a;

	recorder_inside(r, f);
	if (f->len > sizeof(struct sockaddr_storage))
		recorder_bad(r, "address longer than any");
	a = addr_of(f->p, f->len);
	addr_put(&r->text, &a);
}

static void recorder_value(struct recorder *r, const struct field *f)
{
	switch (f->kind) {
	case FIELD_S64:
	case FIELD_FD:
	case FIELD_PID:
		buf_s64(&r->text, (int64_t)f->v);
		break;
	case FIELD_U64:
		buf_u64(&r->text, f->v);
		break;
	case FIELD_HEX:
		buf_hex0(&r->text, f->v);
		break;
	case FIELD_ENUM:
	case FIELD_FLAGS:
		recorder_named(r, f);
		break;
	case FIELD_IFINDEX:
		buf_lit(&r->text, "if ");
		buf_u64(&r->text, f->v);
		if (f->v > UINT32_MAX)
			recorder_bad(r, "interface index out of range");
		break;
	case FIELD_IN_ADDR:
	case FIELD_IN6_ADDR:
		recorder_addr(r, f);
		break;
	case FIELD_SOCKADDR:
		recorder_sockaddr(r, f);
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		recorder_quoted(r, f);
		break;
	default:
		recorder_bad(r, "unknown kind of field");
	}
}

static void recorder_begin(struct recorder *r, const struct field *f)
{
	if (r->depth ? r->array[r->depth] != !f->name : f->name != NULL)
		recorder_bad(r, "name where none belongs, or none where one does");
	if (!r->depth && r->n[0])
		recorder_bad(r, "second outermost field");
	if (r->n[r->depth]++)
		buf_lit(&r->text, ", ");
	if (f->name) {
		buf_str(&r->text, f->name);
		buf_char(&r->text, '=');
	}
}

static void recorder_field(struct emit *e, const struct field *f)
{
	struct recorder *r = (struct recorder *)e;

	if (f->kind == FIELD_END) {
		if (!r->depth) {
			recorder_bad(r, "end without a beginning");
			return;
		}
		buf_char(&r->text, r->array[r->depth] ? ']' : '}');
		r->depth--;
		return;
	}
	if (f->kind == FIELD_COMMENT) {
		if (!r->n[r->depth])
			recorder_bad(r, "comment on nothing");
		buf_lit(&r->text, " /* ");
		buf_add(&r->text, f->p, f->len);
		buf_lit(&r->text, " */");
		return;
	}
	recorder_begin(r, f);
	if (f->kind != FIELD_STRUCT && f->kind != FIELD_ARRAY) {
		recorder_value(r, f);
		return;
	}
	buf_char(&r->text, f->kind == FIELD_ARRAY ? '[' : '{');
	if (r->depth + 1 == RECORDER_DEPTH) {
		recorder_bad(r, "too deep");
		return;
	}
	r->depth++;
	r->n[r->depth] = 0;
	r->array[r->depth] = f->kind == FIELD_ARRAY;
}

/* What cmsg_emit() said of c; valid until the next call.  NULL: it emitted nothing. */
static const char *recorder_run(struct recorder *r, struct event *ev, const struct cmsg *c)
{
	buf_clear(&r->text);
	r->emit = (struct emit){ .field = recorder_field, .ev = ev };
	r->data = c->data;
	r->len = c->data_len;
	r->depth = 0;
	r->n[0] = 0;
	r->broken = NULL;
	if (!cmsg_emit(&r->emit, c)) {
		if (r->n[0])
			recorder_bad(r, "says that it emitted nothing, but did");
		return NULL;
	}
	if (r->depth)
		recorder_bad(r, "beginning without an end");
	if (!r->n[0])
		recorder_bad(r, "says that it emitted, but did not");
	return buf_cstr(&r->text);
}

#endif
