// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Route lookups by RTM_GETROUTE: the kernel itself chooses, by the code that a send would use.
 * Kernel: net/ipv4/route.c inet_rtm_getroute(), net/ipv6/route.c inet6_rtm_getroute()
 */
#include "config.h"

#include "sock/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "sock/nl.h"

#ifndef RTM_F_FIB_MATCH
#define RTM_F_FIB_MATCH 0x2000
#endif

enum {
	ROUTES_MAX = 16384, /* about 2 MB; then all are dropped and asked again */
};

struct route_entry {
	struct route_key key;
	struct route_answer answer;
};

static size_t addr_len(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static int take_route(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct route_answer *to = ctx;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return 0;
	to->type = m->rtm_type;
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		size_t len = mnl_attr_get_payload_len(a);

		switch (mnl_attr_get_type(a)) {
		case RTA_OIF:
			to->oif = nl_u32(a);
			break;
		case RTA_PREFSRC:
			if (len != addr_len(m->rtm_family))
				break;
			memcpy(to->source, mnl_attr_get_payload(a), len);
			to->has_source = true;
			break;
		}
	}
	return 0;
}

/* The kernel takes these protocols only (ip_fib_metrics.c rtm_getroute_parse_ip_proto()). */
static bool proto_can_be_asked(const struct route_key *key)
{
	return key->proto == IPPROTO_UDP || key->proto == IPPROTO_TCP ||
	       key->proto == (key->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static void put_proto(struct nlmsghdr *h, const struct route_key *key)
{
	uint16_t sport = htons(key->sport), dport = htons(key->dport);

	if (!proto_can_be_asked(key))
		return;
	mnl_attr_put_u8(h, RTA_IP_PROTO, key->proto);
	if (sport)
		mnl_attr_put(h, RTA_SPORT, sizeof(sport), &sport);
	if (dport)
		mnl_attr_put(h, RTA_DPORT, sizeof(dport), &dport);
}

/* flags: RTM_F_FIB_MATCH for the route itself instead of where it leads. */
static int route_query(struct netns *ns, const struct route_key *key, unsigned int flags,
		       int (*take)(const struct nlmsghdr *h, void *ctx), struct route_answer *to)
{
	char request[256] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	size_t len = addr_len(key->family);

	h->nlmsg_type = RTM_GETROUTE;
	m->rtm_family = key->family;
	m->rtm_dst_len = (unsigned char)(len * 8);
	m->rtm_tos = key->tos;
	m->rtm_flags = flags;
	mnl_attr_put(h, RTA_DST, len, key->dst);
	if (key->has_src) {
		m->rtm_src_len = (unsigned char)(len * 8);
		mnl_attr_put(h, RTA_SRC, len, key->src);
	}
	if (key->oif)
		mnl_attr_put_u32(h, RTA_OIF, key->oif);
	if (key->mark)
		mnl_attr_put_u32(h, RTA_MARK, key->mark);
	if (key->uid != UINT32_MAX)
		mnl_attr_put_u32(h, RTA_UID, key->uid);
	put_proto(h, key);
	return nl_query(ns->ask, &ns->seq, h, take, to);
}

static int take_hops(const struct nlmsghdr *h, void *ctx)
{
	struct route_answer *to = ctx;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE)
		return 0;
	mnl_attr_for_each(a, h, sizeof(struct rtmsg))
	{
		if (mnl_attr_get_type(a) == RTA_MULTIPATH)
			to->several = true;
	}
	return 0;
}

/* Is this what the lookup says, or did the question not get there? */
static bool is_answer(int err)
{
	switch (-err) {
	case 0:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES: /* a prohibit route */
	case EINVAL: /* a blackhole route, or a source that isn't ours */
	case ENODEV:
	case ENONET:
	case EPERM:
		return true;
	default:
		return false;
	}
}

struct route_answer *route_ask(struct netns *ns, const struct route_key *key, int *err)
{
	uint64_t hash = hash_bytes(HASH_START, key, sizeof(*key));
	struct route_entry *e = map_get(&ns->routes, hash);
	struct route_answer answer = { 0 };

	*err = 0;
	if (e && !memcmp(&e->key, key, sizeof(*key)))
		return &e->answer;
	answer.err = route_query(ns, key, 0, take_route, &answer);
	if (!is_answer(answer.err)) {
		*err = answer.err;
		return NULL;
	}
	/* An older kernel doesn't know the flag: then the first hop that it names is all there is. */
	if (!answer.err && answer.type == RTN_UNICAST && !key->dport)
		route_query(ns, key, RTM_F_FIB_MATCH, take_hops, &answer);
	if (!e && ns->routes.n >= ROUTES_MAX)
		map_free_values(&ns->routes);
	if (!e) {
		e = alloc_bytes(sizeof(*e));
		map_put(&ns->routes, hash, e);
	}
	e->key = *key;
	e->answer = answer;
	return &e->answer;
}
