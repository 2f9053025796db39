/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From addresses to names: module, function, source line.  Knows nothing of how the addresses were found.  A cache
 * is its owner's; what it holds points into the maps that it was used with: clear it before they change.
 */
#ifndef CMSGTRACE_STACK_NAMES_H
#define CMSGTRACE_STACK_NAMES_H

#include "base/map.h"
#include "event/event.h"
#include "stack/unwind-maps.h"

/* One process's; zeroed at first. */
struct names_cache {
	struct map places; /* pc * 2 + (the pc is exact) -> what is known of it */
	struct map images; /* image -> its symbols */
};

/* Fills ev->stack with n frames of the process that maps and mem are of. */
void names_put(struct names_cache *c, struct unwind_maps *maps, const struct memory *mem,
	       const struct stack_pc *pc, unsigned int n, struct event *ev);
/* Adds f's source line, looked up once for each place.  c may be NULL. */
void names_line(struct names_cache *c, struct event *ev, struct frame *f);
void names_clear(struct names_cache *c);

#endif
