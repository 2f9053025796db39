/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From options to reports: which outputs a run has, each on its own stream. */
#ifndef CMSGTRACE_OUTPUTS_H
#define CMSGTRACE_OUTPUTS_H

#include "options.h"
#include "pipeline.h"

struct outputs;

/* Opens the streams, adds the reports to p and starts them.  NULL after complaining. */
struct outputs *outputs_open(const struct options *o, struct pipeline *p,
			     const struct run_info *info);

/* before is called before each write to a terminal. */
void outputs_before_terminal(struct outputs *x, void (*before)(void *ctx), void *ctx);

/* A child was reaped elsewhere: if it was the command of an output, its wait(2) status is kept. */
void outputs_child_ended(struct outputs *x, int pid, int status);

/*
 * Ends the run in all reports and closes everything.  0, or 125 where an output could not be written.
 * p NULL: nothing has run.
 */
int outputs_close(struct outputs *x, struct pipeline *p, struct run_end *end);

#endif
