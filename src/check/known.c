// SPDX-License-Identifier: LGPL-2.1-or-later
/* Facts that rules need, and what is told where one is missing. */
#include "config.h"

#include "check/known.h"

#include <errno.h>
#include <string.h>

#include "check/internal.h"
#include "cmsg/cmsg.h"
#include "kernel/model.h"

bool known_kind(struct check *c, const struct rule *r)
{
	const struct check_msg *cur = &c->msg;

	if (cur->kind != SOCK_KIND_UNKNOWN)
		return true;
	if (!(call_rows[cur->ev->call].flags & CALL_ON_DEMAND) && cur->ev->result != -ENOTSOCK &&
	    cur->ev->result != -EBADF)
		rule_skipped(c, r, "the kind of socket is not known");
	return false;
}

bool known_opt(struct check *c, const struct rule *r, enum sock_opt o)
{
	if (sock_opt_known(c->msg.ev->sock, o))
		return true;
	rule_skipped(c, r, "the socket's options are not known");
	return false;
}

bool known_room(struct check *c, const struct rule *r)
{
	const struct event *ev = c->msg.ev;
	const struct msg *m = c->msg.m ? c->msg.m : ev->nmsg ? ev->msg : NULL;

	if (!m || m->made_up || !(m->in.unseen & HDR_UNSEEN_ROOM))
		return true;
	rule_skipped(c, r, "how much room was offered for control data is not known");
	return false;
}

bool known_pointers(struct check *c, const struct rule *r)
{
	if (!(c->msg.m->in.unseen & HDR_UNSEEN_PTRS))
		return true;
	rule_skipped(c, r, "the address in msg_control is not known");
	return false;
}

bool known_outcome(struct check *c, const struct rule *r)
{
	if (c->msg.m->outcome && c->msg.m->outcome->known)
		return true;
	rule_skipped(c, r, "what the control messages do is not known");
	return false;
}

bool known_verdict(struct check *c, const struct rule *r, uint32_t i)
{
	const struct verdict *v = &c->msg.m->verdict[i];

	if (v->what != VERDICT_UNKNOWN)
		return true;
	if (!v->unplaced && !known_payload(c, r, &c->msg.m->cmsg[i]))
		return false;
	rule_skipped(c, r, v->why ? v->why : "what the control messages do is not known");
	return false;
}

bool known_level(struct check *c, const struct rule *r, uint32_t i)
{
	return !c->msg.m->verdict[i].unplaced || known_verdict(c, r, i);
}

bool known_payload(struct check *c, const struct rule *r, const struct cmsg *cm)
{
	if (!(cm->faults & CMSG_FAULT_NOT_READ))
		return true;
	rule_skipped(c, r, "a control message's payload is not known");
	return false;
}

bool known_dest(struct check *c, const struct rule *r)
{
	const struct check_msg *cur = &c->msg;

	if (!known_kind(c, r))
		return false;
	if (cur->dest.len || !cur->left || !sock_kind_is_udp(cur->kind))
		return true;
	rule_skipped(c, r, "the destination is not known");
	return false;
}

bool known_own_ids(const struct event *ev, const struct cmsg *cm)
{
	const struct proc *p = ev->proc;
	uint32_t id[3]; /* struct ucred */

	if (cm->data_len != sizeof(id) || !p || !(p->has & PROC_HAS_IDS) || p->ids_foreign)
		return false;
	memcpy(id, cm->data, sizeof(id));
	return id[0] == (uint32_t)(p->has & PROC_HAS_NSPID ? p->nspid : ev->tgid) &&
	       (id[1] == p->uid || id[1] == p->euid || id[1] == p->suid) &&
	       (id[2] == p->gid || id[2] == p->egid || id[2] == p->sgid);
}
