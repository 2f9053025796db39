// SPDX-License-Identifier: LGPL-2.1-or-later
/* Families 3, 4, 7 and 9: descriptors, receiving, credentials, the tracer's limits. */
#include "config.h"

#include "situations.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void claim(int pid)
{
	struct ucred u = { .pid = pid, .uid = getuid(), .gid = getgid() };
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	on(pair[1], SOL_SOCKET, SO_PASSCRED);
	add(&c, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u));
	send_unix(pair[0], &c, 1);
}

static void ct701_bad(void)
{
	if (!getuid()) /* root may claim anything */
		must(setresuid(65534, 65534, 65534), "setresuid");
	claim(1);
}

static void ct701_good(void)
{
	claim(getpid());
}

static void ct901_bad(void)
{
	unsigned char params[120] = { 0 }; /* struct io_uring_params */

	must(syscall(425, 1, params), "io_uring_setup");
}

static void ct901_good(void)
{
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	must(send_unix(pair[0], NULL, 1), "sendmsg");
}

/* ---- descriptors ---- */

/* n descriptors on one end of a pair; what is sent and how it is received is the situation. */
static void add_fds(struct control *c, unsigned int n)
{
	int fds[512];

	for (unsigned int i = 0; i < n; i++)
		fds[i] = 2;
	add(c, SOL_SOCKET, SCM_RIGHTS, fds, n * sizeof(fds[0]));
}

static void receive_fds(int fd, size_t room, int flags, bool closed)
{
	struct control c = { .len = 0 };
	char byte[64];
	struct iovec iov = { byte, sizeof(byte) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.b, .msg_controllen = room
	};

	must(recvmsg(fd, &m, flags), "recvmsg");
	if (closed)
		close_rights(&m);
}

static void pass(unsigned int n, size_t room, int flags, bool closed)
{
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	add_fds(&c, n);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	receive_fds(pair[1], room, flags, closed);
}

static void pass_fds(unsigned int n, size_t room, int flags)
{
	pass(n, room, flags, true);
}

static void ct301_bad(void)
{
	pass_fds(3, CMSG_SPACE(sizeof(int)), MSG_CMSG_CLOEXEC);
}

static void fds_right(void)
{
	pass_fds(3, CMSG_SPACE(3 * sizeof(int)), MSG_CMSG_CLOEXEC);
}

/* Two are expected, and come; then what? */
static void ct303_bad(void)
{
	pass(2, CMSG_SPACE(2 * sizeof(int)), MSG_CMSG_CLOEXEC, false);
}

static void ct303_good(void)
{
	int next = dup(2);

	close(next); /* the numbers that the two will get */
	pass(2, CMSG_SPACE(2 * sizeof(int)), MSG_CMSG_CLOEXEC, false);
	close(next + 2);
	must(write(next + 3, "", 0), "write");
}

static void ct302_bad(void)
{
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	add_fds(&c, 300);
	send_unix(pair[0], &c, 1); /* EINVAL */
}

static void short_write(bool again)
{
	struct control c = { .len = 0 }, got;
	int pair[2];
	char data[4096];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m;

	unix_pair(SOCK_STREAM | SOCK_NONBLOCK, pair);
	must(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &(int){ 4096 }, sizeof(int)), "SO_SNDBUF");
	add_fds(&c, 1);
	must(send_unix(pair[0], &c, 60000), "sendmsg");
	do
		m = (struct msghdr){ .msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = got.b,
				     .msg_controllen = sizeof(got.b) };
	while (recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC) > 0 && (close_rights(&m), true));
	must(send_unix(pair[0], again ? &c : NULL, 1), "sendmsg");
}

static void ct304_bad(void)
{
	short_write(true);
}

static void ct304_good(void)
{
	short_write(false);
}

static void stream_fds(const struct control *c, size_t size)
{
	int pair[2];

	unix_pair(SOCK_STREAM, pair);
	must(send_unix(pair[0], c, size), "sendmsg");
}

