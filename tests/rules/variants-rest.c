// SPDX-License-Identifier: LGPL-2.1-or-later
/* Neighbours of the situations of families 3, 4 and 7, and of CT503: see variants-send.c. */
#include "config.h"

#include "situations.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
	LEVEL_UDP = 17,
	STAMPNS_OLD = 35,
	STAMPING_OLD = 37,
	STAMP_NEW = 63,
	STAMPNS_NEW = 64,
	STAMPING_NEW = 65,
	SOF_SOFTWARE = 1 << 4 | 1 << 3, /* report, and take them on receive */
	SOF_HARDWARE = 1 << 6 | 1 << 2,
	SOF_TX_SOFTWARE = 1 << 1,
	PASSPIDFD = 76,
	TXTIME = 61,
};

static long receive(int fd, struct msghdr *m, int flags)
{
	static char data[65536];
	static struct iovec iov;

	iov = (struct iovec){ data, sizeof(data) };
	m->msg_iov = &iov;
	m->msg_iovlen = 1;
	return recvmsg(fd, m, flags);
}

static long receive_with(int fd, size_t room, int flags)
{
	struct control c = { .len = 0 };
	struct msghdr m = { .msg_control = room ? c.b : NULL, .msg_controllen = room };

	long n = receive(fd, &m, flags);

	if (n >= 0 && room)
		close_rights(&m);
	return n;
}

/* ---- family 3 ---- */

static void limit_of_descriptors(void)
{
	struct control c = { .len = 0 };
	struct rlimit few = { 8, 8 };
	int pair[2], fds[] = { 2, 2, 2, 2, 2, 2, 2, 2 };

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, fds, 8);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(setrlimit(RLIMIT_NOFILE, &few), "setrlimit");
	receive_with(pair[1], CMSG_SPACE(8 * sizeof(int)), MSG_CMSG_CLOEXEC);
}

static void wayland(size_t n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct control c = { .len = 0 };
	int fds[29];

	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/cmsgtrace-%d/wayland-0", getpid());
	*strrchr(at.sun_path, '/') = '\0';
	must(mkdir(at.sun_path, 0700), "mkdir");
	at.sun_path[strlen(at.sun_path)] = '/';
	must(bind(listening, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(listening, 1), "listen");
	must(connect(fd, (struct sockaddr *)&at, sizeof(at)), "connect");
	unlink(at.sun_path);
	*strrchr(at.sun_path, '/') = '\0';
	rmdir(at.sun_path);
	for (size_t i = 0; i < n; i++)
		fds[i] = 2;
	rights(&c, fds, n);
	must(send_unix(fd, &c, 1), "sendmsg");
}

static void wayland_too_many(void)
{
	wayland(29);
}

static void wayland_most(void)
{
	wayland(28);
}

static void short_write(bool plain_rest, bool again)
{
	struct control c = { .len = 0 };
	static char data[60000];
	int pair[2], fd = 2;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	long n;

	unix_pair(SOCK_STREAM | SOCK_NONBLOCK, pair);
	set(pair[0], SOL_SOCKET, SO_SNDBUF, 4096);
	rights(&c, &fd, 1);
	m.msg_control = c.b;
	m.msg_controllen = c.len;
	n = sendmsg(pair[0], &m, 0);
	must(n, "sendmsg");
	iov.iov_base = data + n;
	iov.iov_len -= (size_t)n;
	while (receive_with(pair[1], 64, MSG_CMSG_CLOEXEC) > 0)
		;
	if (plain_rest)
		must(send(pair[0], data + n, 1000, 0), "send");
	if (again) /* the rest, or a message of its own */
		must(plain_rest ? send_unix(pair[0], &c, 1) : sendmsg(pair[0], &m, 0), "sendmsg");
}

static void rest_with_descriptors(void)
{
	short_write(false, true);
}

static void same_descriptor_later(void)
{
	short_write(true, true);
}

static void rights_without_data(int type)
{
	struct control c = { .len = 0 };
	int pair[2], fd = 2;

	unix_pair(type, pair);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], &c, 0), "sendmsg");
}

static void seqpacket_without_data(void)
{
	rights_without_data(SOCK_SEQPACKET);
}

static void stream_without_data(void)
{
	rights_without_data(SOCK_STREAM);
}

