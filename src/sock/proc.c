// SPDX-License-Identifier: LGPL-2.1-or-later
/* Facts of processes: /proc/PID, prlimit(2), and the namespaces' own ioctls (ioctl_ns(2)). */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "procfs/procfs.h"
#include "sock/enter.h"
#include "sock/facts.h"
#include "sock/netns.h"
#include "sock/priv.h"

/* linux/nsfs.h */
enum {
	IOCTL_NS_GET_USERNS = 0xb701,
	IOCTL_NS_GET_PARENT = 0xb702,
};

enum { USERNS_DEPTH_MAX = 33 }; /* the kernel allows 32 below the first */

/* ---- borrowed descriptors ---- */

/* Raw system calls: libcs have them late, Debian 11's headers lack the numbers, one for all machines. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* For good: p's number may be used again, this isn't.  -errno; a thread's needs Linux 6.9. */
static int open_pidfd(const struct proc_slot *p)
{
	enum { THREAD = O_EXCL }; /* PIDFD_THREAD of linux/pidfd.h */
	long fd = syscall(SYS_pidfd_open, p->via, p->via == p->tgid ? 0 : THREAD);

	return fd < 0 ? -errno : (int)fd;
}

int borrow_call(int pidfd, int fd, bool *refused, int (*fn)(void *ctx, int own), void *ctx)
{
	int own = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0); /* close-on-exec by itself */

	*refused = own < 0;
	if (own < 0)
		return -errno;

	int rc = fn(ctx, own);

	close(own);
	return rc;
}

/* ---- slots ---- */

static void slot_close(struct proc_slot *p)
{
	fd_close(p->pidfd);
	p->pidfd = -1;
}

static void slot_forget_snap(struct facts *f, struct proc_slot *p)
{
	proc_unref(p->snap);
	p->snap = NULL;
	if (p->netns)
		netns_user_gone(&f->spaces, p->netns);
	p->netns = 0;
}

static void slot_free(struct facts *f, struct proc_slot *p)
{
	slot_close(p);
	slot_forget_snap(f, p);
	alloc_free(p);
}

void proc_slots_free(struct facts *f)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&f->procs, &i));)
		slot_free(f, s->value);
	map_free(&f->procs);
}

struct proc_slot *proc_slot(struct facts *f, int tgid)
{
	struct proc_slot *p = map_get(&f->procs, (uint64_t)tgid);

	if (p)
		return p;
	if (f->procs.n >= FACTS_PROCS_MAX)
		proc_slots_free(f); /* all come back on demand for a few µs each */
	p = alloc_zeroed(1, sizeof(*p));
	p->tgid = p->via = tgid;
	p->pidfd = -1;
	map_put(&f->procs, (uint64_t)tgid, p);
	return p;
}

int proc_slot_pidfd(struct facts *f, struct proc_slot *p)
{
	if (p->pidfd >= 0)
		return p->pidfd;

	int fd = open_pidfd(p);

	if (fd == -EMFILE || fd == -ENFILE) { /* give back what is only kept for speed */
		struct map_slot *s;

		for (size_t i = 0; (s = map_next(&f->procs, &i));)
			slot_close(s->value);
		fd = open_pidfd(p);
	}
	if (fd >= 0)
		p->pidfd = fd;
	return fd;
}

