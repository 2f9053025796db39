/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share: the tables. Nobody else includes it. */
#ifndef CMSGTRACE_NET_PRIV_H
#define CMSGTRACE_NET_PRIV_H

#include "kernel/host.h"
#include "net/net.h"

enum {
	NET_ROWS_MAX = 1 << 20, /* of each table; more are left out */
	NET_NAME = 32,
	NET_MISSING_MAX = 16,
};

struct net_link {
	uint32_t index; /* 0 unknown */
	char name[16], master[16];
	bool up, loopback;
	uint32_t vrf; /* its table, of a VRF that -d showed; else 0 */
};

/* An address of one of the links; host.ifindex is the link's place in links, from 1 on. */
struct net_addr {
	struct host_addr host;
	bool secondary, deprecated, tentative, optimistic, temporary;
};

struct net_hop {
	bool has_gw, dead;
	uint8_t gw_family, gw[16];
	uint32_t link; /* place in links, from 1 on; 0 none */
};

struct net_route {
	uint8_t family, plen, type, scope, tos; /* RTN_*, RT_SCOPE_* */
	bool has_src, has_type;
	uint8_t dst[16], src[16];
	uint32_t metric;
	char table[NET_NAME];
	uint32_t hop, nhops; /* in hops */
};

struct net_range { /* from 0 to 0: any */
	uint32_t from, to;
};

struct net_rule {
	uint8_t family, action; /* FR_ACT_* */
	bool invert, l3mdev, other_iif;
	uint32_t pref, target, block; /* block: which output it stood in */
	uint8_t src_len, dst_len, src[16], dst[16];
	uint32_t mark, mask;
	uint8_t tos, proto;
	char oif[16];
	bool has_uid;
	struct net_range uid, sport, dport;
	int suppress; /* prefix length; -1 none */
	char table[NET_NAME];
	char odd[NET_NAME]; /* a condition that we don't know; "": none */
};

/* A route lookup. */
struct net_key {
	uint8_t family, tos, proto;
	uint8_t dst[16], src[16];
	bool has_src, strict; /* strict: IPv6, only by oif */
	uint32_t oif;         /* place in links, 0 any */
	uint32_t mark, uid;
	uint16_t sport, dport;
};

/* What the kernel itself answered: ip route get. */
struct net_got {
	struct net_key asked;
	uint8_t source[16];
	uint32_t link; /* place in links */
};

struct net {
	struct net_link *links;
	struct net_addr *addrs;
	struct net_route *routes;
	struct net_hop *hops;
	struct net_rule *rules;
	struct net_got *gots;
	uint32_t nlinks, naddrs, nroutes, nhops, nrules, ngots, nblocks;
	/* what was seen at all, of AF_INET and (1) AF_INET6 */
	bool have_addrs, have_routes[2], have_local[2], have_rules[2];
	bool finished;           /* what follows from other rows is there */
	struct host_addr *hosts; /* of addrs, with the links' own indices; naddrs */
	char *missing[NET_MISSING_MAX];
	unsigned int nmissing;
};

static inline unsigned int net_v6(uint8_t family)
{
	return family != AF_INET;
}

static inline size_t net_addr_len(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* Room for one more row, zeroed, and its place; NULL: there are too many. */
#define NET_ADD(rows, n) net_add_row((void **)&(rows), &(n), sizeof(*(rows)))
void *net_add_row(void **rows, uint32_t *n, size_t size);

/* Place of the link of that name, from 1 on, made where it is new; 0: no name, or too many. */
uint32_t net_link(struct net *n, const char *name);
const struct net_link *net_link_find(const struct net *n, const char *name); /* or NULL */
/* Says once what an answer lacks. */
void net_miss(const struct net *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool net_prefix_match(const uint8_t *a, const uint8_t *b, unsigned int bits);

/* json.c: the objects in text as the lines that ip prints without -json; how many bytes they took, 0: it is none. */
size_t net_json(const char *text, size_t len, struct buf *lines);

/* tables.c: what the rows imply: local routes of addresses, addresses of the kernel's routes. */
void net_finish(struct net *n);

struct net_found {
	int err;                       /* negative errno of the lookup */
	bool unknown;                  /* it can't be told; net_miss() was called */
	const struct net_route *route; /* else NULL where there is none */
	const struct net_hop *hop;
	/* other routes that the kernel may take as well, by a hash: for IPv6 rows with the same metric */
	bool several;
};

/* lookup.c */
struct net_found net_lookup(const struct net *n, const struct net_key *k);
/* Calls each() for every hop that the kernel may take for that result. */
void net_hops(const struct net *n, const struct net_key *k, const struct net_found *f,
	      void (*each)(void *ctx, const struct net_hop *hop, const struct net_route *r),
	      void *ctx);
/* The VRF that a link is or belongs to, or NULL. */
const struct net_link *net_vrf(const struct net *n, const struct net_link *l);
const char *net_vrf_table(const struct net *n, const struct net_link *vrf); /* or NULL */

/* source.c: the kernel's choice among addresses; false: there is none, or (*unknown) it can't be told. */
bool net_select4(const struct net *n, uint32_t link, const uint8_t *gw, uint8_t scope, uint8_t *to,
		 bool *unknown);
bool net_select6(const struct net *n, uint32_t link, const uint8_t *dst, uint8_t *to);

#endif