static void half_a_descriptor(void)
{
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	add(&c, SOL_SOCKET, SCM_RIGHTS, "\2\0", 2);
	must(send_unix(pair[0], &c, 1), "sendmsg");
}

static void pass_one(int flags, size_t room)
{
	struct control c = { .len = 0 };
	int pair[2], fd = 2;

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(receive_with(pair[1], room, flags), "recvmsg");
}

static void peek_without_control(void)
{
	int pair[2];
	struct control c = { .len = 0 };
	int fd = 2;

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(recv(pair[1], (char[8]){ 0 }, 8, MSG_PEEK), "recv");
	must(receive_with(pair[1], 64, MSG_CMSG_CLOEXEC), "recvmsg");
}

/* What a thread of its own, a child or a later message does with descriptors is use as well. */
static void keep(int type, int got[2], int pair[2])
{
	struct control c = { .len = 0 };
	struct msghdr m = { .msg_control = c.b, .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	int fds[] = { 2, 2 };

	unix_pair(type, pair);
	rights(&c, fds, 2);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(receive(pair[1], &m, MSG_CMSG_CLOEXEC), "recvmsg");
	memcpy(got, c.b + sizeof(struct cmsghdr), 2 * sizeof(int));
}

static void one_of_two_kept(void)
{
	int got[2], pair[2];

	keep(SOCK_DGRAM, got, pair);
	must(write(got[0], "", 0), "write");
}

static void sent_on(void)
{
	struct control c = { .len = 0 };
	int got[2], pair[2];

	keep(SOCK_STREAM, got, pair);
	rights(&c, got, 2);
	must(send_unix(pair[0], &c, 1), "sendmsg");
}

static void polled_and_mapped(void)
{
	int got[2], pair[2];
	struct pollfd wait = { .events = POLLIN };

	keep(SOCK_SEQPACKET, got, pair);
	wait.fd = got[0];
	must(poll(&wait, 1, 0), "poll");
	mmap(NULL, 1, PROT_READ, MAP_SHARED, got[1], 0);
}

static void left_to_a_child(void)
{
	int got[2], pair[2];
	pid_t child;

	keep(SOCK_DGRAM, got, pair);
	child = fork();
	if (!child)
		_exit(0);
	must(waitpid(child, NULL, 0), "waitpid");
}

static void only_marked(void)
{
	int got[2], pair[2];

	keep(SOCK_DGRAM, got, pair);
	fcntl(got[0], F_SETFD, FD_CLOEXEC);
	close(got[1]);
}

static void no_control_for_descriptors(void)
{
	pass_one(MSG_CMSG_CLOEXEC, 0);
}

/* What nothing tells: a receive without control data closes them. */
static void recv_of_descriptors(void)
{
	struct control c = { .len = 0 };
	int pair[2], fd = 2;

	unix_pair(SOCK_STREAM, pair);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], NULL, 8), "sendmsg");
	must(send_unix(pair[0], &c, 8), "sendmsg");
	must(recv(pair[1], (char[8]){ 0 }, 8, 0), "recv");
	must(recv(pair[1], (char[8]){ 0 }, 8, 0), "recv");
}

/* Something is cut beside a descriptor that came, or where none was passed. */
static void cut_beside(int type, int option, bool passed, size_t room)
{
	struct control c = { .len = 0 };
	int pair[2], fd = 2;

	unix_pair(type, pair);
	on(pair[1], SOL_SOCKET, option);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], passed ? &c : NULL, 1), "sendmsg");
	must(receive_with(pair[1], room, MSG_CMSG_CLOEXEC), "recvmsg");
}

static void stamp_cut(void)
{
	cut_beside(SOCK_DGRAM, SO_TIMESTAMP, false, CMSG_SPACE(1));
}

static void credentials_cut(void)
{
	cut_beside(SOCK_STREAM, SO_PASSCRED, false, CMSG_LEN(4));
}

static void pidfd_cut(void)
{
	cut_beside(SOCK_SEQPACKET, PASSPIDFD, true, CMSG_SPACE(sizeof(int)));
}

/* ---- family 4 ---- */

struct ends {
	int server, client;
	struct sockaddr_in to;
};