/* By the state letter of /proc/PID/stat, after the last parenthesis of the name. */
static bool task_runs(int tid)
{
	char text[512];
	const char *end;

	if (procfs_read(procfs_path(tid, "stat").s, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] && end[2] != 'Z' && end[2] != 'X';
}

/* A thread of tgid that still runs, where the leader has ended; 0 none. */
static int other_thread(int tgid)
{
	auto_dir DIR *dir = opendir(procfs_path(tgid, "task").s);
	int tid;

	while ((tid = procfs_next(dir)) > 0) {
		if (tid != tgid && task_runs(tid))
			return tid;
	}
	return 0;
}

int proc_slot_reopen(struct facts *f, struct proc_slot *p, int err)
{
	/* The leader's table of descriptors goes with it, but the other threads have it too. */
	int tid = task_runs(p->via) ? 0 : other_thread(p->tgid);

	if (tid && tid != p->via) {
		p->via = tid;
		slot_close(p);
		return 0;
	}
	if (err != -ESRCH || p->pidfd < 0)
		return err;
	/* That process is gone, and so is all that was known of it; the number may be another's now. */
	slot_close(p);
	slot_forget_snap(f, p);
	memset(p->fd_socks, 0, sizeof(p->fd_socks));
	p->via = p->tgid;
	return 0;
}

/* ---- one snapshot ---- */

static uint64_t ns_inode(int tgid, const char *ns)
{
	return procfs_inode(procfs_path(tgid, "ns/%s", ns).s);
}

static void read_exe(struct proc *p)
{
	char exe[PATH_MAX];

	if (procfs_link(procfs_path(p->tgid, "exe").s, exe, sizeof(exe)) <= 0)
		return;
	p->exe = alloc_strdup(exe);
	p->has |= PROC_HAS_EXE;
}

static void read_status(struct proc *p)
{
	char text[4096];
	const char *uid, *gid, *caps;

	if (procfs_read(procfs_path(p->tgid, "status").s, text, sizeof(text)) <= 0)
		return;
	uid = procfs_value(text, "Uid");
	gid = procfs_value(text, "Gid");
	caps = procfs_value(text, "CapEff");
	if (uid && gid && sscanf(uid, "%u %u %u", &p->uid, &p->euid, &p->suid) == 3 &&
	    sscanf(gid, "%u %u %u", &p->gid, &p->egid, &p->sgid) == 3)
		p->has |= PROC_HAS_IDS;
	p->nspid = procfs_inner_pid(text);
	if (p->nspid > 0)
		p->has |= PROC_HAS_NSPID;
	if (caps) {
		p->caps = strtoull(caps, NULL, 16);
		p->has |= PROC_HAS_CAPS;
	}
}

/* Open descriptors: since Linux 6.2 the size of /proc/PID/fd, before it they must be counted. */
static void read_nfds(struct proc *p)
{
	struct procfs_path path = procfs_path(p->tgid, "fd");
	struct stat st;
	int n;

	if (stat(path.s, &st))
		return;
	n = st.st_size > 0 ? (int)st.st_size : procfs_count(path.s, INT64_MAX);
	if (n < 0)
		return;
	p->nfds = (uint32_t)n;
	p->has |= PROC_HAS_NFDS;
}

/*
 * Is the user namespace with inode ino the one behind fd, or above it?  Closes fd.  1, 0 or -errno; what
 * lies above our own user namespace can't be seen and counts as 0.
 */
static int userns_at_or_above(int fd, uint64_t ino)
{
	struct stat st;

	for (int depth = 0; depth < USERNS_DEPTH_MAX; depth++) {
		int rc = fstat(fd, &st) ? -errno : st.st_ino == ino;
		int up = rc ? -1 : ioctl(fd, IOCTL_NS_GET_PARENT);
		int err = errno;

		close(fd);
		if (rc)
			return rc;
		if (up < 0)
			return err == EPERM ? 0 : -err;
		fd = up;
	}
	close(fd);
	return -ELOOP;
}

/*
 * As ns_capable() on the owner of the network namespace: the process's user namespace must be the owner
 * or above it.  It isn't known where the process's own lies outside what we can see.
 * Kernel: security/commoncap.c cap_capable()
 */
static void read_net_caps(struct proc *p)
{
	int fd = procfs_open(p->tgid, "ns/net");
	int owner, above;

	if (fd < 0)
		return;
	owner = ioctl(fd, IOCTL_NS_GET_USERNS);
	/* EPERM: the owner isn't ours or below, and then no user namespace that we see is above it. */
	above = owner >= 0 ? userns_at_or_above(owner, p->userns) : errno == EPERM ? 0 : -errno;
	close(fd);
	if (above == 0) {
		fd = procfs_open(p->tgid, "ns/user");
		if (fd < 0 || userns_at_or_above(fd, ns_inode(getpid(), "user")) != 1)
			return;
	}
	if (above < 0)
		return;
	p->caps_in_netns = above;
	p->has |= PROC_HAS_NET_CAPS;
}

static struct proc *proc_read(int tgid)
{
	struct proc *p = proc_new();
	struct rlimit nofile;

	p->tgid = tgid;
	read_exe(p);
	read_status(p);
	read_nfds(p);
	if (!prlimit(tgid, RLIMIT_NOFILE, NULL, &nofile)) {
		p->nofile = nofile.rlim_cur;
		p->has |= PROC_HAS_NOFILE;
	}
	p->netns = ns_inode(tgid, "net");
	if (p->netns)
		p->has |= PROC_HAS_NETNS;
	p->userns = ns_inode(tgid, "user");
	if (p->userns)
		p->has |= PROC_HAS_USERNS;
	p->ids_foreign = p->userns && p->userns != ns_inode(getpid(), "user");
	if (p->netns && p->userns)
		read_net_caps(p);
	return p;
}

void facts_proc_child(struct facts *f, int child, int parent)
{
	struct proc_slot *p = proc_slot(f, child);
	const struct proc *from;

	if (p->snap)
		return;
	p->snap = proc_read(child);
	if (!p->snap->has && parent != child) {
		proc_unref(p->snap);
		p->snap = NULL;
		from = facts_proc(f, parent);
		p = proc_slot(f, child);
		p->snap = proc_new();
		*p->snap = *from;
		p->snap->refs = 1;
		p->snap->tgid = child;
		p->snap->has &= ~(unsigned int)PROC_HAS_NSPID;
		p->snap->exe = from->exe ? alloc_strdup(from->exe) : NULL;
		proc_unref((struct proc *)from);
	}
	p->read_ns = clock_ns(CLOCK_MONOTONIC_COARSE);
	p->netns = p->snap->netns;
	if (p->netns)
		netns_user_came(&f->spaces, p->netns, child);
}

struct proc *facts_proc(struct facts *f, int tgid)
{
	struct proc_slot *p = proc_slot(f, tgid);
	uint64_t now = clock_ns(CLOCK_MONOTONIC_COARSE);

	if (!p->snap || p->stale || now - p->read_ns > FACTS_REFRESH_NS) {
		uint64_t before = p->netns;

		struct proc *fresh = proc_read(tgid);

		if (!fresh->has && p->snap) { /* it is gone: what it was like remains */
			proc_unref(fresh);
			fresh = p->snap;
			p->snap = NULL;
		} else if (!fresh->netns &&
			   p->snap) { /* it has ended, or may no longer be looked at */
			fresh->netns = p->snap->netns;
		}
		proc_unref(p->snap);
		p->snap = fresh;
		p->read_ns = now;
		p->stale = false;
		p->netns = p->snap->netns;
		/* In this order: a namespace without users is closed. */
		if (p->netns)
			netns_user_came(&f->spaces, p->netns, tgid);
		else
			facts_miss(f, "the namespaces of process %d can't be looked at", tgid);
		if (before)
			netns_user_gone(&f->spaces, before);
	}
	return proc_ref(p->snap);
}

void facts_proc_changed(struct facts *f, int tgid)
{
	struct proc_slot *p = map_get(&f->procs, (uint64_t)tgid);

	if (!p)
		return;
	p->stale = true;
	/* Another program may be one that can (or can't) be looked at; its leader is alive again. */
	p->refuse = 0;
	if (p->via != p->tgid) {
		p->via = p->tgid;
		slot_close(p);
	}
}

void facts_proc_gone(struct facts *f, int tgid)
{
	struct proc_slot *p = map_remove(&f->procs, (uint64_t)tgid);

	if (p)
		slot_free(f, p);
}

bool proc_fds_readable(int tid)
{
	return !access(procfs_path(tid, "fd").s, X_OK);
}

bool proc_shares_pids(int tgid)
{
	uint64_t ours = ns_inode(getpid(), "pid");

	return ours && ns_inode(tgid, "pid") == ours;
}

/* Does its descriptor's link say so? */
static bool fd_links_to(int tgid, int fd, const char *what)
{
	char to[40];

	return procfs_link(procfs_path(tgid, "fd/%d", fd).s, to, sizeof(to)) > 0 &&
	       !strcmp(to, what);
}

/* Its first descriptor whose link says so; -1 none. */
static int fd_linking_to(int tgid, const char *what)
{
	auto_dir DIR *dir = opendir(procfs_path(tgid, "fd").s);
	int fd, looked = 0;

	while (looked++ < FACTS_FD_HINTS && (fd = procfs_next(dir)) >= 0) {
		if (fd_links_to(tgid, fd, what))
			return fd;
	}
	return -1;
}

struct sock *proc_find_socket(struct facts *f, int first, uint64_t inode)
{
	enum { PROCESSES_MAX = 64 };
	unsigned int looked = 0;
	struct map_slot *slot;
	char what[40];
	int tgid = first, fd;

	snprintf(what, sizeof(what), "socket:[%llu]", (unsigned long long)inode);
	fd = fd_linking_to(first, what);

	for (size_t i = 0;
	     fd < 0 && looked++ < PROCESSES_MAX && (slot = map_next(&f->procs, &i));) {
		const struct proc_slot *p = slot->value;

		tgid = p->tgid;
		fd = tgid == first ? -1 : fd_linking_to(tgid, what);
	}

	struct sock *s = fd >= 0 ? facts_sock(f, tgid, fd, NULL) : NULL;

	if (s && (s->has & SOCK_HAS_INODE) && s->inode == inode)
		return s;
	sock_unref(s);
	return NULL;
}

/* ---- io_uring ---- */

bool facts_has_io_uring(struct facts *f, int tgid, int fd)
{
	static const char uring[] = "anon_inode:[io_uring]";

	(void)f;
	return fd >= 0 ? fd_links_to(tgid, fd, uring) : fd_linking_to(tgid, uring) >= 0;
}
