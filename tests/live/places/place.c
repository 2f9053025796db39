/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For places.py: makes one mistake, on the line that says so; with an argument only when a line came. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile long sent;

int place_send(void);

#ifdef PLACE_INLINE
static inline __attribute__((always_inline)) void inlined(int fd, const struct msghdr *m)
{
	sent += sendmsg(fd, m, 0); /* INLINED */
}
#endif

#ifndef PLACE_LOADS
static __attribute__((noinline)) void user_code(int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct iovec iov = { "x", 1 };
	struct msghdr m = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memset(&control, 0, sizeof(control));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	control.h.cmsg_len = CMSG_LEN(sizeof(int));
	control.h.cmsg_level = SOL_SOCKET;
	control.h.cmsg_type = SCM_RIGHTS;
#ifdef PLACE_INLINE
	inlined(fd, &m);
#else
	sent += sendmsg(fd, &m, 0); /* HERE */
#endif
	sent++;
}

int place_send(void)
{
	user_code(socket(AF_INET, SOCK_DGRAM, 0));
	return sent != 2;
}
#endif

#ifndef PLACE_LIBRARY
int main(int argc, char **argv)
{
	const char *other = getenv("PLACE_REPLACED_BY");
#ifdef PLACE_LOADS
	int (*send)(void) = (int (*)(void))dlsym(dlopen(PLACE_LOADS, RTLD_NOW), "place_send");
#else
	int (*send)(void) = place_send;
#endif

	if (argc > 1)
		getchar();
	if (other)
		rename(other, argv[0]);
	if (getenv("PLACE_DELETED"))
		unlink(argv[0]);
	return send();
}
#endif
