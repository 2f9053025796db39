// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * --net, --pcap: stands between a source and the pipeline, answers what a log can't be asked (and so fills in the source that connect()
 * pinned) and finds packets, which --pcapng writes.
 */
#include "config.h"

#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_LIBPCAP
#include <pcap/pcap.h>
#endif

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "complain.h"
#include "kernel/host.h"
#include "kernel/model.h"
#include "net/joined.h"
#include "net/net.h"
#include "read-file.h"
#include "sock/pcapng.h"

enum { COMMENTS_MAX = 16 /* of one packet */ };
enum { TEXT_MAX = (256 << 20) + 1 /* bytes of one file: so many are too many */ };

struct commented {
	const char *capture;
	uint64_t frame;
	struct commented *next; /* of the same packet number */
	char *text;             /* owned */
};

struct evidence {
	struct consumer inner;
	struct net *net;         /* NULL: no --net */
	struct joined *joined;   /* NULL: no --pcap */
	const struct ask *asked; /* the source's own, while an event is with the pipeline */
	struct ask ask;
	bool quiet;
	struct map comments; /* packet number -> commented, of all captures; owned */
	struct map pinned;   /* socket's cookie -> pinned; owned */
	const char *log;     /* whose sockets these are */
};

/* ---- --net ---- */

static bool read_net(struct evidence *e, const char *name)
{
	struct buf text = { 0 };
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC)
				   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int err = read_file(fd, &text, TEXT_MAX);
	unsigned int taken = err ? 0 : net_read(e->net, text.p, text.len);

	buf_free(&text);
	if (err)
		complain("can't read %s: %s", name, strerror(-err));
	else if (!taken)
		complain("%s: error: nothing that ip addr, ip route or ip rule prints", name);
	return taken;
}

static bool answer(void *ctx, const struct event *ev, const struct question *q, struct answer *a)
{
	struct evidence *e = ctx;

	if (e->asked && e->asked->answer && e->asked->answer(e->asked->ctx, ev, q, a))
		return true;
	return e->net && net_answer(e->net, ev, q, a);
}

/* ---- what connect() pinned ---- */

enum { PINNED_MAX = 65536 };

/* The source of a socket that was bound to no address: the routing table chose it, and no line of a log tells it. */
struct pinned {
	struct addr peer, local;
};

/* On an AF_INET6 socket IPv4's are v4-mapped. */
static struct addr as_of(const struct sock *s, const struct addr *a, uint16_t port)
{
	unsigned char mapped[16] = { [10] = 0xff, [11] = 0xff };

	if (a->family != AF_INET)
		return addr_of_in6(host_addr_bytes(a), port,
				   ((const struct sockaddr_in6 *)&a->ss)->sin6_scope_id);
	if (s->domain == AF_INET)
		return addr_of_in(host_addr_bytes(a), port);
	memcpy(mapped + 12, host_addr_bytes(a), 4);
	return addr_of_in6(mapped, port, 0);
}

static void pin(struct evidence *e, const struct event *ev, const struct addr *peer)
{
	const struct sock *s = ev->sock;
	struct answer a = { .question = model_route(ev, NULL, peer, 0) };
	struct pinned *p;

	if (!answer(e, ev, &a.question, &a) || a.result < 0 || a.route.err ||
	    !addr_is_inet(&a.route.source))
		return;
	if (e->pinned.n >= PINNED_MAX)
		map_free_values(&e->pinned);
	p = alloc_zeroed(1, sizeof(*p));
	p->peer = *peer;
	p->local = as_of(s, &a.route.source, addr_port(&s->local));
	map_put(&e->pinned, s->cookie, p);
}

/* Connected once more, it keeps the source; disconnected it loses it. */
static void pin_connected(struct evidence *e, const struct event *ev)
{
	struct pinned *p = map_get(&e->pinned, ev->sock->cookie);
	struct addr peer = addr_of(ev->opt.p, ev->opt.len);

	if (p && addr_is_inet(&peer) && !ev->sock->local.len) {
		p->peer = peer;
		return;
	}
	alloc_free(map_remove(&e->pinned, ev->sock->cookie));
	if (addr_is_inet(&peer) && addr_is_wildcard(&ev->sock->local))
		pin(e, ev, &peer);
}

static void pin_known(const struct evidence *e, struct event *ev)
{
	const struct pinned *p = map_get(&e->pinned, ev->sock->cookie);
	struct sock *s;

	if (!p || ev->sock->local.len || !addr_same(&p->peer, &ev->sock->peer))
		return;
	s = sock_new();
	*s = *ev->sock;
	s->refs = 1;
	s->local = p->local;
	sock_unref(ev->sock);
	ev->sock = s;
}

