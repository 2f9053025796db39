// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Workload 2: an echo server that is traced, and a client that is not.
 *   pingpong CALLS [TRACER ARG...]
 * runs "TRACER ARG... pingpong --serve FD CALLS" and prints nanoseconds of wall time a call of the server
 * (one recvmsg and one sendmsg a round).
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void serve(int port_fd, unsigned long rounds)
{
	struct sockaddr_in self = { .sin_family = AF_INET }, peer;
	socklen_t len = sizeof(self);
	int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char data[2048], control[128];
	struct iovec iov = { data, sizeof(data) };

	if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&self, &len) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
		die("server");
	dprintf(port_fd, "%d\n", ntohs(self.sin_port));
	close(port_fd);
	for (unsigned long i = 0; i < rounds; i++) {
		struct msghdr mh = { .msg_name = &peer,
				     .msg_namelen = sizeof(peer),
				     .msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control,
				     .msg_controllen = sizeof(control) };
		struct cmsghdr *c;
		ssize_t n;

		iov.iov_len = sizeof(data);
		n = recvmsg(fd, &mh, 0);
		if (n < 0)
			die("recvmsg");
		c = CMSG_FIRSTHDR(&mh);
		if (!c || c->cmsg_type != IP_PKTINFO)
			exit(1);
		((struct in_pktinfo *)(void *)CMSG_DATA(c))->ipi_ifindex = 0;
		iov.iov_len = (size_t)n;
		if (sendmsg(fd, &mh, 0) != n)
			die("sendmsg");
	}
}

static void ask(int port_fd, unsigned long rounds)
{
	struct timeval patience = { .tv_sec = 20 };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int port, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	FILE *in = fdopen(port_fd, "r");
	struct timespec a, b;
	char data[64] = "ping";

	if (!in || fscanf(in, "%d", &port) != 1)
		die("port");
	to.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("client");
	for (unsigned long i = 0; i < rounds; i++) {
		if (i == rounds / 10)
			clock_gettime(CLOCK_MONOTONIC, &a);
		if (send(fd, data, sizeof(data), 0) < 0 || recv(fd, data, sizeof(data), 0) < 0)
			die("round");
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.1f\n", ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) /
				 (double)(rounds - rounds / 10) / 2);
}

int main(int argc, char **argv)
{
	char fd_text[16], self[4096];
	unsigned long rounds;
	int fds[2], status;
	pid_t pid;

	if (argc == 4 && !strcmp(argv[1], "--serve")) {
		serve(atoi(argv[2]), strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (argc < 2 || pipe(fds) < 0 || (rounds = strtoul(argv[1], NULL, 10) / 2) < 10)
		return 2;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		die("readlink");
	self[n] = '\0';
	snprintf(fd_text, sizeof(fd_text), "%d", fds[1]);
	pid = fork();
	if (!pid) {
		char rounds_text[32];
		char **words = calloc((size_t)argc + 4, sizeof(*words));
		int w = 0;

		snprintf(rounds_text, sizeof(rounds_text), "%lu", rounds);
		close(fds[0]);
		for (int i = 2; i < argc; i++)
			words[w++] = argv[i];
		words[w++] = self;
		words[w++] = (char *)"--serve";
		words[w++] = fd_text;
		words[w++] = rounds_text;
		execvp(words[0], words);
		die(words[0]);
	}
	close(fds[1]);
	ask(fds[0], rounds);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}
