/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events of messages that are made while their lines are gathered: what a line tells by itself.  Two threads share the
 * work so.  Who takes the batch adds task and socket, or reads the line again (read.c).
 */
#ifndef CMSGTRACE_STRACE_EARLY_H
#define CMSGTRACE_STRACE_EARLY_H

#include "event/event.h"
#include "strace/call.h"

struct strace_early {
	struct event
		ev; /* of a native task, without task and socket; what it points to is the batch's */
	uint64_t spent_ns; /* -T */
	const char *path;  /* what is between the brackets behind the descriptor, or NULL */
	size_t path_len;
};

/*
 * text: name_len bytes of call's name, "(", arguments, ")", result, NUL, in the batch's arena a, and as long as it.
 * values: for the tree, which nobody needs afterwards.  NULL: it is no call of a message, or not one that is all there.
 */
struct strace_early *strace_early(unsigned int call, const char *text, size_t name_len, size_t len,
				  struct arena *a, struct arena *values);

void strace_early_prefetch(const struct strace_early *e);

/* What it holds into a new event: valid as long as the batch. */
void strace_early_event(const struct strace_early *e, struct event *ev);

#endif
