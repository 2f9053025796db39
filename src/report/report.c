// SPDX-License-Identifier: LGPL-2.1-or-later
/* An output's hooks, each of which it may leave out. */
#include "config.h"

#include "report/report.h"

void report_start(struct report *r, const struct run_info *run)
{
	if (r->ops->start)
		r->ops->start(r, run);
}

void report_enter(struct report *r, struct event *ev)
{
	if (r->ops->enter)
		r->ops->enter(r, ev);
}

void report_event(struct report *r, struct event *ev, const struct ask *ask)
{
	if (r->ops->event)
		r->ops->event(r, ev, ask);
}

void report_finding(struct report *r, const struct finding *f)
{
	if (r->ops->finding)
		r->ops->finding(r, f);
}

void report_idle(struct report *r)
{
	if (r->ops->idle)
		r->ops->idle(r);
}

void report_end(struct report *r, const struct run_end *end)
{
	if (r->ops->end)
		r->ops->end(r, end);
}

void report_free(struct report *r)
{
	if (r)
		r->ops->free(r);
}
