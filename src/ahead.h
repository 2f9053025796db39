/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reader's two halves in two threads: one reads a few batches ahead, the caller's judges and prints. */
#ifndef CMSGTRACE_AHEAD_H
#define CMSGTRACE_AHEAD_H

#include "event/source.h"

struct ahead;

/* CPUs that this process may use. */
unsigned int ahead_cpus(void);
/* Starts to read s, which is borrowed; NULL: there is no thread to be had, source_run() does the same. */
struct ahead *ahead_start(struct source *s);
/*
 * As s->run().  step is called now and then, in the caller's thread; where the consumer has enough,
 * stop() must make the input end, wherever its reader waits.  Frees a.
 */
int ahead_run(struct ahead *a, const struct consumer *c, void (*step)(void *ctx),
	      void (*stop)(void *ctx), void *ctx);
/* Ends it, whose input ends already, and frees it: nothing more is taken. */
void ahead_drop(struct ahead *a);

#endif
