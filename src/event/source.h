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

#include "base/arena.h"
#include "event/event.h"

/* Bytes between what two threads write, so that neither waits for the other's: two lines, which are fetched together. */
enum { CACHE_LINES = 128 };

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

/*
 * What a reader understood of some lines, and nobody took yet.  All of it, the reader's own items too, is the
 * arena's.
 */
struct batch_item {
	struct batch_item *next;
};

struct batch {
	struct arena arena;
	struct batch_item *first, *last;
	size_t bytes; /* of the lines */
	bool early; /* who takes it has more to do: what can be done when it is gathered is done then */
};

/* size bytes, zeroed, that begin with a struct batch_item; the last of the batch. */
void *batch_add(struct batch *b, size_t size);
/* May it take more lines? Few enough that what they became is still in the processor's cache when it is taken. */
bool batch_room(const struct batch *b);
void batch_reset(struct batch *b);
void batch_free(struct batch *b);

struct source {
	/* Runs to the end.  0, or a negative errno where it could not start or go on. */
	int (*run)(struct source *s, const struct consumer *c);
	void (*free)(struct source *s);
	/*
	 * Readers only, else NULL: run() in two halves that share nothing but the batch, so that one thread can
	 * read on while another judges.  gather() fills an empty batch, at least one line where one is left, and
	 * waits for no more than that; false: it was the last.
	 */
	bool (*gather)(struct source *s, struct batch *b);
	bool (*take)(struct source *s, struct batch *b,
		     const struct consumer *c); /* false: enough */
	/* After the last take(): what run() returns. whole: all was taken. */
	int (*finish)(struct source *s, bool whole);
};

/* run() of a source that has these halves, in one thread. */
int source_run(struct source *s, const struct consumer *c);

#endif
