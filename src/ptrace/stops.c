// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * System call stops: what each one means, and what the task is read by in it.  The task is kept stopped only
 * for what must be read from it.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "ptrace/state.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code, asm-generic/siginfo.h */
#endif

enum {
	/* looks at a process's memory, two a message: opening the file costs as much as it saves on those */
	MEMORY_AFTER = 32,
	MEMORY_FILES_MAX = 128,
};

/* ---- memory ---- */

/* Opened once the process has shown that it will have many messages. 1 + descriptor, or 0. */
static int memory_file(struct tracer *t, struct tracee *tr)
{
	struct tracee_process *p = (struct tracee_process *)tr->task.process;

	if (p->looks != MEMORY_AFTER && ++p->looks == MEMORY_AFTER &&
	    t->memory_files < MEMORY_FILES_MAX) {
		int fd = ptrace_memory_open(tr->task.tid);

		p->memory_file = fd < 0 ? 0 : fd + 1;
		t->memory_files += fd >= 0;
	}
	return p->memory_file;
}

const struct memory *tracee_memory(void *e, struct task *task)
{
	struct tracer *t = e;
	int file = t->proc_ok ? memory_file(t, tracee_of(task)) : 0;

	if (t->proc_ok && live_memory_waits(t->live, task))
		ptrace_memory_init_present(&t->memory, task->tid);
	else
		ptrace_memory_init(&t->memory, task->tid, file - 1);
	return &t->memory.memory;
}

int tracee_registers(void *e, struct task *task, struct registers *to)
{
	(void)e;
	return ptrace_registers(task->tid, to);
}

void tracee_memory_close(struct tracer *t, struct process *process)
{
	struct tracee_process *p = (struct tracee_process *)process;

	if (p->memory_file) {
		close(p->memory_file - 1);
		t->memory_files--;
	}
	p->memory_file = 0;
	p->looks = 0;
}

void tracee_process_gone(void *e, struct process *p)
{
	tracee_memory_close(e, p);
}

/* ---- stops ---- */

/*
 * A seccomp filter sent SIGSYS instead of making the call (SECCOMP_RET_TRAP): nothing was returned, though the
 * register holds the call's number again (syscall_rollback()).
 */
static bool trapped(const struct tracee *tr, const struct __ptrace_syscall_info *info)
{
	const struct event *ev = tr->task.call.ev;
	struct __ptrace_peeksiginfo_args first = { .nr = 1 };
	siginfo_t si;

	return ev && !info->exit.is_error && info->exit.rval == (int64_t)ev->nr &&
	       ptrace(PTRACE_PEEKSIGINFO, tr->task.tid, &first, &si) == 1 &&
	       si.si_signo == SIGSYS && si.si_code == SYS_SECCOMP;
}

static struct event *at_exit(struct tracer *t, struct tracee *tr,
			     const struct __ptrace_syscall_info *info)
{
	if (trapped(tr, info)) {
		live_call_lost(t->live, &tr->task, CALL_DIED);
		return NULL;
	}
	return live_call_ended(
		t->live, &tr->task,
		&(struct call_result){ .value = info->exit.rval, .failed = info->exit.is_error });
}

void tracer_last_stop(struct tracer *t, struct tracee *tr)
{
	struct __ptrace_syscall_info info;
	struct event *ev;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tr->task.tid, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT)
		return;
	/* our interrupt made it return: it will be restarted, unseen */
	if (info.exit.is_error && info.exit.rval <= -512 && info.exit.rval >= -516)
		return;
	ev = at_exit(t, tr, &info);
	if (ev)
		live_tell(t->live, ev);
}

static void at_entry(struct tracer *t, struct tracee *tr, const struct __ptrace_syscall_info *info)
{
	/* both kinds begin with the number and the arguments */
	struct call_begin b = {
		.abi = abi_of(info->arch, info->entry.nr),
		.nr = info->entry.nr,
	};
	bool every = info->op == PTRACE_SYSCALL_INFO_ENTRY;

	memcpy(b.args, info->entry.args, sizeof(b.args));
	if (every && !tracer_strict(t, tr, &b)) {
		tracer_resume(t, tr, 0);
		return;
	}
	if (b.abi && every && live_wants_every_call(&tr->task))
		live_call_passes(t->live, &tr->task, b.abi, b.nr, b.args, t->seccomp);
	if (!b.abi || (t->seccomp && every && !tracee_stops_always(tr))) {
		/* of what concerns us the filter makes a stop of its own */
		live_call_lost(t->live, &tr->task, CALL_PENDING);
		tracer_resume(t, tr, 0);
		return;
	}
	/* with a filter the exit of other calls needs no stop at all */
	tr->skip_exit = !live_call_begins(t->live, &tr->task, &b) &&
			(!t->seccomp || tracee_stops_always(tr));
	if (t->o->amend && tr->task.call.ev)
		tracer_amend(t, tr, tr->task.call.ev, info);
	tracer_resume(t, tr, 0);
	live_call_goes_on(t->live, &tr->task);
}

/* Where each call stops, it began at its entry, and only what the filter would change is left to do. */
static void at_filter(struct tracer *t, struct tracee *tr, struct __ptrace_syscall_info *info)
{
	bool began = tracee_stops_always(tr);

	tracer_filter_stop(t, tr, info);
	if (began)
		tracer_resume(t, tr, 0);
	else
		at_entry(t, tr, info);
}

void tracer_syscall_stop(struct tracer *t, struct tracee *tr, bool by_filter)
{
	struct __ptrace_syscall_info info;
	struct event *ev;

	if (tr->skip_exit && !by_filter && !tr->undo) {
		/* If this were not the exit, the next one would say so: see below. */
		tr->skip_exit = false;
		tracer_resume(t, tr, 0);
		return;
	}
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tr->task.tid, sizeof(info), &info) < 0) {
		tracer_resume(t, tr, 0); /* gone */
		return;
	}
	switch (info.op) {
	case PTRACE_SYSCALL_INFO_SECCOMP:
		at_filter(t, tr, &info);
		return;
	case PTRACE_SYSCALL_INFO_ENTRY:
		at_entry(t, tr, &info);
		return;
	case PTRACE_SYSCALL_INFO_EXIT:
		tr->skip_exit = false;
		tracer_put_back(tr, false);
		if (tr->undo)
			tracer_undo(t, tr, &info);
		/* After attaching, the first one may be that of a call whose entry we didn't see. */
		ev = at_exit(t, tr, &info);
		tracer_resume(t, tr, 0);
		if (ev)
			live_tell(t->live, ev);
		return;
	}
	tracer_resume(t, tr, 0);
}