static void take_pinned(struct evidence *e, struct event *ev)
{
	if (!e->net || ev->kind != EVENT_CALL || ev->end != CALL_RETURNED || !ev->sock ||
	    !(ev->sock->has & SOCK_HAS_COOKIE) || !sock_kind_is_udp(sock_kind(ev->sock)))
		return;
	if (ev->log != e->log) /* cookies of a log are its own */
		map_free_values(&e->pinned);
	e->log = ev->log;
	if (ev->call == CALL_CONNECT && !ev->result)
		pin_connected(e, ev);
	else
		pin_known(e, ev);
}

/* ---- --pcap ---- */

#ifdef HAVE_LIBPCAP
static pcap_t *open_pcap(const char *name)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	size_t n = strlen(name);
	pcap_t *file =
		pcap_open_offline_with_tstamp_precision(name, PCAP_TSTAMP_PRECISION_NANO, why);

	if (!file && !strncmp(why, name, n) &&
	    why[n] == ':') /* libpcap says whose that is, or doesn't */
		complain("can't read %s", why);
	else if (!file)
		complain("can't read %s: %s", name, why);
	return file;
}

/* With PCAP_TSTAMP_PRECISION_NANO microseconds are nanoseconds. */
static uint64_t ns_of(const struct pcap_pkthdr *h)
{
	return (uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec;
}

static void take_frame(struct evidence *e, int type, const struct pcap_pkthdr *h, const u_char *p,
		       uint64_t frame, const char *name)
{
	enum link_way way;
	long at = link_ip(type, p, h->caplen, &way);
	struct tap_packet t = { .ns = ns_of(h) };

	if (at >= 0 && tap_parse(&t, p + at, h->caplen - (size_t)at, h->len - (size_t)at))
		joined_add(e->joined, &t, way, frame, name);
}

static bool read_pcap(struct evidence *e, const char *name)
{
	pcap_t *file = open_pcap(name);
	struct pcap_pkthdr *h;
	const u_char *p;
	uint64_t frame = 0;
	int type, rc;

	if (!file)
		return false;
	type = pcap_datalink(file);
	while (link_known(type) && (rc = pcap_next_ex(file, &h, &p)) == 1)
		take_frame(e, type, h, p, ++frame, name);
	if (!link_known(type))
		complain("%s: error: packets of link type %d (%s) can't be read", name, type,
			 pcap_datalink_val_to_name(type) ? pcap_datalink_val_to_name(type) : "?");
	else if (rc == PCAP_ERROR)
		complain("%s: note: the capture ends after packet %llu: %s", name,
			 (unsigned long long)frame, pcap_geterr(file));
	pcap_close(file);
	return link_known(type);
}
/* The packets of one capture, all of them, as they came. */
static void write_pcap(const struct evidence *e, const char *name, uint32_t interface, FILE *to)
{
	pcap_t *file = open_pcap(name);
	int type = file ? pcap_datalink(file) : 0;
	struct pcap_pkthdr *h;
	const u_char *p;

	if (!file)
		return;
	/* of the types that are read, DLT_RAW alone has another number in files */
	pcapng_interface(to, type == DLT_RAW ? PCAPNG_RAW : (uint16_t)type);
	for (uint64_t frame = 1; pcap_next_ex(file, &h, &p) == 1; frame++) {
		const char *comments[COMMENTS_MAX];
		struct pcapng_packet out = { .interface = interface,
					     .ns = ns_of(h),
					     .data = p,
					     .len = h->caplen,
					     .claimed = h->len,
					     .comments = comments };
		enum link_way way;

		if (link_ip(type, p, h->caplen, &way) >= 0)
			out.way = way == LINK_WAY_IN    ? PCAPNG_IN
				  : way == LINK_WAY_OUT ? PCAPNG_OUT
							: PCAPNG_WAY_UNKNOWN;
		for (const struct commented *c = map_get(&e->comments, frame); c; c = c->next) {
			if (c->capture == name && out.ncomments < COMMENTS_MAX)
				comments[out.ncomments++] = c->text;
		}
		pcapng_packet(to, &out);
	}
	pcap_close(file);
}

void evidence_write(const struct evidence *e, const struct str_list *pcap, FILE *to)
{
	pcapng_start(to);
	for (unsigned int i = 0; i < pcap->n; i++)
		write_pcap(e, pcap->v[i], i, to);
}
#else
void evidence_write(const struct evidence *e, const struct str_list *pcap, FILE *to)
{
	(void)e;
	(void)pcap;
	(void)to;
}

static bool read_pcap(struct evidence *e, const char *name)
{
	(void)e;
	complain("%s: this build of cmsgtrace has no libpcap, which --pcap needs", name);
	return false;
}
#endif

void evidence_comment(void *ctx, const struct wire_fact *packet, const char *text)
{
	struct evidence *e = ctx;
	struct commented *c, *first;

	if (!packet->capture)
		return;
	c = alloc_zeroed(1, sizeof(*c));
	c->capture = packet->capture;
	c->frame = packet->packet;
	c->text = alloc_strdup(text);
	first = map_get(&e->comments, c->frame);
	if (!first) {
		map_put(&e->comments, c->frame, c);
		return;
	}
	while (first->next)
		first = first->next;
	first->next = c;
}

static void free_comments(struct map *comments)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(comments, &i));) {
		for (struct commented *c = s->value, *next; c; c = next) {
			next = c->next;
			alloc_free(c->text);
			alloc_free(c);
		}
	}
	map_free(comments);
}

