// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sockets that can't be borrowed.  /proc/PID/fd/N links to socket:[inode]; an attribute of that link
 * names the protocol; sock_diag knows the rest by inode, where the kernel has it for the family.
 * An inode number may be used again, a cookie never: what is found is kept for a second at most.
 * Kernel: net/socket.c sockfs_xattr_get(), net/core/sock_diag.c, net/ipv4/inet_diag.c,
 * net/unix/diag.c, net/netlink/diag.c, net/packet/diag.c
 */
#include "config.h"

#include "sock/priv.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/alloc.h"
#include "procfs/procfs.h"
#include "sock/facts.h"
#include "sock/netns.h"
#include "sock/nl.h"
#include "uapi/uapi.h"

enum {
	ASK_AGAIN_NS = 20000000, /* for a socket that isn't known, or not bound yet */
	REQUEST = 256,
	ATTR_SKV6ONLY = 11, /* INET_DIAG_SKV6ONLY … of linux/inet_diag.h */
	ATTR_MARK = 15,
	ATTR_SOCKOPT = 22,
};

/* ---- by name of the protocol ---- */

/* A name in the kernel's struct proto, and what it says of the socket; -1: nothing. */
static const struct {
	const char *name;
	int domain, type, protocol;
} proto_names[] = {
	{ "TCP", AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ "TCPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ "UDP", AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDPv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDPLITEv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "PING", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ "PINGv6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	{ "RAW", AF_INET, SOCK_RAW, -1 },
	{ "RAWv6", AF_INET6, SOCK_RAW, -1 },
	{ "MPTCP", AF_INET, SOCK_STREAM, PROTOCOL_MPTCP },
	{ "MPTCPv6", AF_INET6, SOCK_STREAM, PROTOCOL_MPTCP },
	{ "UNIX", AF_UNIX, -1, 0 },
	{ "UNIX-STREAM", AF_UNIX, SOCK_STREAM, 0 },
	{ "NETLINK", AF_NETLINK, -1, -1 },
	{ "PACKET", AF_PACKET, -1, -1 },
	{ "AF_VSOCK", FAMILY_VSOCK, -1, 0 },
	{ "XDP", FAMILY_XDP, SOCK_RAW, 0 },
	{ "ALG", FAMILY_ALG, SOCK_SEQPACKET, 0 },
};

static void put_type(struct sock *s, int type)
{
	s->type = type;
	s->has |= SOCK_HAS_TYPE;
}

static void put_protocol(struct sock *s, int protocol)
{
	s->protocol = protocol;
	s->has |= SOCK_HAS_PROTOCOL;
}

static void put_proto_name(struct sock *s, const char *name)
{
	for (size_t i = 0; i < sizeof(proto_names) / sizeof(proto_names[0]); i++) {
		if (strcmp(proto_names[i].name, name))
			continue;
		s->domain = proto_names[i].domain;
		s->has |= SOCK_HAS_DOMAIN;
		if (proto_names[i].type >= 0)
			put_type(s, proto_names[i].type);
		if (proto_names[i].protocol >= 0)
			put_protocol(s, proto_names[i].protocol);
		return;
	}
}

/* ---- by sock_diag ---- */

struct finding_sock {
	struct sock *s; /* holds the inode that is looked for */
	uint64_t peer;  /* AF_UNIX: inode of the other end; 0 none */
	uint32_t waits; /* AF_UNIX: bytes in its queue */
	bool found;
};

static void put_cookie(struct finding_sock *d, const uint32_t cookie[2])
{
	d->s->cookie = cookie[0] | (uint64_t)cookie[1] << 32;
	d->s->has |= SOCK_HAS_COOKIE;
	d->found = true;
}

static struct addr inet_addr_of(int family, const void *bytes, uint16_t be_port, uint32_t ifindex)
{
	if (family == AF_INET)
		return addr_of_in(bytes, ntohs(be_port));

	struct addr a = addr_of_in6(bytes, ntohs(be_port), 0);

	return addr_is_linklocal(&a) ? addr_of_in6(bytes, ntohs(be_port), ifindex) : a;
}

static void put_sockopt(struct sock *s, const struct nlattr *a)
{
	const uint8_t *bits = mnl_attr_get_payload(a);

	if (!mnl_attr_get_payload_len(a))
		return;
	/* struct inet_diag_sockopt: recverr, is_icsk, freebind, hdrincl, mc_loop, transparent … */
	sock_opt_set(s, OPT_IP_RECVERR, bits[0] & 1);
	sock_opt_set(s, OPT_IP_FREEBIND, bits[0] >> 2 & 1);
	sock_opt_set(s, OPT_IP_TRANSPARENT, bits[0] >> 5 & 1);
	if (s->type == SOCK_RAW)
		sock_opt_set(s, OPT_IP_HDRINCL, bits[0] >> 3 & 1);
}

static int take_inet(const struct nlmsghdr *h, void *ctx)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct finding_sock *d = ctx;
	struct sock *s = d->s;
	const struct nlattr *a;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->idiag_inode != (uint32_t)s->inode)
		return 0;
	put_cookie(d, m->id.idiag_cookie);
	d->s->uid = m->idiag_uid;
	d->s->has |= SOCK_HAS_UID;
	s->local = inet_addr_of(s->domain, m->id.idiag_src, m->id.idiag_sport, m->id.idiag_if);
	s->has |= SOCK_HAS_PEER;
	if (m->id.idiag_dport)
		s->peer =
			inet_addr_of(s->domain, m->id.idiag_dst, m->id.idiag_dport, m->id.idiag_if);
	sock_opt_set(s, OPT_SO_BINDTODEVICE, (int32_t)m->id.idiag_if);
	if (s->type == SOCK_STREAM)
		sock_opt_set(s, OPT_SO_ACCEPTCONN, m->idiag_state == 10); /* TCP_LISTEN */
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		uint16_t len = mnl_attr_get_payload_len(a);
		const uint8_t *byte = mnl_attr_get_payload(a);

		switch (mnl_attr_get_type(a)) {
		case INET_DIAG_TOS:
			if (len)
				sock_opt_set(s, OPT_IP_TOS, byte[0]);
			break;
		case INET_DIAG_TCLASS:
			if (len)
				sock_opt_set(s, OPT_IPV6_TCLASS, byte[0]);
			break;
		case ATTR_SKV6ONLY:
			if (len)
				sock_opt_set(s, OPT_IPV6_V6ONLY, byte[0]);
			break;
		case ATTR_MARK:
			sock_opt_set(s, OPT_SO_MARK, (int32_t)nl_u32(a));
			break;
		case ATTR_SOCKOPT:
			put_sockopt(s, a);
			break;
		}
	}
	return -1; /* no need to look further */
}

