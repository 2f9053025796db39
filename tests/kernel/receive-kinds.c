// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kinds of traffic to receive: data, and what error queues hold.  All of it stays on the loopback interface. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "receive.h"

enum {
	EXPERIMENT = 253, /* RFC 3692 */
	NOBODY = 9,       /* a port that nobody in this namespace is bound to */
	SEGMENT_SIZE = 100,
	NAME_UDP_SEGMENT = 103,
	NAME_MTU_DISCOVER = 10,
	NAME_MTU_DISCOVER6 = 23,
	NAME_ZEROCOPY = 60,
	STAMP_TX_SOFTWARE = 1 << 1,
	STAMP_SOFTWARE = 1 << 4,
};

static bool set(int fd, int level, int name, int value)
{
	return !setsockopt(fd, level, name, &value, sizeof(value));
}

static void name_it(struct lane *l, const char *addr, in_port_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&l->dest;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&l->dest;
	const bool six = strchr(addr, ':');

	l->dest.ss_family = six ? AF_INET6 : AF_INET;
	l->destlen = six ? sizeof(*v6) : sizeof(*v4);
	v6->sin6_port = port; /* the same place in both */
	inet_pton(l->dest.ss_family, addr, six ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr);
}

/* Any port of any address; its number, 0: not to be had. */
static in_port_t bind_any(int fd, int domain)
{
	struct sockaddr_in6 any = { .sin6_family = (sa_family_t)domain };
	socklen_t len = domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(any);

	if (bind(fd, (struct sockaddr *)&any, len) ||
	    getsockname(fd, (struct sockaddr *)&any, &len))
		return 0;
	return any.sin6_port;
}

static bool connect_there(int fd, struct lane *l)
{
	return !connect(fd, (struct sockaddr *)&l->dest, l->destlen);
}

static void prepare(struct lane *l)
{
	const bool v6 = l->dest.ss_family == AF_INET6;
	static const unsigned char record[40] = { 7, 39, 4 }, header[16] = { 0, 1, 0x1e, 12 };

	switch (l->t->how) {
	case OPTIONS:
		if (v6) {
			setsockopt(l->from, SOL_IPV6, 54, header, 16); /* IPV6_HOPOPTS */
			setsockopt(l->from, SOL_IPV6, 59, header, 16); /* IPV6_DSTOPTS */
		} else {
			setsockopt(l->from, SOL_IP, IP_OPTIONS, record, sizeof(record));
		}
		break;
	case LARGE:
		l->len = sizeof(l->payload);
		set(l->from, SOL_IP, NAME_MTU_DISCOVER, 0);
		set(l->from, SOL_IPV6, NAME_MTU_DISCOVER6, 0);
		break;
	case SEGMENTS:
		l->len = 3 * SEGMENT_SIZE;
		set(l->from, IPPROTO_UDP, NAME_UDP_SEGMENT, SEGMENT_SIZE);
		break;
	default:
		break;
	}
}

static bool open_datagram(struct lane *l)
{
	const struct traffic *t = l->t;
	const int to_domain = strchr(t->addr, ':') ? AF_INET6 : AF_INET;
	struct sockaddr_in6 own = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(own);
	in_port_t port;

	l->to = socket(t->domain, t->type | SOCK_CLOEXEC, t->protocol);
	l->from = socket(to_domain, t->type | SOCK_CLOEXEC, t->protocol);
	if (l->to < 0 || l->from < 0)
		return false;
	port = bind_any(l->to, t->domain);
	name_it(l, t->addr, t->type == SOCK_RAW ? 0 : port);
	prepare(l);
	if (!connect_there(l->from, l))
		return false;
	l->destlen = 0;
	if (t->how != CONNECTED)
		return true;
	return !getsockname(l->from, (struct sockaddr *)&own, &len) &&
	       !connect(l->to, (struct sockaddr *)&own, len);
}

/* Its echo comes back to the socket that sent it. */
static bool open_ping(struct lane *l)
{
	l->from = l->to = socket(l->t->domain, SOCK_DGRAM | SOCK_CLOEXEC, l->t->protocol);
	if (l->to < 0)
		return false;
	name_it(l, l->t->addr, 0);
	memset(l->payload, 0, 8);
	l->payload[0] = l->t->domain == AF_INET ? 8 : 128;
	return true;
}

static bool accept_from(struct lane *l, int listener)
{
	if (listen(listener, 1) || !connect_there(l->from, l))
		return false;
	l->destlen = 0;
	l->to = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return l->to >= 0;
}

