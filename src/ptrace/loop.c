// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The wait loop.  classify() only says what a wait status is; the rest acts on it.  ptrace(2), and
 * kernel/ptrace.c, kernel/signal.c for what the manual leaves open.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procfs/procfs.h"
#include "ptrace/state.h"

enum stop {
	STOP_EXITED,
	STOP_KILLED,
	STOP_SYSCALL,
	STOP_SECCOMP, /* our filter's answer for a call: its entry */
	STOP_CHILD,   /* fork, vfork or clone made one */
	STOP_EXEC,
	STOP_GROUP,  /* stopped by job control: must not run */
	STOP_ATTACH, /* first stop, an interrupt of ours, or the end of a group stop */
	STOP_SIGNAL, /* about to be delivered */
	STOP_OTHER,
};

/* DRAIN: so many statuses from wait4(-1), which prefers some tasks, then one look at each. */
enum { DRAIN = 24, SYSCALL_SIG = SIGTRAP | 0x80 };

static enum stop classify(int status)
{
	int sig;

	if (WIFEXITED(status))
		return STOP_EXITED;
	if (WIFSIGNALED(status))
		return STOP_KILLED;
	sig = WSTOPSIG(status);
	switch (status >> 16) {
	case 0:
		return sig == SYSCALL_SIG ? STOP_SYSCALL : STOP_SIGNAL;
	case PTRACE_EVENT_SECCOMP:
		return STOP_SECCOMP;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return STOP_CHILD;
	case PTRACE_EVENT_EXEC:
		return STOP_EXEC;
	case PTRACE_EVENT_STOP:
		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			return STOP_GROUP;
		return STOP_ATTACH;
	}
	return STOP_OTHER;
}

/* ---- tasks come and go ---- */

void tracer_resume(struct tracer *t, struct tracee *tr, int sig)
{
	bool exit_wanted = live_wants_end(&tr->task) || tr->skip_exit || tr->undo ||
			   tracee_stops_always(tr) || live_wants_every_call(&tr->task);
	long request = t->seccomp && !exit_wanted ? PTRACE_CONT : PTRACE_SYSCALL;

	tr->stopped = false;
	tr->stop_sig = 0;
	/* ESRCH: it was killed in its stop; wait() will tell */
	ptrace((enum __ptrace_request)request, tr->task.tid, NULL, (long)sig);
}

struct tracee *tracer_find(const struct tracer *t, int tid)
{
	struct task *task = live_task_find(t->live, tid);

	return task ? tracee_of(task) : NULL;
}

/* Does tid belong to the thread group tgid?  Asks without /proc, which may be another namespace's. */
static bool in_group(int tid, int tgid)
{
	return !syscall(SYS_tgkill, tgid, tid, 0) || errno == EPERM;
}

static struct tracee *newborn(struct tracer *t, int tid, const struct tracee *parent)
{
	struct tracee *tr = tracer_find(t, tid);
	const struct task *by = parent ? &parent->task : NULL;
	int tgid;

	if (tr) {
		tgid = tr->task.process->tgid;
	} else if (by && in_group(tid, by->process->tgid)) {
		tgid = by->process->tgid;
	} else {
		tgid = by || !t->proc_ok ? tid : (int)proc_status(tid, "Tgid");
		if (tgid <= 0)
			tgid = tid;
	}
	tr = tracee_of(live_task_new(t->live, tid, tgid, by));
	if (parent && t->seccomp)
		tracer_born(t, tr, parent);
	return tr;
}

/*
 * A stop of a task that we never heard of: a child that was faster than its parent's event.  Where
 * children aren't followed it came by CLONE_PTRACE, and would hang if it were not let go.
 */
static struct tracee *stranger(struct tracer *t, int tid)
{
	if (t->o->follow)
		return newborn(t, tid, NULL);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
	return NULL;
}

static void first_stop(struct tracer *t, struct tracee *tr)
{
	tr->seen = true;
	if (tr->task.tid == t->command.pid || t->ending)
		return;
	if (tr->attached) { /* by -p: tracer_attach() told of its process */
		tracer_attach_rest(t);
		return;
	}
	live_task_shown(t->live, &tr->task);
}

static void ended(struct tracer *t, struct tracee *tr, int tid, int status)
{
	bool unseen;

	if (tid == t->command.pid) {
		t->command.status = status;
		if (tr && tr->task.hidden) /* it never executed anything: why stands in the pipe */
			command_report(&t->command);
	} else if (!tr && t->o->child_ended)
		t->o->child_ended(t->o->child_ended_ctx, tid, status);
	if (!tr)
		return;
	if (tr->undo == UNDO_ARGUMENT && !--t->undoing)
		tracer_release(t);
	tracer_put_back(tr, true);
	if (!t->command.not_executed)
		tr->task.hidden = false;
	unseen = tr->attached && !tr->seen;
	live_task_gone(t->live, &tr->task, status);
	if (unseen && !t->ending)
		tracer_attach_rest(t);
}

/* A task executed another program. Where it was not the leader it has the leader's number from now on. */
static struct tracee *executed(struct tracer *t, struct tracee *tr, int tid)
{
	unsigned long old = 0;
	struct task *task;

	if (tr && tr->task.hidden)
		command_report(&t->command);
	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &old) || (int)old <= 0)
		old = (unsigned long)tid;
	task = live_task_executed(t->live, tid, (int)old);
	if (!task)
		return NULL;
	tracee_memory_close(t, task->process);
	return tracee_of(task);
}

