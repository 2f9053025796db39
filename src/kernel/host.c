// SPDX-License-Identifier: LGPL-2.1-or-later
/* Candidates among a host's addresses, and sources that no route lookup chooses. Pure. */
#include "config.h"

#include "kernel/host.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

const void *host_addr_bytes(const struct addr *a)
{
	if (a->family == AF_INET)
		return &((const struct sockaddr_in *)&a->ss)->sin_addr;
	return &((const struct sockaddr_in6 *)&a->ss)->sin6_addr;
}

uint32_t host_scope_id(const struct addr *a)
{
	if (a->family != AF_INET6 || a->len < sizeof(struct sockaddr_in6))
		return 0;
	return ((const struct sockaddr_in6 *)&a->ss)->sin6_scope_id;
}

static uint64_t addresses_of(const struct host_addr *n)
{
	if (n->loopback && n->family == AF_INET && n->prefix && n->prefix < 31)
		return (1ULL << (32 - n->prefix)) - 2; /* all but its ends can be asked */
	return 1;
}

uint32_t host_candidates(const struct host_addr *addrs, unsigned int naddrs,
			 const struct addr *dest)
{
	bool loopback = addr_is_loopback(dest), link = addr_is_linklocal(dest);
	uint32_t ifindex = host_scope_id(dest);
	uint64_t n = 0;

	for (unsigned int i = 0; i < naddrs; i++) {
		const struct host_addr *a = &addrs[i];
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

/*
 * Is the socket's local address the source that the kernel takes when nothing else is said?  Binding
 * to a multicast or broadcast address fixes no source.  1, 0 or -errno.
 */
static int fixed_source(const struct sock *s, const struct addr *local, host_is_local *is_local,
			void *ctx)
{
	if (!addr_is_inet(local) || addr_is_wildcard(local) || addr_is_multicast(local) ||
	    addr_is_broadcast(local))
		return 0;
	if (sock_opt(s, OPT_IP_TRANSPARENT) || sock_opt(s, OPT_IP_FREEBIND) ||
	    sock_opt(s, OPT_IPV6_FREEBIND) || sock_opt(s, OPT_IPV6_TRANSPARENT))
		return 1;
	return is_local(ctx, local);
}

int host_settled_source(const struct sock *s, const struct flow *flow, host_is_local *is_local,
			void *ctx, struct addr *source)
{
	int rc = fixed_source(s, &flow->source, is_local, ctx);
	int32_t mc = sock_opt(s, OPT_IP_MULTICAST_IF);

	if (rc > 0 && flow->source.family != flow->dest.family)
		return -EAFNOSUPPORT;
	*source = flow->source;
	if (rc == 0 && mc && flow->dest.family == AF_INET && addr_is_multicast(&flow->dest)) {
		*source = addr_of_in(&mc, addr_port(&flow->source));
		rc = 1;
	}
	return rc;
}
