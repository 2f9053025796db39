// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT108: why a send failed: which check of which control message, or none of them. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "check/check.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* Errors that say something about what was sent; others (EAGAIN, EPIPE …) are the socket's state. */
static bool about_message(int err)
{
	switch (err) {
	case EPERM:
	case EACCES:
	case ENOBUFS:
	case ENOMEM:
	case EMSGSIZE:
	case EINVAL:
	case EIO:
	case ENODEV:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
	case EDESTADDRREQ:
	case ETOOMANYREFS:
		return true;
	default:
		return false;
	}
}

/* Where the errno comes from, when it is not the control messages. */
static const char *usual_cause(int err)
{
	switch (err) {
	case EPERM:
		return "usually netfilter: an output rule drops the packet";
	case EACCES:
		return "a broadcast destination without SO_BROADCAST, or a security module";
	case ENOBUFS:
	case ENOMEM:
		return "no memory for the packet: a full device queue, or net.core.optmem_max";
	case EMSGSIZE:
		return "the payload is larger than a datagram (or the route's MTU) may be";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "there is no route to the destination";
	case EAFNOSUPPORT:
	case EDESTADDRREQ:
		return "the destination's address";
	default:
		return NULL;
	}
}

/* In a vector the call returns how many were sent, and the errno of the one after is lost. */
static bool hidden(const struct check_msg *cur)
{
	return cur->ev->result >= 0 && !cur->left;
}

/* A log of strace tells where the descriptor was closed. */
static void note_closed(struct check *c, struct finding *f, const struct cmsg *cm)
{
	for (uint32_t i = 0; i + sizeof(int32_t) <= cm->data_len; i += sizeof(int32_t)) {
		struct question q = { .kind = ASK_FD_OPEN };
		const struct answer *a;
		int32_t fd;

		memcpy(&fd, cm->data + i, sizeof(fd));
		q.number = fd;
		a = event_answer(check_msg(c)->ev, &q);
		if (a && !a->result && a->name[0])
			finding_note(c, f, "descriptor %d was closed before: %s of the log", fd,
				     a->name);
	}
}

static void note_blamed(struct check *c, struct finding *f, const struct msg *m)
{
	const struct cmsg *cm = &m->cmsg[m->outcome->cmsg];
	uint32_t hdr = cmsg_hdr_size(check_msg(c)->ev->abi);
	struct meant meant;

	finding_note(c, f,
		     "it holds: cmsg_len=%llu, cmsg_level=%s, cmsg_type=%s, at byte %u of the "
		     "control data",
		     (unsigned long long)cm->len, say_level(c, cm->level), say_type(c, cm),
		     cm->offset);
	if (cm->data_len)
		finding_note(c, f, "payload at byte %u: %s", cm->offset + hdr,
			     say_bytes(c, cm->data, cm->data_len));
	if (m->outcome->err == EBADF)
		note_closed(c, f, cm);
	if (cm->faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND))
		return;
	if (cm->row && cmsg_type_sent(cm->row) && sizes_wrong(check_msg(c)->ev, cm))
		finding_note(c, f, "right would be: a payload of %s, cmsg_len=CMSG_LEN(%u)",
			     sizes_text(c, cm->row), cm->row->size);
	else if (!cm->row && meant_of(c, cm, &meant))
		finding_note(c, f, "meant: cmsg_level=%s, cmsg_type=%s %s (%s)",
			     say_level(c, meant.row->level), meant.row->name,
			     say_value(c, meant.row, cm), meant.how);
}

static void tell_blamed(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	const struct outcome *o = m->outcome;
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, o->cmsg, o->why);

	if (!f)
		return;

	const char *err = say_errno(o->err);

	if (o->cmsg >= 0)
		finding_message(c, f, "%s fails with %s because of %s: %s", say_call(ev), err,
				say_which(c, (uint32_t)o->cmsg), o->why);
	else
		finding_message(c, f, "%s fails with %s: %s", say_call(ev), err, o->why);
	if (o->cmsg >= 0 && (uint32_t)o->cmsg < m->ncmsg)
		note_blamed(c, f, m);
	if (o->kernel)
		finding_note(c, f, "kernel: %s", o->kernel);
	finding_done(c, f);
}

