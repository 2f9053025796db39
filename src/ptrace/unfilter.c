// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What our seccomp filter would change for the program, undone: a child with CLONE_UNTRACED, which would have the
 * filter and no tracer; strict mode, which no task with a filter gets; filters of its own.  Rules of
 * kernel/seccomp.c: of several filters the strictest answer counts, of equal ones the newest filter's.
 */
#include "config.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ptrace/state.h"

enum {
	SET_SYSCALL_INFO = 0x4212, /* PTRACE_SET_SYSCALL_INFO, Linux 6.16 */
	CLONE_ARGS_MIN = 64,       /* CLONE_ARGS_SIZE_VER0 */
	CLONE_ARGS_MAX = 4096,
};

static bool poke(int tid, unsigned int offset, uint64_t value)
{
	return !ptrace(PTRACE_POKEUSER, tid, (void *)(uintptr_t)offset, (void *)(uintptr_t)value);
}

static bool set_info(int tid, struct __ptrace_syscall_info *info)
{
	return !ptrace((enum __ptrace_request)SET_SYSCALL_INFO, tid, sizeof(*info), info);
}

static unsigned int arg0_offset(uint32_t audit_arch, uint64_t nr)
{
	const struct abi *abi = abi_of(audit_arch, nr);

	return abi ? arch_native->user.arg0[abi - arch_native->abi] : 0;
}

/* At a seccomp stop: the call's number and first argument, as the task will make it. */
static bool change_call(int tid, const struct __ptrace_syscall_info *info, uint64_t nr,
			uint64_t arg0)
{
	unsigned int at = arg0_offset(info->arch, info->seccomp.nr);
	struct __ptrace_syscall_info to = *info;

	if (at)
		return nr == info->seccomp.nr ? poke(tid, at, arg0)
					      : poke(tid, arch_native->user.nr, nr);
	to.seccomp.nr = nr;
	to.seccomp.args[0] = arg0;
	return set_info(tid, &to);
}

/* The call is not made: it will return -ENOSYS, as the kernel has it for number -1. */
static bool skip_call(int tid, const struct __ptrace_syscall_info *info)
{
	return change_call(tid, info, UINT64_MAX, info->seccomp.args[0]);
}

void tracer_undo(struct tracer *t, struct tracee *tr, struct __ptrace_syscall_info *info)
{
	enum undo what = tr->undo;

	if (what == UNDO_NOTHING)
		return;
	tr->undo = UNDO_NOTHING;
	if (what == UNDO_ARGUMENT) {
		poke(tr->task.tid, tr->undo_at, tr->undo_value);
		if (!--t->undoing)
			tracer_release(t);
	} else {
		info->exit.rval = 0;
		info->exit.is_error = 0;
		if (arch_native->user.nr)
			poke(tr->task.tid, arch_native->user.result, 0);
		else
			set_info(tr->task.tid, info);
	}
}

/* ---- children that ask not to be traced ---- */

