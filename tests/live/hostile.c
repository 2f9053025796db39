// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls that carry messages, with headers, vectors, control blocks and pointers of every wrong kind, from several
 * threads of several processes that change the memory under each other:
 *   hostile SEED PROCESSES THREADS CALLS SECONDS PACE
 * Ends after CALLS in all, or SECONDS; each thread sleeps PACE µs after 16 calls.  What has addresses stays in a
 * network namespace of its own; where none can be made only AF_UNIX is used.  Nothing blocks.
 *
 * Prints "ready" and waits for a line; prints how many calls it made and waits for the end of its input.  Exit
 * status 42, whatever the calls said: they must not touch the program itself, for the kernel is given no
 * pointer but into the arena, or where nothing is.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
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
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(t, a) ((a)[below(t, COUNT(a))])

enum {
	PAGE = 4096,
	PAGES = 64,
	ARENA = PAGES * PAGE,
	SOCKETS = 48,
	FIRST_FD = 200, /* of our sockets: descriptors that were received are below */
	STATUS = 42,
};

/* One memory, mapped twice: we write it in one place and hand out the other, parts of which can't be reached. */
static unsigned char *arena, *hostile;
static int sockets[SOCKETS];
static unsigned int nsockets;

static struct shared {
	atomic_ulong calls;
	atomic_bool stop;
} * shared;

static unsigned long limit;
static unsigned int pace_us;

struct thread {
	uint64_t state;
};

static uint64_t rnd(struct thread *t)
{
	t->state ^= t->state >> 12;
	t->state ^= t->state << 25;
	t->state ^= t->state >> 27;
	return t->state * 2685821657736338717ull;
}

static size_t below(struct thread *t, size_t n)
{
	return (size_t)((rnd(t) >> 16) % n);
}

static bool one_in(struct thread *t, size_t n)
{
	return below(t, n) == 0;
}

/* Bytes that are made once: the calls are what has to be many. */
static unsigned char noise[1 << 16];

static void fill(struct thread *t, unsigned char *p, size_t n)
{
	memcpy(p, noise + below(t, sizeof(noise) - n), n);
}

static void make_noise(uint64_t seed)
{
	struct thread t = { seed * 2 + 1 };

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = one_in(&t, 3) ? 0 : (unsigned char)rnd(&t);
}

/* ---- numbers and places ---- */

static size_t any_length(struct thread *t)
{
	static const size_t lengths[] = {
		0,
		1,
		2,
		3,
		7,
		8,
		11,
		12,
		15,
		16,
		17,
		20,
		24,
		28,
		31,
		32,
		64,
		128,
		255,
		1024,
		4095,
		4096,
		4097,
		65535,
		65536,
		1 << 20,
		INT32_MAX,
		0x80000000u,
		0xfffffff0u,
		0xffffffffu,
		SIZE_MAX,
		SIZE_MAX - 7,
		SIZE_MAX - 15,
		SIZE_MAX / 2,
		SIZE_MAX / 2 + 1,
		SIZE_MAX / 16 + 2,
	};

	return one_in(t, 3) ? PICK(t, lengths) : below(t, 200);
}

/* Room for n bytes in the arena, as an offset; often right before the end of a page. */
static size_t room(struct thread *t, size_t n)
{
	size_t at = below(t, ARENA - n);

	if (one_in(t, 3) && n < PAGE)
		at = (at & ~(size_t)(PAGE - 1)) + PAGE - n;
	else if (!one_in(t, 8))
		at &= ~(size_t)15;
	return at + n <= ARENA ? at : ARENA - n;
}

static void *bad_pointer(struct thread *t)
{
	static const uint64_t bad[] = {
		0,
		1,
		PAGE,
		0xffff800000000000ull,
		0x8000000000000000ull,
		0x7ffffffff000ull,
		UINT64_MAX,
	};
	size_t past = one_in(t, 2) ? 0 : below(t, 32);

	return one_in(t, 3) ? hostile + ARENA - past : (void *)(uintptr_t)PICK(t, bad);
}

/* A copy of what p points at, where the kernel may look for it. */
static void *handed(struct thread *t, const void *p, size_t n)
{
	size_t at = room(t, n ? n : 1);

	memcpy(arena + at, p, n);
	return one_in(t, 40) ? bad_pointer(t) : hostile + at;
}

static void *somewhere(struct thread *t, size_t n)
{
	if (one_in(t, 24))
		return bad_pointer(t);
	return hostile + room(t, n < ARENA / 2 ? n + 1 : PAGE);
}

/* ---- what a message is made of ---- */

