/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The receiving side of the model: which control messages a socket's options make arrive, in which
 * order, and the room they take.  Pure; owns nothing.
 */
#ifndef CMSGTRACE_KERNEL_RECV_H
#define CMSGTRACE_KERNEL_RECV_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

enum recv_packet {           /* what is received */
		   RECV_ANY, /* not known: all that either brings */
		   RECV_V4,  /* an IPv4 packet, also on an AF_INET6 socket */
		   RECV_V6,
		   RECV_ERRORS, /* with MSG_ERRQUEUE */
};

struct recv_expect {
	int32_t level, type;
	uint32_t size;        /* payload bytes in this ABI; the least where it varies */
	uint32_t most;        /* the most; 0: there is no limit */
	bool always;          /* with every message; else only as `when` says */
	bool with_icmp;       /* in the error queue: of one family all of these come, or none */
	bool varies;          /* size depends on what arrives */
	enum sock_opt option; /* the option that asks for it: cmsg_opt_row() */
	const char *name;     /* of the message: "IP_PKTINFO" */
	const char *when;     /* "only where the packet was reassembled"; NULL where always */
};

enum { RECV_EXPECT_MAX = 48 };

/*
 * Fills v (RECV_EXPECT_MAX of them) in the order in which the kernel writes them and returns how many.
 * *sure is false where an option is not known that could add one.
 */
unsigned int recv_expected(const struct sock *s, const struct abi *abi, enum recv_packet packet,
			   uint32_t release, struct recv_expect *v, bool *sure);

/*
 * Sum of CMSG_SPACE of n of them: those that are always there, or, with all, also those that may
 * come (sizes that vary count with their least).
 */
uint64_t recv_space(const struct abi *abi, const struct recv_expect *v, unsigned int n, bool all);

/*
 * An option that is on and never brings anything on this kind of socket (plain TCP with IP_PKTINFO):
 * why, static text; NULL: it does bring something, or is off, or unknown.
 */
const char *recv_in_vain(const struct sock *s, enum sock_opt option);

#endif
