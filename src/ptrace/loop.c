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

/* ---- events ---- */

static void learn_comm(struct trace *t, struct tracee *tr)
{
	char path[64], comm[sizeof(tr->comm)];
	ssize_t n;
	int fd;

	tr->comm_known = true;
	if (!t->proc_ok)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", tr->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, comm, sizeof(comm));
	close(fd);
	if (n <= 0) /* it is gone: what its parent was called remains */
		return;
	memset(tr->comm, 0, sizeof(tr->comm));
	memcpy(tr->comm, comm, (size_t)(comm[n - 1] == '\n' ? n - 1 : n));
}

struct event *trace_event(struct trace *t, struct tracee *tr, enum event_kind kind)
{
	struct event *ev = event_new();

	if (!tr->comm_known)
		learn_comm(t, tr);
	ev->kind = kind;
	ev->tid = tr->tid;
	ev->tgid = tr->process->tgid;
	memcpy(ev->comm, tr->comm, sizeof(ev->comm));
	ev->ntasks = t->tasks.n;
	ev->threads = t->o.follow ? tr->process->ntasks : 0;
	ev->enter_ns = clock_ns(CLOCK_REALTIME);
	ev->exit_ns = ev->enter_ns;
	return ev;
}

void trace_emit(struct trace *t, struct event *ev)
{
	if ((t->ending || t->mute) && ev->kind != EVENT_DETACHED && ev->kind != EVENT_CALL)
		event_free(ev);
	else
		t->c->emit(t->c->ctx, ev, NULL);
}

/* ---- tasks come and go ---- */

void trace_resume(struct trace *t, struct tracee *tr, int sig)
{
	bool exit_wanted = tr->entry || tr->skip_exit || received_watch(tr->process->received);
	long request = t->seccomp && !exit_wanted ? PTRACE_CONT : PTRACE_SYSCALL;

	tr->stopped = false;
	tr->stop_sig = 0;
	tr->listening = false;
	/* ESRCH: it was killed in its stop; wait() will tell */
	ptrace((enum __ptrace_request)request, tr->tid, NULL, (long)sig);
}

void trace_forget(struct trace *t, struct tracee *tr)
{
	int gone = tracees_drop(&t->tasks, tr);

	if (!gone)
		return;
	packets_idle(t); /* it may have been the last in its network namespace */
	facts_proc_gone(t->facts, gone);
	if (t->unwinder)
		unwind_libunwind.gone(t->unwinder, gone);
}

/* Does tid belong to the thread group tgid?  Asks without /proc, which may be another namespace's. */
static bool in_group(int tid, int tgid)
{
	return !syscall(SYS_tgkill, tgid, tid, 0) || errno == EPERM;
}

static struct tracee *newborn(struct trace *t, int tid, const struct tracee *parent)
{
	struct tracee *tr = tracees_find(&t->tasks, tid);
	int tgid;

	if (tr)
		return tr;
	if (parent && in_group(tid, parent->process->tgid)) {
		tgid = parent->process->tgid;
	} else {
		tgid = parent || !t->proc_ok ? tid : (int)proc_status(tid, "Tgid");
		if (tgid <= 0)
			tgid = tid;
	}

	const struct process *from = parent ? parent->process : NULL;

	tr = tracees_add(&t->tasks, tid, tgid);
	if (parent)
		memcpy(tr->comm, parent->comm, sizeof(tr->comm));
	if (from && tr->process != from && tr->process->ntasks == 1)
		memcpy(tr->process->dgram, from->dgram, sizeof(from->dgram));
	return tr;
}

/*
 * A stop of a task that we never heard of: a child that was faster than its parent's event.  Where
 * children aren't followed it came by CLONE_PTRACE, and would hang if it were not let go.
 */
static struct tracee *stranger(struct trace *t, int tid)
{
	if (t->o.follow)
		return newborn(t, tid, NULL);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
	return NULL;
}

