// SPDX-License-Identifier: LGPL-2.1-or-later
/* Questions to the live system, remembered in the event. */
#include "config.h"

#include "event/ask.h"

#include <errno.h>

const char *const answer_kinds[ANSWER_KINDS] = {
	[ANSWER_ROUTE] = "route",           [ANSWER_IS_LOCAL] = "is_local",
	[ANSWER_FD_OPEN] = "fd_open",       [ANSWER_PID_EXISTS] = "pid_exists",
	[ANSWER_OPTMEM_MAX] = "optmem_max", [ANSWER_PEER_PASSCRED] = "peer_passcred",
};

struct answer *event_add_answer(struct event *ev, const struct answer *a)
{
	struct answer **end = &ev->answers;

	while (*end)
		end = &(*end)->next;
	*end = arena_memdup(&ev->arena, a, sizeof(*a));
	(*end)->next = NULL;
	return *end;
}

static const struct answer *answer_find(const struct event *ev, enum answer_kind kind,
					const struct addr *addr, uint32_t oif)
{
	for (const struct answer *a = ev->answers; a; a = a->next) {
		if (a->kind == kind && a->oif == oif && a->addr.len == addr->len &&
		    !memcmp(&a->addr.ss, &addr->ss, addr->len))
			return a;
	}
	return NULL;
}

/*
 * The hooks take a const event since they don't change what happened; what was answered is no part of
 * that, and the event is not in read-only memory.
 */
static struct event *event_mutable(const struct event *ev)
{
	return (struct event *)ev;
}

static int memo_route(void *ctx, const struct event *ev, const struct addr *dest, uint32_t oif,
		      struct route_fact *out)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;
	const struct answer *known = answer_find(ev, ANSWER_ROUTE, dest, oif);

	if (!known) {
		struct answer a = { .kind = ANSWER_ROUTE, .addr = *dest, .oif = oif };

		if (!live || !live->route)
			return -ENODATA;
		a.result = live->route(live->ctx, ev, dest, oif, &a.route);
		known = event_add_answer(event_mutable(ev), &a);
	}
	*out = known->route;
	return known->result;
}

static int memo_is_local(void *ctx, const struct event *ev, const struct addr *addr)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;
	const struct answer *known = answer_find(ev, ANSWER_IS_LOCAL, addr, 0);

	if (!known) {
		struct answer a = { .kind = ANSWER_IS_LOCAL, .addr = *addr };

		if (!live || !live->is_local)
			return -ENODATA;
		a.result = live->is_local(live->ctx, ev, addr);
		known = event_add_answer(event_mutable(ev), &a);
	}
	return known->result;
}

const struct answer *event_answer(const struct event *ev, enum answer_kind kind, int number)
{
	for (const struct answer *a = ev->answers; a; a = a->next) {
		if (a->kind == kind && a->number == number)
			return a;
	}
	return NULL;
}

/* Of the kinds that a number is asked about: live answers where the event does not. */
static int memo_number(const struct event *ev, enum answer_kind kind, int number,
		       int (*live)(void *, const struct event *, int), void *ctx)
{
	const struct answer *known = event_answer(ev, kind, number);
	struct answer a = { .kind = kind, .number = number };

	if (known)
		return known->result;
	if (!live)
		return -ENODATA;
	a.result = live(ctx, ev, number);
	return event_add_answer(event_mutable(ev), &a)->result;
}

static int memo_fd_open(void *ctx, const struct event *ev, int fd)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return memo_number(ev, ANSWER_FD_OPEN, fd, live ? live->fd_open : NULL,
			   live ? live->ctx : NULL);
}

static int memo_pid_exists(void *ctx, const struct event *ev, int pid)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return memo_number(ev, ANSWER_PID_EXISTS, pid, live ? live->pid_exists : NULL,
			   live ? live->ctx : NULL);
}

/* Of the kinds that are about the event as a whole. */
static int memo_plain(const struct event *ev, enum answer_kind kind,
		      int (*live)(void *, const struct event *), void *ctx)
{
	const struct answer *known = event_answer(ev, kind, 0);
	struct answer a = { .kind = kind };

	if (known)
		return known->result;
	if (!live)
		return -ENODATA;
	a.result = live(ctx, ev);
	return event_add_answer(event_mutable(ev), &a)->result;
}

static int memo_optmem_max(void *ctx, const struct event *ev)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return memo_plain(ev, ANSWER_OPTMEM_MAX, live ? live->optmem_max : NULL,
			  live ? live->ctx : NULL);
}

static int memo_peer_passcred(void *ctx, const struct event *ev)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return memo_plain(ev, ANSWER_PEER_PASSCRED, live ? live->peer_passcred : NULL,
			  live ? live->ctx : NULL);
}

/* event_ifname() looks at the event first and keeps what it gets: nothing to remember here. */
static const char *memo_ifname(void *ctx, const struct event *ev, uint32_t index)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return live && live->ifname ? live->ifname(live->ctx, ev, index) : NULL;
}

static int memo_stack(void *ctx, struct event *ev)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	return live->stack(live->ctx, ev);
}

static void memo_lines(void *ctx, struct event *ev)
{
	const struct ask *live = ((struct ask_memo *)ctx)->live;

	live->lines(live->ctx, ev);
}

void ask_memo_init(struct ask_memo *m, const struct ask *live)
{
	m->live = live;
	m->ask = (struct ask){
		.ctx = m,
		.ifname = memo_ifname,
		.route = memo_route,
		.is_local = memo_is_local,
		.fd_open = memo_fd_open,
		.pid_exists = memo_pid_exists,
		.optmem_max = memo_optmem_max,
		.peer_passcred = memo_peer_passcred,
		.stack = live && live->stack ? memo_stack : NULL,
		.lines = live && live->lines ? memo_lines : NULL,
	};
}
