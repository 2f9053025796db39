// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for the next stop.  SIGCHLD is blocked all the time and taken by sigtimedwait(), so that no
 * wakeup is lost: trace_interrupt() sends one to us.  Before sleeping we spin for a while: waking a
 * halted CPU costs more than the time until a busy tracee's next stop.
 */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>

#include "trace/state.h"

enum {
	SPIN_NS = 50000, /* 20 µs were too short, measured */
	SPIN_MISSES = 8, /* so many in a row: the tracee is not a busy one */
	SPIN_REST = 64,  /* … then sleep that often before trying again */
	NS_PER_S = 1000000000,
};

uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void wait_start(struct waiter *w, uint64_t duration_ns)
{
	cpu_set_t set;

	*w = (struct waiter){ 0 };
	w->may_spin = !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 1;
	if (duration_ns)
		w->deadline_ns = clock_ns(CLOCK_MONOTONIC) + duration_ns;
}

bool wait_expired(const struct waiter *w)
{
	return w->deadline_ns && clock_ns(CLOCK_MONOTONIC) >= w->deadline_ns;
}

enum wait_result wait_poll(int tid, int *got, int *status)
{
	int r = wait4(tid, status, __WALL | WNOHANG, NULL);

	if (r > 0) {
		*got = r;
		return WAIT_GOT;
	}
	return r < 0 && errno == ECHILD ? WAIT_NO_CHILD : WAIT_NOTHING;
}

static enum wait_result wait_spin(struct waiter *w, int *got, int *status)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + SPIN_NS;
	enum wait_result r;

	do {
		r = wait_poll(-1, got, status);
	} while (r == WAIT_NOTHING && clock_ns(CLOCK_MONOTONIC) < until);
	if (r != WAIT_NOTHING) {
		w->misses = 0;
	} else if (++w->misses >= SPIN_MISSES) {
		w->misses = 0;
		w->resting = SPIN_REST;
	}
	return r;
}

enum wait_result wait_sleep(struct trace *t, int *got, int *status)
{
	struct waiter *w = &t->wait;
	struct timespec left;
	sigset_t chld;

	if (w->may_spin && w->resting) {
		w->resting--;
	} else if (w->may_spin) {
		enum wait_result r = wait_spin(w, got, status);

		if (r != WAIT_NOTHING)
			return r;
	}
	if (t->c->idle)
		t->c->idle(t->c->ctx);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	if (w->deadline_ns) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);
		uint64_t ns = now < w->deadline_ns ? w->deadline_ns - now : 0;

		left.tv_sec = (time_t)(ns / NS_PER_S);
		left.tv_nsec = (long)(ns % NS_PER_S);
	}
	sigtimedwait(&chld, NULL, w->deadline_ns ? &left : NULL);
	return WAIT_NOTHING;
}
