/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a rule asks before it looks: is the fact there that it needs?  false: it is not, and rule r is
 * counted as not run, with the reason.  Each is asked only where the rule might otherwise speak.
 */
#ifndef CMSGTRACE_CHECK_KNOWN_H
#define CMSGTRACE_CHECK_KNOWN_H

#include "check/check.h"

/* The kind of socket.  false without counting: it is no socket, or a call that files share. */
bool known_kind(struct check *c, const struct rule *r);
/* Option o of the socket. */
bool known_opt(struct check *c, const struct rule *r, enum sock_opt o);
/* How much control data the receive under check offered room for (in a vector: its first message). */
bool known_room(struct check *c, const struct rule *r);
/* The pointers of the msghdr under check. */
bool known_pointers(struct check *c, const struct rule *r);
/* What control messages do: the whole message's outcome … */
bool known_outcome(struct check *c, const struct rule *r);
/* … what becomes of control message i … */
bool known_verdict(struct check *c, const struct rule *r, uint32_t i);
/* … and whether anything reads it. */
bool known_level(struct check *c, const struct rule *r, uint32_t i);
/* Its payload, all of it. */
bool known_payload(struct check *c, const struct rule *r, const struct cmsg *cm);
/* Are these credentials, beyond doubt, the sender's own?  Then nothing refuses them. */
bool known_own_ids(const struct event *ev, const struct cmsg *cm);
/* The destination of a send that may be a datagram's. */
bool known_dest(struct check *c, const struct rule *r);

#endif
