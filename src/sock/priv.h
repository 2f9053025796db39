/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share: the caches behind struct facts. Nobody else includes it. */
#ifndef CMSGTRACE_SOCK_PRIV_H
#define CMSGTRACE_SOCK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/lru.h"
#include "base/map.h"
#include "event/proc.h"
#include "event/sock.h"
#include "sock/netns.h"
#include "sock/sockread.h"

enum {
	FACTS_SOCKS_MAX = 4096, /* snapshots kept, least recently used go first */
	FACTS_INODES_MAX = 4096,
	FACTS_PROCS_MAX = 1024, /* processes with an open pidfd; beyond it all are forgotten */
	FACTS_FD_HINTS = 1024,  /* descriptors below it are remembered as sockets */
	FACTS_MISSING_MAX = 16, /* reasons kept for the summary */
	FACTS_REFRESH_NS =
		1000000000, /* an older snapshot is read anew: what we didn't see happen */
};

struct sock_entry {
	struct sock *snap; /* the cache's reference */
	uint64_t read_ns;  /* monotonic */
	struct sockread_extra extra;
	bool stale;
	bool inq_known, inq; /* as a traced setsockopt left it */
};

/* What an inode was found to be. */
struct diag_memo {
	uint64_t cookie; /* 0: sock_diag doesn't know it */
	uint64_t asked_ns;
	uint64_t peer; /* AF_UNIX: inode of the other end, once it was asked for */
};

struct proc_slot {
	int tgid;
	int via;    /* task that is asked: tgid, or another thread where the leader is gone */
	int pidfd;  /* -1: not open */
	int refuse; /* negative errno: no descriptor can be borrowed from it; 0 it can */
	uint64_t
		fd_socks[FACTS_FD_HINTS / 64]; /* were sockets when last seen: a hint, not a fact */
	struct proc *snap;
	uint64_t read_ns;
	bool stale;
	uint64_t netns; /* inode it was counted for in its netns' users; 0 none */
};

struct facts {
	struct lru socks;  /* cookie -> sock_entry */
	struct map procs;  /* tgid -> proc_slot */
	struct lru inodes; /* inode -> diag_memo */
	struct sockread_memo memo;
	struct spaces spaces; /* network namespaces */
	int no_getfd;         /* negative errno: pidfd_getfd is refused whatever the process */
	char *missing[FACTS_MISSING_MAX];
	unsigned int nmissing;
};

/* Says once what could not be learned and why. */
void facts_miss(struct facts *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * proc.c: calls fn with our copy of descriptor fd of the process behind pidfd; the copy is closed
 * afterwards, so that it can't leak and keeps the tracee's socket for microseconds only.
 * Returns what fn returned, or *refused = true and -errno where there was nothing to call it with
 * (-EBADF no such descriptor, -ESRCH process gone, -EPERM, -ENOSYS before Linux 5.6).
 */
int borrow_call(int pidfd, int fd, bool *refused, int (*fn)(void *ctx, int own), void *ctx);

/* proc.c: the slot of a process, made where it is new; never NULL. */
struct proc_slot *proc_slot(struct facts *f, int tgid);
/* Its pidfd, opened where need be; -errno. */
int proc_slot_pidfd(struct facts *f, struct proc_slot *p);
/* The pidfd is of a process that ended, or of a leader that did: 0 where another try makes sense. */
int proc_slot_reopen(struct facts *f, struct proc_slot *p, int err);
void proc_slots_free(struct facts *f);

/* proc.c: may a task's descriptors be looked at? */
bool proc_fds_readable(int tid);
/* proc.c: the socket with that inode, looked for in process first, then in others: a reference or NULL. */
struct sock *proc_find_socket(struct facts *f, int first, uint64_t inode);
/* proc.c: is its pid namespace ours? */
bool proc_shares_pids(int tgid);

/* facts.c: the entry of a cookie, made where it is new; becomes the most recently used. */
struct sock_entry *sock_entry_get(struct facts *f, uint64_t cookie);
/* Takes s (one reference) as what is known now. */
void sock_entry_put(struct sock_entry *e, struct sock *s);

/* facts.c: does it have what keeps a route lookup from telling the source of that family? */
bool facts_sock_odd(const struct facts *f, const struct sock *s, int family);

/* ---- sockdiag.c ---- */

/* 0 and *found (a new reference; NULL: no socket), or -errno. */
int sockdiag_sock(struct facts *f, const struct proc_slot *p, int fd, struct sock **found);
/* Inode of the other end of ev's AF_UNIX socket; 0: none, or sock_diag doesn't know. */
uint64_t sockdiag_unix_peer(struct facts *f, const struct event *ev);
/* Bytes that wait in it (of a datagram socket: in the first), or -errno. */
int sockdiag_unix_waits(struct facts *f, const struct event *ev);
/*
 * Inode of tgid's network namespace where s is found in it, else 0: for kernels before 5.14, whose
 * sockets don't tell their namespace to whoever has no CAP_NET_ADMIN.
 */
uint64_t sockdiag_netns(struct facts *f, int tgid, const struct sock *s);

#endif
