// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: with every option on, what arrives is what the model expects, in its order and of its size;
 * the room it names is enough, and a byte less is not; --list-cmsgs names the socket beside each.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "effects.h"
#include "kernel/recv.h"

static const enum sock_opt options[] = {
	OPT_SO_PASSCRED,          OPT_SO_PASSPIDFD,      OPT_SO_RXQ_OVFL,
	OPT_SO_RCVMARK,           OPT_SO_RCVPRIORITY,    OPT_SO_INQ,
	OPT_IP_PKTINFO,           OPT_IP_RECVTTL,        OPT_IP_RECVTOS,
	OPT_IP_RECVOPTS,          OPT_IP_RETOPTS,        OPT_IP_RECVORIGDSTADDR,
	OPT_IP_CHECKSUM,          OPT_IP_RECVFRAGSIZE,   OPT_IPV6_RECVPKTINFO,
	OPT_IPV6_RECVHOPLIMIT,    OPT_IPV6_RECVTCLASS,   OPT_IPV6_FLOWINFO,
	OPT_IPV6_RECVHOPOPTS,     OPT_IPV6_RECVRTHDR,    OPT_IPV6_RECVDSTOPTS,
	OPT_IPV6_RECVORIGDSTADDR, OPT_IPV6_RECVFRAGSIZE, OPT_IPV6_2292PKTINFO,
	OPT_IPV6_2292HOPLIMIT,    OPT_UDP_GRO,           OPT_TCP_INQ,
	OPT_PACKET_AUXDATA,       OPT_NETLINK_PKTINFO,
};

struct channel {
	const char *name;
	const char *payload; /* 16 bytes */
	int from, to;
	enum recv_packet packet;
	bool inq;
};

static void all_on(int fd, int stamp)
{
	const int on = 1, stamping = 1 << 3 | 1 << 4;

	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct sock_opt_row *r = &sock_opt_rows[options[i]];

		setsockopt(fd, r->level, r->optname, &on, sizeof(on)); /* where it exists */
	}
	setsockopt(fd, SOL_SOCKET, stamp, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, stamp > 60 ? 65 : 37, &stamping, sizeof(stamping));
}

/* Room for a send that the next receive gives back; what came, and whether some was cut. */
static size_t receive(const struct channel *c, struct msghdr *m, void *control, size_t room)
{
	static char byte[128];
	static struct iovec iov = { .iov_base = byte, .iov_len = sizeof(byte) };

	*m = (struct msghdr){
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room
	};
	if (send(c->from, c->payload ? c->payload : "0123456789abcdef", 16, 0) < 0)
		return 0;
	for (unsigned int i = 0; i < 50; i++) {
		m->msg_controllen = room;
		if (recvmsg(c->to, m, MSG_DONTWAIT) >= 0)
			return m->msg_controllen ? m->msg_controllen : 1;
		usleep(1000);
	}
	return 0;
}

static void close_pidfds(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != 4 ||
		    c->cmsg_len < CMSG_LEN(sizeof(fd)))
			continue;
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (fd > 2)
			close(fd);
	}
}

static const char *compare(struct msghdr *m, const struct recv_expect *v, unsigned int n)
{
	static char text[120];
	unsigned int at = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const size_t len = c->cmsg_len - CMSG_LEN(0);

		for (; at < n && (v[at].level != c->cmsg_level || v[at].type != c->cmsg_type);
		     at++) {
			if (v[at].always) {
				snprintf(text, sizeof(text), "%s did not come in its place",
					 v[at].name);
				return text;
			}
		}
		if (at == n) {
			snprintf(text, sizeof(text), "level %d type %d came unexpectedly",
				 c->cmsg_level, c->cmsg_type);
			return text;
		}
		if (v[at].varies ? len < v[at].size : len != v[at].size) {
			snprintf(text, sizeof(text), "%s has %zu bytes, predicted %u", v[at].name,
				 len, v[at].size);
			return text;
		}
		at++;
	}
	for (; at < n; at++) {
		if (v[at].always) {
			snprintf(text, sizeof(text), "%s did not come", v[at].name);
			return text;
		}
	}
	return NULL;
}