static struct addr unix_addr(const struct nlattr *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = name ? mnl_attr_get_payload_len(name) : 0;

	if (len > sizeof(sun.sun_path))
		len = sizeof(sun.sun_path);
	if (len)
		memcpy(sun.sun_path, mnl_attr_get_payload(name), len);
	return addr_of(&sun, offsetof(struct sockaddr_un, sun_path) + len);
}

static int take_unix(const struct nlmsghdr *h, void *ctx)
{
	const struct unix_diag_msg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a, *name = NULL;
	struct finding_sock *d = ctx;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->udiag_ino != (uint32_t)d->s->inode)
		return 0;
	put_cookie(d, m->udiag_cookie);
	put_type(d->s, m->udiag_type);
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		if (mnl_attr_get_type(a) == UNIX_DIAG_NAME)
			name = a;
		else if (mnl_attr_get_type(a) == UNIX_DIAG_PEER)
			d->peer = nl_u32(a);
		else if (mnl_attr_get_type(a) == UNIX_DIAG_RQLEN)
			d->waits = nl_u32(a); /* udiag_rqueue is the first */
	}
	d->s->local = unix_addr(name);
	if (!d->peer) /* whose name would take another question: then the peer stays unknown */
		d->s->has |= SOCK_HAS_PEER;
	return -1;
}

