// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A child that shares our table of descriptors, and nothing else, joins the namespace, makes the sockets
 * in place of descriptors that hold their numbers, and ends.  It needs no memory of its own making, so
 * that a raw clone() is enough.  Kernel: net/core/net_namespace.c netns_install()
 */
#include "config.h"

#include "sock/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IOCTL_NS_GET_USERNS = 0xb701 }; /* linux/nsfs.h */

void fd_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* 0 or errno. */
static int make_all(const struct enter_want *wants, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct enter_want *w = &wants[i];
		int fd = w->path ? open(w->path, O_RDONLY | O_CLOEXEC)
				 : socket(w->domain, w->type | SOCK_CLOEXEC, w->protocol);
		int err = fd < 0 || dup3(fd, w->fd, O_CLOEXEC) < 0 ? errno : 0;

		fd_close(fd);
		if (err && !w->optional)
			return err;
	}
	return 0;
}

/* Without rights here there may be some in the namespace's own user namespace.  0 or errno. */
static int join(int nsfd)
{
	int user, err = 0;

	if (!setns(nsfd, CLONE_NEWNET))
		return 0;
	if (errno != EPERM)
		return errno;
	user = ioctl(nsfd, IOCTL_NS_GET_USERNS);
	if (user < 0)
		return EPERM;
	if (setns(user, CLONE_NEWUSER) || setns(nsfd, CLONE_NEWNET))
		err = errno;
	close(user);
	return err;
}

static int make_in_child(int nsfd, const struct enter_want *wants, unsigned int n)
{
	/* All arguments but the flags are 0: their order differs between architectures. */
	long child = syscall(SYS_clone, CLONE_FILES, 0, 0, 0, 0);
	int status = 0;

	if (child < 0)
		return errno;
	if (!child) {
		int err = join(nsfd);

		_exit(err ? err : make_all(wants, n));
	}
	while (waitpid((pid_t)child, &status, __WALL) < 0) {
		if (errno != EINTR)
			return errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

/* Only a socket that is optional may not have replaced its descriptor. */
static bool is_made(const struct enter_want *w)
{
	int type;
	socklen_t len = sizeof(type);

	return !w->optional || !getsockopt(w->fd, SOL_SOCKET, SO_TYPE, &type, &len);
}

int enter_make(int nsfd, struct enter_want *wants, unsigned int n)
{
	int err = 0;

	for (unsigned int i = 0; i < n; i++) {
		wants[i].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (wants[i].fd < 0)
			err = errno;
	}
	if (!err)
		err = nsfd >= 0 ? make_in_child(nsfd, wants, n) : make_all(wants, n);
	for (unsigned int i = 0; i < n; i++) {
		if (!err && is_made(&wants[i]))
			continue;
		fd_close(wants[i].fd);
		wants[i].fd = -1;
	}
	return -err;
}
