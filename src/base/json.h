/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streaming JSON writer onto a buf: it places the commas, the caller the structure.  Numbers that may
 * exceed 2^53 and pointers go out as "0x..." strings (json_hex).
 */
#ifndef CMSGTRACE_BASE_JSON_H
#define CMSGTRACE_BASE_JSON_H

#include <stdbool.h>

#include "base/buf.h"

struct json {
	struct buf *out;
	bool comma; /* a value precedes at this depth */
};

/* key NULL: an element of an array (or the outermost value). */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_s64(struct json *j, const char *key, int64_t v);
void json_u64(struct json *j, const char *key, uint64_t v);
void json_hex(struct json *j, const char *key, uint64_t v); /* "0x1f" */
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
void json_str(struct json *j, const char *key, const char *s); /* NULL writes null */
/* Bytes as text: UTF-8 passes, anything else is written as U+FFFD; control characters are escaped. */
void json_strn(struct json *j, const char *key, const char *s, size_t len);
void json_hexbytes(struct json *j, const char *key, const void *p, size_t len); /* "1c0000" */

#endif
