// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages for the differential test: sends and receives of every shape, the same at every run, so that two
 * tracers can be compared line by line.  Traffic stays on loopback, in a network namespace of its own
 * where it may make one.  Calls go to the kernel directly: what is traced is what is written here.
 *
 *	cmsg-gen [-h] GROUP [FILE]     -h: stay in this network namespace
 *
 * Built for i386 too, where socketcall(2) is a group of its own.  Exit status 77: can't run here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 46017, SKIP = 77 };

static long sys_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return syscall(SYS_sendmsg, fd, m, flags);
}

static long sys_recvmsg(int fd, struct msghdr *m, int flags)
{
	return syscall(SYS_recvmsg, fd, m, flags);
}

static long sys_sendto(int fd, const void *p, size_t n, int flags, const void *to, socklen_t len)
{
	return syscall(SYS_sendto, fd, p, n, flags, to, len);
}

static long sys_recvfrom(int fd, void *p, size_t n, int flags, void *from, socklen_t *len)
{
	return syscall(SYS_recvfrom, fd, p, n, flags, from, len);
}

static long sys_sendmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags)
{
	return syscall(SYS_sendmmsg, fd, v, n, flags);
}

static long sys_recvmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags, void *timeout)
{
	return syscall(SYS_recvmmsg, fd, v, n, flags, timeout);
}

static void set(int fd, int level, int name, int value)
{
	/* Options that this kernel hasn't are left out: then their messages don't come. */
	setsockopt(fd, level, name, &value, sizeof(value));
}

static int open_or_skip(int domain, int type, int protocol)
{
	int fd = socket(domain, type, protocol);

	if (fd < 0) {
		perror("cmsg-gen: socket");
		exit(SKIP);
	}
	return fd;
}

static struct sockaddr_in at4(uint32_t host, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	sin.sin_addr.s_addr = htonl(host);
	return sin;
}

static struct sockaddr_in6 at6(int port)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	sin6.sin6_addr = in6addr_loopback;
	return sin6;
}

static int bound4(int type, int port)
{
	struct sockaddr_in sin = at4(INADDR_LOOPBACK, port);
	int fd = open_or_skip(AF_INET, type, 0);

	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		perror("cmsg-gen: bind");
		exit(SKIP);
	}
	return fd;
}

static int bound6(int type, int port)
{
	struct sockaddr_in6 sin6 = at6(port);
	int fd = open_or_skip(AF_INET6, type, 0);

	if (bind(fd, (struct sockaddr *)&sin6, sizeof(sin6))) {
		perror("cmsg-gen: bind6");
		exit(SKIP);
	}
	return fd;
}

/* ---- building control blocks ---- */

struct block {
	_Alignas(16) unsigned char p[4096];
	size_t len;
};

static void put(struct block *b, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = { .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type };

	memcpy(b->p + b->len, &h, sizeof(h));
	memcpy(b->p + b->len + CMSG_LEN(0), data, len);
	b->len += CMSG_SPACE(len);
}

static void send_block(int fd, const void *to, socklen_t tolen, const struct block *b, size_t len)
{
	struct iovec iov = { (void *)"payload", 7 };
	struct msghdr m = {
		.msg_name = (void *)to,
		.msg_namelen = tolen,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = len ? (void *)b->p : NULL,
		.msg_controllen = len,
	};

	sys_sendmsg(fd, &m, 0);
}

/* One control message, not padded at its end (as most programs give msg_controllen). */
static void send_one(int fd, const void *to, socklen_t tolen, int level, int type, const void *data,
		     size_t len)
{
	struct block b = { .len = 0 };

	put(&b, level, type, data, len);
	send_block(fd, to, tolen, &b, CMSG_LEN(len));
}

/*
 * Every row of our tables: "LEVEL TYPE SIZE MAX" a line.  The kernel's answer doesn't matter: a send is shown
 * as it was offered.
 */
static void group_rows(const char *path)
{
	FILE *f = fopen(path, "re");
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	int level, type, size, max;
	unsigned char data[2048];

	if (!f) {
		perror(path);
		exit(2);
	}
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + 1);
	while (fscanf(f, "%d %d %d %d %*s %*s", &level, &type, &size, &max) == 4) {
		if (size > (int)sizeof(data) - 8)
			continue;
		send_one(fd, &to, sizeof(to), level, type, data, (size_t)size);
		if (size)
			send_one(fd, &to, sizeof(to), level, type, data, (size_t)size - 1);
		if (max)
			send_one(fd, &to, sizeof(to), level, type, data, (size_t)size + 8);
		send_one(fd, &to, sizeof(to), level, type, data, 0);
	}
	fclose(f);
	close(fd);
}

