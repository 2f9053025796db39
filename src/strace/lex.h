/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The grammar of the arguments that strace prints: a tree of values for one call.  It takes what people
 * paste: whatever isn't understood becomes a value of kind VAL_ODD, and lost brackets are made up for.
 * Slices point into the line; the tree is the arena's.
 */
#ifndef CMSGTRACE_STRACE_LEX_H
#define CMSGTRACE_STRACE_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

enum val_kind {
	VAL_ODD,    /* garbage, or redacted */
	VAL_NUMBER, /* 5, -1, 0x1f, 0644 */
	VAL_NAME,   /* AF_INET, NULL, MSG_PEEK|0x4 */
	VAL_STRING, /* "…", escapes not yet resolved */
	VAL_STRUCT, /* {…} */
	VAL_ARRAY,  /* […] */
	VAL_CALL,   /* htons(53): text is the name, children its arguments */
	VAL_DOTS,   /* ... */
};

struct val {
	enum val_kind kind : 8;
	bool cut;               /* a string or list that strace abbreviated */
	bool abstract;          /* @"…" */
	bool flags;             /* A|B */
	uint32_t name_len, len; /* a line has 64 MiB at most */
	const char *name;       /* member=…, else NULL */
	const char *text;       /* as written; strings: without quotes */
	uint64_t num;           /* VAL_NUMBER; negative ones in two's complement */
	struct val *next, *child;
	const struct val_more *more; /* what few have, or NULL */
};

struct val_more {
	const char *path; /* 3<socket:[1]>: what is between the brackets, else NULL */
	size_t path_len;
	const struct val *was; /* a => b: this is b's, was is a */
};

/* What is between the brackets behind a descriptor, or NULL. */
static inline const char *val_path(const struct val *v, size_t *len)
{
	*len = v->more ? v->more->path_len : 0;
	return v->more ? v->more->path : NULL;
}

/* a of a => b, or NULL. */
static inline const struct val *val_was(const struct val *v)
{
	return v->more ? v->more->was : NULL;
}

/*
 * The arguments between text and its end, as the children of a VAL_CALL. Never NULL.
 * The byte at end can be read, and belongs to no value: a closing parenthesis, or the text's NUL.
 */
struct val *strace_parse(struct arena *a, const char *text, const char *end);

/*
 * The same of a text that goes on behind the arguments, with ") = ": *close is their closing parenthesis.  NULL:
 * it can't be told that way.
 */
struct val *strace_parse_call(struct arena *a, const char *text, const char *end,
			      const char **close);

/*
 * End of a call's arguments: its closing parenthesis, from the byte behind the opening one.  NULL: the line
 * ends before.
 */
const char *strace_close(const char *text, const char *end);

/* One number at p; how many bytes it has, 0: none. */
size_t strace_number(const char *p, const char *end, uint64_t *num);

/* Resolves the escapes of a string. */
unsigned char *strace_string(struct arena *a, const struct val *v, size_t *len);

/* The n-th child, or NULL. */
const struct val *val_at(const struct val *v, unsigned int n);
/* The first member of that name in v, else below, in the order of the text; or NULL. */
const struct val *val_find(const struct val *v, const char *name, size_t len);
#define val_member(v, name) val_find((v), (name), strlen(name))

static inline bool val_named_n(const struct val *v, const char *name, size_t n)
{
	return v->name_len == n && v->name && !memcmp(v->name, name, n);
}

#define val_named(v, name) val_named_n((v), (name), strlen(name))

static inline bool val_is(const struct val *v, const char *text)
{
	size_t n = strlen(text);

	return v && v->kind == VAL_NAME && v->len == n && !memcmp(v->text, text, n);
}

#endif
