// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT114: sendmmsg() sent fewer than it was given, and nobody goes on with the rest. */
#include "config.h"

#include <stdio.h>

#include "check/check.h"
#include "check/say.h"
#include "kernel/model.h"

enum {
	CUTS_MAX = 64,
	REST = 2,  /* of the messages that were not sent: the one that failed may be given up */
	HEAD = 16, /* bytes of each that are compared */
	VLEN_MAX = 1024, /* UIO_MAXIOV: what a call takes at most */
	DATAGRAM4 = 65507,
	DATAGRAM6 = 65527,
};

/* What a message is known by when it is sent again. */
struct sketch {
	uint64_t base, total;
	unsigned char head[HEAD];
	size_t n;
};

struct cut {
	uint64_t sock; /* 0: free */
	int tgid, tid, fd;
	uint64_t event, too_long; /* too_long: bytes that no datagram holds; 0 */
	uint32_t sent, of;
	struct sketch rest[REST];
	bool ended; /* its process did, and never went on */
};

struct state {
	unsigned int n; /* that are kept: mostly none, and then no send looks for its own */
	struct cut cuts[CUTS_MAX];
};

static uint64_t sock_id(const struct event *ev)
{
	if (ev->sock && ev->sock->has & SOCK_HAS_COOKIE)
		return ev->sock->cookie;
	return (uint64_t)(uint32_t)ev->tgid << 32 | (uint32_t)(ev->fd + 1);
}

static struct cut *find(struct state *s, uint64_t sock)
{
	for (unsigned int i = 0; i < CUTS_MAX; i++) {
		if (s->cuts[i].sock == sock)
			return &s->cuts[i];
	}
	return NULL;
}

static bool sketch(const struct msg *m, struct sketch *to)
{
	if (!m->niov || !m->iov)
		return false;
	*to = (struct sketch){ .base = m->iov[0].base, .total = m->total };
	to->n = m->iov[0].data.p ? m->iov[0].data.len : 0;
	if (to->n > HEAD)
		to->n = HEAD;
	if (to->n)
		memcpy(to->head, m->iov[0].data.p, to->n);
	return true;
}

static bool same(const struct sketch *a, const struct sketch *b)
{
	return a->total == b->total &&
	       (a->base == b->base || (a->n == b->n && a->n && !memcmp(a->head, b->head, a->n)));
}

/* Is m one of those that were not sent?  What can't be compared counts as one. */
static bool goes_on(const struct cut *cut, const struct msg *m)
{
	struct sketch now;

	if (!sketch(m, &now))
		return true;
	for (unsigned int i = 0; i < REST && cut->sent + i < cut->of; i++) {
		if (same(&cut->rest[i], &now))
			return true;
	}
	return false;
}

static void tell(struct check *c, struct finding *f, const struct cut *cut, const char *then)
{
	finding_message(
		c, f,
		"sendmmsg of process %d on descriptor %d (event %llu) sent %u of %u messages%s",
		cut->tgid, cut->fd, (unsigned long long)cut->event, cut->sent, cut->of, then);
	if (cut->too_long)
		finding_note(c, f,
			     "message %u stopped it: %s are more than a datagram holds (EMSGSIZE)",
			     cut->sent, say_count(c, cut->too_long, "byte"));
	else
		finding_note(c, f, "message %u stopped it: the count hides its errno", cut->sent);
	finding_note(c, f,
		     "remedy: go on with the rest, or drop message %u and send those behind it",
		     cut->sent);
	finding_note(c, f, "kernel: net/socket.c __sys_sendmmsg()");
	finding_done(c, f);
}

