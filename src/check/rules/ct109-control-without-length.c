// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT109: msg_control is set and msg_controllen is 0. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || !m->in.have || m->in.controllen || !known_pointers(c, r) ||
	    !m->in.control_ptr)
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"msg_control is set and msg_controllen is 0: %s sends no control message",
			say_call(ev));
	finding_note(c, f,
		     "where none is meant: msg_control=NULL; where one is: msg_controllen is "
		     "missing, or an earlier call left it at 0");
	finding_note(c, f, "kernel: net/socket.c ____sys_sendmsg()");
	finding_done(c, f);
}

const struct rule ct109 = {
	.id = "CT109",
	.name = "control-without-length",
	.severity = SEVERITY_NOTE,
	.title = "msg_control is set and msg_controllen is 0",
	.what = "A send has a control buffer and no length. Linux sends no control message then.",
	.why = "It may be meant so. It is also what a forgotten length looks like, or a msghdr that a\n"
	       "receive without control data has left behind (recvmsg sets msg_controllen to what came).\n"
	       "Other systems refuse the call.",
	.kernel = "net/socket.c ____sys_sendmsg(): only msg_controllen is looked at.",
	.bad = "#include <sys/socket.h>\n"
	       "#include <sys/uio.h>\n"
	       "\n"
	       "long send_with(int fd, struct iovec *iov, void *control)\n"
	       "{\n"
	       "	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1, .msg_control = control };\n"
	       "\n"
	       "	return sendmsg(fd, &m, 0); /* msg_controllen is 0 */\n"
	       "}\n",
	.good = "#include <stddef.h>\n"
		"#include <sys/socket.h>\n"
		"#include <sys/uio.h>\n"
		"\n"
		"long send_with(int fd, struct iovec *iov, void *control, size_t len)\n"
		"{\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
		"		.msg_control = len ? control : NULL, .msg_controllen = len };\n"
		"\n"
		"	return sendmsg(fd, &m, 0);\n"
		"}\n",
	.remedy = "Set both or neither; set msg_controllen anew before each call.",
	.send = check,
};
