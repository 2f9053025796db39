/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where no descriptor can be borrowed: /proc/PID/fd/N names the socket, its protocol and inode, and
 * sock_diag(7) knows its addresses.  Options stay unknown.
 */
#ifndef CMSGTRACE_SOCK_SOCKDIAG_H
#define CMSGTRACE_SOCK_SOCKDIAG_H

#include "sock/priv.h"

/* 0 and *found (a new reference; NULL: no socket), or -errno. */
int sockdiag_sock(struct facts *f, const struct proc_slot *p, int fd, struct sock **found);
/* Inode of the other end of ev's AF_UNIX socket; 0: none, or sock_diag doesn't know. */
uint64_t sockdiag_unix_peer(struct facts *f, const struct event *ev);
void sockdiag_free(struct facts *f);

#endif
