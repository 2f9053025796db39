// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of an input, in constant memory. Pure: the bytes come from the caller's callback. */
#include "config.h"

#include "base/lines.h"

#include <string.h>

#include "base/alloc.h"

enum { CHUNK = 256 * 1024 };

void lines_init(struct lines *l, const struct input *in)
{
	*l = (struct lines){ .in = *in, .room = 2 * CHUNK };
	l->buf = alloc_bytes(l->room);
}

void lines_free(struct lines *l)
{
	alloc_free(l->buf);
	l->buf = NULL;
}

/* Reads one more chunk behind the unread bytes; false at the end. */
static bool lines_fill(struct lines *l)
{
	if (l->eof)
		return false;
	if (l->start && l->room - l->start - l->len < CHUNK) {
		memmove(l->buf, l->buf + l->start, l->len);
		l->start = 0;
	}
	if (l->room - l->start - l->len < CHUNK) {
		l->room *= 2;
		l->buf = alloc_resize(l->buf, l->room);
	}

	long n = l->in.read(l->in.ctx, l->buf + l->start + l->len, CHUNK);

	if (n <= 0) {
		l->eof = true;
		l->err = (int)n;
		return false;
	}
	l->len += (size_t)n;
	return true;
}

static void lines_take(struct lines *l, size_t n)
{
	l->start += n;
	l->len -= n;
	l->offset += n;
	l->scanned = 0;
}

/* The line's beginning is lost with its rest: what is handed out is a copy's worth in place. */
static enum line_state lines_skip_long(struct lines *l, char **p, size_t *len)
{
	enum { SHOWN = 64 };
	char *nl;

	while (!(nl = memchr(l->buf + l->start + SHOWN, '\n', l->len - SHOWN))) {
		l->offset += l->len - SHOWN;
		l->len = SHOWN;
		if (!lines_fill(l))
			break;
	}
	*p = l->buf + l->start;
	*len = SHOWN;
	lines_take(l, nl ? (size_t)(nl + 1 - *p) : l->len);
	l->no++;
	return LINE_TOO_LONG;
}

/* What a parser would make of a long line: so many values that they take much more memory than the line. */
static bool lines_crowded(const char *p, size_t len)
{
	size_t parts = 0;

	if (len < LINE_PARTS_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		parts += p[i] == ',' || p[i] == '[' || p[i] == '{';
	return parts > LINE_PARTS_MAX;
}

enum line_state lines_next(struct lines *l, char **p, size_t *len)
{
	for (;;) {
		char *s = l->buf + l->start;
		char *nl = memchr(s + l->scanned, '\n', l->len - l->scanned);

		if (nl) {
			*p = s;
			*len = (size_t)(nl - s);
			lines_take(l, *len + 1);
			l->no++;
			return lines_crowded(*p, *len) ? LINE_TOO_LONG : LINE_WHOLE;
		}
		if (l->len > LINE_MAX_BYTES)
			return lines_skip_long(l, p, len);
		l->scanned = l->len;
		if (!lines_fill(l))
			break;
	}
	if (!l->len)
		return LINE_END;
	*p = l->buf + l->start;
	*len = l->len;
	lines_take(l, l->len);
	l->no++;
	return LINE_CUT;
}

bool lines_ready(struct lines *l)
{
	const char *s = l->buf + l->start;
	const char *nl = memchr(s + l->scanned, '\n', l->len - l->scanned);

	l->scanned = nl ? (size_t)(nl - s) : l->len;
	return nl;
}

size_t lines_peek(struct lines *l, const char **p, size_t n)
{
	while (l->len < n && l->len < CHUNK && lines_fill(l))
		;
	*p = l->buf + l->start;
	return l->len < n ? l->len : n;
}

void lines_drop(struct lines *l, size_t n)
{
	lines_take(l, n);
}
