// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What src/sock learns of another process's sockets is what that process sees itself.  The other process
 * is a child that makes system calls on order; pointers go to a page that both share.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/model.h"
#include "sock/facts.h"

/* ---- a child that does what it is told ---- */

struct order {
	long nr; /* of the system call; -1: fork a child that holds the descriptors and sleeps */
	long args[6];
	long result; /* or -errno */
};

struct puppet {
	int pid;
	int fd;     /* orders go in, answers come out */
	char *page; /* shared, at the same address in both */
	struct facts *facts;
};

enum { PAGE = 65536 };

static void puppet_obey(int fd)
{
	struct order o;

	while (read(fd, &o, sizeof(o)) == sizeof(o)) {
		if (o.nr == -1) {
			o.result = fork();
			if (!o.result) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				close(fd);
				pause();
				_exit(0);
			}
		} else {
			o.result = syscall(o.nr, o.args[0], o.args[1], o.args[2], o.args[3],
					   o.args[4], o.args[5]);
		}
		if (o.result < 0)
			o.result = -errno;
		if (write(fd, &o, sizeof(o)) != sizeof(o))
			break;
	}
	_exit(0);
}

static int setup(void **state)
{
	struct puppet *p = calloc(1, sizeof(*p));
	int sv[2];

	p->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->page == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv))
		return -1;
	p->pid = fork();
	if (!p->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(sv[0]);
		puppet_obey(sv[1]);
	}
	close(sv[1]);
	p->fd = sv[0];
	p->facts = facts_new();
	*state = p;
	return p->pid < 0;
}

static int teardown(void **state)
{
	struct puppet *p = *state;

	facts_free(p->facts);
	close(p->fd);
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	munmap(p->page, PAGE);
	free(p);
	return 0;
}

static long order(struct puppet *p, long nr, long a, long b, long c, long d, long e)
{
	struct order o = { .nr = nr, .args = { a, b, c, d, e, 0 } };

	assert_int_equal(write(p->fd, &o, sizeof(o)), sizeof(o));
	assert_int_equal(read(p->fd, &o, sizeof(o)), sizeof(o));
	return o.result;
}

static long p_sendto(struct puppet *p, int fd, size_t n, const void *sa, size_t len)
{
	struct order o = { .nr = SYS_sendto,
			   .args = { fd, (long)p->page + 512, (long)n, 0, (long)p->page,
				     (long)len } };

	memcpy(p->page, sa, len);
	assert_int_equal(write(p->fd, &o, sizeof(o)), sizeof(o));
	assert_int_equal(read(p->fd, &o, sizeof(o)), sizeof(o));
	return o.result;
}

static long on_page(struct puppet *p, size_t at, const void *what, size_t len)
{
	memcpy(p->page + at, what, len);
	return (long)(p->page + at);
}

static int p_socket(struct puppet *p, int domain, int type, int protocol)
{
	return (int)order(p, SYS_socket, domain, type, protocol, 0, 0);
}

static int p_close(struct puppet *p, int fd)
{
	return (int)order(p, SYS_close, fd, 0, 0, 0, 0);
}

static int p_bind(struct puppet *p, int fd, const void *sa, size_t len)
{
	return (int)order(p, SYS_bind, fd, on_page(p, 0, sa, len), (long)len, 0, 0);
}

static int p_connect(struct puppet *p, int fd, const void *sa, size_t len)
{
	return (int)order(p, SYS_connect, fd, on_page(p, 0, sa, len), (long)len, 0, 0);
}

static int p_setsockopt(struct puppet *p, int fd, int level, int name, const void *v, size_t len)
{
	return (int)order(p, SYS_setsockopt, fd, level, name, on_page(p, 0, v, len), (long)len);
}

static int p_set(struct puppet *p, int fd, int level, int name, int v)
{
	return p_setsockopt(p, fd, level, name, &v, sizeof(v));
}

/* The value is on the page at 256, its length at 0. */
static int p_getsockopt(struct puppet *p, int fd, int level, int name, socklen_t len)
{
	memset(p->page + 256, 0, 256);
	return (int)order(p, SYS_getsockopt, fd, level, name, (long)(p->page + 256),
			  on_page(p, 0, &len, sizeof(len)));
}

static struct addr p_name(struct puppet *p, long nr, int fd)
{
	socklen_t len = sizeof(struct sockaddr_storage);
	long at = on_page(p, 0, &len, sizeof(len));

	if (order(p, nr, fd, (long)(p->page + 256), at, 0, 0) < 0)
		return addr_of(NULL, 0);
	memcpy(&len, p->page, sizeof(len));
	return addr_of(p->page + 256, len);
}

static struct sockaddr_in sin_of(const char *host, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, host, &sin.sin_addr);
	return sin;
}

static struct sockaddr_in6 sin6_of(const char *host, int port)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	inet_pton(AF_INET6, host, &sin6.sin6_addr);
	return sin6;
}

static struct sock *look(struct puppet *p, int fd)
{
	int err = 1;
	struct sock *s = facts_sock(p->facts, p->pid, fd, &err);

	assert_int_equal(err, 0);
	return s;
}