/* What strace decodes, with payloads that mean something. */
static void group_decoded(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	int lo = (int)if_nametoindex("lo");
	struct in_pktinfo pi = { .ipi_ifindex = lo };
	struct ucred uc = { .pid = 4, .uid = (uid_t)-1, .gid = 7 };
	int fds[40], n = 64;
	int64_t t[6] = { 1700000000, 999999, 0, 0, -1, -2 };
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in from;
	} err = { { ECONNREFUSED, 2, 3, 3, 0, 5, { 6 } }, to };
	unsigned char opts[40] = { 7, 11, 4, 10, 0, 0, 1 };

	pi.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK);
	pi.ipi_addr.s_addr = htonl(0xc6336435);
	for (int i = 0; i < 40; i++)
		fds[i] = i % 3;
	for (size_t len = 0; len <= sizeof(fds); len += len < 12 ? 1 : 37)
		send_one(fd, &to, sizeof(to), SOL_SOCKET, SCM_RIGHTS, fds, len);
	for (size_t len = 11; len <= 13; len++)
		send_one(fd, &to, sizeof(to), SOL_SOCKET, SCM_CREDENTIALS, &uc, len);
	send_one(fd, &to, sizeof(to), SOL_SOCKET, 3, "system_u:x", 11);
	send_one(fd, &to, sizeof(to), SOL_SOCKET, 4, &fds[1], 4);
	static const int stamps[] = { 29, 35, 37, 63, 64, 65 };

	for (unsigned int i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++)
		for (size_t len = 0; len <= sizeof(t); len += 8)
			send_one(fd, &to, sizeof(to), SOL_SOCKET, stamps[i], t, len);
	for (size_t len = 11; len <= 13; len++)
		send_one(fd, &to, sizeof(to), SOL_IP, IP_PKTINFO, &pi, len);
	pi.ipi_ifindex = 4711;
	send_one(fd, &to, sizeof(to), SOL_IP, IP_PKTINFO, &pi, sizeof(pi));
	for (size_t len = 1; len <= 9; len += 4)
		send_one(fd, &to, sizeof(to), SOL_IP, IP_TTL, opts, len);
	send_one(fd, &to, sizeof(to), SOL_IP, IP_TTL, &n, sizeof(n));
	send_one(fd, &to, sizeof(to), SOL_IP, IP_TOS, &n, sizeof(n));
	send_one(fd, &to, sizeof(to), SOL_IP, IP_TOS, &n, 1);
	send_one(fd, &to, sizeof(to), SOL_IP, IP_CHECKSUM, &n, sizeof(n));
	send_one(fd, &to, sizeof(to), SOL_IP, IP_RECVOPTS, opts, sizeof(opts));
	send_one(fd, &to, sizeof(to), SOL_IP, IP_RETOPTS, opts, 11);
	send_one(fd, &to, sizeof(to), SOL_IP, 3, "\1\2", 2);
	for (size_t len = 31; len <= 32; len++)
		send_one(fd, &to, sizeof(to), SOL_IP, IP_RECVERR, &err, len);
	memset(&err.from, 0, sizeof(err.from));
	send_one(fd, &to, sizeof(to), SOL_IP, IP_RECVERR, &err, sizeof(err));
	for (size_t len = 15; len <= 17; len++)
		send_one(fd, &to, sizeof(to), SOL_IP, IP_ORIGDSTADDR, &to, len);
	close(fd);
}

static void wrong_lengths(int fd, struct block *b, const size_t *bad, unsigned int n)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);

	for (unsigned int i = 0; i < n; i++) {
		memcpy(b->p, &bad[i], sizeof(bad[i]));
		send_block(fd, &to, sizeof(to), b, 40);
		memcpy(b->p, &(size_t){ CMSG_LEN(4) }, sizeof(size_t));
		memcpy(b->p + CMSG_SPACE(4), &bad[i], sizeof(bad[i]));
		send_block(fd, &to, sizeof(to), b, 60);
	}
}

/* Blocks with several messages, and blocks that are wrong. */
static void group_blocks(void)
{
	static const size_t bad[] = {
		0, 1, sizeof(size_t), CMSG_LEN(0) - 1, CMSG_LEN(0), 0x7fffffff
	};
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	struct block b = { .len = 0 };
	int v = 64;

	put(&b, SOL_IP, IP_TTL, &v, sizeof(v));
	put(&b, SOL_IP, IP_TOS, &v, 1);
	put(&b, SOL_SOCKET, SCM_RIGHTS, &v, sizeof(v));
	put(&b, 999, -1, "\1\2\3", 3);
	put(&b, -1, 0x7fffffff, "", 0);
	for (size_t len = 0; len <= b.len; len++)
		send_block(fd, &to, sizeof(to), &b, len);
	wrong_lengths(fd, &b, bad, sizeof(bad) / sizeof(bad[0]));
	close(fd);
}

/* Lengths whose rounding wraps around: strace 6.1 prints the same message for ever. */
static void group_wrapping(void)
{
	static const size_t bad[] = { (size_t)-1, (size_t)-2, (size_t)-8, (size_t)-16 };
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	struct block b = { .len = 0 };
	int v = 64;

	put(&b, SOL_IP, IP_TTL, &v, sizeof(v));
	put(&b, SOL_IP, IP_TTL, &v, sizeof(v));
	wrong_lengths(fd, &b, bad, sizeof(bad) / sizeof(bad[0]));
	close(fd);
}

