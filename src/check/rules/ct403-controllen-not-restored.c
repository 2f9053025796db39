// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT403: msg_controllen is used again as the last receive left it. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/rules/rules.h"
#include "check/say.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || cur->index || !m->in.have || !m->out.have || !known_pointers(c, r) ||
	    !known_room(c, r) || !m->in.control_ptr)
		return;

	struct convo_sock *s = check_sock(c);
	uint64_t before = s->inout.offered, back = s->inout.returned;
	bool same = s->inout.msghdr == ev->args[1] && s->inout.control == m->in.control_ptr;
	bool shrunk = same && back < before && m->in.controllen == back;

	s->inout.msghdr = ev->args[1];
	s->inout.control = m->in.control_ptr;
	s->inout.offered = shrunk ? before : m->in.controllen; /* what it was at first */
	s->inout.returned = m->out.controllen;
	if (!shrunk)
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"msg_controllen is %llu, as the last receive left it; it was %llu at first",
			(unsigned long long)m->in.controllen, (unsigned long long)before);
	finding_note(c, f,
		     "%s sets it to the length of what came: it must be set anew before each call",
		     say_call(ev));
	finding_note(c, f, "kernel: net/socket.c ____sys_recvmsg()");
	finding_done(c, f);
}

const struct rule ct403 = {
	.id = "CT403",
	.name = "controllen-not-restored",
	.severity = SEVERITY_ERROR,
	.on = RULE_ON_RECV,
	.title = "msg_controllen is offered as the last receive returned it",
	.what = "msg_controllen goes in as the buffer's size and comes back as the length of what was\n"
		"written. A loop offered, with the same msghdr and buffer, what the receive before had\n"
		"returned.",
	.why = "After one message without control data the size is 0 and no control message arrives ever\n"
	       "again; after a short one all longer ones are cut. msg_namelen is in-out as well.",
	.kernel = "net/socket.c ____sys_recvmsg(): put_user(msg_control - start, &msg_controllen).",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "void serve(int fd, struct iovec *iov, char *control, size_t size)\n"
	       "{\n"
	       "	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
	       "		.msg_control = control, .msg_controllen = size };\n"
	       "\n"
	       "	while (recvmsg(fd, &m, 0) >= 0)\n"
	       "		; /* msg_controllen shrinks */\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"void serve(int fd, struct iovec *iov, char *control, size_t size)\n"
		"{\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1, .msg_control = control };\n"
		"\n"
		"	do {\n"
		"		m.msg_controllen = size;\n"
		"	} while (recvmsg(fd, &m, 0) >= 0);\n"
		"}\n",
	.remedy =
		"Set msg_controllen (and msg_namelen) before each receive; with recvmmsg for each element.",
	.check = check,
};
