/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tracer's own state: shared by the files of this folder, seen by nobody else. */
#ifndef CMSGTRACE_PTRACE_STATE_H
#define CMSGTRACE_PTRACE_STATE_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <time.h>

#include "sock/facts.h"
#include "live/calls.h"
#include "live/capture.h"
#include "ptrace/filter.h"
#include "ptrace/memory.h"
#include "live/live.h"
#include "live/tracee.h"
#include "trace/unwind.h"

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

struct trace {
	struct trace_opts o;
	const struct consumer *c;
	struct capture_opts capture;
	struct calls *calls;
	struct filter filter;
	struct facts *facts;
	struct wire *wire;         /* --wire, or NULL */
	uint64_t fds_generation;   /* see fds.h */
	struct unwinder *unwinder; /* made when the first stack is asked for */
	struct ask ask;
	const struct event *judging; /* the event whose task is stopped, while judge() runs */
	struct tracees tasks;
	struct ptrace_memory memory; /* of the task that stands before us */
	struct waiter wait;
	int ptrace_options;
	bool seccomp;  /* only traced calls stop: resume by PTRACE_CONT */
	bool proc_ok;  /* /proc is of our pid namespace */
	bool children; /* we had children of our own before we started */

	pid_t command;      /* the wrapped command, 0 none */
	int command_status; /* as wait(2) says, -1 not ended */
	bool not_executed;  /* … since it could not become what was asked: told */
	int report_fd;      /* the command tells here why it could not start; -1 closed */
	char *path;         /* of the executable */

	volatile sig_atomic_t interrupted; /* signal that asks us to end */
	bool ending;                       /* only letting go of everything */
	bool leaving;                      /* the command was told to end: until then */
	bool mute;                         /* no more events */
	uint64_t events;
};

enum { TRACE_STAGE_FILTER = 'F', TRACE_STAGE_USER = 'U', TRACE_STAGE_EXEC = 'X' };

/* say.c: one message for the user, formatted. */
void trace_say(struct trace *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* launch.c: forks the command, which waits until it is traced, then runs. 0 or negative errno (told). */
int trace_launch(struct trace *t);
/* What the command said about its start: the filter failed, or execve did. Sets command_status. */
void trace_launch_report(struct trace *t);

/* attach.c: all threads of pid. How many were attached, or negative errno (told). */
int trace_attach(struct trace *t, int pid);
/* SEIZEs one task and asks it to stop. 0 or negative errno. */
int trace_seize(struct trace *t, int tid, int tgid);

/* refused.c: why pid can't be traced, and the one remedy; err is what PTRACE_SEIZE said. */
void trace_refused(struct trace *t, int pid, int err);

/* detach.c: lets go of every task; none is left stopped. */
void trace_detach_all(struct trace *t);
void trace_kill_all(struct trace *t);

/* loop.c */
void trace_loop(struct trace *t);
/* Does a task exist that we trace and have not heard of? */
bool trace_orphans(const struct trace *t);
/* One wait status; the task goes on, or is remembered as stopped where t->ending. */
void trace_handle(struct trace *t, int tid, int status);
/* Resumes a task with a signal (0: none), until its next stop of interest. */
void trace_resume(struct trace *t, struct tracee *tr, int sig);
/* The task is gone, or no longer traced: forgets it and what belongs to it. */
void trace_forget(struct trace *t, struct tracee *tr);
struct event *trace_event(struct trace *t, struct tracee *tr, enum event_kind kind);
/* Gives an event that is no call to the consumer. */
void trace_emit(struct trace *t, struct event *ev);

/* stops.c: system call stops. */
void trace_syscall_stop(struct trace *t, struct tracee *tr);
/* The call that tr is in will not be seen to end. */
void trace_call_ends(struct trace *t, struct tracee *tr, enum call_end end);
/* tr, which is about to be detached, stands in some stop: if its call ended there, so does the event. */
void trace_last_stop(struct trace *t, struct tracee *tr);
/* The sockets that the process has: at attaching, and those that a command has from its caller. */
void trace_find_datagrams(struct trace *t, struct process *p);

/* paths.c: with -y, the paths of descriptors that an event names. */
void trace_fd_path(struct event *ev, int fd);
void trace_rights_paths(struct event *ev);

/* packets.c: with --wire, which packet a message was. */
void packets_start(struct trace *t);
/* At entry: a call on ev's socket is under way. */
void packets_watch(struct trace *t, const struct event *ev);
/* Must that be said before the call goes on? */
bool packets_watch_first(const struct trace *t, const struct event *ev);
/* The call ended in another way than packets_match() was told. */
void packets_unmatched(struct trace *t, const struct event *ev);
/* At attaching: what comes to a socket that is there already is heard before a call asks for it. */
void packets_watch_fd(struct trace *t, int tgid, int fd, struct sock *s);
/* At exit of a call: fills msg[].wire. */
void packets_match(struct trace *t, struct event *ev);
void packets_idle(struct trace *t);
void packets_told(struct trace *t);

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
enum wait_result wait_sleep(struct trace *t, int *got, int *status);
bool wait_expired(const struct waiter *w);

uint64_t clock_ns(clockid_t id);
/* A number out of /proc/PID/status ("Tgid"), or -1. */
long proc_status(int pid, const char *key);

#endif