/* Addresses of every family: sends of one byte. */
static void one_address(int fd, const void *p, socklen_t len)
{
	struct iovec iov = { (void *)"x", 1 };
	struct msghdr m = {
		.msg_name = (void *)p, .msg_namelen = len, .msg_iov = &iov, .msg_iovlen = 1
	};

	sys_sendmsg(fd, &m, MSG_DONTWAIT);
}

/* Addresses of every family, whole, cut short, and too long. */
static void group_addresses(void)
{
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	_Alignas(8) unsigned char raw[320];
	struct sockaddr_in sin = at4(0xc0000207, 53);
	struct sockaddr_in6 sin6 = at6(53);
	struct sockaddr_un un = { AF_UNIX, "/tmp/dir with \"quotes\"\n" };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(0x88cc),
				  .sll_ifindex = (int)if_nametoindex("lo"),
				  .sll_hatype = 772,
				  .sll_pkttype = 2,
				  .sll_halen = 6,
				  .sll_addr = { 1, 2, 0, 0x10, 0xff, 6, 7, 8 } };
	struct sockaddr_nl nl = { AF_NETLINK, 0, 0, 0x10 };

	one_address(fd, NULL, 0);
	one_address(fd, NULL, 16);
	for (socklen_t len = 0; len <= 18; len++)
		one_address(fd, &sin, len);
	for (socklen_t len = 22; len <= sizeof(sin6); len++)
		one_address(fd, &sin6, len);
	sin6.sin6_flowinfo = htonl(0x12345);
	sin6.sin6_scope_id = ll.sll_ifindex;
	one_address(fd, &sin6, sizeof(sin6));
	sin6.sin6_addr.s6_addr[0] = 0xfe;
	sin6.sin6_addr.s6_addr[1] = 0x80;
	one_address(fd, &sin6, sizeof(sin6));
	sin6.sin6_addr.s6_addr[0] = 0xff;
	sin6.sin6_addr.s6_addr[1] = 0x02;
	sin6.sin6_scope_id = 0;
	one_address(fd, &sin6, sizeof(sin6));
	inet_pton(AF_INET6, "::ffff:192.0.2.7", &sin6.sin6_addr);
	one_address(fd, &sin6, sizeof(sin6));
	for (socklen_t len = 2; len <= sizeof(un); len += len < 12 ? 1 : 13)
		one_address(fd, &un, len);
	memcpy(un.sun_path, "\0abs\0tract\3017", 12);
	for (socklen_t len = 3; len <= 16; len++)
		one_address(fd, &un, len);
	memset(un.sun_path, 'p', sizeof(un.sun_path));
	one_address(fd, &un, sizeof(un));
	memset(raw, 'p', sizeof(raw));
	memcpy(raw, &un, sizeof(un));
	one_address(fd, raw, 128);
	one_address(fd, raw, 300);
	one_address(fd, &ll, 19);
	one_address(fd, &ll, 20);
	ll.sll_halen = 20;
	ll.sll_protocol = htons(0x4242);
	ll.sll_hatype = 4242;
	ll.sll_pkttype = 42;
	ll.sll_ifindex = 4242;
	one_address(fd, &ll, 20);
	one_address(fd, &nl, 11);
	nl.nl_pad = 5;
	one_address(fd, &nl, 2);
	/* Families whose sockets may not exist here: only how they are shown matters. */
	static const unsigned short families[] = { AF_UNSPEC, AF_IPX,   AF_APPLETALK, AF_X25,
						   AF_CAN,    AF_TIPC,  AF_BLUETOOTH, AF_IUCV,
						   AF_ALG,    AF_VSOCK, AF_KCM,       42,
						   43,        44,       45,           46,
						   300,       0xffff };

	for (unsigned int i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		static const socklen_t lens[] = { 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28 };

		for (unsigned int k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
			for (unsigned int j = 0; j < sizeof(raw); j++)
				raw[j] = (unsigned char)(j < 8 ? j : 0);
			memcpy(raw, &families[i], 2);
			one_address(fd, raw, lens[k]);
		}
	}
	memset(raw, 0, sizeof(raw));
	memcpy(raw, "\46\0skcipher", 10);
	memcpy(raw + 24, "cbc(aes)", 8);
	one_address(fd, raw, 88);
	close(fd);
}

