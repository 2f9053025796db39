// SPDX-License-Identifier: LGPL-2.1-or-later
/* Questions to the live system, remembered in the event. */
#include "config.h"

#include "event/ask.h"

#include <errno.h>

const char *const question_kinds[ASK_KINDS] = {
	[ASK_ROUTE] = "route",
	[ASK_IS_LOCAL] = "is_local",
	[ASK_FD_OPEN] = "fd_open",
	[ASK_PID_EXISTS] = "pid_exists",
	[ASK_OPTMEM_MAX] = "optmem_max",
	[ASK_PEER_PASSCRED] = "peer_passcred",
	[ASK_UNIX_PEER] = "unix_peer",
	[ASK_IFNAME] = "ifname",
	[ASK_NOFILE] = "nofile",
	[ASK_FDS_BELOW] = "fds_below",
	[ASK_MEMLOCK] = "memlock",
	[ASK_UNIX_WAITS] = "unix_waits",
	[ASK_KEEPS_TXTIME] = "keeps_txtime",
	[ASK_SOURCE6] = "source6",
	[ASK_UID_MAPPED] = "uid_mapped",
	[ASK_GID_MAPPED] = "gid_mapped",
	[ASK_PEER_PASSRIGHTS] = "peer_passrights",
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

static bool same_bytes(const struct addr *a, const struct addr *b)
{
	return a->len == b->len && !memcmp(&a->ss, &b->ss, a->len);
}

static bool same_flow(const struct flow *a, const struct flow *b)
{
	return same_bytes(&a->source, &b->source) && a->oif == b->oif &&
	       a->oif_unknown == b->oif_unknown && a->mark == b->mark && a->uid == b->uid &&
	       a->tos == b->tos && a->protocol == b->protocol;
}

/* An older recording holds no flow: its answer is taken for any. */
static bool same_question(const struct question *known, const struct question *q)
{
	return known->kind == q->kind && known->number == q->number && known->oif == q->oif &&
	       same_bytes(&known->addr, &q->addr) &&
	       (!known->flow.have || same_flow(&known->flow, &q->flow));
}

const struct answer *event_answer(const struct event *ev, const struct question *q)
{
	for (const struct answer *a = ev->answers; a; a = a->next) {
		if (same_question(&a->question, q))
			return a;
	}
	return NULL;
}

static bool asked(const struct event *ev, const struct ask *ask, const struct question *q,
		  struct answer *a)
{
	return ask->answer && ask->answer(ask->ctx, ev, q, a);
}

const struct answer *event_ask(struct event *ev, const struct ask *ask, const struct question *q)
{
	const struct answer *known = event_answer(ev, q);

	if (known || !ask)
		return known;

	struct answer a = { .question = *q };

	return asked(ev, ask, q, &a) ? event_add_answer(ev, &a) : NULL;
}

int event_ask_result(struct event *ev, const struct ask *ask, const struct question *q)
{
	const struct answer *a = event_ask(ev, ask, q);

	return a ? a->result : -ENODATA;
}

/* Names have a list of their own in the event, which readers of logs fill too. */
const char *event_ifname(struct event *ev, const struct ask *ask, uint32_t index)
{
	for (const struct ifname *n = ev->ifnames; n; n = n->next) {
		if (n->index == index)
			return n->name;
	}

	if (!ask)
		return NULL;

	const struct question q = { .kind = ASK_IFNAME, .number = index };
	struct answer a = { .question = q };

	if (!asked(ev, ask, &q, &a) || a.result < 0)
		return NULL;
	event_add_ifname(ev, index, a.name);
	return ev->ifnames->name;
}
