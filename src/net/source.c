// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's choice among a host's addresses.
 * Kernel: net/ipv4/devinet.c inet_select_addr(), net/ipv6/addrconf.c ipv6_dev_get_saddr() (RFC 6724)
 */
#include "config.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#include "net/priv.h"

/* ---- IPv4 ---- */

static const struct net_addr *select_on(const struct net *n, uint32_t link, const uint8_t *gw,
					uint8_t scope)
{
	const struct net_addr *first = NULL;

	for (uint32_t i = 0; i < n->naddrs; i++) {
		const struct net_addr *a = &n->addrs[i];
		/* addresses of link scope count as a host's here: they may be sources elsewhere */
		uint8_t narrow = a->host.scope < RT_SCOPE_HOST ? a->host.scope : RT_SCOPE_HOST;

		if (a->host.family != AF_INET || a->host.ifindex != link || a->secondary ||
		    narrow > scope)
			continue;
		if (!gw || net_prefix_match(a->host.addr, gw, a->host.prefix))
			return a;
		first = first ? first : a;
	}
	return first;
}

/* Elsewhere, but within the same VRF. */
static const struct net_addr *select_elsewhere(const struct net *n, uint32_t link, uint8_t scope)
{
	const struct net_link *vrf = net_vrf(n, &n->links[link - 1]);

	for (uint32_t k = 0; k < n->nlinks; k++) {
		if (net_vrf(n, &n->links[k]) != vrf)
			continue;
		for (uint32_t i = 0; i < n->naddrs; i++) {
			const struct net_addr *a = &n->addrs[i];

			if (a->host.family == AF_INET && a->host.ifindex == k + 1 &&
			    !a->secondary && a->host.scope != RT_SCOPE_LINK &&
			    a->host.scope <= scope)
				return a;
		}
	}
	return NULL;
}

bool net_select4(const struct net *n, uint32_t link, const uint8_t *gw, uint8_t scope, uint8_t *to,
		 bool *unknown)
{
	const struct net_addr *a = link ? select_on(n, link, gw, scope) : NULL;

	*unknown = false;
	if (!n->have_addrs && (!a || !gw || !net_prefix_match(a->host.addr, gw, a->host.prefix))) {
		net_miss(n, "addresses: what 'ip addr' prints");
		*unknown = true;
		return false;
	}
	if (!a && link)
		a = select_elsewhere(n, link, scope);
	if (!a)
		return false;
	memcpy(to, a->host.addr, 4);
	return true;
}

/* ---- IPv6 ---- */

enum { SCOPE6_LINK = 2, SCOPE6_SITE = 5, SCOPE6_GLOBAL = 14 };

static uint8_t scope6(const uint8_t *a)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	if (a[0] == 0xff)
		return a[1] & 15;
	if (!memcmp(a, loopback, 16) || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80))
		return SCOPE6_LINK;
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0xc0)
		return SCOPE6_SITE;
	return SCOPE6_GLOBAL;
}

/* net/ipv6/addrlabel.c ip6addrlbl_init_table[]; the longest prefix counts. */
static int label6(const uint8_t *a)
{
	static const struct {
		uint8_t prefix[16], len;
		int label;
	} rows[] = {
		{ { [15] = 1 }, 128, 0 },
		{ { [10] = 0xff, [11] = 0xff }, 96, 4 },
		{ { 0 }, 96, 3 },
		{ { 0x20, 0x01, 0x00, 0x00 }, 32, 6 },
		{ { 0x20, 0x01, 0x00, 0x10 }, 28, 7 },
		{ { 0x20, 0x02 }, 16, 2 },
		{ { 0x3f, 0xfe }, 16, 12 },
		{ { 0xfe, 0xc0 }, 10, 11 },
		{ { 0xfc }, 7, 5 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (net_prefix_match(rows[i].prefix, a, rows[i].len))
			return rows[i].label;
	}
	return 1;
}

static bool is_orchid(const uint8_t *a)
{
	static const uint8_t orchid[] = { 0x20, 0x01, 0x00, 0x10 };

	return net_prefix_match(orchid, a, 28);
}

static int common_bits(const uint8_t *a, const uint8_t *b)
{
	int n = 0;

	while (n < 128 && net_prefix_match(a, b, (unsigned int)n + 1))
		n++;
	return n;
}

enum { RULES6 = 9 };

/* The rules of ipv6_get_saddr_eval() in their order; more is better. */
static void score6(const struct net_addr *a, uint32_t link, const uint8_t *dst, int to[RULES6])
{
	const uint8_t *own = a->host.addr;
	int scope = scope6(own), want = scope6(dst), bits = common_bits(own, dst);

	to[0] = !memcmp(own, dst, 16);
	to[1] = scope >= want ? -scope : scope - 128;
	to[2] = !a->deprecated && !a->optimistic;
	to[3] = !link || a->host.ifindex == link;
	to[4] = label6(own) == label6(dst);
	to[5] = !a->temporary; /* use_tempaddr isn't printed: one in use is the case below */
	to[6] = is_orchid(own) == is_orchid(dst);
	to[7] = bits < a->host.prefix ? bits : a->host.prefix;
	to[8] = !a->optimistic;
}

static bool beats(const int *a, const int *b)
{
	for (int i = 0; i < RULES6; i++) {
		if (a[i] != b[i])
			return a[i] > b[i];
	}
	return false;
}

bool net_select6(const struct net *n, uint32_t link, const uint8_t *dst, uint8_t *to)
{
	const bool here = dst[0] == 0xff || scope6(dst) <= SCOPE6_LINK;
	const struct net_link *vrf = link ? net_vrf(n, &n->links[link - 1]) : NULL;
	const struct net_addr *best = NULL;
	int best_score[RULES6], score[RULES6];

	for (uint32_t i = 0; i < n->naddrs; i++) {
		const struct net_addr *a = &n->addrs[i];

		if (a->host.family != AF_INET6 || !a->host.usable ||
		    (here && link && a->host.ifindex != link) ||
		    net_vrf(n, &n->links[a->host.ifindex - 1]) != vrf)
			continue;
		score6(a, link, dst, score);
		if (best && !beats(score, best_score))
			continue;
		best = a;
		memcpy(best_score, score, sizeof(score));
	}
	if (!best)
		return false;
	memcpy(to, best->host.addr, 16);
	return true;
}