/* Shapes of iovecs and headers, and memory that isn't there. */
static void group_faults(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	long page = sysconf(_SC_PAGESIZE);
	char *edge = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov[40];
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 40
	};
	char text[80];

	if (edge == MAP_FAILED)
		exit(SKIP);
	edge += page;
	munmap(edge, (size_t)page);
	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 40; i++)
		iov[i] = (struct iovec){ text, 1 + (size_t)i };
	sys_sendmsg(fd, &m, 0);
	iov[1].iov_len = 0;
	iov[2].iov_base = NULL;
	iov[3].iov_base = (void *)8;
	iov[4].iov_base = edge - 2;
	sys_sendmsg(fd, &m, 0);
	for (size_t n = 0; n < 4; n++) {
		m.msg_iovlen = n;
		sys_sendmsg(fd, &m, 0);
	}
	m.msg_iovlen = 3;
	m.msg_iov = NULL;
	sys_sendmsg(fd, &m, 0);
	memcpy(edge - sizeof(iov[0]), iov, sizeof(iov[0]));
	m.msg_iov = (void *)(edge - sizeof(iov[0]));
	sys_sendmsg(fd, &m, 0);
	m.msg_iov = iov;
	m.msg_iovlen = 1;
	m.msg_control = edge - 8;
	m.msg_controllen = 24;
	sys_sendmsg(fd, &m, 0);
	m.msg_control = NULL;
	sys_sendmsg(fd, &m, 0);
	m.msg_controllen = 0;
	m.msg_name = edge - 8;
	sys_sendmsg(fd, &m, 0);
	m.msg_name = NULL;
	sys_sendmsg(fd, &m, 0);
	m.msg_flags = 0x7fffffff;
	sys_sendmsg(fd, &m, (int)0xffffffff);
	sys_sendmsg(fd, &m, 0x100000);
	sys_sendmsg(fd, (void *)(edge - 8), 0);
	sys_sendmsg(fd, NULL, MSG_MORE);
	sys_sendmsg(-1, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	sys_recvmsg(fd, (void *)(edge - 8), 0);
	sys_recvmsg(fd, NULL, MSG_PEEK);
	sys_recvmsg(fd, &m, MSG_DONTWAIT);
	sys_recvmsg(1000, &m, MSG_DONTWAIT);
	sys_sendto(fd, edge - 5, 5, 0, &to, sizeof(to));
	sys_sendto(fd, edge - 5, 6, 0, &to, sizeof(to));
	sys_sendto(fd, NULL, 6, 0, &to, sizeof(to));
	sys_sendto(fd, NULL, 0, 0, NULL, 0);
	sys_sendto(fd, text, 32, 0, &to, sizeof(to));
	sys_sendto(fd, text, 33, 0, &to, sizeof(to));
	sys_sendto(fd, text, 3, 0, edge - 3, sizeof(to));
	sys_sendto(fd, text, 3, 0, &to, (socklen_t)-1);
	sys_recvfrom(fd, text, sizeof(text), MSG_DONTWAIT, NULL, NULL);
	sys_recvfrom(fd, text, sizeof(text), MSG_DONTWAIT, &to, &(socklen_t){ 16 });
	sys_recvfrom(fd, text, sizeof(text), MSG_DONTWAIT, &to, (void *)(edge - 2));
	sys_recvfrom(fd, NULL, 0, MSG_DONTWAIT, &to, NULL);
	close(fd);
}

/* How strings are quoted: every byte, and octal digits before digits. */
static void group_strings(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
	unsigned char all[256];
	static const char *const texts[] = { "plain",
					     "tab\tnl\ncr\r",
					     "quo\"te\\",
					     "\0011\0339\1778",
					     "\303\251t\303\251",
					     "a\0b",
					     "" };

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (int i = 0; i < 256; i += 16)
		sys_sendto(fd, all + i, 16, 0, &to, sizeof(to));
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		sys_sendto(fd, texts[i], strlen(texts[i]), 0, &to, sizeof(to));
	for (int i = 28; i < 36; i++) {
		memset(all, '7', sizeof(all));
		all[i] = 1;
		sys_sendto(fd, all, 40, 0, &to, sizeof(to));
		sys_sendto(fd, all, (size_t)i + 1, 0, &to, sizeof(to));
	}
	close(fd);
}

/* ---- receiving ---- */

static void receive(int fd, size_t room, socklen_t namelen, size_t data, int flags)
{
	_Alignas(16) char control[1024], buf[64];
	struct sockaddr_storage from;
	struct iovec iov[2] = { { buf, data }, { buf + 32, data } };
	struct msghdr m = {
		.msg_name = namelen ? &from : NULL,
		.msg_namelen = namelen,
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = room ? control : NULL,
		.msg_controllen = room,
	};

	memset(control, 0, sizeof(control));
	memset(buf, 0, sizeof(buf));
	memset(&from, 0, sizeof(from));
	sys_recvmsg(fd, &m, flags | MSG_DONTWAIT);
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	/* What loopback brings is there within microseconds; one second is for a loaded machine. */
	poll(&p, 1, 1000);
}