static void signal_stop(struct tracer *t, struct tracee *tr, int sig)
{
	struct event *ev = NULL;
	siginfo_t si;

	/* A call's exit comes before: nothing of it is outstanding now. */
	tr->skip_exit = false;
	if (!tr->task.hidden) {
		ev = live_event(t->live, &tr->task, EVENT_SIGNAL);
		ev->sig = sig;
	}
	if (ev && !ptrace(PTRACE_GETSIGINFO, tr->task.tid, NULL, &si)) {
		ev->siginfo = (struct bytes){
			.p = arena_memdup(&ev->arena, &si, sizeof(si)),
			.len = sizeof(si),
			.claimed = sizeof(si),
		};
	}
	tracer_resume(t, tr, sig);
	if (ev)
		live_tell(t->live, ev);
}

static void group_stop(struct tracer *t, struct tracee *tr, int sig)
{
	struct event *ev = live_event(t->live, &tr->task, EVENT_STOPPED);

	ev->sig = sig;
	live_tell(t->live, ev);
	tr->skip_exit = false;
	tr->stopped = false;
	ptrace(PTRACE_LISTEN, tr->task.tid, NULL, NULL);
}

/* ---- the two halves of the loop ---- */

void tracer_handle(struct tracer *t, int tid, int status)
{
	enum stop what = classify(status);
	struct tracee *tr = tracer_find(t, tid);
	unsigned long child = 0;
	bool unknown, first, own_first = tr && tr->task.hidden; /* the command's own execve */

	if (what == STOP_EXITED || what == STOP_KILLED) {
		ended(t, tr, tid, status);
		return;
	}
	if (what == STOP_EXEC)
		tr = executed(t, tr, tid);
	unknown = !tr;
	if (!tr)
		tr = stranger(t, tid);
	if (!tr)
		return;
	tr->stopped = true;
	tr->stop_sig = what == STOP_SIGNAL ? WSTOPSIG(status) : 0;
	first = !tr->seen;
	if (first)
		first_stop(t, tr);
	if (what == STOP_CHILD && !ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child) && child)
		newborn(t, (int)child, tr);
	if (t->ending) /* detaching: who calls decides */
		return;
	if (what == STOP_EXEC && t->o->detach_on_execve && !own_first) {
		tracer_let_go(t, tr);
		return;
	}
	switch (what) {
	case STOP_SYSCALL:
	case STOP_SECCOMP:
		tracer_syscall_stop(t, tr, what == STOP_SECCOMP);
		break;
	case STOP_SIGNAL:
		signal_stop(t, tr, WSTOPSIG(status));
		break;
	case STOP_GROUP:
		group_stop(t, tr, WSTOPSIG(status));
		break;
	case STOP_ATTACH:
		tr->skip_exit = false;
		if (first && tr->undo)
			tracer_undo(t, tr, NULL);
		tr->held = first && unknown && t->undoing;
		if (tr->held)
			break;
		tracer_resume(t, tr, 0);
		break;
	default:
		tracer_resume(t, tr, 0);
	}
}

static bool told_to_end(struct tracer *t)
{
	return t->interrupted || wait_expired(&t->wait) ||
	       (t->command.leaving && t->command.status >= 0) || live_enough(t->live);
}

/* One look at each known task, so that none starves.  How many had something. */
static unsigned int look_at_each(struct tracer *t)
{
	unsigned int max = sizeof(t->wait.tids) / sizeof(t->wait.tids[0]);
	unsigned int n = 0, from = 0, found = 0;

	while (from < t->tasks->n) {
		/* handling one may add and drop others: work on a copy, 512 at a time */
		for (n = 0; n < max && from + n < t->tasks->n; n++)
			t->wait.tids[n] = t->tasks->v[from + n]->tid;
		from += n;
		for (unsigned int i = 0; i < n; i++) {
			int tid, status;

			if (wait_poll(t->wait.tids[i], &tid, &status) == WAIT_GOT) {
				tracer_handle(t, tid, status);
				found++;
			}
		}
	}
	return found;
}

/* Statuses until there are none. */
static enum wait_result drain(struct tracer *t)
{
	enum wait_result r = WAIT_NOTHING;
	int tid, status;

	for (unsigned int i = 0; i < DRAIN; i++) {
		r = wait_poll(-1, &tid, &status);
		if (r != WAIT_GOT)
			return r;
		tracer_handle(t, tid, status);
	}
	if (t->tasks->n > 1)
		look_at_each(t);
	return r;
}

void tracer_loop(struct tracer *t)
{
	while (!told_to_end(t)) {
		/* of one task there is no second status to find */
		enum wait_result r = t->tasks->n == 1 ? WAIT_NOTHING : drain(t);
		int tid, status;

		if (r == WAIT_NO_CHILD)
			return;
		if (r == WAIT_GOT || told_to_end(t)) /* by what was found */
			continue;
		/*
		 * No task left, but wait() still knows a child.  It is ours, or was made by a task that
		 * was killed before its event: the latter stops at once and tells itself.
		 */
		if (!t->tasks->n && t->children && !tracer_orphans(t))
			return;
		r = wait_sleep(t, &tid, &status);
		if (r == WAIT_GOT)
			tracer_handle(t, tid, status);
		else if (r == WAIT_NO_CHILD)
			return;
	}
}
