/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the rows of SOL_IPV6 name: struct cmsg_send. */
#ifndef CMSGTRACE_CMSG_IPV6_SEND_H
#define CMSGTRACE_CMSG_IPV6_SEND_H

#include "cmsg/judge.h"

void ipv6_pktinfo_check(struct judge *j);
void ipv6_mapped_pktinfo_check(struct judge *j);
void ipv6_flowinfo_check(struct judge *j);
void ipv6_hopopts_before(struct judge *j);
void ipv6_hopopts_check(struct judge *j);
void ipv6_2292dstopts_check(struct judge *j);
void ipv6_dstopts_check(struct judge *j);
void ipv6_rthdrdstopts_check(struct judge *j);
void ipv6_rthdr_check(struct judge *j);
void ipv6_hoplimit_check(struct judge *j);
void ipv6_tclass_check(struct judge *j);

#endif
