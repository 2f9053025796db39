/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes sockets inside another network namespace, to which they stay bound. The caller never moves. */
#ifndef CMSGTRACE_SOCK_ENTER_H
#define CMSGTRACE_SOCK_ENTER_H

#include <stdbool.h>

struct enter_want {
	int domain, type, protocol;
	bool optional; /* a kernel may lack it: then fd is -1 */
	int fd;        /* the result; the caller closes it */
};

/* Opens a file of /proc/sys/net for reading as it is in there.  nsfd as below.  Descriptor or -errno. */
int enter_open(int nsfd, const char *path);

enum { ENTER_WANTS_MAX = 8 };

/*
 * nsfd: the namespace, or -1 for our own.  0, or -errno and no socket: -EPERM where neither we nor its
 * user namespace give the right to enter.
 */
int enter_make(int nsfd, struct enter_want *wants, unsigned int n);

#endif
