// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT401: a control buffer too small for what the socket's options bring. */
#include "config.h"

#include "check/check.h"
#include "check/cut.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

/* Without MSG_CTRUNC: would the buffer hold the least of all that may come? */
static bool holds_all(struct check *c, const struct rule *r, const struct cut *cut)
{
	const struct check_msg *cur = check_msg(c);
	uint64_t needs = cut_least(cur->ev->abi, cut);

	/* a receive never returns more than it was offered */
	return !cut->sure || cur->m->out.controllen >= needs || !known_room(c, r) ||
	       cur->m->in.controllen >= needs;
}

static void say_cut(struct check *c, struct finding *f, const struct msg *m)
{
	if (m->in.unseen & HDR_UNSEEN_ROOM)
		finding_message(c, f, "MSG_CTRUNC: the control data did not fit");
	else if (m->in.controllen && !m->in.control_ptr)
		finding_message(c, f,
				"MSG_CTRUNC: msg_control is NULL, so there is no room for control "
				"data, though msg_controllen is %llu",
				(unsigned long long)m->in.controllen);
	else
		finding_message(c, f, "MSG_CTRUNC: the control data did not fit into %llu bytes",
				(unsigned long long)m->in.controllen);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool is_cut = m->out.flags & F_CTRUNC;
	struct cut cut;

	if (m->made_up || !m->out.have ||
	    (!is_cut && !m->in.controllen && !(m->in.unseen & HDR_UNSEEN_ROOM)))
		return;
	if (sock_is_unix(ev->sock) ? !is_cut : !known_kind(c, r) || !ev->sock)
		return;
	cut_look(c, &cut);
	if (!is_cut && holds_all(c, r, &cut))
		return;

	struct finding *f =
		finding_start(c, r, r->severity, (int)cur->index, -1, is_cut ? "cut" : "ahead");

	if (!f)
		return;
	if (is_cut)
		say_cut(c, f, m);
	else
		finding_message(
			c, f,
			"msg_controllen is %llu, less than the socket's options may bring: some "
			"messages will be cut",
			(unsigned long long)m->in.controllen);
	if (is_cut)
		cut_note_lost(c, f, &cut);
	cut_note_room(c, f, &cut);
	finding_note(c, f, "kernel: net/core/scm.c put_cmsg()");
	finding_done(c, f);
}

const struct rule ct401 = {
	.id = "CT401",
	.name = "control-truncated",
	.severity = SEVERITY_WARNING,
	.title = "the control buffer is too small for what the socket's options bring",
	.explains = EXPLAINS_CUT | EXPLAINS_ROOM,
	.last = true,
	.what = "A receive came back with MSG_CTRUNC. The finding says which control message was lost or cut,\n"
		"which options are on, the CMSG_SPACE of each and the sum that the buffer needs. It says\n"
		"the same ahead of time, where the buffer holds what came but not all that may come.",
	.why = "A cut message looks whole: its cmsg_len is what was left, so an IP_PKTINFO may hold four\n"
	       "bytes. Messages that come later in the kernel's order are gone. An option that a library\n"
	       "switched on is enough to push out the one that the program needs.",
	.kernel =
		"net/core/scm.c put_cmsg(): what does not fit is cut, MSG_CTRUNC set. Order: timestamps first,\n"
		"then the address family's, the error queue's IP_RECVERR last.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, struct iovec *iov) /* IP_PKTINFO and IP_RECVTTL are on */\n"
	       "{\n"
	       "	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];\n"
	       "	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
	       "		.msg_control = control, .msg_controllen = sizeof(control) };\n"
	       "\n"
	       "	return recvmsg(fd, &m, 0);\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"long receive(int fd, struct iovec *iov)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo)) +\n"
		"					      CMSG_SPACE(sizeof(int))];\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
		"		.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	long n = recvmsg(fd, &m, 0);\n"
		"\n"
		"	return n >= 0 && (m.msg_flags & MSG_CTRUNC) ? -1 : n;\n"
		"}\n",
	.remedy =
		"Offer the sum of CMSG_SPACE of all options that are on (the finding shows it), set\n"
		"msg_controllen before each receive, and treat MSG_CTRUNC as an error.",
	.recv = check,
};
