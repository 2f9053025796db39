// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT305: descriptors on a stream socket with no data byte. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/rules/examples.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || m->total || !m->in.have || !m->ncmsg || !known_kind(c, r) ||
	    cur->kind != SOCK_KIND_UNIX_STREAM)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (!sizes_fds(ev, cm))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			return;
		finding_message(c, f,
				"%s passes %s with no data byte: %s returns 0, and nothing arrives",
				say_which(c, i), say_count(c, sizes_fds(ev, cm), "descriptor"),
				say_call(ev));
		finding_note(c, f, "remedy: send at least one byte with them");
		finding_note(c, f, "kernel: net/unix/af_unix.c unix_stream_sendmsg()");
		finding_done(c, f);
		return;
	}
}

const struct rule ct305 = {
	.id = "CT305",
	.name = "fds-without-data",
	.severity = SEVERITY_ERROR,
	.title = "SCM_RIGHTS with no data byte on a stream socket: nothing arrives",
	.what = "A Unix stream socket passes descriptors on data. Without a byte of data the call checks\n"
		"them, returns 0 and drops them.",
	.why = "There is no error, and the receiver waits for ever. On datagram and seqpacket sockets the\n"
	       "same call works.",
	.kernel =
		"net/unix/af_unix.c unix_stream_sendmsg(): the loop over the data runs zero times; scm_destroy()\n"
		"drops the descriptors.",
	.bad = EXAMPLE_PASS_FD("0", "sizeof(fd)"),
	.good = EXAMPLE_PASS_FD("1", "sizeof(fd)"),
	.remedy = "Send at least one byte with descriptors.\n"
		  "Go: WriteMsgUnix with a nil payload sends one dummy byte by itself.\n"
		  "Python: socket.send_fds(sock, [b\"x\"], fds). Rust: a non-empty IoSlice.",
	.send = check,
};