static void group_udp4(void)
{
	static const int options[] = {
		IP_PKTINFO, IP_RECVTTL,         IP_RECVTOS,  IP_RECVOPTS,
		IP_RETOPTS, IP_RECVORIGDSTADDR, IP_CHECKSUM, IP_RECVFRAGSIZE
	};
	static const int socket_options[] = { SO_TIMESTAMP_OLD,
					      SO_TIMESTAMPNS_OLD,
					      SO_TIMESTAMP_NEW,
					      SO_TIMESTAMPNS_NEW,
					      SO_RXQ_OVFL,
					      75 /* SO_RCVMARK */,
					      82 /* SO_RCVPRIORITY */ };
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int in, out = bound4(SOCK_DGRAM, PORT + 1);

	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		in = bound4(SOCK_DGRAM, PORT);
		set(in, SOL_IP, options[i], 1);
		sys_sendto(out, "hello", 5, 0, &to, sizeof(to));
		receive(in, 256, 128, 10, 0);
		close(in);
	}
	for (unsigned int i = 0; i < sizeof(socket_options) / sizeof(socket_options[0]); i++) {
		in = bound4(SOCK_DGRAM, PORT);
		set(in, SOL_SOCKET, socket_options[i], 1);
		sys_sendto(out, "hello", 5, 0, &to, sizeof(to));
		receive(in, 256, 128, 10, 0);
		close(in);
	}
	in = bound4(SOCK_DGRAM, PORT);
	set(in, SOL_IP, IP_PKTINFO, 1);
	set(in, SOL_IP, IP_RECVTTL, 1);
	set(in, SOL_IP, IP_RECVTOS, 1);
	/* Room for all, for some, for none of it: MSG_CTRUNC. */
	for (size_t room = 0; room <= 96; room += 8) {
		sys_sendto(out, "hello", 5, 0, &to, sizeof(to));
		receive(in, room, 16, 10, 0);
	}
	for (socklen_t namelen = 0; namelen <= 20; namelen += 4) {
		sys_sendto(out, "0123456789", 10, 0, &to, sizeof(to));
		receive(in, 64, namelen, namelen / 2, 0);
	}
	sys_sendto(out, "peeked", 6, 0, &to, sizeof(to));
	receive(in, 64, 16, 4, MSG_PEEK | MSG_TRUNC);
	receive(in, 64, 16, 4, MSG_TRUNC | MSG_CMSG_CLOEXEC);
	sys_sendto(out, "", 0, 0, &to, sizeof(to));
	receive(in, 64, 16, 4, 0);
	close(in);
	close(out);
}

static void group_udp6(void)
{
	static const int options[] = { IPV6_RECVPKTINFO,     IPV6_RECVHOPLIMIT,
				       IPV6_RECVTCLASS,      IPV6_2292PKTINFO,
				       IPV6_2292HOPLIMIT,    11 /* IPV6_FLOWINFO */,
				       IPV6_RECVORIGDSTADDR, IPV6_RECVFRAGSIZE,
				       IPV6_RECVHOPOPTS,     IPV6_RECVDSTOPTS };
	struct sockaddr_in6 to = at6(PORT);
	int in, out = bound6(SOCK_DGRAM, PORT + 1);

	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		in = bound6(SOCK_DGRAM, PORT);
		set(in, SOL_IPV6, options[i], 1);
		sys_sendto(out, "hello", 5, 0, &to, sizeof(to));
		receive(in, 256, 128, 10, 0);
		close(in);
	}
	in = bound6(SOCK_DGRAM, PORT);
	set(in, IPPROTO_UDP, 104 /* UDP_GRO */, 1);
	set(in, SOL_IPV6, IPV6_RECVPKTINFO, 1);
	sys_sendto(out, "hello", 5, 0, &to, sizeof(to));
	receive(in, 256, 128, 10, 0);
	close(in);
	close(out);
}

static void group_errqueue(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT + 7);
	struct sockaddr_in6 to6 = at6(PORT + 7);
	int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
		    SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	int fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);

	set(fd, SOL_IP, IP_RECVERR, 1);
	sys_sendto(fd, "refused", 7, 0, &to, sizeof(to));
	wait_for(fd, 0);
	receive(fd, 512, 128, 10, MSG_ERRQUEUE);
	close(fd);
	fd = open_or_skip(AF_INET6, SOCK_DGRAM, 0);
	set(fd, SOL_IPV6, IPV6_RECVERR, 1);
	sys_sendto(fd, "refused", 7, 0, &to6, sizeof(to6));
	wait_for(fd, 0);
	receive(fd, 512, 128, 10, MSG_ERRQUEUE);
	close(fd);
	for (int name = 37; name <= 65; name += 28) { /* SO_TIMESTAMPING_OLD, _NEW */
		fd = open_or_skip(AF_INET, SOCK_DGRAM, 0);
		set(fd, SOL_SOCKET, name, flags);
		sys_sendto(fd, "stamped", 7, 0, &to, sizeof(to));
		wait_for(fd, 0);
		receive(fd, 512, 128, 10, MSG_ERRQUEUE);
		close(fd);
	}
}

