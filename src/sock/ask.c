// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What rules may ask of the live system: struct ask's members.  The order in which the kernel settles
 * interface and source before its route lookup is repeated here; the lookup is its own.
 * Kernel: net/ipv4/udp.c udp_sendmsg(), net/ipv6/udp.c udpv6_sendmsg(), net/ipv6/datagram.c
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "kernel/model.h"
#include "sock/facts.h"
#include "sock/netns.h"
#include "sock/priv.h"
#include "sock/route.h"
#include "sock/sockdiag.h"

const char *facts_ask_ifname(void *ctx, const struct event *ev, uint32_t index)
{
	struct netns *ns = netns_to_name(ctx, ev);

	return ns ? netns_ifname(ns, index) : NULL;
}

uint64_t facts_ask_unix_peer(void *ctx, const struct event *ev)
{
	return sockdiag_unix_peer(ctx, ev);
}

int facts_ask_fd_open(void *ctx, const struct event *ev, int fd)
{
	char path[48];

	(void)ctx;
	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", ev->tid, fd);
	/* the link itself, whatever the descriptor is */
	if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT && proc_fds_readable(ev->tid) ? 0 : -EACCES;
}

/* Only where its pid namespace is ours do numbers mean the same. */
int facts_ask_pid_exists(void *ctx, const struct event *ev, int pid)
{
	(void)ctx;
	if (pid <= 0)
		return 0;
	if (!proc_shares_pids(ev->tgid))
		return -ENODATA;
	if (!kill(pid, 0) || errno == EPERM)
		return 1;
	/* a group or a session without its leader keeps the number in use */
	return !kill(-pid, 0) || errno == EPERM;
}

/* Only where a traced process holds the other end can its options be read. */
int facts_ask_peer_passcred(void *ctx, const struct event *ev)
{
	struct facts *f = ctx;
	uint64_t inode = sockdiag_unix_peer(f, ev);
	struct sock *s = inode ? proc_find_socket(f, ev->tgid, inode) : NULL;
	int on = sock_opt_known(s, OPT_SO_PASSCRED) ? sock_opt(s, OPT_SO_PASSCRED) != 0 : -ENODATA;

	sock_unref(s);
	return on;
}

int facts_ask_optmem_max(void *ctx, const struct event *ev)
{
	int err;
	struct netns *ns = netns_of_event(ctx, ev, &err);

	return ns ? netns_optmem_max(ctx, ns, ev) : err;
}

/* Bytes of an unmapped internet address. */
static const void *addr_bytes(const struct addr *a)
{
	if (a->family == AF_INET)
		return &((const struct sockaddr_in *)&a->ss)->sin_addr;
	return &((const struct sockaddr_in6 *)&a->ss)->sin6_addr;
}

static uint32_t addr_scope_id(const struct addr *a)
{
	if (a->family != AF_INET6 || a->len < sizeof(struct sockaddr_in6))
		return 0;
	return ((const struct sockaddr_in6 *)&a->ss)->sin6_scope_id;
}

static struct route_key key_of(const struct addr *dest)
{
	struct route_key k;

	memset(&k, 0, sizeof(k));
	k.family = (uint8_t)dest->family;
	k.uid = UINT32_MAX;
	memcpy(k.dst, addr_bytes(dest), k.family == AF_INET ? 4 : 16);
	return k;
}

/* ---- is it one of ours? ---- */

/* 1, 0 or -errno; a is unmapped. */
static int is_local(struct netns *ns, const struct addr *a)
{
	struct route_key key = key_of(a);
	const struct route_answer *answer;
	int rc;

	if (addr_is_multicast(a) || addr_is_wildcard(a) || addr_is_broadcast(a))
		return 0;
	rc = netns_has_addr(ns, key.family, key.dst);
	if (rc)
		return rc;
	/* "ip route add local …": the address needn't be on any interface. */
	answer = route_ask(ns, &key, &rc);
	if (!answer)
		return rc;
	return !answer->err && answer->type == RTN_LOCAL;
}

