// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A small UDP server on a wildcard address, right or with one of the mistakes that cmsgtrace is for.
 * It answers each datagram with "answer".  The demo and the live tests trace it.
 *
 *   pktinfo-server [--family=4|6|dual] [--calls=msg|mmsg|to] [--bug=none|level|addr|missing|other]
 *                  [--bind=ADDRESS] [--count=N] [--port-fd=FD] [--patience=S]
 *
 * --port-fd: the port is written there as text and a newline, once the socket is bound.
 * Ends after N datagrams (default 1), or with status 1 after S seconds (default 10) without one.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum bug { BUG_NONE, BUG_LEVEL, BUG_ADDR, BUG_MISSING, BUG_OTHER };
enum calls { CALLS_MSG, CALLS_MMSG, CALLS_TO };

enum { HISTORICAL_LEVEL = 6 }; /* SOL_TCP where IPPROTO_IP was meant */

static struct {
	int family;
	bool v6only;
	enum calls calls;
	enum bug bug;
	const char *bind;
	unsigned int count, patience;
	int port_fd;
} opt = { .family = AF_INET6, .count = 1, .patience = 10, .port_fd = -1 };

struct request {
	struct sockaddr_storage peer;
	socklen_t peer_len;
	int ifindex;
	bool v4; /* asked by IPv4: dst4 */
	struct in_addr dst4;
	struct in6_addr dst6;
	bool has_dst;
};

static void fail(const char *what)
{
	fprintf(stderr, "pktinfo-server: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(text, words[i]))
			return i;
	}
	fprintf(stderr, "pktinfo-server: what is '%s'?\n", text);
	exit(2);
}

static void parse(int argc, char **argv)
{
	static const char *const bugs[] = { "none", "level", "addr", "missing", "other", NULL };
	static const char *const calls[] = { "msg", "mmsg", "to", NULL };
	static const char *const families[] = { "4", "6", "dual", NULL };

	for (int i = 1; i < argc; i++) {
		char *eq = strchr(argv[i], '=');

		if (!eq) {
			word(argv[i], (const char *const[]){ NULL });
			return;
		}
		*eq++ = '\0';
		if (!strcmp(argv[i], "--family")) {
			int f = word(eq, families);

			opt.family = f == 0 ? AF_INET : AF_INET6;
			opt.v6only = f == 1;
		} else if (!strcmp(argv[i], "--calls")) {
			opt.calls = (enum calls)word(eq, calls);
		} else if (!strcmp(argv[i], "--bug")) {
			opt.bug = (enum bug)word(eq, bugs);
		} else if (!strcmp(argv[i], "--bind")) {
			opt.bind = eq;
		} else if (!strcmp(argv[i], "--count")) {
			opt.count = (unsigned int)atoi(eq);
		} else if (!strcmp(argv[i], "--patience")) {
			opt.patience = (unsigned int)atoi(eq);
		} else if (!strcmp(argv[i], "--port-fd")) {
			opt.port_fd = atoi(eq);
		} else {
			word(argv[i], (const char *const[]){ NULL });
		}
	}
}

static int open_socket(void)
{
	struct timeval patience = { .tv_sec = opt.patience };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	int fd = socket(opt.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1, v6only = opt.v6only;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (opt.calls != CALLS_TO) {
		if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
			fail("IP_PKTINFO");
		if (opt.family == AF_INET6 &&
		    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0)
			fail("IPV6_RECVPKTINFO");
	}
	if (opt.family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only)) < 0)
		fail("IPV6_V6ONLY");
	if (opt.bind &&
	    inet_pton(opt.family, opt.bind,
		      opt.family == AF_INET ? (void *)&a4.sin_addr : &a6.sin6_addr) != 1)
		fail(opt.bind);
	if (bind(fd, opt.family == AF_INET ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6,
		 opt.family == AF_INET ? sizeof(a4) : sizeof(a6)) < 0)
		fail("bind");
	return fd;
}

static void tell_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		fail("getsockname");

	int port = ntohs(ss.ss_family == AF_INET ? ((struct sockaddr_in *)&ss)->sin_port
						 : ((struct sockaddr_in6 *)&ss)->sin6_port);

	dprintf(opt.port_fd, "%d\n", port);
	close(opt.port_fd);
}

