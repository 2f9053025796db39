/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table of code that a process made itself, by address.  Bounded, whatever is put into it. */
#ifndef CMSGTRACE_STACK_JIT_CODE_H
#define CMSGTRACE_STACK_JIT_CODE_H

#include <stdint.h>

#include "base/arena.h"

/* Of a piece of code: from this address on it is of this line. */
struct jit_line {
	uint64_t addr;
	const char *file;
	uint32_t line;
};

struct jit_code {
	uint64_t start, size;
	uint32_t number;             /* a higher one was written later: it is what is there now */
	uint32_t line;               /* the function's, where the name tells it */
	const char *function, *file; /* file: NULL where it isn't known */
	const struct jit_line *lines;
	uint32_t nlines, shift; /* shift: by which their addresses are too high */
};

/* Of one process; zeroed at first.  Strings and lines belong to it. */
struct jit_codes {
	struct jit_code *v;
	uint32_t n, sorted, number;
	struct arena text;
	size_t bytes; /* taken of text */
};

/* For who reads a file: room for n bytes of text, or NULL where they have had enough. */
void *jit_room(struct jit_codes *j, size_t n);
/* A piece of code under the name that its compiler gave it. */
void jit_add(struct jit_codes *j, uint64_t start, uint64_t size, const char *name, size_t len,
	     const struct jit_line *lines, uint32_t nlines);
/* To be called before the next is found, where something was added. */
void jit_codes_sort(struct jit_codes *j);
/* The newest piece of code at pc, or NULL. */
const struct jit_code *jit_code_at(const struct jit_codes *j, uint64_t pc);
void jit_codes_free(struct jit_codes *j);

#endif