static void ct305_bad(void)
{
	struct control c = { .len = 0 };

	add_fds(&c, 1);
	stream_fds(&c, 0);
}

static void ct305_good(void)
{
	struct control c = { .len = 0 };

	add_fds(&c, 1);
	stream_fds(&c, 1);
}

static void ct306_bad(void)
{
	struct control c = { .len = 0 };

	add(&c, SOL_SOCKET, SCM_RIGHTS, NULL, 0);
	stream_fds(&c, 1);
}

static void *wait_a_second(void *ctx)
{
	(void)ctx;
	sleep(1);
	return NULL;
}

/* While another thread runs, which might execute a program. */
static void ct307_bad(void)
{
	pthread_t other;

	if (pthread_create(&other, NULL, wait_a_second, NULL))
		die("pthread_create");
	pass_fds(1, CMSG_SPACE(sizeof(int)), 0);
	pthread_cancel(other);
	pthread_join(other, NULL);
}

static void ct308_bad(void)
{
	pass_fds(1, CMSG_SPACE(sizeof(int)), MSG_PEEK | MSG_CMSG_CLOEXEC);
}

/* ---- receiving ---- */

static void receive_once(int fd, struct control *c, size_t room, size_t *controllen)
{
	char data[1500];
	struct iovec iov = { data, sizeof(data) };
	static struct msghdr m; /* one place, as in a loop */

	m = (struct msghdr){
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c->b, .msg_controllen = room
	};
	must(recvmsg(fd, &m, 0), "recvmsg");
	*controllen = m.msg_controllen;
}

static void receive_options(size_t room)
{
	int server = udp4("127.0.0.1"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));
	struct control c = { .len = 0 };
	size_t back;

	on(server, IPPROTO_IP, IP_PKTINFO);
	on(server, IPPROTO_IP, IP_RECVTTL);
	must(send_to(client, &to, NULL), "sendmsg");
	receive_once(server, &c, room, &back);
}

static void ct401_bad(void)
{
	receive_options(CMSG_SPACE(sizeof(int)));
}

static void options_right(void)
{
	receive_options(CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int)));
}

static void dual_stack(bool both)
{
	int server = udp6("::ffff:127.0.0.1"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));
	struct control c = { .len = 0 };
	struct sockaddr_storage from;
	char data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.b,
			    .msg_controllen = sizeof(c.b) };

	on(server, IPPROTO_IPV6, IPV6_RECVTCLASS);
	if (both)
		on(server, IPPROTO_IP, IP_RECVTOS);
	must(send_to(client, &to, NULL), "sendmsg");
	must(recvmsg(server, &m, 0), "recvmsg");
}

static void ct402_bad(void)
{
	dual_stack(false);
}

static void ct402_good(void)
{
	dual_stack(true);
}

static void loop(bool restored)
{
	int server = udp4("127.0.0.1"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));
	struct control c = { .len = 0 };
	size_t room = 256, back;

	for (int i = 0; i < 2; i++) {
		if (i)
			on(server, IPPROTO_IP, IP_PKTINFO);
		must(send_to(client, &to, NULL), "sendmsg");
		receive_once(server, &c, room, &back);
		if (!restored)
			room = back;
	}
}

static void ct403_bad(void)
{
	loop(false);
}

static void ct403_good(void)
{
	loop(true);
}

static void unheard(bool drained)
{
	int fd = udp4("127.0.0.1"), gone = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(gone));
	struct control c = { .len = 0 };
	char data[64];
	struct iovec iov = { data, sizeof(data) };

	close(gone);
	on(fd, IPPROTO_IP, IP_RECVERR);
	must(connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect");
	for (int i = 0; i < 40; i++) {
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = c.b,
				    .msg_controllen = sizeof(c.b) };

		send(fd, "hello", 5, 0); /* ECONNREFUSED every other time */
		if (drained)
			recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
	}
}

static void ct406_bad(void)
{
	unheard(false);
}