static struct ends ends4(void)
{
	struct ends e = { .server = udp4("127.0.0.1"), .client = udp4("127.0.0.1") };

	e.to = to4("127.0.0.1", port_of(e.server));
	return e;
}

static void arrive4(const struct ends *e)
{
	must(send_to(e->client, &e->to, NULL), "sendmsg");
}

static void may_be_cut(void)
{
	struct ends e = ends4();

	on(e.server, IPPROTO_IP, IP_PKTINFO);
	on(e.server, SOL_SOCKET, SO_RXQ_OVFL);
	arrive4(&e);
	must(receive_with(e.server, CMSG_SPACE(sizeof(struct in_pktinfo)), 0), "recvmsg");
}

static void just_fits(void)
{
	struct ends e = ends4();

	on(e.server, IPPROTO_IP, IP_PKTINFO);
	arrive4(&e);
	must(receive_with(e.server, CMSG_LEN(sizeof(struct in_pktinfo)), 0), "recvmsg");
}

static void options_and_recvfrom(void)
{
	struct ends e = ends4();
	char data[8];

	on(e.server, IPPROTO_IP, IP_PKTINFO);
	arrive4(&e);
	must(recv(e.server, data, sizeof(data), 0), "recv");
}

static void credentials_without_room(void)
{
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	on(pair[1], SOL_SOCKET, SO_PASSCRED);
	must(send_unix(pair[0], NULL, 1), "sendmsg");
	must(receive_with(pair[1], 0, 0), "recvmsg");
}

