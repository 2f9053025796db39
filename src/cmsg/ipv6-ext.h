/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decoders for IPv6 extension headers as payload. */
#ifndef CMSGTRACE_CMSG_IPV6_EXT_H
#define CMSGTRACE_CMSG_IPV6_EXT_H

#include "cmsg/table.h"

void decode_ipv6_options(struct emit *e, const struct cmsg *c); /* hop-by-hop, destination */
void decode_ipv6_routing(struct emit *e, const struct cmsg *c);

#endif
