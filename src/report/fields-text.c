// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fields as text in strace's grammar.  Pure. */
#include "config.h"

#include "report/fields-text.h"

#include "base/bytes.h"

static void put_name(struct buf *b, const char *name)
{
	if (!name)
		return;
	buf_str(b, name);
	buf_char(b, '=');
}

static void put_scalar(struct text_fields *f, const struct field *v)
{
	struct text_ctx *x = f->x;

	switch (v->kind) {
	case FIELD_S64:
	case FIELD_PID:
		buf_s64(x->b, (int64_t)v->v);
		break;
	case FIELD_U64:
		buf_u64(x->b, v->v);
		break;
	case FIELD_HEX:
		buf_hex0(x->b, v->v);
		break;
	case FIELD_ENUM:
		text_xval(x->b, v->names, v->v);
		break;
	case FIELD_FLAGS:
		text_flags(x->b, v->names, v->v);
		break;
	case FIELD_FD:
		text_fd(x, (int)v->v);
		break;
	case FIELD_IFINDEX:
		text_ifindex(x, (uint32_t)v->v);
		break;
	case FIELD_SOCKADDR:
		if (v->p && v->len >= 2)
			text_sockaddr(x, v->p, v->len);
		else
			buf_lit(x->b, "{}");
		break;
	case FIELD_STRING:
		text_quoted(x->b, v->p, v->len, x->hex);
		break;
	case FIELD_BYTES:
		text_quoted(x->b, v->p, v->len, QUOTE_HEX);
		break;
	default:
		break;
	}
}

/* The comma before an element; false where -s shows no more of this array. */
static bool begin_element(struct text_fields *f)
{
	unsigned int d = f->depth;
	uint32_t n = f->count[d]++;

	if (f->skipped[d])
		return false;
	if (n)
		buf_lit(f->x->b, ", ");
	if (d && f->array[d] && !f->x->verbose && n >= f->x->strsize) {
		buf_lit(f->x->b, "...");
		f->skipped[d] = 1;
		return false;
	}
	return true;
}

static void open_level(struct text_fields *f, bool array, bool shown)
{
	if (f->depth + 1 >= FIELDS_DEPTH)
		return;
	f->depth++;
	f->count[f->depth] = 0;
	f->array[f->depth] = array;
	/* Below an element that is cut off nothing is shown either. */
	f->skipped[f->depth] = shown ? 0 : 2;
	if (shown)
		buf_char(f->x->b, array ? '[' : '{');
}

static void close_level(struct text_fields *f)
{
	if (!f->depth)
		return;
	if (f->skipped[f->depth] != 2)
		buf_char(f->x->b, f->array[f->depth] ? ']' : '}');
	f->depth--;
}

static void put_field(struct emit *e, const struct field *v)
{
	struct text_fields *f = (struct text_fields *)e;
	struct buf *b = f->x->b;

	if (v->kind == FIELD_END) {
		close_level(f);
		return;
	}
	if (v->kind == FIELD_COMMENT) {
		if (f->skipped[f->depth])
			return;
		buf_lit(b, " /* ");
		buf_add(b, v->p, v->len);
		buf_lit(b, " */");
		return;
	}

	bool shown = begin_element(f);

	if (v->kind == FIELD_STRUCT || v->kind == FIELD_ARRAY) {
		if (shown)
			put_name(b, v->name);
		open_level(f, v->kind == FIELD_ARRAY, shown);
		return;
	}
	if (!shown)
		return;
	/* These two say their name in a way of their own. */
	if (v->kind == FIELD_IN_ADDR) {
		text_in(f->x, v->name, v->p);
	} else if (v->kind == FIELD_IN6_ADDR) {
		text_in6(f->x, v->name, v->p);
	} else {
		put_name(b, v->name);
		put_scalar(f, v);
	}
}

void text_fields_init(struct text_fields *f, struct text_ctx *x)
{
	f->emit = (struct emit){ .field = put_field, .ev = x->ev, .ask = x->ask };
	f->x = x;
	f->depth = 0;
	f->count[0] = 0;
	f->array[0] = false;
	f->skipped[0] = 0;
}

void text_fields_end(struct text_fields *f)
{
	while (f->depth)
		close_level(f);
}
