/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frames of Python's interpreter (CPython 3.11 to 3.13), read from its structures in a task's memory. */
#ifndef CMSGTRACE_STACK_PYTHON_H
#define CMSGTRACE_STACK_PYTHON_H

#include <stdbool.h>

#include "base/map.h"
#include "base/memory.h"
#include "event/event.h"

/* Addresses in the task of two of its symbols; 0: no such interpreter. */
struct python {
	uint64_t runtime; /* _PyRuntime */
	uint64_t version; /* Py_Version */
};

/* How a thread's frames hang together, for who copies them at the moment of a call: offsets, in bytes. */
struct python_chain {
	uint64_t interpreters; /* address of a pointer to the first interpreter */
	uint32_t next_interpreter,
		threads;    /* in it, of pointers to the next one, and to its first thread */
	uint32_t native_id; /* in a thread: its number in its pid namespace */
	uint32_t previous_thread, next,
		interpreter; /* … of pointers to those before and behind it, and to what it belongs to */
	uint32_t cframe;  /* in a thread, of a pointer to what holds current; 0: the thread does */
	uint32_t current; /* of a pointer to the innermost frame */
	uint32_t previous,
		frame_size; /* in a frame, of a pointer to the outer one; what is read of one */
};

/* False where it is no release that we know.  mem: as it is now. */
bool python_chain(const struct python *py, const struct memory *mem, struct python_chain *to);

/* What was found of instructions, for when the process is gone: their functions, files and lines; which thread of
 * the interpreter's a task was; and of which release it is. Zeroed at first. */
struct python_known {
	struct map lines, threads;
	unsigned int layout; /* + 1; 0: not known */
};

void python_forget(struct python_known *k);

/*
 * Fills up to max frames of task tid, innermost first, strings in a: function, file and line, the file as module.
 * last[i]: frame i is the first one that this call of the interpreter's loop runs.  How many there are; 0 where the
 * structures are not those that we know, or where mem is late and the frames were not taken.
 */
unsigned int python_frames(const struct python *py, struct python_known *known,
			   const struct memory *mem, int tid, struct arena *a, struct frame *frames,
			   bool *last, unsigned int max);

#endif
