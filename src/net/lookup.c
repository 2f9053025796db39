// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A route lookup over the tables.
 * Kernel: net/core/fib_rules.c fib_rules_lookup(), net/ipv4/fib_rules.c, fib_trie.c fib_table_lookup(),
 * net/ipv6/fib6_rules.c, route.c fib6_table_lookup()
 */
#include "config.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/priv.h"

static const char *family_flag(uint8_t family)
{
	return family == AF_INET ? "-4" : "-6";
}

/* ---- VRFs ---- */

/* Local routes of a VRF's links stand in its table. */
const char *net_vrf_table(const struct net *n, const struct net_link *vrf)
{
	static char number[NET_NAME];

	for (uint32_t i = 0; i < n->nroutes; i++) {
		const struct net_route *r = &n->routes[i];
		uint32_t link = r->nhops ? n->hops[r->hop].link : 0;

		if (r->type == RTN_LOCAL && link && strcmp(r->table, "local") &&
		    !strcmp(n->links[link - 1].master, vrf->name))
			return r->table;
	}
	if (!vrf->vrf)
		return NULL;
	snprintf(number, sizeof(number), "%u", vrf->vrf);
	return number;
}

const struct net_link *net_vrf(const struct net *n, const struct net_link *l)
{
	const struct net_link *master = *l->master ? net_link_find(n, l->master) : NULL;

	if (net_vrf_table(n, l))
		return l;
	return master && net_vrf_table(n, master) ? master : NULL;
}

/* ---- one table ---- */

static bool hop_fits(const struct net_key *k, const struct net_hop *h)
{
	return !h->dead && (!k->oif || !k->strict || h->link == k->oif);
}

static bool is_refusal(const struct net_route *r)
{
	return r->type == RTN_BLACKHOLE || r->type == RTN_UNREACHABLE || r->type == RTN_PROHIBIT ||
	       r->type == RTN_THROW;
}

static const struct net_hop *first_hop(const struct net *n, const struct net_key *k,
				       const struct net_route *r)
{
	for (uint32_t i = 0; i < r->nhops; i++) {
		if (hop_fits(k, &n->hops[r->hop + i]))
			return &n->hops[r->hop + i];
	}
	return NULL;
}

static bool route_fits(const struct net *n, const struct net_key *k, const struct net_route *r,
		       const char *table)
{
	return r->family == k->family && !strcmp(r->table, table) &&
	       net_prefix_match(r->dst, k->dst, r->plen) &&
	       (k->family != AF_INET || !r->tos || r->tos == k->tos) &&
	       (is_refusal(r) || first_hop(n, k, r));
}

/* Is a looked at before b? */
static bool is_better(const struct net_route *a, const struct net_route *b)
{
	if (a->plen != b->plen)
		return a->plen > b->plen;
	if (a->tos != b->tos)
		return a->tos > b->tos;
	return a->metric < b->metric;
}

static void in_table(const struct net *n, const struct net_key *k, const char *table,
		     struct net_found *out)
{
	const struct net_route *best = NULL;

	out->several = false;
	for (uint32_t i = 0; i < n->nroutes; i++) {
		const struct net_route *r = &n->routes[i];

		if (!route_fits(n, k, r, table))
			continue;
		if (best && !is_better(r, best)) {
			out->several |= !is_better(best, r);
			continue;
		}
		best = r;
		out->several = false;
	}
	out->route = best;
	out->hop = best ? first_hop(n, k, best) : NULL;
	out->several &= k->family == AF_INET6; /* IPv4 takes the first */
	if (best && best->nhops > 1)
		out->several = true;
}

void net_hops(const struct net *n, const struct net_key *k, const struct net_found *f,
	      void (*each)(void *ctx, const struct net_hop *hop, const struct net_route *r),
	      void *ctx)
{
	for (uint32_t i = 0; i < n->nroutes; i++) {
		const struct net_route *r = &n->routes[i];

		if (r != f->route &&
		    (!f->several || k->family == AF_INET || is_better(f->route, r) ||
		     is_better(r, f->route) || !route_fits(n, k, r, f->route->table)))
			continue;
		for (uint32_t h = 0; h < r->nhops; h++) {
			if (hop_fits(k, &n->hops[r->hop + h]))
				each(ctx, &n->hops[r->hop + h], r);
		}
	}
}

/* ---- rules ---- */

static bool in_range(const struct net_range *r, uint32_t v)
{
	return (!r->from && !r->to) || (v >= r->from && v <= r->to);
}

static const char *l3mdev_table(const struct net *n, const struct net_key *k)
{
	const struct net_link *vrf = k->oif ? net_vrf(n, &n->links[k->oif - 1]) : NULL;

	return vrf ? net_vrf_table(n, vrf) : NULL;
}