int facts_ask_is_local(void *ctx, const struct event *ev, const struct addr *addr)
{
	struct addr a = addr_unmapped(addr);
	struct netns *ns;
	int err;

	if (!addr_is_inet(&a))
		return -EAFNOSUPPORT;
	ns = netns_of_event(ctx, ev, &err);
	return ns ? is_local(ns, &a) : err;
}

/* ---- candidates ---- */

static uint64_t addresses_of(const struct netns_addr *n)
{
	if (n->loopback && n->family == AF_INET && n->prefix && n->prefix < 31)
		return (1ULL << (32 - n->prefix)) - 2; /* all but its ends can be asked */
	return 1;
}

/*
 * How many of the namespace's addresses may a peer at dest have asked?  Those of the family that are
 * reachable from there: a loopback peer the loopback ones, a link-local one those of its link, any
 * other all that are neither.
 */
static uint32_t candidates(struct netns *ns, const struct addr *dest)
{
	bool loopback = addr_is_loopback(dest), link = addr_is_linklocal(dest);
	uint32_t ifindex = addr_scope_id(dest);
	uint64_t n = 0;

	if (netns_read_addrs(ns))
		return 0;
	for (unsigned int i = 0; i < ns->naddrs; i++) {
		const struct netns_addr *a = &ns->addrs[i];
		bool here;

		if (a->family != dest->family || !a->usable)
			continue;
		if (loopback)
			here = a->scope == RT_SCOPE_HOST;
		else if (link && a->scope == RT_SCOPE_LINK)
			here = !ifindex || a->ifindex == ifindex;
		else if (link)
			here = a->family == AF_INET && a->scope < RT_SCOPE_LINK;
		else
			here = a->scope < RT_SCOPE_LINK;
		if (here)
			n += addresses_of(a);
	}
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* ---- the source of a message ---- */

/*
 * Is the socket's local address the source that the kernel takes when nothing else is said?  Binding
 * to a multicast or broadcast address fixes no source.  1, 0 or -errno.
 */
static int fixed_source(struct netns *ns, const struct sock *s, const struct addr *local)
{
	if (!addr_is_inet(local) || addr_is_wildcard(local) || addr_is_multicast(local) ||
	    addr_is_broadcast(local))
		return 0;
	if (sock_opt(s, OPT_IP_TRANSPARENT) || sock_opt(s, OPT_IP_FREEBIND) ||
	    sock_opt(s, OPT_IPV6_FREEBIND) || sock_opt(s, OPT_IPV6_TRANSPARENT))
		return 1;
	return is_local(ns, local);
}

/* The interface the lookup is bound to, 0 any; -ENODATA where that can't be known. */
static int64_t flow_oif4(const struct sock *s, const struct addr *dest, uint32_t oif)
{
	uint32_t bound = (uint32_t)sock_opt(s, OPT_SO_BINDTODEVICE);

	if (oif)
		return oif;
	if (bound)
		return bound;
	if (addr_is_multicast(dest))
		/* An interface set by index (ip_mreqn) can't be read back, only an address. */
		return sock_opt(s, OPT_IP_MULTICAST_IF) ? 0 : -ENODATA;
	return sock_opt(s, OPT_IP_UNICAST_IF);
}

static int64_t flow_oif6(const struct sock *s, const struct addr *dest, uint32_t oif)
{
	uint32_t bound = (uint32_t)sock_opt(s, OPT_SO_BINDTODEVICE);

	if ((addr_is_linklocal(dest) || addr_is_multicast(dest)) && addr_scope_id(dest))
		return addr_scope_id(dest);
	if (oif)
		return oif;
	if (bound)
		return bound;
	return sock_opt(s, addr_is_multicast(dest) ? OPT_IPV6_MULTICAST_IF : OPT_IPV6_UNICAST_IF);
}

static uint8_t flow_proto(const struct sock *s)
{
	return s->has & SOCK_HAS_PROTOCOL && s->protocol > 0 && s->protocol < 256
		       ? (uint8_t)s->protocol
		       : 0;
}

static uint32_t flow_uid(const struct facts *f, const struct event *ev)
{
	uint32_t uid = facts_sock_uid(f, ev->sock);

	if (uid == UINT32_MAX && ev->proc && ev->proc->has & PROC_HAS_IDS)
		uid = ev->proc->euid;
	return uid;
}

/* An empty destination means this host (ip_route_output_key_hash_rcu(), udpv6_sendmsg()). */
static struct addr real_dest(const struct addr *dest)
{
	struct addr d = addr_unmapped(dest);
	struct in_addr lo4 = { htonl(INADDR_LOOPBACK) };

	if (!addr_is_wildcard(&d))
		return d;
	if (d.family == AF_INET)
		return addr_of_in(&lo4, addr_port(&d));
	return addr_of_in6(&in6addr_loopback, addr_port(&d), 0);
}

/* ---- what the message's own control messages change of the lookup ---- */

struct wishes {
	bool no_source; /* an IPv4 pktinfo without an address takes the socket's own away */
	bool has_mark, has_tos;
	uint32_t mark;
	int32_t tos;
};

/*
 * The message of ev that the question is about: to dest, by interface oif.  Several of a vector may fit;
 * they are taken to be alike.
 */
static const struct msg *message_to(const struct event *ev, const struct addr *dest, uint32_t oif)
{
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		const struct msg *m = &ev->msg[i];
		struct addr to = model_dest(ev, m);

		if (m->outcome && m->outcome->oif == oif && addr_same(&to, dest))
			return m;
	}
	return NULL;
}

