/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An internet address in 24 bytes (struct addr takes 136); v4-mapped is kept as IPv4.  Owns nothing. */
#ifndef CMSGTRACE_CHECK_INET_H
#define CMSGTRACE_CHECK_INET_H

#include <stdbool.h>
#include <stdint.h>

#include "event/addr.h"

struct inet {
	uint16_t family; /* AF_INET, AF_INET6; 0: unknown */
	uint16_t port;   /* host order */
	uint32_t scope;
	uint8_t a[16];
};

struct inet inet_of(const struct addr *a);      /* family 0 where it is no internet address */
struct addr inet_addr_of(const struct inet *i); /* len 0 where unknown */
/* Same address; ports are not looked at, scopes only where both have one. */
bool inet_same_host(const struct inet *a, const struct inet *b);

#endif
