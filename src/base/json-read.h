/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON texts as trees (RFC 8259), for inputs of which speed matters: nothing is copied.  Strings are unescaped
 * and ended where they stand, so the text belongs to the reader while the tree is looked at; nodes are the
 * arena's.  Strict: UTF-8 is checked, integers must fit 64 bits, depth is bounded.
 */
#ifndef CMSGTRACE_BASE_JSON_READ_H
#define CMSGTRACE_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

enum jval_kind {
	JVAL_NULL,
	JVAL_FALSE,
	JVAL_TRUE,
	JVAL_INT,
	JVAL_REAL, /* its value isn't kept */
	JVAL_STRING,
	JVAL_ARRAY,
	JVAL_OBJECT,
};

struct jval {
	enum jval_kind kind;
	uint32_t n;       /* bytes of a string; members of an array or object */
	uint32_t key_len; /* where it is an object's member … */
	uint32_t
		hint; /* an object's member that is asked for next, if they are asked for in order */
	const char *key; /* … terminated */
	union {
		int64_t num;
		const char *text; /* terminated; may hold zeros */
		struct jval *child;
	};
};

/* Where nodes wait until their container is whole; all zero at first, kept from one text to the next. */
struct jval_stack {
	struct jval *v;
	size_t n, room;
};

/*
 * The tree of a whole text, which is changed by it.  NULL: it is no JSON, and *why says it, static.
 */
struct jval *jval_parse(struct arena *a, struct jval_stack *s, char *text, size_t len,
			const char **why);
void jval_stack_free(struct jval_stack *s);

/* All of these take NULL and values of any kind. */
const struct jval *jval_find(const struct jval *o, const char *key, size_t len);
/* An object's member; NULL: it has none of that name. */
#define jval_get(o, key) jval_find((o), (key), strlen(key))
/* Members of an array; 0 of anything else. */
size_t jval_size(const struct jval *v);
const struct jval *jval_at(const struct jval *v, size_t i);
/* 0 where it is no integer, NULL where it is no string. */
int64_t jval_int(const struct jval *v);
const char *jval_text(const struct jval *v);

static inline bool jval_is(const struct jval *v, enum jval_kind kind)
{
	return v && v->kind == kind;
}

#endif
