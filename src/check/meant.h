/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a control message at the wrong level (or of the wrong type) was most likely meant to be. */
#ifndef CMSGTRACE_CHECK_MEANT_H
#define CMSGTRACE_CHECK_MEANT_H

#include "check/check.h"
#include "cmsg/cmsg.h"

struct meant {
	const struct cmsg_type *row;
	const char *how; /* "same type": static text, the reason in brackets */
	bool shifted;    /* its payload is not where the kernel looks: no value can be read */
};

struct meant_option {
	const char *name, *message; /* IP_RECVTTL, IP_TTL */
};

/* The socket option whose number was taken for a message's type; false: none. */
bool meant_option_of(const struct cmsg *cm, struct meant_option *out);
/*
 * Fills *out only where exactly one sendable type fits the type number, the payload's size and the
 * socket under check.  The message under check_msg(c) supplies the socket and the way it goes.
 */
bool meant_of(struct check *c, const struct cmsg *cm, struct meant *out);
/* Does this row carry a source address (IP_PKTINFO, IPV6_PKTINFO, IPV6_2292PKTINFO)? */
bool meant_is_source(const struct cmsg_type *row);
/* The source that cm, read as row, asks for; len 0: none (wildcard, or too short). */
struct addr meant_source(const struct cmsg_type *row, const struct cmsg *cm);
/* Index of the first ignored control message of m that was meant to give the source; -1 none. */
int meant_ignored_source(struct check *c, const struct msg *m, struct meant *out);
/*
 * Ignored because of its family: SOL_IPV6 where the IPv4 parser reads, SOL_IP towards a real IPv6 peer.
 * (Any other ignored level is nobody's.)
 */
bool meant_other_family(const struct check_msg *cm, int32_t level);

#endif
