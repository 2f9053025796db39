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
#include <unistd.h>

#include "base/alloc.h"
#include "sock/borrow.h"
#include "sock/facts.h"
#include "sock/netns.h"
#include "sock/priv.h"

/* linux/nsfs.h */
enum {
	IOCTL_NS_GET_USERNS = 0xb701,
	IOCTL_NS_GET_PARENT = 0xb702,
};

enum { USERNS_DEPTH_MAX = 33 }; /* the kernel allows 32 below the first */

/* ---- slots ---- */

static void slot_close(struct proc_slot *p)
{
	if (p->pidfd >= 0)
		close(p->pidfd);
	p->pidfd = -1;
}

static void slot_forget_snap(struct facts *f, struct proc_slot *p)
{
	proc_unref(p->snap);
	p->snap = NULL;
	if (p->netns)
		netns_user_gone(f, p->netns);
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

	int fd = p->via == p->tgid ? borrow_open(p->tgid) : borrow_open_thread(p->via);

	if (fd == -EMFILE || fd == -ENFILE) { /* give back what is only kept for speed */
		struct map_slot *s;

		for (size_t i = 0; (s = map_next(&f->procs, &i));)
			slot_close(s->value);
		fd = p->via == p->tgid ? borrow_open(p->tgid) : borrow_open_thread(p->via);
	}
	if (fd >= 0)
		p->pidfd = fd;
	return fd;
}

