// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT701: credentials that the kernel does not let this process claim. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

struct credentials {
	int32_t pid;
	uint32_t uid, gid;
};

/* EINVAL is of ids that are none: -1, or without a mapping where the sender is. */
static bool note_unmapped(struct check *c, struct finding *f, const struct credentials *u)
{
	const struct question uid = { .kind = ASK_UID_MAPPED, .number = u->uid };
	const struct question gid = { .kind = ASK_GID_MAPPED, .number = u->gid };
	const struct event *ev = check_msg(c)->ev;
	const struct answer *known = event_answer(ev, &uid), *known_gid = event_answer(ev, &gid);
	bool no_uid = known && !known->result, no_gid = known_gid && !known_gid->result;

	if (u->uid == UINT32_MAX || u->gid == UINT32_MAX)
		finding_note(c, f, "-1 is no %s", u->uid == UINT32_MAX ? "uid" : "gid");
	else if (no_uid || no_gid)
		finding_note(c, f, "%s %u has no mapping in its user namespace (/proc/%d/%s)",
			     no_uid ? "uid" : "gid", no_uid ? u->uid : u->gid, ev->tgid,
			     no_uid ? "uid_map" : "gid_map");
	else
		return false;
	return true;
}

static void note_reason(struct check *c, struct finding *f, const struct event *ev,
			const struct credentials *u)
{
	const struct proc *p = ev->proc;
	bool ids = p && (p->has & PROC_HAS_IDS);

	if (p && (p->has & PROC_HAS_NSPID) && u->pid != p->nspid)
		finding_note(c, f,
			     p->nspid == ev->tgid
				     ? "pid %d is not its own, %d: that takes CAP_SYS_ADMIN"
				     : "pid %d is not its own, %d in its pid namespace: that takes "
				       "CAP_SYS_ADMIN",
			     u->pid, p->nspid);
	else if (!(p && (p->has & PROC_HAS_NSPID)) && u->pid != ev->tgid)
		finding_note(
			c, f,
			"pid %d is not its own (%d as the tracer sees it; its pid namespace may "
			"number it otherwise): that takes CAP_SYS_ADMIN",
			u->pid, ev->tgid);
	if (!ids)
		return;
	if (p->ids_foreign) {
		finding_note(
			c, f,
			"its user namespace is another than the tracer's: uid %u and gid %u must "
			"have a mapping there (/proc/%d/uid_map, gid_map), and be its own or "
			"allowed by CAP_SETUID and CAP_SETGID",
			u->uid, u->gid, ev->tgid);
		return;
	}
	if (u->uid != p->uid && u->uid != p->euid && u->uid != p->suid)
		finding_note(
			c, f,
			"uid %u is none of its own (real %u, effective %u, saved %u): that takes "
			"CAP_SETUID, and a mapping in its user namespace",
			u->uid, p->uid, p->euid, p->suid);
	if (u->gid != p->gid && u->gid != p->egid && u->gid != p->sgid)
		finding_note(
			c, f,
			"gid %u is none of its own (real %u, effective %u, saved %u): that takes "
			"CAP_SETGID, and a mapping in its user namespace",
			u->gid, p->gid, p->egid, p->sgid);
}

/* Of a socket. */
struct state {
	uint8_t creds_sent; /* messages whose receiver was looked at */
};

/* It succeeded: does the receiver want them?  The first messages of a socket tell. */
static void check_unheard(struct check *c, const struct rule *r, const struct msg *m, uint32_t i)
{
	enum { LOOKS = 3 };
	const struct check_msg *cur = check_msg(c);
	const struct question q = { .kind = ASK_PEER_PASSCRED };
	const struct answer *a;
	struct state *s;

	if (!sock_kind_is_unix(cur->kind) || m->in.name_ptr)
		return;
	s = rule_sock(c);
	if (s->creds_sent >= LOOKS)
		return;
	s->creds_sent++;
	a = check_ask(c, &q);
	if (!a || a->result != 0)
		return;

	/* it may still be switched on before they are received */
	struct finding *f =
		finding_start(c, r, SEVERITY_WARNING, (int)cur->index, (int)i, "unheard");

	if (!f)
		return;
	finding_message(
		c, f,
		"%s sends credentials, and the receiving socket has SO_PASSCRED off: they are "
		"not delivered",
		say_which(c, i));
	finding_note(c, f,
		     "remedy: the receiver switches SO_PASSCRED on before it is sent to; then it "
		     "gets the true ones with each message, sent or not");
	finding_note(c, f, "kernel: include/net/scm.h scm_recv_unix()");
	finding_done(c, f);
}

