// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves by name the rest of what the kernel accepts silently: what needs a connection, a state of the
 * socket, another process or a second call.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "effects.h"
#include "kernel/recv.h"

enum { PORT = 7778, OPTNAME_UDP_CORK = 1, OPTNAME_TXTIME = 61, ERRQUEUE_ROOM = 512 };

static void refresh(struct stage *st, struct subject *s)
{
	struct sock *now;

	if (s->sock)
		facts_sock_changed(st->bench.facts, s->sock);
	now = facts_sock(st->bench.facts, getpid(), s->fd, NULL);
	sock_unref(s->sock);
	s->sock = now;
}

static const struct verdict *judged(struct stage *st)
{
	return &st->bench.msg.verdict[0];
}

static void add_int(struct stage *st, struct list *l, int level, int type, int v)
{
	list_add(&st->bench, l, level, type, &v, sizeof(v), UINT64_MAX);
}

/* ---- TCP ---- */

static bool tcp_open(struct stage *st, struct target *t, struct subject *s)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int listener = wire_socket_there(&st->wire, AF_INET, SOCK_STREAM, 0);

	*s = (struct subject){
		.name = "tcp4", .fd = socket(AF_INET, SOCK_STREAM, 0), .peer = -1, .len = 16
	};
	*t = (struct target){
		.s = s, .dest = "10.77.0.100", .protocol = IPPROTO_TCP, .receiver = -1
	};
	if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(listener, 1))
		return false;
	inet_pton(AF_INET, t->dest, &any.sin_addr);
	if (connect(s->fd, (struct sockaddr *)&any, sizeof(any)))
		return false;
	t->receiver = accept(listener, NULL, NULL);
	close(listener);
	refresh(st, s);
	return t->receiver >= 0;
}

static void tcp_case(struct stage *st, struct target *t, const char *name, const struct list *l,
		     enum verdict_why ignored)
{
	struct seen seen;
	bool ok;

	wire_clear(&st->wire, t->receiver);
	ok = !shoot_model(&st->bench, t->s, l)->err && judged(st)->what == VERDICT_IGNORE &&
	     judged(st)->ignored == ignored;
	ok = ok && !shoot_blind(&st->bench, t->s, l);
	wire_look(&st->wire, t->dest, t->protocol, -1, 0, &seen);
	tap_result(ok && seen.left && seen.tos == t->base.tos && seen.ttl == t->base.ttl &&
			   seen.mark == 0 && seen.priority == t->base.priority &&
			   seen.oif == st->wire.va,
		   name, judged(st)->why);
}

static void tcp_run(struct stage *st)
{
	static const unsigned char pktinfo[12] = { 0, 0, 0, 0, 10, 77, 0, 11 };
	struct list none = list_begin(), l = list_begin();
	struct target t;
	struct subject s;

	if (!tcp_open(st, &t, &s)) {
		tap_skipped("4.5 and 4.6: TCP", strerror(errno));
		return;
	}
	wire_clear(&st->wire, -1);
	shoot_blind(&st->bench, &s, &none);
	wire_look(&st->wire, t.dest, t.protocol, -1, 0, &t.base);
	add_int(st, &l, 0, 1, 0xb8);
	tcp_case(st, &t, "4.5 IP_TOS on TCP is never read", &l, WHY_LEVEL);
	l = list_begin();
	add_int(st, &l, 0, 2, 7);
	tcp_case(st, &t, "4.5 IP_TTL on TCP is never read", &l, WHY_LEVEL);
	l = list_begin();
	list_add(&st->bench, &l, 0, 8, pktinfo, 12, UINT64_MAX);
	tcp_case(st, &t, "4.5 IP_PKTINFO on TCP is never read", &l, WHY_LEVEL);
	l = list_begin();
	add_int(st, &l, 17, 103, 4);
	tcp_case(st, &t, "4.5 UDP_SEGMENT on TCP is never read", &l, WHY_LEVEL);
	l = list_begin();
	add_int(st, &l, 1, 36, 7);
	tcp_case(st, &t, "4.6 SO_MARK on TCP is checked and unused", &l, WHY_NO_EFFECT);
	l = list_begin();
	add_int(st, &l, 1, 12, 5);
	if (effect_is_known(st, 1, 12))
		tcp_case(st, &t, "4.6 SO_PRIORITY on TCP is checked and unused", &l, WHY_NO_EFFECT);
	else
		tap_skipped("4.6 SO_PRIORITY on TCP is checked and unused",
			    "this kernel is older than that");
	l = list_begin();
	add_int(st, &l, 1, 1, 999);
	tcp_case(st, &t, "4.7 SCM_RIGHTS on TCP is not looked at", &l, WHY_NO_EFFECT);
	l = list_begin();
	add_int(st, &l, 1, 2, 999);
	tcp_case(st, &t, "4.7 SCM_CREDENTIALS on TCP is not looked at", &l, WHY_NO_EFFECT);
	sock_opt_set(s.sock, OPT_IP_PKTINFO, 1);
	tap_result(recv_in_vain(s.sock, OPT_IP_PKTINFO) != NULL,
		   "4.26 IP_PKTINFO switched on brings nothing on TCP", NULL);
	sock_unref(s.sock);
	close(s.fd);
	close(t.receiver);
}

