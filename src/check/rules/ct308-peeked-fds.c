// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT308: MSG_PEEK at a message with descriptors installs them each time. */
#include "config.h"

#include "check/check.h"
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

	if (!(ev->flags & F_PEEK) || !may_be_unix(cur->kind))
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (!sizes_fds(ev, cm))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			return;
		finding_message(
			c, f,
			"MSG_PEEK installed %s: each peek, and the read after it, opens them anew",
			say_count(c, sizes_fds(ev, cm), "descriptor"));
		finding_note(
			c, f,
			"remedy: peek without a control buffer, or close what a peek installed");
		finding_note(c, f, "kernel: net/unix/af_unix.c unix_peek_fds()");
		finding_done(c, f);
		return;
	}
}

const struct rule ct308 = {
	.id = "CT308",
	.name = "peeked-fds",
	.severity = SEVERITY_WARNING,
	.title = "MSG_PEEK at a message with SCM_RIGHTS installs the descriptors each time",
	.what = "A receive with MSG_PEEK and a control buffer met a message with descriptors: they are\n"
		"duplicated into the process, and again by the next peek or read.",
	.why = "A program that peeks to learn a message's size leaks a descriptor for each one passed.",
	.kernel = "net/unix/af_unix.c unix_peek_fds(), net/core/scm.c scm_detach_fds().",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "long size_of_next(int fd, struct msghdr *m) /* m has a control buffer */\n"
	       "{\n"
	       "	return recvmsg(fd, m, MSG_PEEK | MSG_TRUNC);\n"
	       "}\n",
	.good = "#include <stddef.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"long size_of_next(int fd)\n"
		"{\n"
		"	return recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);\n"
		"}\n",
	.remedy = "Peek with recv() or msg_controllen 0.",
	.recv = check,
};
