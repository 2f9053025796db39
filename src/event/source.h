/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where events come from, and who takes them.  A source pushes; the pipeline consumes.  For one call:
 *   enter()  at entry, where offered data is already read (sends); may be skipped by readers
 *   amend()  at entry of a send, the task stopped: what --try-fix will change of it; may be skipped
 *   judge()  at its end, the task still stopped: rules run, stacks can be taken
 *   emit()   after the task goes on: output.  Here the event is given away: the consumer frees it.
 * All other kinds of events go to emit() only.
 */
#ifndef CMSGTRACE_EVENT_SOURCE_H
#define CMSGTRACE_EVENT_SOURCE_H

#include "event/event.h"

struct consumer {
	void *ctx;
	void (*enter)(void *ctx, struct event *ev);
	void (*amend)(void *ctx, struct event *ev, const struct ask *ask); /* or NULL */
	void (*judge)(void *ctx, struct event *ev, const struct ask *ask);
	void (*emit)(void *ctx, struct event *ev, const struct ask *ask);
	void (*idle)(void *ctx);   /* the source is about to wait: flush */
	bool (*enough)(void *ctx); /* true: stop now (--max-events, --exit-on-first-error) */
};

/* One line for the user about an input, without newline: "FILE:12: error: …". */
typedef void reader_say(void *ctx, const char *text);

struct source {
	/* Runs to the end.  0, or a negative errno where it could not start or go on. */
	int (*run)(struct source *s, const struct consumer *c);
	void (*free)(struct source *s);
};

#endif
