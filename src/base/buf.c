// SPDX-License-Identifier: LGPL-2.1-or-later
/* Growable output buffer. */
#include "config.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/alloc.h"

void buf_grow(struct buf *b, size_t more)
{
	size_t room = b->room ? b->room : 256;

	if (more > SIZE_MAX / 4)
		alloc_failed();
	while (room - b->len < more)
		room *= 2;
	b->p = alloc_resize(b->p, room);
	b->room = room;
}

void buf_u64(struct buf *b, uint64_t v)
{
	char tmp[20];
	size_t n = sizeof(tmp);

	do {
		tmp[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, tmp + n, sizeof(tmp) - n);
}

void buf_s64(struct buf *b, int64_t v)
{
	uint64_t u = (uint64_t)v;

	if (v < 0) {
		buf_char(b, '-');
		u = -u;
	}
	buf_u64(b, u);
}

static const char hexdigits[] = "0123456789abcdef";

void buf_hex(struct buf *b, uint64_t v)
{
	char tmp[16];
	size_t n = sizeof(tmp);

	do {
		tmp[--n] = hexdigits[v & 15];
		v >>= 4;
	} while (v);
	buf_lit(b, "0x");
	buf_add(b, tmp + n, sizeof(tmp) - n);
}

void buf_hex0(struct buf *b, uint64_t v)
{
	if (v)
		buf_hex(b, v);
	else
		buf_char(b, '0');
}

void buf_hexbytes(struct buf *b, const void *p, size_t len)
{
	const unsigned char *u = p;
	char *to = buf_reserve(b, 2 * len);

	for (size_t i = 0; i < len; i++) {
		*to++ = hexdigits[u[i] >> 4];
		*to++ = hexdigits[u[i] & 15];
	}
	b->len += 2 * len;
}

void buf_pad(struct buf *b, char c, size_t n)
{
	if (!n) /* and nothing reserved: no pointer for memset() */
		return;
	memset(buf_reserve(b, n), c, n);
	b->len += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	buf_reserve(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->p;
}

void buf_free(struct buf *b)
{
	alloc_free(b->p);
	*b = (struct buf){ 0 };
}

void buf_escaped(struct buf *b, const void *p, size_t len)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = u[i];

		if (c == '"' || c == '\\') {
			buf_char(b, '\\');
			buf_char(b, (char)c);
		} else if (c >= 0x20 && c < 0x7f) {
			buf_char(b, (char)c);
		} else if (c == '\n') {
			buf_lit(b, "\\n");
		} else if (c == '\t') {
			buf_lit(b, "\\t");
		} else {
			buf_lit(b, "\\x");
			buf_hexbytes(b, &c, 1);
		}
	}
}
