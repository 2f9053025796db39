// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sockets of a run in the order in which they are worth reading.  Pure. */
#include "config.h"

#include "report/socks.h"

#include <stdlib.h>

#include "base/alloc.h"

static uint64_t messages(const struct convo_sock *s)
{
	return s->tally.requests + s->tally.replies;
}

static bool has_findings(const struct convo_sock *s)
{
	for (unsigned int i = 0; i < TALLY_RULES; i++) {
		if (s->tally.rules[i].n)
			return true;
	}
	return s->tally.other_findings;
}

/* The key last, so that a run and its replay agree. */
static int compare(const void *a, const void *b)
{
	const struct convo_sock *s = *(const struct convo_sock *const *)a;
	const struct convo_sock *t = *(const struct convo_sock *const *)b;

	if (has_findings(s) != has_findings(t))
		return has_findings(s) ? -1 : 1;
	if (messages(s) != messages(t))
		return messages(s) > messages(t) ? -1 : 1;
	return (s->key > t->key) - (s->key < t->key);
}

struct socks socks_of(const struct check *c)
{
	const struct lru *all = &check_convos(c)->socks;
	struct socks out = { 0 };

	if (!all->n)
		return out;
	out.v = alloc_zeroed(all->n, sizeof(const struct convo_sock *));
	for (const struct convo_sock *s = lru_first(all); s; s = lru_next(all, s)) {
		if (!sock_kind_is_udp((enum sock_kind)s->kind))
			continue;
		if (messages(s) || has_findings(s))
			out.v[out.n++] = s;
		else if (s->ours)
			out.clients++;
	}
	qsort(out.v, out.n, sizeof(const struct convo_sock *), compare);
	return out;
}

void socks_free(struct socks *s)
{
	alloc_free(s->v);
	*s = (struct socks){ 0 };
}

unsigned int socks_order(const struct tally_addrs *t, unsigned int order[TALLY_ADDRS])
{
	unsigned int n = 0;

	for (; n < TALLY_ADDRS && t->v[n].addr.family; n++) {
		unsigned int at = n;

		for (; at && t->v[order[at - 1]].n < t->v[n].n; at--)
			order[at] = order[at - 1];
		order[at] = n;
	}
	return n;
}
