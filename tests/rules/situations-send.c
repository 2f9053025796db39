// SPDX-License-Identifier: LGPL-2.1-or-later
/* Family 1 and 5: the bytes of a send. */
#include "config.h"

#include "situations.h"

#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

/* A socket bound to one address and someone to send to: no rule has a reason to speak. */
struct line {
	int fd, other;
	struct sockaddr_in to;
};

static struct line line(void)
{
	struct line l = { .fd = udp4("127.0.0.1"), .other = udp4("127.0.0.1") };

	l.to = to4("127.0.0.1", port_of(l.other));
	return l;
}

static void send_control(const struct control *c, size_t size)
{
	struct line l = line();

	send_sized(l.fd, &l.to, c, size);
}

static void answer_at_level(int level)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	struct in_pktinfo info = info4("127.0.0.2", "0.0.0.0", 0);
	struct control c = { .len = 0 };

	add(&c, level, IP_PKTINFO, &info, sizeof(info));
	must(reply(&t, &c), "sendmsg");
}

static void ct101_bad(void)
{
	answer_at_level(IPPROTO_TCP);
}

static void ct101_good(void)
{
	answer_at_level(IPPROTO_IP);
}

static void send_int(int level, int type, int v)
{
	struct control c = { .len = 0 };

	add_int(&c, level, type, v);
	send_control(&c, 6);
}

static void ct102_bad(void)
{
	send_int(IPPROTO_IP, IP_RECVTOS, 0x20);
}

static void ct102_good(void)
{
	send_int(IPPROTO_IP, IP_TOS, 0x20);
}

/* An IPv6 socket sends to an IPv4 peer. */
static void send_mapped(int level, int type)
{
	int fd = udp6("::ffff:127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in6 to = to6("::ffff:127.0.0.1", port_of(other));
	struct control c = { .len = 0 };
	struct iovec iov = { "answer", 6 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.b };

	add_int(&c, level, type, 0x20);
	m.msg_controllen = c.len;
	must(sendmsg(fd, &m, 0), "sendmsg");
}

static void ct103_bad(void)
{
	send_mapped(IPPROTO_IPV6, IPV6_TCLASS);
}

static void ct103_good(void)
{
	send_mapped(IPPROTO_IP, IP_TOS);
}

static void ct104_bad(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_UDP, UDP_SEGMENT, 4);
	send_control(&c, 12);
}

static void segments(uint16_t size, size_t total)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size));
	send_control(&c, total);
}

static void segments_right(void)
{
	segments(4, 12);
}

static void pass(bool space)
{
	struct control c = { .len = 0 };
	int pair[2], fd = dup(2);
	struct cmsghdr h;

	must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	add(&c, SOL_SOCKET, SCM_RIGHTS, &fd, sizeof(fd));
	memcpy(&h, c.b, sizeof(h));
	if (space)
		h.cmsg_len = CMSG_SPACE(sizeof(fd));
	memcpy(c.b, &h, sizeof(h));
	must(send_unix(pair[0], &c, 1), "sendmsg");
}

static void ct105_bad(void)
{
	pass(true);
}

static void ct105_good(void)
{
	pass(false);
}

static void ct106_bad(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	c.len = 64; /* zeros follow */
	send_control(&c, 6);
}

static void ttl_right(void)
{
	send_int(IPPROTO_IP, IP_TTL, 9);
}

static void send_iovlen(uint64_t iovlen)
{
	struct line l = line();
	struct iovec iov = { "answer", 6 };
	struct msghdr m = { .msg_name = &l.to, .msg_namelen = sizeof(l.to), .msg_iov = &iov };

	memcpy(&m.msg_iovlen, &iovlen, sizeof(m.msg_iovlen));
	syscall(SYS_sendmsg, l.fd, &m, 0);
}

static void ct107_bad(void)
{
	send_iovlen(0x7f3300000001);
}

static void ct107_good(void)
{
	send_iovlen(1);
}

static void ct108_bad(void)
{
	send_int(IPPROTO_IP, IP_TTL, 0);
}

