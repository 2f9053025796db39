// SPDX-License-Identifier: LGPL-2.1-or-later
/* Recent packets in a ring, found again by what the message shows of them. */
#include "config.h"

#include "sock/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "kernel/model.h"
#include "sock/netns.h"
#include "sock/pcapng.h"
#include "sock/priv.h"
#include "sock/tap.h"

enum {
	RING = 16384,             /* packets held, a power of two */
	BUCKETS = 8192,           /* a power of two */
	BYTES_MAX = 64 << 20,     /* of packets held for the pcapng file */
	PREFIX = 64,              /* payload bytes that are compared */
	COMMENTS_MAX = 4,         /* to one packet */
	SCAN_MAX = 512,           /* packets looked at where the key isn't whole */
	CLOCK_SLACK_NS = 1000000, /* a packet may seem that much older than its call's entry */
};

/* The end of a flow, small. */
struct wire_end {
	uint8_t family, bytes[16];
	uint16_t port;
};

struct wire_packet {
	uint64_t no;   /* 1, 2, 3 … */
	uint64_t next; /* the next with the same bucket, 0 none */
	uint64_t key, ns, netns;
	struct wire_end local, peer;
	bool out, taken;
	uint8_t nprefix, ncomments;
	uint8_t prefix[PREFIX];
	uint32_t payload; /* bytes, as the UDP header says */
	uint32_t held, claimed;
	unsigned char *packet; /* with pcapng only; owned */
	char *comments[COMMENTS_MAX];
};

struct wire {
	struct facts *facts;
	FILE *pcapng;
	struct wire_packet *ring;
	uint64_t first, end; /* numbers held: first … end - 1 */
	struct {
		uint64_t head, tail;
	} buckets[BUCKETS];
	size_t bytes;
	uint64_t netns; /* of what is being read */
	struct wire_stats stats;
};

static struct wire_packet *packet_at(const struct wire *w, uint64_t no)
{
	return &w->ring[no & (RING - 1)];
}

static struct wire_end end_of(const struct addr *a)
{
	struct addr u = addr_unmapped(a);
	struct wire_end e;

	memset(&e, 0, sizeof(e));
	e.family = (uint8_t)addr_family(&u);
	e.port = addr_port(&u);
	if (e.family == AF_INET)
		memcpy(e.bytes, &((const struct sockaddr_in *)&u.ss)->sin_addr, 4);
	else if (e.family == AF_INET6)
		memcpy(e.bytes, &((const struct sockaddr_in6 *)&u.ss)->sin6_addr, 16);
	return e;
}

static struct addr addr_of_end(const struct wire_end *e)
{
	return e->family == AF_INET ? addr_of_in(e->bytes, e->port)
				    : addr_of_in6(e->bytes, e->port, 0);
}

static uint64_t key_of(uint64_t netns, bool out, uint16_t port, const struct wire_end *peer,
		       uint32_t payload)
{
	uint64_t h = netns * 0x9e3779b97f4a7c15ULL + out, a, b;

	memcpy(&a, peer->bytes, 8);
	memcpy(&b, peer->bytes + 8, 8);
	h = (h ^ a) * 0xff51afd7ed558ccdULL;
	h = (h ^ b ^ h >> 32) * 0xff51afd7ed558ccdULL;
	h = (h ^ ((uint64_t)peer->port << 48 | (uint64_t)port << 32 | payload)) *
	    0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 29;
}

/* ---- the ring ---- */

static void write_packet(struct wire *w, const struct wire_packet *p)
{
	const struct pcapng_packet out = {
		.ns = p->ns,
		.data = p->packet,
		.len = p->held,
		.claimed = p->claimed,
		.out = p->out,
		.comments = (const char *const *)p->comments,
		.ncomments = p->ncomments,
	};

	if (p->packet)
		pcapng_packet(w->pcapng, &out);
}

/* The oldest goes; in its bucket it is first, if it is still there. */
static void drop_first(struct wire *w)
{
	struct wire_packet *p = packet_at(w, w->first);
	uint64_t *head = &w->buckets[p->key & (BUCKETS - 1)].head;

	if (*head == p->no)
		*head = p->next;
	if (w->pcapng)
		write_packet(w, p);
	w->bytes -= p->packet ? p->held : 0;
	alloc_free(p->packet);
	for (unsigned int i = 0; i < p->ncomments; i++)
		alloc_free(p->comments[i]);
	memset(p, 0, sizeof(*p));
	w->first++;
}

