// SPDX-License-Identifier: LGPL-2.1-or-later
/* Recent packets in a ring, found again by what the message shows of them. */
#include "config.h"

#include "sock/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
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
	BYTES_MAX = 64 << 20,     /* of packets held */
	PREFIX = 64,              /* payload bytes that are compared */
	COMMENTS_MAX = 4,         /* to one packet */
	SCAN_MAX = 512,           /* packets looked at where the key isn't whole */
	PARTS_MAX = 128,          /* datagrams in a merged packet: UDP_MAX_SEGMENTS */
	COPY_NS = 2000000,        /* within it a bridge and its port show the same packet */
	LATE_NS = 2000000,        /* a packet is waited for that long … */
	PATIENCE = 8,             /* … but not after so many that didn't come */
	CLOCK_SLACK_NS = 1000000, /* a packet may seem so much younger than its receive */
};

struct wire_packet {
	uint64_t no;   /* 1, 2, 3 … */
	uint64_t next; /* the next with the same bucket, 0 none */
	uint64_t key, ns, netns;
	struct wire_end local, peer;
	bool out, taken;
	bool counted; /* it is of a port that we watch: else only if a message turns out to be it */
	uint8_t nprefix, ncomments;
	uint32_t ifindex;
	uint8_t prefix[PREFIX];
	uint32_t payload; /* bytes, as the UDP header says */
	uint32_t used;    /* bytes of it that came to the socket as datagrams of their own … */
	uint32_t part;    /* … each that long, but the last */
	uint32_t held, claimed, payload_at;
	unsigned char *packet; /* with pcapng, and of what came in until it is taken; owned */
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
	uint64_t netns;        /* of what is being read */
	unsigned int patience; /* how often to wait for a packet in vain */
	uint64_t partial;      /* the packet that the last part was of */
	struct wire_stats stats;
	uint64_t left; /* packets that left, were of no message, and are no longer held */
	uint64_t sent; /* messages that left, whose packet was not found */
};

static struct wire_packet *packet_at(const struct wire *w, uint64_t no)
{
	return &w->ring[no & (RING - 1)];
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
		.way = p->out ? PCAPNG_OUT : PCAPNG_IN,
		.comments = (const char *const *)p->comments,
		.ncomments = p->ncomments,
	};

	if (p->packet && p->counted)
		pcapng_packet(w->pcapng, &out);
}

static void let_go(struct wire *w, struct wire_packet *p)
{
	w->bytes -= p->packet ? p->held : 0;
	alloc_free(p->packet);
	p->packet = NULL;
}

static bool left_unclaimed(const struct wire_packet *p)
{
	return p->out && p->counted && !p->taken;
}

/* The oldest goes; in its bucket it is first, if it is still there. */
static void drop_first(struct wire *w)
{
	struct wire_packet *p = packet_at(w, w->first);
	uint64_t *head = &w->buckets[p->key & (BUCKETS - 1)].head;

	if (*head == p->no)
		*head = p->next;
	w->left += left_unclaimed(p);
	if (w->pcapng)
		write_packet(w, p);
	let_go(w, p);
	for (unsigned int i = 0; i < p->ncomments; i++)
		alloc_free(p->comments[i]);
	memset(p, 0, sizeof(*p));
	w->first++;
}

static void take_one(struct wire *w, struct wire_packet *p)
{
	uint64_t *head = &w->buckets[p->key & (BUCKETS - 1)].head;

	p->taken = true;
	w->stats.packets += !p->counted;
	p->counted = true;
	if (!w->pcapng)
		let_go(w, p);
	while (*head && packet_at(w, *head)->taken)
		*head = packet_at(w, *head)->next;
}

/* The same packet as another interface showed it. */
static bool is_copy(const struct wire_packet *p, const struct wire_packet *q)
{
	return q->key == p->key && !q->taken && q->ifindex != p->ifindex && q->out == p->out &&
	       q->ns - p->ns < COPY_NS && !memcmp(&q->local, &p->local, sizeof(q->local)) &&
	       q->nprefix == p->nprefix && !memcmp(q->prefix, p->prefix, q->nprefix);
}