/*
 * Each passed its own checks; where one chooses the source or the interface, the route was looked up with
 * that, and the lookup failed.
 */
static bool routed_by_control(const struct outcome *o, int err)
{
	switch (err) {
	case EINVAL:
	case ENODEV:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		return o->source.len || o->oif;
	default:
		return false;
	}
}

static void tell_routed(struct check *c, struct finding *f, const struct outcome *o, int err)
{
	finding_message(c, f,
			"%s fails with %s: the control messages pass their checks, and there is no "
			"route with what they choose",
			say_call(check_msg(c)->ev), say_errno(err));
	if (o->source.len)
		finding_note(c, f, "source: %s", say_host(c, &o->source));
	if (o->oif)
		finding_note(c, f, "interface: %s", say_ifindex(c, o->oif));
}

/* Index of the first message of m with descriptors; -1 none. */
static int rights_of(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (sizes_is_rights(&m->cmsg[i]))
			return (int)i;
	}
	return -1;
}

/*
 * A packet filter never sees AF_UNIX: whose fault is it there?  Of what the model can't know there are descriptors of
 * io_uring, which can't be passed (net/core/scm.c scm_fp_copy()), and the receiver (net/unix/af_unix.c).
 */
static void tell_unix(struct check *c, struct finding *f, int err, int rights)
{
	const struct check_msg *cur = check_msg(c);
	const struct question q = { .kind = ASK_PEER_PASSRIGHTS };
	const struct answer *takes = err == EPERM && rights >= 0 ? check_ask(c, &q) : NULL;
	const char *call = say_call(cur->ev), *name = say_errno(err);

	if (err == EINVAL && rights >= 0 && !cur->m->in.name_ptr) {
		finding_message(
			c, f,
			"%s fails with EINVAL because of %s: a descriptor in it is io_uring's, "
			"which can't be passed",
			call, say_which(c, (uint32_t)rights));
		finding_note(c, f, "kernel: net/core/scm.c scm_fp_copy()");
	} else if (takes && !takes->late && !takes->result) {
		finding_message(c, f,
				"%s fails with EPERM because of %s: the receiving socket takes no "
				"descriptors, its SO_PASSRIGHTS is off",
				call, say_which(c, (uint32_t)rights));
		finding_note(c, f,
			     "kernel: net/unix/af_unix.c unix_dgram_sendmsg(), "
			     "unix_stream_sendmsg()");
	} else if (err == EPERM && rights >= 0) {
		finding_message(c, f, "%s fails with EPERM, and the descriptors pass their checks",
				call);
		finding_note(
			c, f,
			"usual cause: the receiving socket takes none (SO_PASSRIGHTS is off), it "
			"is connected to another one, or a security module refuses");
	} else {
		finding_message(c, f, "%s fails with %s, and not because of the control messages",
				call, name);
		if (err == EPERM || err == EACCES)
			finding_note(c, f, "usual cause: %s",
				     err == EPERM
					     ? "the receiving socket is connected to another one, "
					       "or a security module"
					     : "no right to write to the socket's file");
	}
}

/* Are there credentials, which are checked where the model may know too little of the sender? */
static bool claims_ids(const struct check_msg *cur, const struct msg *m)
{
	if (!sock_kind_is_unix(cur->kind) && cur->kind != SOCK_KIND_NETLINK)
		return false;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == L_SOCKET && m->cmsg[i].type == T_CREDENTIALS &&
		    !known_own_ids(cur->ev, &m->cmsg[i]))
			return true;
	}
	return false;
}

