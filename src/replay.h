/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --read: opens the files and hands them to the reader that knows them. */
#ifndef CMSGTRACE_REPLAY_H
#define CMSGTRACE_REPLAY_H

#include "event/source.h"
#include "options.h"
#include "outputs.h"
#include "report/report.h"

struct replay;

/*
 * Opens all files of --read and looks at how each begins.  A recording's own header replaces what info
 * says of tool, kernel, machine, argv and time.  NULL after complaining.
 */
struct replay *replay_open(const struct options *o, struct run_info *info);
/* Is the first of them a recording? */
bool replay_is_recording(const struct replay *r);
/*
 * Shows how far it is, where the files are large (or always) and standard error is a terminal.  p and x
 * are those that replay_run() will feed.
 */
void replay_progress(struct replay *r, bool always, const struct pipeline *p, struct outputs *x);
/*
 * Reads them one after the other. 0, or -EBADMSG where a part could not be read (already told).
 * SIGHUP, SIGINT, SIGQUIT and SIGTERM end it early.
 */
int replay_run(struct replay *r, const struct consumer *c);
/* The signal that ended it early, or 0. */
int replay_signal(const struct replay *r);
/* What the recordings say of their run's end, for a recording made of them. */
void replay_end(const struct replay *r, struct run_end *end);
void replay_free(struct replay *r);

#endif