static void take_packet(void *ctx, const struct tap_packet *t)
{
	struct wire *w = ctx;
	struct wire_packet *p;

	if (w->end - w->first == RING)
		drop_first(w);
	while (w->first < w->end && w->bytes + t->packet_len > BYTES_MAX)
		drop_first(w);
	p = packet_at(w, w->end);
	p->no = w->end++;
	p->ns = t->ns;
	p->netns = w->netns;
	p->out = t->out;
	p->counted = t->watched;
	p->ifindex = t->ifindex;
	p->local = wire_end_of(t->out ? &t->src : &t->dst);
	p->peer = wire_end_of(t->out ? &t->dst : &t->src);
	p->payload = (uint32_t)t->payload_claimed;
	p->nprefix = (uint8_t)(t->payload_len < PREFIX ? t->payload_len : PREFIX);
	memcpy(p->prefix, t->payload, p->nprefix);
	p->key = key_of(p->netns, p->out, p->local.port, &p->peer, p->payload);
	if (w->pcapng || !t->out) {
		p->held = (uint32_t)t->packet_len;
		p->claimed = (uint32_t)t->packet_claimed;
		p->payload_at = (uint32_t)(t->payload - t->packet);
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
	w->stats.packets += p->counted;
}

/* It answers for a message, and so do its copies. */
static void take(struct wire *w, struct wire_packet *p)
{
	uint64_t no = p->next;

	take_one(w, p);
	for (unsigned int i = 0; no && i < SCAN_MAX; i++) {
		struct wire_packet *q = packet_at(w, no);

		no = q->next;
		if (is_copy(p, q))
			take_one(w, q);
	}
}

/* ---- life ---- */

struct wire *wire_new(struct facts *f, FILE *pcapng)
{
	struct wire *w = alloc_zeroed(1, sizeof(*w));

	w->facts = f;
	w->pcapng = pcapng;
	w->ring = alloc_zeroed(RING, sizeof(*w->ring));
	w->first = w->end = 1;
	w->patience = PATIENCE;
	if (pcapng) {
		pcapng_start(pcapng);
		pcapng_interface(pcapng, PCAPNG_RAW);
	}
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
	struct wire_stats s = w->stats;
	uint64_t left = w->left;

	for (uint64_t no = w->first; no < w->end; no++)
		left += left_unclaimed(packet_at(w, no));
	/* a message whose packet was late may be one of them */
	s.unseen = left > w->sent ? left - w->sent : 0;
	return s;
}

/* What a socket has, or will have when bind() returns. */
static uint16_t port_of(const struct event *ev)
{
	uint16_t port = ev->sock ? addr_port(&ev->sock->local) : 0;
	struct addr to;

	if (port || ev->call != CALL_BIND || !ev->opt.p)
		return port;
	to = addr_of(ev->opt.p, ev->opt.len);
	return addr_port(&to);
}

int wire_watch(struct wire *w, const struct event *ev)
{
	uint16_t port = port_of(ev);
	struct netns *ns;
	int rc;

	if (!sock_kind_is_udp(sock_kind(ev->sock)))
		return -EAFNOSUPPORT;
	if (!port)
		return -EAGAIN;
	ns = netns_of_event(&w->facts->spaces, ev, &rc);
	if (!ns)
		return rc;
	rc = tap_listen(&w->facts->spaces, ns, ev, port);
	if (rc)
		facts_miss(w->facts,
			   "packets in the network namespace of process %d can't be captured "
			   "(%s; it takes CAP_NET_RAW there)",
			   ev->tgid, strerror(-rc));
	return rc;
}

void wire_hear(struct wire *w, const struct event *ev, bool all)
{
	struct netns *ns;
	int rc;

	if (!sock_kind_is_udp(sock_kind(ev->sock)))
		return;
	ns = netns_of_event(&w->facts->spaces, ev, &rc);
	if (ns && all)
		tap_listen_all(&w->facts->spaces, ns, ev);
	else if (ns)
		tap_listen_own(ns);
}

void wire_poll(struct wire *w)
{
	for (struct netns *ns = w->facts->spaces.first; ns; ns = ns->next) {
		w->netns = ns->ino;
		tap_read(ns, take_packet, w, &w->stats.dropped);
	}
}

/* ---- which packet? ---- */

/* What a message shows of its packet. */
struct wanted {
	uint64_t netns, after_ns, before_ns;
	bool out, have_peer;
	bool whole; /* payload is the datagram's length … */
	bool cut;   /* … and is not; neither is known where a buffer was filled */
	uint16_t port;
	struct wire_end peer;
	uint32_t payload;
	uint8_t prefix[PREFIX];
	size_t nprefix;
};

static bool fits_flow(const struct wanted *want, const struct wire_packet *p)
{
	if (p->taken || p->out != want->out || p->netns != want->netns)
		return false;
	if (want->port && p->local.port != want->port)
		return false;
	if (want->have_peer && memcmp(&p->peer, &want->peer, sizeof(p->peer)))
		return false;
	if (p->ns && want->before_ns && p->ns > want->before_ns + CLOCK_SLACK_NS)
		return false;
	return !p->ns || !want->after_ns || p->ns >= want->after_ns;
}

static bool fits(const struct wanted *want, const struct wire_packet *p)
{
	size_t n = want->nprefix < p->nprefix ? want->nprefix : p->nprefix;

	if (!fits_flow(want, p))
		return false;
	if (want->whole ? p->payload != want->payload : p->payload < want->payload)
		return false;
	return !memcmp(p->prefix, want->prefix, n);
}

/*
 * A sender on this machine can pass several datagrams as one packet (UDP_SEGMENT over veth or lo),
 * and interfaces merge them (GRO); a socket without UDP_GRO gets them one by one: net/ipv4/udp.c
 * udp_queue_rcv_skb().  Where in p the wanted one ends; 0: nowhere.
 */
static uint32_t fits_part(const struct wanted *want, const struct wire_packet *p)
{
	uint32_t step = p->part ? p->part : want->payload, at = p->used;

	if (!p->packet || want->payload >= p->payload || want->payload > step ||
	    !fits_flow(want, p))
		return 0;
	for (unsigned int i = 0; i < PARTS_MAX && p->payload - at >= want->payload; i++) {
		size_t off = (size_t)p->payload_at + at;
		bool last = p->payload - at <= step;

		if (off + want->nprefix > p->held)
			return 0;
		if ((want->payload == step || (last && p->payload - at == want->payload)) &&
		    !memcmp(p->packet + off, want->prefix, want->nprefix))
			return at + want->payload;
		if (last)
			return 0;
		at += step;
	}
	return 0;
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

/* The packet that came in with this datagram among others; *end: where in it that one ends. */
static struct wire_packet *find_merged(const struct wire *w, const struct wanted *want,
				       uint32_t *end)
{
	uint64_t no = w->end - w->first > SCAN_MAX ? w->end - SCAN_MAX : w->first;

	if (want->out || want->cut || !want->nprefix)
		return NULL;
	if (w->partial >= w->first && w->partial < w->end &&
	    (*end = fits_part(want, packet_at(w, w->partial))))
		return packet_at(w, w->partial);
	for (; no < w->end; no++) {
		if ((*end = fits_part(want, packet_at(w, no))))
			return packet_at(w, no);
	}
	return NULL;
}

/* Of a message that was cut before the interface saw it, the first segment; all are its. */
static struct wire_packet *find_segments(struct wire *w, const struct wanted *message,
					 uint32_t segment)
{
	struct wanted want = *message;
	struct wire_packet *first, *p;

	want.payload = segment;
	want.nprefix = want.nprefix < segment ? want.nprefix : segment;
	p = first = find_by_key(w, &want);
	want.nprefix = 0;
	for (uint32_t left = message->payload; p && left > p->payload;) {
		left -= p->payload;
		want.payload = left < segment ? left : segment;
		take(w, p);
		p = find_by_key(w, &want);
	}
	if (p)
		take(w, p);
	return first;
}

/* Takes it, but for MSG_PEEK. */
static struct wire_packet *find(struct wire *w, const struct wanted *want, uint32_t segment,
				bool peek)
{
	bool flow = want->have_peer && want->port;
	struct wire_packet *p = flow && !want->cut ? find_by_key(w, want) : NULL;
	uint32_t end = 0;

	if (!p && !flow && want->whole)
		p = find_by_look(w, want);
	if (!p && flow && want->out && segment && segment < want->payload)
		return find_segments(w, want, segment);
	if (!p)
		p = find_merged(w, want, &end);
	if (!p && !want->whole)
		p = find_by_look(w, want);
	if (!p || peek)
		return p;
	if (end && end < p->payload) {
		p->used = end;
		p->part = p->part ? p->part : want->payload;
		w->partial = p->no;
		return p;
	}
	take(w, p);
	return p;
}

/*
 * A queueing discipline, or an address that must be resolved, holds a packet back for a moment after its
 * send: waited for as long as that is of use.
 */
static struct wire_packet *find_late(struct wire *w, const struct wanted *want, uint32_t segment)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), end = now + LATE_NS;
	struct wire_packet *p = NULL;
	struct netns *ns = w->facts->spaces.first;

	while (ns && ns->ino != want->netns)
		ns = ns->next;
	if (!ns || ns->tap < 0 || !w->patience)
		return NULL;
	for (; !p && now < end; now = clock_ns(CLOCK_MONOTONIC)) {
		struct timespec left = { .tv_nsec = (long)(end - now) };
		struct pollfd tap = { .fd = ns->tap, .events = POLLIN };

		if (ppoll(&tap, 1, &left, NULL) > 0) {
			wire_poll(w);
			p = find(w, want, segment, false);
		}
	}
	w->patience = p ? PATIENCE : w->patience - 1;
	return p;
}