/* Which of our addresses the request was sent to. */
static void read_pktinfo(struct msghdr *mh, struct request *r)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&r->peer;

	r->v4 = r->peer.ss_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			r->dst4 = info.ipi_addr;
			r->ifindex = info.ipi_ifindex;
			r->has_dst = true;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			r->dst6 = info.ipi6_addr;
			r->ifindex = (int)info.ipi6_ifindex;
			r->has_dst = true;
		}
	}
}

static void receive(int fd, struct request *r)
{
	char data[1500];
	union {
		char bytes[256];
		struct cmsghdr align;
	} control;
	struct iovec iov = { data, sizeof(data) };
	struct mmsghdr mm = { .msg_hdr = { .msg_name = &r->peer,
					   .msg_namelen = sizeof(r->peer),
					   .msg_iov = &iov,
					   .msg_iovlen = 1,
					   .msg_control = control.bytes,
					   .msg_controllen = sizeof(control) } };
	ssize_t n;

	memset(r, 0, sizeof(*r));
	if (opt.calls == CALLS_TO) {
		r->peer_len = sizeof(r->peer);
		n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&r->peer, &r->peer_len);
	} else if (opt.calls == CALLS_MMSG) {
		n = recvmmsg(fd, &mm, 1, 0, NULL);
	} else {
		n = recvmsg(fd, &mm.msg_hdr, 0);
	}
	if (n < 0)
		fail("receive");
	if (opt.calls == CALLS_TO)
		return;
	r->peer_len = mm.msg_hdr.msg_namelen;
	read_pktinfo(&mm.msg_hdr, r);
}

/* One control message naming the address that was asked; 0 where the mistake is to leave it out. */
static size_t write_pktinfo(const struct request *r, struct cmsghdr *c)
{
	if (opt.bug == BUG_MISSING || !r->has_dst)
		return 0;
	if (r->v4) {
		struct in_pktinfo info = { 0 };

		c->cmsg_len = CMSG_LEN(sizeof(info));
		c->cmsg_level = opt.bug == BUG_LEVEL ? HISTORICAL_LEVEL : IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		if (opt.bug == BUG_ADDR)
			info.ipi_addr = r->dst4;
		else
			info.ipi_spec_dst = r->dst4;
		if (opt.bug == BUG_OTHER)
			info.ipi_spec_dst.s_addr = htonl(ntohl(r->dst4.s_addr) + 1);
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		return CMSG_LEN(sizeof(info));
	}

	struct in6_pktinfo info = { .ipi6_addr = r->dst6 };

	c->cmsg_len = CMSG_LEN(sizeof(info));
	c->cmsg_level = opt.bug == BUG_LEVEL ? HISTORICAL_LEVEL : IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return CMSG_LEN(sizeof(info));
}

__attribute__((noinline)) static void send_reply(int fd, struct request *r)
{
	static char answer[] = "answer\n";
	union {
		char bytes[64];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov = { answer, sizeof(answer) - 1 };
	struct mmsghdr mm = { .msg_hdr = { .msg_name = &r->peer,
					   .msg_namelen = r->peer_len,
					   .msg_iov = &iov,
					   .msg_iovlen = 1 } };
	ssize_t n;

	mm.msg_hdr.msg_controllen = write_pktinfo(r, &control.align);
	mm.msg_hdr.msg_control = mm.msg_hdr.msg_controllen ? control.bytes : NULL;
	if (opt.calls == CALLS_TO)
		n = sendto(fd, answer, sizeof(answer) - 1, 0, (struct sockaddr *)&r->peer,
			   r->peer_len);
	else if (opt.calls == CALLS_MMSG)
		n = sendmmsg(fd, &mm, 1, 0);
	else
		n = sendmsg(fd, &mm.msg_hdr, 0);
	if (n < 0)
		fail("send");
}

int main(int argc, char **argv)
{
	parse(argc, argv);

	int fd = open_socket();

	if (opt.port_fd >= 0)
		tell_port(fd);
	for (unsigned int i = 0; i < opt.count; i++) {
		struct request r;

		receive(fd, &r);
		send_reply(fd, &r);
	}
	return 0;
}
