// SPDX-License-Identifier: LGPL-2.1-or-later
/* UTF-16 as UTF-8 (RFC 2781). Pure. */
#include "config.h"

#include "base/utf16.h"

#include "base/utf8.h"

enum {
	REPLACEMENT = 0xfffd,
	LONGEST = 6
}; /* bytes that one unit may give: a lone half, and itself */

static char *put_unit(struct utf16 *u, char *to, uint32_t c)
{
	bool low = c >= 0xdc00 && c < 0xe000;

	if (u->high && low)
		c = 0x10000 + ((u->high - 0xd800) << 10) + (c - 0xdc00);
	else if (u->high)
		to = utf8_put(to, REPLACEMENT);
	if (!u->high && low)
		c = REPLACEMENT;
	u->high = c >= 0xd800 && c < 0xdc00 ? c : 0;
	return u->high ? to : utf8_put(to, c);
}

long utf16_read(void *ctx, char *p, size_t n)
{
	struct utf16 *u = ctx;
	size_t want = n / LONGEST * 2;
	char *to = p;

	if (want > sizeof(u->raw))
		want = sizeof(u->raw);
	while (to == p) { /* nothing means the end */
		long got = u->in.read(u->in.ctx, (char *)u->raw + u->have, want - u->have);
		size_t i;

		if (got <= 0)
			return got;
		u->have += (size_t)got;
		for (i = 0; i + 1 < u->have; i += 2)
			to = put_unit(u, to,
				      (uint32_t)(u->raw[i + !u->big] << 8 | u->raw[i + u->big]));
		u->have -= i;
		if (u->have)
			u->raw[0] = u->raw[i];
	}
	return to - p;
}
