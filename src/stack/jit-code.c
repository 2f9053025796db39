// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pieces of code and the names that compilers give them: V8's, HotSpot's, or as they are. */
#include "config.h"

#include "stack/jit-code.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	TEXT_MAX = 64 * 1024 * 1024, /* bytes of names and lines */
	CODE_MAX = 1 << 19,          /* pieces of code */
	NAME_MAX_HERE = 512,
	BACK_MAX = 16, /* pieces that may lie over another one */
	V8_SHIFT =
		0x40, /* its addresses of lines count an ELF header in (src/diagnostics/perf-jit.cc) */
};

void *jit_room(struct jit_codes *j, size_t n)
{
	if (n > TEXT_MAX - j->bytes)
		return NULL;
	j->bytes += n;
	return arena_alloc(&j->text, n);
}

static char *text(struct jit_codes *j, const char *s, size_t len)
{
	char *to;

	if (len > NAME_MAX_HERE)
		len = NAME_MAX_HERE;
	to = jit_room(j, len + 1);
	for (size_t i = 0; to && i < len; i++)
		to[i] = (unsigned char)s[i] < ' ' || s[i] == 127 ? '?' : s[i];
	return to;
}

/* ":NUMBER" at the end of s: without it; *v: the number. */
static size_t without_number(const char *s, size_t len, uint32_t *v)
{
	size_t at = len;

	while (at && isdigit((unsigned char)s[at - 1]))
		at--;
	if (at == len || len - at > 9 || !at || s[at - 1] != ':')
		return 0;
	*v = (uint32_t)strtoul(s + at, NULL, 10);
	return at - 1;
}

/* Where the file's name begins in V8's "FUNCTION FILE": both may have spaces. */
static size_t file_in(const char *s, size_t len)
{
	static const char *const begins[] = { " /", " node:", " file:" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		const char *at = memmem(s, len, begins[i], strlen(begins[i]));

		if (at)
			return (size_t)(at - s);
	}

	const char *at = memrchr(s, ' ', len);

	return at ? (size_t)(at - s) : len;
}

/*
 * V8's "KIND:TIER FUNCTION FILE:LINE:COLUMN" (src/logging/log.cc, ComputeMarker): how well it is compiled changes while
 * it runs, and is no part of the name.
 */
static bool name_v8(struct jit_codes *j, struct jit_code *c, const char *s, size_t len)
{
	static const char *const kinds[] = { "JS:",   "LazyCompile:", "Function:",
					     "Eval:", "Script:",      "Callback:" };
	uint32_t line, column;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t kind = strlen(kinds[i]), at, end;

		if (len < kind || strncmp(s, kinds[i], kind) != 0)
			continue;
		s += kind;
		len -= kind;
		if (len && strchr("~^*+'", s[0])) {
			s++;
			len--;
		}
		end = without_number(s, len, &column);
		end = end ? without_number(s, end, &line) : 0;
		at = end ? file_in(s, end) : end;
		if (at >= end)
			return false;
		c->function = at ? text(j, s, at) : "(anonymous)";
		c->file = text(j, s + at + 1, end - at - 1);
		c->line = line;
		c->shift = V8_SHIFT;
		return true;
	}
	return false;
}

/* HotSpot's "TYPE CLASS.METHOD(ARGUMENTS)": without the type. */
static size_t type_of(const char *s, size_t len)
{
	const char *open = memchr(s, '(', len), *space = memchr(s, ' ', len);

	return open && space && space < open && s[len - 1] == ')' &&
			       memchr(space, '.', (size_t)(open - space))
		       ? (size_t)(space + 1 - s)
		       : 0;
}

void jit_add(struct jit_codes *j, uint64_t start, uint64_t size, const char *name, size_t len,
	     const struct jit_line *lines, uint32_t nlines)
{
	struct jit_code c = {
		.start = start,
		.size = size,
		.number = j->number++,
		.lines = lines,
		.nlines = nlines,
	};

	if (!size || !len || j->n >= CODE_MAX)
		return;
	if (!name_v8(j, &c, name, len)) {
		size_t type = type_of(name, len);

		c.function = text(j, name + type, len - type);
	}
	if (!c.function)
		return;
	if (!(j->n & (j->n - 1)))
		j->v = alloc_resize(j->v, (j->n ? 2 * (size_t)j->n : 1) * sizeof(c));
	j->v[j->n++] = c;
}

static int by_start(const void *a, const void *b)
{
	const struct jit_code *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* What came since is few, and most of it starts behind the others: it is sorted alone, and merged from the end. */
void jit_codes_sort(struct jit_codes *j)
{
	uint32_t old = j->sorted, new = j->n - old, at = j->n;
	struct jit_code *came;

	if (!new)
		return;
	qsort(j->v + old, new, sizeof(*j->v), by_start);
	came = alloc_bytes(new * sizeof(*came));
	memcpy(came, j->v + old, new * sizeof(*came));
	while (new) {
		bool later = old && by_start(&j->v[old - 1], &came[new - 1]) > 0;

		j->v[--at] = later ? j->v[--old] : came[--new];
	}
	alloc_free(came);
	j->sorted = j->n;
}

const struct jit_code *jit_code_at(const struct jit_codes *j, uint64_t pc)
{
	const struct jit_code *best = NULL;
	uint32_t lo = 0, hi = j->n;

	while (lo < hi) { /* the first that starts behind pc */
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->v[mid].start <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (uint32_t steps = 0; lo-- > 0 && steps < BACK_MAX; steps++) {
		const struct jit_code *c = &j->v[lo];

		if (pc - c->start < c->size && (!best || c->number > best->number))
			best = c;
	}
	return best;
}

void jit_codes_free(struct jit_codes *j)
{
	alloc_free(j->v);
	arena_free(&j->text);
	memset(j, 0, sizeof(*j));
}
