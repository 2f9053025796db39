// SPDX-License-Identifier: LGPL-2.1-or-later
/* For places.py: C that Go calls. */
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "_cgo_export.h"

long c_reply(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	long n;

	memset(&control, 0, sizeof(control));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS; /* no socket of the Internet takes it */
	c->cmsg_len = CMSG_LEN(sizeof(int));
	n = sendmsg(fd, &m, 0); /* HERE */
	return n + (n < 0);
}

long c_back(int fd)
{
	return go_reply(fd) + 1;
}