/* Only what the kernel takes: a refused or ignored one changes nothing. */
static struct wishes wishes_of(const struct msg *m, bool v4)
{
	struct wishes w = { 0 };

	if (!m)
		return w;
	w.no_source = v4 && m->outcome->has_source_cmsg &&
		      (!m->outcome->source.len || addr_is_wildcard(&m->outcome->source));
	for (uint32_t i = 0; m->verdict && i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];
		int32_t v = 0;

		if (m->verdict[i].what != VERDICT_ACCEPT)
			continue;
		if (c->data_len >= sizeof(v))
			memcpy(&v, c->data, sizeof(v));
		else if (c->data_len)
			v = c->data[0];
		if (c->level == SOL_SOCKET && c->type == SO_MARK) {
			w.has_mark = true;
			w.mark = (uint32_t)v;
		} else if (v4 ? c->level == IPPROTO_IP && c->type == IP_TOS
			      : c->level == IPPROTO_IPV6 && c->type == IPV6_TCLASS) {
			w.has_tos = true;
			w.tos = v;
		}
	}
	return w;
}

/* ---- the question ---- */

static void key_fill_ports(struct route_key *key, const struct sock *s, const struct addr *dest)
{
	key->sport = addr_port(&s->local);
	key->dport = addr_port(dest);
}

static void key_fill(struct route_key *key, const struct facts *f, struct netns *ns,
		     const struct event *ev, const struct addr *dest, const struct wishes *w)
{
	const struct sock *s = ev->sock;
	int tos = sock_opt(s, key->family == AF_INET ? OPT_IP_TOS : OPT_IPV6_TCLASS);

	if (w->has_tos)
		tos = w->tos;
	key->mark = w->has_mark ? w->mark : (uint32_t)sock_opt(s, OPT_SO_MARK);
	key->tos = (uint8_t)(tos < 0 ? 0 : tos & 0xfc); /* without the ECN bits */
	key->uid = flow_uid(f, ev);
	key->proto = flow_proto(s);
	if (!netns_read_addrs(ns) && ns->ports_count)
		key_fill_ports(key, s, dest);
}

