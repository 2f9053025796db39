// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every kind of socket that this machine has, ready to be sent from; and who sends. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "oracle.h"

enum {
	PROTO_EXPERIMENT = 253, /* RFC 3692 */
	PROTO_MPTCP = 262,
	SOCKOPT_TXTIME = 61,
	SOCKOPT_TIMESTAMPING = 37,
	SOF_OPT_ID_TX_SOFTWARE = 1 << 7 | 1 << 1,
	OPTNAME_UDP_CORK = 1,
};

struct subject subjects[SUBJECTS_MAX];
unsigned int nsubjects;

struct subject *subject_add(const char *name, int fd)
{
	struct subject *s = &subjects[nsubjects++];

	*s = (struct subject){ .name = name, .fd = fd, .peer = -1, .len = 8 };
	if (fd < 0)
		s->missing = strerror(errno);
	memset(s->payload, 'x', sizeof(s->payload));
	return s;
}

static void small_buffer(int fd)
{
	const int least = 1; /* the kernel takes its minimum: what comes in is dropped soon */

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
}

static void to_v4(struct subject *s, uint16_t port)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&s->to;

	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->tolen = sizeof(*sin);
}

static void to_v6(struct subject *s, const char *addr, uint16_t port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&s->to;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	inet_pton(AF_INET6, addr, &sin6->sin6_addr);
	s->tolen = sizeof(*sin6);
}

static void connect_there(struct subject *s)
{
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *)&s->to, s->tolen)) {
		s->missing = strerror(errno);
		close(s->fd);
		s->fd = -1;
	}
	s->tolen = 0;
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_in6 any;
	socklen_t len = sizeof(any);

	if (getsockname(fd, (struct sockaddr *)&any, &len))
		return 0;
	return ntohs(any.sin6_port); /* the same place in a sockaddr_in */
}

/* Receivers for all UDP subjects: one dual-stack socket each for UDP and UDP-Lite. */
static uint16_t sink(int protocol)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return 9; /* discard: nobody is there, and nobody is asked */
	small_buffer(fd);
	return bound_port(fd);
}

static struct subject *udp(const char *name, int domain, int protocol, const char *to,
			   uint16_t port)
{
	struct subject *s = subject_add(name, socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, protocol));

	if (strchr(to, ':'))
		to_v6(s, to, port);
	else
		to_v4(s, port);
	return s;
}

static void open_udp(void)
{
	static const char mapped[] = "::ffff:127.0.0.1";
	const uint16_t port = sink(IPPROTO_UDP), lite = sink(IPPROTO_UDPLITE);
	const int on = 1, id = SOF_OPT_ID_TX_SOFTWARE;
	struct {
		int32_t clock;
		uint32_t flags;
	} txtime = { .clock = 1 /* CLOCK_MONOTONIC */ };
	struct subject *s;

	udp("udp4", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	connect_there(udp("udp4 connected", AF_INET, IPPROTO_UDP, "127.0.0.1", port));
	s = udp("udp4 with SO_TXTIME", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	setsockopt(s->fd, SOL_SOCKET, SOCKOPT_TXTIME, &txtime, sizeof(txtime));
	s = udp("udp4 with OPT_ID", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	setsockopt(s->fd, SOL_SOCKET, SOCKOPT_TIMESTAMPING, &id, sizeof(id));
	small_buffer(s->fd);
	s = udp("udp4 without checksums", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	setsockopt(s->fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	s = udp("udp4 transparent", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	setsockopt(s->fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on));
	s = udp("udp4 corked", AF_INET, IPPROTO_UDP, "127.0.0.1", port);
	setsockopt(s->fd, IPPROTO_UDP, OPTNAME_UDP_CORK, &on, sizeof(on));
	s->pending = PENDING_YES;
	udp("udp6", AF_INET6, IPPROTO_UDP, "::1", port);
	connect_there(udp("udp6 connected", AF_INET6, IPPROTO_UDP, "::1", port));
	s = udp("udp6 with IPV6_FREEBIND", AF_INET6, IPPROTO_UDP, "::1", port);
	setsockopt(s->fd, SOL_IPV6, 78 /* IPV6_FREEBIND */, &on, sizeof(on));
	s = udp("udp6 bound to a device", AF_INET6, IPPROTO_UDP, "::1", port);
	setsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	udp("udp6 to mapped", AF_INET6, IPPROTO_UDP, mapped, port);
	udp("udp6 to an AF_INET name", AF_INET6, IPPROTO_UDP, "127.0.0.1", port);
	connect_there(udp("udp6 connected to mapped", AF_INET6, IPPROTO_UDP, mapped, port));
	udp("udplite4", AF_INET, IPPROTO_UDPLITE, "127.0.0.1", lite);
	udp("udplite6", AF_INET6, IPPROTO_UDPLITE, "::1", lite);
	udp("udplite6 to mapped", AF_INET6, IPPROTO_UDPLITE, mapped, lite);
}

static void open_raw(void)
{
	static const unsigned char echo[8] = { 8 }, echo6[8] = { 128 };
	const int on = 1;
	struct subject *s =
		subject_add("raw4", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTO_EXPERIMENT));

	to_v4(s, 0);
	small_buffer(s->fd);

	s = subject_add("raw4 with IP_HDRINCL",
			socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTO_EXPERIMENT));
	to_v4(s, 0);
	small_buffer(s->fd);
	setsockopt(s->fd, SOL_IP, IP_HDRINCL, &on, sizeof(on));
	memset(s->payload, 0, 28);
	s->len = 28;
	s->payload[0] = 0x45; /* version 4, 20 bytes of header */
	s->payload[8] = 64;
	s->payload[9] = PROTO_EXPERIMENT;
	s->payload[16] = 127;
	s->payload[19] = 1;

	s = subject_add("raw6", socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, PROTO_EXPERIMENT));
	to_v6(s, "::1", 0);
	small_buffer(s->fd);

	s = subject_add("ping4", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP));
	to_v4(s, 0);
	small_buffer(s->fd);
	memcpy(s->payload, echo, sizeof(echo));

	s = subject_add("ping6", socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMPV6));
	to_v6(s, "::1", 0);
	small_buffer(s->fd);
	memcpy(s->payload, echo6, sizeof(echo6));
}

