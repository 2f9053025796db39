// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT901: part of what the process sends can't be seen here. */
#include "config.h"

#include <stdio.h>

#include "check/check.h"

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	char key[32];

	if (ev->call != CALL_IO_URING_SETUP && ev->call != CALL_IO_URING_ENTER)
		return;
	if (ev->result < 0)
		return;
	snprintf(key, sizeof(key), "%d", ev->tgid);

	struct finding *f = finding_once(c, r, r->severity, key);

	if (!f)
		return;
	finding_message(c, f,
			"process %d uses io_uring: what it sends and receives through it is "
			"not seen here",
			ev->tgid);
	finding_note(c, f,
		     "kernel: io_uring/net.c io_sendmsg(), io_recvmsg(): no system call is made "
		     "for each message");
	finding_done(c, f);
}

const struct rule ct901 = {
	.id = "CT901",
	.name = "io-uring-in-use",
	.severity = SEVERITY_NOTE,
	.title = "the process uses io_uring: sends and receives through it are not seen",
	.what = "The process set up or entered an io_uring instance. Messages that it sends or receives\n"
		"through the ring make no system call of their own, so that a tracer sees none of them.\n"
		"It is told once for each process.",
	.why = "No finding then does not mean no mistake: the rules saw only part of the traffic. The\n"
	       "kernel treats control messages of IORING_OP_SENDMSG as those of sendmsg.",
	.kernel = "io_uring/net.c io_sendmsg(), io_recvmsg(): they call the socket layer directly.",
	.bad = "#include <sys/syscall.h>\n"
	       "#include <unistd.h>\n"
	       "\n"
	       "int ring(void *params)\n"
	       "{\n"
	       "	return (int)syscall(425 /* io_uring_setup */, 8, params);\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"long reply(int fd, const struct msghdr *m)\n"
		"{\n"
		"	return sendmsg(fd, m, 0);\n"
		"}\n",
	.remedy =
		"To check such a program, run it with io_uring switched off: most have an option for it;\n"
		"else sysctl kernel.io_uring_disabled=2 makes io_uring_setup fail with EPERM.\n"
		"Node.js: UV_USE_IO_URING=0.",
	.call = on_call,
};
