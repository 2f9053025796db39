/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tracer's own state: shared by the files of this folder, seen by nobody else. */
#ifndef CMSGTRACE_PTRACE_STATE_H
#define CMSGTRACE_PTRACE_STATE_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <time.h>

#include "base/clock.h"
#include "live/command.h"
#include "live/engine.h"
#include "ptrace/filter.h"
#include "ptrace/memory.h"

/* How waiting for stops is done; see wait.c. */
struct waiter {
	bool may_spin;        /* more than one CPU is ours */
	unsigned int misses;  /* spins in a row that found nothing */
	unsigned int resting; /* waits until the next spin is tried */
	bool has_timer;
	timer_t timer;
	bool has_ticker; /* a timer that tells busy from quiet */
	timer_t ticker;
	bool ticking;         /* it is set */
	bool fresh;           /* something was got since the consumer was last told that we wait */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	int tids[512];        /* the round's snapshot */
};

/* Where a task's stack holds nothing of its own: bytes that code may use below its pointer, x86-64 psABI. */
enum { RED_ZONE = 128, STACK_ALIGN = 16 };

enum undo {
	UNDO_NOTHING,
	UNDO_ARGUMENT, /* a register that we changed for the call's time */
	UNDO_RESULT,   /* the call was not made: its result is 0 */
};

/* What ptrace has to know of a task, behind what live does. */
struct tracee {
	struct task task;
	bool attached;  /* by -p, not by its parent's fork */
	bool seen;      /* it has stopped for us at least once */
	bool stopped;   /* in a ptrace stop that we were told of and have not resumed */
	int stop_sig;   /* signal to hand on if it is detached in this stop */
	bool skip_exit; /* the next system call stop is the exit of a call of no interest */
	bool held;      /* a child that was faster than its parent's event: waits for that */
	bool strict;    /* it asked for seccomp's strict mode, and has it by us */
	enum undo
		undo; /* what its call's exit stop (a child: its first stop) sets right; unfilter.c */
	unsigned int undo_at;
	uint64_t undo_value;
	struct amended *amended; /* what --try-fix changed for its call; or NULL: amend.c */
};

struct tracee_process {
	struct process process;
	unsigned int looks; /* at its memory, before the file below was thought of */
	int memory_file;    /* 1 + a descriptor of its /proc/PID/mem; 0: none */
	bool own_filter;    /* it has a seccomp filter besides ours: each call of it stops */
};

static inline struct tracee *tracee_of(struct task *t)
{
	return (struct tracee *)t;
}

struct tracer {
	struct live *live;
	const struct live_opts *o;
	const struct tasks *tasks; /* all are struct tracee */
	struct filter filter;
	struct waiter wait;
	struct ptrace_memory memory; /* of the task that stands before us */
	unsigned int memory_files;   /* open ones */
	unsigned int undoing;        /* tasks whose changed register is to be set right */
	int ptrace_options;
	bool seccomp;             /* only traced calls stop: resume by PTRACE_CONT */
	bool proc_ok;             /* /proc is of our pid namespace */
	bool children;            /* we had children of our own before we started */
	struct sigaction sigchld; /* as it was */

	struct command command;

	volatile sig_atomic_t interrupted; /* signal that asks us to end */
	bool ending;                       /* only letting go of everything */
};

/* attach.c: all threads of pid. How many were attached, or negative errno (told). */
int tracer_attach(struct tracer *t, int pid);
/*
 * A task that was attached has stopped, or ended: once all have, what they were making meanwhile is there.  A
 * thread whose maker was attached in the middle of clone() has no tracer.
 */
void tracer_attach_rest(struct tracer *t);
/* SEIZEs one task and asks it to stop. 0 or negative errno. */
int tracer_seize(struct tracer *t, int tid, int tgid);

/* refused.c: why pid can't be traced, and the one remedy; err is what PTRACE_SEIZE said. */
void tracer_refused(struct tracer *t, int pid, int err);

/* detach.c: lets go of every task; none is left stopped. */
void tracer_detach_all(struct tracer *t);
/* … of one that stands in a stop; it is gone with that. */
void tracer_let_go(struct tracer *t, struct tracee *tr);
void tracer_kill_all(struct tracer *t);

/* loop.c */
void tracer_loop(struct tracer *t);
/* Does a task exist that we trace and have not heard of? */
bool tracer_orphans(const struct tracer *t);
/* One wait status; the task goes on, or is remembered as stopped where t->ending. */
void tracer_handle(struct tracer *t, int tid, int status);
/* Resumes a task with a signal (0: none), until its next stop of interest. */
void tracer_resume(struct tracer *t, struct tracee *tr, int sig);
struct tracee *tracer_find(const struct tracer *t, int tid); /* or NULL */

/* stops.c: system call stops; by_filter: a seccomp filter's. */
void tracer_syscall_stop(struct tracer *t, struct tracee *tr, bool by_filter);
/* tr, which is about to be detached, stands in some stop: if its call ended there, so does the event. */
void tracer_last_stop(struct tracer *t, struct tracee *tr);
/* How the memory of a stopped task is read; engine functions. */
const struct memory *tracee_memory(void *e, struct task *task);
int tracee_registers(void *e, struct task *task, struct registers *to);
void tracee_process_gone(void *e, struct process *p);
/* At execve its address space is another. */
void tracee_memory_close(struct tracer *t, struct process *p);

/* unfilter.c: what our filter would change for the program, undone. */
/* A stop of a seccomp filter, ours or the program's. */
void tracer_filter_stop(struct tracer *t, struct tracee *tr,
			const struct __ptrace_syscall_info *info);
/* A call begins: false where strict mode, which we stand for, forbids it; the task is about to end. */
bool tracer_strict(struct tracer *t, struct tracee *tr, const struct call_begin *b);
/* tr stands behind a call that we changed: what it sees of that is set right.  info: of its exit. */
void tracer_undo(struct tracer *t, struct tracee *tr, struct __ptrace_syscall_info *info);
/* child was made by parent, or so it turns out. */
void tracer_born(struct tracer *t, struct tracee *child, const struct tracee *parent);
/* No call is under way that a held child could come of. */
void tracer_release(struct tracer *t);
/* All its calls stop, not only those that our filter picks. */
static inline bool tracee_stops_always(const struct tracee *tr)
{
	return tr->strict || ((const struct tracee_process *)tr->task.process)->own_filter;
}

/* amend.c: --try-fix. */
/* tr stands before the call of ev, to be made as ev's msg[].tried has it: says there why it can't be. */
void tracer_amend(struct tracer *t, struct tracee *tr, struct event *ev,
		  const struct __ptrace_syscall_info *info);
/* … and behind it: everything is put back.  gone: it ended, there is nothing left to put back. */
void tracer_put_back(struct tracee *tr, bool gone);

/* wait.c */
enum wait_result { WAIT_GOT, WAIT_NOTHING, WAIT_NO_CHILD };
void wait_start(struct waiter *w);
void wait_stop(struct waiter *w);
/* The time by which wait_expired() is true and waiting has ended; 0: none. */
void wait_deadline(struct waiter *w, uint64_t after_ns);
/* Ends waiting at once, whenever it begins. Callable from a signal handler. */
void wait_wake(struct waiter *w);
enum wait_result wait_poll(int tid, int *got, int *status);
/* Sleeps until a task has stopped, wait_wake() was called or the deadline is there. */
enum wait_result wait_block(const struct waiter *w, int *got, int *status);
/* The same for the main loop: spins first where that pays, flushes output. */
enum wait_result wait_sleep(struct tracer *t, int *got, int *status);
bool wait_expired(const struct waiter *w);

#endif
