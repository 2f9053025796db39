/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is kept of a process between walks, and one walk over one stack: what its steps need.  A space is owned by
 * its unwinder, a walk lives on the caller's stack.  Registers and memory are handed in.
 */
#ifndef CMSGTRACE_STACK_UNWIND_SPACE_H
#define CMSGTRACE_STACK_UNWIND_SPACE_H

#include <libunwind.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/map.h"
#include "base/memory.h"
#include "stack/unwind-maps.h"

enum {
	WALK_FRAMES = 64,
	WALK_STACK = 64 * 1024, /* the most of a stack that is read as one snapshot */
	WALK_PAGE = 4096,
	WALK_READS = 384, /* noted of one walk */
};

/* One process. */
struct space {
	uint64_t generation;       /* counts changes of the code that is mapped */
	bool stale;                /* it may have mapped something since maps were read */
	int64_t read_at;           /* second in which they were read */
	unsigned int misses, wait; /* re-reading didn't help: wait that many walks */
	struct unwind_maps maps;
	unw_addr_space_t as; /* libunwind's rules per pc; NULL until a walk needs them */
	struct map pages;    /* page number -> page of file-backed, read-only memory */
};

/* The memory that a walk looked at, beside code and its tables.  n > WALK_READS: more than is noted, or unreadable. */
struct walk_reads {
	unsigned int n;
	struct iovec at[WALK_READS];
};

struct walk {
	int tid;
	struct space *space;
	const struct memory *mem;
	bool reread;           /* maps were read again in this walk */
	unsigned int accesses; /* by libunwind */
	bool no_cfi;           /* libunwind asked for a pc that has no call frame information */
	unsigned int switches; /* of stacks, by frame pointers */
	struct registers reg;
	uint64_t
		used; /* registers that it began with and needed, beside pc, sp and fp: a bit each */
	struct walk_reads *reads;

	unsigned char *stack; /* snapshot: got bytes from base on */
	uint64_t base;
	size_t got;
	bool stack_end;

	unsigned int n;
	struct stack_pc frame[WALK_FRAMES];
};

/* What it holds; zeroed it holds nothing yet. */
void space_free(struct space *s);
/* Its map is read, where that is called for; false where there is none: the process is gone. */
bool space_ready(struct space *s, int tid);

/* Notes that the walk needs a register. */
static inline void walk_used(struct walk *w, unsigned int reg)
{
	if (reg != arch_native->pc && reg != arch_native->sp && reg != arch_native->fp && reg < 64)
		w->used |= 1ULL << reg;
}

/* Notes a read of the stack or of data: what was found there decides what the walk finds. */
void walk_note(struct walk_reads *r, uint64_t addr, size_t len, bool ok);
/* len bytes at addr, all or none. */
bool walk_read(struct walk *w, uint64_t addr, void *to, size_t len);
bool walk_read_word(struct walk *w, uint64_t addr, uint64_t *v);
/* The mapping of code at pc; maps are read again where none is known. NULL: there is no code. */
const struct unwind_map *walk_code(struct walk *w, uint64_t pc);
/* The ELF image of the code at pc, and its mapping; NULL: there is none. */
struct unwind_image *walk_image(struct walk *w, uint64_t pc, const struct unwind_map **map);

#endif
