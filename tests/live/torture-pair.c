// SPDX-License-Identifier: LGPL-2.1-or-later
/* A message through a pair of sockets, with a control message, checked byte by byte. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture.h"

_Noreturn void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

void pair_open(struct pair *p, unsigned int seed)
{
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, p->fd))
		fail("socketpair: %s", strerror(errno));
	p->seed = seed;
	p->count = 0;
}

void pair_close(struct pair *p)
{
	close(p->fd[0]);
	close(p->fd[1]);
}

static unsigned int word(const struct pair *p, unsigned int i)
{
	return (p->seed * 2654435761u) ^ (p->count * 40503u + i * 97u);
}

enum { WORDS = 24 };

unsigned int pair_turn(struct pair *p)
{
	unsigned int out[WORDS], in[WORDS] = { 0 }, interrupted = 0;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } }, got = { { 0 } };
	struct iovec iov = { out, sizeof(out) }, iov_in = { in, sizeof(in) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct msghdr r = { .msg_iov = &iov_in, .msg_iovlen = 1 };
	struct cmsghdr *c;
	bool pass = p->count % 16 == 0;
	ssize_t n;
	int fd;

	for (unsigned int i = 0; i < WORDS; i++)
		out[i] = word(p, i);
	if (pass) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &p->fd[0], sizeof(int));
		r.msg_control = got.bytes;
		r.msg_controllen = sizeof(got.bytes);
	}
	while ((n = sendmsg(p->fd[0], &m, 0)) < 0 && errno == EINTR)
		interrupted++;
	if (n != sizeof(out))
		fail("sendmsg %u: %zd %s", p->count, n, strerror(errno));
	while ((n = recvmsg(p->fd[1], &r, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		interrupted++;
	if (n != sizeof(in))
		fail("recvmsg %u: %zd %s", p->count, n, strerror(errno));
	if (memcmp(in, out, sizeof(in)))
		fail("message %u has other bytes", p->count);
	if (pass) {
		c = CMSG_FIRSTHDR(&r);
		if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
			fail("message %u lost its descriptor", p->count);
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (close(fd))
			fail("the descriptor that came is none");
	}
	p->count++;
	return interrupted;
}

void turns(unsigned int seed, unsigned int n)
{
	struct pair p;

	pair_open(&p, seed);
	while (n--)
		pair_turn(&p);
	pair_close(&p);
}

void expect(pid_t pid, int want)
{
	int status;
	pid_t r;

	while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (r != pid)
		fail("waitpid(%d): %d %s", pid, r, strerror(errno));
	if (status != want)
		fail("child %d ended with %#x, not %#x", pid, status, want);
}
