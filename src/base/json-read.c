// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON texts as trees, in place (RFC 8259). Pure; every step takes a byte, depth is bounded. */
#include "config.h"

#include "base/json-read.h"

#include "base/alloc.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 128 };

struct parser {
	struct arena *arena;
	struct jval_stack *stack;
	char *p, *end;
	unsigned int depth;
	const char *why;
};

static bool parse_value(struct parser *s, struct jval *v);

static bool wrong(struct parser *s, const char *why)
{
	s->why = why;
	return false;
}

static void skip_blanks(struct parser *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool take(struct parser *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* ---- strings ---- */

/* Bytes from p on that a string holds as they are: no quote, backslash or control character, ASCII. */
static size_t plain_bytes(const char *p, size_t len)
{
	const uint64_t ones = UINT64_MAX / 255, highs = ones * 0x80;
	size_t i = 0;

	for (uint64_t w; i + sizeof(w) <= len; i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));

		uint64_t quote = w ^ (ones * '"'), back = w ^ (ones * '\\');

		if ((w | (w - ones * ' ') | ((quote - ones) & ~quote) | ((back - ones) & ~back)) &
		    highs)
			break;
	}
	while (i < len && p[i] != '"' && p[i] != '\\' && (unsigned char)p[i] >= ' ' &&
	       (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

static bool hex4(const char *p, size_t len, uint32_t *to)
{
	uint32_t v = 0;

	if (len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			v = v << 4 | (uint32_t)((c & 7) + 9);
		else
			return false;
	}
	*to = v;
	return true;
}

/* \uXXXX, behind the u; a pair of surrogates is one character. NULL: it is none. */
static char *take_unicode(struct parser *s, char *to)
{
	uint32_t c, low;

	if (!hex4(s->p, (size_t)(s->end - s->p), &c))
		return NULL;
	s->p += 4;
	if (c >= 0xdc00 && c < 0xe000)
		return NULL;
	if (c >= 0xd800 && c < 0xdc00) {
		if (!take(s, '\\') || !take(s, 'u') || !hex4(s->p, (size_t)(s->end - s->p), &low) ||
		    low < 0xdc00 || low >= 0xe000)
			return NULL;
		s->p += 4;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return utf8_put(to, c);
}

/* Behind the backslash; what it stands for is never longer. */
static char *take_escape(struct parser *s, char *to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	char c = s->p < s->end ? *s->p++ : '\0';

	if (c == 'u')
		return take_unicode(s, to);
	name = c ? strchr(names, c) : NULL;
	if (!name)
		return NULL;
	*to++ = values[name - names];
	return to;
}

/* From behind the opening quote on. */
static bool parse_string(struct parser *s, const char **text, uint32_t *len)
{
	char *start = s->p, *to = s->p;

	for (;;) {
		size_t n = plain_bytes(s->p, (size_t)(s->end - s->p));

		if (to != s->p)
			memmove(to, s->p, n);
		to += n;
		s->p += n;
		if (s->p == s->end)
			return wrong(s, "a string has no end");
		if (*s->p == '"')
			break;
		if (*s->p == '\\') {
			s->p++;
			to = take_escape(s, to);
			if (!to)
				return wrong(s, "an escape that JSON doesn't have");
			continue;
		}
		n = utf8_length((const unsigned char *)s->p, (size_t)(s->end - s->p));
		if (!n || (unsigned char)*s->p < ' ')
			return wrong(s, n ? "a control character in a string"
					  : "a string that is not UTF-8");
		memmove(to, s->p, n);
		to += n;
		s->p += n;
	}
	s->p++;
	*to = '\0';
	*text = start;
	*len = (uint32_t)(to - start);
	return true;
}

/* ---- containers ---- */

static void push(struct jval_stack *s, const struct jval *v)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->v = alloc_resize(s->v, s->room * sizeof(*s->v));
	}
	s->v[s->n++] = *v;
}

/* What was pushed since base becomes the members of v. */
static void adopt(struct parser *s, struct jval *v, size_t base)
{
	v->n = (uint32_t)(s->stack->n - base);
	v->child = v->n ? arena_memdup(s->arena, s->stack->v + base, v->n * sizeof(*v)) : NULL;
	s->stack->n = base;
}

static bool parse_members(struct parser *s, struct jval *v, char closer)
{
	size_t base = s->stack->n;

	skip_blanks(s);
	if (!take(s, closer)) {
		do {
			struct jval member = { .key = NULL };

			skip_blanks(s);
			if (closer == '}') {
				if (!take(s, '"'))
					return wrong(s, "a member without its name");
				if (!parse_string(s, &member.key, &member.key_len))
					return false;
				skip_blanks(s);
				if (!take(s, ':'))
					return wrong(s, "a member without its value");
			}
			if (!parse_value(s, &member))
				return false;
			push(s->stack, &member);
			skip_blanks(s);
		} while (take(s, ','));
		if (!take(s, closer))
			return wrong(s, "it ends within a list");
	}
	adopt(s, v, base);
	return true;
}

/* ---- values ---- */

static size_t digits(struct parser *s)
{
	char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - start);
}

static bool parse_number(struct parser *s, struct jval *v)
{
	bool negative = take(s, '-');
	const char *p = s->p;
	size_t n = digits(s);
	uint64_t num = 0, most = (uint64_t)INT64_MAX + negative;

	if (!n || (n > 1 && *p == '0'))
		return wrong(s, "a value that is none");
	v->kind = JVAL_INT;
	if (take(s, '.')) {
		v->kind = JVAL_REAL;
		if (!digits(s))
			return wrong(s, "a number without its fraction");
	}
	if (take(s, 'e') || take(s, 'E')) {
		v->kind = JVAL_REAL;
		if (!take(s, '+'))
			take(s, '-');
		if (!digits(s))
			return wrong(s, "a number without its exponent");
	}
	if (v->kind == JVAL_REAL)
		return true;
	for (size_t i = 0; i < n; i++) {
		uint64_t digit = (uint64_t)(p[i] - '0');

		if (num > (most - digit) / 10)
			return wrong(s, "an integer that is too big");
		num = num * 10 + digit;
	}
	v->num = (int64_t)(negative ? -num : num);
	return true;
}

static bool parse_word(struct parser *s, struct jval *v)
{
	static const struct {
		const char *word;
		size_t len;
		enum jval_kind kind;
	} words[] = { { "null", 4, JVAL_NULL },
		      { "true", 4, JVAL_TRUE },
		      { "false", 5, JVAL_FALSE } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((size_t)(s->end - s->p) < words[i].len ||
		    memcmp(s->p, words[i].word, words[i].len) != 0)
			continue;
		s->p += words[i].len;
		v->kind = words[i].kind;
		return true;
	}
	return wrong(s, "a value that is none");
}

static bool parse_value(struct parser *s, struct jval *v)
{
	char c;
	bool ok;

	skip_blanks(s);
	c = s->p < s->end ? *s->p : '\0';
	if (c == '"') {
		s->p++;
		v->kind = JVAL_STRING;
		return parse_string(s, &v->text, &v->n);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return parse_number(s, v);
	if (c != '{' && c != '[')
		return parse_word(s, v);
	if (s->depth++ == DEPTH_MAX)
		return wrong(s, "it is nested too deeply");
	s->p++;
	v->kind = c == '{' ? JVAL_OBJECT : JVAL_ARRAY;
	ok = parse_members(s, v, c == '{' ? '}' : ']');
	s->depth--;
	return ok;
}

struct jval *jval_parse(struct arena *a, struct jval_stack *stack, char *text, size_t len,
			const char **why)
{
	struct parser s = { .arena = a, .stack = stack, .p = text, .end = text + len };
	struct jval *v = arena_new(a, struct jval);
	bool ok = len <= UINT32_MAX && parse_value(&s, v);

	stack->n = 0;
	skip_blanks(&s);
	if (ok && s.p == s.end)
		return v;
	*why = ok ? "something follows its end" : s.why ? s.why : "it is too long";
	return NULL;
}

void jval_stack_free(struct jval_stack *s)
{
	alloc_free(s->v);
	*s = (struct jval_stack){ .v = NULL };
}

/* ---- looking at them ---- */

const struct jval *jval_find(const struct jval *o, const char *key, size_t len)
{
	uint32_t at;

	if (!jval_is(o, JVAL_OBJECT))
		return NULL;
	at = o->hint;
	for (uint32_t i = 0; i < o->n; i++) {
		const struct jval *v = &o->child[at];

		at = at + 1 == o->n ? 0 : at + 1;
		if (v->key_len == len && !memcmp(v->key, key, len)) {
			((struct jval *)o)->hint = at;
			return v;
		}
	}
	return NULL;
}

size_t jval_size(const struct jval *v)
{
	return jval_is(v, JVAL_ARRAY) ? v->n : 0;
}

const struct jval *jval_at(const struct jval *v, size_t i)
{
	return i < jval_size(v) ? &v->child[i] : NULL;
}

int64_t jval_int(const struct jval *v)
{
	return jval_is(v, JVAL_INT) ? v->num : 0;
}

const char *jval_text(const struct jval *v)
{
	return jval_is(v, JVAL_STRING) ? v->text : NULL;
}
