// SPDX-License-Identifier: LGPL-2.1-or-later
/* Arguments of strace's lines as trees. Pure; every loop ends with its text, depth is bounded. */
#include "config.h"

#include "strace/lex.h"

#include <limits.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

/* The byte at end is no part of any value (lex.h): where one more byte is looked at, it need not be asked for first. */
struct parser {
	struct arena *arena;
	const char *p, *end;
	unsigned int depth;
	unsigned int open[3]; /* how many of { [ ( are open */
	bool lost;            /* some bracket was, or is one too many */
};

/* What a byte may be, in one look: most of the time goes by here. */
enum { WORD = 1, OPENER = 2, CLOSER = 4, DIGIT = 8, KIND = 3 << 4, BLANK = 64, SLASH = 128 };
#define KIND_OF(i) ((i) << 4)

static const unsigned char classes[UCHAR_MAX + 1] = {
	['a' ... 'z'] = WORD,
	['A' ... 'Z'] = WORD,
	['0' ... '9'] = WORD | DIGIT,
	['_'] = WORD,
	['{'] = OPENER | KIND_OF(0),
	['}'] = CLOSER | KIND_OF(0),
	['['] = OPENER | KIND_OF(1),
	[']'] = CLOSER | KIND_OF(1),
	['('] = OPENER | KIND_OF(2),
	[')'] = CLOSER | KIND_OF(2),
	[' '] = BLANK,
	['\t'] = BLANK,
	['/'] = SLASH,
};

static unsigned int class_of(char c)
{
	return classes[(unsigned char)c];
}

static bool is_digit(char c)
{
	return class_of(c) & DIGIT;
}

static bool is_word(char c)
{
	return class_of(c) & WORD;
}

static int digit_of(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Blanks and comments. */
static void skip_comments(struct parser *s)
{
	const char *p = s->p, *end = s->end;

	for (;;) {
		while (p < end && class_of(*p) & BLANK)
			p++;
		if (p == end || *p != '/' || p[1] != '*')
			break;
		p = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
		p = p ? p + 2 : end;
	}
	s->p = p;
}

static inline void skip_blanks(struct parser *s)
{
	if (class_of(*s->p) & BLANK && s->p < s->end)
		s->p++;
	if (class_of(*s->p) & (BLANK | SLASH))
		skip_comments(s);
}

size_t strace_number(const char *p, const char *end, uint64_t *num)
{
	const char *start = p;
	bool negative = p < end && *p == '-';
	int base = 10, d;
	uint64_t v = 0;

	p += negative;
	if (p == end || !is_digit(*p))
		return 0;
	if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && digit_of(p[2]) < 16) {
		base = 16;
		p += 2;
	} else if (end - p > 1 && p[0] == '0' && is_digit(p[1])) {
		base = 8;
	}
	if (base == 10) {
		for (; p < end && is_digit(*p); p++)
			v = v * 10 + (unsigned int)(*p - '0');
	} else {
		for (; p < end && (d = digit_of(*p)) < base; p++)
			v = v * (unsigned int)base + (unsigned int)d;
	}
	*num = negative ? -v : v;
	return (size_t)(p - start);
}

static struct val *val_new(struct parser *s, enum val_kind kind)
{
	struct val *v = arena_new(s->arena, struct val);

	v->kind = kind;
	v->text = s->p;
	return v;
}

static inline bool dots_at(const char *p)
{
	return p[0] == '.' && p[1] == '.' && p[2] == '.';
}

static inline void take_dots(struct parser *s, struct val *v)
{
	if (dots_at(s->p)) {
		v->cut = true;
		s->p += 3;
	}
}

/* The quote that ends the string whose first byte is p; end: there is none. */
static const char *string_end(const char *p, const char *end)
{
	const char *start = p;

	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		const char *b = p;

		while (b > start && b[-1] == '\\')
			b--;
		if ((p - b) % 2 == 0)
			return p;
		start = ++p; /* what is before it was counted */
	}
	return end;
}

static struct val *parse_string(struct parser *s)
{
	struct val *v;

	s->p++;
	v = val_new(s, VAL_STRING);
	s->p = string_end(s->p, s->end);
	v->len = (uint32_t)(s->p - v->text);
	if (s->p < s->end)
		s->p++;
	else
		v->cut = true;
	take_dots(s, v);
	return v;
}

static inline bool is_closer(char c)
{
	return class_of(c) & CLOSER;
}

static inline unsigned int bracket(char c)
{
	return (class_of(c) & KIND) >> 4;
}

static struct val *parse_item(struct parser *s);

/*
 * Values up to closer.  Another closer, of a bracket that is open further out, ends this list too: its
 * own was lost.  One that fits nothing is skipped.  Was it closer that ended it?
 */
