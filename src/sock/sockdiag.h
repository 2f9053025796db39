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
/*
 * Inode of tgid's network namespace where s is found in it, else 0: for kernels before 5.14, whose
 * sockets don't tell their namespace to whoever has no CAP_NET_ADMIN.
 */
uint64_t sockdiag_netns(struct facts *f, int tgid, const struct sock *s);
void sockdiag_free(struct facts *f);

#endif
