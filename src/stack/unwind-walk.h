/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a stack to addresses. */
#ifndef CMSGTRACE_STACK_UNWIND_WALK_H
#define CMSGTRACE_STACK_UNWIND_WALK_H

#include "stack/unwind-space.h"

/* From w->reg on: fills w->frame. */
void walk_run(struct walk *w);

#endif
