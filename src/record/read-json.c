// SPDX-License-Identifier: LGPL-2.1-or-later
/* Members of a recording's objects. Pure. */
#include "config.h"

#include "record/read-json.h"

#include <string.h>

#include "record/record.h"

int64_t rec_int(const struct jval *o, const char *key, int64_t otherwise)
{
	const struct jval *v = jval_get(o, key);

	return jval_is(v, JVAL_INT) ? jval_int(v) : otherwise;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool parse_hex_u64(const char *s, size_t len, uint64_t *to)
{
	uint64_t v = 0;

	if (len < 3 || len > 18 || s[0] != '0' || s[1] != 'x')
		return false;
	for (size_t i = 2; i < len; i++) {
		int d = hex_digit(s[i]);

		if (d < 0)
			return false;
		v = v << 4 | (uint64_t)d;
	}
	*to = v;
	return true;
}

bool rec_u64_of(const struct jval *j, uint64_t *v)
{
	if (jval_is(j, JVAL_STRING))
		return parse_hex_u64(jval_text(j), j->n, v);
	if (!jval_is(j, JVAL_INT) || jval_int(j) < 0)
		return false;
	*v = (uint64_t)jval_int(j);
	return true;
}

bool rec_has_u64(const struct jval *o, const char *key, uint64_t *v)
{
	return rec_u64_of(jval_get(o, key), v);
}

uint64_t rec_u64(const struct jval *o, const char *key)
{
	uint64_t v = 0;

	rec_has_u64(o, key, &v);
	return v;
}

bool rec_maybe(const struct jval *j, uint64_t *v)
{
	if (!jval_is(j, JVAL_NULL))
		return rec_u64_of(j, v);
	*v = WORD_UNKNOWN;
	return true;
}

uint64_t rec_pointer(const struct jval *o, const char *key)
{
	uint64_t v = 0;

	rec_maybe(jval_get(o, key), &v);
	return v;
}

bool rec_true(const struct jval *o, const char *key)
{
	return jval_is(jval_get(o, key), JVAL_TRUE);
}

bool rec_hex(struct arena *a, const char *hex, size_t n, unsigned char **p, size_t *len)
{
	unsigned char *to = arena_alloc(a, n / 2 + 1);

	if (n % 2)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i / 2] = (unsigned char)(high << 4 | low);
	}
	*p = to;
	*len = n / 2;
	return true;
}

const char *rec_text_of(struct arena *a, const struct jval *v)
{
	unsigned char *p;
	size_t len;

	if (jval_is(v, JVAL_STRING))
		return arena_strndup(a, jval_text(v), v->n);
	v = jval_get(v, "hex");
	if (!jval_is(v, JVAL_STRING) || !rec_hex(a, jval_text(v), v->n, &p, &len))
		return NULL;
	return (const char *)p; /* rec_hex() leaves a zero behind */
}

const char *rec_text(struct arena *a, const struct jval *o, const char *key)
{
	return rec_text_of(a, jval_get(o, key));
}

unsigned int rec_word(const struct jval *o, const char *key, const char *const *names,
		      unsigned int n, unsigned int otherwise)
{
	const char *s = jval_text(jval_get(o, key));

	for (unsigned int i = 0; s && i < n; i++) {
		if (!strcmp(names[i], s))
			return i;
	}
	return otherwise;
}

void rec_bytes(struct arena *a, const struct jval *o, const char *key, uint64_t addr,
	       struct bytes *b)
{
	const struct jval *v = jval_get(o, key);
	const struct jval *hex = jval_get(v, "hex");
	unsigned char *p;

	if (!jval_is(v, JVAL_OBJECT))
		return;
	if (jval_is(hex, JVAL_STRING) && rec_hex(a, jval_text(hex), hex->n, &p, &b->len))
		b->p = p;
	b->claimed = b->len;
	rec_has_u64(v, "claimed", &b->claimed);
	b->addr = addr;
	rec_maybe(jval_get(v, "addr"), &b->addr);
	b->why = rec_word(v, "why", record_whys, record_nwhys, BYTES_WHOLE);
}

struct addr rec_addr(struct arena *a, const struct jval *o, const char *key)
{
	const struct jval *hex = jval_get(jval_get(o, key), "hex");
	unsigned char *p = NULL;
	size_t len = 0;

	if (jval_is(hex, JVAL_STRING))
		rec_hex(a, jval_text(hex), hex->n, &p, &len);
	return addr_of(p, len);
}