static bool parse_list(struct parser *s, struct val *v, char closer)
{
	bool closed = false;
	struct val **last = &v->child;
	unsigned int kind = bracket(closer);

	s->open[kind]++;
	while (s->p < s->end) {
		const char *before;

		skip_blanks(s);
		if (*s->p == ',') {
			s->p++;
			continue;
		}
		if (is_closer(*s->p) && s->p < s->end) {
			if (*s->p == closer) {
				s->p++;
				closed = true;
				break;
			}
			s->lost = true;
			if (s->open[bracket(*s->p)])
				break;
			s->p++;
			continue;
		}
		before = s->p;
		*last = parse_item(s);
		if ((*last)->kind == VAL_DOTS)
			v->cut = true;
		last = &(*last)->next;
		/* whatever it is, it isn't looked at twice */
		if (s->p == before && s->p < s->end) {
			s->lost |= *s->p == '(';
			s->p++;
		}
	}
	s->open[kind]--;
	return closed;
}

static struct val *parse_brackets(struct parser *s, char closer)
{
	struct val *v = val_new(s, closer == '}' ? VAL_STRUCT : VAL_ARRAY);

	s->p++;
	if (s->depth < DEPTH_MAX) {
		s->depth++;
		parse_list(s, v, closer);
		s->depth--;
	}
	v->len = (uint32_t)(s->p - v->text);
	return v;
}

/* 3<UDP:[127.0.0.1:53->127.0.0.1:99]>: a '>' behind '-' is an arrow; quotes may hold anything. */
static void take_path(struct parser *s, struct val *v)
{
	const char *p = s->p + 1;
	bool quoted = false;
	struct val_more *more;

	if (*s->p != '<' || *p == '<' || *p == ' ')
		return;
	for (; p < s->end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '\\' && quoted && s->end - p > 1)
			p++;
		else if (*p == '>' && !quoted && p[-1] != '-')
			break;
	}
	if (p == s->end)
		return;
	more = arena_new(s->arena, struct val_more);
	more->path = s->p + 1;
	more->path_len = (size_t)(p - more->path);
	v->more = more;
	s->p = p + 1;
	if (s->end - s->p >= 9 && !memcmp(s->p, "(deleted)", 9))
		s->p += 9;
}

static struct val *parse_number(struct parser *s)
{
	struct val *v = val_new(s, VAL_NUMBER);
	size_t n = strace_number(s->p, s->end, &v->num);

	s->p += n;
	v->len = (uint32_t)n;
	if (is_word(*s->p) || *s->p == '.') /* 10.0.0.x, 12ab: no number at all */
		v->kind = VAL_ODD;
	else if (*s->p == '<')
		take_path(s, v);
	return v;
}

static struct val *parse_word(struct parser *s)
{
	struct val *v = val_new(s, VAL_NAME);
	const char *p = s->p;

	while (is_word(*p))
		p++;
	s->p = p;
	v->len = (uint32_t)(p - v->text);
	if (*p != '(')
		return v;
	s->p++;
	v->kind = VAL_CALL;
	if (s->depth < DEPTH_MAX) {
		s->depth++;
		parse_list(s, v, ')');
		s->depth--;
	}
	return v;
}

static struct val *parse_plain(struct parser *s)
{
	struct val *v;

	if (*s->p == '@' && s->p[1] == '"') {
		s->p++;
		v = parse_string(s);
		v->abstract = true;
		return v;
	}
	if (*s->p == '&' || *s->p == '~')
		s->p++;
	switch (*s->p) {
	case '"':
		return parse_string(s);
	case '{':
		return parse_brackets(s, '}');
	case '[':
		return parse_brackets(s, ']');
	case '-':
		return is_digit(s->p[1]) ? parse_number(s) : val_new(s, VAL_ODD);
	case '.':
		v = val_new(s, dots_at(s->p) ? VAL_DOTS : VAL_ODD);
		s->p += v->kind == VAL_DOTS ? 3 : 0;
		return v;
	default:
		return is_digit(*s->p)  ? parse_number(s)
		       : is_word(*s->p) ? parse_word(s)
					: val_new(s, VAL_ODD);
	}
}

/* What belongs to no value, up to the next delimiter. */
static void skip_odd(struct parser *s)
{
	while (s->p < s->end && *s->p != ',' && *s->p != '"' &&
	       !(class_of(*s->p) & (OPENER | CLOSER)) && !(*s->p == '=' && s->p[1] == '>'))
		s->p++;
}

/* A|B|0x40 is one value, by its text. */
static inline void take_flags(struct parser *s, struct val *v)
{
	while (skip_blanks(s), *s->p == '|') {
		s->p++;
		skip_blanks(s);
		parse_plain(s);
		v->kind = VAL_NAME;
		v->flags = true;
		v->len = (uint32_t)(s->p - v->text);
	}
}

/* "28 => 16", before strace 4.26 "28->16": the value behind the arrow. */
static struct val *parse_after(struct parser *s, const struct val *was)
{
	struct val_more *more = arena_new(s->arena, struct val_more);
	struct val *v;

