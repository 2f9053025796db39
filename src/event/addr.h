/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A socket address by value, and what one asks of it. Owns nothing. */
#ifndef CMSGTRACE_EVENT_ADDR_H
#define CMSGTRACE_EVENT_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"

struct addr {
	uint32_t len; /* 0: not known */
	union {
		uint16_t family; /* valid where len >= 2 */
		struct sockaddr_storage ss;
	};
};

/* From len bytes at p (a sockaddr as the kernel takes it); longer than sockaddr_storage is cut. */
struct addr addr_of(const void *p, size_t len);
/* From a bare in_addr (4 bytes, network order) or in6_addr (16 bytes); port in host order. */
struct addr addr_of_in(const void *in_addr, uint16_t port);
struct addr addr_of_in6(const void *in6_addr, uint16_t port, uint32_t scope_id);

int addr_family(const struct addr *a);       /* AF_UNSPEC where unknown */
uint16_t addr_port(const struct addr *a);    /* host order; 0 where there is none */
bool addr_is_inet(const struct addr *a);     /* AF_INET or AF_INET6, and long enough */
bool addr_is_v4(const struct addr *a);       /* AF_INET, or v4-mapped AF_INET6 */
bool addr_is_mapped(const struct addr *a);   /* AF_INET6 holding ::ffff:a.b.c.d */
bool addr_is_wildcard(const struct addr *a); /* 0.0.0.0, ::, ::ffff:0.0.0.0 */
bool addr_is_loopback(const struct addr *a); /* 127/8, ::1 */
bool addr_is_multicast(const struct addr *a);
bool addr_is_linklocal(const struct addr *a); /* 169.254/16, fe80::/10 */
bool addr_is_broadcast(const struct addr *a); /* 255.255.255.255 only */
/* v4-mapped becomes AF_INET; all else is returned as it is. */
struct addr addr_unmapped(const struct addr *a);
/* Same address, ports not looked at, v4-mapped equal to its IPv4 twin; scope compared if both set. */
bool addr_same_host(const struct addr *a, const struct addr *b);
bool addr_same(const struct addr *a, const struct addr *b); /* and the same port */
/* Hash over family, host (unmapped) and port, for maps. */
uint64_t addr_hash(const struct addr *a);

/* "198.51.100.1", "fd00::1", a unix path escaped; without port. */
void addr_put_host(struct buf *b, const struct addr *a);
/* "198.51.100.1:53", "[::ffff:192.0.2.7]:35224". */
void addr_put(struct buf *b, const struct addr *a);

#endif
