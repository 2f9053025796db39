// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Workload 3: a UDP server on the wildcard address that very many peers ask, and is traced; the peers are
 * not.  What a peer more costs the tracer:
 *   peers MODE PEERS REQUESTS [TRACER ARG...]
 * runs "TRACER ARG... peers --serve FD MODE REQUESTS", in a network namespace of its own where that is
 * allowed.  All of 127/8 is local: one socket asks as any number of addresses, which it names in IP_PKTINFO.
 *   right  asked at 127.0.0.2, answers from there by IP_PKTINFO
 *   bound  bound to 127.0.0.2, answers by sendto
 *   wrong  is told by IP_PKTINFO that it was asked at 127.0.0.2, and answers without: from 127.0.0.1
 *   plain  the same, by sendto, and never learns where it was asked
 * Prints a JSON object: answers by their source, and what /proc says of the tracer when the last has come.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASKED "127.0.0.2"

enum { PATIENCE_S = 30, PORT = 40000 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

static void set_patience(int fd)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

/* ---- the server ---- */

static void answer_told(int fd, bool right)
{
	struct sockaddr_in peer;
	char data[64], control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr mh = { .msg_name = &peer,
			     .msg_namelen = sizeof(peer),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &mh, 0);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&mh);

	if (!c || c->cmsg_type != IP_PKTINFO)
		die("recvmsg");
	((struct in_pktinfo *)(void *)CMSG_DATA(c))->ipi_ifindex = 0;
	iov.iov_len = (size_t)n;
	if (!right) {
		mh.msg_control = NULL;
		mh.msg_controllen = 0;
	}
	if (sendmsg(fd, &mh, 0) != n)
		die("sendmsg");
}

static void answer_plain(int fd)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char data[64];
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&peer, &len);

	if (n < 0 || sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&peer, len) != n)
		die("answer");
}

static int serve(int ready_fd, const char *mode, unsigned long requests)
{
	bool bound = !strcmp(mode, "bound"), right = !strcmp(mode, "right");
	bool told = right || !strcmp(mode, "wrong");
	struct sockaddr_in self = address(bound ? ASKED : "0.0.0.0", 0);
	socklen_t len = sizeof(self);
	int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&self, &len) < 0 ||
	    (told && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0))
		die("server");
	set_patience(fd);
	dprintf(ready_fd, "%d\n", ntohs(self.sin_port));
	close(ready_fd);
	for (unsigned long i = 0; i < requests; i++) {
		if (told)
			answer_told(fd, right);
		else
			answer_plain(fd);
	}
	return 0;
}

/* ---- the peers ---- */

/* Peer i is 127.x.y.z, the hosts in 127.0.0.0/24 left to others. */
static struct in_addr peer_address(unsigned long i)
{
	return (struct in_addr){ htonl(0x7f000100 + (uint32_t)i) };
}

static void send_as(int fd, const struct sockaddr_in *to, struct in_addr from)
{
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct iovec iov = { (char *)"ping", 4 };
	struct sockaddr_in dest = *to;
	struct msghdr mh = { .msg_name = &dest,
			     .msg_namelen = sizeof(dest),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control) };
	struct in_pktinfo info = { .ipi_spec_dst = from };
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	if (sendmsg(fd, &mh, 0) != 4)
		die("request");
}

/* Nanoseconds that pid has run. */
static unsigned long long cpu_of(pid_t pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return ns;
}

/* "VmHWM" and the like, in kB. */
static unsigned long memory_of(pid_t pid, const char *what)
{
	unsigned long kb = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, what, strlen(what)) && line[strlen(what)] == ':')
			kb = strtoul(line + strlen(what) + 1, NULL, 10);
	}
	if (f)
		fclose(f);
	return kb;
}

static void ask(int port, pid_t tracer, unsigned long peers, unsigned long requests)
{
	struct sockaddr_in to = address(ASKED, port), self = address("0.0.0.0", PORT), from;
	unsigned long long begin = cpu_of(tracer), first = 0, end;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long right = 0;
	socklen_t len;
	char data[64];

	/* where no namespace of its own is to be had, the port may be in use */
	if (fd < 0 || (bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0 && errno != EADDRINUSE))
		die("client");
	set_patience(fd);
	for (unsigned long i = 0; i < requests; i++) {
		if (i == peers)
			first = cpu_of(tracer);
		send_as(fd, &to, peer_address(i % peers));
		len = sizeof(from);
		if (recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len) < 0)
			die("answer");
		right += from.sin_addr.s_addr == to.sin_addr.s_addr;
	}
	end = cpu_of(tracer);
	printf("{\"peers\": %lu, \"requests\": %lu, \"right\": %lu, \"hwm_kb\": %lu", peers,
	       requests, right, memory_of(tracer, "VmHWM"));
	/* two messages a request: it and its answer */
	if (first)
		printf(", \"first_ns\": %llu, \"later_ns\": %llu", (first - begin) / (2 * peers),
		       (end - first) / (2 * (requests - peers)));
	puts("}");
}

/* False where this is not allowed: then the host's loopback has to do. */
static bool own_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		die("lo");
	close(fd);
	return true;
}

static void start(int argc, char **argv, int ready_fd)
{
	char **words = calloc((size_t)argc + 5, sizeof(*words)), self[4096], fd_text[16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int w = 0;

	if (n < 0)
		die("readlink");
	self[n] = '\0';
	snprintf(fd_text, sizeof(fd_text), "%d", ready_fd);
	for (int i = 4; i < argc; i++)
		words[w++] = argv[i];
	words[w++] = self;
	words[w++] = (char *)"--serve";
	words[w++] = fd_text;
	words[w++] = argv[1];
	words[w++] = argv[3];
	execvp(words[0], words);
	die(words[0]);
}

int main(int argc, char **argv)
{
	unsigned long peers, requests;
	int fds[2], status, port = 0;
	pid_t pid;
	FILE *in;

	if (argc == 5 && !strcmp(argv[1], "--serve"))
		return serve(atoi(argv[2]), argv[3], strtoul(argv[4], NULL, 10));
	if (argc < 4 || (peers = strtoul(argv[2], NULL, 10)) < 1 || peers > 0xffff00 ||
	    (requests = strtoul(argv[3], NULL, 10)) < peers || pipe(fds) < 0)
		return 2;
	own_namespace();
	pid = fork();
	if (!pid) {
		close(fds[0]);
		start(argc, argv, fds[1]);
	}
	close(fds[1]);
	in = fdopen(fds[0], "r");
	if (!in || fscanf(in, "%d", &port) != 1)
		die("port");
	ask(port, pid, peers, requests);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
