/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From addresses to names: module, function, source line.  Knows nothing of how the addresses were found.  A cache
 * is its owner's; what it holds points into the maps that it was used with: clear it before they change.
 */
#ifndef CMSGTRACE_STACK_NAMES_H
#define CMSGTRACE_STACK_NAMES_H

#include "base/map.h"
#include "event/event.h"
#include "stack/jit.h"
#include "stack/python.h"
#include "stack/unwind-maps.h"

/* One process's; zeroed at first. */
struct names {
	struct map places; /* of program counters */
	struct jit jit;
	struct python_known python;
};

/* Fills ev->stack with n frames of the process that maps and mem are of. */
void names_put(struct names *c, struct unwind_maps *maps, const struct memory *mem,
	       const struct stack_pc *pc, unsigned int n, struct event *ev);
/* Adds source lines to ev->stack, which the last names_put() made, and inlined functions as frames of their own. */
void names_lines(const struct names *c, struct event *ev);
void names_clear(struct names *c);

/* The interpreter among those files: false where there is none that we know. */
bool names_python(struct unwind_maps *maps, int tid, const struct memory *mem,
		  struct python_chain *to);

#endif
