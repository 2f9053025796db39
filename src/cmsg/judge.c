// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the check functions of rows ask and say.  Pure. */
#include "config.h"

#include "cmsg/judge.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Until 6.15 TCP made EINVAL of every error of its control messages. */
static int tcp_errno(const struct judge *j, int err)
{
	const bool tcp = j->kind == SOCK_KIND_TCP4 || j->kind == SOCK_KIND_TCP6;

	return tcp && !judge_since(j, KERNEL_RELEASE(6, 16, 0)) ? EINVAL : err;
}

void judge_reject(struct judge *j, enum verdict_check check, int err, const char *why)
{
	*j->v = (struct verdict){ .what = VERDICT_REJECT,
				  .check = check,
				  .err = tcp_errno(j, err),
				  .why = why,
				  .kernel = j->kernel };
}

void judge_ignore(struct judge *j, enum verdict_why ignored, const char *why)
{
	*j->v = (struct verdict){
		.what = VERDICT_IGNORE, .ignored = ignored, .why = why, .kernel = j->kernel
	};
}

void judge_unknown(struct judge *j, const char *why)
{
	*j->v = (struct verdict){ .what = VERDICT_UNKNOWN, .why = why, .kernel = j->kernel };
	j->doubt = true;
}

void judge_fail(struct judge *j, int err, const char *why, const char *kernel)
{
	j->out->err = err;
	j->out->why = why;
	j->out->kernel = kernel;
	j->out->cmsg = -1;
}

void judge_reject_late(struct judge *j, int i, enum verdict_check check, int err, const char *why,
		       const char *kernel)
{
	j->m->verdict[i] = (struct verdict){
		.what = VERDICT_REJECT, .check = check, .err = err, .why = why, .kernel = kernel
	};
	judge_fail(j, err, why, kernel);
	j->out->cmsg = i;
}

void judge_assume(struct judge *j, const char *what)
{
	if (!j->out->assumes)
		j->out->assumes = what;
}

const unsigned char *judge_data(struct judge *j, uint32_t n)
{
	if (j->c->data && j->c->data_len >= n)
		return j->c->data;
	judge_unknown(j, "its payload could not be read");
	return NULL;
}

bool judge_int(struct judge *j, int32_t *v)
{
	const unsigned char *d = judge_data(j, sizeof(*v));

	if (d)
		memcpy(v, d, sizeof(*v));
	return d;
}

enum truth judge_capable(const struct judge *j, unsigned int cap)
{
	const struct proc *p = j->ev->proc;

	if (!p || !(p->has & PROC_HAS_CAPS))
		return MAYBE;
	return p->caps >> cap & 1 ? YES : NO;
}

enum truth judge_net_capable(const struct judge *j, unsigned int cap)
{
	const struct proc *p = j->ev->proc;
	enum truth has = judge_capable(j, cap);

	if (has != YES)
		return has;
	/* The capability counts in the user namespace that owns the socket's network namespace. */
	if ((p->has & PROC_HAS_NETNS) && j->sk && (j->sk->has & SOCK_HAS_NETNS) &&
	    p->netns != j->sk->netns)
		return MAYBE;
	if (!(p->has & PROC_HAS_NET_CAPS))
		return MAYBE;
	return p->caps_in_netns ? YES : NO;
}

enum truth judge_opt(const struct judge *j, enum sock_opt o)
{
	if (!sock_opt_known(j->sk, o))
		return MAYBE;
	return sock_opt(j->sk, o) ? YES : NO;
}

enum truth judge_ifindex(const struct judge *j, uint32_t index)
{
	if (index > INT32_MAX)
		return NO;

	const char *name = event_ifname(j->ev, j->env->ask, index);

	if (!name)
		return MAYBE;
	return *name ? YES : NO;
}

/* The error of a send that is refused since the answer is no; 0: it has several. */
static int errno_of_no(enum question_kind kind)
{
	switch (kind) {
	case ASK_FD_OPEN:
		return EBADF;
	case ASK_PID_EXISTS:
		return ESRCH;
	default:
		return 0;
	}
}

/* A refusal that the call's result belies tells of what came later. */
static bool belied(const struct event *ev, const struct answer *a)
{
	int err = errno_of_no(a->question.kind);

	if (!a->late || a->result || ev->end != CALL_RETURNED)
		return false;
	return ev->result >= 0 || (err && ev->result != -err);
}

int judge_ask(const struct judge *j, const struct question *q)
{
	const struct answer *a = event_ask(j->ev, j->env->ask, q);

	return !a || a->result < 0 || belied(j->ev, a) ? -1 : a->result;
}

enum truth judge_is_local(const struct judge *j, const struct addr *a)
{
	const struct question q = { .kind = ASK_IS_LOCAL, .addr = *a };
	int local = judge_ask(j, &q);

	return local < 0 ? MAYBE : local ? YES : NO;
}

void judge_source4(struct judge *j, const unsigned char *in_addr, uint32_t ifindex)
{
	uint32_t host;

	memcpy(&host, in_addr, sizeof(host));
	j->source_by = (int)j->i;
	j->out->has_source_cmsg = true;
	j->out->source = host ? addr_of_in(in_addr, 0) : (struct addr){ .len = 0 };
	if (ifindex) { /* a zero one leaves that of an earlier message alone */
		j->oif_by = (int)j->i;
		j->out->oif = ifindex;
	}
}
