// SPDX-License-Identifier: LGPL-2.1-or-later
/* Packets by flow and length, and the one of a message by its first bytes, their order and, where it is known, time. */
#include "config.h"

#include "net/joined.h"

#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"

enum {
	PACKETS_MAX = 1 << 22,
	PREFIX = 32,     /* payload bytes that are compared: a log's default */
	SCAN_MAX = 4096, /* packets of one chain that are looked at for a message */
};

#define SECOND INT64_C(1000000000)
/* How long after its packet a message may be received, and how much both clocks may waver. */
#define QUEUED_NS (60 * SECOND)
#define WAVER_NS (2 * SECOND)

/* What of a message is known before its packet. */
enum chain_kind {
	BY_ALL,    /* peer, own port, length */
	BY_PEER,   /* all but the port of a socket that the kernel gave one */
	BY_LENGTH, /* a receive's room was full: its datagram may have been longer */
	KINDS
};

struct packet {
	struct packet *next[KINDS]; /* of the same chain, later in its file */
	struct wire_end local;
	uint64_t frame, ns;
	const char *capture;
	uint32_t payload;
	bool taken;
	uint8_t nprefix, prefix[PREFIX];
};

struct key { /* hashed as bytes */
	struct wire_end peer;
	uint16_t port; /* BY_PEER: 0 */
	uint8_t out, kind;
	uint32_t payload; /* BY_LENGTH: 0 */
};

struct chain {
	struct chain *collides;
	struct key key;
	struct packet *first, *last;
};

struct joined {
	struct map chains;        /* hash -> chain */
	struct map ports;         /* of sockets whose port their packets told: id -> the port */
	uint8_t bound[65536 / 8]; /* ports of sockets that are known otherwise */
	struct arena packets;
	struct joined_stats stats;
	uint64_t frames_taken;
	bool has_offset;
	int64_t offset_ns; /* a packet's time less its message's */
};

struct joined *joined_new(void)
{
	return alloc_zeroed(1, sizeof(struct joined));
}

void joined_free(struct joined *j)
{
	struct map_slot *s;

	if (!j)
		return;
	for (size_t i = 0; (s = map_next(&j->chains, &i));) {
		for (struct chain *c = s->value, *after; c; c = after) {
			after = c->collides;
			alloc_free(c);
		}
	}
	map_free(&j->chains);
	map_free(&j->ports);
	arena_free(&j->packets);
	alloc_free(j);
}

struct joined_stats joined_stats(const struct joined *j)
{
	struct joined_stats s = j->stats;

	s.unused = s.packets > j->frames_taken ? s.packets - j->frames_taken : 0;
	return s;
}

static struct key key_of(enum chain_kind kind, bool out, uint16_t port, const struct wire_end *peer,
			 uint32_t payload)
{
	struct key k;

	memset(&k, 0, sizeof(k));
	k.peer = *peer;
	k.kind = (uint8_t)kind;
	k.port = kind == BY_PEER ? 0 : port;
	k.out = out;
	k.payload = kind == BY_LENGTH ? 0 : payload;
	return k;
}

static struct chain *chain_find(const struct joined *j, const struct key *k)
{
	struct chain *c = map_get(&j->chains, hash_bytes(HASH_START, k, sizeof(*k)));

	while (c && memcmp(&c->key, k, sizeof(*k)))
		c = c->collides;
	return c;
}

static struct chain *chain_get(struct joined *j, const struct key *k)
{
	uint64_t hash = hash_bytes(HASH_START, k, sizeof(*k));
	struct chain *c = chain_find(j, k);

	if (c)
		return c;
	c = alloc_zeroed(1, sizeof(*c));
	c->key = *k;
	c->collides = map_get(&j->chains, hash);
	map_put(&j->chains, hash, c);
	return c;
}

static void add_way(struct joined *j, const struct tap_packet *t, bool out, uint64_t frame,
		    const char *capture)
{
	const struct wire_end peer = wire_end_of(out ? &t->dst : &t->src);
	const struct wire_end local = wire_end_of(out ? &t->src : &t->dst);
	struct packet *p = arena_new(&j->packets, struct packet);

	p->local = local;
	p->frame = frame;
	p->ns = t->ns;
	p->capture = capture;
	p->nprefix = (uint8_t)(t->payload_len < PREFIX ? t->payload_len : PREFIX);
	memcpy(p->prefix, t->payload, p->nprefix);
	p->payload = (uint32_t)t->payload_claimed;
	for (enum chain_kind kind = 0; kind < (out ? BY_LENGTH : KINDS); kind++) {
		const struct key k = key_of(kind, out, local.port, &peer, p->payload);
		struct chain *c = chain_get(j, &k);

		if (c->last)
			c->last->next[kind] = p;
		else
			c->first = p;
		c->last = p;
	}
}

void joined_add(struct joined *j, const struct tap_packet *p, enum link_way way, uint64_t frame,
		const char *capture)
{
	if (way == LINK_WAY_OTHER)
		return;
	if (j->stats.packets == PACKETS_MAX) {
		j->stats.left_out++;
		return;
	}
	j->stats.packets++;
	if (way != LINK_WAY_IN)
		add_way(j, p, true, frame, capture);
	if (way != LINK_WAY_OUT)
		add_way(j, p, false, frame, capture);
}

/* ---- which one? ---- */

struct wanted {
	enum chain_kind kind;
	bool out;
	uint32_t len;
	struct wire_end local; /* BY_PEER: where the address is known */
	uint64_t ns;           /* of the message; 0 unknown */
	uint8_t prefix[PREFIX];
	size_t nprefix;
};