static size_t any_name(struct thread *t, unsigned char *p)
{
	static const sa_family_t families[] = { AF_UNIX,   AF_INET, AF_INET6,  AF_NETLINK,
						AF_PACKET, AF_ALG,  AF_UNSPEC, AF_VSOCK };
	sa_family_t family = one_in(t, 10) ? (sa_family_t)rnd(t) : PICK(t, families);
	static const unsigned char loop4[] = { 127, 0, 0, 1 };

	fill(t, p, sizeof(struct sockaddr_storage));
	memcpy(p, &family, sizeof(family));
	if (family == AF_INET && !one_in(t, 4))
		memcpy(p + 4, loop4, sizeof(loop4));
	if (family == AF_UNIX)
		p[2] = 0; /* abstract: no file is anybody's business */
	return one_in(t, 4) ? below(t, sizeof(struct sockaddr_storage)) : 16 + 12 * below(t, 3);
}

static size_t any_control(struct thread *t, unsigned char *p, size_t max)
{
	static const int levels[] = { SOL_SOCKET,  SOL_SOCKET,  SOL_IP,     SOL_IPV6,   IPPROTO_UDP,
				      IPPROTO_TCP, SOL_NETLINK, SOL_ALG,    SOL_PACKET, 132,
				      282,         285,         0x7fffffff, -1 };
	size_t at = 0, n = below(t, 12);

	if (one_in(t, 8)) {
		fill(t, p, max);
		return below(t, max);
	}
	while (n-- && at + 512 < max) {
		struct cmsghdr h = { .cmsg_level = PICK(t, levels),
				     .cmsg_type = (int)below(t, 90) };
		size_t len = one_in(t, 3) ? below(t, 300) : 4 * below(t, 12);

		if (h.cmsg_level == SOL_SOCKET && one_in(t, 2))
			h.cmsg_type = 1 + (int)below(t, 4);
		h.cmsg_len = one_in(t, 10) ? any_length(t) : CMSG_LEN(len);
		memcpy(p + at, &h, sizeof(h));
		at += CMSG_LEN(0);
		if (h.cmsg_type == SCM_RIGHTS)
			for (size_t i = 0; i + 4 <= len; i += 4)
				memcpy(p + at + i, &PICK(t, sockets), 4);
		else
			fill(t, p + at, len);
		at += one_in(t, 12) ? len : CMSG_SPACE(len) - CMSG_LEN(0);
	}
	return at;
}

/* Netlink's lengths, and noise. */
static void any_payload(struct thread *t, unsigned char *p, size_t n)
{
	fill(t, p, n);
	for (size_t at = 0; at + 16 <= n && one_in(t, 2); at += 16) {
		struct nlmsghdr h = { .nlmsg_len = (uint32_t)any_length(t),
				      .nlmsg_type = (uint16_t)below(t, 40) };

		memcpy(p + at, &h, sizeof(h));
	}
}

static void any_vector(struct thread *t, struct msghdr *m)
{
	static const size_t counts[] = { 1, 1, 1, 2, 3, 8, 12, 64, 200, 1024, 1025, 4000 };
	size_t n = one_in(t, 6) ? PICK(t, counts) : below(t, 4), many = n < 64 ? n : 64;
	unsigned char data[256];
	struct iovec v[64];

	for (size_t i = 0; i < many; i++) {
		size_t len = one_in(t, 12) ? any_length(t) : below(t, sizeof(data));

		any_payload(t, data, sizeof(data));
		v[i].iov_base = one_in(t, 3) ? somewhere(t, len) : handed(t, data, sizeof(data));
		v[i].iov_len = len;
	}
	m->msg_iov = handed(t, v, many * sizeof(v[0]));
	m->msg_iovlen = one_in(t, 40) ? any_length(t) : n;
}

static void any_header(struct thread *t, struct msghdr *m)
{
	unsigned char p[4096];
	size_t n;

	memset(m, 0, sizeof(*m));
	if (one_in(t, 3)) {
		n = any_name(t, p);
		m->msg_name = handed(t, p, sizeof(struct sockaddr_storage));
		m->msg_namelen = (socklen_t)(one_in(t, 12) ? any_length(t) : n);
	}
	any_vector(t, m);
	if (one_in(t, 2)) {
		n = any_control(t, p, one_in(t, 8) ? sizeof(p) : 1024);
		m->msg_control = handed(t, p, n);
		m->msg_controllen = one_in(t, 12) ? any_length(t) : n;
	}
	m->msg_flags = (int)rnd(t);
	if (one_in(t, 50)) /* overlapping */
		m->msg_control = m->msg_iov;
	if (one_in(t, 50))
		m->msg_name = m->msg_iov;
}

/* ---- calls ---- */

static int any_flags(struct thread *t)
{
	int flags = MSG_DONTWAIT;

	if (one_in(t, 3))
		flags |= (int)(rnd(t) & rnd(t) & 0x7fffffff);
	if (one_in(t, 8))
		flags |= MSG_ERRQUEUE;
	return flags;
}

static int any_socket(struct thread *t)
{
	return one_in(t, 60) ? (int)below(t, 300) : sockets[below(t, nsockets)];
}