	s->p += 2;
	skip_blanks(s);
	v = parse_plain(s);
	if (v->more)
		*more = *v->more;
	more->was = was;
	v->more = more;
	take_flags(s, v);
	return v;
}

static struct val *parse_item(struct parser *s)
{
	const char *name = NULL;
	uint32_t name_len = 0;
	struct val *v = parse_plain(s);

	skip_blanks(s);
	/* name=value, and name(16)=value of strace 4 */
	if (*s->p == '=' && s->p[1] != '>' &&
	    (v->kind == VAL_NAME || v->kind == VAL_CALL || v->kind == VAL_NUMBER)) {
		name = v->text;
		name_len = v->len;
		s->p++;
		skip_blanks(s);
		if (*s->p == ',' || is_closer(*s->p))
			v = val_new(s, VAL_ODD); /* redacted to nothing */
		else
			v = parse_plain(s);
	}
	take_flags(s, v);
	if (v->kind == VAL_ODD)
		skip_odd(s);
	if ((*s->p == '=' || *s->p == '-') && s->p[1] == '>')
		v = parse_after(s, v);
	v->name = name;
	v->name_len = name_len;
	if (*s->p != ',' && *s->p != '"' && !(class_of(*s->p) & (OPENER | CLOSER | WORD)))
		skip_odd(s);
	return v;
}

struct val *strace_parse(struct arena *a, const char *text, const char *end)
{
	struct parser s = { .arena = a, .p = text, .end = end };
	struct val *v = val_new(&s, VAL_CALL);

	while (s.p < s.end) { /* again where a stray ')' ended the list */
		struct val **last = &v->child;
		struct val part = { .child = NULL };

		while (*last)
			last = &(*last)->next;
		parse_list(&s, &part, ')');
		*last = part.child;
	}
	return v;
}

struct val *strace_parse_call(struct arena *a, const char *text, const char *end,
			      const char **close)
{
	struct parser s = { .arena = a, .p = text, .end = end };
	struct val *v = val_new(&s, VAL_CALL);
	const char *p;

	*close = NULL;
	if (!parse_list(&s, v, ')') || s.lost)
		return NULL;
	for (p = s.p; class_of(*p) & BLANK; p++)
		;
	if (*p != '=')
		return NULL;
	*close = s.p - 1;
	return v;
}

const char *strace_close(const char *text, const char *end)
{
	static const bool matters[UCHAR_MAX + 1] = {
		['"'] = true, ['('] = true, [')'] = true, ['/'] = true
	};
	unsigned int depth = 0;
	bool comments = true; /* there may be one that ends */

	for (const char *p = text; p < end; p++) {
		if (!matters[(unsigned char)*p])
			continue;
		switch (*p) {
		case '"':
			p = string_end(p + 1, end);
			break;
		case '(':
			depth++;
			break;
		case ')':
			if (!depth--)
				return p;
			break;
		default:
			if (comments && end - p > 3 && p[1] == '*') {
				const char *e = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);

				comments = e;
				p = e ? e + 1 : p;
			}
		}
	}
	return NULL;
}

static size_t unescape(const char *p, const char *end, unsigned char *to)
{
	static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	const char *name;
	unsigned int v = 0;
	size_t n = 0;

	if (p == end)
		return 0;
	if (*p == 'x') {
		for (n = 1; n < 3 && p + n < end && digit_of(p[n]) < 16; n++)
			v = v << 4 | (unsigned int)digit_of(p[n]);
		*to = (unsigned char)v;
		return n;
	}
	for (; n < 3 && p + n < end && digit_of(p[n]) < 8; n++)
		v = v << 3 | (unsigned int)digit_of(p[n]);
	if (n) {
		*to = (unsigned char)v;
		return n;
	}
	name = strchr(names, *p);
	*to = name && *p ? (unsigned char)values[name - names] : (unsigned char)*p;
	return 1;
}

unsigned char *strace_string(struct arena *a, const struct val *v, size_t *len)
{
	unsigned char *to = arena_raw(a, v->len + 1);
	const char *p = v->text, *end = v->text + v->len;
	size_t n = 0;

	while (p < end) {
		if (*p == '\\')
			p += 1 + unescape(p + 1, end, &to[n++]);
		else
			to[n++] = (unsigned char)*p++;
	}
	to[n] = '\0';
	*len = n;
	return to;
}

const struct val *val_at(const struct val *v, unsigned int n)
{
	const struct val *c = v ? v->child : NULL;

	while (c && n--)
		c = c->next;
	return c;
}

const struct val *val_find(const struct val *v, const char *name, size_t n)
{
	const struct val *found = NULL;

	if (!v)
		return NULL;
	for (const struct val *c = v->child; c; c = c->next) {
		if (val_named_n(c, name, n))
			return c;
	}
	for (const struct val *c = v->child; c && !found; c = c->next)
		found = c->child ? val_find(c, name, n) : NULL;
	return found;
}