static void first_stop(struct trace *t, struct tracee *tr)
{
	tr->seen = true;
	if (tr->tid == t->command || t->ending)
		return;
	if (tr->attached) /* by -p: trace_attach() told of its process */
		return;
	trace_emit(t, trace_event(t, tr, EVENT_ATTACHED));
}

static void ended(struct trace *t, struct tracee *tr, int tid, int status, enum stop what)
{
	if (tid == t->command) {
		t->command_status = status;
		if (tr && tr->hidden) /* it never executed anything: why stands in the pipe */
			trace_launch_report(t);
	} else if (!tr && t->o.child_ended)
		t->o.child_ended(t->o.child_ended_ctx, tid, status);
	if (!tr)
		return;
	trace_call_ends(t, tr, CALL_DIED);
	if (!tr->hidden || !t->not_executed) {
		struct event *ev =
			trace_event(t, tr, what == STOP_EXITED ? EVENT_EXITED : EVENT_KILLED);

		if (what == STOP_EXITED) {
			ev->status = WEXITSTATUS(status);
		} else {
			ev->sig = WTERMSIG(status);
			ev->core = WCOREDUMP(status);
		}
		if (tr->process->ntasks == 1)
			received_left(tr->process->received, ev);
		trace_emit(t, ev);
	}
	trace_forget(t, tr);
}

/*
 * A task executed another program.  Where it was not the leader it has the leader's number from now on:
 * the leader vanishes without a status, and what we know of the task moves.
 */
static struct tracee *executed(struct trace *t, struct tracee *tr, int tid)
{
	unsigned long old = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, tid, NULL, &old) && (int)old > 0 && (int)old != tid) {
		struct tracee *thread = tracees_find(&t->tasks, (int)old);

		if (thread && tr) {
			struct event *ev;

			trace_call_ends(t, tr, CALL_DIED);
			ev = trace_event(t, tr, EVENT_SUPERSEDED);
			ev->other_pid = (int)old;
			trace_emit(t, ev);
			trace_forget(t, tr);
		}
		if (thread) {
			tracees_rename(&t->tasks, thread, tid);
			if (thread->ev)
				thread->ev->tid = tid;
			tr = thread;
		}
	}
	if (!tr)
		return NULL;
	tr->stopped = true;
	tr->comm_known = false;
	tr->hint = (struct capture_hint){ 0 };
	received_forget(&tr->process->received);

	bool command = tr->hidden;

	if (command) {
		tr->hidden = false;
		trace_launch_report(t);
	}
	process_memory_close(&t->tasks, tr->process);
	facts_proc_changed(t->facts, tr->process->tgid);
	if (t->unwinder)
		unwind_libunwind.changed(t->unwinder, tr->process->tgid);
	if (command)
		trace_find_datagrams(t, tr->process);
	return tr;
}

static void signal_stop(struct trace *t, struct tracee *tr, int sig)
{
	struct event *ev = NULL;
	siginfo_t si;

	/* A call's exit comes before: nothing of it is outstanding now. */
	tr->skip_exit = false;
	if (!t->mute && !tr->hidden) {
		ev = trace_event(t, tr, EVENT_SIGNAL);
		ev->sig = sig;
		if (!ptrace(PTRACE_GETSIGINFO, tr->tid, NULL, &si)) {
			ev->siginfo = (struct bytes){
				.p = arena_memdup(&ev->arena, &si, sizeof(si)),
				.len = sizeof(si),
				.claimed = sizeof(si),
			};
		}
	}
	trace_resume(t, tr, sig);
	if (ev)
		trace_emit(t, ev);
}

static void group_stop(struct trace *t, struct tracee *tr, int sig)
{
	if (!t->ending) {
		struct event *ev = trace_event(t, tr, EVENT_STOPPED);

		ev->sig = sig;
		trace_emit(t, ev);
	}
	tr->skip_exit = false;
	tr->listening = true;
	tr->stopped = false;
	ptrace(PTRACE_LISTEN, tr->tid, NULL, NULL);
}