static void ct109_bad(void)
{
	struct line l = line();
	struct control c = { .len = 0 };
	struct iovec iov = { "answer", 6 };
	struct msghdr m = { .msg_name = &l.to,
			    .msg_namelen = sizeof(l.to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.b };

	must(sendmsg(l.fd, &m, 0), "sendmsg");
}

static void ct110_bad(void)
{
	struct line l = line();
	struct control c = { .len = 0 };
	_Alignas(8) unsigned char odd[64];
	struct iovec iov = { "answer", 6 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	memcpy(odd + 3, c.b, c.len);

	struct msghdr m = { .msg_name = &l.to,
			    .msg_namelen = sizeof(l.to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = odd + 3,
			    .msg_controllen = c.len };

	must(sendmsg(l.fd, &m, 0), "sendmsg");
}

static void ct111_bad(void)
{
	send_int(IPPROTO_IP, 52 /* IP_PROTOCOL */, IPPROTO_UDP);
}

static void ct112_bad(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	add_int(&c, IPPROTO_IP, IP_TTL, 64);
	send_control(&c, 6);
}

static void ecn_on(int fd, int tos)
{
	struct line l = line();
	struct control c = { .len = 0 };

	set(fd, IPPROTO_IP, IP_TOS, 0xb8);
	add_int(&c, IPPROTO_IP, IP_TOS, tos);
	must(send_to(fd, &l.to, &c), "sendmsg");
}

static void ct113_bad(void)
{
	ecn_on(udp4("127.0.0.1"), 0x02);
}

static void ct113_good(void)
{
	ecn_on(udp4("127.0.0.1"), 0xba);
}

/* Four datagrams, the second too long; who goes on finds that out. */
static void vector(bool on)
{
	enum { N = 4 };
	static char long_one[70000];
	struct line l = line();
	struct mmsghdr v[N] = { 0 };
	struct iovec iov[N];
	int sent;

	for (int i = 0; i < N; i++) {
		iov[i] = (struct iovec){ long_one, i == 1 ? sizeof(long_one) : 100 };
		v[i].msg_hdr = (struct msghdr){ .msg_name = &l.to,
						.msg_namelen = sizeof(l.to),
						.msg_iov = &iov[i],
						.msg_iovlen = 1 };
	}
	sent = sendmmsg(l.fd, v, N, 0);
	must(sent == 1 ? 0 : -1, "sendmmsg");
	if (on) {
		sendmmsg(l.fd, v + 1, N - 1, 0); /* EMSGSIZE: that one can't be sent */
		must(sendmmsg(l.fd, v + 2, N - 2, 0), "sendmmsg");
	}
}

static void ct114_bad(void)
{
	vector(false);
}

static void ct114_good(void)
{
	vector(true);
}

static void hop_limit(int limit)
{
	int fd = udp6("::1"), other = udp6("::1");
	struct sockaddr_in6 to = to6("::1", port_of(other));
	struct control c = { .len = 0 };
	struct iovec iov = { "answer", 6 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.b };

	add_int(&c, IPPROTO_IPV6, IPV6_HOPLIMIT, limit);
	m.msg_controllen = c.len;
	must(sendmsg(fd, &m, 0), "sendmsg");
}

static void ct115_bad(void)
{
	hop_limit(0);
}

static void ct115_good(void)
{
	hop_limit(-1);
}

static void ct501_bad(void)
{
	segments(10, 2000);
}

static void ct502_bad(void)
{
	segments(1200, 600);
}

static void gro(bool room)
{
	struct line l = line();
	struct control c = { .len = sizeof(c.b) };
	char data[1500];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.b, .msg_controllen = c.len
	};

	on(l.other, IPPROTO_UDP, UDP_GRO);
	must(send_to(l.fd, &l.to, NULL), "sendmsg");
	must(room ? recvmsg(l.other, &m, 0) : recv(l.other, data, sizeof(data), 0), "receive");
}

static void ct503_bad(void)
{
	gro(false);
}

static void ct503_good(void)
{
	gro(true);
}

const struct situation situations_send[] = {
	{ "CT101", ct101_bad, ct101_good },
	{ "CT102", ct102_bad, ct102_good },
	{ "CT103", ct103_bad, ct103_good },
	{ "CT104", ct104_bad, segments_right },
	{ "CT105", ct105_bad, ct105_good },
	{ "CT106", ct106_bad, ttl_right },
	{ "CT107", ct107_bad, ct107_good },
	{ "CT108", ct108_bad, ttl_right },
	{ "CT109", ct109_bad, ttl_right },
	{ "CT110", ct110_bad, ttl_right },
	{ "CT111", ct111_bad, ttl_right },
	{ "CT112", ct112_bad, ttl_right },
	{ "CT113", ct113_bad, ct113_good },
	{ "CT114", ct114_bad, ct114_good },
	{ "CT115", ct115_bad, ct115_good },
	{ "CT501", ct501_bad, segments_right },
	{ "CT502", ct502_bad, segments_right },
	{ "CT503", ct503_bad, ct503_good },
	{ 0 },
};