static void one_message(struct thread *t, long nr)
{
	struct msghdr m;

	any_header(t, &m);
	syscall(nr, any_socket(t), handed(t, &m, sizeof(m)), any_flags(t));
}

static void many_messages(struct thread *t, long nr)
{
	static const unsigned int counts[] = { 0, 5, 12, 16, 300, 1024, 1025, 100000, UINT32_MAX };
	unsigned int n = 1 + (unsigned int)below(t, 4);
	struct timespec ts = { 0, (long)below(t, 1000) };
	struct mmsghdr v[16];
	void *when = nr == SYS_recvmmsg && one_in(t, 4) ? handed(t, &ts, sizeof(ts)) : NULL;

	for (size_t i = 0; i < COUNT(v); i++) {
		any_header(t, &v[i].msg_hdr);
		v[i].msg_len = (unsigned int)rnd(t);
	}
	syscall(nr, any_socket(t), handed(t, v, sizeof(v)), one_in(t, 8) ? PICK(t, counts) : n,
		any_flags(t), when);
}

static void with_name(struct thread *t, long nr)
{
	unsigned char p[256];
	size_t n = any_name(t, p);
	socklen_t len = (socklen_t)(one_in(t, 8) ? any_length(t) : n);
	void *name = one_in(t, 2) ? NULL : handed(t, p, 128);
	uintptr_t last = nr == SYS_sendto ? len : (uintptr_t)handed(t, &len, sizeof(len));

	any_payload(t, p, sizeof(p));
	syscall(nr, any_socket(t), handed(t, p, sizeof(p)),
		one_in(t, 10) ? any_length(t) : below(t, 256), any_flags(t), name, last);
}

static void plain(struct thread *t)
{
	static const long calls[] = { SYS_read, SYS_write };
	static const long vectors[] = { SYS_readv, SYS_writev };
	struct msghdr m;
	int fd = sockets[below(t, nsockets)];

	if (one_in(t, 2)) {
		syscall(PICK(t, calls), fd, somewhere(t, 256), any_length(t));
		return;
	}
	any_vector(t, &m);
	syscall(PICK(t, vectors), fd, m.msg_iov, m.msg_iovlen);
}

static void any_option(struct thread *t)
{
	static const int options[][2] = {
		{ SOL_SOCKET, SO_TIMESTAMP },
		{ SOL_SOCKET, SO_TIMESTAMPNS },
		{ SOL_SOCKET, SO_TIMESTAMPING },
		{ SOL_SOCKET, SO_PASSCRED },
		{ SOL_SOCKET, SO_RXQ_OVFL },
		{ SOL_SOCKET, SO_PRIORITY },
		{ SOL_SOCKET, SO_MARK },
		{ SOL_SOCKET, SO_ZEROCOPY },
		{ SOL_SOCKET, SO_TXTIME },
		{ SOL_SOCKET, SO_BROADCAST },
		{ SOL_IP, IP_PKTINFO },
		{ SOL_IP, IP_RECVTTL },
		{ SOL_IP, IP_RECVTOS },
		{ SOL_IP, IP_RECVERR },
		{ SOL_IP, IP_TTL },
		{ SOL_IP, IP_RETOPTS },
		{ SOL_IPV6, IPV6_RECVPKTINFO },
		{ SOL_IPV6, IPV6_RECVHOPLIMIT },
		{ SOL_IPV6, IPV6_RECVERR },
		{ SOL_IPV6, IPV6_RECVRTHDR },
		{ SOL_IPV6, IPV6_RECVHOPOPTS },
		{ SOL_IPV6, IPV6_DSTOPTS },
		{ IPPROTO_UDP, 103 },
		{ IPPROTO_UDP, 104 },
		{ SOL_NETLINK, NETLINK_PKTINFO },
		{ SOL_NETLINK, NETLINK_EXT_ACK },
	};
	const int *o = PICK(t, options);
	int value[2] = { one_in(t, 4) ? (int)rnd(t) : 1, (int)rnd(t) };

	syscall(SYS_setsockopt, any_socket(t), o[0], o[1], handed(t, value, sizeof(value)),
		one_in(t, 6) ? any_length(t) : 4);
}

/* Pages appear and vanish, and change, under the calls of other threads. */
static void change_memory(struct thread *t)
{
	static const int protections[] = { PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
					   PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };
	unsigned char *page = hostile + below(t, PAGES) * PAGE;

	mprotect(page, PAGE, PICK(t, protections));
	if (one_in(t, 4))
		madvise(page, PAGE, MADV_DONTNEED);
	fill(t, arena + below(t, ARENA - 64), 64);
}

