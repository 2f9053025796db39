// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT301: descriptors that were sent and did not arrive. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/cut.h"
#include "check/known.h"
#include "check/rules/examples.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum {
	PASSED_MAX = 256, /* messages with descriptors that are remembered */
	HEAD = 16,        /* bytes of data that tell messages apart */
};

/* Of a socket: how much it sent and received; streams count bytes, others messages. */
struct state {
	uint64_t sent, received;
	uint64_t peer; /* inode of the other end, once it was asked for; 0: not known */
	bool asked;
};

/* Of the run: where in its receiver's queue each message with descriptors stands. */
struct run {
	unsigned int next;
	struct passed {
		uint64_t to, from; /* sockets: inodes */
		uint64_t at; /* of all that the sender sent, its first byte, or which message */
		uint32_t fds;
		int tgid;
		uint64_t event;
		size_t len;
		unsigned char head[HEAD];
	} v[PASSED_MAX];
};

static uint32_t count_fds(const struct event *ev, const struct msg *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->ncmsg; i++)
		n += sizes_fds(ev, &m->cmsg[i]);
	return n;
}

static uint64_t moved(const struct event *ev, const struct msg *m)
{
	return m->have_len ? m->len : ev->result > 0 ? (uint64_t)ev->result : 0;
}

/* What a message adds to the count of its socket. */
static uint64_t steps(const struct check_msg *cur)
{
	return cur->kind == SOCK_KIND_UNIX_STREAM ? moved(cur->ev, cur->m) : 1;
}

static struct bytes head_of(const struct msg *m)
{
	return m->niov ? m->iov[0].data : (struct bytes){ 0 };
}

static uint64_t ask_peer(struct check *c)
{
	const struct question q = { .kind = ASK_UNIX_PEER };
	const struct answer *a = check_ask(c, &q);

	return a ? a->inode : 0;
}

static void on_send(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	struct run *run = rule_run(c);
	uint32_t fds;

	(void)r;
	if (!cur->left || !sock_kind_is_unix(cur->kind))
		return;

	struct state *s = rule_sock(c);
	uint64_t at = s->sent;

	s->sent += steps(cur);
	fds = count_fds(ev, m);
	/* what goes to a name has other senders, too; without data a stream passes nothing */
	if (!fds || m->in.namelen > 0 || s->sent == at || !(ev->sock->has & SOCK_HAS_INODE))
		return;
	if (!s->asked)
		s->peer = ask_peer(c);
	s->asked = s->peer;
	if (!s->peer)
		return;

	struct passed *p = &run->v[run->next++ % PASSED_MAX];
	struct bytes head = head_of(m);

	*p = (struct passed){ .to = s->peer,
			      .from = ev->sock->inode,
			      .at = at,
			      .fds = fds,
			      .tgid = ev->tgid,
			      .event = ev->no,
			      .len = m->total };
	if (head.p)
		memcpy(p->head, head.p, head.len < HEAD ? head.len : HEAD);
}

/* A datagram is the one that was sent, if it looks so and the ends are each other's only ones. */
static bool same_datagram(struct check *c, const struct passed *p)
{
	const struct check_msg *cur = check_msg(c);
	struct bytes head = head_of(cur->m);
	size_t n = head.len < HEAD ? head.len : HEAD;

	return moved(cur->ev, cur->m) <= p->len && (!n || !memcmp(p->head, head.p, n)) &&
	       (cur->kind == SOCK_KIND_UNIX_SEQPACKET || ask_peer(c) == p->from);
}

/* The message under check as its sender passed it; NULL: it had no descriptors, or it isn't known. */
static const struct passed *find_passed(struct check *c, uint64_t from, uint64_t to)
{
	const struct check_msg *cur = check_msg(c);
	const struct run *run = rule_run(c);

	if (!(cur->ev->sock->has & SOCK_HAS_INODE))
		return NULL;
	for (unsigned int i = 0; i < PASSED_MAX; i++) {
		const struct passed *p = &run->v[i];

		if (p->fds && p->to == cur->ev->sock->inode && p->at >= from && p->at < to &&
		    (cur->kind == SOCK_KIND_UNIX_STREAM || same_datagram(c, p)))
			return p;
	}
	return NULL;
}

/* Nothing but descriptors can be what MSG_CTRUNC speaks of. */
static bool only_fds(struct check *c, const struct cut *cut)
{
	if (sock_opt(check_msg(c)->ev->sock, OPT_SO_PASSSEC))
		return false;
	for (unsigned int i = 0; i < cut->n; i++) {
		const struct cut_row *row = &cut->v[i];

		if (row->came != CUT_WHOLE && !cut_is_rights(row))
			return false;
	}
	return true;
}

/* Where descriptors stand in the control buffer, or would. */
static uint32_t offset_of_fds(const struct event *ev, const struct msg *m)
{
	uint32_t offset = 0;

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (sizes_is_rights(cm))
			return cm->offset;
		if (cm->level == L_SOCKET && cm->type != T_PIDFD && cm->type != T_INQ)
			offset = cm->offset + (uint32_t)cmsg_align(ev->abi, cm->len);
	}
	return offset;
}

