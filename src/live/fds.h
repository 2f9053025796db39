/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which socket a descriptor is, remembered for as long as no call could have changed that: borrowing it
 * anew costs three system calls a message.  A number can only become another socket by a call that makes
 * descriptors (SIDE_FDS, socket, a receive that brings some), and nobody knows the new number before that
 * call has returned: its exit stop makes everything remembered invalid.  What no stop shows (io_uring, an
 * untraced sharer of the table) is bounded by time.
 */
#ifndef CMSGTRACE_LIVE_FDS_H
#define CMSGTRACE_LIVE_FDS_H

#include "event/event.h"

struct facts;

enum { FDS_REMEMBERED = 64 }; /* a process; a power of two */

/* Of one process; zeroed at first. */
struct fds {
	struct fd_sock {
		struct sock *sock; /* a reference, or NULL */
		int fd;
		uint64_t generation;
		uint64_t ns; /* when it was looked at */
	} v[FDS_REMEMBERED];
};

/* As facts_sock(), of process tgid at ev's entry. generation: of all descriptor tables, see above. */
struct sock *fds_sock(struct fds *m, struct facts *f, uint64_t generation, const struct event *ev);
/* What is remembered of fd is wrong: the call said EBADF or ENOTSOCK, or changed its facts. */
void fds_forget(struct fds *m, int fd);
void fds_free(struct fds *m);

#endif