static void ct406_good(void)
{
	unheard(true);
}

/* A connection whose sender pins pages, of which it may pin 16. */
static void pinned(bool read)
{
	enum { ZEROCOPY = 60, FLAG = 0x4000000, SIZE = 20000 };
	static char data[SIZE], control[128];
	struct rlimit few = { 65536, 65536 };
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), server;
	struct sockaddr_in at = to4("127.0.0.1", 0);

	must(bind(listening, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(listening, 1), "listen");
	at.sin_port = htons(port_of(listening));
	must(connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
	server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	must(server, "accept");
	on(client, SOL_SOCKET, ZEROCOPY);
	must(setrlimit(RLIMIT_MEMLOCK, &few), "setrlimit");
	if (!getuid()) /* root may pin all it likes */
		must(setresuid(65534, 65534, 65534), "setresuid");
	for (int i = 0; i < 20 && send(client, data, SIZE, FLAG) > 0; i++) {
		struct msghdr m;

		if (!read)
			continue;
		must(recv(server, data, SIZE, MSG_WAITALL), "recv");
		do
			m = (struct msghdr){ .msg_control = control,
					     .msg_controllen = sizeof(control) };
		while (recvmsg(client, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
	}
}

static void ct409_bad(void)
{
	pinned(false);
}

static void ct409_good(void)
{
	pinned(true);
}

/* A packet with its time, and interface lo, which has no queue. */
static void timed(bool timed)
{
	enum { TXTIME = 61 };
	struct {
		int clock;
		uint32_t flags;
	} by = { CLOCK_MONOTONIC, 0 };
	int server = udp4("127.0.0.1"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));
	struct control c = { .len = 0 };
	struct timespec now;
	uint64_t at;

	must(setsockopt(client, SOL_SOCKET, TXTIME, &by, sizeof(by)), "SO_TXTIME");
	clock_gettime(CLOCK_MONOTONIC, &now);
	at = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + 50000000;
	add(&c, SOL_SOCKET, TXTIME, &at, sizeof(at));
	must(send_to(client, &to, timed ? &c : NULL), "sendmsg");
}

static void ct504_bad(void)
{
	timed(true);
}

static void ct504_good(void)
{
	timed(false);
}

static void named(socklen_t len)
{
	int server = udp6("::1"), client = udp6("::1");
	struct sockaddr_in6 to = to6("::1", port_of(server));
	struct sockaddr_storage from;
	char data[64];

	must(sendto(client, "question", 8, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	must(recvfrom(server, data, sizeof(data), 0, (struct sockaddr *)&from, &len), "recvfrom");
}

static void ct407_bad(void)
{
	named(sizeof(struct sockaddr_in));
}

static void ct407_good(void)
{
	named(sizeof(struct sockaddr_storage));
}

static void datagram(size_t room)
{
	int pair[2];
	char data[64];
	struct iovec iov = { data, room };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	unix_pair(SOCK_DGRAM, pair);
	must(send_unix(pair[0], NULL, 32), "sendmsg");
	must(recvmsg(pair[1], &m, 0), "recvmsg");
}

static void ct408_bad(void)
{
	datagram(16);
}

static void ct408_good(void)
{
	datagram(64);
}

static void ask_kernel(bool name)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} ask = { .h = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = RTM_GETLINK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		  .g = { .rtgen_family = AF_UNSPEC } };
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	static char data[65536];

	must(fd, "socket");
	must(send(fd, &ask, sizeof(ask), 0), "send");
	must(recvfrom(fd, data, sizeof(data), 0, name ? (struct sockaddr *)&from : NULL,
		      name ? &len : NULL),
	     "recvfrom");
}

static void stamped(bool both)
{
	int server = udp4("127.0.0.1"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));
	struct control c = { .len = 0 };
	size_t back;

	if (both)
		on(server, SOL_SOCKET, SO_TIMESTAMP);
	on(server, SOL_SOCKET, SO_TIMESTAMPNS);
	must(send_to(client, &to, NULL), "sendmsg");
	receive_once(server, &c, sizeof(c.b), &back);
}

static void ct405_bad(void)
{
	stamped(true);
}

static void ct405_good(void)
{
	stamped(false);
}

/* A connection whose first record is an alert; the keys are no secret. */
static void alerted(bool room)
{
	struct {
		uint16_t version, cipher; /* TLS 1.2, AES-GCM-128: linux/tls.h */
		unsigned char key[8 + 16 + 4 + 8];
	} keys = { 0x0303, 51, { 0 } };
	enum { ULP = 31, LEVEL_TLS = 282, TX = 1, RX = 2, SET_TYPE = 1, ALERT = 21 };
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), server;
	struct sockaddr_in at = to4("127.0.0.1", 0);
	struct control c = { .len = 0 };
	char data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	must(bind(listening, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(listening, 1), "listen");
	at.sin_port = htons(port_of(listening));
	must(connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
	server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	must(server, "accept");
	if (setsockopt(client, IPPROTO_TCP, ULP, "tls", 3) ||
	    setsockopt(server, IPPROTO_TCP, ULP, "tls", 3)) {
		fprintf(stderr, "this kernel has no TLS\n");
		exit(77);
	}
	must(setsockopt(client, LEVEL_TLS, TX, &keys, sizeof(keys)), "TLS_TX");
	must(setsockopt(server, LEVEL_TLS, RX, &keys, sizeof(keys)), "TLS_RX");
	add(&c, LEVEL_TLS, SET_TYPE, &(unsigned char){ ALERT }, 1);
	must(send_unix(client, &c, 2), "sendmsg");
	if (room) {
		m.msg_control = c.b;
		m.msg_controllen = sizeof(c.b);
	}
	recvmsg(server, &m, 0); /* EIO without room */
}

static void ct601_bad(void)
{
	alerted(false);
}

static void ct601_good(void)
{
	alerted(true);
}

static void heard(bool late)
{
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	if (!late)
		on(pair[1], SOL_SOCKET, SO_PASSCRED);
	must(send_unix(pair[0], NULL, 1), "sendmsg");
	on(pair[1], SOL_SOCKET, SO_PASSCRED);
	receive_fds(pair[1], 64, 0, false);
}

static void ct703_bad(void)
{
	heard(true);
}

static void ct703_good(void)
{
	heard(false);
}

static void ct702_bad(void)
{
	ask_kernel(false);
}

static void ct702_good(void)
{
	ask_kernel(true);
}

/* A fact is missing where the tracer can't look: its recording is CT201's without the routes. */
static void only_recorded(void)
{
	fprintf(stderr, "it exists as a recording only\n");
	exit(77);
}

const struct situation situations_rest[] = {
	{ "CT301", ct301_bad, fds_right },         { "CT302", ct302_bad, fds_right },
	{ "CT303", ct303_bad, ct303_good },        { "CT304", ct304_bad, ct304_good },
	{ "CT305", ct305_bad, ct305_good },        { "CT306", ct306_bad, ct305_good },
	{ "CT307", ct307_bad, fds_right },         { "CT308", ct308_bad, fds_right },
	{ "CT401", ct401_bad, options_right },     { "CT402", ct402_bad, ct402_good },
	{ "CT403", ct403_bad, ct403_good },        { "CT405", ct405_bad, ct405_good },
	{ "CT406", ct406_bad, ct406_good },        { "CT407", ct407_bad, ct407_good },
	{ "CT408", ct408_bad, ct408_good },        { "CT409", ct409_bad, ct409_good },
	{ "CT504", ct504_bad, ct504_good },        { "CT601", ct601_bad, ct601_good },
	{ "CT701", ct701_bad, ct701_good },        { "CT702", ct702_bad, ct702_good },
	{ "CT703", ct703_bad, ct703_good },        { "CT901", ct901_bad, ct901_good },
	{ "CT902", only_recorded, only_recorded }, { 0 },
};
