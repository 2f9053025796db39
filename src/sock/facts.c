// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The cache of socket snapshots: keyed by cookie, which follows dup, fork and descriptor passing and is
 * never used twice, so that close() and a number's next use need not be traced.
 */
#include "config.h"

#include "sock/facts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "procfs/procfs.h"
#include "sock/netns.h"
#include "sock/priv.h"

static int open_ns(void *ctx, int own)
{
	(void)ctx;
	return netns_open_by_socket(own);
}

static int netns_by_borrowed(void *ctx, const struct event *ev)
{
	struct facts *f = ctx;
	int pidfd = proc_slot_pidfd(f, proc_slot(f, ev->tgid));
	bool refused;

	return pidfd < 0 ? pidfd : borrow_call(pidfd, ev->fd, &refused, open_ns, NULL);
}

static void netns_missed(void *ctx, const char *what)
{
	facts_miss(ctx, "%s", what);
}

struct facts *facts_new(void)
{
	struct facts *f = alloc_zeroed(1, sizeof(*f));

	f->spaces = (struct spaces){ .own = procfs_inode("/proc/self/ns/net"),
				     .by_socket = netns_by_borrowed,
				     .miss = netns_missed,
				     .ctx = f };
	lru_init(&f->socks, sizeof(struct sock_entry), FACTS_SOCKS_MAX);
	lru_init(&f->inodes, sizeof(struct diag_memo), FACTS_INODES_MAX);
	return f;
}

struct sock_entry *sock_entry_get(struct facts *f, uint64_t cookie)
{
	struct sock_entry *e = lru_get(&f->socks, cookie), *victim;

	if (e)
		return e;
	victim = lru_victim(&f->socks);
	if (victim)
		sock_unref(victim->snap);
	return lru_add(&f->socks, cookie);
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	for (struct sock_entry *e = lru_first(&f->socks); e; e = lru_next(&f->socks, e))
		sock_unref(e->snap);
	lru_free(&f->socks);
	proc_slots_free(f);
	lru_free(&f->inodes);
	netns_free_all(&f->spaces);
	for (unsigned int i = 0; i < f->nmissing; i++)
		alloc_free(f->missing[i]);
	alloc_free(f);
}

/* ---- reading ---- */

/* Keeps the old snapshot where nothing changed: events go on sharing it. */
void sock_entry_put(struct sock_entry *e, struct sock *s)
{
	if (e->snap) {
		s->refs = e->snap->refs;
		if (!memcmp(s, e->snap, sizeof(*s))) {
			alloc_free(s);
			return;
		}
		s->refs = 1;
		sock_unref(e->snap);
	}
	e->snap = s;
}

/* A socket never leaves its namespace. */
static uint64_t entry_netns(struct facts *f, const struct sock_entry *e, const struct sock *s,
			    int tgid, int own)
{
	uint64_t ino;

	if (e->snap && e->snap->has & SOCK_HAS_NETNS)
		return e->snap->netns;
	ino = netns_of_socket(&f->spaces, own);
	return ino ? ino : sockdiag_netns(f, tgid, s);
}

static void entry_read(struct facts *f, struct sock_entry *e, int tgid, int own, uint64_t now)
{
	struct sock *s = sock_new();

	sockread_all(s, own, &f->memo, &e->extra);
	s->netns = entry_netns(f, e, s, tgid, own);
	if (s->netns)
		s->has |= SOCK_HAS_NETNS;
	if (e->inq_known)
		sock_opt_set(s, OPT_SO_INQ, e->inq);
	sock_entry_put(e, s);
	e->read_ns = now;
	e->stale = false;
}

static void entry_read_names(struct sock_entry *e, int own)
{
	struct sock *s = sock_new();

	memcpy(s, e->snap, sizeof(*s));
	s->refs = 1;
	sockread_names(s, own);
	sock_entry_put(e, s);
}

struct ask_sock {
	struct facts *f;
	int tgid;
	struct sock *found; /* a new reference */
};

/* What is asked of a borrowed descriptor: one call where the cookie is known. */
static int read_borrowed(void *ctx, int own)
{
	struct ask_sock *a = ctx;
	uint64_t cookie, now;
	int rc = sockread_cookie(own, &cookie);

	if (rc)
		return rc;
	now = clock_ns(CLOCK_MONOTONIC_COARSE);

	struct sock_entry *e = sock_entry_get(a->f, cookie);

	if (!e->snap || e->stale || now - e->read_ns > FACTS_REFRESH_NS)
		entry_read(a->f, e, a->tgid, own, now);
	else if (sockread_unsettled(e->snap))
		entry_read_names(e, own);
	a->found = sock_ref(e->snap);
	return 0;
}

