/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor of another process, for the length of one function: borrow, ask, close.  It can't leak,
 * and the tracee's socket is kept open for microseconds only.
 */
#ifndef CMSGTRACE_SOCK_BORROW_H
#define CMSGTRACE_SOCK_BORROW_H

#include <stdbool.h>

/* A descriptor that stands for process tgid for good (the number may be reused, this isn't); -errno. */
int borrow_open(int tgid);
/* The same for one thread, where the leader is gone while others run (Linux 6.9); -errno. */
int borrow_open_thread(int tid);

/*
 * Calls fn with our copy of descriptor fd of the process behind pidfd; closes the copy afterwards.
 * Returns what fn returned, or *refused = true and -errno where there was nothing to call it with
 * (-EBADF no such descriptor, -ESRCH process gone, -EPERM, -ENOSYS before Linux 5.6).
 */
int borrow_call(int pidfd, int fd, bool *refused, int (*fn)(void *ctx, int own), void *ctx);

#endif
