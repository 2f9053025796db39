// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Makes any situation that a rule speaks of, and the same done right: situations CT101 bad.  All of it
 * happens on loopback, within one process.  The recordings in this folder were made of it, and
 * tests/live/rules.py runs it under the tracer.
 */
#include "config.h"

#include "situations.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void die(const char *what)
{
	fprintf(stderr, "situations: %s: %s\n", what, strerror(errno));
	exit(errno == EPERM || errno == ENOSYS || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL
		     ? 77
		     : 1);
}

void must(long result, const char *what)
{
	if (result < 0)
		die(what);
}

struct sockaddr_in to4(const char *addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, addr, &sin.sin_addr);
	return sin;
}

struct sockaddr_in6 to6(const char *addr, uint16_t port)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, addr, &sin6.sin6_addr);
	return sin6;
}

int udp4(const char *addr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd, "socket");
	if (addr) {
		struct sockaddr_in sin = to4(addr, 0);

		must(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), "bind");
	}
	return fd;
}

int udp6(const char *addr)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd, "socket");
	if (addr) {
		struct sockaddr_in6 sin6 = to6(addr, 0);

		must(bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)), "bind");
	}
	return fd;
}

void on(int fd, int level, int option)
{
	must(setsockopt(fd, level, option, &(int){ 1 }, sizeof(int)), "setsockopt");
}

void set(int fd, int level, int option, int v)
{
	must(setsockopt(fd, level, option, &v, sizeof(v)), "setsockopt");
}

void unix_pair(int type, int pair[2])
{
	must(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), "socketpair");
}

uint16_t port_of(int fd)
{
	struct sockaddr_in6 any; /* the port stands at the same place in both families */
	socklen_t len = sizeof(any);

	must(getsockname(fd, (struct sockaddr *)&any, &len), "getsockname");
	return ntohs(any.sin6_port);
}

void add(struct control *c, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = { .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type };

	memcpy(c->b + c->len, &h, sizeof(h));
	if (len)
		memcpy(c->b + c->len + sizeof(h), data, len);
	c->len += CMSG_SPACE(len);
}

void add_int(struct control *c, int level, int type, int v)
{
	add(c, level, type, &v, sizeof(v));
}

void rights(struct control *c, const int *fds, size_t n)
{
	add(c, SOL_SOCKET, SCM_RIGHTS, fds, n * sizeof(*fds));
}

void close_rights(struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		for (size_t i = 0; h->cmsg_type == SCM_RIGHTS && i < n; i++) {
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(fd), sizeof(fd));
			close(fd);
		}
	}
}

struct in_pktinfo info4(const char *spec_dst, const char *addr, int ifindex)
{
	struct in_pktinfo info = { .ipi_ifindex = ifindex };

	inet_pton(AF_INET, spec_dst, &info.ipi_spec_dst);
	inet_pton(AF_INET, addr, &info.ipi_addr);
	return info;
}

long send_sized(int fd, const struct sockaddr_in *to, const struct control *c, size_t size)
{
	static char data[65536] = "answer";
	struct iovec iov = { data, size };
	struct msghdr m = { .msg_name = (void *)to,
			    .msg_namelen = to ? sizeof(*to) : 0,
			    .msg_iov = &iov,
			    .msg_iovlen = 1 };

	if (c && c->len) {
		m.msg_control = (void *)c->b;
		m.msg_controllen = c->len;
	}
	return sendmsg(fd, &m, 0);
}

long send_to(int fd, const struct sockaddr_in *to, const struct control *c)
{
	return send_sized(fd, to, c, 6);
}

long send_unix(int fd, const struct control *c, size_t size)
{
	return send_sized(fd, NULL, c, size);
}

static void receive(struct talk *t)
{
	char data[1500];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &t->peer,
			    .msg_namelen = sizeof(t->peer),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = t->received.b,
			    .msg_controllen = sizeof(t->received.b) };

	must(recvmsg(t->server, &m, 0), "recvmsg");
	t->received.len = m.msg_controllen;
}

void ask_again(struct talk *t, const char *addr)
{
	struct sockaddr_in to = to4(addr, port_of(t->server));

	must(sendto(t->client, "question", 8, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	receive(t);
}

struct talk asked_at(const char *bind_to, const char *addr)
{
	struct talk t = { .server = udp4(bind_to), .client = udp4("127.0.0.1") };

	on(t.server, IPPROTO_IP, IP_PKTINFO);
	ask_again(&t, addr);
	return t;
}

long reply(const struct talk *t, const struct control *c)
{
	return send_to(t->server, &t->peer, c);
}

static bool run(const struct situation *list, const char *rule, bool bad)
{
	for (; list->rule; list++) {
		if (strcmp(list->rule, rule))
			continue;
		(bad ? list->bad : list->good)();
		return true;
	}
	return false;
}

static const struct variant *const variants[] = { variants_send, variants_rest };

/* Their names, each with what it gives. */
static int list(void)
{
	for (int i = 0; i < 2; i++) {
		for (const struct variant *v = variants[i]; v->name; v++)
			printf("%s: %s\n", v->name,
			       sizeof(long) == 4 && v->expected32 ? v->expected32 : v->expected);
	}
	return 0;
}

static const struct variant *find(const char *name)
{
	for (int i = 0; i < 2; i++) {
		for (const struct variant *v = variants[i]; v->name; v++) {
			if (!strcmp(v->name, name))
				return v;
		}
	}
	return NULL;
}

static void *in_thread(void *ctx)
{
	const struct variant *v = ctx;

	v->run();
	return NULL;
}

static int run_variant(const char *name, const char *how)
{
	const struct variant *v = find(name);
	pthread_t thread;
	int status = 0;
	pid_t child;

	if (!v)
		return 2;
	if (!strcmp(how, "thread")) {
		if (pthread_create(&thread, NULL, in_thread, (void *)v))
			return 1;
		pthread_join(thread, NULL);
	} else if (!strcmp(how, "child")) {
		child = fork();
		must(child, "fork");
		if (!child) {
			v->run();
			exit(0);
		}
		must(waitpid(child, &status, 0), "waitpid");
		return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	} else {
		v->run();
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool bad = argc == 3 && !strcmp(argv[2], "bad");

	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc == 4 && !strcmp(argv[1], "variant"))
		return run_variant(argv[2], argv[3]);
	if (argc != 3 || (!bad && strcmp(argv[2], "good")) ||
	    !(run(situations_send, argv[1], bad) || run(situations_reply, argv[1], bad) ||
	      run(situations_rest, argv[1], bad))) {
		fprintf(stderr, "usage: situations CTnnn bad|good; situations list;\n"
				"situations variant NAME thread|child|plain\n");
		return 2;
	}
	return 0;
}