static int take_netlink(const struct nlmsghdr *h, void *ctx)
{
	const struct netlink_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	struct finding_sock *d = ctx;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->ndiag_ino != (uint32_t)d->s->inode)
		return 0;
	put_cookie(d, m->ndiag_cookie);
	put_type(d->s, m->ndiag_type);
	put_protocol(d->s, m->ndiag_protocol);
	nl.nl_pid = m->ndiag_portid;
	d->s->local = addr_of(&nl, sizeof(nl));
	nl.nl_pid = m->ndiag_dst_portid;
	nl.nl_groups = m->ndiag_dst_group ? 1U << (m->ndiag_dst_group - 1) : 0;
	d->s->peer = addr_of(&nl, sizeof(nl));
	d->s->has |= SOCK_HAS_PEER;
	return -1;
}

static int take_packet(const struct nlmsghdr *h, void *ctx)
{
	const struct packet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct finding_sock *d = ctx;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->pdiag_ino != (uint32_t)d->s->inode)
		return 0;
	put_cookie(d, m->pdiag_cookie);
	put_type(d->s, m->pdiag_type);
	put_protocol(d->s, ntohs(m->pdiag_num));
	d->s->has |= SOCK_HAS_PEER; /* never has one */
	return -1;
}

static void diag_ask(struct netns *ns, struct finding_sock *d)
{
	char request[REQUEST] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	int (*take)(const struct nlmsghdr *h, void *ctx);

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_DUMP;
	switch (d->s->domain) {
	case AF_INET:
	case AF_INET6: {
		struct inet_diag_req_v2 *q = mnl_nlmsg_put_extra_header(h, sizeof(*q));

		if (!(d->s->has & SOCK_HAS_PROTOCOL) || d->s->protocol > UINT8_MAX)
			return;
		q->sdiag_family = (uint8_t)d->s->domain;
		q->sdiag_protocol = (uint8_t)d->s->protocol;
		q->idiag_ext = 1U << (INET_DIAG_TOS - 1) | 1U << (INET_DIAG_TCLASS - 1);
		q->idiag_states = UINT32_MAX;
		take = take_inet;
		break;
	}
	case AF_UNIX: {
		struct unix_diag_req *q = mnl_nlmsg_put_extra_header(h, sizeof(*q));

		h->nlmsg_flags = 0; /* it can be asked for by inode */
		q->sdiag_family = AF_UNIX;
		q->udiag_states = UINT32_MAX;
		q->udiag_ino = (uint32_t)d->s->inode;
		q->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN;
		q->udiag_cookie[0] = q->udiag_cookie[1] = UINT32_MAX;
		take = take_unix;
		break;
	}
	case AF_NETLINK: {
		struct netlink_diag_req *q = mnl_nlmsg_put_extra_header(h, sizeof(*q));

		q->sdiag_family = AF_NETLINK;
		q->sdiag_protocol = NDIAG_PROTO_ALL;
		take = take_netlink;
		break;
	}
	case AF_PACKET: {
		struct packet_diag_req *q = mnl_nlmsg_put_extra_header(h, sizeof(*q));

		q->sdiag_family = AF_PACKET;
		take = take_packet;
		break;
	}
	default:
		return;
	}
	nl_query(ns->diag, &ns->seq, h, take, d);
}

/* ---- the question ---- */

static struct diag_memo *memo_get(struct facts *f, uint64_t inode)
{
	struct diag_memo *m = lru_get(&f->inodes, inode);

	return m ? m : lru_add(&f->inodes, inode);
}

/* The entry of an earlier answer that still holds, or NULL. */
static struct sock_entry *memo_entry(struct facts *f, const struct diag_memo *m, uint64_t now)
{
	struct sock_entry *e = m->cookie ? lru_peek(&f->socks, m->cookie) : NULL;

	if (!e || !e->snap || e->stale || now - m->asked_ns > FACTS_REFRESH_NS)
		return NULL;
	if (sockread_unsettled(e->snap) && now - m->asked_ns > ASK_AGAIN_NS)
		return NULL;
	return e;
}

