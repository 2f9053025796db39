// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for the next stop.  We sleep in wait4() itself, the cheapest way there is: with SIGCHLD, be it
 * by sigtimedwait(), signalfd or a handler, each stop costs two system calls more (2 of 25 µs, measured).
 * What else may wake us is a timer, which repeats until somebody listens: a signal that comes between a
 * look at a flag and wait4() is followed by another, so that no wakeup is lost.
 *
 * Before sleeping we spin for a while: waking a halted CPU costs more than the time until a busy tracee's
 * next stop.
 */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

#include "ptrace/state.h"

enum {
	SPIN_NS = 50000,     /* 20 µs were too short, measured */
	SPIN_MISSES = 8,     /* so many in a row: the tracee is not a busy one */
	SPIN_REST = 64,      /* … then sleep that often before trying again */
	REPEAT_NS = 5000000, /* of the timer that wakes us */
	QUIET_NS = 10000000, /* without a stop: now output is wanted */
	NS_PER_S = 1000000000,
};

static void on_timer(int sig)
{
	(void)sig; /* wait4() has returned: that is all */
}

/* From after_ns on (0: never) the timer interrupts wait4(), again and again. */
static void timer_set(struct waiter *w, uint64_t after_ns)
{
	struct itimerspec when = { 0 };

	if (after_ns) {
		when.it_value.tv_sec = (time_t)(after_ns / NS_PER_S);
		when.it_value.tv_nsec = (long)(after_ns % NS_PER_S);
		when.it_interval.tv_nsec = REPEAT_NS;
	}
	if (w->has_timer)
		timer_settime(w->timer, 0, &when, NULL);
}

/*
 * glibc registers an area that the kernel fills in at each return from a context switch (rseq(2)).  We
 * have two of those a stop and no use for it: 1 % and more of what a message costs.  Where it can't be
 * taken back it stays; sched_getcpu() asks the kernel without it.
 */
static void no_rseq(void)
{
#ifdef RSEQ_SIG
	enum { AREA_MIN = 32 }; /* what is registered at least, whatever part of it is in use */
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	if (__rseq_size)
		syscall(SYS_rseq, area, __rseq_size > AREA_MIN ? __rseq_size : AREA_MIN,
			RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
#endif
}

void wait_start(struct waiter *w)
{
	struct sigaction sa = { .sa_handler = on_timer }; /* no SA_RESTART */
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMAX };
	cpu_set_t set;
	sigset_t rt;

	no_rseq();
	*w = (struct waiter){ 0 };
	w->may_spin = !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 1;
	sigaction(SIGRTMAX, &sa, NULL);
	sigemptyset(&rt);
	sigaddset(&rt, SIGRTMAX);
	sigprocmask(SIG_UNBLOCK, &rt, NULL);
	w->has_timer = !timer_create(CLOCK_MONOTONIC, &se, &w->timer);
	w->has_ticker = !timer_create(CLOCK_MONOTONIC, &se, &w->ticker);
	w->fresh = true;
}

void wait_stop(struct waiter *w)
{
	if (w->has_timer)
		timer_delete(w->timer);
	w->has_timer = false;
	if (w->has_ticker)
		timer_delete(w->ticker);
	w->has_ticker = false;
}

void wait_deadline(struct waiter *w, uint64_t after_ns)
{
	w->deadline_ns = after_ns ? clock_ns(CLOCK_MONOTONIC) + after_ns : 0;
	timer_set(w, after_ns);
}

void wait_wake(struct waiter *w)
{
	timer_set(w, 1);
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

enum wait_result wait_block(const struct waiter *w, int *got, int *status)
{
	const struct timespec nap = { .tv_nsec = REPEAT_NS };
	int r;

	if (!w->has_timer) { /* RLIMIT_SIGPENDING is exhausted: nothing could wake us */
		nanosleep(&nap, NULL);
		return wait_poll(-1, got, status);
	}
	r = wait4(-1, status, __WALL, NULL);
	if (r > 0) {
		*got = r;
		return WAIT_GOT;
	}
	return errno == ECHILD ? WAIT_NO_CHILD : WAIT_NOTHING;
}

static void ticker_set(struct waiter *w, bool on)
{
	const struct timespec every = { .tv_nsec = on ? QUIET_NS : 0 };
	const struct itimerspec when = { .it_value = every, .it_interval = every };

	timer_settime(w->ticker, 0, &when, NULL);
	w->ticking = on;
}

/*
 * The consumer writes out what it has when it is told that we wait.  Told at each stop of a busy tracee
 * that would be two writes a call; so it is told once nothing has come for a while.
 */
static enum wait_result wait_until_quiet(struct tracer *t, int *got, int *status)
{
	struct waiter *w = &t->wait;
	enum wait_result r;

	if (w->fresh && !w->ticking)
		ticker_set(w, true);
	r = wait_block(w, got, status);
	if (r != WAIT_NOTHING || !w->ticking) {
		w->fresh = true;
	} else if (w->fresh) {
		w->fresh = false; /* the first tick behind a stop: it may have been just before */
	} else {
		ticker_set(w, false);
		live_idle(t->live);
	}
	return r;
}

enum wait_result wait_sleep(struct tracer *t, int *got, int *status)
{
	struct waiter *w = &t->wait;

	if (w->may_spin && w->resting) {
		w->resting--;
	} else if (w->may_spin) {
		enum wait_result r = wait_spin(w, got, status);

		if (r != WAIT_NOTHING) {
			w->fresh = true;
			return r;
		}
	}
	if (w->has_timer && w->has_ticker)
		return wait_until_quiet(t, got, status);
	live_idle(t->live);
	return wait_block(w, got, status);
}