static void group_unix(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct block b = { .len = 0 };
		int sv[2], fds[3] = { 0, 1, 2 };
		struct ucred uc = { getpid(), getuid(), getgid() };

		if (socketpair(AF_UNIX, types[i], 0, sv))
			exit(SKIP);
		set(sv[1], SOL_SOCKET, SO_PASSCRED, 1);
		put(&b, SOL_SOCKET, SCM_RIGHTS, fds, sizeof(fds));
		send_block(sv[0], NULL, 0, &b, b.len);
		receive(sv[1], 256, 0, 10, 0);
		for (int fd = 5; fd < 12; fd++)
			close(fd);
		send_block(sv[0], NULL, 0, &b, b.len);
		receive(sv[1], CMSG_SPACE(4), 110, 10, MSG_CMSG_CLOEXEC);
		for (int fd = 5; fd < 12; fd++)
			close(fd);
		b.len = 0;
		put(&b, SOL_SOCKET, SCM_CREDENTIALS, &uc, sizeof(uc));
		put(&b, SOL_SOCKET, SCM_RIGHTS, fds, 4);
		send_block(sv[0], NULL, 0, &b, b.len);
		receive(sv[1], 256, 110, 3, 0);
		for (int fd = 5; fd < 12; fd++)
			close(fd);
		set(sv[1], SOL_SOCKET, 76 /* SO_PASSPIDFD */, 1);
		set(sv[1], SOL_SOCKET, SO_TIMESTAMPNS_OLD, 1);
		sys_sendto(sv[0], "to", 2, 0, NULL, 0);
		receive(sv[1], 256, 110, 10, 0);
		close(sv[0]);
		receive(sv[1], 256, 110, 10, 0);
		close(sv[1]);
		for (int fd = 3; fd < 12; fd++)
			close(fd);
	}
}

/* What a call's descriptor may be besides a socket, and sockets that accept4() made. */
static void group_descriptors(void)
{
	static const struct sockaddr_un name = { AF_UNIX, "\0cmsg-gen-accepted" };
	struct linger at_once = { 1, 0 };
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT), from = at4(INADDR_LOOPBACK, PORT + 1);
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 18;
	int pair[2], listener, client, server, null = open("/dev/null", O_RDWR);
	int fds[2] = { null, (int)syscall(SYS_pidfd_open, getpid(), 0) };
	struct block b = { .len = 0 };

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) || fds[1] < 0)
		exit(SKIP);
	set(pair[1], SOL_SOCKET, 76 /* SO_PASSPIDFD */, 1);
	put(&b, SOL_SOCKET, SCM_RIGHTS, fds, sizeof(fds));
	send_block(pair[0], NULL, 0, &b, b.len);
	receive(pair[1], 256, 0, 10, 0);
	send_block(null, NULL, 0, &b, b.len);
	sys_sendto(null, "nowhere", 7, 0, NULL, 0);
	receive(fds[1], 64, 0, 10, 0);

	listener = open_or_skip(AF_UNIX, SOCK_STREAM, 0);
	client = open_or_skip(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (const struct sockaddr *)&name, len) || listen(listener, 1) ||
	    connect(client, (const struct sockaddr *)&name, len))
		exit(SKIP);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	sys_sendto(server, "accepted", 8, 0, NULL, 0);
	receive(client, 0, 110, 10, 0);

	listener = bound4(SOCK_STREAM, PORT);
	client = open_or_skip(AF_INET, SOCK_STREAM, 0);
	set(client, SOL_SOCKET, SO_REUSEADDR, 1);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	if (listen(listener, 1) || bind(client, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(client, (struct sockaddr *)&to, sizeof(to)))
		exit(SKIP);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	sys_sendto(client, "question", 8, 0, NULL, 0);
	receive(server, 64, 16, 10, 0);
	sys_sendto(server, "answer", 6, MSG_NOSIGNAL, NULL, 0);
	receive(client, 64, 16, 10, 0);
	close(client); /* by RST: nothing stays behind in TIME_WAIT */
	receive(server, 64, 16, 10, 0);
}

static void on_ignored(int sig)
{
	(void)sig;
}

/* Each signal whose name or siginfo has something of its own. */
static void group_signals(void)
{
	const int signals[] = { SIGIO, SIGUSR1, SIGCHLD, SIGURG, SIGPWR, SIGRTMIN, SIGRTMAX };

	for (unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		signal(signals[i], on_ignored);
		syscall(SYS_kill, getpid(), signals[i]);
		sys_sendto(-1, "after", 5, 0, NULL, 0);
	}
}

static void group_netlink(void)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} req = { { NLMSG_LENGTH(sizeof(struct rtgenmsg)), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP,
		    1, 0 },
		  { AF_UNSPEC } };
	struct nlmsghdr noop = { NLMSG_HDRLEN, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 7, 0 };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct iovec iov = { &req, sizeof(req) };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	int fd = open_or_skip(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	set(fd, SOL_NETLINK, 3 /* NETLINK_PKTINFO */, 1);
	sys_sendmsg(fd, &m, 0);
	receive(fd, 256, sizeof(to), 16, 0);
	iov = (struct iovec){ &noop, sizeof(noop) };
	sys_sendmsg(fd, &m, 0);
	sys_sendto(fd, &noop, sizeof(noop), 0, &to, sizeof(to));
	close(fd);
}