static void join(struct evidence *e, struct event *ev)
{
	if (!e->joined || ev->kind != EVENT_CALL || ev->end != CALL_RETURNED || ev->result < 0 ||
	    !(call_sends(ev->call) || call_receives(ev->call)))
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (!m->wire.have && event_handled(ev, i))
			joined_find(e->joined, ev, m, &m->wire);
	}
}

static void tell_joined(const struct evidence *e)
{
	const struct joined_stats s = joined_stats(e->joined);

	complain(
		"--pcap: %llu UDP packets; of the messages %llu found theirs, %llu could be several "
		"that differ, %llu are none of them; %llu packets are of no message",
		(unsigned long long)s.packets, (unsigned long long)s.matched,
		(unsigned long long)s.ambiguous, (unsigned long long)s.unmatched,
		(unsigned long long)s.unused);
	if (s.left_out)
		complain("--pcap: note: %llu packets more than are kept were left out",
			 (unsigned long long)s.left_out);
}

/* ---- between source and pipeline ---- */

static void evidence_enter(void *ctx, struct event *ev)
{
	struct evidence *e = ctx;

	e->inner.enter(e->inner.ctx, ev);
}

static void evidence_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct evidence *e = ctx;

	e->asked = ask;
	join(e, ev);
	take_pinned(e, ev);
	e->inner.judge(e->inner.ctx, ev, &e->ask);
}

static void evidence_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct evidence *e = ctx;

	e->asked = ask;
	e->inner.emit(e->inner.ctx, ev, &e->ask);
}

static void evidence_idle(void *ctx)
{
	struct evidence *e = ctx;

	e->inner.idle(e->inner.ctx);
}

static bool evidence_enough(void *ctx)
{
	struct evidence *e = ctx;

	return e->inner.enough(e->inner.ctx);
}

struct consumer evidence_consumer(struct evidence *e, const struct consumer *inner)
{
	e->inner = *inner;
	return (struct consumer){
		.ctx = e,
		.enter = evidence_enter,
		.judge = evidence_judge,
		.emit = evidence_emit,
		.idle = evidence_idle,
		.enough = evidence_enough,
	};
}

static bool read_all(struct evidence *e, const struct str_list *names,
		     bool (*read_one)(struct evidence *e, const char *name))
{
	for (unsigned int i = 0; i < names->n; i++) {
		if (!read_one(e, names->v[i]))
			return false;
	}
	return true;
}

struct evidence *evidence_open(const struct options *o)
{
	struct evidence *e = alloc_zeroed(1, sizeof(*e));

	e->ask = (struct ask){ .ctx = e, .answer = answer };
	e->quiet = o->quiet;
	e->net = o->net.n ? net_new() : NULL;
	e->joined = o->pcap.n ? joined_new() : NULL;
	if (read_all(e, &o->net, read_net) && read_all(e, &o->pcap, read_pcap))
		return e;
	e->quiet = true;
	evidence_free(e);
	return NULL;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	for (unsigned int i = 0; e->net && !e->quiet && net_missing(e->net, i); i++)
		complain("--net: note: not in the files: %s", net_missing(e->net, i));
	if (e->joined && !e->quiet)
		tell_joined(e);
	free_comments(&e->comments);
	map_free_values(&e->pinned);
	net_free(e->net);
	joined_free(e->joined);
	alloc_free(e);
}