static void receive6(bool v6_option)
{
	int server = udp6("::1"), client = udp6("::1");
	struct sockaddr_in6 to = to6("::1", port_of(server)), from;
	struct control c = { .len = 0 };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_control = c.b,
			    .msg_controllen = sizeof(c.b) };

	on(server, IPPROTO_IP, IP_PKTINFO);
	if (v6_option)
		on(server, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	must(sendto(client, "q", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	must(receive(server, &m, 0), "recvmsg");
}

static void ipv4_option_only(void)
{
	receive6(false);
}

static void options_of_both(void)
{
	receive6(true);
}

static void stamps_on_a_stream(void)
{
	int pair[2];

	unix_pair(SOCK_STREAM, pair);
	on(pair[1], SOL_SOCKET, SO_TIMESTAMP);
	must(send(pair[0], "x", 1, 0), "send");
	must(receive_with(pair[1], 64, 0), "recvmsg");
}

/* A loop whose length of the address goes in as it came back. */
static void named(bool restored, bool from)
{
	int server = udp6("::1"), client = udp6("::1");
	struct sockaddr_in6 to = to6("::1", port_of(server));
	static struct sockaddr_storage peer;
	static struct msghdr m;
	static socklen_t len;
	char data[8];

	m.msg_name = &peer;
	for (int i = 0; i < 3; i++) {
		must(sendto(client, "q", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
		if (!i || restored)
			m.msg_namelen = len = sizeof(peer);
		if (from)
			must(recvfrom(server, data, sizeof(data), 0, (struct sockaddr *)&peer,
				      &len),
			     "recvfrom");
		else
			must(receive(server, &m, 0), "recvmsg");
	}
}

static void namelen_kept(void)
{
	named(false, false);
}

static void namelen_restored(void)
{
	named(true, false);
}

static void fromlen_kept(void)
{
	named(false, true);
}

static void fromlen_restored(void)
{
	named(true, true);
}

static int unix_named(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int len = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "cmsgtrace-%d-%s", getpid(),
			   name);

	must(fd, "socket");
	must(bind(fd, (struct sockaddr *)&at,
		  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)),
	     "bind");
	return fd;
}

static void namelen_too_short(void)
{
	int server = unix_named("server"), one = unix_named("a"),
	    other = unix_named("a-longer-name");
	struct sockaddr_un at;
	socklen_t len = sizeof(at);
	static struct sockaddr_un peer;
	static struct msghdr m;

	must(getsockname(server, (struct sockaddr *)&at, &len), "getsockname");
	m.msg_name = &peer;
	m.msg_namelen = sizeof(peer);
	must(sendto(one, "q", 1, 0, (struct sockaddr *)&at, len), "sendto");
	must(receive(server, &m, 0), "recvmsg");
	must(sendto(other, "q", 1, 0, (struct sockaddr *)&at, len), "sendto");
	must(receive(server, &m, 0), "recvmsg");
}

static void vector_not_restored(void)
{
	struct ends e = ends4();
	struct control c = { .len = 0 };
	char data[8];
	struct iovec iov = { data, sizeof(data) };
	static struct mmsghdr v;

	on(e.server, IPPROTO_IP, IP_PKTINFO);
	v.msg_hdr = (struct msghdr){
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.b, .msg_controllen = sizeof(c.b)
	};
	for (int i = 0; i < 2; i++) {
		arrive4(&e);
		must(recvmmsg(e.server, &v, 1, 0, NULL), "recvmmsg");
	}
}

static void stamped(int first, int second, int flags)
{
	struct ends e = ends4();

	set(e.server, SOL_SOCKET, first, flags ? flags : 1);
	if (second)
		on(e.server, SOL_SOCKET, second);
	/* the first packets may have no stamp: taking them begins some time after it was asked for */
	for (int i = 0; i < (flags ? 20 : 1); i++) {
		arrive4(&e);
		must(receive_with(e.server, 512, 0), "recvmsg");
		if (flags)
			usleep(2000);
	}
}

static void old_switched_to_new(void)
{
	stamped(STAMPING_OLD, STAMPNS_NEW, SOF_SOFTWARE);
}

static void stamp_and_stamping(void)
{
	stamped(STAMPING_NEW, STAMP_NEW, SOF_SOFTWARE);
}

static void hardware_asked(void)
{
	stamped(STAMPING_NEW, 0, SOF_SOFTWARE | SOF_HARDWARE);
}

static void new_stamps(void)
{
	stamped(STAMPNS_NEW, 0, 0);
}

static void old_stamps(void)
{
	stamped(STAMPNS_OLD, 0, 0);
}

/* A loop that POLLERR keeps awake: transmit timestamps wait in the error queue. */
static void transmitted(bool drained, bool asked)
{
	struct ends e = ends4();

	if (asked)
		set(e.client, SOL_SOCKET, STAMPING_OLD, SOF_TX_SOFTWARE | SOF_SOFTWARE);
	for (int i = 0; i < 20; i++) {
		arrive4(&e);
		receive_with(e.client, 512, MSG_DONTWAIT); /* EAGAIN */
		while (drained && receive_with(e.client, 512, MSG_DONTWAIT | MSG_ERRQUEUE) >= 0)
			;
	}
}

static void transmit_undrained(void)
{
	transmitted(false, true);
}

static void transmit_drained(void)
{
	transmitted(true, true);
}

static void only_polled(void)
{
	transmitted(false, false);
}

static void transmit_never_read(void)
{
	struct ends e = ends4();

	set(e.client, SOL_SOCKET, STAMPING_OLD, SOF_TX_SOFTWARE | SOF_SOFTWARE);
	for (int i = 0; i < 3; i++)
		arrive4(&e);
}

static void transmit_read_once(void)
{
	struct ends e = ends4();

	set(e.client, SOL_SOCKET, STAMPING_OLD, SOF_TX_SOFTWARE | SOF_SOFTWARE);
	for (int i = 0; i < 3; i++) {
		arrive4(&e);
		if (!i)
			receive_with(e.client, 512, MSG_DONTWAIT | MSG_ERRQUEUE);
	}
}

/* A message without control data, then one with, and the length as it came back. */
static void descriptors_after_none(void)
{
	struct control c = { .len = 0 }, got = { .len = 0 };
	static struct msghdr m;
	int pair[2], fd = 2;

	unix_pair(SOCK_DGRAM, pair);
	m.msg_control = got.b;
	m.msg_controllen = sizeof(got.b);
	must(send_unix(pair[0], NULL, 1), "sendmsg");
	must(receive(pair[1], &m, MSG_CMSG_CLOEXEC), "recvmsg");
	rights(&c, &fd, 1);
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(receive(pair[1], &m, MSG_CMSG_CLOEXEC), "recvmsg");
}

/* A time, or none (0). */
static void timed(uint64_t at, bool connected)
{
	struct {
		int clock;
		uint32_t flags;
	} by = { 1, 0 }; /* CLOCK_MONOTONIC */
	struct ends e = ends4();
	struct control c = { .len = 0 };

	must(setsockopt(e.client, SOL_SOCKET, TXTIME, &by, sizeof(by)), "SO_TXTIME");
	add(&c, SOL_SOCKET, TXTIME, &at, sizeof(at));
	if (connected)
		must(connect(e.client, (struct sockaddr *)&e.to, sizeof(e.to)), "connect");
	must(connected ? send_unix(e.client, &c, 1) : send_to(e.client, &e.to, &c), "sendmsg");
}

static void time_of_a_connected_socket(void)
{
	timed(1, true);
}

static void no_time(void)
{
	timed(0, false);
}

static void cut(int type, int flags)
{
	int pair[2];
	char data[64];
	struct iovec iov = { data, 16 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	unix_pair(type, pair);
	must(send_unix(pair[0], NULL, 32), "sendmsg");
	must(recvmsg(pair[1], &m, flags), "recvmsg");
}

static void seqpacket_cut(void)
{
	cut(SOCK_SEQPACKET, 0);
}

static void length_asked(void)
{
	cut(SOCK_DGRAM, MSG_TRUNC | MSG_PEEK);
}

static void stream_in_parts(void)
{
	cut(SOCK_STREAM, 0);
}

static void joined(size_t room, int flags)
{
	struct ends e = ends4();

	on(e.server, LEVEL_UDP, UDP_GRO);
	arrive4(&e);
	must(receive_with(e.server, room, flags), "recvmsg");
}

/* Three datagrams that arrive as one. */
static void joined_really(size_t room)
{
	struct ends e = ends4();
	static char data[300];

	on(e.server, LEVEL_UDP, UDP_GRO);
	set(e.client, LEVEL_UDP, UDP_SEGMENT, 100);
	must(sendto(e.client, data, sizeof(data), 0, (struct sockaddr *)&e.to, sizeof(e.to)),
	     "sendto");
	must(receive_with(e.server, room, 0), "recvmsg");
}

static void joined_header_only(void)
{
	joined_really(CMSG_LEN(0));
}

static void joined_and_lost(void)
{
	joined_really(0);
}

static void joined_and_told(void)
{
	joined_really(CMSG_LEN(sizeof(int)));
}

static void thrown_away(void)
{
	int pair[2];
	struct msghdr m = { .msg_iovlen = 0 };

	unix_pair(SOCK_DGRAM, pair);
	must(send_unix(pair[0], NULL, 32), "sendmsg");
	must(recvmsg(pair[1], &m, 0), "recvmsg");
}

static void joined_peeked(void)
{
	joined(0, MSG_PEEK);
}

static void joined_with_room(void)
{
	joined(64, 0);
}

static void joined_without_room(void)
{
	joined(0, 0);
}

/* ---- family 7 ---- */

static void credentials(bool heard)
{
	struct ucred u = { .pid = getpid(), .uid = getuid(), .gid = getgid() };
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	if (heard)
		on(pair[1], SOL_SOCKET, SO_PASSCRED);
	add(&c, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u));
	must(send_unix(pair[0], &c, 1), "sendmsg");
	must(receive_with(pair[1], 64, 0), "recvmsg");
}

static void credentials_unheard(void)
{
	credentials(false);
}

static void credentials_heard(void)
{
	credentials(true);
}

/* SO_PASSCRED comes when so many messages wait; then another is sent, and all are received. */
static void heard_late(int type, int waiting, bool by_sender)
{
	int pair[2];

	unix_pair(type, pair);
	if (by_sender)
		on(pair[0], SOL_SOCKET, SO_PASSCRED);
	for (int i = 0; i < waiting; i++)
		must(send_unix(pair[0], NULL, 4), "sendmsg");
	on(pair[1], SOL_SOCKET, SO_PASSCRED);
	must(send_unix(pair[0], NULL, 4), "sendmsg");
	for (int i = 0; i <= waiting; i++)
		receive_with(pair[1], 64, MSG_DONTWAIT);
}

static void stream_heard_late(void)
{
	heard_late(SOCK_STREAM, 1, false);
}

static void heard_in_time(void)
{
	heard_late(SOCK_SEQPACKET, 0, false);
}

static void sender_asks(void)
{
	heard_late(SOCK_DGRAM, 2, true);
}

/* From outside of the receiver's namespaces the same numbers are true. */
static void from_outside(void)
{
	pid_t middle = fork();
	int status;

	if (!middle) {
		int pair[2];
		pid_t inside;

		if (unshare(CLONE_NEWUSER | CLONE_NEWPID))
			_exit(77);
		unix_pair(SOCK_DGRAM, pair);
		on(pair[1], SOL_SOCKET, SO_PASSCRED);
		must(send_unix(pair[0], NULL, 1), "sendmsg");
		inside = fork();
		if (!inside) {
			receive_with(pair[1], 64, 0);
			_exit(0);
		}
		must(waitpid(inside, &status, 0), "waitpid");
		_exit(0);
	}
	must(waitpid(middle, &status, 0), "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		fprintf(stderr, "no user and pid namespaces\n");
		exit(77);
	}
}

const struct variant variants_rest[] = {
	GIVES(limit_of_descriptors, "CT301 error"),
	GIVES(wayland_too_many, "CT302 error"),
	GIVES(wayland_most, ""),
	GIVES(rest_with_descriptors, "CT304 error"),
	GIVES(same_descriptor_later, ""),
	GIVES(seqpacket_without_data, ""),
	GIVES(stream_without_data, "CT305 error"),
	GIVES(half_a_descriptor, "CT306 warning"),
	GIVES(peek_without_control, ""),
	GIVES(one_of_two_kept, "CT303 note"),
	GIVES(sent_on, ""),
	GIVES(polled_and_mapped, ""),
	GIVES(left_to_a_child, ""),
	GIVES(only_marked, "CT303 note"),
	GIVES(no_control_for_descriptors, "CT301 error"),
	GIVES(recv_of_descriptors, "CT301 error"),
	GIVES(stamp_cut, "CT401 warning"),
	GIVES(credentials_cut, "CT401 warning"),
	GIVES(pidfd_cut, "CT401 warning"),
	GIVES(may_be_cut, "CT401 warning"),
	GIVES(just_fits, ""),
	GIVES(options_and_recvfrom, ""),
	GIVES(credentials_without_room, "CT401 warning"),
	GIVES(ipv4_option_only, "CT402 note"),
	GIVES(options_of_both, ""),
	GIVES(stamps_on_a_stream, "CT402 note"),
	GIVES(namelen_kept, "CT403 warning"),
	GIVES(namelen_restored, ""),
	GIVES(fromlen_kept, "CT403 warning"),
	GIVES(fromlen_restored, ""),
	GIVES(namelen_too_short, "CT403 error"),
	GIVES(vector_not_restored, "CT403 warning"),
	GIVES(descriptors_after_none, "CT301 error, CT403 error"),
	GIVES(old_switched_to_new, "CT405 note"),
	GIVES(stamp_and_stamping, ""),
	GIVES(hardware_asked, "CT405 note"),
	GIVES(new_stamps, ""),
	GIVES_OR(old_stamps, "", "CT405 note"),
	GIVES(transmit_undrained, "CT406 warning"),
	GIVES_OR(transmit_drained, "", "CT405 note"),
	GIVES(transmit_never_read, "CT406 warning"),
	GIVES_OR(transmit_read_once, "", "CT405 note"),
	GIVES(only_polled, ""),
	GIVES(time_of_a_connected_socket, "CT504 warning"),
	GIVES(no_time, ""),
	GIVES(stream_heard_late, "CT703 warning"),
	GIVES(heard_in_time, ""),
	GIVES(sender_asks, ""),
	GIVES(from_outside, ""),
	GIVES(seqpacket_cut, "CT408 warning"),
	GIVES(length_asked, ""),
	GIVES(stream_in_parts, ""),
	GIVES(thrown_away, ""),
	GIVES(joined_header_only, "CT503 error"),
	GIVES(joined_and_lost, "CT503 error"),
	GIVES(joined_and_told, ""),
	GIVES(joined_peeked, ""),
	GIVES(joined_with_room, ""),
	GIVES(joined_without_room, "CT503 error"),
	GIVES(credentials_heard, ""),
	GIVES(credentials_unheard, "CT701 warning"),
	{ 0 },
};
