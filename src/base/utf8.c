// SPDX-License-Identifier: LGPL-2.1-or-later
/* UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#include "config.h"

#include "base/utf8.h"

size_t utf8_length(const unsigned char *p, size_t left)
{
	unsigned int low = 0x80, high = 0xbf;
	size_t n;

	if (!left)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

uint32_t utf8_value(const unsigned char *p, size_t n)
{
	uint32_t v = n == 1 ? p[0] : p[0] & (0xffU >> (n + 1));

	for (size_t i = 1; i < n; i++)
		v = v << 6 | (p[i] & 0x3f);
	return v;
}

/* C0, DEL, C1, and what turns the direction of the text around it (U+200E …). */
static bool is_control(uint32_t v)
{
	return v < ' ' || (v >= 0x7f && v < 0xa0) || v == 0x61c || (v >= 0x200e && v <= 0x200f) ||
	       (v >= 0x2028 && v <= 0x202e) || (v >= 0x2066 && v <= 0x2069);
}

size_t utf8_shown(const unsigned char *p, size_t left)
{
	size_t n = utf8_length(p, left);

	return n && is_control(utf8_value(p, n)) ? 0 : n;
}

bool utf8_valid(const void *p, size_t len)
{
	const unsigned char *u = p;

	while (len) {
		size_t n = utf8_length(u, len);

		if (!n)
			return false;
		u += n;
		len -= n;
	}
	return true;
}

char *utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}