static void take_packet(void *ctx, const struct tap_packet *t)
{
	struct wire *w = ctx;
	struct wire_packet *p;

	if (w->end - w->first == RING)
		drop_first(w);
	while (w->pcapng && w->first < w->end && w->bytes + t->packet_len > BYTES_MAX)
		drop_first(w);
	p = packet_at(w, w->end);
	p->no = w->end++;
	p->ns = t->ns;
	p->netns = w->netns;
	p->out = t->out;
	p->local = end_of(t->out ? &t->src : &t->dst);
	p->peer = end_of(t->out ? &t->dst : &t->src);
	p->payload = (uint32_t)t->payload_claimed;
	p->nprefix = (uint8_t)(t->payload_len < PREFIX ? t->payload_len : PREFIX);
	memcpy(p->prefix, t->payload, p->nprefix);
	p->key = key_of(p->netns, p->out, p->local.port, &p->peer, p->payload);
	if (w->pcapng) {
		p->held = (uint32_t)t->packet_len;
		p->claimed = (uint32_t)t->packet_claimed;
		p->packet = alloc_bytes(t->packet_len);
		memcpy(p->packet, t->packet, t->packet_len);
		w->bytes += p->held;
	}

	uint64_t *head = &w->buckets[p->key & (BUCKETS - 1)].head;
	uint64_t *tail = &w->buckets[p->key & (BUCKETS - 1)].tail;

	if (*head)
		packet_at(w, *tail)->next = p->no;
	else
		*head = p->no;
	*tail = p->no;
	w->stats.packets++;
}

static void take(struct wire *w, struct wire_packet *p)
{
	uint64_t *head = &w->buckets[p->key & (BUCKETS - 1)].head;

	p->taken = true;
	while (*head && packet_at(w, *head)->taken)
		*head = packet_at(w, *head)->next;
}

/* ---- life ---- */

struct wire *wire_new(struct facts *f, FILE *pcapng)
{
	struct wire *w = alloc_zeroed(1, sizeof(*w));

	w->facts = f;
	w->pcapng = pcapng;
	w->ring = alloc_zeroed(RING, sizeof(*w->ring));
	w->first = w->end = 1;
	if (pcapng)
		pcapng_start(pcapng);
	return w;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	if (w->pcapng)
		wire_poll(w);
	while (w->first < w->end)
		drop_first(w);
	if (w->pcapng)
		fflush(w->pcapng);
	alloc_free(w->ring);
	alloc_free(w);
}

struct wire_stats wire_stats(const struct wire *w)
{
	return w->stats;
}

int wire_watch(struct wire *w, const struct event *ev)
{
	uint16_t port = ev->sock ? addr_port(&ev->sock->local) : 0;
	struct netns *ns;
	int rc;

	if (!sock_kind_is_udp(sock_kind(ev->sock)))
		return -EAFNOSUPPORT;
	if (!port)
		return -EAGAIN;
	ns = netns_of_event(w->facts, ev, &rc);
	if (!ns)
		return rc;
	rc = tap_listen(w->facts, ns, ev, port);
	if (rc)
		facts_miss(w->facts,
			   "packets in the network namespace of process %d can't be captured "
			   "(%s; it takes CAP_NET_RAW there)",
			   ev->tgid, strerror(-rc));
	return rc;
}

void wire_poll(struct wire *w)
{
	for (struct netns *ns = w->facts->spaces; ns; ns = ns->next) {
		w->netns = ns->ino;
		tap_read(ns, take_packet, w, &w->stats.dropped);
	}
}

/* ---- which packet? ---- */

/* What a message shows of its packet. */
struct wanted {
	uint64_t netns, after_ns, before_ns;
	bool out, have_peer, whole; /* whole: payload is the datagram's length */
	uint16_t port;
	struct wire_end peer;
	uint32_t payload;
	uint8_t prefix[PREFIX];
	size_t nprefix;
};

static size_t gather(const struct msg *m, uint8_t *to, size_t max)
{
	size_t n = 0;

	for (uint32_t i = 0; i < m->niov && n < max; i++) {
		const struct iov *v = &m->iov[i];
		size_t got = v->data.len < max - n ? v->data.len : max - n;

		if (got)
			memcpy(to + n, v->data.p, got);
		n += got;
		if (v->data.len < v->len) /* the rest of this one wasn't captured */
			break;
	}
	return n < m->len ? n : m->len;
}

