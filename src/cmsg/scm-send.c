// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is checked of descriptors and credentials that are sent.  Pure.
 * Kernel: net/core/scm.c __scm_send(), scm_fp_copy().
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "cmsg/scm-send.h"

enum {
	PID_MAX = 4194304,
};

static const uint64_t userns_init = 0xeffffffd; /* inode: linux/nsfs.h USER_NS_INIT_INO */

/* Stream sockets carry descriptors on data: without a byte they are checked and dropped. */
static void rights_without_data(struct judge *j)
{
	if (j->kind == SOCK_KIND_UNIX_STREAM && !j->m->total)
		judge_ignore(
			j, WHY_NO_EFFECT,
			"a stream socket carries descriptors on data, and there is no data byte");
}

void scm_rights_check(struct judge *j)
{
	uint64_t n = j->payload / sizeof(int32_t);
	bool unsure = false;

	if (!n) {
		judge_ignore(j, WHY_NO_EFFECT, "there is no descriptor in it");
		return;
	}
	if (n > SCM_FDS_MAX) {
		judge_reject(j, CHECK_SIZE, EINVAL, "more than 253 descriptors in one message");
		return;
	}
	if (j->fds + n > SCM_FDS_MAX) {
		judge_reject(j, CHECK_REPEATED, EINVAL,
			     "more than 253 descriptors together with the earlier ones");
		return;
	}
	j->fds += (uint32_t)n;

	const unsigned char *p = judge_data(j, (uint32_t)n * 4);

	for (uint64_t i = 0; p && i < n; i++) {
		struct question q = { .kind = ASK_FD_OPEN };
		int32_t fd;
		int open;

		memcpy(&fd, p + i * 4, sizeof(fd));
		q.number = fd;
		open = fd < 0 ? 0 : judge_ask(j, &q);
		if (open < 0)
			unsure = true;
		if (open == 0 && unsure) {
			judge_unknown(j, "it is not known which of the descriptors are open");
			return;
		}
		if (open == 0) {
			judge_reject(j, CHECK_VALUE, EBADF,
				     fd < 0 ? "a descriptor in it is negative"
					    : "a descriptor in it is not open");
			return;
		}
	}
	if (!p)
		return;
	judge_assume(j,
		     unsure ? "the descriptors are open, the receiver takes them and not too many "
			      "are in flight"
			    : "the receiver takes descriptors and not too many are in flight");
	rights_without_data(j);
}

/* uid (or gid) may be given: one of three of its own, or by capability. */
static enum truth may_give(const struct judge *j, uint32_t id, uint32_t a, uint32_t b, uint32_t c,
			   unsigned int cap)
{
	const struct proc *p = j->ev->proc;

	if (p && (p->has & PROC_HAS_IDS) && (id == a || id == b || id == c))
		return YES;

	enum truth capable = judge_capable(j, cap);

	if (capable == NO && !(p && (p->has & PROC_HAS_IDS)))
		return MAYBE;
	return capable;
}

/* task_tgid_vnr(): as its own pid namespace numbers it. */
static bool own_pid(const struct judge *j, uint32_t pid)
{
	const struct proc *p = j->ev->proc;
	int own = p && (p->has & PROC_HAS_NSPID) ? p->nspid : j->ev->tgid;

	return own > 0 && pid == (uint32_t)own;
}

static void pid_check(struct judge *j, int32_t pid)
{
	const struct question q = { .kind = ASK_PID_EXISTS, .number = pid };
	int exists;

	if (own_pid(j, (uint32_t)pid))
		return;
	exists = pid <= 0 || pid > PID_MAX ? 0 : judge_ask(j, &q);
	if (exists == 0)
		judge_reject(j, CHECK_VALUE, ESRCH, "there is no process of that pid");
	else if (exists < 0)
		judge_assume(j, "the process named in the credentials exists");
}

/* make_kuid(): is id none in the sender's user namespace?  own: it is one of the sender's, as we number them. */
static bool unmapped(struct judge *j, enum question_kind kind, uint32_t id, bool own)
{
	enum { OVERFLOW_ID = 65534 }; /* shown of ids without a mapping, too */
	const struct question q = { .kind = kind, .number = id };
	const struct proc *p = j->ev->proc;

	if (own && id != OVERFLOW_ID && !(p && p->ids_foreign))
		return false;
	return judge_ask(j, &q) == 0;
}

void scm_credentials_check(struct judge *j)
{
	const struct proc *p = j->ev->proc;
	static const struct proc nobody;
	const unsigned char *d = judge_data(j, 12);
	uint32_t pid, uid, gid;

	if (!d)
		return;
	memcpy(&pid, d, 4);
	memcpy(&uid, d + 4, 4);
	memcpy(&gid, d + 8, 4);
	if (uid == UINT32_MAX || gid == UINT32_MAX) {
		judge_reject(j, CHECK_VALUE, EINVAL, "-1 is no uid or gid");
		return;
	}

	const struct proc *q = p ? p : &nobody;

	if (unmapped(j, ASK_UID_MAPPED, uid, uid == q->uid || uid == q->euid || uid == q->suid)) {
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the uid has no mapping in the sender's user namespace");
		return;
	}
	if (unmapped(j, ASK_GID_MAPPED, gid, gid == q->gid || gid == q->egid || gid == q->sgid)) {
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the gid has no mapping in the sender's user namespace");
		return;
	}
	if (p && p->ids_foreign) {
		judge_unknown(j, "its own ids in the sender's user namespace are not known");
		return;
	}
	enum truth give_pid = own_pid(j, pid) ? YES : judge_capable(j, CAPABILITY_SYS_ADMIN);
	enum truth give_uid = may_give(j, uid, q->uid, q->euid, q->suid, CAPABILITY_SETUID);
	enum truth give_gid = may_give(j, gid, q->gid, q->egid, q->sgid, CAPABILITY_SETGID);

	/* it counts where the pid namespace's owner has it: which that is isn't known */
	if (give_pid == YES && !own_pid(j, pid) && (q->has & PROC_HAS_USERNS) &&
	    q->userns != userns_init)
		give_pid = MAYBE;
	if (give_pid == NO)
		judge_reject(j, CHECK_PRIVILEGE, EPERM,
			     "the pid is not the sender's own (CAP_SYS_ADMIN)");
	else if (give_uid == NO)
		judge_reject(j, CHECK_PRIVILEGE, EPERM,
			     "the uid is none of the sender's real, effective, saved (CAP_SETUID)");
	else if (give_gid == NO)
		judge_reject(j, CHECK_PRIVILEGE, EPERM,
			     "the gid is none of the sender's real, effective, saved (CAP_SETGID)");
	else if (give_pid == MAYBE || give_uid == MAYBE || give_gid == MAYBE)
		judge_unknown(j, "the sender's ids or capabilities are not known");
	else
		pid_check(j, (int32_t)pid);
}

void scm_rights_before(struct judge *j)
{
	if (j->kind == SOCK_KIND_NETLINK)
		judge_reject(j, CHECK_STATE, EINVAL, "descriptors can't be passed over netlink");
}
