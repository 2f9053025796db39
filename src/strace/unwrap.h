/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Logs whose lines another program put into something of its own: JSON objects (journald, Docker), strings of
 * JSON, CSV.  Which it is, the first line that holds one of strace's tells.
 */
#ifndef CMSGTRACE_STRACE_UNWRAP_H
#define CMSGTRACE_STRACE_UNWRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/json-read.h"

enum strace_wrapping {
	WRAPPING_UNKNOWN, /* nothing of strace's was seen so far */
	WRAPPING_NONE,
	WRAPPING_OBJECTS, /* {"log":"…\n","stream":"stderr"} */
	WRAPPING_STRINGS, /* "…\n", */
	WRAPPING_CSV,     /* 2026-01-01,"… ""text"" …" */
};

struct strace_unwrap {
	enum strace_wrapping wrapping;
	struct arena arena; /* of one line */
	struct jval_stack stack;
};

/*
 * What a line of that kind holds; false: it is none.  The text is ours until the next call, may be changed and
 * may hold line ends.
 */
bool strace_unwrap(struct strace_unwrap *u, enum strace_wrapping kind, char **p, size_t *len);
void strace_unwrap_free(struct strace_unwrap *u);

/* Does a file that begins so hold objects with a line of text each, and no recording? */
bool strace_unwraps(const char *p, size_t len);

#endif
