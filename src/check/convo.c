// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Conversations: learns from receives who asked which local address.  The kernel gives that address in
 * IP_PKTINFO's ipi_addr, IPV6_PKTINFO and the ORIGDSTADDR messages (net/ipv4/ip_sockglue.c
 * ip_cmsg_recv_pktinfo(), net/ipv6/datagram.c ip6_datagram_recv_common_ctl()).
 */
#include "config.h"

#include "check/convo.h"

#include <string.h>

#include "cmsg/cmsg.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* Answers to a broadcast or multicast question come within this time. */
enum { ANSWER_S = 10, PRIVILEGED_PORTS = 1024 };
#define ANSWER_NS (ANSWER_S * UINT64_C(1000000000))

void convo_table_init(struct convo_table *t, size_t sock_state, size_t peer_state)
{
	lru_init(&t->convos, sizeof(struct convo) + peer_state, CONVO_MAX);
	lru_init(&t->socks, sizeof(struct convo_sock) + sock_state, CONVO_SOCKS_MAX);
	lru_init(&t->peers, sizeof(struct convo_peer), CONVO_PEERS_MAX);
}

void convo_table_free(struct convo_table *t)
{
	lru_free(&t->convos);
	lru_free(&t->socks);
	lru_free(&t->peers);
}

uint64_t convo_sock_key(const struct event *ev)
{
	if (ev->sock && (ev->sock->has & SOCK_HAS_COOKIE))
		return ev->sock->cookie;
	/* cookies count up from 1: the top bit keeps the two apart */
	return 1ULL << 63 | (uint64_t)(uint32_t)ev->tgid << 31 | (uint32_t)(ev->fd & 0x7fffffff);
}

struct convo_sock *convo_sock_find(struct convo_table *t, const struct event *ev)
{
	return lru_get(&t->socks, convo_sock_key(ev));
}

struct convo_sock *convo_sock_get(struct convo_table *t, const struct event *ev)
{
	uint64_t key = convo_sock_key(ev);
	struct convo_sock *s = lru_get(&t->socks, key);

	if (!s) {
		s = lru_add(&t->socks, key);
		s->key = key;
	}
	s->tgid = ev->tgid;
	memcpy(s->comm, ev->comm, sizeof(s->comm));
	s->fd = ev->fd;
	if (!ev->sock)
		return s;
	s->has_cookie = ev->sock->has & SOCK_HAS_COOKIE;
	s->kind = (uint8_t)sock_kind(ev->sock);
	s->local = inet_of(&ev->sock->local);
	if (addr_is_wildcard(&ev->sock->local))
		s->was_wildcard = true;
	tally_saw(&s->tally, ev->sock);
	return s;
}

/* UDP_CORK: off sends what waits; where it goes on, nothing does that we saw. */
static void convo_corked(struct convo_sock *s, const struct event *ev)
{
	int32_t v;

	if (ev->call != CALL_SETSOCKOPT || ev->result || ev->args[1] != L_UDP ||
	    ev->args[2] != O_UDP_CORK || !ev->opt.p || ev->opt.len < sizeof(v))
		return;
	memcpy(&v, ev->opt.p, sizeof(v));
	if (!v || s->pending == PENDING_UNKNOWN)
		s->pending = PENDING_NO;
}

/* The facts of a bind() may be those of before it: what it was given counts. */
static void convo_bound(struct convo_sock *s, const struct event *ev)
{
	struct addr a = addr_of(ev->opt.p, ev->opt.len);

	if (ev->call != CALL_BIND || ev->result || !addr_is_inet(&a))
		return;
	s->bound = true;
	s->bound_port = inet_of(&a).port;
	if (addr_is_wildcard(&a))
		return;
	s->was_wildcard = false;
	s->tally.bound = TALLY_BOUND;
}

void convo_changed(struct convo_table *t, const struct event *ev)
{
	struct convo_sock *s;

	if (!ev->sock || !sock_kind_is_udp(sock_kind(ev->sock)))
		return;
	s = convo_sock_get(t, ev);
	convo_corked(s, ev);
	convo_bound(s, ev);
}

