/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call frame information of i386 programs, which libunwind built for x86-64 can't take.  Evaluated with
 * elfutils; without it these programs are walked by frame pointers, and most keep none.
 */
#ifndef CMSGTRACE_STACK_UNWIND_DWARF_H
#define CMSGTRACE_STACK_UNWIND_DWARF_H

#include <stdbool.h>

#include "base/map.h"

struct walk;

enum dwarf_step {
	DWARF_NONE,  /* nothing is known of this pc */
	DWARF_STEP,  /* the walk's registers are the caller's now */
	DWARF_FIRST, /* this is the outermost frame */
};

/* Of a struct space: what was opened for its walks. */
void dwarf_files_close(struct map *files);

/* From the last frame to its caller; *exact: that one was interrupted by a signal. */
enum dwarf_step dwarf_step(struct walk *w, bool *exact);

#endif
