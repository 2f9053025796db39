/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Learns the facts of sockets and processes from the live system: pidfd_getfd (borrow, ask, close: it
 * can't leak nor keep the tracee's socket alive), else /proc and sock_diag.  One cache per run.
 */
#ifndef CMSGTRACE_SOCK_FACTS_H
#define CMSGTRACE_SOCK_FACTS_H

#include "event/event.h"

struct facts;

struct facts *facts_new(void);
void facts_free(struct facts *f);

/*
 * The socket that is descriptor fd of process tgid now: a new reference, or NULL where fd is no socket,
 * is closed, or can't be looked at (then *err, if not NULL, holds -EPERM …; 0: it is no socket).
 * Costs one pidfd_getfd and one getsockopt where the cookie is in the cache.
 */
struct sock *facts_sock(struct facts *f, int tgid, int fd, int *err);

/* A traced setsockopt, bind or connect went to this socket: read its facts anew the next time. */
void facts_sock_changed(struct facts *f, const struct sock *s);

/* Facts of a process: a new reference; never NULL, but facts may be missing. */
struct proc *facts_proc(struct facts *f, int tgid);
/* It executed another program, or changed its ids: forget what was read. */
void facts_proc_changed(struct facts *f, int tgid);
/* It is gone. */
void facts_proc_gone(struct facts *f, int tgid);

/* Is descriptor fd of tgid an io_uring instance?  Any of its descriptors, with fd -1. */
bool facts_has_io_uring(struct facts *f, int tgid, int fd);

/* Members for struct ask; ctx is a struct facts. */
const char *facts_ask_ifname(void *ctx, const struct event *ev, uint32_t index);
uint64_t facts_ask_unix_peer(void *ctx, const struct event *ev);
int facts_ask_route(void *ctx, const struct event *ev, const struct addr *dest, uint32_t oif,
		    struct route_fact *out);
int facts_ask_fd_open(void *ctx, const struct event *ev, int fd);
int facts_ask_pid_exists(void *ctx, const struct event *ev, int pid);
int facts_ask_peer_passcred(void *ctx, const struct event *ev);
int facts_ask_optmem_max(void *ctx, const struct event *ev);
int facts_ask_is_local(void *ctx, const struct event *ev, const struct addr *addr);

/* What could not be learned and why, for the summary (CT902); NULL at the end of the list. */
const char *facts_missing(const struct facts *f, unsigned int i);

#endif
