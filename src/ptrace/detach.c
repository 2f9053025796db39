// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Letting go.  A task can only be detached while it is stopped, and a vfork parent doesn't stop before
 * its child went on: so all are asked to stop first, then each is let go as it does.  What doesn't stop
 * in time is released, unharmed, by our own end: the kernel clears what is pending.
 */
#include "config.h"

#include <signal.h>
#include <sys/ptrace.h>

#include "ptrace/state.h"

enum { PATIENCE_NS = 1000000000 };

static void let_go(struct trace *t, struct tracee *tr)
{
	struct event *ev;

	if (tr->ev)
		trace_last_stop(t, tr);
	/* A signal that was on its way is delivered; a group stop goes on as one. */
	ptrace(PTRACE_DETACH, tr->tid, NULL, (long)tr->stop_sig);
	trace_call_ends(t, tr, CALL_LEFT);
	ev = trace_event(t, tr, EVENT_DETACHED);
	trace_emit(t, ev);
	trace_forget(t, tr);
}

static void let_go_stopped(struct trace *t)
{
	for (unsigned int i = t->tasks.n; i-- > 0;) {
		if (i < t->tasks.n && t->tasks.v[i]->stopped)
			let_go(t, t->tasks.v[i]);
	}
}

void trace_detach_all(struct trace *t)
{
	t->ending = true;
	wait_deadline(&t->wait, PATIENCE_NS);
	let_go_stopped(t);
	for (unsigned int i = 0; i < t->tasks.n; i++)
		ptrace(PTRACE_INTERRUPT, t->tasks.v[i]->tid, NULL, NULL);
	while (t->tasks.n && !wait_expired(&t->wait)) {
		int tid, status;
		enum wait_result r = wait_block(&t->wait, &tid, &status);
		struct tracee *tr;

		if (r == WAIT_NO_CHILD)
			break;
		if (r != WAIT_GOT)
			continue;
		trace_handle(t, tid, status);
		tr = tracees_find(&t->tasks, tid);
		if (tr && tr->stopped)
			let_go(t, tr);
	}
	while (t->tasks.n) {
		struct tracee *tr = t->tasks.v[t->tasks.n - 1];

		trace_call_ends(t, tr, CALL_LEFT);
		trace_emit(t, trace_event(t, tr, EVENT_DETACHED));
		trace_forget(t, tr);
	}
}

/* Every task that is left dies, since a filter without tracer would let its calls fail. */
void trace_kill_all(struct trace *t)
{
	t->ending = true;
	wait_deadline(&t->wait, PATIENCE_NS);
	for (unsigned int i = 0; i < t->tasks.n; i++)
		kill(t->tasks.v[i]->process->tgid, SIGKILL);
	while (t->tasks.n && !wait_expired(&t->wait)) {
		int tid, status;
		enum wait_result r = wait_block(&t->wait, &tid, &status);
		struct tracee *tr;

		if (r == WAIT_NO_CHILD)
			break;
		if (r != WAIT_GOT)
			continue;
		trace_handle(t, tid, status);
		tr = tracees_find(&t->tasks, tid);
		if (tr && tr->stopped) {
			kill(tr->process->tgid, SIGKILL); /* a child that was born meanwhile */
			trace_resume(t, tr, 0);
		}
	}
}
