/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frames of Python's interpreter (CPython 3.11 to 3.13), read from its structures in a task's memory. */
#ifndef CMSGTRACE_STACK_PYTHON_H
#define CMSGTRACE_STACK_PYTHON_H

#include "base/memory.h"
#include "event/event.h"

/* Addresses in the task of two of its symbols; 0: no such interpreter. */
struct python {
	uint64_t runtime; /* _PyRuntime */
	uint64_t version; /* Py_Version */
};

/*
 * Fills up to max frames of task tid, innermost first, strings in a: function, file and line, the file as module.
 * last[i]: frame i is the first one that this call of the interpreter's loop runs.  How many there are; 0 where the
 * structures are not those that we know.
 */
unsigned int python_frames(const struct python *py, const struct memory *mem, int tid,
			   struct arena *a, struct frame *frames, bool *last, unsigned int max);

#endif
