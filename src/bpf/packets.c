// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which packet was this message?  A send's packets are those that were queued inside its call.  What a
 * receive got is the first datagram in its socket's queue that fits its sender and length.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/alloc.h"
#include "bpf/state.h"
#include "event/ask.h"

/* Datagrams that wait in a socket's queue, oldest first. */
struct came {
	uint64_t sk;
	int tid;          /* who received last … */
	bool shared;      /* … and others did */
	uint32_t from, n; /* v[(from + i) % PACKETS_CAME], i < n */
	struct rec_packet v[PACKETS_CAME];
};

void packets_open(struct watcher *w)
{
	w->left = alloc_zeroed(PACKETS_LEFT, sizeof(*w->left));
	lru_init(&w->came, sizeof(struct came), SOCKETS_CAME);
}

void packets_close(struct watcher *w)
{
	lru_free(&w->came);
	alloc_free(w->left);
}

/* ---- as they come ---- */

static struct came *came_of(struct watcher *w, uint64_t sk, bool add)
{
	struct came *c = lru_get(&w->came, sk);

	if (!c && add) {
		c = lru_add(&w->came, sk);
		c->sk = sk;
	}
	return c;
}

static struct rec_packet *nth(struct came *c, uint32_t i)
{
	return &c->v[(c->from + i) % PACKETS_CAME];
}

void packets_take(struct watcher *w, const struct rec_packet *p)
{
	struct came *c;

	if (p->head.type == REC_LEFT || p->head.type == REC_TAKEN) {
		if (w->nleft == PACKETS_LEFT) /* of a call whose record was lost */
			w->nleft = 0;
		w->left[w->nleft++] = *p;
		return;
	}
	c = came_of(w, p->sk, true);
	if (p->head.type == REC_WATCH) {
		*c = (struct came){ .sk = p->sk };
		return;
	}
	if (c->n == PACKETS_CAME) { /* nobody whom we see receives them */
		c->from++;
		c->n--;
	}
	*nth(c, c->n++) = *p;
}

void packets_forget(struct watcher *w, uint32_t tid, uint64_t request)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w->nleft; i++) {
		if (w->left[i].head.tid != tid || w->left[i].of != request)
			w->left[n++] = w->left[i];
	}
	w->nleft = n;
}

/* ---- to which message ---- */

static struct addr packet_addr(const struct rec_packet *p, bool source)
{
	const uint8_t *a = source ? p->src : p->dst;
	uint16_t port = ntohs(source ? p->sport : p->dport);

	return p->version == 4 ? addr_of_in(a, port) : addr_of_in6(a, port, 0);
}

static void tell(struct msg *m, const struct rec_packet *p, bool left)
{
	m->wire.have = true;
	m->wire.local = packet_addr(p, left);
	m->wire.packet = 0;
}

static bool same_peer(const struct addr *peer, const struct rec_packet *p, bool left)
{
	struct addr a = packet_addr(p, !left);

	return !peer->len || addr_same(peer, &a);
}

/* The other side of message m: by its name, else who the socket is connected to; len 0: not told. */
static struct addr peer_of(const struct event *ev, const struct msg *m, bool left)
{
	const struct bytes *name = left ? &m->in.name : &m->out.name;

	if (name->len)
		return addr_of(name->p, name->len);
	return ev->sock->peer;
}

/* Packets of this call, in its messages' order.  Of how many messages. */
static unsigned int match_own(struct watcher *w, uint32_t tid, struct event *ev, bool left)
{
	const uint32_t type = left ? REC_LEFT : REC_TAKEN;
	uint32_t next = 0, found = 0;

	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];
		struct addr peer = peer_of(ev, m, left);
		uint32_t k = next;

		if (left && !m->sent)
			break;
		while (k < w->nleft &&
		       (w->left[k].head.tid != tid || w->left[k].head.type != type ||
			w->left[k].of != w->memory.rec->request ||
			!same_peer(&peer, &w->left[k], left)))
			k++;
		if (k ==
		    w->nleft) /* it waits for a neighbour's address, for more data, or is refused */
			continue;
		tell(m, &w->left[k], left);
		next = k + 1;
		found++;
	}
	return found;
}

/* A datagram is as long as what was received of it, or longer where there was no room. */
static bool fits(const struct msg *m, const struct rec_packet *p)
{
	const struct iov *v = m->niov ? m->iov : NULL;
	size_t n = v ? v->data.len : 0;

	if (p->len < m->len || (p->len > m->len && m->len < m->total))
		return false;
	if (n > p->nhead)
		n = p->nhead;
	if (n > p->len)
		n = p->len;
	return !n || !memcmp(v->data.p, p->head_bytes, n);
}

/*
 * Takes the i-th out.  Where one task alone receives, what is older was received before, unseen: it goes too.
 */
static void drop(struct came *c, uint32_t i)
{
	for (uint32_t k = i; c->shared && k > 0; k--)
		*nth(c, k) = *nth(c, k - 1);
	c->n -= c->shared ? 1 : i + 1;
	c->from += c->shared ? 1 : i + 1;
}

/* The first that fits.  Several tasks receive in no order that is known: then all that fit must say the same. */
static bool find_came(struct came *c, const struct msg *m, const struct addr *peer, uint32_t *at)
{
	bool found = false;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct rec_packet *p = nth(c, i);

		if (!same_peer(peer, p, false) || !fits(m, p))
			continue;
		if (!found)
			*at = i;
		else if (memcmp(p->dst, nth(c, *at)->dst, sizeof(p->dst)))
			return false;
		found = true;
		if (!c->shared)
			break;
	}
	return found;
}

static void match_came(struct watcher *w, struct event *ev)
{
	struct came *c = came_of(w, w->memory.rec->sock.sk, false);

	if (c && c->tid && c->tid != ev->tid)
		c->shared = true;
	if (c)
		c->tid = ev->tid;
	for (uint32_t i = 0; c && i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];
		struct addr peer = peer_of(ev, m, false);
		uint32_t k;

		if (!find_came(c, m, &peer, &k))
			continue;
		tell(m, nth(c, k), false);
		if (!(ev->flags & MSG_PEEK))
			drop(c, k);
	}
}

/* Which socket its AF_UNIX peer was then, before anybody asks what it is now. */
static void answer_peer(const struct watcher *w, struct event *ev)
{
	const struct answer a = {
		.question = { .kind = ASK_UNIX_PEER },
		.inode = w->memory.rec->sock.peer_inode,
	};

	if (a.inode)
		event_add_answer(ev, &a);
}

/* What a peer's option was then. */
static void answer_peer_opt(struct event *ev, enum question_kind kind, enum rec_peer_on was)
{
	const struct answer a = { .question = { .kind = kind }, .result = was == REC_PEER_ON };

	if (was != REC_PEER_UNKNOWN)
		event_add_answer(ev, &a);
}

void watcher_packets(void *e, struct task *t, struct event *ev)
{
	struct watcher *w = e;

	answer_peer(w, ev);
	answer_peer_opt(ev, ASK_PEER_PASSCRED, w->memory.rec->sock.peer_passcred);
	answer_peer_opt(ev, ASK_PEER_PASSRIGHTS, w->memory.rec->sock.peer_passrights);
	if (ev->result < 0 || !sock_kind_is_udp(sock_kind(ev->sock)) || (ev->flags & MSG_ERRQUEUE))
		return;
	if (call_sends(ev->call))
		match_own(w, (uint32_t)t->tid, ev, true);
	else if (call_receives(ev->call) && !match_own(w, (uint32_t)t->tid, ev, false))
		match_came(w, ev);
}