enum model_pending convo_pending(struct convo_table *t, const struct event *ev)
{
	const struct convo_sock *s =
		sock_kind_is_udp(sock_kind(ev->sock)) ? convo_sock_find(t, ev) : NULL;

	return s ? (enum model_pending)s->pending : PENDING_UNKNOWN;
}

void convo_sent(struct convo_table *t, const struct event *ev, bool taken)
{
	bool waits = (ev->flags & F_MORE) || sock_opt(ev->sock, OPT_UDP_CORK);
	struct convo_sock *s = waits ? convo_sock_get(t, ev) : convo_sock_find(t, ev);

	if (!s)
		return;
	if (taken)
		s->pending = waits ? PENDING_YES : PENDING_NO;
	else if (s->pending == PENDING_YES)
		s->pending = PENDING_UNKNOWN; /* some errors throw away what waited */
}

static uint64_t convo_key(uint64_t sock, const struct inet *peer)
{
	uint64_t w[3], h = sock * 0x9e3779b97f4a7c15ULL;

	memcpy(w, peer, sizeof(w));
	for (unsigned int i = 0; i < 3; i++) {
		h = (h ^ w[i]) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return h;
}

static struct convo *convo_lookup(struct convo_table *t, uint64_t sock, const struct inet *peer)
{
	struct convo *v = lru_get(&t->convos, convo_key(sock, peer));

	if (v && (v->key != sock || memcmp(&v->peer, peer, sizeof(*peer))))
		return NULL; /* two that share a hash: the first keeps it */
	return v;
}

static uint64_t event_netns(const struct event *ev)
{
	return ev->sock && (ev->sock->has & SOCK_HAS_NETNS) ? ev->sock->netns : 0;
}

static bool same_peer(const struct convo_peer *p, uint64_t netns, const struct inet *peer)
{
	return p->netns == netns && !memcmp(&p->peer, peer, sizeof(*peer));
}

const struct convo_peer *convo_elsewhere(struct convo_table *t, const struct event *ev,
					 const struct addr *peer)
{
	enum { RECENT_S = 60 };
	const struct convo_sock *s;
	const struct convo_peer *p;
	struct inet i = inet_of(peer);
	uint64_t netns = event_netns(ev);

	/* a server's own port: symmetric protocols (NTP, IKE) ask each other */
	if (!i.family || !t->peers.n || i.port < PRIVILEGED_PORTS)
		return NULL;
	p = lru_get(&t->peers, convo_key(netns, &i));
	if (!p || !same_peer(p, netns, &i) || p->sock == convo_sock_key(ev))
		return NULL;
	if (p->told && p->asked.indirect)
		return NULL;
	if (p->enter_ns && ev->enter_ns > p->enter_ns + RECENT_S * 1000000000ULL)
		return NULL;
	/* it may have asked this one too, and been forgotten */
	s = lru_peek(&t->socks, convo_sock_key(ev));
	return s && s->forgotten ? NULL : p;
}

bool convo_peer_waits(struct convo_table *t, const struct convo_peer *p)
{
	const struct convo *v = convo_lookup(t, p->sock, &p->peer);

	return v && !convo_ours(v) && !v->replies;
}

static void note_peer(struct convo_table *t, const struct event *ev, const struct convo *v,
		      const struct asked *a)
{
	uint64_t netns = event_netns(ev), key = convo_key(netns, &v->peer);
	struct convo_peer *p = lru_get(&t->peers, key);

	if (!p)
		p = lru_add(&t->peers, key);
	else if (p->sock == v->key && same_peer(p, netns, &v->peer) &&
		 !memcmp(&p->asked, a, sizeof(*a)))
		return;
	*p = (struct convo_peer){
		.netns = netns,
		.peer = v->peer,
		.sock = v->key,
		.asked = *a,
		.told = a->local.family,
		.enter_ns = ev->exit_ns,
	};
}

/* 64 bits at a time; only equality of what lay in one buffer hangs on it. */
uint64_t convo_control_hash(const struct bytes *control)
{
	uint64_t h = control->len, w;
	size_t i = 0;

	for (; i + 8 <= control->len; i += 8) {
		memcpy(&w, control->p + i, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	for (; i < control->len; i++)
		h = (h ^ control->p[i]) * 0x100000001b3ULL;
	return h;
}

struct convo *convo_find(struct convo_table *t, const struct event *ev, const struct addr *peer)
{
	if (!t->convos.n)
		return NULL;

	struct inet i = inet_of(peer);

	return i.family ? convo_lookup(t, convo_sock_key(ev), &i) : NULL;
}

const struct convo_sock *convo_peek_sock(const struct convo_table *t, const struct event *ev)
{
	return lru_peek(&t->socks, convo_sock_key(ev));
}

const struct convo *convo_peek(const struct convo_table *t, const struct event *ev,
			       const struct inet *peer)
{
	uint64_t sock = convo_sock_key(ev);
	const struct convo *v = lru_peek(&t->convos, convo_key(sock, peer));

	return v && v->key == sock && !memcmp(&v->peer, peer, sizeof(*peer)) ? v : NULL;
}

static bool control_asked(const struct cmsg *c, struct asked *a)
{
	struct addr addr;
	uint32_t ifindex = 0;

	if (c->level == L_IP && c->type == T_IP_PKTINFO && c->data_len >= PKTINFO_SIZE) {
		memcpy(&ifindex, c->data, 4);
		addr = addr_of_in(c->data + 8, 0);
		/* spec_dst is the address to answer from: it differs for broadcast and multicast */
		if (memcmp(c->data + 4, c->data + 8, 4) && memcmp(c->data + 4, "\0\0\0\0", 4))
			a->indirect = true;
	} else if (c->level == L_IPV6 && c->data_len >= PKTINFO6_SIZE &&
		   (c->type == T_IPV6_PKTINFO || c->type == T_IPV6_2292PKTINFO)) {
		memcpy(&ifindex, c->data + 16, 4);
		addr = addr_of_in6(c->data, 0, ifindex);
	} else if (c->level == L_IP && c->type == T_IP_ORIGDSTADDR && c->data_len >= 16) {
		addr = addr_of(c->data, 16);
	} else if (c->level == L_IPV6 && c->type == T_IPV6_ORIGDSTADDR && c->data_len >= 28) {
		addr = addr_of(c->data, 28);
	} else {
		return false;
	}
	if (addr_is_wildcard(&addr) || !addr_is_inet(&addr))
		return false;
	if (addr_is_multicast(&addr) || addr_is_broadcast(&addr))
		a->indirect = true;
	a->local = inet_of(&addr);
	a->local.port = 0;
	if (ifindex)
		a->ifindex = ifindex;
	a->by_cmsg = true;
	return true;
}

struct asked convo_learn_asked(const struct event *ev, const struct msg *m)
{
	struct asked a = { .event = ev->no, .call = (uint8_t)ev->call };

	for (uint32_t i = 0; i < m->ncmsg; i++)
		control_asked(&m->cmsg[i], &a);
	if (!a.local.family && ev->sock && addr_is_inet(&ev->sock->local) &&
	    !addr_is_wildcard(&ev->sock->local)) {
		a.local = inet_of(&ev->sock->local);
		a.local.port = 0;
		a.indirect =
			addr_is_multicast(&ev->sock->local) || addr_is_broadcast(&ev->sock->local);
	}
	if (!a.local.family && m->wire.have) {
		a.local = inet_of(&m->wire.local);
		a.local.port = 0;
		a.indirect = addr_is_multicast(&m->wire.local) || addr_is_broadcast(&m->wire.local);
		a.by_wire = true;
	}

	struct inet seen = inet_of(&m->wire.local);

	a.on_wire = m->wire.have && inet_same_host(&seen, &a.local);
	if (a.on_wire) {
		a.packet = m->wire.packet;
		a.capture = m->wire.capture;
	}
	return a;
}

/* A control message told the address, and its payload is not known. */
bool convo_unseen_asked(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];

		if (!(c->faults & CMSG_FAULT_NOT_READ))
			continue;
		if ((c->level == L_IP &&
		     (c->type == T_IP_PKTINFO || c->type == T_IP_ORIGDSTADDR)) ||
		    (c->level == L_IPV6 &&
		     (c->type == T_IPV6_PKTINFO || c->type == T_IPV6_2292PKTINFO ||
		      c->type == T_IPV6_ORIGDSTADDR)))
			return true;
	}
	return false;
}

/* Puts a first; the same address, or else the oldest, makes room. */
static void convo_push_asked(struct convo *v, const struct asked *a)
{
	unsigned int i = 0;

	while (i < CONVO_ASKED - 1 && v->asked[i].local.family &&
	       !inet_same_host(&v->asked[i].local, &a->local))
		i++;
	memmove(&v->asked[1], &v->asked[0], i * sizeof(v->asked[0]));
	v->asked[0] = *a;
}

struct inet convo_sender(const struct event *ev, const struct msg *m)
{
	struct addr from = addr_of(m->out.name.p, m->out.name.len);

	if ((ev->flags & F_ERRQUEUE) || (m->out.flags & F_ERRQUEUE))
		return (struct inet){ 0 };
	if ((!m->out.name.p || !m->out.name.len) && ev->sock && (ev->sock->has & SOCK_HAS_PEER))
		from = ev->sock->peer;
	return inet_of(&from);
}

/* The conversation that has to go before another one fits is missed by its socket. */
static void forget_oldest(struct convo_table *t)
{
	const struct convo *v = lru_victim(&t->convos);
	struct convo_sock *s = v ? lru_peek(&t->socks, v->key) : NULL;

	if (s)
		s->forgotten++;
}

/* NULL where another conversation has the same hash: the first keeps it. */
static struct convo *convo_add(struct convo_table *t, struct convo_sock *s, const struct inet *peer)
{
	uint64_t key = convo_key(s->key, peer);

	if (lru_get(&t->convos, key))
		return NULL;
	forget_oldest(t);

	struct convo *v = lru_add(&t->convos, key);

	v->key = s->key;
	v->peer = *peer;
	return v;
}

/* Is this conversation one of requests to us and our replies? */
static bool is_counted(const struct convo *v)
{
	return !v->ours || v->elsewhere;
}

/* A subnet's broadcast address can't be told from a host's: it mostly ends so. */
static bool is_for_many(const struct event *ev, const struct addr *dest, const struct inet *peer)
{
	if (addr_is_multicast(dest) || addr_is_broadcast(dest))
		return true;
	return peer->family == AF_INET && peer->a[3] == 255 && ev->sock &&
	       sock_opt(ev->sock, OPT_SO_BROADCAST);
}

static void note_began(struct convo_sock *s, const struct event *ev, const struct addr *dest,
		       const struct inet *peer)
{
	s->began = *peer;
	s->began_all = is_for_many(ev, dest, peer);
	s->began_ns = ev->enter_ns;
}

/*
 * Does peer, of whom we didn't know, answer what this client's socket asked?  One that was never bound is a
 * client's: nobody else knows its port.  A group's members answer from the port that they were asked at,
 * and a host from another one than that where the protocol says so (TFTP), to a port that was the
 * kernel's choice.
 */
static bool answers_began(const struct convo_sock *s, const struct event *ev,
			  const struct inet *peer)
{
	bool recent = ev->enter_ns <= s->began_ns + ANSWER_NS;

	if (!s->began.family)
		return false;
	if (s->began_all)
		return recent && (!s->bound || peer->port == s->began.port);
	return inet_same_host(&s->began, peer) && (!s->bound || (recent && !s->bound_port));
}

void convo_began(struct convo_table *t, const struct event *ev, const struct msg *m,
		 const struct addr *dest)
{
	struct inet peer = inet_of(dest);
	const struct convo_peer *p;
	struct convo_sock *s;
	struct convo *v;

	if (!peer.family)
		return;
	s = convo_sock_get(t, ev);
	v = convo_add(t, s, &peer);
	if (!v)
		return;
	s->nameless_waits = false;
	v->wrote = tally_source(&s->tally, ev, m);
	/* a server's socket that never began one answers somebody who was forgotten */
	v->doubt = s->forgotten && !s->ours;
	v->ours = !v->doubt;
	s->ours += v->ours;
	p = convo_elsewhere(t, ev, dest);
	v->elsewhere = p != NULL;
	/* a socket whose first act is to write is a client's */
	if (v->ours && !v->elsewhere && (!s->tally.peers || s->began.family))
		note_began(s, ev, dest, &peer);
	if (!is_counted(v))
		return;
	if (p) {
		s->tally.peers++;
		tally_asked_elsewhere(&s->tally, &p->asked.local);
	}
	tally_replied(&s->tally, ev, m);
}

/*
 * What answers us was sent to where we wrote from.  So asked, told by a control message or a packet, is
 * another address only where the peer has it from elsewhere, and asks.
 */
static bool is_asking(const struct asked *a, const struct inet *wrote)
{
	return (a->by_cmsg || a->by_wire) && !a->indirect && wrote->family &&
	       !inet_same_host(&a->local, wrote);
}

/* Who asks now, and may have been here before. */
static struct convo *convo_asked_first(struct convo_table *t, const struct event *ev,
				       struct convo_sock *s, const struct inet *peer,
				       const struct asked *a, const struct inet *from)
{
	struct convo *v = convo_add(t, s, peer);

	if (!v)
		return NULL;
	if (answers_began(s, ev, peer) && !is_asking(a, from)) {
		v->ours = true;
		v->guessed = s->bound; /* else a client's without doubt */
		s->ours++;
		v->wrote = *from;
		return v;
	}
	v->doubt = s->forgotten && s->ours;
	s->tally.peers++;
	return v;
}

/* Whom we wrote to first asks us now. */
static void convo_turned(struct convo_sock *s, struct convo *v, const struct asked *a,
			 const struct inet *from)
{
	if (!v->wrote.family)
		v->wrote = *from;
	if (!v->ours || v->elsewhere || !is_asking(a, &v->wrote))
		return;
	v->ours = false;
	s->ours--;
	s->tally.peers++;
}

/* What the control data told of the last request. */
static void convo_learn(struct convo *v, const struct event *ev, const struct msg *m,
			const struct asked *a)
{
	v->unknown_asked = !a->local.family;
	v->unseen_asked = v->unknown_asked && convo_unseen_asked(m);
	if (a->local.family)
		convo_push_asked(v, a);
	v->last_event = ev->no;
	v->last_call = (uint8_t)ev->call;
	v->control_ptr = m->ncmsg ? m->out.control_ptr : 0;
	if (m->ncmsg)
		v->control_hash = convo_control_hash(&m->out.control);
}

/* What MSG_PEEK showed comes again: that may tell more of it. */
static void convo_seen_again(struct convo_sock *s, struct convo *v, const struct event *ev,
			     const struct msg *m, const struct asked *a)
{
	v->peeked = ev->flags & F_PEEK;
	v->last_call = (uint8_t)ev->call;
	if (!a->local.family)
		return;
	if (v->unknown_asked && is_counted(v))
		tally_asked_at(&s->tally, &a->local);
	if (v->unanswered <= 1)
		v->mixed = false;
	convo_learn(v, ev, m, a);
}

/* Nobody asked for the sender's name.  What a client gets are answers. */
static void convo_nameless(struct convo_sock *s, const struct event *ev, const struct msg *m)
{
	if ((ev->flags & (F_PEEK | F_ERRQUEUE)) || (m->out.flags & F_ERRQUEUE) || s->ours ||
	    !ev->sock || !(ev->sock->has & SOCK_HAS_PEER) || ev->sock->peer.len)
		return;
	s->nameless = convo_learn_asked(ev, m);
	s->nameless_waits = true;
	s->tally.nameless++;
	tally_asked(&s->tally, &s->nameless.local);
}

struct convo *convo_of_nameless(struct convo_table *t, const struct event *ev,
				const struct addr *peer)
{
	struct convo_sock *s = convo_sock_find(t, ev);
	struct inet i = inet_of(peer);
	struct convo *v;

	/* to a server's port: what was received is passed on */
	if (!s || !s->nameless_waits || s->ours || !i.family || i.port < PRIVILEGED_PORTS)
		return NULL;
	v = convo_add(t, s, &i);
	if (!v)
		return NULL;
	s->nameless_waits = false;
	s->tally.peers++;
	v->nameless = v->mixed = true;
	v->requests = v->unanswered = 1;
	v->last_event = s->nameless.event;
	v->unknown_asked = !s->nameless.local.family;
	if (!v->unknown_asked)
		convo_push_asked(v, &s->nameless);
	return v;
}

/* The sender's name, or that of who MSG_PEEK showed before; *again: it did, and was counted. */
static struct inet sender_of(struct convo_sock *s, const struct event *ev, const struct msg *m,
			     bool *again)
{
	struct inet peer = convo_sender(ev, m);

	if ((ev->flags & F_ERRQUEUE) || (m->out.flags & F_ERRQUEUE))
		return peer;
	if (!peer.family)
		peer = s->peeked;
	*again = peer.family && !memcmp(&peer, &s->peeked, sizeof(peer));
	if (ev->flags & F_PEEK)
		s->peeked = peer;
	else
		s->peeked.family = 0;
	return peer;
}

struct inet convo_answers(struct convo_table *t, const struct event *ev, const struct msg *m)
{
	static const struct inet none;
	const struct convo_sock *s = convo_sock_find(t, ev);
	struct inet peer = convo_sender(ev, m);
	const struct convo *v;
	struct asked a;

	if (!s || !s->ours || !peer.family || !addr_is_wildcard(&ev->sock->local))
		return none;
	v = convo_lookup(t, s->key, &peer);
	if (v ? !v->ours || v->elsewhere || v->wrote.family : !answers_began(s, ev, &peer))
		return none;
	a = convo_learn_asked(ev, m);
	return (a.by_cmsg || a.by_wire) && !a.indirect ? peer : none;
}

void convo_received(struct convo_table *t, const struct event *ev, const struct msg *m,
		    const struct inet *from)
{
	struct convo_sock *s = convo_sock_get(t, ev);
	bool again = false;
	struct inet peer = sender_of(s, ev, m, &again);

	if (!peer.family) {
		convo_nameless(s, ev, m);
		return;
	}

	struct asked a = convo_learn_asked(ev, m);
	struct convo *v = convo_lookup(t, s->key, &peer);

	/* one that was answered may be looked at again, too: but then more often it is the next */
	if (v && again && (v->unanswered || !(ev->flags & F_PEEK))) {
		convo_seen_again(s, v, ev, m, &a);
		return;
	}
	if (!v)
		v = convo_asked_first(t, ev, s, &peer, &a, from);
	if (!v)
		return;
	convo_turned(s, v, &a, from);
	if (!v->unanswered)
		v->mixed = false;
	else if (!inet_same_host(&v->asked[0].local, &a.local) || v->unknown_asked)
		v->mixed = true;
	v->peeked = ev->flags & F_PEEK;
	v->nameless = false;
	v->requests++;
	v->unanswered++;
	convo_learn(v, ev, m, &a);
	if (is_counted(v))
		tally_asked(&s->tally, &a.local);
	/* what answers us asks nobody */
	if (!v->ours)
		note_peer(t, ev, v, &a);
}

void convo_replied(struct convo_table *t, const struct event *ev, const struct msg *m,
		   struct convo *v)
{
	struct convo_sock *s = convo_sock_get(t, ev);

	struct inet wrote = v->ours ? tally_source(&s->tally, ev, m) : v->wrote;

	if (wrote.family)
		v->wrote = wrote;
	s->nameless_waits = false;
	v->replies++;
	v->unanswered = 0;
	if (s->began_all && inet_same_host(&s->began, &v->peer)) /* asked again */
		s->began_ns = ev->enter_ns;
	if (is_counted(v))
		tally_replied(&s->tally, ev, m);
}

const struct asked *convo_asked(const struct convo *v)
{
	return !v->unknown_asked && v->asked[0].local.family ? &v->asked[0] : NULL;
}

bool convo_asked_at(const struct convo *v, const struct addr *local)
{
	struct inet l = inet_of(local);

	for (unsigned int i = 0; i < CONVO_ASKED && v->asked[i].local.family; i++) {
		if (inet_same_host(&v->asked[i].local, &l))
			return true;
	}
	return false;
}

bool convo_certain(const struct convo *v)
{
	return v->unanswered && !v->mixed && convo_asked(v);
}