/* CT302, CT501 and CT701 know the cause, and tell it. */
static bool others_tell(const struct check_msg *cur, const struct msg *m, int err)
{
	if ((err == EPERM || err == EINVAL) && claims_ids(cur, m))
		return true;
	if (sock_kind_is_unix(cur->kind))
		return err == ETOOMANYREFS && rights_of(m) >= 0;
	if (m->outcome->gso > 0)
		return err == EIO || err == EMSGSIZE || err == EINVAL;
	return (err == EIO || err == EMSGSIZE) && sock_kind_is_udp(cur->kind) &&
	       m->outcome->gso < 0 && sock_opt(cur->ev->sock, OPT_UDP_SEGMENT);
}

static void tell_innocent(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int err = -(int)ev->result;
	bool refused = err == EINVAL && m->outcome->source.len && !cur->mapped &&
		       addr_family(&m->outcome->source) == AF_INET6;

	/* refused: what the source lacked in the call, it has by now */
	if (refused || others_tell(cur, m, err))
		return;
	if (check_other_kernel(c)) {
		rule_skipped(c, r, "the call ran on another kernel than --kernel names");
		return;
	}

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, say_errno(err));

	if (!f)
		return;
	if (sock_kind_is_unix(cur->kind)) {
		tell_unix(c, f, err, rights_of(m));
		finding_done(c, f);
		return;
	}
	if (routed_by_control(m->outcome, err)) {
		tell_routed(c, f, m->outcome, err);
		finding_done(c, f);
		return;
	}
	if (m->outcome->assumes)
		finding_message(c, f, "%s fails with %s: it is not the control messages, if %s",
				say_call(ev), say_errno(err), m->outcome->assumes);
	else
		finding_message(c, f, "%s fails with %s, and not because of the control messages",
				say_call(ev), say_errno(err));
	if (usual_cause(err))
		finding_note(c, f, "usual cause: %s", usual_cause(err));
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	const struct outcome *o = m->outcome;

	if (cur->left || (!m->in.controllen && !m->ncmsg))
		return;
	if (ev->result < 0 && !about_message(-(int)ev->result) && (!o || !o->known))
		return;
	if (!known_outcome(c, r))
		return;
	if (o->err && (hidden(cur) || o->err == -ev->result))
		tell_blamed(c, r, ev, m);
	else if (!o->err && ev->result < 0 && about_message(-(int)ev->result))
		tell_innocent(c, r, ev, m);
}

const struct rule ct108 = {
	.id = "CT108",
	.name = "send-errno",
	.severity = SEVERITY_NOTE,
	.title = "which check of which control message made this send fail, or that none did",
	.explains = EXPLAINS_REFUSAL,
	.last = true,
	.what = "A send with control messages failed. The finding names the control message and the check\n"
		"that it did not pass, and the bytes at fault, or says that the control messages are not to\n"
		"blame. sendmmsg returns how many messages left before the failing one and loses its errno:\n"
		"the finding gives it.",
	.why = "EINVAL names nothing: there are more than a hundred checks between the call and the\n"
	       "wire, and the documentation lists few of them.",
	.kernel =
		"net/socket.c ____sys_sendmsg(), then the parser of the socket's protocol; the finding names\n"
		"the function. The model behind it is tested against the running kernel.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void set_ttl(struct msghdr *m)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "	int ttl = 0; /* 1 ... 255 */\n"
	       "\n"
	       "	c->cmsg_level = IPPROTO_IP;\n"
	       "	c->cmsg_type = IP_TTL;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
	       "	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void set_ttl(struct msghdr *m)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"	int ttl = 1;\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_TTL;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
		"	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
		"}\n",
	.remedy =
		"Correct what the finding names; cmsgtrace --list-cmsgs shows sizes and values.\n"
		"After sendmmsg returned fewer than asked, call it again from the first unsent message on:\n"
		"the call then returns that message's error.",
	.send = check,
};
