// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT703: received credentials that are no one's. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum { NOBODY = 65534 }; /* as /proc/sys/kernel/overflowuid has it */

/* Of a socket. */
struct state {
	bool seen; /* SO_PASSCRED was switched on before our eyes … */
	uint64_t
		waits; /* … while so much was to be read that was sent before: see ASK_UNIX_WAITS */
	uint64_t event; /* by that call */
};

static bool switches_on(const struct event *ev)
{
	const struct sock_opt_row *row = &sock_opt_rows[OPT_SO_PASSCRED];
	int32_t on = 0;

	if (ev->call != CALL_SETSOCKOPT || ev->result || (int32_t)ev->args[1] != row->level ||
	    (int32_t)ev->args[2] != row->optname || !ev->opt.p || ev->opt.len < sizeof(on))
		return false;
	memcpy(&on, ev->opt.p, sizeof(on));
	return on;
}

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	const struct question q = { .kind = ASK_UNIX_WAITS };
	const struct answer *a;

	(void)r;
	if (!sock_kind_is_unix(check_msg(c)->kind) || !switches_on(ev))
		return;
	a = check_ask(c, &q);
	if (a && a->result >= 0 && !a->late)
		*(struct state *)rule_sock(c) = (struct state){ .seen = true,
								.waits = (uint64_t)a->result,
								.event = ev->no };
}

static bool is_placeholder(const struct cmsg *cm)
{
	struct {
		int32_t pid;
		uint32_t uid, gid;
	} u;

	memcpy(&u, cm->data, sizeof(u));
	return !u.pid && u.uid == NOBODY && u.gid == NOBODY;
}

static void tell(struct check *c, const struct rule *r, uint32_t i, const struct state *s)
{
	struct finding *f =
		finding_start(c, r, r->severity, (int)check_msg(c)->index, (int)i, NULL);

	if (!f)
		return;
	finding_message(
		c, f,
		"the credentials in %s are no one's (pid 0, uid and gid %d): SO_PASSCRED was off "
		"when the message was sent",
		say_which(c, i), NOBODY);
	finding_note(c, f, "the socket had data already when event %llu switched SO_PASSCRED on",
		     (unsigned long long)s->event);
	finding_note(c, f,
		     "remedy: switch it on before anybody can send: on a listening socket (what it "
		     "accepts has it too), or before the other end is handed out");
	finding_note(c, f, "kernel: net/unix/af_unix.c unix_maybe_add_creds()");
	finding_done(c, f);
}

/* It is read: is it of a stream, so that it tells how much of what waited is left? */
static void was_read(struct state *s, const struct check_msg *cur, bool empty)
{
	const uint64_t n = cur->m->have_len ? cur->m->len : (uint64_t)cur->ev->result;

	if (cur->kind == SOCK_KIND_UNIX_DGRAM)
		s->waits = empty ? s->waits : 0; /* only of the first datagram the length is told */
	else
		s->waits -= n < s->waits ? n : s->waits;
}

static void on_recv(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	struct state *s;
	bool empty = false;

	if (!sock_kind_is_unix(cur->kind))
		return;
	s = rule_sock_known(c);
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level != L_SOCKET || cm->type != T_CREDENTIALS ||
		    cm->data_len != UCRED_SIZE || (cm->faults & CMSG_FAULT_NOT_READ) ||
		    !is_placeholder(cm))
			continue;
		empty = true;
		if (!s || !s->seen)
			rule_skipped(
				c, r,
				"whether SO_PASSCRED was on when a message was sent is not known");
		else if (s->waits)
			tell(c, r, i, s);
	}
	if (s && s->waits && !(ev->flags & F_PEEK))
		was_read(s, cur, empty);
}

const struct rule ct703 = {
	.id = "CT703",
	.name = "credentials-placeholder",
	.severity = SEVERITY_WARNING,
	.title = "received credentials are no one's: SO_PASSCRED came too late",
	.what = "A received SCM_CREDENTIALS holds pid 0 and uid and gid 65534, and the message had been sent\n"
		"before SO_PASSCRED was switched on. The same numbers may be true: of a process outside of\n"
		"this pid namespace whose ids have no mapping here; a user nobody has a pid, and a process\n"
		"outside has its ids. The rule speaks only where data waited when the option came.",
	.why = "The kernel notes the sender of a message when it is sent, and only if one of the two ends asks\n"
	       "for it then. A service that checks the uid refuses its first client, or takes it for nobody.",
	.kernel =
		"net/unix/af_unix.c unix_maybe_add_creds(); include/net/scm.h scm_recv_unix() gives\n"
		"pid 0 and the overflow ids where there are none.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "int adopt(int fd) /* the other end was handed out before */\n"
	       "{\n"
	       "	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int));\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <sys/socket.h>\n"
		"\n"
		"int make(int pair[2]) /* before anybody has the other end */\n"
		"{\n"
		"	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))\n"
		"		return -1;\n"
		"	return setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int));\n"
		"}\n",
	.remedy =
		"Switch SO_PASSCRED on before anybody can send. For a stream getsockopt(SO_PEERCRED) gives the\n"
		"peer as it connected, whenever it is asked.",
	.sock_state = sizeof(struct state),
	.call = on_call,
	.recv = on_recv,
};
