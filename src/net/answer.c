// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Questions of event/ask.h, answered from the tables; as src/sock/ask.c asks the kernel.
 * Kernel: net/ipv4/route.c ip_route_output_key_hash_rcu(), net/ipv4/fib_semantics.c fib_select_path(),
 * net/ipv6/ip6_output.c ip6_dst_lookup_tail(), net/ipv6/route.c ip6_route_get_saddr()
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/priv.h"

/* ---- interfaces: events of a log may have numbers of their own for names ---- */

static const char *event_name(const struct event *ev, uint32_t index)
{
	for (const struct ifname *i = ev->ifnames; i; i = i->next) {
		if (i->index == index)
			return i->name;
	}
	return NULL;
}

/* Place of the link that ev calls index; 0: none of ours. */
static uint32_t link_of(const struct net *n, const struct event *ev, uint32_t index)
{
	const char *name = event_name(ev, index);

	for (uint32_t i = 0; i < n->nlinks; i++) {
		if (name ? !strcmp(n->links[i].name, name) : n->links[i].index == index)
			return i + 1;
	}
	return 0;
}

static uint32_t index_of(const struct net *n, const struct event *ev, uint32_t link)
{
	if (!link)
		return 0;
	for (const struct ifname *i = ev->ifnames; i; i = i->next) {
		if (!strcmp(i->name, n->links[link - 1].name))
			return i->index;
	}
	return n->links[link - 1].index;
}

/* ---- local? ---- */

struct where {
	const struct net *n;
	const struct event *ev;
};

static struct net_key key_of(const struct addr *dest)
{
	struct net_key k = { .family = (uint8_t)dest->family, .uid = UINT32_MAX };

	memcpy(k.dst, host_addr_bytes(dest), net_addr_len(k.family));
	return k;
}

/* 1, 0 or -errno; a is unmapped. */
static int is_local(void *ctx, const struct addr *a)
{
	const struct net *n = ((const struct where *)ctx)->n;
	const struct net_key k = key_of(a);

	if (addr_is_multicast(a) || addr_is_wildcard(a) || addr_is_broadcast(a))
		return 0;
	if (a->family == AF_INET && addr_is_loopback(a))
		return 1;
	for (uint32_t i = 0; i < n->nroutes; i++) {
		const struct net_route *r = &n->routes[i];

		if (r->type == RTN_LOCAL && r->family == k.family &&
		    net_prefix_match(r->dst, k.dst, r->plen))
			return 1;
	}
	for (uint32_t i = 0; i < n->naddrs; i++) {
		if (n->hosts[i].family == k.family &&
		    !memcmp(n->hosts[i].addr, k.dst, net_addr_len(k.family)))
			return 1;
	}
	return n->have_addrs ? 0 : -ENODATA;
}

/* ---- the source ---- */

struct choice {
	const struct net *n;
	const struct net_key *k;
	bool have, unknown, several;
	uint8_t source[16];
	uint32_t link;
};

/* net/ipv4/fib_semantics.c fib_result_prefsrc(), net/ipv6/route.c ip6_route_get_saddr() */
static void take_hop(void *ctx, const struct net_hop *hop, const struct net_route *r)
{
	struct choice *c = ctx;
	uint8_t source[16] = { 0 };
	bool have = true, unknown = false;

	if (r->has_src)
		memcpy(source, r->src, 16);
	else if (c->k->family == AF_INET && r->type == RTN_LOCAL)
		memcpy(source, c->k->dst, 4);
	else if (c->k->family == AF_INET)
		have = net_select4(c->n, hop->link,
				   hop->has_gw && hop->gw_family == AF_INET ? hop->gw : NULL,
				   r->scope, source, &unknown);
	else
		have = net_select6(c->n, hop->link, c->k->dst, source);
	c->unknown |= unknown;
	c->several |= c->have && (memcmp(source, c->source, 16) != 0);
	if (!c->have)
		c->link = hop->link;
	c->have |= have && !unknown;
	memcpy(c->source, source, 16);
}

/* Without a lookup: by the link alone. */
static void take_link(struct choice *c, uint32_t link, uint8_t scope)
{
	c->link = link;
	c->have = net_select4(c->n, link, NULL, scope, c->source, &c->unknown);
}

