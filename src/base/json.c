// SPDX-License-Identifier: LGPL-2.1-or-later
/* Streaming JSON writer (RFC 8259). */
#include "config.h"

#include "base/json.h"

#include "base/utf8.h"

static void jput_start(struct json *j, const char *key)
{
	if (j->comma)
		buf_char(j->out, ',');
	j->comma = true;
	if (key) {
		buf_char(j->out, '"');
		buf_str(j->out, key);
		buf_lit(j->out, "\":");
	}
}

void jput_object(struct json *j, const char *key)
{
	jput_start(j, key);
	buf_char(j->out, '{');
	j->comma = false;
}

void jput_object_end(struct json *j)
{
	buf_char(j->out, '}');
	j->comma = true;
}

void jput_array(struct json *j, const char *key)
{
	jput_start(j, key);
	buf_char(j->out, '[');
	j->comma = false;
}

void jput_array_end(struct json *j)
{
	buf_char(j->out, ']');
	j->comma = true;
}

void jput_s64(struct json *j, const char *key, int64_t v)
{
	jput_start(j, key);
	buf_s64(j->out, v);
}

void jput_u64(struct json *j, const char *key, uint64_t v)
{
	jput_start(j, key);
	buf_u64(j->out, v);
}

void jput_hex(struct json *j, const char *key, uint64_t v)
{
	jput_start(j, key);
	buf_char(j->out, '"');
	buf_hex(j->out, v);
	buf_char(j->out, '"');
}

void jput_bool(struct json *j, const char *key, bool v)
{
	jput_start(j, key);
	buf_str(j->out, v ? "true" : "false");
}

void jput_null(struct json *j, const char *key)
{
	jput_start(j, key);
	buf_lit(j->out, "null");
}

void jput_str(struct json *j, const char *key, const char *s)
{
	if (s)
		jput_strn(j, key, s, strlen(s));
	else
		jput_null(j, key);
}

void jput_strn(struct json *j, const char *key, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	jput_start(j, key);
	buf_char(j->out, '"');
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(p + i, len - i);

		if (!n) {
			buf_lit(j->out, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (p[i] == '"' || p[i] == '\\') {
			buf_char(j->out, '\\');
			buf_char(j->out, (char)p[i]);
		} else if (!utf8_shown(p + i, n)) { /* whoever prints the document shall see it */
			uint32_t v = utf8_value(p + i, n);

			buf_lit(j->out, "\\u");
			buf_hexbytes(j->out,
				     (const unsigned char[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
		} else {
			buf_add(j->out, p + i, n);
		}
		i += n;
	}
	buf_char(j->out, '"');
}

void jput_hexbytes(struct json *j, const char *key, const void *p, size_t len)
{
	jput_start(j, key);
	buf_char(j->out, '"');
	buf_hexbytes(j->out, p, len);
	buf_char(j->out, '"');
}