/* Asks in the process's namespace.  That the socket is found there proves that it is the socket's. */
static void diag_fill(struct facts *f, int tgid, struct finding_sock *d)
{
	struct event ev = { .tgid = tgid, .fd = -1, .proc = facts_proc(f, tgid) };
	int err;
	struct netns *ns = netns_of_event(&f->spaces, &ev, &err);

	if (ns)
		diag_ask(ns, d);
	if (ns && d->found) {
		d->s->netns = ns->ino;
		d->s->has |= SOCK_HAS_NETNS;
	}
	proc_unref(ev.proc);
}

/* Asks anew of ev's AF_UNIX socket: 0 or -errno. */
static int diag_unix(struct facts *f, const struct event *ev, struct finding_sock *d)
{
	int err;
	struct netns *ns = netns_of_event(&f->spaces, ev, &err);

	if (!ns)
		return err;
	d->s = sock_new();
	d->s->domain = AF_UNIX;
	d->s->inode = ev->sock->inode;
	diag_ask(ns, d);
	sock_unref(d->s);
	return d->found ? 0 : -ENODATA;
}

static bool is_unix(const struct sock *s)
{
	return s && s->domain == AF_UNIX && (s->has & SOCK_HAS_INODE);
}

uint64_t sockdiag_unix_peer(struct facts *f, const struct event *ev)
{
	struct finding_sock d = { 0 };
	struct diag_memo *m;

	if (!is_unix(ev->sock))
		return 0;
	m = memo_get(f, ev->sock->inode);
	/* an end that was connected once stays so, until it is closed */
	if (!m->peer && !diag_unix(f, ev, &d))
		m->peer = d.peer;
	return m->peer;
}

int sockdiag_unix_waits(struct facts *f, const struct event *ev)
{
	struct finding_sock d = { 0 };
	int rc = is_unix(ev->sock) ? diag_unix(f, ev, &d) : -ENODATA;

	return rc ? rc : d.waits > INT32_MAX ? INT32_MAX : (int)d.waits;
}

uint64_t sockdiag_netns(struct facts *f, int tgid, const struct sock *s)
{
	struct finding_sock d = { 0 };
	uint64_t netns;

	if (!(s->has & SOCK_HAS_INODE) || !(s->has & SOCK_HAS_DOMAIN))
		return 0;
	d.s = sock_new();
	d.s->inode = s->inode;
	d.s->domain = s->domain;
	d.s->type = s->type;
	d.s->protocol = s->protocol;
	d.s->has = s->has & (SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL);
	diag_fill(f, tgid, &d);
	netns = d.s->netns; /* 0 where it isn't found: not bound yet, or of another namespace */
	sock_unref(d.s);
	return netns;
}

int sockdiag_sock(struct facts *f, const struct proc_slot *p, int fd, struct sock **found)
{
	struct procfs_path path = procfs_path(p->via, "fd/%d", fd);
	char link[64], name[32];
	struct finding_sock d = { 0 };
	uint64_t now = clock_ns(CLOCK_MONOTONIC_COARSE);
	unsigned long long inode;
	struct sock_entry *e;
	struct diag_memo *m;
	ssize_t n;

	n = procfs_link(path.s, link, sizeof(link));
	if (n < 0)
		return n == -ENOENT ? -EBADF : (int)n;
	if (sscanf(link, "socket:[%llu]", &inode) != 1)
		return 0;
	m = memo_get(f, inode);
	e = memo_entry(f, m, now);
	if (e) {
		*found = sock_ref(e->snap);
		return 0;
	}

	d.s = sock_new();
	d.s->inode = inode;
	d.s->has |= SOCK_HAS_INODE;
	n = getxattr(path.s, "system.sockprotoname", name, sizeof(name) - 1);
	if (n > 0) {
		name[n] = '\0';
		put_proto_name(d.s, name);
	}
	if (m->cookie || now - m->asked_ns > ASK_AGAIN_NS) {
		diag_fill(f, p->tgid, &d);
		m->asked_ns = now;
		m->cookie = d.found ? d.s->cookie : 0;
	}
	sock_derive(d.s);
	if (!d.found) {
		*found = d.s;
		return 0;
	}
	e = sock_entry_get(f, d.s->cookie);
	sock_entry_put(e, d.s);
	e->extra = (struct sockread_extra){ 0 };
	e->stale = false;
	e->read_ns = now;
	*found = sock_ref(e->snap);
	return 0;
}