/* ---- states of a UDP socket ---- */

static void corked(struct stage *st)
{
	struct target *t = target_find(st, "udp4");
	struct list none = list_begin(), l = list_begin();
	const int on = 1, off = 0;
	struct seen seen;
	bool ok;

	setsockopt(t->s->fd, IPPROTO_UDP, OPTNAME_UDP_CORK, &on, sizeof(on));
	refresh(st, t->s);
	wire_clear(&st->wire, t->receiver);
	add_int(st, &l, 17, 99, 0); /* refused anywhere else */
	ok = !shoot_model(&st->bench, t->s, &l)->known || judged(st)->what == VERDICT_REJECT;
	shoot_blind(&st->bench, t->s, &none);
	t->s->pending = PENDING_YES;
	ok = ok && !shoot_model(&st->bench, t->s, &l)->err && judged(st)->ignored == WHY_CORKED;
	ok = ok && !shoot_blind(&st->bench, t->s, &l);
	t->s->pending = PENDING_UNKNOWN;
	setsockopt(t->s->fd, IPPROTO_UDP, OPTNAME_UDP_CORK, &off, sizeof(off));
	refresh(st, t->s);
	wire_look(&st->wire, t->dest, t->protocol, t->receiver, 1, &seen);
	tap_result(ok && seen.arrived == 1 && seen.arrived_len == 2 * t->s->len,
		   "4.8 nothing is parsed while UDP data is pending", judged(st)->why);
}

static void truncated_headers(struct stage *st)
{
	struct target *t = target_find(st, "udp4");
	unsigned int wrong = 0;

	for (size_t tail = 1; tail < 16; tail++) {
		struct list l = list_begin();

		memset(control_block(), 0xff, 64);
		l.claim = tail;
		wrong += effect_check(st, t, &l, NULL) != NULL || st->bench.msg.ncmsg;
		l = list_begin();
		add_int(st, &l, 0, 2, 9);
		memset(control_block() + l.len, 0xff, 16);
		l.claim = l.len + tail;
		wrong +=
			effect_check(st, t, &l, NULL) != NULL || judged(st)->what != VERDICT_ACCEPT;
	}
	tap_result(!wrong, "4.22 less than a header at the end is dropped", NULL);
}

static void long_options(struct stage *st)
{
	struct list l = list_begin();
	unsigned char p[44];
	const char *why;

	memset(p, 1, 40);
	memset(p + 40, 7, 4); /* would be refused */
	list_add(&st->bench, &l, 0, 7, p, sizeof(p), UINT64_MAX);
	why = effect_check(st, target_find(st, "udp4"), &l, NULL);
	tap_result(!why && judged(st)->what == VERDICT_ACCEPT,
		   "4.20 IP_RETOPTS: what is beyond 40 bytes is dropped", why);
}

static void bound_device(struct stage *st)
{
	struct target *t = target_find(st, "udp4");
	struct list l = list_begin();
	unsigned char p[12] = { 0 };
	struct seen seen = { 0 };
	const char *why;

	setsockopt(t->s->fd, SOL_SOCKET, SO_BINDTODEVICE, "va", 3);
	refresh(st, t->s);
	memcpy(p, &st->wire.wa, 4);
	list_add(&st->bench, &l, 0, 8, p, sizeof(p), UINT64_MAX);
	why = effect_check(st, t, &l, &seen);
	tap_result(!why && seen.oif == st->wire.wa,
		   "4.23 IP_PKTINFO's ifindex beats SO_BINDTODEVICE", why);
	setsockopt(t->s->fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0);
	refresh(st, t->s);
}