/* ---- the two halves of the loop ---- */

void trace_handle(struct trace *t, int tid, int status)
{
	enum stop what = classify(status);
	struct tracee *tr = tracees_find(&t->tasks, tid);
	unsigned long child = 0;

	if (what == STOP_EXITED || what == STOP_KILLED) {
		ended(t, tr, tid, status, what);
		return;
	}
	if (what == STOP_EXEC)
		tr = executed(t, tr, tid);
	if (!tr)
		tr = stranger(t, tid);
	if (!tr)
		return;
	tr->stopped = true;
	tr->listening = false;
	tr->stop_sig = what == STOP_SIGNAL ? WSTOPSIG(status) : 0;
	if (!tr->seen)
		first_stop(t, tr);
	if (what == STOP_CHILD && !ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child) && child &&
	    newborn(t, (int)child, tr)->process != tr->process)
		received_shared(tr->process->received);
	if (t->ending) /* detaching: who calls decides */
		return;
	switch (what) {
	case STOP_SYSCALL:
	case STOP_SECCOMP:
		trace_syscall_stop(t, tr);
		break;
	case STOP_SIGNAL:
		signal_stop(t, tr, WSTOPSIG(status));
		break;
	case STOP_GROUP:
		group_stop(t, tr, WSTOPSIG(status));
		break;
	case STOP_ATTACH:
		tr->skip_exit = false;
		trace_resume(t, tr, 0);
		break;
	default:
		trace_resume(t, tr, 0);
	}
}

static bool told_to_end(struct trace *t)
{
	return t->interrupted || wait_expired(&t->wait) || (t->leaving && t->command_status >= 0) ||
	       (!t->mute && t->c->enough && t->c->enough(t->c->ctx));
}

/* One look at each known task, so that none starves.  How many had something. */
static unsigned int look_at_each(struct trace *t)
{
	unsigned int max = sizeof(t->wait.tids) / sizeof(t->wait.tids[0]);
	unsigned int n = 0, from = 0, found = 0;

	while (from < t->tasks.n) {
		/* handling one may add and drop others: work on a copy, 512 at a time */
		for (n = 0; n < max && from + n < t->tasks.n; n++)
			t->wait.tids[n] = t->tasks.v[from + n]->tid;
		from += n;
		for (unsigned int i = 0; i < n; i++) {
			int tid, status;

			if (wait_poll(t->wait.tids[i], &tid, &status) == WAIT_GOT) {
				trace_handle(t, tid, status);
				found++;
			}
		}
	}
	return found;
}

/* Statuses until there are none. */
static enum wait_result drain(struct trace *t)
{
	enum wait_result r = WAIT_NOTHING;
	int tid, status;

	for (unsigned int i = 0; i < DRAIN; i++) {
		r = wait_poll(-1, &tid, &status);
		if (r != WAIT_GOT)
			return r;
		trace_handle(t, tid, status);
	}
	if (t->tasks.n > 1)
		look_at_each(t);
	return r;
}

void trace_loop(struct trace *t)
{
	while (!told_to_end(t)) {
		/* of one task there is no second status to find */
		enum wait_result r = t->tasks.n == 1 ? WAIT_NOTHING : drain(t);
		int tid, status;

		if (r == WAIT_NO_CHILD)
			return;
		if (r == WAIT_GOT || told_to_end(t)) /* by what was found */
			continue;
		/*
		 * No task left, but wait() still knows a child.  It is ours, or was made by a task that
		 * was killed before its event: the latter stops at once and tells itself.
		 */
		if (!t->tasks.n && t->children && !trace_orphans(t))
			return;
		r = wait_sleep(t, &tid, &status);
		if (r == WAIT_GOT)
			trace_handle(t, tid, status);
		else if (r == WAIT_NO_CHILD)
			return;
	}
}
