// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sums for the summary.  What gives a datagram its source is what the kernel takes first: a control
 * message, the address bound or pinned by connect(), then the route (net/ipv4/udp.c udp_sendmsg(),
 * net/ipv6/udp.c udpv6_sendmsg()).  Only what is already known is counted: nothing is asked for it.
 */
#include "config.h"

#include "check/tally.h"

#include "kernel/model.h"

static void add(struct tally_addrs *t, const struct inet *addr)
{
	if (!addr->family) {
		t->unknown++;
		return;
	}
	for (unsigned int i = 0; i < TALLY_ADDRS; i++) {
		if (!t->v[i].addr.family) {
			t->v[i].addr = *addr;
			t->v[i].addr.port = 0;
		} else if (!inet_same_host(&t->v[i].addr, addr)) {
			continue;
		}
		t->v[i].n++;
		return;
	}
	t->others++;
}

void tally_saw(struct tally *t, const struct sock *s)
{
	if (!s || !addr_is_inet(&s->local) || !(s->has & SOCK_HAS_PEER) || s->peer.len)
		return;
	t->bound = addr_is_wildcard(&s->local) ? TALLY_BOUND_NOWHERE : TALLY_BOUND;
}

void tally_asked(struct tally *t, const struct inet *addr)
{
	t->requests++;
	add(&t->asked, addr);
}

void tally_asked_at(struct tally *t, const struct inet *addr)
{
	if (!t->asked.unknown)
		return;
	t->asked.unknown--;
	add(&t->asked, addr);
}

void tally_asked_elsewhere(struct tally *t, const struct inet *addr)
{
	add(&t->elsewhere, addr);
}

/* An IPv4 pktinfo without an address takes the socket's own away. */
static bool takes_own_away(const struct event *ev, const struct msg *m)
{
	struct addr dest;

	if (!m->outcome || !m->outcome->has_source_cmsg)
		return false;
	dest = model_dest(ev, m);
	return addr_is_v4(&dest);
}

static enum tally_by source_by(const struct tally *t, const struct event *ev, const struct msg *m)
{
	const struct sock *s = ev->sock;

	if (msg_was_changed(m) && m->tried.source.len)
		return TALLY_BY_CMSG;
	/* what can't be judged may have given it */
	if (m->in.controllen && (!m->outcome || !m->outcome->known))
		return TALLY_BY_UNKNOWN;
	if (m->outcome && m->outcome->source.len && !addr_is_wildcard(&m->outcome->source))
		return TALLY_BY_CMSG;
	if (!s)
		return TALLY_BY_UNKNOWN;
	if (takes_own_away(ev, m))
		return TALLY_BY_ROUTE;
	if (s->has & SOCK_HAS_PEER && s->peer.len) {
		if (t->bound == TALLY_BOUND_NOWHERE)
			return TALLY_BY_CONNECT;
		return t->bound == TALLY_BOUND ? TALLY_BY_BIND : TALLY_BY_UNKNOWN;
	}
	if (!addr_is_inet(&s->local))
		return TALLY_BY_UNKNOWN;
	/* to be bound to a group is to receive what is sent to it, and no source */
	if (addr_is_wildcard(&s->local) || addr_is_multicast(&s->local) ||
	    addr_is_broadcast(&s->local))
		return TALLY_BY_ROUTE;
	return TALLY_BY_BIND;
}

/* len 0: not known. */
static struct addr source_of(const struct sock *s, const struct msg *m, enum tally_by by)
{
	if (m->wire.have)
		return m->wire.local;
	switch (by) {
	case TALLY_BY_CMSG:
		return msg_was_changed(m) && m->tried.source.len ? m->tried.source
								 : m->outcome->source;
	case TALLY_BY_BIND:
	case TALLY_BY_CONNECT:
		return s->local;
	case TALLY_BY_ROUTE:
		if (m->route.have && !m->route.err)
			return m->route.source;
		break;
	default:
		break;
	}
	return addr_of(NULL, 0);
}

struct inet tally_source(const struct tally *t, const struct event *ev, const struct msg *m)
{
	struct addr from = source_of(ev->sock, m, source_by(t, ev, m));

	return inet_of(&from);
}

void tally_replied(struct tally *t, const struct event *ev, const struct msg *m)
{
	enum tally_by by = source_by(t, ev, m);
	struct addr from = source_of(ev->sock, m, by);
	struct inet source = inet_of(&from);

	t->replies++;
	t->by[by]++;
	add(&t->answered, &source);
}

void tally_found(struct tally *t, const struct rule *r, bool told)
{
	for (unsigned int i = 0; i < TALLY_RULES; i++) {
		if (!t->rules[i].rule && told)
			t->rules[i].rule = r;
		if (t->rules[i].rule != r)
			continue;
		t->rules[i].n += told ? 1 : (uint64_t)-1;
		return;
	}
	t->other_findings += told ? 1 : (uint64_t)-1;
}

const char *tally_by_name(enum tally_by by)
{
	static const char *const names[] = {
		[TALLY_BY_UNKNOWN] = "?",   [TALLY_BY_CMSG] = "cmsg",
		[TALLY_BY_BIND] = "bind",   [TALLY_BY_CONNECT] = "connect",
		[TALLY_BY_ROUTE] = "route",
	};

	return names[by];
}
