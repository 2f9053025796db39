// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A namespace's interface names, addresses and what its rules look at, by rtnetlink(7).
 * Kernel: net/core/rtnetlink.c, net/ipv4/devinet.c, net/ipv6/addrconf.c, net/core/fib_rules.c
 */
#include "config.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "sock/netns.h"
#include "sock/nl.h"

enum {
	ADDRS_MAX = 65536, /* more are not counted */
	IFNAMES_MAX = 4096,
	REQUEST = 128, /* bytes of a request */
};

/* ---- interfaces ---- */

static int take_name(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a;
	char *name = ctx;

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	mnl_attr_for_each(a, h, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(a) != IFLA_IFNAME)
			continue;
		size_t n = mnl_attr_get_payload_len(a);

		n = n < 15 ? n : 15;
		memcpy(name, mnl_attr_get_payload(a), n);
		name[n] = '\0';
	}
	return 0;
}

const char *netns_ifname(struct netns *ns, uint32_t index)
{
	char request[REQUEST] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	char *name = map_get(&ns->ifnames, index);
	struct nlmsghdr *h;
	struct ifinfomsg *m;
	int rc;

	if (name)
		return name;
	if (!index || index > INT32_MAX)
		return "";
	h = mnl_nlmsg_put_header(request);
	h->nlmsg_type = RTM_GETLINK;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->ifi_index = (int)index;
	name = alloc_zeroed(1, 16);
	rc = nl_query(ns->ask, &ns->seq, h, take_name, name);
	if (rc && rc != -ENODEV) {
		alloc_free(name);
		return NULL;
	}
	if (ns->ifnames.n >= IFNAMES_MAX)
		map_free_values(&ns->ifnames);
	map_put(&ns->ifnames, index, name);
	return name;
}

/* ---- addresses ---- */

struct links {
	uint32_t *loopback; /* indices of loopback interfaces */
	unsigned int n;
};

struct addrs_ctx {
	struct netns *ns;
	struct links lo;
	unsigned int room;
};

static int take_link(const struct nlmsghdr *h, void *ctx)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	struct addrs_ctx *c = ctx;

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return 0;
	if (m->ifi_flags & IFF_LOOPBACK && c->lo.n < 64) {
		c->lo.loopback = alloc_resize(c->lo.loopback, (c->lo.n + 1) * sizeof(uint32_t));
		c->lo.loopback[c->lo.n++] = (uint32_t)m->ifi_index;
	}
	return 0;
}

static bool is_loopback(const struct links *lo, uint32_t index)
{
	for (unsigned int i = 0; i < lo->n; i++) {
		if (lo->loopback[i] == index)
			return true;
	}
	return false;
}

static int take_addr(const struct nlmsghdr *h, void *ctx)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	struct addrs_ctx *c = ctx;
	struct netns *ns = c->ns;
	const struct nlattr *a, *local = NULL;
	uint32_t flags;

	if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return 0;
	flags = m->ifa_flags;
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		int type = mnl_attr_get_type(a);

		/* IFA_ADDRESS is the peer's on point-to-point links, where IFA_LOCAL is given too */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !local))
			local = a;
		else if (type == IFA_FLAGS)
			flags = nl_u32(a);
	}

	size_t len = m->ifa_family == AF_INET ? 4 : 16;

	if (!local || mnl_attr_get_payload_len(local) != len || ns->naddrs >= ADDRS_MAX)
		return 0;
	if (ns->naddrs == c->room) {
		c->room = c->room ? c->room * 2 : 16;
		ns->addrs = alloc_resize(ns->addrs, c->room * sizeof(*ns->addrs));
	}

	struct host_addr *to = &ns->addrs[ns->naddrs++];

	*to = (struct host_addr){
		.family = m->ifa_family,
		.prefix = m->ifa_prefixlen,
		.scope = m->ifa_scope,
		.loopback = m->ifa_family == AF_INET && m->ifa_prefixlen <= 32 &&
			    is_loopback(&c->lo, m->ifa_index),
		.usable = !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) ||
			  (flags & IFA_F_OPTIMISTIC),
		.ifindex = m->ifa_index,
	};
	memcpy(to->addr, mnl_attr_get_payload(local), len);
	ns->nloopback += to->loopback;
	return 0;
}

/* Does any rule look at what differs from one peer of a socket to the next, beside the address? */
static int take_rule(const struct nlmsghdr *h, void *ctx)
{
	struct addrs_ctx *c = ctx;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWRULE)
		return 0;
	mnl_attr_for_each(a, h, sizeof(struct fib_rule_hdr))
	{
		int type = mnl_attr_get_type(a);

		if (type == FRA_SPORT_RANGE || type == FRA_DPORT_RANGE || type == FRA_IP_PROTO)
			c->ns->ports_count = true;
	}
	return 0;
}

static int dump(struct netns *ns, uint16_t type, size_t header,
		int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx)
{
	char request[REQUEST] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(h, header); /* family 0: all */
	return nl_query(ns->ask, &ns->seq, h, each, ctx);
}

static int compare_addrs(const void *a, const void *b)
{
	const struct host_addr *l = a, *r = b;

	if (l->family != r->family)
		return l->family < r->family ? -1 : 1;
	return memcmp(l->addr, r->addr, sizeof(l->addr));
}

int netns_read_addrs(struct netns *ns)
{
	struct addrs_ctx c = { .ns = ns };
	int rc;

	if (ns->have_addrs)
		return 0;
	ns->naddrs = ns->nloopback = 0;
	ns->ports_count = false;
	alloc_free(ns->addrs);
	ns->addrs = NULL;
	rc = dump(ns, RTM_GETLINK, sizeof(struct ifinfomsg), take_link, &c);
	if (!rc)
		rc = dump(ns, RTM_GETADDR, sizeof(struct ifaddrmsg), take_addr, &c);
	/* A kernel without policy routing has no rules. */
	if (!rc)
		dump(ns, RTM_GETRULE, sizeof(struct fib_rule_hdr), take_rule, &c);
	alloc_free(c.lo.loopback);
	if (ns->naddrs)
		qsort(ns->addrs, ns->naddrs, sizeof(*ns->addrs), compare_addrs);
	ns->have_addrs = !rc;
	return rc;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	if (memcmp(a, b, bits / 8))
		return false;
	return !(bits % 8) || !((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8));
}

/* The last address of an IPv4 prefix is its broadcast address: the host's own, but no source. */
static bool is_last(const uint8_t *addr, unsigned int prefix)
{
	uint32_t host = (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 | (uint32_t)addr[2] << 8 |
			addr[3];
	uint32_t ends = prefix < 31 ? UINT32_MAX >> prefix : 0;

	return ends && (host & ends) == ends;
}

int netns_has_addr(struct netns *ns, uint8_t family, const uint8_t *addr)
{
	struct host_addr key = { .family = family };
	unsigned int left;
	int rc = netns_read_addrs(ns);

	if (rc)
		return rc;
	memcpy(key.addr, addr, family == AF_INET ? 4 : 16);
	if (ns->naddrs && bsearch(&key, ns->addrs, ns->naddrs, sizeof(*ns->addrs), compare_addrs))
		return 1;
	left = family == AF_INET ? ns->nloopback : 0;
	for (unsigned int i = 0; left && i < ns->naddrs; i++) {
		const struct host_addr *a = &ns->addrs[i];

		if (!a->loopback)
			continue;
		left--;
		if (same_prefix(a->addr, addr, a->prefix) && !is_last(addr, a->prefix))
			return 1;
	}
	return 0;
}
