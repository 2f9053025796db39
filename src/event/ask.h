/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Remembers in the event what the live system answered, so that a recording can answer the same: the
 * rules ask through this and can't tell a replay from the run.
 */
#ifndef CMSGTRACE_EVENT_ASK_H
#define CMSGTRACE_EVENT_ASK_H

#include "event/event.h"

enum answer_kind { ANSWER_ROUTE, ANSWER_IS_LOCAL };

/* One question and its answer; in the event's arena. */
struct answer {
	struct answer *next;
	enum answer_kind kind;
	struct addr addr;
	uint32_t oif;            /* ANSWER_ROUTE */
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

/* Appends, so that answers keep their order. */
struct answer *event_add_answer(struct event *ev, const struct answer *a);

#endif
