// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * --try-fix: a send is made with another control block, and nobody but the kernel sees it.  A msghdr and the
 * control block of our own lie below the red zone of the task's stack, which holds nothing of its own there;
 * a register leads to them while the call runs.  At its end the registers and those bytes are what they were.
 * sendto() becomes a sendmsg() of the same buffer and address.
 */
#include "config.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/alloc.h"
#include "ptrace/state.h"

enum {
	CONTROL_MAX = 2048, /* longer ones are left alone: stacks are finite */
	REGS_WORDS = 64,
	CMSG_ALIGNED = 8,
};

struct amended {
	uint64_t at; /* where in the task … */
	size_t len;
	unsigned char *was, *is; /* … these bytes were, and ours are; owned */
	uint64_t arg1, arg2, nr;
	bool other_call; /* arg2 and nr were changed, too */
};

/* What is written: sendmsg's arguments, in the native layout. */
struct ours {
	struct msghdr hdr;
	struct iovec iov;
	_Alignas(CMSG_ALIGNED) unsigned char control[CONTROL_MAX];
};

struct regs {
	uint64_t v[REGS_WORDS];
	struct iovec iov;
};

static bool regs_get(int tid, struct regs *r)
{
	r->iov = (struct iovec){ r->v, sizeof(r->v) };
	return !ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &r->iov);
}

static bool regs_set(int tid, struct regs *r)
{
	return !ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &r->iov);
}

static bool copy(bool to_task, int tid, uint64_t at, void *p, size_t len)
{
	struct iovec local = { p, len }, remote = { (void *)(uintptr_t)at, len };
	ssize_t n = to_task ? process_vm_writev(tid, &local, 1, &remote, 1, 0)
			    : process_vm_readv(tid, &local, 1, &remote, 1, 0);

	return n == (ssize_t)len;
}

/* The program's own msghdr, or one made up of sendto's arguments. */
static bool fill_hdr(int tid, const struct event *ev, uint64_t at, struct ours *o)
{
	if (ev->call == CALL_SENDMSG)
		return copy(false, tid, ev->args[1], &o->hdr, sizeof(o->hdr));
	o->iov.iov_base = (void *)(uintptr_t)ev->args[1];
	o->iov.iov_len = ev->args[2];
	o->hdr.msg_name = (void *)(uintptr_t)ev->args[4];
	o->hdr.msg_namelen = (socklen_t)ev->args[5];
	o->hdr.msg_iov = (void *)(uintptr_t)(at + offsetof(struct ours, iov));
	o->hdr.msg_iovlen = 1;
	return true;
}

static const char *refusal(const struct tracer *t, const struct tracee *tr, const struct event *ev,
			   const struct msg *m)
{
	if (ev->call == CALL_SENDMMSG)
		return "sendmmsg is left as it is: only sendmsg and sendto are changed";
	if (ev->call != CALL_SENDMSG && ev->call != CALL_SENDTO)
		return "only sendmsg and sendto are changed";
	if (ev->abi != abi_native() || ev->socketcall || !arch_native->word.arg1)
		return "only calls of this machine's own ABI are changed";
	if (ev->call == CALL_SENDTO && !arch_native->word.nr)
		return "on this machine sendto can't be made a sendmsg";
	if (m->tried.control.len > CONTROL_MAX)
		return "its control data is long";
	if (live_memory_waits(t->live, &tr->task))
		return "writing to its memory may wait for another task (userfaultfd, FUSE)";
	return NULL;
}

static struct amended *amended_new(uint64_t at, const struct ours *ours, size_t len)
{
	struct amended *a = alloc_zeroed(1, sizeof(*a));

	a->at = at;
	a->len = len;
	a->was = alloc_zeroed(len, 1);
	a->is = alloc_zeroed(len, 1);
	memcpy(a->is, ours, len);
	return a;
}

static void amended_free(struct tracee *tr)
{
	alloc_free(tr->amended->was);
	alloc_free(tr->amended->is);
	alloc_free(tr->amended);
	tr->amended = NULL;
}

/* The registers lead to what was written. */
static bool redirect(struct tracee *tr, const struct event *ev)
{
	struct amended *a = tr->amended;
	struct regs r;

	if (!regs_get(tr->task.tid, &r))
		return false;
	a->other_call = ev->call == CALL_SENDTO;
	a->arg1 = r.v[arch_native->word.arg1];
	a->arg2 = r.v[arch_native->word.arg2];
	r.v[arch_native->word.arg1] = a->at;
	if (a->other_call) {
		a->nr = r.v[arch_native->word.nr];
		r.v[arch_native->word.arg2] = ev->args[3]; /* flags */
		r.v[arch_native->word.nr] = SYS_sendmsg;
	}
	return regs_set(tr->task.tid, &r);
}

static const char *amend(struct tracer *t, struct tracee *tr, struct event *ev, struct msg *m,
			 uint64_t sp)
{
	const char *why = refusal(t, tr, ev, m);
	struct ours ours = { 0 };
	int tid = tr->task.tid;
	size_t len = offsetof(struct ours, control) + m->tried.control.len;
	uint64_t at = (sp - RED_ZONE - len) & ~(uint64_t)(STACK_ALIGN - 1);

	if (why)
		return why;
	if (!fill_hdr(tid, ev, at, &ours))
		return "its msghdr can't be read any more";
	ours.hdr.msg_control = (void *)(uintptr_t)(at + offsetof(struct ours, control));
	ours.hdr.msg_controllen = m->tried.control.len;
	memcpy(ours.control, m->tried.control.p, m->tried.control.len);
	tr->amended = amended_new(at, &ours, len);
	if (copy(false, tid, at, tr->amended->was, len) &&
	    copy(true, tid, at, tr->amended->is, len)) {
		if (redirect(tr, ev))
			return NULL;
		copy(true, tid, at, tr->amended->was, len);
	}
	amended_free(tr);
	return "its stack has no room below, or may not be written";
}

void tracer_amend(struct tracer *t, struct tracee *tr, struct event *ev,
		  const struct __ptrace_syscall_info *info)
{
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (m->tried.what)
			m->tried.failed = amend(t, tr, ev, m, info->stack_pointer);
	}
}

void tracer_put_back(struct tracee *tr, bool gone)
{
	struct amended *a = tr->amended;
	int tid = tr->task.tid;
	unsigned char *now;
	struct regs r;

	if (!a)
		return;
	now = alloc_zeroed(a->len, 1);
	if (!gone && regs_get(tid, &r)) {
		r.v[arch_native->word.arg1] = a->arg1;
		if (a->other_call) { /* a call that restarts takes its number from there */
			r.v[arch_native->word.arg2] = a->arg2;
			r.v[arch_native->word.nr] = a->nr;
		}
		regs_set(tid, &r);
		if (copy(false, tid, a->at, now, a->len)) {
			/* what another thread wrote meanwhile stays: that memory was not this stack's alone */
			for (size_t i = 0; i < a->len; i++)
				now[i] = now[i] == a->is[i] ? a->was[i] : now[i];
			copy(true, tid, a->at, now, a->len);
		}
	}
	alloc_free(now);
	amended_free(tr);
}
