/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Growable output buffer: hand-written appends, no format strings on the hot path.  The owner frees it
 * with buf_free(); buf_clear() keeps the memory.
 */
#ifndef CMSGTRACE_BASE_BUF_H
#define CMSGTRACE_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *p;
	size_t len;
	size_t room;
};

void buf_grow(struct buf *b, size_t more);

static inline char *buf_reserve(struct buf *b, size_t more)
{
	if (b->room - b->len < more)
		buf_grow(b, more);
	return b->p + b->len;
}

static inline void buf_add(struct buf *b, const void *p, size_t len)
{
	if (len)
		memcpy(buf_reserve(b, len), p, len);
	b->len += len;
}

static inline void buf_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

static inline void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

#define buf_lit(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

void buf_u64(struct buf *b, uint64_t v); /* decimal */
void buf_s64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, uint64_t v);                     /* 0x1f; 0 is "0x0" */
void buf_hex0(struct buf *b, uint64_t v);                    /* as C's %#x: 0 is "0" */
void buf_hexbytes(struct buf *b, const void *p, size_t len); /* 1c0000… */
void buf_pad(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_cstr(struct buf *b); /* terminated; valid until the next append */
static inline void buf_clear(struct buf *b)
{
	b->len = 0;
}
void buf_free(struct buf *b);

/*
 * Text that came from a tracee, for a terminal or a message: every byte outside printable ASCII, and
 * backslash and double quote, becomes a C escape.  No raw control byte gets through.
 */
void buf_escaped(struct buf *b, const void *p, size_t len);

#endif
