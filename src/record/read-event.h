/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From JSON objects of a recording to events, sockets and processes. */
#ifndef CMSGTRACE_RECORD_READ_EVENT_H
#define CMSGTRACE_RECORD_READ_EVENT_H

#include "base/json-read.h"
#include "event/event.h"

struct record_known { /* snapshots by number; see RECORD_REMEMBERED */
	struct sock *(*sock)(void *ctx, uint64_t id);
	struct proc *(*proc)(void *ctx, uint64_t id);
	void *ctx;
};

/* Fills ev, a new event; NULL, or what is wrong with the object. */
const char *record_event(struct event *ev, unsigned int kind, const struct jval *o,
			 const struct record_known *known);
struct sock *record_sock(struct arena *scratch, const struct jval *o);
struct proc *record_proc(struct arena *scratch, const struct jval *o);

#endif
