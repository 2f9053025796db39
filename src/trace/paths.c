// SPDX-License-Identifier: LGPL-2.1-or-later
/* -y: what /proc/PID/fd/N links to, for the descriptors that a call names or passes. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "trace/state.h"

enum { RIGHTS_MAX = 253 }; /* SCM_MAX_FD */

/* The process that a pidfd means, in our pid namespace; 0 where it is gone or can't be told. */
static int pidfd_pid(int tgid, int fd)
{
	char name[64], line[64];
	int pid = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/fdinfo/%d", tgid, fd);
	f = fopen(name, "re");
	if (!f)
		return 0;
	while (!pid && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Pid: %d", &pid) == 1 && pid < 0)
			pid = 0;
	}
	fclose(f);
	return pid;
}

/* What -yy tells of a descriptor beyond its path. */
static void describe(const struct event *ev, struct fd_path *p, const char *link)
{
	struct stat st;

	if (!strcmp(p->path, "anon_inode:[pidfd]")) {
		p->pid = pidfd_pid(ev->tgid, p->fd);
	} else if (p->path[0] == '/' && !stat(link, &st) &&
		   (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
		p->dev = S_ISCHR(st.st_mode) ? 'c' : 'b';
		p->major = major(st.st_rdev);
		p->minor = minor(st.st_rdev);
	}
}

void trace_fd_path(struct event *ev, int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (event_fd_path(ev, fd))
		return;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", ev->tgid, fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return;
	path[n] = '\0';
	describe(ev, event_add_fd_path(ev, fd, path), link);
}

/* The descriptors in SCM_RIGHTS: while they mean what they say, at entry of a send, exit of a receive. */
void trace_rights_paths(struct event *ev)
{
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		cmsg_walk(ev, m);
		for (uint32_t k = 0; k < m->ncmsg; k++) {
			const struct cmsg *c = &m->cmsg[k];
			struct reader r = reader_of(c->data, c->data_len);

			if (c->level != SOL_SOCKET || c->type != SCM_RIGHTS)
				continue;
			for (unsigned int n = 0; r.left >= 4 && n < RIGHTS_MAX; n++)
				trace_fd_path(ev, read_s32(&r));
		}
	}
}