static void txtime(struct stage *st)
{
	struct target *t = target_find(st, "udp4 bound"); /* it keeps the option */
	struct list l = list_begin();
	struct {
		int32_t clock;
		uint32_t flags;
	} option = { .clock = CLOCK_MONOTONIC };
	struct timespec now;
	struct seen seen = { 0 };
	const char *why;
	uint64_t at;

	setsockopt(t->s->fd, SOL_SOCKET, OPTNAME_TXTIME, &option, sizeof(option));
	refresh(st, t->s);
	clock_gettime(CLOCK_MONOTONIC, &now);
	at = (uint64_t)now.tv_sec * 1000000000 + 3600000000000;
	list_add(&st->bench, &l, 1, OPTNAME_TXTIME, &at, sizeof(at), UINT64_MAX);
	why = effect_check(st, t, &l, &seen);
	tap_result(!why && seen.left == 1 && judged(st)->what == VERDICT_ACCEPT,
		   "4.25 SCM_TXTIME without fq or etf: the packet leaves at once", why);
}

/* The sender's error queue: -1 nothing, 0 a copy without timestamp, 1 with one. */
static int own_copy(int fd)
{
	union {
		struct cmsghdr align;
		char bytes[ERRQUEUE_ROOM];
	} control;
	struct msghdr m = { .msg_control = &control, .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == 37)
			return 1;
	}
	return 0;
}

static void unstamped(struct stage *st)
{
	struct target *t = target_find(st, "udp6");
	struct list l = list_begin();

	while (own_copy(t->s->fd) >= 0)
		;
	add_int(st, &l, 1, 37, 1 << 1); /* TX_SOFTWARE */
	tap_result(!effect_check(st, t, &l, NULL) && own_copy(t->s->fd) == 0,
		   "4.24 TX_SOFTWARE without SOF_TIMESTAMPING_SOFTWARE: a copy without timestamp",
		   NULL);
}

/* ---- calls ---- */

static void input_flags(struct stage *st)
{
	struct target *t = target_find(st, "udp4");
	struct iovec iov = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct msghdr m = { .msg_name = &t->s->to,
			    .msg_namelen = t->s->tolen,
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_flags = -1 };

	tap_result(sendmsg(t->s->fd, &m, 0) == 1, "4.27 msg_flags is not read", NULL);
}

static void lost_errno(struct stage *st)
{
	struct target *t = target_find(st, "udp4");
	struct list l = list_begin();
	struct iovec iov = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct mmsghdr v[3];
	int n;

	add_int(st, &l, 0, 2, 0);
	for (unsigned int i = 0; i < 3; i++)
		v[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &t->s->to,
						      .msg_namelen = t->s->tolen,
						      .msg_iov = &iov,
						      .msg_iovlen = 1 },
					 .msg_len = 77 };
	v[1].msg_hdr.msg_control = control_block();
	v[1].msg_hdr.msg_controllen = l.len;
	errno = 0;
	n = sendmmsg(t->s->fd, v, 3, 0);
	tap_result(n == 1 && v[0].msg_len == 1 && v[1].msg_len == 77 && v[2].msg_len == 77 &&
			   shoot_model(&st->bench, t->s, &l)->err == EINVAL,
		   "4.28 sendmmsg: the error of a later message is lost", NULL);
}

