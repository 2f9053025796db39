// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT301: descriptors that were sent and did not arrive. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/rules/examples.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

/* The control messages that came: what else than descriptors could be missing? */
struct came {
	const struct cmsg *rights;
	uint32_t fds, offset; /* offset: where descriptors stand, or would */
	bool credentials, pidfd;
};

static struct came look(const struct event *ev, const struct msg *m)
{
	struct came out = { 0 };

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level != L_SOCKET)
			continue;
		if (cm->type == T_RIGHTS) {
			out.rights = cm;
			out.fds += cm->data_len / 4;
			out.offset = cm->offset;
		} else if (cm->type == T_CREDENTIALS && cm->data_len == UCRED_SIZE) {
			out.credentials = true;
		} else if (cm->type == T_PIDFD && cm->data_len == 4) {
			out.pidfd = true;
		}
		if (!out.rights)
			out.offset = cm->offset + (uint32_t)cmsg_align(ev->abi, cm->len);
	}
	return out;
}

/* MSG_CTRUNC can only mean descriptors. */
static bool certain(const struct event *ev, const struct came *came)
{
	const struct sock *s = ev->sock;

	if (!sock_opt_known(s, OPT_SO_PASSCRED) || sock_opt(s, OPT_SO_PASSSEC))
		return false;
	return (!sock_opt(s, OPT_SO_PASSCRED) || came->credentials) &&
	       (!sock_opt(s, OPT_SO_PASSPIDFD) || came->pidfd);
}

static void note_cause(struct check *c, struct finding *f, const struct came *came)
{
	const struct check_msg *cur = check_msg(c);
	const struct proc *p = cur->ev->proc;
	uint64_t used = came->offset + cmsg_hdr_size(cur->ev->abi);
	uint64_t room = cur->m->in.controllen > used ? (cur->m->in.controllen - used) / 4 : 0;
	bool limits = p && (p->has & PROC_HAS_NOFILE) && (p->has & PROC_HAS_NFDS);

	if (cur->m->in.unseen & HDR_UNSEEN_ROOM) {
		finding_note(c, f,
			     "cause: not known, since it is not known how much room was offered; "
			     "too little, or the process may open no more (RLIMIT_NOFILE)");
	} else if (came->fds >= room) {
		finding_note(c, f,
			     "cause: msg_controllen is %llu, which has room for %s; the rest were "
			     "closed",
			     (unsigned long long)cur->m->in.controllen,
			     say_count(c, room, "descriptor"));
		finding_note(c, f,
			     "remedy: offer CMSG_SPACE(sizeof(int) * n) for the most the protocol "
			     "sends (253 at most)");
	} else if (limits && p->nfds + 1 >= p->nofile) {
		finding_note(c, f,
			     "cause: the process may open no more: %u descriptors are open, "
			     "RLIMIT_NOFILE is %llu",
			     p->nfds, (unsigned long long)p->nofile);
	} else {
		finding_note(
			c, f,
			"the buffer has room for %s, so that it is not the cause: RLIMIT_NOFILE "
			"(EMFILE) or a security module is",
			say_count(c, room, "descriptor"));
		if (limits)
			finding_note(
				c, f,
				"when last looked at, %u descriptors were open and RLIMIT_NOFILE "
				"was %llu",
				p->nfds, (unsigned long long)p->nofile);
	}
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || !(m->out.flags & F_CTRUNC) || !known_kind(c, r) ||
	    !sock_kind_is_unix(cur->kind) || !known_opt(c, r, OPT_SO_PASSCRED))
		return;

	struct came came = look(ev, m);

	if (!certain(ev, &came))
		return; /* CT401 */

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f, "descriptors were lost: %s arrived and MSG_CTRUNC is set",
			came.fds ? say_count(c, came.fds, "descriptor") : "none");
	note_cause(c, f, &came);
	finding_note(c, f, "kernel: net/core/scm.c scm_detach_fds()");
	finding_done(c, f);
}

const struct rule ct301 = {
	.id = "CT301",
	.name = "fds-lost",
	.severity = SEVERITY_ERROR,
	.title = "descriptors that were sent did not arrive",
	.what = "A receive on a Unix socket came back with MSG_CTRUNC: not all descriptors of the message\n"
		"were installed, the others are closed. The finding says how many came and which cause fits\n"
		"the numbers: the control buffer, RLIMIT_NOFILE (limit and open count are shown), or a\n"
		"security module.",
	.why = "The data arrives and announces descriptors that are not there. They can't be had again:\n"
	       "the sender believes they were passed.",
	.kernel =
		"net/core/scm.c scm_detach_fds(): as many as (msg_controllen - 16) / 4 hold and the process\n"
		"may open; the rest is closed and MSG_CTRUNC set.",
	.bad = EXAMPLE_RECEIVE_FDS("1 }; /* the peer sends more */", "0"),
	.good = EXAMPLE_RECEIVE_FDS("253 };", "MSG_CMSG_CLOEXEC"),
	.remedy =
		"Offer room for the most the protocol allows, look at MSG_CTRUNC, and close what came.\n"
		"C: CMSG_SPACE(sizeof(int) * 253) is 1032 bytes.\n"
		"Go: oob := make([]byte, unix.CmsgSpace(4*253)); check flags&unix.MSG_CTRUNC after ReadMsgUnix.\n"
		"Python: socket.recv_fds(sock, n, 253) returns the flags.\n"
		"Rust: nix::cmsg_space!([RawFd; 253]).",
	.recv = check,
};
