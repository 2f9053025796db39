/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Remembers in the event what the live system answered, so that a recording can answer the same: the
 * rules ask through this and can't tell a replay from the run.
 */
#ifndef CMSGTRACE_EVENT_ASK_H
#define CMSGTRACE_EVENT_ASK_H

#include "event/event.h"

enum answer_kind {
	ANSWER_ROUTE,
	ANSWER_IS_LOCAL,
	ANSWER_FD_OPEN,
	ANSWER_PID_EXISTS,
	ANSWER_OPTMEM_MAX,
	ANSWER_PEER_PASSCRED,
	ANSWER_KINDS,
};

extern const char *const answer_kinds[ANSWER_KINDS]; /* as recordings name them */

/* One question and its answer; in the event's arena. */
struct answer {
	struct answer *next;
	enum answer_kind kind;
	struct addr addr;        /* ANSWER_ROUTE, ANSWER_IS_LOCAL */
	uint32_t oif;            /* ANSWER_ROUTE */
	int number;              /* ANSWER_FD_OPEN, ANSWER_PID_EXISTS: which one */
	int result;              /* as the function returned it */
	struct route_fact route; /* ANSWER_ROUTE, where result is 0 */
};

struct ask_memo {
	struct ask ask; /* give &memo.ask away */
	const struct ask *live;
};

/*
 * live NULL (or a member of it): only what the event holds is answered, all else is -ENODATA.  stack
 * stays NULL where live has none.
 */
void ask_memo_init(struct ask_memo *m, const struct ask *live);

/* The answer in ev, if it was asked so: else NULL. */
const struct answer *event_answer(const struct event *ev, enum answer_kind kind, int number);

/* Appends, so that answers keep their order. */
struct answer *event_add_answer(struct event *ev, const struct answer *a);

#endif