static void group_packet(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int fd = open_or_skip(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	int in = bound4(SOCK_DGRAM, PORT), out = bound4(SOCK_DGRAM, PORT + 1);

	set(fd, SOL_PACKET, PACKET_AUXDATA, 1);
	set(fd, SOL_SOCKET, SO_TIMESTAMP_OLD, 1);
	sys_sendto(out, "sniffed", 7, 0, &to, sizeof(to));
	wait_for(fd, POLLIN);
	receive(fd, 256, 128, 2, 0); /* the IP header's id, further on, differs between runs */
	close(fd);
	close(in);
	close(out);
}

static void group_vectors(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT), from[4];
	int in = bound4(SOCK_DGRAM, PORT), out = bound4(SOCK_DGRAM, PORT + 1);
	_Alignas(16) char control[4][64], buf[4][16];
	struct block b = { .len = 0 };
	struct iovec iov[4];
	struct mmsghdr v[40];
	int ttl = 9;
	long word[2] = { 5, 7 };
	int64_t wide[2] = { 5, 8 };

	set(in, SOL_IP, IP_RECVTTL, 1);
	put(&b, SOL_IP, IP_TTL, &ttl, sizeof(ttl));
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ (char *)&"four"[i], 4 - (size_t)i };
		v[i].msg_hdr = (struct msghdr){ .msg_name = &to,
						.msg_namelen = sizeof(to),
						.msg_iov = &iov[i],
						.msg_iovlen = 1,
						.msg_control = i % 2 ? b.p : NULL,
						.msg_controllen = i % 2 ? b.len : 0 };
	}
	for (unsigned int n = 0; n <= 4; n++)
		sys_sendmmsg(out, v, n, 0);
	sys_sendmmsg(out, v, 1, MSG_CONFIRM);
	v[2].msg_hdr.msg_control = (void *)8; /* the third fails: two are sent */
	v[2].msg_hdr.msg_controllen = 24;
	sys_sendmmsg(out, v, 4, 0);
	sys_sendmmsg(out, v + 2, 2, 0);
	sys_sendmmsg(out, NULL, 2, 0);
	sys_sendmmsg(out, (void *)8, 2, 0);
	sys_sendmmsg(-1, v + 10, 30, 0);
	sys_sendmmsg(-1, v, 40, 0);
	for (unsigned int n = 0; n <= 4; n++) {
		for (int i = 0; i < 4; i++) {
			iov[i] = (struct iovec){ buf[i], 1 + 4 * (size_t)i };
			v[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
							.msg_namelen = i == 3 ? 8 : 16,
							.msg_iov = &iov[i],
							.msg_iovlen = 1,
							.msg_control = control[i],
							.msg_controllen = i ? 64 : 4 };
		}
		sys_recvmmsg(in, v, n, MSG_DONTWAIT, NULL);
	}
	sys_sendmmsg(out, v, 0, 0);
	sys_recvmmsg(in, v, 2, 0, word);
#ifdef SYS_recvmmsg_time64
	sys_sendto(out, "more", 4, 0, &to, sizeof(to));
	syscall(SYS_recvmmsg_time64, in, v, 2, MSG_DONTWAIT, wide);
#endif
	while (sys_recvmmsg(in, v, 4, MSG_DONTWAIT, NULL) > 0)
		continue;
	sys_sendto(out, "last", 4, 0, &to, sizeof(to));
	sys_recvmmsg(in, v, 2, MSG_WAITFORONE, word);
	sys_recvmmsg(in, v, 2, MSG_DONTWAIT, word);
	sys_recvmmsg(in, v, 2, MSG_DONTWAIT, (void *)8);
	sys_recvmmsg(in, NULL, 2, MSG_DONTWAIT, NULL);
	(void)wide;
	close(in);
	close(out);
}

static void group_plain(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT), from;
	int in = bound4(SOCK_DGRAM, PORT), out = bound4(SOCK_DGRAM, PORT + 1);
	char buf[64];

	for (socklen_t room = 0; room <= 20; room += 5) {
		socklen_t len = room;

		sys_sendto(out, "some text that is longer than 32 bytes", 38, MSG_NOSIGNAL, &to,
			   sizeof(to));
		sys_recvfrom(in, buf, 64 - 12 * (size_t)(room / 5), 0, &from, &len);
	}
	sys_sendto(out, "x", 1, 0, &to, sizeof(to));
	sys_recvfrom(in, buf, sizeof(buf), MSG_PEEK, NULL, NULL);
	sys_recvfrom(in, buf, sizeof(buf), 0, NULL, &(socklen_t){ 3 });
	sys_recvfrom(in, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
	close(in);
	close(out);
}

