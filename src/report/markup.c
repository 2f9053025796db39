// SPDX-License-Identifier: LGPL-2.1-or-later
/* Text for XML and HTML. */
#include "config.h"

#include "report/markup.h"

#include <stdbool.h>

#include "base/utf8.h"

/* XML 1.0 holds all of Unicode but U+FFFE and U+FFFF. */
static bool xml_has(const unsigned char *p, size_t n)
{
	return n != 3 || p[0] != 0xef || p[1] != 0xbf || p[2] < 0xbe;
}

/* … and most control characters, not even escaped: they are spelled \x01, as is all that can't be shown. */
void markup_put(struct buf *b, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0; i < len;) {
		size_t n = p[i] == '\n' ? 1 : utf8_shown(p + i, len - i);

		if (!n || !xml_has(p + i, n)) {
			buf_lit(b, "\\x");
			buf_hexbytes(b, p + i, 1);
			i++;
			continue;
		}
		switch (p[i]) {
		case '<':
			buf_lit(b, "&lt;");
			break;
		case '>':
			buf_lit(b, "&gt;");
			break;
		case '&':
			buf_lit(b, "&amp;");
			break;
		case '"':
			buf_lit(b, "&quot;");
			break;
		case '\n':
			buf_lit(b, "&#10;");
			break;
		default:
			buf_add(b, p + i, n);
		}
		i += n;
	}
}

void markup_str(struct buf *b, const char *s)
{
	markup_put(b, s, strlen(s));
}

void markup_attr(struct buf *b, const char *name, const char *value, size_t len)
{
	buf_char(b, ' ');
	buf_str(b, name);
	buf_lit(b, "=\"");
	markup_put(b, value, len);
	buf_char(b, '"');
}

void markup_uri(struct buf *b, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";

	if (path[0] == '/')
		buf_lit(b, "file://");
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("/-._~", c);

		if (plain) {
			buf_char(b, (char)c);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
}
