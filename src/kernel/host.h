/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host's addresses say of a message's source, whoever told them. Owns nothing. */
#ifndef CMSGTRACE_KERNEL_HOST_H
#define CMSGTRACE_KERNEL_HOST_H

#include "event/ask.h"
#include "event/sock.h"

/* One of the host's own addresses. */
struct host_addr {
	uint8_t family, prefix, scope; /* RT_SCOPE_* */
	bool loopback; /* IPv4 on a loopback interface: all of its prefix is local */
	bool usable;   /* not tentative, no duplicate */
	uint32_t ifindex;
	uint8_t addr[16];
};

/*
 * How many of the n addresses may a peer at dest have asked?  Those of the family that are reachable
 * from there: a loopback peer the loopback ones, a link-local one those of its link, any other all that
 * are neither.
 */
uint32_t host_candidates(const struct host_addr *addrs, unsigned int n, const struct addr *dest);

/* Is an address one of the host's?  1, 0 or -errno. */
typedef int host_is_local(void *ctx, const struct addr *a);

/*
 * The source that is settled before any lookup: the bound or connected address, for IPv4 multicast also
 * that of IP_MULTICAST_IF.  1 and *source, 0 the route decides, or -errno.
 */
int host_settled_source(const struct sock *s, const struct flow *flow, host_is_local *is_local,
			void *ctx, struct addr *source);

/* Bytes of an unmapped internet address. */
const void *host_addr_bytes(const struct addr *a);
uint32_t host_scope_id(const struct addr *a); /* 0 where there is none */

#endif