static bool open_stream_lane(struct lane *l)
{
	const struct traffic *t = l->t;
	int listener = socket(t->domain, SOCK_STREAM | SOCK_CLOEXEC, t->protocol);
	bool ok;

	l->from = socket(strchr(t->addr, ':') ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
			 t->protocol);
	if (listener < 0 || l->from < 0)
		return false;
	name_it(l, t->addr, bind_any(listener, t->domain));
	ok = accept_from(l, listener);
	close(listener);
	return ok;
}

static bool open_unix(struct lane *l)
{
	int pair[2];

	if (socketpair(AF_UNIX, l->t->type | SOCK_CLOEXEC, 0, pair))
		return false;
	l->from = pair[0];
	l->to = pair[1];
	return true;
}

static bool open_netlink(struct lane *l)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(nl);

	l->to = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	l->from = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (l->to < 0 || l->from < 0 || bind(l->to, (struct sockaddr *)&nl, sizeof(nl)) ||
	    getsockname(l->to, (struct sockaddr *)&nl, &len))
		return false;
	memcpy(&l->dest, &nl, sizeof(nl));
	l->destlen = sizeof(nl);
	return true;
}

static struct sockaddr_ll *to_loopback(struct lane *l)
{
	struct sockaddr_ll *ll = (struct sockaddr_ll *)&l->dest;

	ll->sll_family = AF_PACKET;
	ll->sll_protocol = htons(ETH_P_IP);
	ll->sll_ifindex = (int)if_nametoindex("lo");
	ll->sll_halen = 6;
	l->destlen = sizeof(*ll);
	return ll;
}

static bool open_packet(struct lane *l)
{
	l->to = socket(AF_PACKET, l->t->type | SOCK_CLOEXEC, 0);
	l->from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	l->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (l->to < 0 || l->from < 0 || l->sink < 0)
		return false;
	to_loopback(l);
	if (bind(l->to, (struct sockaddr *)&l->dest, l->destlen))
		return false;
	name_it(l, "127.0.0.1", bind_any(l->sink, AF_INET));
	return true;
}

/* The error queue of the socket that sent. */
static bool open_errors(struct lane *l)
{
	const struct traffic *t = l->t;
	in_port_t port = htons(NOBODY);

	l->from = l->to = socket(t->domain, t->type | SOCK_CLOEXEC, t->protocol);
	if (l->to < 0)
		return false;
	l->takes = true;
	l->flags = MSG_ERRQUEUE;
	if (t->how != ICMP) {
		l->sink = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		port = bind_any(l->sink, AF_INET6);
	}
	name_it(l, t->addr, port);
	if (t->how == ICMP) {
		set(l->to, SOL_IP, IP_RECVERR, 1);
		return t->domain == AF_INET || set(l->to, SOL_IPV6, IPV6_RECVERR, 1);
	}
	if (t->how == STAMPED) {
		l->stamping = STAMP_TX_SOFTWARE | STAMP_SOFTWARE;
		return set(l->to, SOL_SOCKET, SO_TIMESTAMPING, l->stamping);
	}
	l->send_flags = MSG_ZEROCOPY;
	return set(l->to, SOL_SOCKET, NAME_ZEROCOPY, 1);
}

static bool open_stream_errors(struct lane *l)
{
	if (!open_stream_lane(l))
		return false;
	l->sink = l->to;
	l->to = l->from;
	l->takes = true;
	l->flags = MSG_ERRQUEUE;
	if (l->t->how == ZEROCOPY) {
		l->send_flags = MSG_ZEROCOPY;
		return set(l->to, SOL_SOCKET, NAME_ZEROCOPY, 1);
	}
	l->stamping = STAMP_TX_SOFTWARE | STAMP_SOFTWARE;
	return set(l->to, SOL_SOCKET, SO_TIMESTAMPING, l->stamping);
}

static bool open_packet_errors(struct lane *l)
{
	l->from = l->to = socket(AF_PACKET, l->t->type | SOCK_CLOEXEC, 0);
	if (l->to < 0)
		return false;
	to_loopback(l)->sll_protocol = htons(0x88b5); /* for experiments: nobody takes it */
	l->takes = true;
	l->flags = MSG_ERRQUEUE;
	l->stamping = STAMP_TX_SOFTWARE | STAMP_SOFTWARE;
	return set(l->to, SOL_SOCKET, SO_TIMESTAMPING, l->stamping);
}

