// SPDX-License-Identifier: LGPL-2.1-or-later
/* Strings as strace quotes them.  Pure. */
#include "config.h"

#include "report/text-impl.h"

static const char hexdigits[] = "0123456789abcdef";

static bool all_hex(const unsigned char *p, size_t len, int style)
{
	if (style != QUOTE_NON_ASCII)
		return style == QUOTE_HEX;
	for (size_t i = 0; i < len; i++)
		if (p[i] > 0x7e || (p[i] < ' ' && (p[i] < '\t' || p[i] > '\r')))
			return true;
	return false;
}

static char *put_octal(char *to, unsigned char c, bool digit_follows)
{
	/* Leading zeros only where the next character would be taken for a digit of ours. */
	if (c >> 6 || digit_follows)
		*to++ = (char)('0' + (c >> 6));
	if (c >> 3 || digit_follows)
		*to++ = (char)('0' + (c >> 3 & 7));
	*to++ = (char)('0' + (c & 7));
	return to;
}

/* How a byte is spelled: 0 as it is, 1 in octal, else a backslash and this. */
static const char spelling[256] = {
	[0 ... 8] = 1, ['\t'] = 't',    ['\n'] = 'n', ['\v'] = 'v',  ['\f'] = 'f',
	['\r'] = 'r',  [14 ... 31] = 1, ['"'] = '"',  ['\\'] = '\\', [127 ... 255] = 1,
};

void text_quoted_bare(struct buf *b, const void *p, size_t len, int style, const char *also)
{
	const unsigned char *u = p;
	char *to = buf_reserve(b, 4 * len);

	if (all_hex(u, len, style)) {
		for (size_t i = 0; i < len; i++) {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = hexdigits[u[i] >> 4];
			*to++ = hexdigits[u[i] & 15];
		}
		b->len += 4 * len;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = u[i];
		char how = spelling[c];

		if (!how && !(also && strchr(also, c))) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '\\';
		if (how > 1)
			*to++ = how;
		else
			to = put_octal(to, c, i + 1 < len && u[i + 1] >= '0' && u[i + 1] <= '7');
	}
	b->len = (size_t)(to - b->p);
}

void text_quoted(struct buf *b, const void *p, size_t len, int style)
{
	buf_char(b, '"');
	text_quoted_bare(b, p, len, style, NULL);
	buf_char(b, '"');
}

void text_string(struct text_ctx *x, const struct bytes *data, uint64_t addr, uint64_t len,
		 int style)
{
	uint64_t want = len < x->strsize ? len : x->strsize;
	bool more = len > x->strsize;

	if (!addr && !data->p) {
		buf_lit(x->b, "NULL");
		return;
	}
	if (data->len < want) {
		/* A log or a recording may hold less than -s asks for; a fault is the tracee's. */
		if (data->why == BYTES_FAULT || data->why == BYTES_GONE || !data->p) {
			text_addr(x->b, addr);
			return;
		}
		want = data->len;
		more = true;
	}
	text_quoted(x->b, data->p, want, style);
	if (more)
		buf_lit(x->b, "...");
}