/* Is the errno that of control message i? */
static bool blamed(struct check *c, const struct rule *r, const struct msg *m, uint32_t i, int err)
{
	const struct proc *p = check_msg(c)->ev->proc;

	if (m->outcome && m->outcome->known && m->outcome->err && m->outcome->cmsg != (int)i)
		return false;
	if (err == EPERM && known_own_ids(check_msg(c)->ev, &m->cmsg[i]))
		return false; /* the receiver's doing, or a security module's */
	if (err != EINVAL)
		return true;
	/* an id without a mapping in its namespace: nothing else of these is EINVAL */
	if (p && p->ids_foreign && m->ncmsg == 1)
		return true;
	return known_verdict(c, r, i) && m->verdict[i].what == VERDICT_REJECT;
}

static void tell_refused(struct check *c, const struct rule *r, uint32_t i, int err)
{
	const struct check_msg *cur = check_msg(c);
	struct finding *f =
		finding_start(c, r, r->severity, (int)cur->index, (int)i, say_errno(err));
	struct credentials u;

	if (!f)
		return;
	memcpy(&u, cur->m->cmsg[i].data, sizeof(u));
	finding_message(c, f,
			"%s fails with %s: the credentials {pid=%d, uid=%u, gid=%u} of %s are "
			"refused",
			say_call(cur->ev), say_errno(err), u.pid, u.uid, u.gid, say_which(c, i));
	if (err == ESRCH)
		finding_note(c, f, "there is no process %d in its pid namespace", u.pid);
	else if (err != EINVAL || !note_unmapped(c, f, &u))
		note_reason(c, f, cur->ev, &u);
	finding_note(c, f, "kernel: net/core/scm.c scm_check_creds()");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int err = -event_error(ev);
	bool refused = err == EPERM || err == ESRCH || err == EINVAL;

	if ((!cur->left && !refused) || !m->ncmsg || !known_kind(c, r) ||
	    !(sock_kind_is_unix(cur->kind) || cur->kind == SOCK_KIND_NETLINK))
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level != L_SOCKET || cm->type != T_CREDENTIALS)
			continue;
		if (cur->left)
			check_unheard(c, r, m, i);
		else if (known_payload(c, r, cm) && cm->data_len == UCRED_SIZE &&
			 blamed(c, r, m, i, err))
			tell_refused(c, r, i, err);
	}
}

const struct rule ct701 = {
	.id = "CT701",
	.name = "credentials-refused",
	.severity = SEVERITY_ERROR,
	.title =
		"the kernel refuses the credentials that are sent, or the receiver doesn't hear them",
	.explains = EXPLAINS_REFUSAL,
	.what = "A send with SCM_CREDENTIALS failed. The finding compares what was claimed with the\n"
		"process's own pid and its real, effective and saved ids, as its namespaces number them.\n"
		"warning: the send succeeded, and the socket at the other end, which a traced process holds, has\n"
		"SO_PASSCRED off: the kernel drops the credentials.",
	.why = "A process may send its own pid and any of its own ids, and others only with\n"
	       "CAP_SYS_ADMIN, CAP_SETUID or CAP_SETGID in its user namespace. In a container the ids are\n"
	       "those of the namespace, and an id without a mapping (or -1) is EINVAL.",
	.kernel =
		"net/core/scm.c scm_check_creds(), __scm_send(): pid or CAP_SYS_ADMIN, uid or CAP_SETUID, gid\n"
		"or CAP_SETGID; ESRCH where no process has the pid.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void claim(struct msghdr *m) /* not as root */\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "	struct ucred root = { .pid = 1, .uid = 0, .gid = 0 };\n"
	       "\n"
	       "	c->cmsg_level = SOL_SOCKET;\n"
	       "	c->cmsg_type = SCM_CREDENTIALS;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(root));\n"
	       "	memcpy(CMSG_DATA(c), &root, sizeof(root));\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"#include <unistd.h>\n"
		"\n"
		"void claim(struct msghdr *m)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"	struct ucred me = { .pid = getpid(), .uid = geteuid(), .gid = getegid() };\n"
		"\n"
		"	c->cmsg_level = SOL_SOCKET;\n"
		"	c->cmsg_type = SCM_CREDENTIALS;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(me));\n"
		"	memcpy(CMSG_DATA(c), &me, sizeof(me));\n"
		"}\n",
	.remedy =
		"Send getpid(), geteuid() and getegid() as they are now (not cached across fork or setuid),\n"
		"or leave SCM_CREDENTIALS out: a receiver with SO_PASSCRED gets the true ones anyway.",
	.sock_state = sizeof(struct state),
	.send = check,
};
