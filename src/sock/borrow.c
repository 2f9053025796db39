// SPDX-License-Identifier: LGPL-2.1-or-later
/* Borrowed descriptors: pidfd_open(2), pidfd_getfd(2). Raw system calls, since libcs have them late. */
#include "config.h"

#include "sock/borrow.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One number on every architecture; Debian 11's headers lack some. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

enum { PIDFD_THREAD_FLAG = O_EXCL }; /* PIDFD_THREAD of linux/pidfd.h */

int borrow_open(int tgid)
{
	long fd = syscall(SYS_pidfd_open, tgid, 0); /* close-on-exec by itself */

	return fd < 0 ? -errno : (int)fd;
}

int borrow_open_thread(int tid)
{
	long fd = syscall(SYS_pidfd_open, tid, PIDFD_THREAD_FLAG);

	return fd < 0 ? -errno : (int)fd;
}

int borrow_call(int pidfd, int fd, bool *refused, int (*fn)(void *ctx, int own), void *ctx)
{
	long own = syscall(SYS_pidfd_getfd, pidfd, fd, 0); /* close-on-exec too */

	*refused = own < 0;
	if (own < 0)
		return -errno;

	int rc = fn(ctx, (int)own);

	close((int)own);
	return rc;
}