struct subject *open_stream(const char *name, int domain, int protocol, const char *to)
{
	const bool v6 = domain == AF_INET6;
	struct sockaddr_in6 any = { .sin6_family = v6 ? AF_INET6 : AF_INET }; /* AF_SMC's, too */
	int listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol);
	struct subject *s = subject_add(
		name, listener < 0 ? -1 : socket(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol));

	if (s->fd < 0)
		return s;
	if (bind(listener, (struct sockaddr *)&any,
		 v6 ? sizeof(any) : sizeof(struct sockaddr_in)) ||
	    listen(listener, 1)) {
		s->missing = strerror(errno);
		s->fd = -1;
		return s;
	}
	if (strchr(to, ':'))
		to_v6(s, to, bound_port(listener));
	else
		to_v4(s, bound_port(listener));
	connect_there(s);
	if (s->fd >= 0)
		s->peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	s->stream = true;
	s->len = 1;
	close(listener);
	return s;
}

static void open_tcp(void)
{
	struct subject *s;

	open_stream("tcp4", AF_INET, IPPROTO_TCP, "127.0.0.1");
	open_stream("tcp6", AF_INET6, IPPROTO_TCP, "::1");
	open_stream("tcp6 to mapped", AF_INET6, IPPROTO_TCP, "::ffff:127.0.0.1");
	open_stream("mptcp4", AF_INET, PROTO_MPTCP, "127.0.0.1");
	open_stream("mptcp6", AF_INET6, PROTO_MPTCP, "::1");
	s = subject_add("tcp4 not connected", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	s->flags = MSG_NOSIGNAL;
}

static void open_unix(const char *name, int type, size_t len)
{
	int pair[2] = { -1, -1 };
	struct subject *s;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		pair[0] = -1;
	s = subject_add(name, pair[0]);
	s->peer = pair[1];
	s->passes_fds = true;
	s->len = len;
}

static void open_others(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct subject *s = subject_add("netlink", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
	static const char *const names[] = { "packet raw", "packet dgram", "SOCK_PACKET" };
	static const int types[] = { SOCK_RAW, SOCK_DGRAM, SOCK_PACKET };

	memcpy(&s->to, &kernel, sizeof(kernel));
	s->tolen = sizeof(kernel);
	memset(s->payload, 0, sizeof(s->payload));
	s->payload[0] = s->len = 16; /* a nlmsghdr: NLMSG_NOOP, no answer asked for */
	s->payload[4] = 1;

	for (unsigned int i = 0; i < 3; i++) {
		struct sockaddr_ll *ll;

		s = subject_add(names[i], socket(AF_PACKET, types[i] | SOCK_CLOEXEC, 0));
		ll = (struct sockaddr_ll *)&s->to;
		s->len = 60;
		memset(s->payload, 0, sizeof(s->payload));
		s->payload[12] = 0x88; /* local experimental ethertype 1, IEEE 802 */
		s->payload[13] = 0xb5;
		if (types[i] == SOCK_PACKET) {
			unsigned char *pkt = (unsigned char *)&s->to; /* struct sockaddr_pkt */

			memcpy(pkt, (sa_family_t[]){ AF_PACKET }, 2);
			memcpy(pkt + 2, "lo", 3);
			memcpy(pkt + 16, "\x88\xb5", 2);
			s->tolen = 18;
		} else {
			ll->sll_family = AF_PACKET;
			ll->sll_protocol = htons(0x88b5);
			ll->sll_ifindex = 1;
			ll->sll_halen = 6;
			s->tolen = sizeof(*ll);
		}
	}

	subject_add("xdp", socket(44, SOCK_RAW | SOCK_CLOEXEC, 0));
}

void subjects_open(void)
{
	static const char *const variants[] = { " connected", " with ", " without ", " transparent",
						" bound " };

	open_udp();
	open_raw();
	open_tcp();
	open_unix("unix-stream", SOCK_STREAM, 1);
	open_unix("unix-stream without data", SOCK_STREAM, 0);
	open_unix("unix-dgram", SOCK_DGRAM, 1);
	open_unix("unix-seqpacket", SOCK_SEQPACKET, 1);
	open_others();
	families_open();
	for (unsigned int i = 0; i < nsubjects; i++) {
		struct subject *s = &subjects[i];

		for (unsigned int k = 0; k < sizeof(variants) / sizeof(variants[0]); k++)
			s->variant |= strstr(s->name, variants[k]) != NULL;
		if (s->fd < 0)
			continue;
		s->flags |= MSG_DONTWAIT;
		if (s->base)
			continue;
		s->base = sendto(s->fd, s->payload, s->len, s->flags,
				 s->tolen ? (struct sockaddr *)&s->to : NULL, s->tolen) < 0
				  ? errno
				  : 0;
	}
}

void subjects_learn(struct facts *f)
{
	for (unsigned int i = 0; i < nsubjects; i++) {
		struct subject *s = &subjects[i];

		if (s->fd < 0)
			continue;
		sock_unref(s->sock);
		s->sock = facts_sock(f, getpid(), s->fd, NULL);
	}
}

/* ---- who sends ---- */

#define CAP(n) (1ULL << (n))

const struct identity identities[] = {
	{ "root", 0, 0 },
	{ "nobody", 65534, 0 },
	{ "CAP_NET_RAW", 65534, CAP(CAP_NET_RAW) },
	{ "CAP_NET_ADMIN", 65534, CAP(CAP_NET_ADMIN) },
	{ "CAP_SYS_ADMIN", 65534, CAP(CAP_SYS_ADMIN) },
	{ "CAP_SETUID", 65534, CAP(CAP_SETUID) },
	{ "CAP_SETGID", 65534, CAP(CAP_SETGID) },
};

const unsigned int nidentities = sizeof(identities) / sizeof(identities[0]);

bool identity_take(const struct identity *id)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { 0 };
	const gid_t gid = (gid_t)id->uid;
	const uid_t uid = (uid_t)id->uid;

	if (!id->uid)
		return true;
	prctl(PR_SET_KEEPCAPS, 1);
	if (syscall(SYS_setgroups, 0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return false;
	caps[0].effective = caps[0].permitted = (uint32_t)id->caps;
	caps[1].effective = caps[1].permitted = (uint32_t)(id->caps >> 32);
	if (syscall(SYS_capset, &head, caps))
		return false;
	prctl(PR_SET_DUMPABLE, 1); /* or /proc/self is root's */
	return true;
}

/* ---- where ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

const char *arena_enter(void)
{
	struct ifreq up = { .ifr_name = "lo" };
	const uid_t uid = getuid();
	const gid_t gid = getgid();
	char map[64];
	int fd;

	if (unshare(CLONE_NEWNET)) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			return "neither a network nor a user namespace can be made";
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_file("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_file("/proc/self/gid_map", map);
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &up)) {
		if (fd >= 0)
			close(fd);
		return "the loopback interface can't be brought up";
	}
	close(fd);
	write_file("/proc/sys/net/ipv4/ping_group_range", "0 65534");
	return NULL;
}
