/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes sockets inside another network namespace, to which they stay bound, and opens files of
 * /proc/sys/net as they are in there.  The caller never moves.
 */
#ifndef CMSGTRACE_SOCK_ENTER_H
#define CMSGTRACE_SOCK_ENTER_H

#include <stdbool.h>

struct enter_want {
	const char *path; /* to be opened for reading; NULL: a socket */
	int domain, type, protocol;
	bool optional; /* a kernel may lack it: then fd is -1 */
	int fd;        /* the result; the caller closes it */
};

/*
 * nsfd: the namespace, or -1 for our own.  0, or -errno and no descriptor: -EPERM where neither we nor its
 * user namespace give the right to enter.
 */
int enter_make(int nsfd, struct enter_want *wants, unsigned int n);

/* Closes fd, where it is one. */
void fd_close(int fd);

#endif