/* The first message that arrived and whose row doesn't name such sockets. */
static const char *unlisted(struct msghdr *m, enum sock_kind kind)
{
	static char text[120];

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const struct cmsg_type *t = cmsg_type_find(c->cmsg_level, c->cmsg_type, kind);

		if (t && cmsg_type_gives(t, kind))
			continue;
		snprintf(text, sizeof(text), "--list-cmsgs knows no level %d type %d on %s",
			 c->cmsg_level, c->cmsg_type, sock_kind_name(kind));
		return text;
	}
	return NULL;
}

/* Of those that arrived, what the model says comes only at times. */
static size_t room_at_times(struct msghdr *m, const struct recv_expect *v, unsigned int n)
{
	size_t room = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		for (unsigned int i = 0; i < n; i++) {
			if (v[i].level == c->cmsg_level && v[i].type == c->cmsg_type &&
			    !v[i].always)
				room += CMSG_SPACE(c->cmsg_len - CMSG_LEN(0));
		}
	}
	return room;
}

static const char *check_channel(struct stage *st, const struct channel *c, unsigned int *count)
{
	union {
		struct cmsghdr align;
		char bytes[2048];
	} control;
	struct recv_expect v[RECV_EXPECT_MAX];
	struct sock *facts = facts_sock(st->bench.facts, getpid(), c->to, NULL), s;
	struct msghdr m;
	const char *why;
	unsigned int n;
	size_t room;
	bool sure;

	if (!facts)
		return "its facts can't be read";
	s = *facts;
	if (c->inq) /* the kernel lets nobody read it: only a traced setsockopt tells */
		sock_opt_set(&s, OPT_SO_INQ, 1);
	n = recv_expected(&s, abi_native(), c->packet, st->bench.env.release, v, &sure);
	sock_unref(facts);
	if (n > RECV_EXPECT_MAX)
		return "too many";
	*count = 0;
	if (!receive(c, &m, &control, sizeof(control)))
		return "nothing arrived";
	for (struct cmsghdr *k = CMSG_FIRSTHDR(&m); k; k = CMSG_NXTHDR(&m, k))
		++*count;
	close_pidfds(&m);
	why = compare(&m, v, n);
	if (!why)
		why = unlisted(&m, sock_kind(&s));
	if (why || !*count)
		return why;
	room = recv_space(abi_native(), v, n, false) + room_at_times(&m, v, n);
	if (!receive(c, &m, &control, room) || (m.msg_flags & MSG_CTRUNC))
		return "the room that the model names is too small";
	close_pidfds(&m);
	if (!receive(c, &m, &control, room - 8) || !(m.msg_flags & MSG_CTRUNC))
		return "less than the room that the model names is enough";
	close_pidfds(&m);
	return NULL;
}

static void channel_run(struct stage *st, const struct channel *c, int stamp)
{
	char name[120];
	const char *why;
	unsigned int count = 0;

	if (c->from < 0 || c->to < 0) {
		snprintf(name, sizeof(name), "arrives as expected: %s", c->name);
		tap_skipped(name, "no such socket here");
		return;
	}
	all_on(c->to, stamp);
	why = check_channel(st, c, &count);
	snprintf(name, sizeof(name), "arrives as expected: %s, stamp %d (%u control messages)",
		 c->name, stamp, count);
	tap_result(!why, name, why);
}

/* A receiver bound to any port and a sender connected to it. */
static struct channel inet_channel(const char *name, int to_domain, const char *addr, int type,
				   int protocol, enum recv_packet packet)
{
	const bool v6 = strchr(addr, ':');
	struct sockaddr_in6 any = { .sin6_family = (sa_family_t)to_domain };
	struct sockaddr_storage to = { .ss_family = v6 ? AF_INET6 : AF_INET };
	socklen_t len = sizeof(any);
	struct channel c = { .name = name, .packet = packet };

	c.to = socket(to_domain, type | SOCK_CLOEXEC, protocol);
	c.from = socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, protocol);
	if (c.to < 0 || c.from < 0 ||
	    bind(c.to, (struct sockaddr *)&any,
		 to_domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(any)) ||
	    getsockname(c.to, (struct sockaddr *)&any, &len)) {
		c.to = -1;
		return c;
	}
	((struct sockaddr_in *)&to)->sin_port = type == SOCK_RAW ? 0 : any.sin6_port;
	inet_pton(to.ss_family, addr,
		  v6 ? (void *)&((struct sockaddr_in6 *)&to)->sin6_addr
		     : (void *)&((struct sockaddr_in *)&to)->sin_addr);
	if (type == SOCK_STREAM)
		listen(c.to, 1);
	if (connect(c.from, (struct sockaddr *)&to,
		    v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)))
		c.to = -1;
	if (type == SOCK_STREAM && c.to >= 0) {
		int listener = c.to;

		c.to = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		close(listener);
	}
	return c;
}