static bool open_vsock_lane(struct lane *l)
{
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK,
				  .svm_cid = VMADDR_CID_LOCAL,
				  .svm_port = VMADDR_PORT_ANY };
	socklen_t len = sizeof(vm);
	int listener = socket(AF_VSOCK, l->t->type | SOCK_CLOEXEC, 0);
	bool ok;

	l->from = socket(AF_VSOCK, l->t->type | SOCK_CLOEXEC, 0);
	if (listener < 0 || l->from < 0)
		return false;
	ok = !bind(listener, (struct sockaddr *)&vm, sizeof(vm)) &&
	     !getsockname(listener, (struct sockaddr *)&vm, &len);
	if (ok) {
		memcpy(&l->dest, &vm, sizeof(vm));
		l->destlen = sizeof(vm);
		ok = accept_from(l, listener);
	}
	close(listener);
	return ok;
}

#define UDP SOCK_DGRAM, IPPROTO_UDP
#define V4 "127.0.0.1"
#define MAPPED "::ffff:127.0.0.1"

const struct traffic traffics[] = {
	{ "udp4", open_datagram, AF_INET, UDP, V4, RECV_V4, DATA, 0 },
	{ "udp4, connected", open_datagram, AF_INET, UDP, V4, RECV_V4, CONNECTED, 0 },
	{ "udp4, IP options", open_datagram, AF_INET, UDP, V4, RECV_V4, OPTIONS, 0 },
	{ "udp4, fragments", open_datagram, AF_INET, UDP, V4, RECV_V4, LARGE, 0 },
	{ "udp4, segments", open_datagram, AF_INET, UDP, V4, RECV_V4, SEGMENTS, 0 },
	{ "udp6", open_datagram, AF_INET6, UDP, "::1", RECV_V6, DATA, 0 },
	{ "udp6, connected", open_datagram, AF_INET6, UDP, "::1", RECV_V6, CONNECTED, 0 },
	{ "udp6, extension headers", open_datagram, AF_INET6, UDP, "::1", RECV_V6, OPTIONS, 0 },
	{ "udp6, fragments", open_datagram, AF_INET6, UDP, "::1", RECV_V6, LARGE, 0 },
	{ "udp6, segments", open_datagram, AF_INET6, UDP, "::1", RECV_V6, SEGMENTS, 0 },
	{ "udp6, an IPv4 packet", open_datagram, AF_INET6, UDP, V4, RECV_V4, DATA, 0 },
	{ "udp6, an IPv4 packet with options", open_datagram, AF_INET6, UDP, V4, RECV_V4, OPTIONS,
	  0 },
	{ "udplite4", open_datagram, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, V4, RECV_V4, DATA, 0 },
	{ "udplite6", open_datagram, AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, "::1", RECV_V6, DATA,
	  0 },
	{ "raw4", open_datagram, AF_INET, SOCK_RAW, EXPERIMENT, V4, RECV_V4, DATA, 0 },
	{ "raw6", open_datagram, AF_INET6, SOCK_RAW, EXPERIMENT, "::1", RECV_V6, DATA, 0 },
	{ "ping4", open_ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP, V4, RECV_V4, DATA, 0 },
	{ "ping6", open_ping, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, "::1", RECV_V6, DATA, 0 },
	{ "tcp4", open_stream_lane, AF_INET, SOCK_STREAM, IPPROTO_TCP, V4, RECV_V4, DATA, 0 },
	{ "tcp6", open_stream_lane, AF_INET6, SOCK_STREAM, IPPROTO_TCP, "::1", RECV_V6, DATA, 0 },
	{ "unix-dgram", open_unix, AF_UNIX, SOCK_DGRAM, 0, NULL, RECV_ANY, DATA, 0 },
	{ "unix-dgram, descriptors", open_unix, AF_UNIX, SOCK_DGRAM, 0, NULL, RECV_ANY, DATA, 5 },
	{ "unix-seqpacket", open_unix, AF_UNIX, SOCK_SEQPACKET, 0, NULL, RECV_ANY, DATA, 0 },
	{ "unix-seqpacket, descriptors", open_unix, AF_UNIX, SOCK_SEQPACKET, 0, NULL, RECV_ANY,
	  DATA, 4 },
	{ "unix-stream", open_unix, AF_UNIX, SOCK_STREAM, 0, NULL, RECV_ANY, DATA, 0 },
	{ "unix-stream, descriptors", open_unix, AF_UNIX, SOCK_STREAM, 0, NULL, RECV_ANY, DATA, 7 },
	{ "netlink", open_netlink, AF_NETLINK, SOCK_RAW, 0, NULL, RECV_ANY, DATA, 0 },
	{ "packet, raw", open_packet, AF_PACKET, SOCK_RAW, 0, NULL, RECV_ANY, DATA, 0 },
	{ "packet, datagrams", open_packet, AF_PACKET, SOCK_DGRAM, 0, NULL, RECV_ANY, DATA, 0 },
	{ "vsock stream", open_vsock_lane, AF_VSOCK, SOCK_STREAM, 0, NULL, RECV_ANY, DATA, 0 },
	{ "udp4, ICMP errors", open_errors, AF_INET, UDP, V4, RECV_ERRORS, ICMP, 0 },
	{ "udp6, ICMP errors", open_errors, AF_INET6, UDP, "::1", RECV_ERRORS, ICMP, 0 },
	{ "udp6, ICMP errors of IPv4", open_errors, AF_INET6, UDP, MAPPED, RECV_ERRORS, ICMP, 0 },
	{ "udp4, transmit timestamps", open_errors, AF_INET, UDP, V4, RECV_ERRORS, STAMPED, 0 },
	{ "udp6, transmit timestamps", open_errors, AF_INET6, UDP, "::1", RECV_ERRORS, STAMPED, 0 },
	{ "udp6, transmit timestamps of IPv4", open_errors, AF_INET6, UDP, MAPPED, RECV_ERRORS,
	  STAMPED, 0 },
	{ "udp4, zerocopy", open_errors, AF_INET, UDP, V4, RECV_ERRORS, ZEROCOPY, 0 },
	{ "udp6, zerocopy", open_errors, AF_INET6, UDP, "::1", RECV_ERRORS, ZEROCOPY, 0 },
	{ "tcp4, transmit timestamps", open_stream_errors, AF_INET, SOCK_STREAM, IPPROTO_TCP, V4,
	  RECV_ERRORS, STAMPED, 0 },
	{ "tcp6, transmit timestamps", open_stream_errors, AF_INET6, SOCK_STREAM, IPPROTO_TCP,
	  "::1", RECV_ERRORS, STAMPED, 0 },
	{ "tcp4, zerocopy", open_stream_errors, AF_INET, SOCK_STREAM, IPPROTO_TCP, V4, RECV_ERRORS,
	  ZEROCOPY, 0 },
	{ "tcp6, zerocopy", open_stream_errors, AF_INET6, SOCK_STREAM, IPPROTO_TCP, "::1",
	  RECV_ERRORS, ZEROCOPY, 0 },
	{ "packet, transmit timestamps", open_packet_errors, AF_PACKET, SOCK_DGRAM, 0, NULL,
	  RECV_ERRORS, STAMPED, 0 },
};

