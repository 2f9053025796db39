// SPDX-License-Identifier: LGPL-2.1-or-later
/* The rows, and what follows from them: net/ipv4/fib_frontend.c fib_add_ifaddr(), net/ipv6/addrconf.c */
#include "config.h"

#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "net/priv.h"

struct net *net_new(void)
{
	return alloc_zeroed(1, sizeof(struct net));
}

void net_free(struct net *n)
{
	if (!n)
		return;
	for (unsigned int i = 0; i < n->nmissing; i++)
		alloc_free(n->missing[i]);
	alloc_free(n->links);
	alloc_free(n->addrs);
	alloc_free(n->routes);
	alloc_free(n->hops);
	alloc_free(n->rules);
	alloc_free(n->gots);
	alloc_free(n->hosts);
	alloc_free(n);
}

void *net_add_row(void **rows, uint32_t *n, size_t size)
{
	if (*n == NET_ROWS_MAX)
		return NULL;
	/* twice as many each time that a power of two is full */
	if (!(*n & (*n - 1)))
		*rows = alloc_resize(*rows, (*n ? *n * 2UL : 1UL) * size);

	void *row = (char *)*rows + *n * size;

	(*n)++;
	return memset(row, 0, size);
}

const struct net_link *net_link_find(const struct net *n, const char *name)
{
	for (uint32_t i = 0; i < n->nlinks; i++) {
		if (!strcmp(n->links[i].name, name))
			return &n->links[i];
	}
	return NULL;
}

uint32_t net_link(struct net *n, const char *name)
{
	const struct net_link *known = net_link_find(n, name);
	struct net_link *l;

	if (known)
		return (uint32_t)(known - n->links) + 1;
	if (!*name || strlen(name) >= sizeof(l->name))
		return 0;
	l = NET_ADD(n->links, n->nlinks);
	if (!l)
		return 0;
	memcpy(l->name, name, strlen(name) + 1);
	l->up = true; /* until its own line says otherwise */
	l->loopback = !strcmp(name, "lo");
	return n->nlinks;
}

void net_miss(const struct net *n, const char *fmt, ...)
{
	struct net *w = (struct net *)n; /* what was missed is no part of the tables */
	char text[192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (unsigned int i = 0; i < n->nmissing; i++) {
		if (!strcmp(n->missing[i], text))
			return;
	}
	if (n->nmissing < NET_MISSING_MAX)
		w->missing[w->nmissing++] = alloc_strdup(text);
}

const char *net_missing(const struct net *n, unsigned int i)
{
	return i < n->nmissing ? n->missing[i] : NULL;
}

bool net_prefix_match(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	return !memcmp(a, b, whole) && (!rest || !((a[whole] ^ b[whole]) >> (8 - rest)));
}

/* ---- what follows ---- */

static void add_local(struct net *n, const struct host_addr *a, const uint8_t *dst, uint8_t plen,
		      uint8_t type, const uint8_t *src)
{
	struct net_route *r = NET_ADD(n->routes, n->nroutes);
	struct net_hop *h = r ? NET_ADD(n->hops, n->nhops) : NULL;

	if (!h)
		return;
	r->family = a->family;
	r->type = type;
	r->scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK;
	r->plen = plen;
	memcpy(r->dst, dst, net_addr_len(a->family));
	snprintf(r->table, sizeof(r->table), "local");
	r->has_src = src;
	if (src)
		memcpy(r->src, src, net_addr_len(a->family));
	r->hop = n->nhops - 1;
	r->nhops = 1;
	h->link = a->ifindex;
}

/* The primary address of a's prefix on its link: a itself, but for secondaries. */
static const struct host_addr *primary_of(const struct net *n, const struct net_addr *a)
{
	for (uint32_t i = 0; a->secondary && i < n->naddrs; i++) {
		const struct host_addr *p = &n->addrs[i].host;

		if (!n->addrs[i].secondary && p->family == a->host.family &&
		    p->ifindex == a->host.ifindex && p->prefix == a->host.prefix &&
		    net_prefix_match(p->addr, a->host.addr, p->prefix))
			return p;
	}
	return &a->host;
}

static void imply_local4(struct net *n, const struct net_addr *a)
{
	const struct host_addr h = a->host, *p = primary_of(n, a);
	const uint8_t plen = h.prefix;
	uint8_t src[4], first[4], last[4];

	memcpy(src, p->addr, 4);
	add_local(n, &h, h.addr, 32, RTN_LOCAL, src);
	if (plen >= 31)
		return;
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bits = plen <= i * 8 ? 0 : plen - i * 8 >= 8 ? 8 : plen - i * 8;
		uint8_t mask = (uint8_t)(0xff00 >> bits);

		first[i] = h.addr[i] & mask;
		last[i] = h.addr[i] | (uint8_t)~mask;
	}
	if (h.loopback)
		add_local(n, &h, first, plen, RTN_LOCAL, src);
	else
		add_local(n, &h, last, 32, RTN_BROADCAST, src);
}

