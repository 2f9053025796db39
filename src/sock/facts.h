/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Learns the facts of sockets and processes from the live system: pidfd_getfd (borrow, ask, close: it
 * can't leak nor keep the tracee's socket alive), else /proc and sock_diag.  One cache per run.
 */
#ifndef CMSGTRACE_SOCK_FACTS_H
#define CMSGTRACE_SOCK_FACTS_H

#include "event/ask.h"

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

/* A traced setsockopt switched SO_INQ on or off, which no getsockopt tells. */
void facts_sock_inq(struct facts *f, const struct sock *s, bool on);

/* Facts of a process: a new reference; never NULL, but facts may be missing. */
struct proc *facts_proc(struct facts *f, int tgid);
/* parent made process child, which may be gone already: then it is taken to have been like its parent. */
void facts_proc_child(struct facts *f, int child, int parent);
/* It executed another program, or changed its ids: forget what was read. */
void facts_proc_changed(struct facts *f, int tgid);
/* It is gone. */
void facts_proc_gone(struct facts *f, int tgid);

/* Is descriptor fd of tgid an io_uring instance?  Any of its descriptors, with fd -1. */
bool facts_has_io_uring(struct facts *f, int tgid, int fd);

/*
 * Answers q about ev: the result as event/ask.h says, or negative errno.  Sets a->late where other threads
 * may have changed it; all else that a needs, but its question.
 */
int facts_answer(struct facts *f, const struct event *ev, const struct question *q,
		 struct answer *a);

/* What could not be learned and why, for the summary (CT902); NULL at the end of the list. */
const char *facts_missing(const struct facts *f, unsigned int i);

#endif
