/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A number for a stack, without walking it.  A walk follows from the registers and the words of memory that it looks
 * at, as long as the same code is mapped: which ones these are is kept (a shape), and the next time they are read,
 * in one call, and hashed.  The same number: the same frames.
 */
#ifndef CMSGTRACE_STACK_MARKS_H
#define CMSGTRACE_STACK_MARKS_H

#include "base/map.h"
#include "stack/unwind-space.h"

/* What one process's walks looked at: by the registers that they began with.  Zeroed at first. */
struct marks {
	struct map by_regs; /* -> struct shapes */
};

/* The number of the frames that these reads of a walk from reg on led to; remembers which they were.  0: none. */
uint64_t marks_of(struct marks *m, const struct registers *reg, const struct walk_reads *r,
		  const struct walk_point *upto, uint64_t code, const struct memory *mem);
/* The number of the k-th stack that this may be, from 0 on; 0: no more are known.  code: what is mapped. */
uint64_t marks_guess(const struct marks *m, const struct registers *reg, uint64_t code,
		     const struct memory *mem, unsigned int k);
void marks_clear(struct marks *m);

#endif
