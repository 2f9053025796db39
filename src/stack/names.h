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

/* Fills ev->stack with n frames of the process that maps and mem are of.  c: its cache, zeroed at first. */
void names_put(struct map *c, struct unwind_maps *maps, const struct memory *mem,
	       const struct stack_pc *pc, unsigned int n, struct event *ev);
/* Adds source lines to ev->stack, which the last names_put() made, and inlined functions as frames of their own. */
void names_lines(const struct map *c, struct event *ev);
void names_clear(struct map *c);

#endif