static bool fits(const struct joined *j, const struct wanted *w, const struct packet *p)
{
	size_t n = w->nprefix < p->nprefix ? w->nprefix : p->nprefix;

	if (w->kind == BY_LENGTH && p->payload < w->len)
		return false;
	if (w->kind == BY_PEER && (j->bound[p->local.port / 8] >> (p->local.port % 8) & 1))
		return false; /* another socket's */
	if (w->kind == BY_PEER && w->local.family &&
	    memcmp(w->local.bytes, p->local.bytes, sizeof(w->local.bytes)) != 0)
		return false;
	return !p->taken && !memcmp(w->prefix, p->prefix, n);
}

/* How far p's time is from where the message's says that it should be; negative: too far. */
static int64_t distance(const struct joined *j, const struct wanted *w, const struct packet *p)
{
	int64_t late = (int64_t)(p->ns - w->ns) - j->offset_ns; /* the packet, after its message */

	if (late > WAVER_NS || late < -(w->out ? WAVER_NS : QUEUED_NS))
		return -1;
	return late < 0 ? -late : late;
}

static bool same_local(const struct packet *a, const struct packet *b)
{
	return !memcmp(&a->local, &b->local, sizeof(a->local));
}

/* Clocks of a zone and some seconds apart differ by the same all the time: the first sure pair tells. */
static void learn_offset(struct joined *j, const struct wanted *w, const struct packet *p)
{
	if (j->has_offset || !w->ns || !p->ns)
		return;
	j->offset_ns = (int64_t)(p->ns - w->ns);
	j->has_offset = true;
}

static void drop_taken(struct chain *c)
{
	while (c->first && c->first->taken)
		c->first = c->first->next[c->key.kind];
	if (!c->first)
		c->last = NULL;
}

/* The packet; NULL: none, or (*several) it can't be told which. */
static struct packet *choose(struct joined *j, const struct wanted *w, struct chain *c,
			     bool *several)
{
	struct packet *first = NULL, *best = NULL;
	int64_t nearest = 0, second = -1;
	bool differ = false, timed = j->has_offset && w->ns;
	unsigned int n = 0, seen = 0;

	drop_taken(c);
	for (struct packet *p = c->first; p && seen++ < SCAN_MAX; p = p->next[w->kind]) {
		int64_t d = timed && p->ns ? distance(j, w, p) : 0;

		if (!fits(j, w, p) || d < 0)
			continue;
		n++;
		first = first ? first : p;
		differ |= !same_local(first, p);
		if (!best || d < nearest) {
			second = best && !same_local(best, p) ? nearest : second;
			best = p;
			nearest = d;
		} else if (!same_local(best, p) && (second < 0 || d < second)) {
			second = d;
		}
	}
	if (n == 1)
		learn_offset(j, w, first);
	if (!differ)
		return first;
	/* much nearer than any that differs */
	if (timed && second / 4 > nearest)
		return best;
	*several = true;
	return NULL;
}

static void take(struct joined *j, struct packet *p)
{
	p->taken = true;
	j->frames_taken++;
}

/* The port, and what else can be asked of the chains. */
static uint16_t choose_kind(struct joined *j, const struct event *ev, const struct msg *m,
			    struct wanted *w)
{
	const struct sock *s = ev->sock;
	uint16_t port = addr_port(&s->local);

	w->kind = BY_ALL;
	if (port)
		j->bound[port / 8] |= (uint8_t)(1 << (port % 8));
	else
		port = (uint16_t)(uintptr_t)map_get(&j->ports, s->cookie);
	/* recvfrom() and read() don't say that it was cut, recvmsg() does */
	if (!w->out && m->len && m->len == m->total && !(ev->flags & MSG_TRUNC) &&
	    (!m->out.have || m->made_up))
		w->kind = BY_LENGTH;
	if (!port && w->kind == BY_ALL) {
		w->kind = BY_PEER;
		if (addr_is_inet(&s->local) && !addr_is_wildcard(&s->local))
			w->local = wire_end_of(&s->local);
	}
	return port;
}

bool joined_find(struct joined *j, const struct event *ev, const struct msg *m,
		 struct wire_fact *out)
{
	struct wanted w = { .out = call_sends(ev->call), .len = m->len };
	bool several = false;
	struct packet *p;
	struct wire_end peer;
	struct chain *c;
	struct addr a;
	uint16_t port;

	memset(out, 0, sizeof(*out));
	if (!ev->sock || !sock_kind_is_udp(sock_kind(ev->sock)) || !m->have_len ||
	    (ev->flags & MSG_ERRQUEUE))
		return false;
	a = wire_peer(ev, m, w.out);
	peer = wire_end_of(&a);
	w.ns = w.out ? ev->enter_ns : ev->exit_ns;
	w.nprefix = wire_gather(m, w.prefix, PREFIX);
	port = choose_kind(j, ev, m, &w);

	const struct key k = key_of(w.kind, w.out, port, &peer, m->len);

	c = (port || w.kind == BY_PEER) && addr_is_inet(&a) && !addr_is_wildcard(&a)
		    ? chain_find(j, &k)
		    : NULL;
	p = c ? choose(j, &w, c, &several) : NULL;
	j->stats.ambiguous += several;
	if (!p) {
		j->stats.unmatched += !several;
		return false;
	}
	if (w.kind == BY_PEER && ev->sock->cookie)
		map_put(&j->ports, ev->sock->cookie, (void *)(uintptr_t)p->local.port);
	*out = (struct wire_fact){
		.have = true,
		.local = wire_end_addr(&p->local),
		.packet = p->frame,
		.capture = p->capture,
	};
	if (!w.out && (ev->flags & MSG_PEEK))
		return true;
	j->stats.matched++;
	take(j, p);
	return true;
}
