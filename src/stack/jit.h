/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of code that a process made itself (JIT compilers of node, Java and others), as it writes them for perf:
 * /tmp/perf-PID.map of its root, and a jitdump file that it has mapped.
 */
#ifndef CMSGTRACE_STACK_JIT_H
#define CMSGTRACE_STACK_JIT_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/jit-code.h"
#include "stack/unwind-maps.h"

/* How far a file was read, and which one it was. */
struct jit_source {
	uint64_t dev, inode, done;
};

/* One process's; zeroed at first. */
struct jit {
	bool asked;        /* whether its files grew, since jit_begin() */
	uint64_t asked_at; /* ns */
	struct jit_source map, dump;
	struct jit_codes codes;
};

struct jit_place {
	const char *function, *file;
	uint64_t off; /* bytes into the function */
	uint32_t line;
};

/* Another stack is looked at: what isn't known is asked for once more. */
void jit_begin(struct jit *j);
/* What is known of pc, in process tgid; false: nothing.  Strings are valid until the next call. */
bool jit_find(struct jit *j, const struct unwind_maps *maps, int tgid, uint64_t pc,
	      struct jit_place *place);
void jit_free(struct jit *j);

#endif