static bool fits(const struct wanted *want, const struct wire_packet *p)
{
	size_t n = want->nprefix < p->nprefix ? want->nprefix : p->nprefix;

	if (p->taken || p->out != want->out || p->netns != want->netns)
		return false;
	if (want->port && p->local.port != want->port)
		return false;
	if (want->have_peer && memcmp(&p->peer, &want->peer, sizeof(p->peer)))
		return false;
	if (want->whole ? p->payload != want->payload : p->payload < want->payload)
		return false;
	if (p->ns && want->before_ns && p->ns > want->before_ns + CLOCK_SLACK_NS)
		return false;
	if (p->ns && want->after_ns && p->ns + CLOCK_SLACK_NS < want->after_ns)
		return false;
	return !memcmp(p->prefix, want->prefix, n);
}

static struct wire_packet *find_by_key(const struct wire *w, const struct wanted *want)
{
	uint64_t key = key_of(want->netns, want->out, want->port, &want->peer, want->payload);
	uint64_t no = w->buckets[key & (BUCKETS - 1)].head;

	for (unsigned int i = 0; no && i < SCAN_MAX; i++) {
		struct wire_packet *p = packet_at(w, no);

		if (p->key == key && fits(want, p))
			return p;
		no = p->next;
	}
	return NULL;
}

/* Among the latest, where the peer, the port or the length isn't known: the oldest that fits. */
static struct wire_packet *find_by_look(const struct wire *w, const struct wanted *want)
{
	uint64_t no = w->end - w->first > SCAN_MAX ? w->end - SCAN_MAX : w->first;

	for (; no < w->end; no++) {
		if (fits(want, packet_at(w, no)))
			return packet_at(w, no);
	}
	return NULL;
}

static struct wire_packet *find(const struct wire *w, struct wanted *want, const struct msg *m)
{
	struct wire_packet *p;

	if (!want->have_peer || !want->port || !want->whole)
		return find_by_look(w, want);
	p = find_by_key(w, want);
	if (!p && want->out && m->outcome && m->outcome->gso > 0 &&
	    (uint32_t)m->outcome->gso < want->payload) {
		/* cut into segments before the interface saw it: the first one */
		want->payload = (uint32_t)m->outcome->gso;
		if (want->nprefix > want->payload)
			want->nprefix = want->payload;
		p = find_by_key(w, want);
	}
	return p;
}

static struct addr peer_of(const struct event *ev, const struct msg *m, bool out)
{
	if (out)
		return model_dest(ev, m);
	if (m->out.name.len)
		return addr_of(m->out.name.p, m->out.name.len);
	return ev->sock->peer;
}

bool wire_match(struct wire *w, const struct event *ev, const struct msg *m, struct wire_fact *out)
{
	struct wanted want = { .out = call_sends(ev->call) };
	struct wire_packet *p;
	struct addr peer;

	memset(out, 0, sizeof(*out));
	if (!ev->sock || !(ev->sock->has & SOCK_HAS_NETNS) ||
	    !sock_kind_is_udp(sock_kind(ev->sock)) || !m->have_len)
		return false;
	wire_poll(w);
	peer = peer_of(ev, m, want.out);
	want.netns = ev->sock->netns;
	want.port = addr_port(&ev->sock->local);
	want.have_peer = addr_is_inet(&peer) && !addr_is_wildcard(&peer);
	want.peer = end_of(&peer);
	want.payload = m->len;
	want.whole = want.out || !(m->out.flags & MSG_TRUNC);
	want.nprefix = gather(m, want.prefix, PREFIX);
	want.before_ns = ev->exit_ns;
	want.after_ns = want.out ? ev->enter_ns : 0;
	p = find(w, &want, m);
	if (!p) {
		w->stats.unmatched++;
		return false;
	}
	out->have = true;
	out->local = addr_of_end(&p->local);
	out->packet = p->no;
	if (!(ev->flags & MSG_PEEK)) {
		take(w, p);
		w->stats.matched++;
	}
	return true;
}

void wire_comment(struct wire *w, const struct wire_fact *fact, const char *text)
{
	struct wire_packet *p;

	if (!w->pcapng || !fact->have || fact->packet < w->first || fact->packet >= w->end)
		return;
	p = packet_at(w, fact->packet);
	if (p->ncomments < COMMENTS_MAX)
		p->comments[p->ncomments++] = alloc_strdup(text);
}