static void unix_channel(struct stage *st, const char *name, int type, int stamp)
{
	int pair[2] = { -1, -1 };

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		pair[0] = pair[1] = -1;

	const struct channel c = {
		.name = name, .from = pair[0], .to = pair[1], .inq = type == SOCK_STREAM
	};

	channel_run(st, &c, stamp);
	close(pair[0]);
	close(pair[1]);
}

static void inet_run(struct stage *st, const char *name, int to_domain, const char *addr, int type,
		     int protocol, enum recv_packet packet, int stamp)
{
	const struct channel c = inet_channel(name, to_domain, addr, type, protocol, packet);

	channel_run(st, &c, stamp);
	if (c.to >= 0)
		close(c.to);
	if (c.from >= 0)
		close(c.from);
}

/* The answer to an echo request comes to the socket that sent it. */
static void ping_run(struct stage *st, const char *name, int domain, const char *addr, int stamp)
{
	const bool v6 = domain == AF_INET6;
	struct channel c = inet_channel(name, domain, addr, SOCK_DGRAM,
					v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, v6 ? RECV_V6 : RECV_V4);

	if (c.to >= 0)
		close(c.to);
	c.to = c.from;
	c.payload = v6 ? "\x80\0\0\0\0\0\0\0abcdefgh" : "\x08\0\0\0\0\0\0\0abcdefgh";
	channel_run(st, &c, stamp);
	if (c.from >= 0)
		close(c.from);
}

void arrive_run(struct stage *st)
{
	static const int stamps[] = { 29, 35, 63, 64 }; /* TIMESTAMP, -NS, and their _NEW */
	enum { EXPERIMENT = 253, WARM_US = 100000 };
	/* The kernel begins to stamp packets a moment after the first socket asked for it. */
	const int warm = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(warm, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
	usleep(WARM_US);

	for (unsigned int i = 0; i < 4; i++) {
		const int t = stamps[i];

		inet_run(st, "udp4", AF_INET, "127.0.0.1", SOCK_DGRAM, IPPROTO_UDP, RECV_V4, t);
		inet_run(st, "udp6", AF_INET6, "::1", SOCK_DGRAM, IPPROTO_UDP, RECV_V6, t);
		inet_run(st, "udp6, an IPv4 packet", AF_INET6, "127.0.0.1", SOCK_DGRAM, IPPROTO_UDP,
			 RECV_V4, t);
		inet_run(st, "udplite6", AF_INET6, "::1", SOCK_DGRAM, IPPROTO_UDPLITE, RECV_V6, t);
		inet_run(st, "raw4", AF_INET, "127.0.0.1", SOCK_RAW, EXPERIMENT, RECV_V4, t);
		inet_run(st, "raw6", AF_INET6, "::1", SOCK_RAW, EXPERIMENT, RECV_V6, t);
		ping_run(st, "ping4", AF_INET, "127.0.0.1", t);
		ping_run(st, "ping6", AF_INET6, "::1", t);
		inet_run(st, "tcp4", AF_INET, "127.0.0.1", SOCK_STREAM, IPPROTO_TCP, RECV_V4, t);
		inet_run(st, "tcp6", AF_INET6, "::1", SOCK_STREAM, IPPROTO_TCP, RECV_V6, t);
		unix_channel(st, "unix-dgram", SOCK_DGRAM, t);
		unix_channel(st, "unix-seqpacket", SOCK_SEQPACKET, t);
		unix_channel(st, "unix-stream", SOCK_STREAM, t);
	}
	close(warm);
}