/* A copy of clone3's arguments without the flag, where the task's stack is not in use: its address, or 0. */
static uint64_t clone_args_copy(int tid, const struct __ptrace_syscall_info *info)
{
	unsigned char args[CLONE_ARGS_MAX];
	uint64_t size = info->seccomp.args[1], flags, to;
	struct iovec local = { args, size },
		     remote = { (void *)(uintptr_t)info->seccomp.args[0], size };

	if (size < CLONE_ARGS_MIN || size > CLONE_ARGS_MAX ||
	    process_vm_readv(tid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		return 0;
	memcpy(&flags, args, sizeof(flags));
	if (!(flags & CLONE_UNTRACED))
		return 0;
	flags &= ~(uint64_t)CLONE_UNTRACED;
	memcpy(args, &flags, sizeof(flags));
	to = (info->stack_pointer - RED_ZONE - size) & ~(uint64_t)(STACK_ALIGN - 1);
	remote.iov_base = (void *)(uintptr_t)to;
	return process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)size ? to : 0;
}

/* The child is traced all the same, and its own calls work: without the flag, which only a tracer sees. */
static void untraced_child(struct tracer *t, struct tracee *tr, const struct call_entry *e,
			   const struct __ptrace_syscall_info *info)
{
	uint64_t was = info->seccomp.args[0], now = was & ~(uint64_t)CLONE_UNTRACED;
	unsigned int at = arg0_offset(info->arch, info->seccomp.nr);

	if (!strcmp(e->name, "clone3"))
		now = clone_args_copy(tr->task.tid, info);
	if (!now || now == was)
		return;
	if (!change_call(tr->task.tid, info, info->seccomp.nr, now)) {
		live_say(
			t->live,
			"process %d makes a child with CLONE_UNTRACED: calls of it that this filter "
			"hands over will fail with ENOSYS; --engine=syscall has no filter",
			tr->task.process->tgid);
	} else if (at) { /* elsewhere the result takes the argument's place */
		tr->undo = UNDO_ARGUMENT;
		tr->undo_at = at;
		tr->undo_value = was;
		t->undoing++;
	}
}

void tracer_born(struct tracer *t, struct tracee *child, const struct tracee *parent)
{
	if (parent->undo == UNDO_ARGUMENT) {
		child->undo = UNDO_ARGUMENT;
		child->undo_at = parent->undo_at;
		child->undo_value = parent->undo_value;
		t->undoing++;
	}
	if (((struct tracee_process *)parent->task.process)->own_filter)
		((struct tracee_process *)child->task.process)->own_filter = true;
	if (child->held) { /* it was faster than its parent's event */
		child->held = false;
		tracer_undo(t, child, NULL);
		tracer_resume(t, child, 0);
	}
}

void tracer_release(struct tracer *t)
{
	for (unsigned int i = 0; i < t->tasks->n; i++) {
		struct tracee *tr = tracee_of(t->tasks->v[i]);

		if (!tr->held)
			continue;
		tr->held = false;
		tracer_resume(t, tr, 0);
	}
}

/* ---- seccomp ---- */

/*
 * Strict mode by us: its result is 0, and from then on each call stops.  tracer_strict() ends the task at
 * one that the mode forbids.
 */
static void pretend(struct tracer *t, struct tracee *tr, const struct __ptrace_syscall_info *info,
		    bool strict)
{
	if (skip_call(tr->task.tid, info)) {
		tr->undo = UNDO_RESULT;
		tr->strict = strict;
	} else if (strict) {
		live_say(
			t->live,
			"process %d asks for seccomp's strict mode, which a task with a filter does not "
			"get: it will fail with EINVAL; --engine=syscall has no filter",
			tr->task.process->tgid);
	}
}

static void asks_seccomp(struct tracer *t, struct tracee *tr, bool by_prctl,
			 const struct __ptrace_syscall_info *info)
{
	struct tracee_process *p = (struct tracee_process *)tr->task.process;
	const uint64_t *args = info->seccomp.args;
	bool get = by_prctl && (uint32_t)args[0] == PR_GET_SECCOMP;
	uint32_t mode = (uint32_t)args[by_prctl];

	if (by_prctl && !get && (uint32_t)args[0] != PR_SET_SECCOMP)
		return;
	if (get || (by_prctl ? mode == SECCOMP_MODE_STRICT
			     : mode == SECCOMP_SET_MODE_STRICT && !args[1] && !args[2])) {
		if (!p->own_filter) /* with one the kernel's answer is right */
			pretend(t, tr, info, !get);
	} else if (mode == (by_prctl ? (uint32_t)SECCOMP_MODE_FILTER : SECCOMP_SET_MODE_FILTER)) {
		/*
		 * From now on a call may end before our filter's answer counts: each one stops.  Where
		 * other threads get the filter too (TSYNC) they do from their next stop on.
		 */
		p->own_filter = true;
	}
}

/* mode1_syscalls of kernel/seccomp.c */
static bool strict_allows(const char *name, bool compat)
{
	return name && (!strcmp(name, "read") || !strcmp(name, "write") || !strcmp(name, "exit") ||
			!strcmp(name, compat ? "sigreturn" : "rt_sigreturn"));
}

bool tracer_strict(struct tracer *t, struct tracee *tr, const struct call_begin *b)
{
	if (!tr->strict ||
	    (b->abi &&
	     strict_allows(calls_find(live_calls(t->live), b->abi, b->nr)->name, b->abi->compat)))
		return true;
	/* The kernel ends this thread alone, by SIGKILL; no signal does that where there are others. */
	if (tr->task.process->ntasks == 1)
		kill(tr->task.process->tgid, SIGKILL);
	else if (arch_native->user.nr)
		poke(tr->task.tid, arch_native->user.nr, SYS_exit);
	return false;
}

void tracer_filter_stop(struct tracer *t, struct tracee *tr,
			const struct __ptrace_syscall_info *info)
{
	struct tracee_process *p = (struct tracee_process *)tr->task.process;
	const struct abi *abi = abi_of(info->arch, info->seccomp.nr);
	const struct call_entry *e;

	if ((info->seccomp.ret_data & ~(uint32_t)FILTER_CALL) != FILTER_MARK) {
		/* It has no tracer, as far as it knows. */
		p->own_filter = true;
		skip_call(tr->task.tid, info);
		return;
	}
	if (!abi)
		return;
	e = calls_find(live_calls(t->live), abi, info->seccomp.nr);
	if (e->side == SIDE_TRACED)
		untraced_child(t, tr, e, info);
	else if (e->side == SIDE_SECCOMP || e->side == SIDE_COMM)
		asks_seccomp(t, tr, e->side == SIDE_COMM, info);
}
