/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What becomes of descriptors that a process received: closed, used, or neither by its end.  Only
 * the calls themselves tell that.  Where each call stops anyway they are looked at for nothing; with a
 * seccomp filter a process that received some stops at each call for a while: until all of them were used
 * or closed, or its budget is gone, and then nothing is said of the rest.
 */
#ifndef CMSGTRACE_LIVE_RECEIVED_H
#define CMSGTRACE_LIVE_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "event/event.h"

struct received; /* of one process; NULL: it received none */

/*
 * ev is a call of that process that ended and was judged: takes what it received, marks what it sends on.
 * watched: each call of each of its tasks can be seen from here on.
 */
void received_call(struct received **r, const struct event *ev, bool watched);
/* A task of it, whose memory is mem, enters a call.  Counts against the budget where that stop was made for it (paid). */
void received_entry(struct received *r, const struct memory *mem, const char *name,
		    const uint64_t *args, bool paid);
/* Are there some that nobody used or closed yet, and calls left in the budget? */
bool received_watch(const struct received *r);
/* It made a child, which has them too. */
void received_shared(struct received *r);
/*
 * Task tid of it executed another program: what is marked close-on-exec is closed, and what is not must be used or
 * closed by that one.
 */
void received_executed(struct received *r, int tid);
/* It is gone. */
void received_forget(struct received **r);
/* The process ended: ev says so, and takes what is left. */
void received_left(const struct received *r, struct event *ev);

#endif
