// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT307: descriptors received without MSG_CMSG_CLOEXEC. */
#include "config.h"

#include "check/check.h"
#include "check/rules/examples.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

/* Nothing else gives SCM_RIGHTS: where it came, the kind need not be known. */
static bool may_be_unix(enum sock_kind kind)
{
	return kind == SOCK_KIND_UNKNOWN || sock_kind_is_unix(kind);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if ((ev->flags & F_CMSG_CLOEXEC) || !may_be_unix(cur->kind))
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (!sizes_fds(ev, cm))
			continue;

		/* nothing runs between this and an fcntl() but what the program does itself */
		bool alone = ev->threads == 1;
		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i,
						  alone ? "alone" : NULL);

		if (!f)
			return;
		finding_message(c, f, "%s received without MSG_CMSG_CLOEXEC: %s %s%s",
				say_count(c, sizes_fds(ev, cm), "descriptor"),
				alone ? "a program that is executed later inherits"
				      : "a thread that forks and executes now hands",
				sizes_fds(ev, cm) == 1 ? "it" : "them", alone ? "" : " on");
		finding_note(
			c, f,
			alone ? "the process has one thread: fcntl(FD_CLOEXEC) afterwards, or "
				"closefrom(3) before a program is executed, does as well, where it "
				"is done"
			      : "fcntl(FD_CLOEXEC) afterwards leaves a window open");
		finding_note(c, f, "kernel: net/core/scm.c scm_detach_fds()");
		finding_done(c, f);
		return;
	}
}

const struct rule ct307 = {
	.id = "CT307",
	.name = "fds-not-cloexec",
	.severity = SEVERITY_WARNING,
	.title = "descriptors are received without MSG_CMSG_CLOEXEC",
	.what = "A receive got descriptors and did not give the flag MSG_CMSG_CLOEXEC: they are inherited\n"
		"across exec.",
	.why = "A program that another thread executes between this recvmsg and the fcntl (or at any time,\n"
	       "where there is none) gets them: a leak, a file that stays open, sometimes access that it\n"
	       "should not have.",
	.kernel = "net/core/scm.c scm_detach_fds(): O_CLOEXEC only with MSG_CMSG_CLOEXEC.",
	.bad = EXAMPLE_RECEIVE_FDS("4 };", "0"),
	.good = EXAMPLE_RECEIVE_FDS("4 };", "MSG_CMSG_CLOEXEC"),
	.remedy =
		"recvmsg(fd, &m, MSG_CMSG_CLOEXEC).\n"
		"Go: ReadMsgUnix sets it. Python: sock.recvmsg(n, size, socket.MSG_CMSG_CLOEXEC); socket.recv_fds()\n"
		"takes flags, but doesn't hand them on (3.13).\n"
		"Rust: MsgFlags::MSG_CMSG_CLOEXEC.",
	.recv = check,
};