/* The buffer has room for more than came: what else stops the kernel? */
static void note_other_cause(struct check *c, struct finding *f, uint64_t room)
{
	const struct question limit = { .kind = ASK_NOFILE };
	const struct answer *nofile = check_ask(c, &limit);
	struct question below = { .kind = ASK_FDS_BELOW, .number = nofile ? nofile->result : 0 };
	const struct answer *open = nofile && nofile->result > 0 ? check_ask(c, &below) : NULL;

	if (!open || open->result < 0 || open->late || nofile->late)
		finding_note(
			c, f,
			"the buffer has room for %s, so that it is not the cause: RLIMIT_NOFILE "
			"(EMFILE) or a security module is",
			say_count(c, room, "descriptor"));
	else if (open->result >= nofile->result)
		finding_note(
			c, f,
			"cause: the process may open no more: %d descriptors are open, RLIMIT_NOFILE "
			"is %d",
			open->result, nofile->result);
	else
		finding_note(
			c, f,
			"cause: a security module refused them: the buffer has room for %s, and the "
			"process may open more (%d descriptors are open, RLIMIT_NOFILE is %d)",
			say_count(c, room, "descriptor"), open->result, nofile->result);
}

/* Is it the buffer? */
static bool note_cause(struct check *c, struct finding *f, uint32_t came)
{
	const struct check_msg *cur = check_msg(c);
	const struct msg *m = cur->m;
	uint64_t used = offset_of_fds(cur->ev, m) + cmsg_hdr_size(cur->ev->abi);
	uint64_t room =
		m->in.control_ptr && m->in.controllen > used ? (m->in.controllen - used) / 4 : 0;

	if (m->made_up) {
		finding_note(
			c, f,
			"cause: %s has no control data: the kernel closes what was passed, and "
			"nothing tells so",
			say_call(cur->ev));
		finding_note(c, f, "remedy: recvmsg with room for control data");
	} else if (m->in.unseen & HDR_UNSEEN_ROOM) {
		finding_note(c, f,
			     "cause: not known, since it is not known how much room was offered; "
			     "too little, or the process may open no more (RLIMIT_NOFILE)");
	} else if (came < room) {
		note_other_cause(c, f, room);
	} else {
		finding_note(c, f,
			     "cause: msg_controllen is %llu, which has room for %s; the rest were "
			     "closed",
			     (unsigned long long)m->in.controllen,
			     say_count(c, room, "descriptor"));
		return true;
	}
	return false;
}

static void tell(struct check *c, const struct rule *r, const struct passed *p, uint32_t came,
		 const struct cut *cut)
{
	const struct check_msg *cur = check_msg(c);
	bool sure = p || sock_opt_known(cur->ev->sock, OPT_SO_PASSCRED);
	struct finding *f =
		finding_start(c, r, sure ? r->severity : SEVERITY_WARNING, (int)cur->index, -1,
			      cur->m->made_up ? "no control data" : NULL);

	if (!f)
		return;
	if (p)
		finding_message(c, f, "descriptors were lost: %s sent and %s arrived%s",
				say_count(c, p->fds, "descriptor"),
				came ? say_count(c, came, "descriptor") : "none",
				cur->m->made_up ? "" : "; MSG_CTRUNC is set");
	else
		finding_message(c, f, "descriptors were lost: %s arrived and MSG_CTRUNC is set",
				came ? say_count(c, came, "descriptor") : "none");
	if (p)
		finding_note(c, f, "process %d sent them with event %llu", p->tgid,
			     (unsigned long long)p->event);
	if (!sure)
		finding_note(c, f,
			     "unless SO_PASSPIDFD or SO_INQ is on, which is not known: what they "
			     "bring comes behind the descriptors, and may be what was cut");
	bool by_buffer = note_cause(c, f, came);

	if (cut && by_buffer) {
		cut_note_room(c, f, cut);
		if (!p)
			finding_note(c, f,
				     "how many were sent is not known: a message has 253 at most");
	}
	finding_note(c, f, "kernel: net/core/scm.c scm_detach_fds()");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m,
		  const struct passed *p)
{
	uint32_t came = count_fds(ev, m);
	struct cut cut;

	if (p && came > p->fds)
		p = NULL; /* another message's, after all */
	if (m->made_up && p && !(ev->flags & F_PEEK))
		tell(c, r, p, came, NULL);
	if (m->made_up || !(m->out.flags & F_CTRUNC))
		return;
	/* where some came, all that the kernel writes before them is whole: else it had left them no room */
	if (!p && !came && !known_opt(c, r, OPT_SO_PASSCRED))
		return;
	if (p)
		check_fds_sent(c, p->fds);
	cut_look(c, &cut);
	if (p ? p->fds == came : !only_fds(c, &cut))
		return; /* CT401 */
	for (unsigned int i = 0; i < cut.n; i++)
		cut.v[i].always |= cut_is_rights(&cut.v[i]);
	tell(c, r, p, came, &cut);
}

static void on_recv(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!(m->out.flags & F_CTRUNC) && cur->kind == SOCK_KIND_UNKNOWN)
		return;
	if (!sock_is_unix(ev->sock)) {
		known_kind(c, r);
		return;
	}

	struct state *s = rule_sock(c);
	uint64_t next = s->received + steps(cur);

	check(c, r, ev, m, find_passed(c, s->received, next));
	if (!(ev->flags & F_PEEK))
		s->received = next;
}

const struct rule ct301 = {
	.id = "CT301",
	.name = "fds-lost",
	.severity = SEVERITY_ERROR,
	.title = "descriptors that were sent did not arrive",
	.explains = EXPLAINS_CUT,
	.what = "A receive on a Unix socket came back with MSG_CTRUNC: not all descriptors of the message\n"
		"were installed, the others are closed. The finding says how many came, how many were sent\n"
		"(where the sender is traced), and which cause fits the numbers of that moment: the control\n"
		"buffer, RLIMIT_NOFILE (limit and open count are shown), or a security module. Or descriptors\n"
		"of a traced sender met a recv(), which closes them without a word.\n"
		"Where something else may be what was cut, CT401 speaks.",
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
	.sock_state = sizeof(struct state),
	.run_state = sizeof(struct run),
	.send = on_send,
	.recv = on_recv,
};