/* i386: the same calls through socketcall(2), and send and recv, which exist there only. */
static void group_socketcall(void)
{
#ifdef SYS_socketcall
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT), from;
	int in = bound4(SOCK_DGRAM, PORT), out = bound4(SOCK_DGRAM, PORT + 1);
	struct iovec iov = { (void *)"through", 7 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct mmsghdr v = { .msg_hdr = m };
	socklen_t len = sizeof(from);
	char buf[32];

	syscall(SYS_socketcall, 16, (long[]){ out, (long)&m, 0 });
	syscall(SYS_socketcall, 11, (long[]){ out, (long)"to", 2, 0, (long)&to, sizeof(to) });
	syscall(SYS_socketcall, 9, (long[]){ out, (long)"unconnected", 11, 0 });
	syscall(SYS_socketcall, 20, (long[]){ out, (long)&v, 1, 0 });
	syscall(SYS_socketcall, 10, (long[]){ in, (long)buf, sizeof(buf), MSG_DONTWAIT });
	syscall(SYS_socketcall, 12,
		(long[]){ in, (long)buf, sizeof(buf), 0, (long)&from, (long)&len });
	iov = (struct iovec){ buf, sizeof(buf) };
	syscall(SYS_socketcall, 17, (long[]){ in, (long)&m, MSG_DONTWAIT });
	syscall(SYS_socketcall, 10, (long[]){ in, (long)buf, sizeof(buf), MSG_DONTWAIT });
	close(in);
	close(out);
#else
	exit(SKIP);
#endif
}

/* A thread of calls that wait: what is unfinished, and what is resumed. */
static void group_waiting(void)
{
	struct sockaddr_in to = at4(INADDR_LOOPBACK, PORT);
	int in = bound4(SOCK_DGRAM, PORT), out = bound4(SOCK_DGRAM, PORT + 1);
	char c;
	pid_t pid = fork();

	if (!pid) {
		sys_recvfrom(in, &c, 1, 0, NULL, NULL);
		_exit(3);
	}
	usleep(100000);
	sys_sendto(out, "w", 1, 0, &to, sizeof(to));
	waitpid(pid, NULL, 0);
	pid = fork();
	if (!pid) {
		receive(out, 0, 0, 4, 0);
		sys_recvmsg(out, &(struct msghdr){ 0 }, 0);
		_exit(4);
	}
	usleep(100000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(in);
	close(out);
}

/* setsockopt: every option as an int, and the shapes of those that are more. */
static void group_options(void)
{
	static const int levels[] = { SOL_SOCKET,  SOL_IP,      SOL_IPV6,   IPPROTO_TCP,
				      IPPROTO_UDP, SOL_NETLINK, SOL_PACKET, 999 };
	struct linger linger = { 1, 5 };
	struct ip_mreq mreq = { { htonl(0xe0000001) }, { htonl(INADDR_LOOPBACK) } };
	struct ipv6_mreq mreq6 = { .ipv6mr_interface = if_nametoindex("lo") };
	struct group_req group = { .gr_interface = if_nametoindex("lo") };
	int one = 1, fd = open_or_skip(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	mreq6.ipv6mr_multiaddr.s6_addr[0] = 0xff;
	group.gr_group.ss_family = AF_INET;
	for (unsigned int i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		for (int name = 0; name < 90; name++)
			setsockopt(-1, levels[i], name, &one, sizeof(one));
	for (socklen_t len = 0; len <= sizeof(linger); len++) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, len);
		setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &mreq, len);
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo\0lo\0xx", len);
	}
	setsockopt(fd, SOL_IPV6, IPV6_JOIN_GROUP, &mreq6, sizeof(mreq6));
	setsockopt(fd, SOL_IP, MCAST_JOIN_GROUP, &group, sizeof(group));
	setsockopt(fd, SOL_IP, MCAST_JOIN_GROUP, &group, sizeof(group) - 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, NULL, 4);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, (void *)8, 4);
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, NULL, 9);
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, (void *)8, 9);
	close(fd);
	for (int type = 0; type < 12; type++)
		close(socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
	close(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC));
	close(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
	close(socket(AF_PACKET, SOCK_RAW, 0));
	close(socket(999, 0x1000f, 7));
}

static void own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	if (unshare(CLONE_NEWNET))
		return;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ifr.ifr_flags = IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} groups[] = {
		{ "decoded", group_decoded },
		{ "blocks", group_blocks },
		{ "wrapping", group_wrapping },
		{ "addresses", group_addresses },
		{ "faults", group_faults },
		{ "strings", group_strings },
		{ "udp4", group_udp4 },
		{ "udp6", group_udp6 },
		{ "errqueue", group_errqueue },
		{ "unix", group_unix },
		{ "descriptors", group_descriptors },
		{ "signals", group_signals },
		{ "netlink", group_netlink },
		{ "packet", group_packet },
		{ "vectors", group_vectors },
		{ "plain", group_plain },
		{ "socketcall", group_socketcall },
		{ "waiting", group_waiting },
		{ "options", group_options },
	};
	bool here = argc > 1 && !strcmp(argv[1], "-h");

	argc -= here;
	argv += here;
	if (argc < 2) {
		fprintf(stderr, "usage: cmsg-gen [-h] GROUP [FILE]\n");
		return 2;
	}
	if (!here)
		own_network();
	alarm(30); /* nothing here waits that long */
	if (!strcmp(argv[1], "rows") && argc > 2) {
		group_rows(argv[2]);
		return 0;
	}
	for (unsigned int i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!strcmp(argv[1], groups[i].name)) {
			groups[i].run();
			return 0;
		}
	}
	fprintf(stderr, "cmsg-gen: there is no group %s\n", argv[1]);
	return 2;
}
