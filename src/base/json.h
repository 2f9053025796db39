/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streaming JSON writer onto a buf: it places the commas, the caller the structure.  Numbers that may
 * exceed 2^53 and pointers go out as "0x..." strings (jput_hex).
 * The prefix is not json_, since jansson's functions have it: two of one name in a program would meet.
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
void jput_object(struct json *j, const char *key);
void jput_object_end(struct json *j);
void jput_array(struct json *j, const char *key);
void jput_array_end(struct json *j);
void jput_s64(struct json *j, const char *key, int64_t v);
void jput_u64(struct json *j, const char *key, uint64_t v);
void jput_hex(struct json *j, const char *key, uint64_t v); /* "0x1f" */
void jput_bool(struct json *j, const char *key, bool v);
void jput_null(struct json *j, const char *key);
void jput_str(struct json *j, const char *key, const char *s); /* NULL writes null */
/* Bytes as text: UTF-8 passes, anything else is written as U+FFFD; control characters are escaped. */
void jput_strn(struct json *j, const char *key, const char *s, size_t len);
void jput_hexbytes(struct json *j, const char *key, const void *p, size_t len); /* "1c0000" */

#endif