static void any_call(struct thread *t)
{
	switch (below(t, 16)) {
	case 0 ... 4:
		one_message(t, SYS_sendmsg);
		break;
	case 5 ... 8:
		one_message(t, SYS_recvmsg);
		break;
	case 9:
		many_messages(t, SYS_sendmmsg);
		break;
	case 10:
		many_messages(t, SYS_recvmmsg);
		break;
	case 11:
		with_name(t, SYS_sendto);
		break;
	case 12:
		with_name(t, SYS_recvfrom);
		break;
	case 13:
		plain(t);
		break;
	case 14:
		any_option(t);
		break;
	default:
		with_name(t, SYS_recvfrom);
		change_memory(t);
		break;
	}
}

static void *run(void *arg)
{
	struct thread *t = arg;

	for (unsigned int i = 1; !shared->stop; i++) {
		any_call(t);
		if (atomic_fetch_add(&shared->calls, 1) + 1 >= limit)
			shared->stop = true;
		if (i % 16 == 0) {
			close_range(3, FIRST_FD - 1, 0);
			if (pace_us)
				usleep(pace_us);
		}
	}
	return NULL;
}

/* ---- the sockets ---- */

static void keep(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);

	if (fd >= 0)
		close(fd);
	if (high >= 0 && nsockets < SOCKETS)
		sockets[nsockets++] = high;
}

static void open_unix(void)
{
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET };
	int fd[2];

	for (size_t i = 0; i < 2 * COUNT(types); i++) {
		if (socketpair(AF_UNIX, types[i % COUNT(types)] | SOCK_NONBLOCK, 0, fd))
			err(1, "socketpair");
		keep(fd[0]);
		keep(fd[1]);
	}
}

/* Bound to the loopback address, and connected to itself. */
static void open_udp(int family)
{
	struct sockaddr_in6 name = { .sin6_family = (sa_family_t)family,
				     .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in *sin = (void *)&name;
	socklen_t len = sizeof(name);
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (family == AF_INET)
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && !bind(fd, (void *)&name, len) && !getsockname(fd, (void *)&name, &len) &&
	    nsockets % 2)
		connect(fd, (void *)&name, len);
	keep(fd);
}

static void open_others(void)
{
	static const struct {
		int family, type, protocol;
	} rows[] = {
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
		{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
		{ AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG },
		{ AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK },
		{ AF_PACKET, SOCK_DGRAM, 0 },
		{ AF_ALG, SOCK_SEQPACKET, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		keep(socket(rows[i].family, rows[i].type | SOCK_NONBLOCK, rows[i].protocol));
	for (int i = 0; i < 4; i++) {
		open_udp(AF_INET);
		open_udp(AF_INET6);
	}
}

/* A network of its own: nothing that is sent reaches anybody. */
static bool own_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &lo);
		close(fd);
	}
	return true;
}

static void make_arena(void)
{
	int fd = memfd_create("arena", MFD_CLOEXEC);

	/* what follows the second mapping is no memory */
	hostile = mmap(NULL, ARENA + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || ftruncate(fd, ARENA) || hostile == MAP_FAILED)
		err(1, "arena");
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (arena == MAP_FAILED || mmap(hostile, ARENA, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		err(1, "arena");
	close(fd);
}

static _Noreturn void process(uint64_t seed, unsigned int threads, bool network)
{
	struct thread t[64];
	pthread_t id[64];

	make_arena();
	open_unix();
	if (network)
		open_others();
	for (unsigned int i = 0; i < threads; i++) {
		t[i].state = (seed + i + 1) * 0x9e3779b97f4a7c15ull;
		if (pthread_create(&id[i], NULL, run, &t[i]))
			errx(1, "no thread");
	}
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	_exit(STATUS);
}

static void on_alarm(int sig)
{
	(void)sig;
	shared->stop = true;
}

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	const struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	unsigned long v[6] = { 0 };
	bool network = own_network(), right = true;
	char line[64];

	if (argc != 7)
		errx(2, "usage: hostile SEED PROCESSES THREADS CALLS SECONDS PACE");
	for (int i = 0; i < 6; i++)
		v[i] = strtoul(argv[i + 1], NULL, 10);
	if (v[2] > 64)
		errx(2, "at most 64 threads");
	limit = v[3];
	pace_us = (unsigned int)v[5];
	make_noise(v[0]);
	signal(SIGPIPE, SIG_IGN);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	say(network ? "ready" : "ready without a network");
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	sigaction(SIGALRM, &sa, NULL);
	alarm((unsigned int)v[4]);
	for (unsigned long i = 0; i < v[1]; i++) {
		if (!fork())
			process(v[0] + i * 1000, (unsigned int)v[2], network);
	}
	for (int status; wait(&status) > 0;)
		right = right && status == STATUS << 8;
	snprintf(line, sizeof(line), "%lu", shared->calls);
	say(line);
	while (fgets(line, sizeof(line), stdin))
		;
	return right ? STATUS : 1;
}