/* In key's family; for what is link-local with its interface. */
static struct addr source_addr(const struct route_key *key, const uint8_t *bytes, uint16_t port,
			       uint32_t oif)
{
	if (key->family == AF_INET)
		return addr_of_in(bytes, port);

	struct addr a = addr_of_in6(bytes, port, 0);

	return addr_is_linklocal(&a) ? addr_of_in6(bytes, port, oif) : a;
}

/*
 * The source that is settled before any lookup: the bound or connected address, for IPv4 multicast also
 * that of IP_MULTICAST_IF.  1 and *source, 0 the route decides, or -errno.
 */
static int settled_source(struct netns *ns, const struct sock *s, const struct addr *dest,
			  const struct wishes *w, struct addr *source)
{
	struct addr local = addr_unmapped(&s->local);
	int rc = w->no_source ? 0 : fixed_source(ns, s, &local);
	int32_t mc = sock_opt(s, OPT_IP_MULTICAST_IF);

	if (rc > 0 && local.family != dest->family)
		return -EAFNOSUPPORT;
	*source = local;
	if (rc == 0 && mc && dest->family == AF_INET && addr_is_multicast(dest)) {
		*source = addr_of_in(&mc, addr_port(&local));
		rc = 1;
	}
	return rc;
}

/* IPv4 lookups refuse a foreign source, but for a transparent socket, which can't be told to them. */
static bool source_fits_lookup(struct netns *ns, const struct sock *s, const struct addr *source)
{
	return source->family != AF_INET || !sock_opt(s, OPT_IP_TRANSPARENT) ||
	       is_local(ns, source) > 0;
}

int facts_ask_route(void *ctx, const struct event *ev, const struct addr *dest, uint32_t oif,
		    struct route_fact *out)
{
	struct facts *f = ctx;
	const struct sock *s = ev->sock;
	struct addr d = real_dest(dest), source;
	struct route_answer *answer;
	struct route_key key;
	struct wishes w;
	struct netns *ns;
	int64_t flow_oif;
	int rc, settled;

	memset(out, 0, sizeof(*out));
	if (!s || !addr_is_inet(&d))
		return -EAFNOSUPPORT;
	ns = netns_of_event(f, ev, &rc);
	if (!ns)
		return rc;
	w = wishes_of(message_to(ev, dest, oif), d.family == AF_INET);
	settled = settled_source(ns, s, &d, &w, &source);
	if (settled < 0)
		return settled;
	if (!settled && facts_sock_odd(f, s, d.family))
		return -ENODATA;
	flow_oif = d.family == AF_INET ? flow_oif4(s, &d, oif) : flow_oif6(s, &d, oif);
	if (flow_oif < 0 && !settled)
		return (int)flow_oif;
	key = key_of(&d);
	key.oif = flow_oif < 0 ? 0 : (uint32_t)flow_oif;
	key_fill(&key, f, ns, ev, &d, &w);
	if (settled && source_fits_lookup(ns, s, &source)) {
		key.has_src = 1;
		memcpy(key.src, addr_bytes(&source), key.family == AF_INET ? 4 : 16);
	}
	answer = route_ask(ns, &key, &rc);
	if (answer && answer->several && !key.dport) {
		key_fill_ports(&key, s, &d);
		answer = route_ask(ns, &key, &rc);
	}
	if (!answer)
		return rc;
	if (!answer->err && !settled && !answer->has_source)
		return -ENODATA;
	if (!answer->counted) {
		answer->candidates = candidates(ns, &d);
		answer->counted = true;
	}
	out->have = true;
	out->err = answer->err;
	out->oif = answer->oif;
	out->candidates = answer->candidates;
	if (settled)
		out->source = source;
	else if (!answer->err)
		out->source = source_addr(&key, answer->source, addr_port(&s->local), answer->oif);
	return 0;
}
