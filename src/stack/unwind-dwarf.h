/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Call frame information that libunwind can't take: of 32-bit programs, where it is built for 64 bits, and without a
 * table to search in, as static programs have it. */
#ifndef CMSGTRACE_STACK_UNWIND_DWARF_H
#define CMSGTRACE_STACK_UNWIND_DWARF_H

#include "stack/unwind-space.h"

enum dwarf_step {
	DWARF_NONE,  /* nothing is known of this pc */
	DWARF_STEP,  /* the walk's registers are the caller's now */
	DWARF_FIRST, /* this is the outermost frame */
};

/* From the last frame to its caller; *exact: that one was interrupted by a signal. */
enum dwarf_step dwarf_step(struct walk *w, bool *exact);

#endif