/* ---- is it a socket at all? ---- */

/*
 * Only sockets are borrowed: to close a copy of another file may call its file system (flush on FUSE
 * or NFS), and that may wait for ever, or for the tracee itself.  This look at /proc asks no file
 * system.  1, 0 or -errno.
 */
static int fd_is_sock(const struct proc_slot *p, int fd)
{
	struct procfs_path path = procfs_path(p->via, "fd/%d", fd);
	struct statx st;

	if (statx(AT_FDCWD, path.s, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st))
		return errno == ENOENT ? -EBADF : -errno;
	return S_ISSOCK(st.stx_mode);
}

static bool hint_get(const struct proc_slot *p, int fd)
{
	return fd < FACTS_FD_HINTS && (p->fd_socks[fd / 64] >> (fd % 64) & 1);
}

static void hint_set(struct proc_slot *p, int fd, bool is)
{
	uint64_t bit = 1ULL << (fd % 64);

	if (fd >= FACTS_FD_HINTS)
		return;
	if (is)
		p->fd_socks[fd / 64] |= bit;
	else
		p->fd_socks[fd / 64] &= ~bit;
}

/* ---- the question ---- */

/* 0 (found or no socket), or -errno; *refused: nothing can be borrowed of this process. */
static int ask_borrowed(struct facts *f, struct proc_slot *p, int fd, struct sock **found,
			bool *refused)
{
	struct ask_sock a = { .f = f, .tgid = p->tgid };
	int pidfd = proc_slot_pidfd(f, p);
	bool not_called = true;
	int rc;

	if (pidfd < 0) {
		*refused = pidfd != -ESRCH;
		return pidfd;
	}
	if (!hint_get(p, fd)) {
		rc = fd_is_sock(p, fd);
		if (rc == 0 || rc == -EBADF)
			return rc;
	}
	rc = borrow_call(pidfd, fd, &not_called, read_borrowed, &a);
	*refused = not_called && rc != -EBADF && rc != -ESRCH;
	if (!not_called)
		hint_set(p, fd, rc == 0);
	*found = a.found;
	/* -EBADF: opened with O_PATH, a name in the file system and no socket. */
	if (!not_called && (rc == -ENOTSOCK || rc == -EBADF))
		rc = 0;
	return rc;
}

struct sock *facts_sock(struct facts *f, int tgid, int fd, int *err)
{
	struct proc_slot *p = proc_slot(f, tgid);
	struct sock *found = NULL;
	bool refused = false;
	int rc = -EBADF;

	if (fd >= 0 && !p->refuse) {
		rc = ask_borrowed(f, p, fd, &found, &refused);
		if ((rc == -ESRCH || rc == -EBADF) && !proc_slot_reopen(f, p, rc))
			rc = ask_borrowed(f, p, fd, &found, &refused);
		if (refused) {
			p->refuse = rc;
			facts_miss(
				f,
				"sockets of process %d can't be borrowed (pidfd_getfd: %s): only "
				"what /proc and sock_diag tell is known, no socket options",
				tgid, strerror(-rc));
		}
	}
	if (fd >= 0 && p->refuse)
		rc = sockdiag_sock(f, p, fd, &found);
	if (err)
		*err = rc;
	return found;
}

static struct sock_entry *entry_of(const struct facts *f, const struct sock *s)
{
	return s && s->has & SOCK_HAS_COOKIE ? lru_peek(&f->socks, s->cookie) : NULL;
}

void facts_sock_changed(struct facts *f, const struct sock *s)
{
	struct sock_entry *e = entry_of(f, s);

	if (e)
		e->stale = true;
}

void facts_sock_inq(struct facts *f, const struct sock *s, bool on)
{
	struct sock_entry *e = entry_of(f, s);

	if (e) {
		e->inq_known = true;
		e->inq = on;
	}
}

bool facts_sock_odd(const struct facts *f, const struct sock *s, int family)
{
	const struct sock_entry *e = entry_of(f, s);

	return e && (family == AF_INET ? e->extra.odd4 : e->extra.odd6);
}

/* ---- what is missing ---- */

void facts_miss(struct facts *f, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (unsigned int i = 0; i < f->nmissing; i++) {
		if (!strcmp(f->missing[i], text))
			return;
	}
	if (f->nmissing < FACTS_MISSING_MAX)
		f->missing[f->nmissing++] = alloc_strdup(text);
}

const char *facts_missing(const struct facts *f, unsigned int i)
{
	return i < f->nmissing ? f->missing[i] : NULL;
}
