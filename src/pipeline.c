// SPDX-License-Identifier: LGPL-2.1-or-later
/* source -> derive -> check -> reports. */
#include "config.h"

#include "pipeline.h"

#include "cmsg/cmsg.h"

bool pipeline_add(struct pipeline *p, struct report *r)
{
	if (p->n == EVENT_REPORTS)
		return false;
	r->nth = p->n;
	p->reports[p->n++] = r;
	return true;
}

/* Some choices can only be made at a call's end: then a report must not hear of it before. */
static bool decided_at_end(const struct select *s)
{
	return s->status.given || s->cmsg.given || s->sock.given;
}

static void pipeline_enter(void *ctx, struct event *ev)
{
	struct pipeline *p = ctx;

	if (!ev->print || decided_at_end(p->select))
		return;
	for (unsigned int i = 0; i < p->n; i++) {
		struct report *r = p->reports[i];

		if (r->ops->everything || select_shows(p->select, ev))
			report_enter(r, ev);
	}
}

static void comment_packet(struct pipeline *p, const struct event *ev, const struct finding *f)
{
	const struct wire_fact *packet;
	struct buf text = { 0 };

	if (!p->comment || f->msg < 0 || (uint32_t)f->msg >= ev->nmsg)
		return;
	packet = &ev->msg[f->msg].wire;
	if (!packet->have)
		return;
	buf_printf(&text, "%s %s: %s", f->rule->id, severity_name(f->severity), f->message);
	p->comment(p->comment_ctx, packet, buf_cstr(&text));
	buf_free(&text);
}

/* What no source says and all after this read; only a recording's calls have their numbers. */
static void derive(struct pipeline *p, struct event *ev)
{
	if (!ev->no)
		ev->no = p->calls + 1;
	if (ev->no > p->calls)
		p->calls = ev->no;
	cmsg_walk_event(ev);
}

static void pipeline_amend(void *ctx, struct event *ev, const struct ask *ask)
{
	check_amend(((struct pipeline *)ctx)->check, ev, ask);
}

static void pipeline_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct pipeline *p = ctx;

	derive(p, ev);
	if (ev->end == CALL_RETURNED)
		p->messages += ev->nmsg;
	p->found = check_event(p->check, ev, ask);
	for (const struct finding *f = p->found; f; f = f->next) {
		if (p->stop_at >= 0 && (int)f->severity >= p->stop_at && !f->suppressed &&
		    !f->known)
			p->stop = true;
		comment_packet(p, ev, f);
	}
}

static void pipeline_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct pipeline *p = ctx;
	/* a finding is read under its call: that is shown even where it was not asked for */
	bool shown = p->found || select_shows(p->select, ev);

	if (p->found)
		ev->print = true;
	if (ev->kind != EVENT_CALL)
		check_ended(p->check, ev);
	for (unsigned int i = 0; i < p->n; i++) {
		struct report *r = p->reports[i];

		if (shown || r->ops->everything)
			report_event(r, ev, ask);
		for (const struct finding *f = p->found; f; f = f->next)
			report_finding(r, f);
	}
	p->found = NULL;
	event_free(ev);
}

static void pipeline_idle(void *ctx)
{
	struct pipeline *p = ctx;

	for (unsigned int i = 0; i < p->n; i++)
		report_idle(p->reports[i]);
}

static bool pipeline_enough(void *ctx)
{
	struct pipeline *p = ctx;

	return p->stop || (p->max_events && p->calls >= p->max_events);
}

struct consumer pipeline_consumer(struct pipeline *p)
{
	return (struct consumer){
		.ctx = p,
		.enter = pipeline_enter,
		.amend = pipeline_amend,
		.judge = pipeline_judge,
		.emit = pipeline_emit,
		.idle = pipeline_idle,
		.enough = pipeline_enough,
	};
}

void pipeline_end(struct pipeline *p, struct run_end *end)
{
	for (const struct finding *f = check_end(p->check); f; f = f->next) {
		for (unsigned int i = 0; i < p->n; i++)
			report_finding(p->reports[i], f);
	}
	end->events = p->calls;
	end->messages = p->messages;
	end->check = p->check;
	for (unsigned int i = 0; i < p->n; i++)
		report_end(p->reports[i], end);
}
