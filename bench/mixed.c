// SPDX-License-Identifier: LGPL-2.1-or-later
/* A sendmsg, its recvmsg and 20 other calls, for ever: each quarter of a second the mean ns that took. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OTHERS = 20, PERIOD_NS = 250000000 };

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void message(int fd)
{
	char text[64] = "message", control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct iovec iov = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c = (struct cmsghdr *)control;

	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	if (sendmsg(fd, &m, 0) < 0 || recvmsg(fd, &m, 0) < 0) {
		perror("mixed");
		exit(1);
	}
	for (int i = 0; i < OTHERS; i++)
		syscall(SYS_getppid);
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, (struct sockaddr *)&a, len) || getsockname(fd, (struct sockaddr *)&a, &len) ||
	    connect(fd, (struct sockaddr *)&a, len))
		return 1;
	for (;;) {
		long start = now(), n = 0, end;

		do {
			message(fd);
			n++;
			end = now();
		} while (end - start < PERIOD_NS);
		printf("%ld\n", (end - start) / n);
		fflush(stdout);
	}
}
