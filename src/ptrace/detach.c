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

void tracer_let_go(struct tracer *t, struct tracee *tr)
{
	tracer_put_back(tr, false);
	if (tr->task.call.ev)
		tracer_last_stop(t, tr);
	/* A signal that was on its way is delivered; a group stop goes on as one. */
	ptrace(PTRACE_DETACH, tr->task.tid, NULL, (long)tr->stop_sig);
	live_task_left(t->live, &tr->task);
}

static void let_go_stopped(struct tracer *t)
{
	for (unsigned int i = t->tasks->n; i-- > 0;) {
		if (i < t->tasks->n && tracee_of(t->tasks->v[i])->stopped)
			tracer_let_go(t, tracee_of(t->tasks->v[i]));
	}
}

void tracer_detach_all(struct tracer *t)
{
	t->ending = true;
	live_hush(t->live, LIVE_ENDING);
	wait_deadline(&t->wait, PATIENCE_NS);
	let_go_stopped(t);
	for (unsigned int i = 0; i < t->tasks->n; i++)
		ptrace(PTRACE_INTERRUPT, t->tasks->v[i]->tid, NULL, NULL);
	while (t->tasks->n && !wait_expired(&t->wait)) {
		int tid, status;
		enum wait_result r = wait_block(&t->wait, &tid, &status);
		struct tracee *tr;

		if (r == WAIT_NO_CHILD)
			break;
		if (r != WAIT_GOT)
			continue;
		tracer_handle(t, tid, status);
		tr = tracer_find(t, tid);
		if (tr && tr->stopped)
			tracer_let_go(t, tr);
	}
	while (t->tasks->n)
		live_task_left(t->live, t->tasks->v[t->tasks->n - 1]);
}

/* Every task that is left dies, since a filter without tracer would let its calls fail. */
void tracer_kill_all(struct tracer *t)
{
	t->ending = true;
	live_hush(t->live, LIVE_ENDING);
	wait_deadline(&t->wait, PATIENCE_NS);
	for (unsigned int i = 0; i < t->tasks->n; i++)
		kill(t->tasks->v[i]->process->tgid, SIGKILL);
	while (t->tasks->n && !wait_expired(&t->wait)) {
		int tid, status;
		enum wait_result r = wait_block(&t->wait, &tid, &status);
		struct tracee *tr;

		if (r == WAIT_NO_CHILD)
			break;
		if (r != WAIT_GOT)
			continue;
		tracer_handle(t, tid, status);
		tr = tracer_find(t, tid);
		if (tr && tr->stopped) {
			kill(tr->task.process->tgid, SIGKILL); /* a child that was born meanwhile */
			tracer_resume(t, tr, 0);
		}
	}
}