bool wire_match(struct wire *w, const struct event *ev, const struct msg *m, uint32_t segment,
		struct wire_fact *out)
{
	struct wanted want = { .out = call_sends(ev->call) };
	struct wire_packet *p;
	struct addr peer;

	memset(out, 0, sizeof(*out));
	if (!ev->sock || !(ev->sock->has & SOCK_HAS_NETNS) ||
	    !sock_kind_is_udp(sock_kind(ev->sock)) || !m->have_len)
		return false;
	wire_poll(w);
	peer = wire_peer(ev, m, want.out);
	want.netns = ev->sock->netns;
	want.port = addr_port(&ev->sock->local);
	want.have_peer = addr_is_inet(&peer) && !addr_is_wildcard(&peer);
	want.peer = wire_end_of(&peer);
	want.payload = m->len;
	/* recvfrom() and the like don't return MSG_TRUNC: what fills their buffer may have been cut */
	want.cut = m->out.flags & MSG_TRUNC;
	want.whole = want.out || (m->made_up ? m->len < m->total : !want.cut);
	want.nprefix = wire_gather(m, want.prefix, PREFIX);
	want.before_ns = want.out ? 0 : ev->exit_ns;
	want.after_ns = want.out ? ev->enter_ns : 0;
	p = find(w, &want, segment, !want.out && (ev->flags & MSG_PEEK));
	if (!p && want.out)
		p = find_late(w, &want, segment);
	if (!p) {
		w->stats.unmatched++;
		w->sent += want.out;
		return false;
	}
	out->have = true;
	out->local = wire_end_addr(&p->local);
	out->packet = p->no;
	w->stats.matched += !(ev->flags & MSG_PEEK);
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
