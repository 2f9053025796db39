/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of what sockets are and of the flags of their calls: written in recordings, read in logs. */
#ifndef CMSGTRACE_EVENT_NAMES_H
#define CMSGTRACE_EVENT_NAMES_H

#include "base/buf.h"
#include "base/names.h"

extern const struct names names_family;    /* AF_INET … */
extern const struct names names_socktype;  /* SOCK_DGRAM … */
extern const struct names names_msg_flags; /* MSG_DONTWAIT … */
extern const struct names names_ipproto;   /* IPPROTO_UDP … */

/* "HUP", "IO", as strace names them, without SIG; NULL: a real-time signal, or none. */
const char *names_signal(int sig);

/* "MSG_PEEK|MSG_TRUNC|0x100000"; nothing for 0. */
void names_put_flags(struct buf *b, const struct names *t, uint64_t flags);

#endif
