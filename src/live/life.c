// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tasks come, execute programs and go; the events of that. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "procfs/procfs.h"
#include "live/state.h"
#include "live/waits.h"
#include "stack/unwind.h"

uint64_t live_now(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* ---- events ---- */

static void learn_comm(const struct live *l, struct task *t)
{
	char comm[sizeof(t->comm) + 1];
	ssize_t n;

	t->comm_known = true;
	if (!l->proc_ok)
		return;
	n = procfs_read(procfs_path(t->tid, "comm").s, comm, sizeof(comm));
	if (n <= 0) /* it is gone: what its parent was called remains */
		return;
	memset(t->comm, 0, sizeof(t->comm));
	memcpy(t->comm, comm, (size_t)(comm[n - 1] == '\n' ? n - 1 : n));
}

struct event *live_event(struct live *l, struct task *t, enum event_kind kind)
{
	struct event *ev = event_new();

	if (!t->comm_known)
		learn_comm(l, t);
	ev->kind = kind;
	ev->tid = t->tid;
	ev->tgid = t->process->tgid;
	memcpy(ev->comm, t->comm, sizeof(ev->comm));
	ev->ntasks = l->tasks.n;
	ev->threads = l->o.follow ? t->process->ntasks : 0;
	ev->enter_ns = live_now();
	ev->exit_ns = ev->enter_ns;
	return ev;
}

/* Of a call that a filter caught its number is known: name it. */
static void name_caught_call(const struct live *l, struct event *ev)
{
	siginfo_t si;

	if (ev->kind != EVENT_SIGNAL || ev->sig != SIGSYS || ev->siginfo.len < sizeof(si))
		return;
	memcpy(&si, ev->siginfo.p, sizeof(si));
	if (si.si_code > 0) {
		const struct abi *abi = abi_of(si.si_arch, (uint32_t)si.si_syscall);

		ev->name = calls_find(l->calls, abi, (uint32_t)si.si_syscall)->name;
	}
}

void live_tell(struct live *l, struct event *ev)
{
	name_caught_call(l, ev);
	if (ev->kind == EVENT_CALL)
		l->c->emit(l->c->ctx, ev, &l->ask);
	else if (l->hush && ev->kind != EVENT_DETACHED)
		event_free(ev);
	else
		l->c->emit(l->c->ctx, ev, NULL);
}

/* ---- tasks come and go ---- */

void live_forget(struct live *l, struct task *t)
{
	int gone = tasks_drop(&l->tasks, t);

	if (!gone)
		return;
	packets_idle(l); /* it may have been the last in its network namespace */
	facts_proc_gone(l->facts, gone);
	if (l->unwinder)
		unwind_libunwind.gone(l->unwinder, gone);
}

static struct task *add(struct live *l, int tid, int tgid, const struct task *parent)
{
	struct task *t = tasks_add(&l->tasks, tid, tgid);
	const struct process *from = parent ? parent->process : NULL;

	if (parent)
		memcpy(t->comm, parent->comm, sizeof(t->comm));
	if (!(l->can & ENGINE_STOPS) &&
	    t->process->ntasks == 1) /* it may be gone when it is asked for */
		facts_proc_child(l->facts, tgid, from ? from->tgid : tgid);
	if (from && t->process != from && t->process->ntasks == 1)
		memcpy(t->process->dgram, from->dgram, sizeof(from->dgram));
	if (from && from->waits)
		t->process->waits = true;
	return t;
}

struct task *live_task_new(struct live *l, int tid, int tgid, const struct task *parent)
{
	struct task *t = tasks_find(&l->tasks, tid);

	if (!t)
		t = add(l, tid, tgid, parent);
	if (parent && parent->process != t->process) /* a child has the same descriptors */
		received_shared(parent->process->received);
	return t;
}

struct task *live_task_find(const struct live *l, int tid)
{
	return tasks_find(&l->tasks, tid);
}

const struct tasks *live_tasks(const struct live *l)
{
	return &l->tasks;
}

void live_task_shown(struct live *l, struct task *t)
{
	live_tell(l, live_event(l, t, EVENT_ATTACHED));
}

/* A task that runs may be gone when a rule asks: its network namespace is entered now. */
static void enter_namespace(struct live *l, const struct task *t)
{
	const struct question q = { .kind = ASK_OPTMEM_MAX };
	struct event *ev = event_new();
	struct answer a = { 0 };

	ev->tid = ev->tgid = t->process->tgid;
	ev->proc = facts_proc(l->facts, ev->tgid);
	facts_answer(l->facts, ev, &q, &a);
	event_free(ev);
}

void live_process_attached(struct live *l, struct task *t)
{
	struct event *ev;

	if (l->can & ENGINE_STOPS)
		live_find_sockets(l, t->process);
	else
		enter_namespace(l, t);
	if (l->can & ENGINE_IO_URING || !facts_has_io_uring(l->facts, t->tid, -1))
		return;
	ev = live_event(l, t, EVENT_NOTE);
	ev->note = "has an io_uring: messages sent and received through it are not seen";
	live_tell(l, ev);
}

/* An exec leaves one task of a process: it has the leader's number, whichever it was. */
static struct task *the_one_left(struct live *l, struct task *leader, struct task *thread, int tid)
{
	if (leader) {
		struct event *ev;

		live_call_lost(l, leader, CALL_DIED);
		ev = live_event(l, leader, EVENT_SUPERSEDED);
		ev->other_pid = thread->tid;
		live_tell(l, ev);
		live_forget(l, leader);
	}
	tasks_rename(&l->tasks, thread, tid);
	if (thread->call.ev)
		thread->call.ev->tid = tid;
	return thread;
}

struct task *live_task_executed(struct live *l, int tid, int old_tid)
{
	struct task *t = tasks_find(&l->tasks, tid);
	struct task *thread = old_tid == tid ? NULL : tasks_find(&l->tasks, old_tid);
	bool command;

	if (thread)
		t = the_one_left(l, t, thread, tid);
	if (!t)
		return NULL;
	command = t->hidden;
	t->hidden = false;
	t->comm_known = false;
	t->hint = (struct capture_hint){ 0 };
	received_executed(t->process->received, tid);
	facts_proc_changed(l->facts, t->process->tgid);
	if (l->unwinder)
		unwind_libunwind.changed(l->unwinder, t->process->tgid);
	if (!(l->can & ENGINE_STOPS))
		return t;
	t->process->waits = false;
	if (command)
		live_find_sockets(l, t->process);
	else
		waits_maps(t->process);
	return t;
}

void live_task_gone(struct live *l, struct task *t, int status)
{
	struct event *ev;

	live_call_lost(l, t, CALL_DIED);
	if (!t->hidden) {
		ev = live_event(l, t, WIFEXITED(status) ? EVENT_EXITED : EVENT_KILLED);
		if (WIFEXITED(status)) {
			ev->status = WEXITSTATUS(status);
		} else {
			ev->sig = WTERMSIG(status);
			ev->core = WCOREDUMP(status);
		}
		if (t->process->ntasks == 1)
			received_left(t->process->received, ev);
		live_tell(l, ev);
	}
	live_forget(l, t);
}

void live_task_left(struct live *l, struct task *t)
{
	live_call_lost(l, t, CALL_LEFT);
	live_tell(l, live_event(l, t, EVENT_DETACHED));
	live_forget(l, t);
}
