// SPDX-License-Identifier: LGPL-2.1-or-later
/* -y: what /proc/PID/fd/N links to, for the descriptors that a call names or passes.  Of a task that runs on only what the
 * engine saw: its descriptors may be others by now. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "live/state.h"
#include "procfs/procfs.h"
#include "uapi/uapi.h"

/* A vector may claim a quarter of a million descriptors. */
enum { RIGHTS_MAX = 253 /* SCM_MAX_FD */, LOOKED_AT_MAX = 4096 };

/* The process that a pidfd means, in our pid namespace; 0 where it is gone or can't be told. */
static int pidfd_pid(int tid, int fd)
{
	char text[256];
	const char *pid;

	if (procfs_read(procfs_path(tid, "fdinfo/%d", fd).s, text, sizeof(text)) <= 0)
		return 0;
	pid = procfs_value(text, "Pid");
	return pid && atoi(pid) > 0 ? atoi(pid) : 0;
}

/* What -yy tells of a descriptor beyond its path. */
static void describe(const struct event *ev, struct fd_path *p, const char *link)
{
	struct statx st;

	if (!strcmp(p->path, "anon_inode:[pidfd]")) {
		p->pid = pidfd_pid(ev->tid, p->fd);
		return;
	}
	/* not synchronised: a file system in user space (FUSE) may be served by whom we have stopped */
	if (p->path[0] == '/' &&
	    !statx(AT_FDCWD, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) &&
	    (S_ISCHR(st.stx_mode) || S_ISBLK(st.stx_mode))) {
		p->dev = S_ISCHR(st.stx_mode) ? 'c' : 'b';
		p->major = st.stx_rdev_major;
		p->minor = st.stx_rdev_minor;
	}
}

void live_fd_path(struct event *ev, int fd)
{
	/* the leader's are gone where it ended before its threads, the thread's where it has ended since */
	struct procfs_path link = procfs_path(ev->tid, "fd/%d", fd);
	char path[PATH_MAX];

	if (event_fd_path(ev, fd))
		return;
	if (procfs_link(link.s, path, sizeof(path)) < 0) {
		link = procfs_path(ev->tgid, "fd/%d", fd);
		if (procfs_link(link.s, path, sizeof(path)) < 0)
			return;
	}
	describe(ev, event_add_fd_path(ev, fd, path), link.s);
}

void live_sock_path(struct event *ev, int fd)
{
	char path[40];

	if (fd < 0 || !ev->sock || !(ev->sock->has & SOCK_HAS_INODE) || event_fd_path(ev, fd))
		return;
	snprintf(path, sizeof(path), "socket:[%llu]", (unsigned long long)ev->sock->inode);
	event_add_fd_path(ev, fd, path);
}

/* The descriptors in SCM_RIGHTS and SCM_PIDFD: while they mean what they say, at entry of a send, exit of a receive. */
void live_rights_paths(struct event *ev)
{
	unsigned int looked_at = 0;

	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		cmsg_walk(ev, m);
		for (uint32_t k = 0; k < m->ncmsg; k++) {
			const struct cmsg *c = &m->cmsg[k];
			struct reader r = reader_of(c->data, c->data_len);

			if (c->level != SOL_SOCKET || (c->type != SCM_RIGHTS && c->type != T_PIDFD))
				continue;
			for (unsigned int n = 0;
			     r.left >= 4 && n < RIGHTS_MAX && looked_at < LOOKED_AT_MAX;
			     n++, looked_at++)
				live_fd_path(ev, read_s32(&r));
		}
	}
}