const unsigned int ntraffics = sizeof(traffics) / sizeof(traffics[0]);

bool lane_open(struct lane *l, const struct traffic *t)
{
	*l = (struct lane){ .t = t, .from = -1, .to = -1, .sink = -1, .len = 16 };
	memset(l->payload, 'x', sizeof(l->payload));
	l->flags = MSG_PEEK;
	return t->open(l);
}

bool lane_send(struct lane *l)
{
	static char scrap[8192];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control = { 0 };
	const size_t size = sizeof(int) * (size_t)l->t->fds;
	struct iovec iov = { .iov_base = l->payload, .iov_len = l->len };
	struct msghdr m = { .msg_name = l->destlen ? &l->dest : NULL,
			    .msg_namelen = l->destlen,
			    .msg_iov = &iov,
			    .msg_iovlen = 1 };

	if (size) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(size);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(size);
		for (int i = 0; i < l->t->fds; i++) /* the same one, some times */
			memcpy(CMSG_DATA(&control.align) + sizeof(int) * (size_t)i, &l->from,
			       sizeof(int));
	}
	if (l->sink >= 0)
		recv(l->sink, scrap, sizeof(scrap), MSG_DONTWAIT);
	/* the first may fail by the error that the one before left to be told */
	if (sendmsg(l->from, &m, l->send_flags) < 0 && sendmsg(l->from, &m, l->send_flags) < 0)
		return false;
	/* zerocopy is done when TCP acknowledges it, 40 ms late where nothing hurries it: all has to be read */
	if (l->t->how == ZEROCOPY && l->t->type == SOCK_STREAM) {
		recv(l->sink, scrap, sizeof(scrap), MSG_DONTWAIT);
		set(l->sink, IPPROTO_TCP, TCP_QUICKACK, 1);
	}
	return true;
}

void lane_close(struct lane *l)
{
	if (l->sink >= 0)
		close(l->sink);
	if (l->from >= 0 && l->from != l->to)
		close(l->from);
	if (l->to >= 0)
		close(l->to);
}
