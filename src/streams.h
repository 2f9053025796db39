/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens what reports write to: files, '|commands', one file a task (-ff).  Owns the streams. */
#ifndef CMSGTRACE_STREAMS_H
#define CMSGTRACE_STREAMS_H

#include <stdbool.h>

#include "report/stream.h"

struct streams;

struct streams *streams_new(void);

/*
 * A file, "|command", or "-" (standard output); NULL: standard error.  The same name gives the same
 * stream.  NULL after complaining.
 */
struct stream *streams_open(struct streams *s, const char *name, bool append);

/* before is called before each write to a terminal. */
void streams_before_terminal(struct streams *s, void (*before)(void *ctx), void *ctx);

/* NAME.TID; opened at first use.  Falls back to standard error after complaining once. */
struct stream *streams_open_task(struct streams *s, const char *name, int tid, bool append);

/* A child was reaped elsewhere: if it was a '|command', its wait(2) status is kept. */
void streams_child_ended(struct streams *s, int pid, int status);

/*
 * Flushes and closes all, waits for '|command' and says how it failed.  0, or -EIO where something could
 * not be written.
 */
int streams_close(struct streams *s);

#endif