/* true: IPv4 to an interface's own neighbours needs no route. */
static bool choose_on_link(struct choice *c, const struct addr *dest)
{
	const uint8_t *d = c->k->dst;
	const bool near = (d[0] == 224 && !d[1] && !d[2]) || addr_is_broadcast(dest);

	if (c->k->family != AF_INET || !c->k->oif || (!near && !addr_is_multicast(dest)))
		return false;
	take_link(c, c->k->oif, near ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
	return true;
}

/* What the kernel said itself of that very flow. */
static bool choose_got(struct choice *c)
{
	const struct net_key *k = c->k;
	bool by_uid = false;

	for (uint32_t i = 0; i < c->n->nrules; i++)
		by_uid |= c->n->rules[i].has_uid;
	for (uint32_t i = c->n->ngots; i > 0; i--) {
		const struct net_got *g = &c->n->gots[i - 1];
		const struct net_key *a = &g->asked;

		if (a->family != k->family || memcmp(a->dst, k->dst, 16) != 0 || a->has_src ||
		    k->has_src || a->oif != k->oif || a->mark != k->mark || a->tos != k->tos ||
		    a->proto != k->proto || a->sport != k->sport || a->dport != k->dport ||
		    (by_uid && a->uid != k->uid))
			continue;
		c->have = true;
		c->link = g->link;
		memcpy(c->source, g->source, 16);
		return true;
	}
	return false;
}

/* Names the command that settles it, of the first such flow. */
static void miss_hash(const struct net *n, const struct net_key *k)
{
	static const char begins[] = "several next hops with sources of their own: ";
	char dst[INET6_ADDRSTRLEN], more[64] = "";
	int len = 0;

	for (unsigned int i = 0; net_missing(n, i); i++) {
		if (!strncmp(net_missing(n, i), begins, sizeof(begins) - 1))
			return;
	}
	if (k->tos)
		len = snprintf(more, sizeof(more), " tos 0x%x", k->tos);
	if (k->mark)
		snprintf(more + len, sizeof(more) - (size_t)len, " mark %u", k->mark);
	net_miss(
		n,
		"%s'ip route get %s ipproto %s sport %u dport %u%s' and its answer tell which (the "
		"kernel's hash has a secret key)",
		begins, inet_ntop(k->family, k->dst, dst, sizeof(dst)),
		k->proto == IPPROTO_UDP ? "udp" : "tcp", k->sport, k->dport, more);
}

/* 0 or -ENODATA; *err: what the lookup says. */
static int choose(const struct net *n, const struct net_key *k, const struct addr *dest,
		  struct choice *c, int *err)
{
	struct net_found f;

	*c = (struct choice){ .n = n, .k = k };
	if (choose_got(c))
		return 0;
	if (choose_on_link(c, dest))
		return c->unknown || !c->have ? -ENODATA : 0;
	f = net_lookup(n, k);
	if (f.unknown)
		return -ENODATA;
	*err = f.err;
	if (f.err && k->family == AF_INET && k->oif && !f.route) {
		/* "apparently, routing tables are wrong": it is taken for a neighbour */
		*err = 0;
		take_link(c, k->oif, RT_SCOPE_LINK);
		return c->unknown || !c->have ? -ENODATA : 0;
	}
	if (f.err)
		return 0;
	if (k->family == AF_INET6 && !n->have_addrs && !f.route->has_src) {
		net_miss(n, "addresses: what 'ip addr' prints");
		return -ENODATA;
	}
	net_hops(n, k, &f, take_hop, c);
	if (c->several)
		miss_hash(n, k);
	return c->several || c->unknown || !c->have ? -ENODATA : 0;
}

static struct addr addr_from(const struct net_key *k, const uint8_t *bytes, uint16_t port,
			     uint32_t oif)
{
	struct addr a;

	if (k->family == AF_INET)
		return addr_of_in(bytes, port);
	a = addr_of_in6(bytes, port, 0);
	return addr_is_linklocal(&a) ? addr_of_in6(bytes, port, oif) : a;
}

/* The link of an address of ours, for IPv4's many. */
static uint32_t link_with(const struct net *n, const uint8_t *addr)
{
	for (uint32_t i = 0; i < n->naddrs; i++) {
		if (n->addrs[i].host.family == AF_INET && !memcmp(n->addrs[i].host.addr, addr, 4))
			return n->addrs[i].host.ifindex;
	}
	return 0;
}

static int answer_route(const struct net *n, const struct event *ev, const struct flow *flow,
			struct route_fact *out)
{
	struct where w = { n, ev };
	struct net_key k;
	struct addr source;
	struct choice c;
	int settled, rc, err = 0;

	if (!ev->sock || !flow->have)
		return -EAFNOSUPPORT;
	settled = host_settled_source(ev->sock, flow, is_local, &w, &source);
	if (settled < 0)
		return settled;
	if (!settled && flow->oif_unknown) {
		net_miss(n, "the interface of IP_MULTICAST_IF, which may be set by index");
		return -ENODATA;
	}
	k = key_of(&flow->dest);
	k.oif = flow->oif ? link_of(n, ev, flow->oif) : 0;
	if (flow->oif && !k.oif) {
		net_miss(n, "an interface that the files don't name");
		return -ENODATA;
	}
	k.strict = k.oif;
	k.mark = flow->mark;
	k.tos = flow->tos;
	k.uid = flow->uid;
	k.proto = flow->protocol;
	k.sport = addr_port(&flow->source);
	k.dport = addr_port(&flow->dest);
	if (settled) {
		k.has_src = true;
		memcpy(k.src, host_addr_bytes(&source), net_addr_len(k.family));
		if (!k.oif && (addr_is_multicast(&flow->dest) || addr_is_broadcast(&flow->dest)))
			k.oif = link_with(n, k.src);
	}
	rc = choose(n, &k, &flow->dest, &c, &err);
	if (rc && !settled)
		return rc;
	/* IPv4 lookups refuse a foreign source, but a transparent socket's */
	if (settled && k.family == AF_INET && !sock_opt(ev->sock, OPT_IP_TRANSPARENT) &&
	    !is_local(&w, &source))
		err = -ENETUNREACH;
	out->have = true;
	out->err = err;
	out->oif = index_of(n, ev, c.link);
	out->candidates = n->have_addrs ? host_candidates(n->hosts, n->naddrs, &flow->dest) : 0;
	if (settled)
		out->source = source;
	else if (!err)
		out->source = addr_from(&k, c.source, addr_port(&flow->source), out->oif);
	return 0;
}

static int answer_ifname(const struct net *n, uint32_t index, char name[16])
{
	for (uint32_t i = 0; i < n->nlinks; i++) {
		if (index && n->links[i].index == index) {
			memcpy(name, n->links[i].name, 16);
			return 0;
		}
	}
	return -ENODATA;
}

/* net/ipv6/addrconf.c ipv6_chk_addr_and_flags(): of link scope it has to be the interface's own. */
static int answer_source6(const struct net *n, const struct event *ev, const struct addr *a,
			  uint32_t oif)
{
	const bool strict = addr_is_linklocal(a) || addr_is_loopback(a);
	struct where w = { n, ev };
	int why = SOURCE6_FOREIGN;

	if (a->family != AF_INET6 || addr_is_mapped(a))
		return -EAFNOSUPPORT;
	if (!n->have_addrs)
		return -ENODATA;
	for (uint32_t i = 0; i < n->naddrs; i++) {
		const struct net_addr *own = &n->addrs[i];

		if (own->host.family != AF_INET6 || memcmp(own->host.addr, host_addr_bytes(a), 16))
			continue;
		if (strict && oif && own->host.ifindex != link_of(n, ev, oif))
			why = why ? why : SOURCE6_ELSEWHERE;
		else if (!own->host.usable)
			why = SOURCE6_TENTATIVE;
		else
			return SOURCE6_FITS;
	}
	return why ? why : is_local(&w, a) > 0 ? SOURCE6_ROUTED : SOURCE6_FOREIGN;
}

bool net_answer(const struct net *n, const struct event *ev, const struct question *q,
		struct answer *a)
{
	struct where w = { n, ev };
	struct addr addr = addr_unmapped(&q->addr);

	net_finish((struct net *)n);
	switch (q->kind) {
	case ASK_ROUTE:
		a->result = answer_route(n, ev, &q->flow, &a->route);
		return true;
	case ASK_IS_LOCAL:
		a->result = addr_is_inet(&addr) ? is_local(&w, &addr) : -EAFNOSUPPORT;
		return true;
	case ASK_SOURCE6:
		a->result = answer_source6(n, ev, &q->addr, q->oif);
		return true;
	case ASK_IFNAME:
		a->result = answer_ifname(n, (uint32_t)q->number, a->name);
		return true;
	default:
		return false;
	}
}
