/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the unwinder: one walk over one stack, and what is kept of a process between walks.  A space is
 * owned by its unwinder; a walk lives on the caller's stack.
 */
#ifndef CMSGTRACE_STACK_UNWIND_WALK_H
#define CMSGTRACE_STACK_UNWIND_WALK_H

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
};

/* What is known of a program counter; strings belong to the space's maps and symbols. */
struct place {
	const char *module;
	uint64_t module_off;
	const char *function;
	uint64_t function_off;
	bool line_looked; /* the next two are known, as far as they can be */
	char *file;       /* owned, or NULL */
	uint32_t line;
};

/* One process. */
struct space {
	int tgid;
	bool stale;                /* it may have mapped something since maps were read */
	int64_t read_at;           /* second in which they were read */
	unsigned int misses, wait; /* re-reading didn't help: wait that many walks */
	struct unwind_maps maps;
	unw_addr_space_t as;
	struct map places; /* pc * 2 + (the pc is exact) -> struct place */
	struct map pages;  /* page number -> page of file-backed, read-only memory */
};

struct walk {
	int tid;
	struct space *space;
	const struct memory *mem;
	bool reread; /* maps were read again in this walk */
	bool no_cfi; /* libunwind asked for a pc that has no call frame information */
	struct registers reg;

	unsigned char *stack; /* snapshot: got bytes from base on */
	uint64_t base;
	size_t got;
	bool stack_end;

	unsigned int n;
	struct {
		uint64_t pc, sp;
		bool exact; /* pc is the instruction that runs next, not a return address */
	} frame[WALK_FRAMES];
};

extern unw_accessors_t unwind_accessors;

/* len bytes at addr, all or none. */
bool walk_read(struct walk *w, uint64_t addr, void *to, size_t len);
bool walk_read_word(struct walk *w, uint64_t addr, uint64_t *v);
/* The mapping of code at pc; maps are read again where none is known. NULL: there is no code. */
const struct unwind_map *walk_code(struct walk *w, uint64_t pc);
/* The call frame information for pc: the image that has it, or NULL. */
const struct unwind_image *walk_cfi(struct walk *w, uint64_t pc);

/* By call frame information, frame for frame from w->reg on. True: it ended for want of any at w->reg. */
bool walk_by_cfi(struct walk *w);
/* One step by frame pointer: true where w->reg is the caller's now. */
bool walk_by_fp(struct walk *w);
/* Notes the frame of w->reg; false where the walk ends. */
bool walk_add(struct walk *w, bool exact);

#endif
