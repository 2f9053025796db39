// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines out of JSON and CSV. Pure. */
#include "config.h"

#include "strace/unwrap.h"

#include <string.h>

#include "base/json-read.h"

/* journald, Docker, the usual loggers, Google's and Amazon's. */
static const char *const members[] = {
	"MESSAGE", "log", "message", "msg", "line", "text", "textPayload", "@message",
};

/* Whatever strace prints has one of these. */
static bool looks_like_a_call(const char *p, size_t len)
{
	return memchr(p, '(', len) || memmem(p, len, "+++ ", 4) || memmem(p, len, "<... ", 5);
}

static bool take_text(const struct jval *v, char **p, size_t *len)
{
	if (!jval_is(v, JVAL_STRING))
		return false;
	*p = (char *)v->text; /* which lies in our copy */
	*len = v->n;
	return true;
}

/* Of a copy: where it is no JSON after all, the line is as it was. */
static const struct jval *parse(struct strace_unwrap *u, char *p, size_t len, char opener)
{
	const char *why;

	if (!len || *p != opener)
		return NULL;
	arena_reset(&u->arena);
	return jval_parse(&u->arena, &u->stack, arena_memdup(&u->arena, p, len), len, &why);
}

static bool from_object(struct strace_unwrap *u, char **p, size_t *len)
{
	const struct jval *o = parse(u, *p, *len, '{');

	for (size_t i = 0; o && i < sizeof(members) / sizeof(members[0]); i++) {
		if (take_text(jval_get(o, members[i]), p, len))
			return true;
	}
	return false;
}

/* An element of an array, which a comma may follow. */
static bool from_string(struct strace_unwrap *u, char **p, size_t *len)
{
	size_t n = *len;

	while (n && ((*p)[n - 1] == ',' || (*p)[n - 1] == ' '))
		n--;
	return take_text(parse(u, *p, n, '"'), p, len);
}

/* The field behind the quote at p, in place; *end: behind its closing quote. 0: it has none. */
static size_t csv_field(char *p, char *limit, char **end)
{
	char *to = p;

	for (char *from = p; from < limit; from++) {
		if (*from == '"') {
			if (from + 1 == limit || from[1] != '"') {
				*end = from + 1;
				return (size_t)(to - p);
			}
			from++;
		}
		*to++ = *from;
	}
	return 0;
}

/* The first quoted field that may be a call's line. */
static bool from_csv(struct strace_unwrap *u, char **p, size_t *len)
{
	char *start, *s, *limit, *end;
	size_t n;

	/* most lines hold no such field: they are not copied */
	s = memchr(*p, '"', *len);
	if (!s || (s > *p && s[-1] != ','))
		return false;
	n = *len - (size_t)(s - *p);
	arena_reset(&u->arena);
	start = s = arena_memdup(&u->arena, s, n);
	limit = s + n;
	while ((s = memchr(s, '"', (size_t)(limit - s)))) {
		if (s > start && s[-1] != ',')
			return false;
		n = csv_field(s + 1, limit, &end);
		if (!n || (end < limit && *end != ','))
			return false;
		if (looks_like_a_call(s + 1, n)) {
			*p = s + 1;
			*len = n;
			return true;
		}
		s = end;
	}
	return false;
}

bool strace_unwrap(struct strace_unwrap *u, enum strace_wrapping kind, char **p, size_t *len)
{
	char *text = *p;
	size_t n = *len;
	bool ok;

	while (n && (*text == ' ' || *text == '\t')) {
		text++;
		n--;
	}
	while (n && (text[n - 1] == '\r' || text[n - 1] == ' '))
		n--;
	switch (kind) {
	case WRAPPING_OBJECTS:
		ok = from_object(u, &text, &n);
		break;
	case WRAPPING_STRINGS:
		ok = from_string(u, &text, &n);
		break;
	case WRAPPING_CSV:
		ok = from_csv(u, &text, &n);
		break;
	default:
		return false;
	}
	if (!ok)
		return false;
	*p = text;
	*len = n;
	return true;
}

void strace_unwrap_free(struct strace_unwrap *u)
{
	arena_free(&u->arena);
	jval_stack_free(&u->stack);
}

bool strace_unwraps(const char *p, size_t len)
{
	const char *nl = memchr(p, '\n', len);
	size_t line = nl ? (size_t)(nl - p) : len;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		for (const char *q = p, *end = p + line;
		     (q = memmem(q, (size_t)(end - q), members[i], strlen(members[i]))); q++) {
			const char *behind = q + strlen(members[i]);

			if (q > p && q[-1] == '"' && end - behind > 1 && behind[0] == '"' &&
			    behind[1] == ':')
				return true;
		}
	}
	return false;
}