static void imply_local(struct net *n)
{
	static const uint8_t all[16] = { 0xff };
	const uint32_t naddrs = n->naddrs;

	for (uint32_t i = 0; i < naddrs; i++) {
		const struct net_addr a = n->addrs[i];

		if (n->have_local[net_v6(a.host.family)])
			continue;
		if (a.host.family == AF_INET)
			imply_local4(n, &a);
		else if (a.host.usable)
			add_local(n, &a.host, a.host.addr, 128, RTN_LOCAL, NULL);
	}
	for (uint32_t i = 0; !n->have_local[1] && i < n->nlinks; i++) {
		const struct host_addr on = { .family = AF_INET6, .ifindex = i + 1 };

		if (n->links[i].up && !n->links[i].loopback)
			add_local(n, &on, all, 8, RTN_MULTICAST, NULL);
	}
}

/* Without ip addr: each prefix that the kernel routed by itself has its address as source. */
static void imply_addrs(struct net *n)
{
	for (uint32_t i = 0; i < n->nroutes; i++) {
		const struct net_route *r = &n->routes[i];
		struct net_addr *a;

		if (r->family != AF_INET || !r->has_src || !r->nhops || !n->hops[r->hop].link ||
		    r->scope != RT_SCOPE_LINK || r->type != RTN_UNICAST ||
		    !net_prefix_match(r->src, r->dst, r->plen))
			continue;
		a = NET_ADD(n->addrs, n->naddrs);
		if (!a)
			return;
		a->host.family = AF_INET;
		a->host.prefix = r->plen;
		a->host.usable = true;
		a->host.ifindex = n->hops[r->hop].link;
		memcpy(a->host.addr, r->src, 4);
	}
}

/* An output that shows no address is IPv4's where it has the table "default", which IPv6 hasn't. */
static void settle_rules(struct net *n)
{
	for (uint32_t b = 1; b <= n->nblocks; b++) {
		uint8_t family = 0;

		for (uint32_t i = 0; i < n->nrules; i++) {
			const struct net_rule *r = &n->rules[i];

			if (r->block == b && (r->family || !strcmp(r->table, "default")))
				family = r->family ? r->family : AF_INET;
		}
		for (uint32_t i = 0; i < n->nrules; i++) {
			if (n->rules[i].block == b)
				n->rules[i].family = family ? family : AF_INET6;
		}
		n->have_rules[net_v6(family ? family : AF_INET6)] = true;
	}
}

void net_finish(struct net *n)
{
	if (n->finished)
		return;
	n->finished = true;
	settle_rules(n);
	if (!n->have_addrs)
		imply_addrs(n);
	imply_local(n);
	n->hosts = alloc_zeroed(n->naddrs ? n->naddrs : 1, sizeof(*n->hosts));
	for (uint32_t i = 0; i < n->naddrs; i++) {
		n->hosts[i] = n->addrs[i].host;
		n->hosts[i].ifindex = n->links[n->hosts[i].ifindex - 1].index;
	}
}
