// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What rules keep: behind the engine's own entry of a socket or a peer, so that it is zeroed, bounded and
 * forgotten with that; of a process until its end.  Each rule gets its own part of it and no other.
 */
#include "config.h"

#include "base/alloc.h"
#include "check/internal.h"

static size_t aligned(size_t n)
{
	return (n + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
}

void state_init(struct check *c, size_t *sock, size_t *peer)
{
	*sock = *peer = 0;
	for (unsigned int i = 0; i < c->nslots; i++) {
		struct rule_slot *s = &c->slots[i];

		s->sock = *sock;
		s->peer = *peer;
		s->process = c->process_state;
		*sock += aligned(s->rule->sock_state);
		*peer += aligned(s->rule->peer_state);
		c->process_state += aligned(s->rule->process_state);
		if (s->rule->run_state)
			s->run = alloc_zeroed(1, s->rule->run_state);
	}
}

void state_free(struct check *c)
{
	map_free_values(&c->processes);
	for (unsigned int i = 0; i < c->nslots; i++)
		alloc_free(c->slots[i].run);
}

static void *in_sock(const struct check *c, struct convo_sock *s)
{
	return s ? (char *)(s + 1) + c->slot->sock : NULL;
}

void *rule_sock(struct check *c)
{
	return in_sock(c, check_sock(c));
}

void *rule_sock_known(struct check *c)
{
	return in_sock(c, check_sock_known(c));
}

void *rule_peer(struct check *c)
{
	struct convo *v = c->msg.convo;

	return v ? (char *)(v + 1) + c->slot->peer : NULL;
}

void *rule_process(struct check *c)
{
	uint64_t tgid = (uint32_t)c->msg.ev->tgid;
	char *p = map_get(&c->processes, tgid);

	if (!p) {
		if (c->processes.n >= PROCESSES_MAX) {
			rule_skipped(c, c->slot->rule, "too many processes to keep account of");
			return NULL;
		}
		p = alloc_zeroed(1, c->process_state);
		map_put(&c->processes, tgid, p);
	}
	return p + c->slot->process;
}

void *rule_process_of(struct check *c, const struct event *ev)
{
	char *p = map_get(&c->processes, (uint32_t)ev->tgid);

	return p ? p + c->slot->process : NULL;
}

void *rule_run(struct check *c)
{
	return c->slot->run;
}

void state_exited(struct check *c, const struct event *ev)
{
	void *p = map_get(&c->processes, (uint32_t)ev->tgid);

	if (!p)
		return;
	for (unsigned int i = 0; i < c->nslots; i++) {
		c->slot = &c->slots[i];
		if (c->slot->rule->exited)
			c->slot->rule->exited(c, c->slot->rule, ev);
	}
	map_remove(&c->processes, (uint32_t)ev->tgid);
	alloc_free(p);
}