/* 1, 0, or -1: a fact is missing. */
static int rule_matches(const struct net *n, const struct net_key *k, const struct net_rule *r)
{
	const char *oif = k->oif ? n->links[k->oif - 1].name : "";
	bool match = !r->other_iif && (!*r->oif || !strcmp(r->oif, oif)) &&
		     net_prefix_match(r->src, k->src, r->src_len) &&
		     (!r->src_len || k->has_src || k->family == AF_INET) &&
		     net_prefix_match(r->dst, k->dst, r->dst_len) &&
		     !((r->mark ^ k->mark) & r->mask) && (!r->tos || r->tos == k->tos) &&
		     (!r->proto || r->proto == k->proto) && in_range(&r->sport, k->sport) &&
		     in_range(&r->dport, k->dport) && (!r->l3mdev || l3mdev_table(n, k));

	if (match && r->has_uid && k->uid == UINT32_MAX) {
		net_miss(n, "rule %u is for users, and the log doesn't tell the socket's", r->pref);
		return -1;
	}
	if (match && r->has_uid)
		match = in_range(&r->uid, k->uid);
	if (match && *r->odd) {
		net_miss(n, "rule %u has a condition that isn't understood: %s", r->pref, r->odd);
		return -1;
	}
	return match != r->invert;
}

/* What a lookup in that table says; true: rules that follow aren't asked. */
static bool ask_table(const struct net *n, const struct net_key *k, const char *table, int suppress,
		      struct net_found *out)
{
	const unsigned int v6 = net_v6(k->family);

	in_table(n, k, table, out);
	if (!out->route) {
		if (strcmp(table, "local") && strcmp(table, "default") && !n->have_routes[v6]) {
			net_miss(n, "routes: what 'ip %s route show table all' prints",
				 family_flag(k->family));
			out->unknown = true;
			return true;
		}
		return false;
	}
	switch (out->route->type) {
	case RTN_THROW:
		return false;
	case RTN_BLACKHOLE:
		out->err = -EINVAL;
		break;
	case RTN_PROHIBIT:
		out->err = -EACCES;
		break;
	case RTN_UNREACHABLE:
		out->err = -EHOSTUNREACH;
		break;
	default:
		if (suppress >= 0 && out->route->plen <= suppress)
			return false;
	}
	return true;
}

static bool table_known(const struct net *n, const char *table, uint8_t family)
{
	for (uint32_t i = 0; i < n->nroutes; i++) {
		if (n->routes[i].family == family && !strcmp(n->routes[i].table, table))
			return true;
	}
	return !strcmp(table, "local") || !strcmp(table, "main") || !strcmp(table, "default");
}

/* true: it is settled. */
static bool ask_rule(const struct net *n, const struct net_key *k, const struct net_rule *r,
		     struct net_found *out)
{
	const char *table = r->l3mdev ? l3mdev_table(n, k) : r->table;
	struct net_key in = *k;

	switch (r->action) {
	case FR_ACT_TO_TBL:
		if (!table_known(n, table, k->family)) {
			net_miss(n,
				 "routes of table %s, which rule %u asks: 'ip %s route show table "
				 "all'",
				 table, r->pref, family_flag(k->family));
			out->unknown = true;
			return true;
		}
		if (r->l3mdev && k->oif && net_vrf_table(n, &n->links[k->oif - 1]))
			in.oif = 0; /* the VRF itself: any of its links */
		return ask_table(n, &in, table, r->suppress, out);
	case FR_ACT_BLACKHOLE:
		out->err = -EINVAL;
		return true;
	case FR_ACT_UNREACHABLE:
		out->err = -ENETUNREACH;
		return true;
	case FR_ACT_PROHIBIT:
		out->err = -EACCES;
		return true;
	default:
		return false;
	}
}

static struct net_found by_rules(const struct net *n, const struct net_key *k)
{
	struct net_found out = { 0 };
	uint32_t from = 0;

	for (uint32_t i = 0; i < n->nrules; i++) {
		const struct net_rule *r = &n->rules[i];
		int match;

		if (r->family != k->family || r->pref < from)
			continue;
		match = rule_matches(n, k, r);
		if (match < 0) {
			out.unknown = true;
			return out;
		}
		if (match && r->action == FR_ACT_GOTO)
			from = r->target;
		else if (match && ask_rule(n, k, r, &out))
			return out;
	}
	return (struct net_found){ .err = -ENETUNREACH };
}

struct net_found net_lookup(const struct net *n, const struct net_key *k)
{
	struct net_found out = { 0 };

	if (n->have_rules[net_v6(k->family)])
		return by_rules(n, k);
	if (ask_table(n, k, "local", -1, &out))
		return out;
	net_miss(n, "rules: taken for the usual three; 'ip %s rule' would tell",
		 family_flag(k->family));
	if (ask_table(n, k, "main", -1, &out))
		return out;
	return (struct net_found){ .err = -ENETUNREACH };
}
