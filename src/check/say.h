/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words for findings.  Every text lives in the event's arena (or is static), is printable, and holds
 * nothing raw of the tracee's.
 */
#ifndef CMSGTRACE_CHECK_SAY_H
#define CMSGTRACE_CHECK_SAY_H

#include "check/check.h"
#include "cmsg/cmsg.h"

const char *say_addr(struct check *c, const struct addr *a); /* "198.51.100.1:53" */
const char *say_host(struct check *c, const struct addr *a); /* "198.51.100.1" */
const char *say_inet(struct check *c, const struct inet *i); /* likewise, no port */
/* "2 ("eth0")", or "2" where the name is unknown. */
const char *say_ifindex(struct check *c, uint32_t index);
/* "a UDP socket". */
const char *say_kind(enum sock_kind k);
const char *say_level(struct check *c, int32_t level);             /* "SOL_TCP", "level 999" */
const char *say_type(struct check *c, const struct cmsg *cm);      /* "IP_PKTINFO", "type 8" */
const char *say_row(struct check *c, const struct cmsg_type *row); /* "SOL_IP/IP_PKTINFO" */
const char *say_call(const struct event *ev);                      /* "sendmsg" */
/* "control message 0"; in a vector "control message 0 of message 3". */
const char *say_which(struct check *c, uint32_t index);
/* The payload as the type's decoder reads it: "{ipi_ifindex=2 ("eth0"), …}", "4", or its bytes. */
const char *say_value(struct check *c, const struct cmsg_type *row, const struct cmsg *cm);
/* "1c 00 00 00 …": at most 24 bytes. */
const char *say_bytes(struct check *c, const void *p, size_t len);
const char *say_errno(int err); /* "EINVAL" */
/* "12 bytes", "1 byte". */
const char *say_count(struct check *c, uint64_t n, const char *one);

#endif