/* State letter of /proc/PID/stat, after the last parenthesis of the name; 0 where it is gone. */
static char task_state(int tid)
{
	char path[32], text[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';

	const char *end = strrchr(text, ')');

	return end && end[1] == ' ' ? end[2] : 0;
}

/* A thread of tgid that still runs, where the leader has ended; 0 none. */
static int other_thread(int tgid)
{
	char path[32];
	struct dirent *d;
	int found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	dir = opendir(path);
	while (dir && !found && (d = readdir(dir))) {
		int tid = atoi(d->d_name);
		char state = tid > 0 && tid != tgid ? task_state(tid) : 0;

		if (state && state != 'Z' && state != 'X')
			found = tid;
	}
	if (dir)
		closedir(dir);
	return found;
}

int proc_slot_reopen(struct facts *f, struct proc_slot *p, int err)
{
	char state = task_state(p->via);
	bool ended = !state || state == 'Z' || state == 'X';
	/* The leader's table of descriptors goes with it, but the other threads have it too. */
	int tid = ended ? other_thread(p->tgid) : 0;

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
	char path[48];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", tgid, ns);
	return stat(path, &st) ? 0 : st.st_ino;
}

static void read_exe(struct proc *p)
{
	char path[32], exe[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", p->tgid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n <= 0)
		return;
	exe[n] = '\0';
	p->exe = alloc_strdup(exe);
	p->has |= PROC_HAS_EXE;
}

static const char *status_line(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	/* The first line is the name, which the tracee chooses; the kernel escapes newlines in it. */
	return at && at != text && at[-1] == '\n' ? at + strlen(key) : NULL;
}

static void read_status(struct proc *p)
{
	char path[32], text[4096];
	const char *at;
	unsigned int a, b, c;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", p->tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';

	bool uids = false, gids = false;

	at = status_line(text, "Uid:");
	if (at && sscanf(at, "%u %u %u", &a, &b, &c) == 3) {
		p->uid = a, p->euid = b, p->suid = c;
		uids = true;
	}
	at = status_line(text, "Gid:");
	if (at && sscanf(at, "%u %u %u", &a, &b, &c) == 3) {
		p->gid = a, p->egid = b, p->sgid = c;
		gids = true;
	}
	if (uids && gids)
		p->has |= PROC_HAS_IDS;
	at = status_line(text, "NSpid:");
	if (at) { /* from the namespace of /proc inwards: the last is its own */
		long pid = 0;
		char *end;

		for (; *at && *at != '\n'; at = end) {
			pid = strtol(at, &end, 10);
			if (end == at || (*end != '\t' && *end != '\n'))
				break;
		}
		p->nspid = (int)pid;
		if (pid > 0)
			p->has |= PROC_HAS_NSPID;
	}
	at = status_line(text, "CapEff:");
	if (at) {
		p->caps = strtoull(at, NULL, 16);
		p->has |= PROC_HAS_CAPS;
	}
}

/* Open descriptors: since Linux 6.2 the size of /proc/PID/fd, before it they must be counted. */
static void read_nfds(struct proc *p)
{
	char path[32];
	struct stat st;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", p->tgid);
	if (stat(path, &st))
		return;
	if (st.st_size > 0) {
		p->nfds = (uint32_t)st.st_size;
		p->has |= PROC_HAS_NFDS;
		return;
	}
	dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *d; (d = readdir(dir));)
		p->nfds += d->d_name[0] != '.';
	closedir(dir);
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

static int open_ns(int tgid, const char *ns)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", tgid, ns);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * As ns_capable() on the owner of the network namespace: the process's user namespace must be the owner
 * or above it.  It isn't known where the process's own lies outside what we can see.
 * Kernel: security/commoncap.c cap_capable()
 */
static void read_net_caps(struct proc *p)
{
	int fd = open_ns(p->tgid, "net");
	int owner, above;

	if (fd < 0)
		return;
	owner = ioctl(fd, IOCTL_NS_GET_USERNS);
	/* EPERM: the owner isn't ours or below, and then no user namespace that we see is above it. */
	above = owner >= 0 ? userns_at_or_above(owner, p->userns) : errno == EPERM ? 0 : -errno;
	close(fd);
	if (above == 0) {
		fd = open_ns(p->tgid, "user");
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

struct proc *facts_proc(struct facts *f, int tgid)
{
	struct proc_slot *p = proc_slot(f, tgid);
	uint64_t now = facts_now_coarse();

	if (!p->snap || p->stale || now - p->read_ns > FACTS_REFRESH_NS) {
		uint64_t before = p->netns;

		proc_unref(p->snap);
		p->snap = proc_read(tgid);
		p->read_ns = now;
		p->stale = false;
		p->netns = p->snap->netns;
		/* In this order: a namespace without users is closed. */
		if (p->netns)
			netns_user_came(f, p->netns, tgid);
		else
			facts_miss(f, "the namespaces of process %d can't be looked at", tgid);
		if (before)
			netns_user_gone(f, before);
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
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/fd", tid);
	return !access(path, X_OK);
}

bool proc_shares_pids(int tgid)
{
	uint64_t ours = ns_inode(getpid(), "pid");

	return ours && ns_inode(tgid, "pid") == ours;
}

/* Its descriptor that is the socket with that inode; -1 none. */
static int fd_of_socket(int tgid, uint64_t inode)
{
	char path[48], want[40], to[40];
	unsigned int looked = 0;
	struct dirent *d;
	int found = -1;
	DIR *dir;

	snprintf(want, sizeof(want), "socket:[%llu]", (unsigned long long)inode);
	snprintf(path, sizeof(path), "/proc/%d/fd", tgid);
	dir = opendir(path);
	while (dir && found < 0 && looked++ < FACTS_FD_HINTS && (d = readdir(dir))) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/fd/%.12s", tgid, d->d_name);
		n = readlink(path, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		if (!strcmp(to, want))
			found = atoi(d->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

struct sock *proc_find_socket(struct facts *f, int first, uint64_t inode)
{
	enum { PROCESSES_MAX = 64 };
	unsigned int looked = 0;
	struct map_slot *slot;
	int tgid = first, fd = fd_of_socket(first, inode);

	for (size_t i = 0;
	     fd < 0 && looked++ < PROCESSES_MAX && (slot = map_next(&f->procs, &i));) {
		const struct proc_slot *p = slot->value;

		tgid = p->tgid;
		fd = tgid == first ? -1 : fd_of_socket(tgid, inode);
	}

	struct sock *s = fd >= 0 ? facts_sock(f, tgid, fd, NULL) : NULL;

	if (s && (s->has & SOCK_HAS_INODE) && s->inode == inode)
		return s;
	sock_unref(s);
	return NULL;
}

/* ---- io_uring ---- */

static bool fd_is_uring(int tgid, const char *fd)
{
	char path[48], to[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%.12s", tgid, fd);
	n = readlink(path, to, sizeof(to) - 1);
	if (n < 0)
		return false;
	to[n] = '\0';
	return !strcmp(to, "anon_inode:[io_uring]");
}

bool facts_has_io_uring(struct facts *f, int tgid, int fd)
{
	char text[32];
	bool found = false;
	DIR *dir;

	(void)f;
	if (fd >= 0) {
		snprintf(text, sizeof(text), "%d", fd);
		return fd_is_uring(tgid, text);
	}
	snprintf(text, sizeof(text), "/proc/%d/fd", tgid);
	dir = opendir(text);
	for (struct dirent *d; dir && !found && (d = readdir(dir));)
		found = fd_is_uring(tgid, d->d_name);
	if (dir)
		closedir(dir);
	return found;
}
