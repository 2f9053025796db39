/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values of a log turned back into the bytes that they stood for, where that is exact.  What a log doesn't
 * hold is left out and said to be missing (BYTES_NOT_LOGGED, holes), never made up, with one exception:
 * interfaces that are logged by name get a number, which event->ifnames names again.
 */
#ifndef CMSGTRACE_STRACE_VALUES_H
#define CMSGTRACE_STRACE_VALUES_H

#include "base/names.h"
#include "event/event.h"
#include "strace/lex.h"

/* A number, or one or more names of t joined by |.  false: neither. */
bool strace_num(const struct val *v, const struct names *t, uint64_t *num);
/* Positive errno of "EAGAIN" or "ERESTARTSYS"; 0: no such name. */
int strace_errno(const char *name, size_t len);

/* "1.2.3.4" within inet_addr(…), inet_pton(…) or bare, into 4 or 16 bytes; false: illegible. */
bool strace_host(struct event *ev, const struct val *v, int family, void *to);
/* The member that holds an IPv6 address: by name, or the inet_pton(…) that has none. */
const struct val *strace_in6(const struct val *v, const char *member);
/* A number, or if_nametoindex("eth0"). */
bool strace_ifindex(struct event *ev, const struct val *v, uint32_t *index);

/* A socket address; len 0 where not even its family can be told. */
struct bytes strace_sockaddr(struct event *ev, const struct val *v, int64_t namelen);

/* Level and type of a control message, or a socket option's; false: illegible. */
bool strace_level(const struct val *v, int32_t *level);
bool strace_cmsg_type(const struct val *v, int32_t level, int32_t *type);

/* msg_control= as bytes into h->control and h->holes.  have_len: h->controllen is known already. */
void strace_control(struct event *ev, const struct val *v, struct hdr *h, bool have_len);

/* Payload of a string that may be cut; claimed is its true length. */
struct bytes strace_payload(struct event *ev, const struct val *v, uint64_t claimed);

#endif
