// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves by name: which descriptors and credentials arrive over AF_UNIX. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "effects.h"

struct pair {
	struct subject s;
	int other;
};

static bool pair_open(struct pair *p, struct stage *st, int type)
{
	int fd[2];
	const int on = 1;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd))
		return false;
	p->s = (struct subject){ .name = "pair", .fd = fd[0], .peer = -1, .len = 1 };
	p->other = fd[1];
	setsockopt(fd[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	p->s.sock = facts_sock(st->bench.facts, getpid(), fd[0], NULL);
	return p->s.sock;
}

static void pair_close(struct pair *p)
{
	sock_unref(p->s.sock);
	close(p->s.fd);
	close(p->other);
}

/* Descriptors that arrive, closed at once; -1 where nothing does.  The pid of the credentials. */
static int descriptors(int fd, int *pid)
{
	union {
		struct cmsghdr align;
		char bytes[4096];
	} control;
	char byte[8];
	struct iovec iov = { .iov_base = byte, .iov_len = sizeof(byte) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	int n = 0;

	*pid = -1;
	if (recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
			memcpy(pid, CMSG_DATA(c), sizeof(*pid));
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int got;

			memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(got));
			close(got);
			n++;
		}
	}
	return n;
}

/* Sends cmsg_len bytes of rights; the outcome, and the number that arrives. */
static void rights(struct stage *st, const char *name, int type, size_t data, size_t payload,
		   size_t more, int err, enum verdict_what what, int arrive)
{
	struct pair p;
	struct list l = list_begin();
	int fds[300], got, pid;
	bool ok;

	if (!pair_open(&p, st, type)) {
		tap_skipped(name, "no socket pair");
		return;
	}
	for (unsigned int i = 0; i < 300; i++)
		fds[i] = 1;
	p.s.len = data;
	list_add(&st->bench, &l, 1, 1, fds, payload, UINT64_MAX);
	if (more)
		list_add(&st->bench, &l, 1, 1, fds, more, UINT64_MAX);
	ok = shoot_model(&st->bench, &p.s, &l)->err == err &&
	     st->bench.msg.verdict[more && err ? 1 : 0].what == what;
	ok = ok && shoot_blind(&st->bench, &p.s, &l) == err;
	got = descriptors(p.other, &pid);
	tap_result(ok && (err || got == arrive), name, st->bench.msg.verdict[0].why);
	pair_close(&p);
}

static void credentials(struct stage *st, const char *name, const int *ucred, size_t len, int err)
{
	struct pair p;
	struct list l = list_begin();
	int got, pid;
	bool ok;

	if (!pair_open(&p, st, SOCK_DGRAM)) {
		tap_skipped(name, "no socket pair");
		return;
	}
	list_add(&st->bench, &l, 1, 2, ucred, len, UINT64_MAX);
	ok = shoot_model(&st->bench, &p.s, &l)->err == err;
	ok = ok && shoot_blind(&st->bench, &p.s, &l) == err;
	got = descriptors(p.other, &pid);
	tap_result(ok && (err || (got == 0 && pid == ucred[0])), name,
		   st->bench.msg.verdict[0].why);
	pair_close(&p);
}

void conditions_unix(struct stage *st)
{
	const int self[3] = { getpid(), (int)getuid(), (int)getgid() };
	const int nobody[3] = { 0, 0, 0 }, no_uid[3] = { getpid(), -1, 0 };
	const int pad[4] = { getpid(), 0, 0, 0 };

	rights(st, "1.7 SCM_RIGHTS passes a descriptor", SOCK_DGRAM, 1, 4, 0, 0, VERDICT_ACCEPT, 1);
	rights(st, "1.7 SCM_RIGHTS: the rest of a division by 4 is ignored (4.9)", SOCK_DGRAM, 1,
	       11, 0, 0, VERDICT_ACCEPT, 2);
	rights(st, "1.7 SCM_RIGHTS of CMSG_SPACE(4) passes two (4.10)", SOCK_DGRAM, 1, 8, 0, 0,
	       VERDICT_ACCEPT, 2);
	rights(st, "1.7 SCM_RIGHTS without descriptor has no effect (4.9)", SOCK_DGRAM, 1, 3, 0, 0,
	       VERDICT_IGNORE, 0);
	rights(st, "1.7 SCM_RIGHTS: 253 are taken", SOCK_DGRAM, 1, 253 * 4, 0, 0, VERDICT_ACCEPT,
	       253);
	rights(st, "1.7 SCM_RIGHTS: 254 are refused", SOCK_DGRAM, 1, 254 * 4, 0, EINVAL,
	       VERDICT_REJECT, 0);
	rights(st, "1.7 SCM_RIGHTS: two messages add up", SOCK_DGRAM, 1, 8, 12, 0, VERDICT_ACCEPT,
	       5);
	rights(st, "1.7 SCM_RIGHTS: together more than 253 are refused", SOCK_DGRAM, 1, 200 * 4,
	       54 * 4, EINVAL, VERDICT_REJECT, 0);
	rights(st, "4.9 SCM_RIGHTS on a stream without data is dropped", SOCK_STREAM, 0, 4, 0, 0,
	       VERDICT_IGNORE, -1);
	rights(st, "1.7 SCM_RIGHTS on a datagram without data is delivered", SOCK_DGRAM, 0, 4, 0, 0,
	       VERDICT_ACCEPT, 1);
	credentials(st, "1.7 SCM_CREDENTIALS of its own", self, 12, 0);
	credentials(st, "1.7 SCM_CREDENTIALS of 16 bytes is refused", pad, 16, EINVAL);
	credentials(st, "1.7 SCM_CREDENTIALS of pid 0 is ESRCH", nobody, 12, ESRCH);
	credentials(st, "1.7 SCM_CREDENTIALS of uid -1 is EINVAL", no_uid, 12, EINVAL);
}
