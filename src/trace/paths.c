// SPDX-License-Identifier: LGPL-2.1-or-later
/* -y: what /proc/PID/fd/N links to, for the descriptors that a call names or passes. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "trace/state.h"

enum { RIGHTS_MAX = 253 }; /* SCM_MAX_FD */

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
	event_add_fd_path(ev, fd, path);
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