static void unwanted_credentials(struct stage *st)
{
	const int own[3] = { getpid(), 0, 0 };
	struct list l = list_begin();
	union {
		struct cmsghdr align;
		char bytes[64];
	} control;
	char byte[64];
	struct iovec iov = { .iov_base = byte, .iov_len = sizeof(byte) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct subject s = { .name = "pair", .peer = -1, .len = 1 };
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) {
		tap_skipped("4.11 SCM_CREDENTIALS", "no socket pair");
		return;
	}
	s.fd = pair[0];
	refresh(st, &s);
	list_add(&st->bench, &l, 1, 2, own, sizeof(own), UINT64_MAX);
	ok = !shoot_model(&st->bench, &s, &l)->err && !shoot_blind(&st->bench, &s, &l);
	ok = ok && recvmsg(pair[1], &m, MSG_DONTWAIT) == 1 && !m.msg_controllen;
	tap_result(ok, "4.11 SCM_CREDENTIALS to a peer without SO_PASSCRED are dropped", NULL);
	sock_unref(s.sock);
	close(pair[0]);
	close(pair[1]);
}

/* ---- without privilege: in a child, since rights are not got back ---- */

struct unprivileged {
	const char *name, *target;
	int level, type;
	size_t len;
	unsigned char p[16];
	int err;
};

static const struct unprivileged unprivileged[] = {
	{ "1.3 SO_MARK without capability is EPERM", "udp4", 1, 36, 4, { 1 }, EPERM },
	{ "1.3 SO_MARK: EPERM comes before its length", "udp4", 1, 36, 2, { 1 }, EPERM },
	{ "1.3 SO_PRIORITY 6 needs no capability", "udp4", 1, 12, 4, { 6 }, 0 },
	{ "1.3 SO_PRIORITY 7 without capability is EPERM", "udp4", 1, 12, 4, { 7 }, EPERM },
	{ "1.3 SO_PRIORITY: EINVAL of its length comes first", "udp4", 1, 12, 2, { 7 }, EINVAL },
	{ "1.4 IP_RETOPTS with a source route without CAP_NET_RAW is EPERM",
	  "udp4",
	  0,
	  7,
	  7,
	  { 131, 7, 4, 10, 77, 0, 100 },
	  EPERM },
	{ "1.4 IP_RETOPTS with a security option without CAP_NET_RAW is EINVAL",
	  "udp4",
	  0,
	  7,
	  11,
	  { 130, 11 },
	  EINVAL },
	{ "1.5 IPV6_HOPOPTS without CAP_NET_RAW is EPERM",
	  "udp6",
	  41,
	  54,
	  8,
	  { 0, 0, 1, 4 },
	  EPERM },
	{ "1.5 IPV6_DSTOPTS without CAP_NET_RAW is EPERM",
	  "udp6",
	  41,
	  59,
	  8,
	  { 0, 0, 1, 4 },
	  EPERM },
	{ "1.5 IPV6_HOPOPTS: EINVAL of its length comes first",
	  "udp6",
	  41,
	  54,
	  8,
	  { 0, 1, 1, 4 },
	  EINVAL },
};

static int try_unprivileged(struct stage *st, const struct unprivileged *u)
{
	struct target *t = target_find(st, u->target);
	struct list l = list_begin();

	if (!identity_take(&identities[1]))
		return 2;
	bench_begin(&st->bench, &identities[1], NULL);
	refresh(st, t->s);
	list_add(&st->bench, &l, u->level, u->type, u->p, u->len, UINT64_MAX);
	if (shoot_model(&st->bench, t->s, &l)->err != u->err)
		return 1;
	if (u->err && !judged(st)->check)
		return 1;
	return shoot_blind(&st->bench, t->s, &l) != u->err;
}

static void unprivileged_run(struct stage *st)
{
	for (unsigned int i = 0; i < sizeof(unprivileged) / sizeof(unprivileged[0]); i++) {
		int status = -1;
		pid_t pid;

		if (!effect_is_known(st, unprivileged[i].level, unprivileged[i].type)) {
			tap_skipped(unprivileged[i].name, "this kernel is older than that");
			continue;
		}
		fflush(stdout);
		pid = fork();
		if (!pid)
			_exit(try_unprivileged(st, &unprivileged[i]));
		if (pid > 0)
			waitpid(pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
			tap_skipped(unprivileged[i].name, "rights can't be given up");
		else
			tap_result(!status, unprivileged[i].name, NULL);
	}
}

void silent_run(struct stage *st)
{
	tcp_run(st);
	corked(st);
	truncated_headers(st);
	long_options(st);
	bound_device(st);
	txtime(st);
	unstamped(st);
	input_flags(st);
	lost_errno(st);
	unwanted_credentials(st);
	unprivileged_run(st);
}
