/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which way, and with which source, the kernel would send: RTM_GETROUTE, with a cache a namespace. */
#ifndef CMSGTRACE_SOCK_ROUTE_H
#define CMSGTRACE_SOCK_ROUTE_H

#include <stdint.h>

#include "sock/netns.h"

/* A flow as the kernel's lookup sees it.  Zeroed before it is filled: it is compared as bytes. */
struct route_key {
	uint8_t dst[16], src[16];   /* network order; IPv4 in the first four */
	uint8_t family, tos, proto; /* proto 0: not given, and then no ports either */
	uint8_t has_src;
	uint32_t oif, mark, uid; /* uid UINT32_MAX: not given */
	uint16_t sport, dport;   /* host order */
};

struct route_answer {
	int err;         /* negative errno of the lookup, 0 found */
	uint8_t type;    /* RTN_* */
	bool has_source; /* source is valid */
	uint8_t source[16];
	uint32_t oif;
	bool several; /* several next hops: which of them, and so the source, may hang on the ports */
	bool counted; /* candidates is valid; filled by whoever asks */
	uint32_t candidates;
};

/*
 * The kernel's answer, from the cache where no news came since; valid until the next question.  NULL and
 * *err where the question could not be put; that there is no route is an answer.
 */
struct route_answer *route_ask(struct netns *ns, const struct route_key *key, int *err);

#endif