/* The first message that the call did not send: kept until the next send of that socket. */
static void keep(struct check *c, const struct rule *r, const struct event *ev)
{
	struct state *s = rule_run(c);
	uint32_t n = (uint32_t)ev->result;
	const struct msg *m = &ev->msg[n];
	struct cut *cut = find(s, 0);
	uint64_t most = check_msg(c)->kind == SOCK_KIND_UDP6 && !check_msg(c)->mapped ? DATAGRAM6
										      : DATAGRAM4;
	struct sketch first;

	if (m->in.controllen && m->outcome && m->outcome->err)
		return; /* CT108 names the control message that failed */
	if (!sketch(m, &first))
		return;
	if (!cut || !rule_process(c)) {
		rule_skipped(c, r, "too many vectors that were cut short to keep account of");
		return;
	}
	s->n++;
	*cut = (struct cut){ .sock = sock_id(ev),
			     .tgid = ev->tgid,
			     .tid = ev->tid,
			     .fd = ev->fd,
			     .event = ev->no,
			     .sent = n,
			     .of = ev->nmsg };
	if (sock_kind_is_udp(check_msg(c)->kind) && m->total > most)
		cut->too_long = m->total;
	for (unsigned int i = 0; i < REST && n + i < ev->nmsg; i++)
		sketch(&ev->msg[n + i], &cut->rest[i]);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	struct state *s = rule_run(c);
	struct cut *cut = s->n && !cur->index ? find(s, sock_id(ev)) : NULL;

	if (cut) {
		bool on = goes_on(cut, m);

		if (on || cut->tid == ev->tid) {
			struct finding *f =
				on ? NULL
				   : finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

			if (f)
				tell(c, f, cut, ", and this call sends something else");
			cut->sock = 0;
			s->n--;
		}
	}
	if (ev->call == CALL_SENDMMSG && ev->result > 0 && ev->result < VLEN_MAX &&
	    cur->index == (uint64_t)ev->result && cur->index < ev->nmsg && !cur->left)
		keep(c, r, ev);
}

static void exited(struct check *c, const struct rule *r, const struct event *ev)
{
	struct state *s = rule_run(c);

	(void)r;
	for (unsigned int i = 0; i < CUTS_MAX; i++)
		s->cuts[i].ended |= s->cuts[i].sock && s->cuts[i].tgid == ev->tgid;
}

static void end(struct check *c, const struct rule *r)
{
	struct state *s = rule_run(c);

	for (unsigned int i = 0; i < CUTS_MAX; i++) {
		const struct cut *cut = &s->cuts[i];
		struct finding *f;
		char key[48];

		if (!cut->sock || !cut->ended)
			continue;
		snprintf(key, sizeof(key), "event %llu", (unsigned long long)cut->event);
		f = finding_once(c, r, r->severity, key);
		if (f)
			tell(c, f, cut, ", and its process ended without the rest");
	}
}

const struct rule ct114 = {
	.id = "CT114",
	.name = "vector-cut-short",
	.severity = SEVERITY_WARNING,
	.title = "sendmmsg sent fewer messages than it was given, and the rest is never sent",
	.what = "sendmmsg() returned less than the number of its messages, and the program does not go on\n"
		"with the one that stopped it, nor with those behind it. The finding names that message\n"
		"and, where it can be told, the errno that the count hides.",
	.why = "The call fails only where its first message does. Who looks for -1 alone takes the rest\n"
	       "for sent: it is lost, without an error.",
	.kernel =
		"net/socket.c __sys_sendmmsg(): it stops at the first failure and returns the count; the\n"
		"errno is dropped.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "int flush(int fd, struct mmsghdr *v, unsigned int n)\n"
	       "{\n"
	       "	return sendmmsg(fd, v, n, 0) < 0 ? -1 : 0;\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <sys/socket.h>\n"
		"\n"
		"int flush(int fd, struct mmsghdr *v, unsigned int n)\n"
		"{\n"
		"	while (n) {\n"
		"		int sent = sendmmsg(fd, v, n, 0);\n"
		"\n"
		"		if (sent < 0) /* errno is of the first one left: drop that, or wait */\n"
		"			return -1;\n"
		"		v += sent;\n"
		"		n -= (unsigned int)sent;\n"
		"	}\n"
		"	return 0;\n"
		"}\n",
	.remedy =
		"Call it again with the messages that are left: the errno is that of the first of them.",
	.process_state = sizeof(char),
	.run_state = sizeof(struct state),
	.send = check,
	.exited = exited,
	.end = end,
};