static int own_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* ---- every kind of socket that this kernel has ---- */

static const struct {
	const char *name;
	int domain, type, protocol;
	enum sock_kind kind;
} kinds[] = {
	{ "udp4", AF_INET, SOCK_DGRAM, 0, SOCK_KIND_UDP4 },
	{ "udp6", AF_INET6, SOCK_DGRAM, 0, SOCK_KIND_UDP6 },
	{ "udplite4", AF_INET, SOCK_DGRAM, 136, SOCK_KIND_UDPLITE4 },
	{ "udplite6", AF_INET6, SOCK_DGRAM, 136, SOCK_KIND_UDPLITE6 },
	{ "tcp4", AF_INET, SOCK_STREAM, 0, SOCK_KIND_TCP4 },
	{ "tcp6", AF_INET6, SOCK_STREAM, 0, SOCK_KIND_TCP6 },
	{ "mptcp", AF_INET, SOCK_STREAM, 262, SOCK_KIND_MPTCP },
	{ "raw4", AF_INET, SOCK_RAW, 253, SOCK_KIND_RAW4 },
	{ "raw6", AF_INET6, SOCK_RAW, 253, SOCK_KIND_RAW6 },
	{ "ping4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, SOCK_KIND_PING4 },
	{ "ping6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, SOCK_KIND_PING6 },
	{ "unix-stream", AF_UNIX, SOCK_STREAM, 0, SOCK_KIND_UNIX_STREAM },
	{ "unix-dgram", AF_UNIX, SOCK_DGRAM, 0, SOCK_KIND_UNIX_DGRAM },
	{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET, 0, SOCK_KIND_UNIX_SEQPACKET },
	{ "netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, SOCK_KIND_NETLINK },
	{ "packet", AF_PACKET, SOCK_RAW, 0, SOCK_KIND_PACKET },
	{ "vsock", 40, SOCK_STREAM, 0, SOCK_KIND_VSOCK },
	{ "xdp", 44, SOCK_RAW, 0, SOCK_KIND_XDP },
	{ "alg", 38, SOCK_SEQPACKET, 0, SOCK_KIND_ALG },
	{ "sctp", AF_INET, SOCK_STREAM, 132, SOCK_KIND_SCTP },
	{ "tipc", 30, SOCK_DGRAM, 0, SOCK_KIND_TIPC },
	{ "can-raw", 29, SOCK_RAW, 1, SOCK_KIND_CAN_RAW },
};

/* Options whose value in the snapshot is not the int that getsockopt() gives. */
static bool is_special(enum sock_opt o)
{
	return o == OPT_SO_TIMESTAMPING_NEW || o == OPT_SO_TXTIME || o == OPT_IP_UNICAST_IF ||
	       o == OPT_IPV6_UNICAST_IF || o == OPT_TCP_ULP || o == OPT_SO_TIMESTAMP ||
	       o == OPT_SO_TIMESTAMPNS;
}

/* Everything in s is what the child sees through fd; returns how many options were compared. */
static int compare_with_child(struct puppet *p, const struct sock *s, int fd)
{
	int compared = 0;
	struct addr a;
	uint64_t cookie;
	int v;

	assert_true(s->has & SOCK_HAS_COOKIE);
	assert_int_equal(p_getsockopt(p, fd, SOL_SOCKET, 57 /* SO_COOKIE */, 8), 0);
	memcpy(&cookie, p->page + 256, 8);
	assert_int_equal(s->cookie, cookie);
	assert_int_equal(p_getsockopt(p, fd, SOL_SOCKET, SO_DOMAIN, 4), 0);
	memcpy(&v, p->page + 256, 4);
	assert_int_equal(s->domain, v);
	assert_int_equal(p_getsockopt(p, fd, SOL_SOCKET, SO_PROTOCOL, 4), 0);
	memcpy(&v, p->page + 256, 4);
	assert_int_equal(s->protocol, v);
	a = p_name(p, SYS_getsockname, fd);
	assert_int_equal(a.len, s->local.len);
	assert_memory_equal(&a.ss, &s->local.ss, a.len);
	a = p_name(p, SYS_getpeername, fd);
	assert_int_equal(a.len, s->peer.len);
	assert_memory_equal(&a.ss, &s->peer.ss, a.len);
	for (unsigned int o = 0; o < OPT_COUNT; o++) {
		if (!sock_opt_known(s, o) || is_special(o))
			continue;
		if (s->type == SOCK_STREAM && (o == OPT_SO_RCVBUF || o == OPT_SO_SNDBUF))
			continue; /* TCP changes them as it goes */
		assert_int_equal(
			p_getsockopt(p, fd, sock_opt_rows[o].level, sock_opt_rows[o].optname, 4),
			0);
		memcpy(&v, p->page + 256, 4);
		if (v != sock_opt(s, o))
			fail_msg("%s: %d, the child sees %d", sock_opt_rows[o].name, sock_opt(s, o),
				 v);
		compared++;
	}
	return compared;
}

static void test_every_kind_is_recognised(void **state)
{
	struct puppet *p = *state;
	unsigned int made = 0;
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = p_socket(p, kinds[i].domain, kinds[i].type, kinds[i].protocol);

		if (fd < 0) {
			print_message("# no %s here: %s\n", kinds[i].name, strerror(-fd));
			continue;
		}

		struct sock *s = look(p, fd);

		assert_non_null(s);
		assert_string_equal(sock_kind_name(sock_kind(s)), sock_kind_name(kinds[i].kind));
		assert_true(s->has & SOCK_HAS_INODE);
		assert_true(s->has & SOCK_HAS_NETNS);
		assert_int_equal(s->netns, st.st_ino);
		assert_true(compare_with_child(p, s, fd) >= 5);
		assert_int_equal(s->peer.len, kinds[i].kind == SOCK_KIND_NETLINK ? 12 : 0);
		sock_unref(s);
		p_close(p, fd);
		made++;
	}
	assert_true(made >= 8);
}

static void test_options_are_read_as_the_child_set_them(void **state)
{
	struct puppet *p = *state;
	static const struct {
		enum sock_opt o;
		int level, name, v, want;
	} sets[] = {
		{ OPT_IP_PKTINFO, 0, 8, 1, 1 },
		{ OPT_IP_RECVTTL, 0, 12, 1, 1 },
		{ OPT_IP_TOS, 0, 1, 0x28, 0x28 },
		{ OPT_IPV6_RECVPKTINFO, 41, 49, 1, 1 },
		{ OPT_IPV6_V6ONLY, 41, 26, 1, 1 },
		{ OPT_IPV6_TCLASS, 41, 67, 0x48, 0x48 },
		{ OPT_SO_TIMESTAMP, 1, 29, 1, 29 },
		{ OPT_SO_TIMESTAMP, 1, 63, 1, 63 },
		{ OPT_SO_TIMESTAMPNS, 1, 35, 1, 35 },
		{ OPT_SO_TIMESTAMPNS, 1, 64, 1, 64 },
		{ OPT_SO_TIMESTAMPING, 1, 37, 0x18, 0x18 },
		{ OPT_SO_TIMESTAMPING_NEW, 1, 65, 0x18, 1 },
		{ OPT_SO_PRIORITY, 1, 12, 5, 5 },
		{ OPT_SO_BINDTODEVICE, 1, 62, 1, 1 },
		{ OPT_UDP_SEGMENT, 17, 103, 1200, 1200 },
		{ OPT_UDP_GRO, 17, 104, 1, 1 },
		{ OPT_SO_RXQ_OVFL, 1, 40, 1, 1 },
	};
	int lo = 1, fd, be = (int)htonl(1);
	struct in_addr mc = { htonl(INADDR_LOOPBACK) };
	struct {
		int clock;
		uint32_t flags;
	} txtime = { CLOCK_MONOTONIC, 0 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		fd = p_socket(p, AF_INET6, SOCK_DGRAM, 0);

		struct sock *s = look(p, fd);

		if (p_set(p, fd, sets[i].level, sets[i].name, sets[i].v)) {
			print_message("# can't set %s here\n", sock_opt_rows[sets[i].o].name);
			sock_unref(s);
			p_close(p, fd);
			continue;
		}
		facts_sock_changed(p->facts, s);
		sock_unref(s);
		s = look(p, fd);
		assert_true(sock_opt_known(s, sets[i].o));
		if (sock_opt(s, sets[i].o) != sets[i].want)
			fail_msg("%s is %d, not %d", sock_opt_rows[sets[i].o].name,
				 sock_opt(s, sets[i].o), sets[i].want);
		compare_with_child(p, s, fd);
		sock_unref(s);
		p_close(p, fd);
	}

	fd = p_socket(p, AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(p_setsockopt(p, fd, 0, 50, &be, 4), 0);  /* IP_UNICAST_IF */
	assert_int_equal(p_setsockopt(p, fd, 41, 76, &be, 4), 0); /* IPV6_UNICAST_IF */
	assert_int_equal(p_setsockopt(p, fd, 0, 32, &mc, 4), 0);  /* IP_MULTICAST_IF */
	assert_int_equal(p_setsockopt(p, fd, 1, 61, &txtime, 8), 0);

	struct sock *s = look(p, fd);

	assert_int_equal(sock_opt(s, OPT_IP_UNICAST_IF), lo);
	assert_int_equal(sock_opt(s, OPT_IPV6_UNICAST_IF), lo);
	assert_int_equal(sock_opt(s, OPT_IP_MULTICAST_IF), (int)mc.s_addr);
	assert_int_equal(sock_opt(s, OPT_SO_TXTIME), 1);
	sock_unref(s);
	p_close(p, fd);
}

/* ---- identity ---- */

static void test_cookie_follows_dup_fork_and_not_the_number(void **state)
{
	struct puppet *p = *state;
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	int dup = (int)order(p, SYS_dup, fd, 0, 0, 0, 0);
	struct sock *a = look(p, fd), *b = look(p, dup);
	int other = (int)order(p, -1, 0, 0, 0, 0, 0), err;

	assert_ptr_equal(a, b); /* one snapshot, shared */
	sock_unref(b);
	b = facts_sock(p->facts, other, fd, &err);
	assert_ptr_equal(a, b);
	sock_unref(b);

	/* The number is used again, by a socket of another kind, then by a file. */
	p_close(p, fd);
	assert_int_equal(p_socket(p, AF_UNIX, SOCK_DGRAM, 0), fd);
	b = look(p, fd);
	assert_int_equal(sock_kind(b), SOCK_KIND_UNIX_DGRAM);
	assert_int_not_equal(a->cookie, b->cookie);
	sock_unref(b);
	p_close(p, fd);
	on_page(p, 0, "/dev/null", 10);
	assert_int_equal(order(p, SYS_openat, AT_FDCWD, (long)p->page, O_RDONLY, 0, 0), fd);
	assert_null(look(p, fd));
	assert_null(look(p, fd));
	p_close(p, fd);
	assert_null(facts_sock(p->facts, p->pid, fd, &err));
	assert_int_equal(err, -EBADF);
	assert_int_equal(p_socket(p, AF_INET6, SOCK_STREAM, 0), fd);
	b = look(p, fd);
	assert_int_equal(sock_kind(b), SOCK_KIND_TCP6);
	sock_unref(b);
	p_close(p, fd);
	p_close(p, dup);
	/* the other process still has it */
	b = facts_sock(p->facts, other, fd, &err);
	assert_ptr_equal(a, b);
	sock_unref(a);
	sock_unref(b);
	kill(other, SIGKILL);
	order(p, SYS_wait4, other, 0, 0, 0, 0);
	assert_null(facts_sock(p->facts, other, fd, &err));
	assert_int_equal(err, -ESRCH);
}

static void test_what_is_no_socket(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err, at;

	assert_int_equal(order(p, SYS_pipe2, (long)p->page, 0, 0, 0, 0), 0);
	memcpy(&fd, p->page, sizeof(fd));
	assert_null(look(p, fd));
	p_close(p, fd);
	memcpy(&fd, p->page + 4, sizeof(fd));
	p_close(p, fd);
	assert_null(facts_sock(p->facts, p->pid, -1, &err));
	assert_int_equal(err, -EBADF);
	assert_null(facts_sock(p->facts, p->pid, 1 << 30, &err));
	assert_int_equal(err, -EBADF);
	/* a socket's name in the file system, opened as a path: its mode says socket */
	snprintf(sun.sun_path, sizeof(sun.sun_path), "/tmp/test-sock-facts.%d", getpid());
	fd = p_socket(p, AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(p_bind(p, fd, &sun, sizeof(sun)), 0);
	on_page(p, 0, sun.sun_path, sizeof(sun.sun_path));
	at = (int)order(p, SYS_openat, AT_FDCWD, (long)p->page, O_PATH, 0, 0);
	unlink(sun.sun_path);
	assert_true(at >= 0);
	assert_null(look(p, at));
	p_close(p, at);
	p_close(p, fd);
}

/* ---- names that change ---- */

static void test_names_follow_bind_connect_and_autobind(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in to = sin_of("127.0.0.1", 9);
	struct sockaddr gone = { .sa_family = AF_UNSPEC };
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	struct sock *s = look(p, fd);

	assert_int_equal(addr_port(&s->local), 0);
	assert_true(s->has & SOCK_HAS_PEER);
	assert_int_equal(s->peer.len, 0);
	sock_unref(s);
	/* a send binds it; nobody says that it changed */
	assert_int_equal(p_sendto(p, fd, 1, &to, sizeof(to)), 1);
	s = look(p, fd);
	assert_int_not_equal(addr_port(&s->local), 0);
	compare_with_child(p, s, fd);
	assert_int_equal(p_connect(p, fd, &to, sizeof(to)), 0);
	facts_sock_changed(p->facts, s);
	sock_unref(s);
	s = look(p, fd);
	compare_with_child(p, s, fd);
	assert_int_equal(addr_port(&s->peer), 9);
	assert_true(addr_is_loopback(&s->local));
	assert_int_equal(p_connect(p, fd, &gone, sizeof(gone)), 0);
	facts_sock_changed(p->facts, s);
	sock_unref(s);
	s = look(p, fd);
	compare_with_child(p, s, fd);
	assert_int_equal(s->peer.len, 0);
	sock_unref(s);
	p_close(p, fd);
}

static void test_a_stream_gets_its_peer_when_it_connects(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in6 any = sin6_of("::1", 0);
	int server = p_socket(p, AF_INET6, SOCK_STREAM, 0);
	int client = p_socket(p, AF_INET6, SOCK_STREAM, 0), got;
	struct sock *s = look(p, client), *l;
	struct addr at;

	sock_unref(s);
	assert_int_equal(p_bind(p, server, &any, sizeof(any)), 0);
	assert_int_equal(order(p, SYS_listen, server, 5, 0, 0, 0), 0);
	l = look(p, server);
	assert_int_equal(sock_opt(l, OPT_SO_ACCEPTCONN), 1);
	at = l->local;
	assert_int_equal(p_connect(p, client, &at.ss, at.len), 0);
	s = look(p, client); /* without facts_sock_changed() */
	assert_true(addr_same(&s->peer, &l->local));
	compare_with_child(p, s, client);
	sock_unref(s);
	got = (int)order(p, SYS_accept4, server, 0, 0, 0, 0);
	s = look(p, got);
	assert_true(addr_same(&s->local, &l->local));
	compare_with_child(p, s, got);
	sock_unref(s);
	sock_unref(l);
	p_close(p, got);
	p_close(p, client);
	p_close(p, server);
}

static void test_what_nobody_told_is_seen_within_a_second(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in any = sin_of("0.0.0.0", 0);
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	struct timespec wait = { 1, 100000000 };
	struct sock *s;

	assert_int_equal(p_bind(p, fd, &any, sizeof(any)), 0);
	s = look(p, fd);
	assert_int_equal(sock_opt(s, OPT_IP_PKTINFO), 0);
	sock_unref(s);
	assert_int_equal(p_set(p, fd, 0, 8, 1), 0);
	nanosleep(&wait, NULL);
	s = look(p, fd);
	assert_int_equal(sock_opt(s, OPT_IP_PKTINFO), 1);
	sock_unref(s);
	p_close(p, fd);
}

/* ---- what must not happen ---- */

static void test_a_pending_error_stays_pending(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in closed = sin_of("127.0.0.1", 1);
	struct timespec wait = { 0, 20000000 };
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0), v;

	assert_int_equal(p_connect(p, fd, &closed, sizeof(closed)), 0);
	/* ICMP port unreachable comes back */
	assert_int_equal(p_sendto(p, fd, 1, &closed, sizeof(closed)), 1);
	nanosleep(&wait, NULL);
	for (int i = 0; i < 3; i++) {
		struct sock *s = look(p, fd);

		facts_sock_changed(p->facts, s);
		sock_unref(s);
	}
	assert_int_equal(p_getsockopt(p, fd, SOL_SOCKET, SO_ERROR, 4), 0);
	memcpy(&v, p->page + 256, 4);
	assert_int_equal(v, ECONNREFUSED);
	p_close(p, fd);
}

static void test_no_descriptor_stays_open_and_the_cache_is_bounded(void **state)
{
	struct puppet *p = *state;
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0), before;

	sock_unref(look(p, fd));
	before = own_fds();
	for (int i = 0; i < 6000; i++) { /* more than the cache holds */
		p_close(p, fd);
		assert_int_equal(p_socket(p, AF_UNIX, SOCK_DGRAM, 0), fd);
		sock_unref(look(p, fd));
	}
	assert_int_equal(own_fds(), before);
	p_close(p, fd);
}

static void test_a_closed_socket_is_not_kept_alive(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in at = sin_of("127.0.0.1", 0);
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0), again;
	struct sock *s;

	assert_int_equal(p_bind(p, fd, &at, sizeof(at)), 0);
	s = look(p, fd);
	at.sin_port = htons(addr_port(&s->local));
	p_close(p, fd);
	again = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(p_bind(p, again, &at, sizeof(at)), 0); /* EADDRINUSE if somebody held it */
	sock_unref(s);
	p_close(p, again);
}

/* ---- processes ---- */

static void test_process_facts(void **state)
{
	struct puppet *p = *state;
	struct proc *q = facts_proc(p->facts, p->pid), *again;
	char exe[512] = "";
	struct stat st;
	int fd;

	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_string_equal(q->exe, exe);
	assert_true(q->has & PROC_HAS_IDS);
	assert_int_equal(q->euid, geteuid());
	assert_int_equal(q->egid, getegid());
	assert_true(q->has & PROC_HAS_NFDS);
	assert_true(q->has & PROC_HAS_NOFILE);
	assert_int_equal(q->nofile, sysconf(_SC_OPEN_MAX));
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	assert_int_equal(q->netns, st.st_ino);
	assert_int_equal(stat("/proc/self/ns/user", &st), 0);
	assert_int_equal(q->userns, st.st_ino);
	assert_true(q->has & PROC_HAS_NET_CAPS);

	again = facts_proc(p->facts, p->pid);
	assert_ptr_equal(again, q);
	proc_unref(again);
	fd = p_socket(p, AF_UNIX, SOCK_DGRAM, 0);
	facts_proc_changed(p->facts, p->pid);
	again = facts_proc(p->facts, p->pid);
	assert_int_equal(again->nfds, q->nfds + 1);
	proc_unref(again);
	proc_unref(q);
	p_close(p, fd);
	facts_proc_gone(p->facts, p->pid);
	q = facts_proc(p->facts, 0x3fffffff); /* no such process */
	assert_int_equal(q->has & ~(unsigned int)PROC_HAS_NET_CAPS, 0);
	proc_unref(q);
}

static void *thread_pause(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

static void test_sockets_of_threads_whose_leader_ended(void **state)
{
	struct puppet *p = *state;
	struct timespec wait = { 0, 50000000 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	int pid = fork();

	if (!pid) {
		pthread_t t;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pthread_create(&t, NULL, thread_pause, NULL);
		syscall(SYS_exit, 0); /* this thread only */
	}
	nanosleep(&wait, NULL);

	struct sock *s = facts_sock(p->facts, pid, fd, &err);

	if (!s && err == -EBADF)
		print_message("# before Linux 6.9 a thread can't be asked: skipped\n");
	else
		assert_int_equal(sock_kind(s), SOCK_KIND_UDP4);
	sock_unref(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

static void test_io_uring_is_seen(void **state)
{
	struct puppet *p = *state;
	int fd;

	assert_false(facts_has_io_uring(p->facts, p->pid, -1));
	memset(p->page, 0, 256);
	fd = (int)order(p, 425 /* io_uring_setup */, 4, (long)p->page, 0, 0, 0);
	if (fd < 0) {
		print_message("# no io_uring here: %s\n", strerror(-fd));
		skip();
	}
	assert_true(facts_has_io_uring(p->facts, p->pid, fd));
	assert_true(facts_has_io_uring(p->facts, p->pid, -1));
	assert_false(facts_has_io_uring(p->facts, p->pid, 0));
	p_close(p, fd);
}

/* ---- questions, in our own namespace ---- */

/* What a question about ev is answered: the result. */
static int put(struct facts *f, struct event *ev, const struct question *q, struct answer *a)
{
	*a = (struct answer){ .question = *q };
	return facts_answer(f, ev, q, a);
}

static int route_of(struct facts *f, struct event *ev, const struct addr *dest,
		    struct route_fact *r)
{
	const struct question q = model_route(ev, NULL, dest, 0);
	struct answer a;
	int rc = put(f, ev, &q, &a);

	*r = a.route;
	return rc;
}

static int is_local(struct facts *f, struct event *ev, const struct addr *addr)
{
	const struct question q = { .kind = ASK_IS_LOCAL, .addr = *addr };
	struct answer a;

	return put(f, ev, &q, &a);
}

/* "?": not known. */
static const char *ifname(struct facts *f, struct event *ev, uint32_t index)
{
	const struct question q = { .kind = ASK_IFNAME, .number = index };
	static struct answer a;

	return put(f, ev, &q, &a) ? "?" : a.name;
}

static struct route_fact route_to(struct puppet *p, struct sock *s, const void *sa, size_t len)
{
	struct event ev = { .tgid = p->pid, .fd = -1, .sock = s };
	struct addr dest = addr_of(sa, len);
	struct route_fact r;

	assert_int_equal(route_of(p->facts, &ev, &dest, &r), 0);
	assert_true(r.have);
	return r;
}

static void test_routes_to_ourselves(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in any = sin_of("0.0.0.0", 0), two = sin_of("127.0.0.2", 53);
	struct sockaddr_in6 any6 = sin6_of("::", 0), mapped = sin6_of("::ffff:127.0.0.3", 53);
	int fd = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	int fd6 = p_socket(p, AF_INET6, SOCK_DGRAM, 0);
	struct addr lo = addr_of(&two, sizeof(two)), a;
	struct event ev = { .tgid = p->pid, .fd = fd };
	struct route_fact r;
	struct sock *s;

	two.sin_port = htons(53);
	lo = addr_of_in(&(struct in_addr){ htonl(INADDR_LOOPBACK) }, 0);
	assert_int_equal(p_bind(p, fd, &any, sizeof(any)), 0);
	assert_int_equal(p_bind(p, fd6, &any6, sizeof(any6)), 0);
	s = look(p, fd);
	r = route_to(p, s, &two, sizeof(two));
	assert_int_equal(r.err, 0);
	assert_true(addr_same_host(&r.source, &lo));
	assert_int_equal(addr_port(&r.source), addr_port(&s->local));
	assert_true(r.candidates > 1); /* all of 127/8 is ours */

	ev.sock = s;
	assert_string_equal(ifname(p->facts, &ev, 1), "lo");
	assert_string_equal(ifname(p->facts, &ev, 12345678), "");
	a = addr_of(&two, sizeof(two));
	assert_int_equal(is_local(p->facts, &ev, &a), 1);
	any = sin_of("203.0.113.77", 0);
	a = addr_of(&any, sizeof(any));
	assert_int_equal(is_local(p->facts, &ev, &a), 0);
	sock_unref(s);

	s = look(p, fd6);
	r = route_to(p, s, &mapped, sizeof(mapped));
	assert_true(addr_same_host(&r.source, &lo));
	any6 = sin6_of("::1", 53);
	r = route_to(p, s, &any6, sizeof(any6));
	a = addr_of(&any6, sizeof(any6));
	if (!r.err)
		assert_true(addr_same_host(&r.source, &a));
	sock_unref(s);
	p_close(p, fd);

	/* bound to one address: that is the source */
	fd = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	any = sin_of("127.0.0.9", 0);
	assert_int_equal(p_bind(p, fd, &any, sizeof(any)), 0);
	s = look(p, fd);
	r = route_to(p, s, &two, sizeof(two));
	assert_true(addr_same(&r.source, &s->local));
	sock_unref(s);
	p_close(p, fd);
	p_close(p, fd6);
}

/* ---- with less than full rights ---- */

/* In a process of its own: 0, or the line of what was wrong. */
#define DEMAND(x)                                                                                  \
	do {                                                                                       \
		if (!(x))                                                                          \
			_exit(1 + __LINE__ % 254);                                                 \
	} while (0)

static void refuse_borrowing(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);

	DEMAND(c);
	DEMAND(!seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), 438 /* pidfd_getfd */, 0));
	DEMAND(!seccomp_load(c));
	seccomp_release(c);
}

/* How a forked process that made its demands ended. */
static int outcome_of(int pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void look_without_borrowing(const struct puppet *p, const int *fds, const struct addr *at)
{
	struct facts *f = facts_new();
	struct sock *s;
	int err;

	s = facts_sock(f, p->pid, fds[0], &err);
	DEMAND(s && sock_kind(s) == SOCK_KIND_UDP6);
	DEMAND(s->has & SOCK_HAS_COOKIE && s->has & SOCK_HAS_NETNS && s->has & SOCK_HAS_INODE);
	DEMAND(addr_same(&s->local, at) && s->has & SOCK_HAS_PEER && !s->peer.len);
	DEMAND(!sock_opt_known(s, OPT_IP_PKTINFO)); /* can't be had, so it isn't claimed */
	sock_unref(s);
	s = facts_sock(f, p->pid, fds[1], &err);
	DEMAND(s && sock_kind(s) == SOCK_KIND_UDP4 && addr_port(&s->peer) == 53);
	sock_unref(s);
	s = facts_sock(f, p->pid, fds[2], &err);
	DEMAND(s && sock_kind(s) == SOCK_KIND_UNIX_SEQPACKET);
	sock_unref(s);
	s = facts_sock(f, p->pid, fds[3], &err);
	DEMAND(s && sock_kind(s) == SOCK_KIND_NETLINK && s->protocol == NETLINK_ROUTE);
	sock_unref(s);
	s = facts_sock(f, p->pid, fds[4], &err);
	DEMAND(!s && !err); /* a file */
	s = facts_sock(f, p->pid, 99999, &err);
	DEMAND(!s && err == -EBADF);
	DEMAND(facts_missing(f, 0) && strstr(facts_missing(f, 0), "pidfd_getfd"));
	DEMAND(!facts_missing(f, 1));
	facts_free(f);
}

static void test_where_nothing_can_be_borrowed(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in6 any6 = sin6_of("::", 0);
	struct sockaddr_in to = sin_of("127.0.0.1", 53);
	int fds[5];
	struct addr at;

	fds[0] = p_socket(p, AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(p_bind(p, fds[0], &any6, sizeof(any6)), 0);
	at = p_name(p, SYS_getsockname, fds[0]);
	fds[1] = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(p_connect(p, fds[1], &to, sizeof(to)), 0);
	fds[2] = p_socket(p, AF_UNIX, SOCK_SEQPACKET, 0);
	fds[3] = p_socket(p, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	on_page(p, 0, "/dev/null", 10);
	fds[4] = (int)order(p, SYS_openat, AT_FDCWD, (long)p->page, O_RDONLY, 0, 0);

	int pid = fork();

	if (!pid) {
		refuse_borrowing();
		look_without_borrowing(p, fds, &at);
		_exit(0);
	}
	assert_int_equal(outcome_of(pid), 0);
	for (unsigned int i = 0; i < 5; i++)
		p_close(p, fds[i]);
}

/* Linux before 5.14, for a user: neither SO_NETNS_COOKIE nor SIOCGSKNS. */
static void refuse_to_tell_the_namespace(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);

	DEMAND(c);
	DEMAND(!seccomp_rule_add(
		c, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt), 1,
		(struct scmp_arg_cmp){ .arg = 2, .op = SCMP_CMP_EQ, .datum_a = 71 }));
	DEMAND(!seccomp_rule_add(
		c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
		(struct scmp_arg_cmp){ .arg = 1, .op = SCMP_CMP_EQ, .datum_a = 0x894c }));
	DEMAND(!seccomp_load(c));
	seccomp_release(c);
}

static void test_the_namespace_on_an_old_kernel(void **state)
{
	struct puppet *p = *state;
	struct sockaddr_in6 any6 = sin6_of("::", 0);
	int fd = p_socket(p, AF_INET6, SOCK_DGRAM, 0), loose = p_socket(p, AF_INET, SOCK_DGRAM, 0);
	struct stat st;
	int pid;

	assert_int_equal(p_bind(p, fd, &any6, sizeof(any6)), 0);
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	pid = fork();
	if (!pid) {
		struct facts *f = facts_new();
		struct sock *s;

		refuse_to_tell_the_namespace();
		s = facts_sock(f, p->pid, fd, NULL);
		DEMAND(s && s->has & SOCK_HAS_NETNS && s->netns == st.st_ino);
		facts_sock_changed(f, s);
		sock_unref(s);
		s = facts_sock(f, p->pid, fd, NULL);
		DEMAND(s && s->has & SOCK_HAS_NETNS && s->netns == st.st_ino);
		sock_unref(s);
		s = facts_sock(f, p->pid, loose, NULL);
		DEMAND(s && !(s->has & SOCK_HAS_NETNS)); /* nothing proves it */
		sock_unref(s);
		facts_free(f);
		_exit(0);
	}
	assert_int_equal(outcome_of(pid), 0);
	p_close(p, fd);
	p_close(p, loose);
}

static void lo_up(void)
{
	struct ifreq r = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(r.ifr_name, "lo");
	DEMAND(!ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
}

/* A server in a user and network namespace of its own, as rootless containers have them. */
static void rootless_server(int out)
{
	struct sockaddr_in any = sin_of("0.0.0.0", 0);
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		fd = -errno;
	} else {
		lo_up();
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		DEMAND(!bind(fd, (struct sockaddr *)&any, sizeof(any)));
	}
	DEMAND(write(out, &fd, sizeof(fd)) == sizeof(fd));
	pause();
	_exit(0);
}

enum { NOT_HERE = 77 };

static void rootless_tracer(void)
{
	struct sockaddr_in sin = sin_of("127.0.0.2", 53);
	struct addr dest = addr_of(&sin, sizeof(sin)), lo;
	struct facts *f = facts_new();
	struct route_fact r;
	int to[2], pid, fd, err;

	sin = sin_of("127.0.0.1", 0);
	lo = addr_of(&sin, sizeof(sin));
	DEMAND(geteuid() || !setresuid(65534, 65534, 65534));
	prctl(PR_SET_DUMPABLE, 1);
	DEMAND(!pipe2(to, O_CLOEXEC));
	pid = fork();
	if (!pid)
		rootless_server(to[1]);
	DEMAND(read(to[0], &fd, sizeof(fd)) == sizeof(fd));
	if (fd < 0)
		_exit(NOT_HERE);

	struct event ev = { .tgid = pid, .fd = fd, .proc = facts_proc(f, pid) };
	struct stat st;

	DEMAND(ev.proc->has & PROC_HAS_NET_CAPS && ev.proc->caps_in_netns);
	ev.sock = facts_sock(f, pid, fd, &err);
	DEMAND(ev.sock && sock_kind(ev.sock) == SOCK_KIND_UDP4);
	DEMAND(!stat("/proc/self/ns/net", &st));
	DEMAND(ev.sock->has & SOCK_HAS_NETNS && ev.sock->netns != st.st_ino);
	DEMAND(ev.sock->netns == ev.proc->netns);
	DEMAND(!route_of(f, &ev, &dest, &r));
	DEMAND(r.have && !r.err && addr_same_host(&r.source, &lo));
	DEMAND(r.oif == 1 && !strcmp(ifname(f, &ev, 1), "lo"));
	DEMAND(!facts_missing(f, 0));
	sock_unref(ev.sock);
	proc_unref(ev.proc);
	facts_proc_gone(f, pid);
	facts_free(f);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	_exit(0);
}

/* A user namespace without a network namespace of its own: no capability counts in that of all. */
static void inner_tracer(void)
{
	struct facts *f = facts_new();
	struct proc *p;

	DEMAND(geteuid() || !setresuid(65534, 65534, 65534));
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER))
		_exit(NOT_HERE);

	int pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	p = facts_proc(f, pid);
	DEMAND(p->has & PROC_HAS_CAPS && p->caps >> 13 & 1); /* CAP_NET_RAW, but */
	DEMAND(p->has & PROC_HAS_NET_CAPS && !p->caps_in_netns);
	proc_unref(p);
	facts_free(f);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	_exit(0);
}

static void test_capabilities_that_do_not_count_in_the_namespace(void **state)
{
	int pid = fork(), rc;

	(void)state;
	if (!pid)
		inner_tracer();
	rc = outcome_of(pid);
	if (rc == NOT_HERE) {
		print_message("# user namespaces can't be made here\n");
		skip();
	}
	assert_int_equal(rc, 0);
}

static void test_a_namespace_of_the_users_own(void **state)
{
	int pid = fork(), rc;

	(void)state;
	if (!pid)
		rootless_tracer();
	rc = outcome_of(pid);
	if (rc == NOT_HERE) {
		print_message("# user namespaces can't be made here\n");
		skip();
	}
	assert_int_equal(rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_is_recognised),
		cmocka_unit_test(test_options_are_read_as_the_child_set_them),
		cmocka_unit_test(test_cookie_follows_dup_fork_and_not_the_number),
		cmocka_unit_test(test_what_is_no_socket),
		cmocka_unit_test(test_names_follow_bind_connect_and_autobind),
		cmocka_unit_test(test_a_stream_gets_its_peer_when_it_connects),
		cmocka_unit_test(test_what_nobody_told_is_seen_within_a_second),
		cmocka_unit_test(test_a_pending_error_stays_pending),
		cmocka_unit_test(test_no_descriptor_stays_open_and_the_cache_is_bounded),
		cmocka_unit_test(test_a_closed_socket_is_not_kept_alive),
		cmocka_unit_test(test_process_facts),
		cmocka_unit_test(test_sockets_of_threads_whose_leader_ended),
		cmocka_unit_test(test_io_uring_is_seen),
		cmocka_unit_test(test_routes_to_ourselves),
		cmocka_unit_test(test_where_nothing_can_be_borrowed),
		cmocka_unit_test(test_the_namespace_on_an_old_kernel),
		cmocka_unit_test(test_a_namespace_of_the_users_own),
		cmocka_unit_test(test_capabilities_that_do_not_count_in_the_namespace),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
