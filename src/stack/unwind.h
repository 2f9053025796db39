/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stacks of a stopped tracee: a const table of functions, one file per back end. */
#ifndef CMSGTRACE_STACK_UNWIND_H
#define CMSGTRACE_STACK_UNWIND_H

#include <sys/uio.h>

#include "arch/arch.h"
#include "base/memory.h"
#include "event/event.h"
#include "stack/python.h"

struct unwinder;

/* What decides the frames of a walk, as long as the same code is mapped. */
struct stack_needs {
	uint64_t regs; /* a bit each, beside pc, sp and fp */
	unsigned int n;
	const struct iovec *at; /* n places of memory; valid until the next walk */
};

struct unwind_ops {
	const char *name; /* "libunwind" */
	struct unwinder *(*new)(void);
	/* Walks the stack of ev->tid from these registers on; fills ev->stack. 0 or negative errno. */
	int (*walk)(struct unwinder *u, struct event *ev, const struct registers *reg,
		    const struct memory *mem);
	/* Walks only to learn what that looks at: 0, or negative errno where it can't be told. */
	int (*needs)(struct unwinder *u, int tgid, int tid, const struct registers *reg,
		     const struct memory *mem, struct stack_needs *to);
	/* The interpreter that tgid runs, by mem, its memory as it is now; false where it runs none that we know. */
	bool (*python)(struct unwinder *u, int tgid, const struct memory *mem,
		       struct python_chain *to);
	/*
	 * A number that stands for the n innermost frames of the stack that walk() just found for ev, while its task
	 * still stands there: the same number, the same frames.  0: there is none.
	 */
	uint64_t (*number)(struct unwinder *u, const struct event *ev, unsigned int n,
			   const struct memory *mem);
	/* The k-th number, from 0 on, that the stack may have, without a walk; 0: no more. */
	uint64_t (*guess)(struct unwinder *u, const struct event *ev, const struct registers *reg,
			  const struct memory *mem, unsigned int k);
	/* Adds source lines to ev->stack, which walk() filled; the task must still exist.  Some 50 ms at a file's first use. */
	void (*lines)(struct unwinder *u, struct event *ev);
	/* The address space of tgid changed (mmap, dlopen) or is another (exec): drop what is cached. */
	void (*changed)(struct unwinder *u, int tgid);
	void (*gone)(struct unwinder *u, int tgid);
	void (*free)(struct unwinder *u);
};

extern const struct unwind_ops unwind_libunwind;

#endif
