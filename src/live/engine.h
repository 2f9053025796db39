/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seam between an engine, which finds out what tasks do, and live/, which makes events of it.
 *
 * Down, in struct engine: start, run, interrupt, end.  Up, the functions below: a task is new, executed a
 * program, got a signal, is gone; a call begins, goes on, ended.  An engine may tell while the task stands
 * still (ptrace) or long after (a record that the kernel wrote); what it can do stands in enum engine_can.
 *
 * A new engine is a folder with one struct engine, and its row in src/engines.c.
 */
#ifndef CMSGTRACE_LIVE_ENGINE_H
#define CMSGTRACE_LIVE_ENGINE_H

#include "arch/arch.h"
#include "live/opts.h"
#include "live/task.h"

/* What an engine can do for the time being; it is free to change its mind, see live_can(). */
enum engine_can {
	ENGINE_STOPS =
		1, /* the task stands still while live is told of it: its descriptors can be asked */
	ENGINE_EVERY_CALL = 2, /* it tells of every call, wanted or not */
	ENGINE_IO_URING = 4,   /* it tells of the messages of io_urings */
};

struct live;
struct stack_needs;
struct python_chain;

struct engine {
	const char *name; /* --engine=NAME */
	unsigned int can;
	bool amends;               /* it does what msg[].tried says, while the call runs */
	bool all;                  /* it can watch every process of the machine */
	const char *only_commands; /* why it can't attach to a running process; NULL: it can */
	/* Its own structs for each, which begin with struct task and struct process. */
	size_t task_size, process_size;

	/* Checks and prepares; nothing runs yet.  Never NULL.  o is valid until free(). */
	void *(*new)(struct live *l, const struct live_opts *o);
	/*
	 * Starts the command, attaches. 0 or negative errno (told); -ENOSYS: it can't run here, and nothing was begun. May
	 * return in another process.
	 */
	int (*start)(void *e);
	/* Until all has ended or was let go; ends where live_enough() says so. */
	void (*run)(void *e);
	/* See live_interrupt(): callable from a signal handler. */
	void (*interrupt)(void *e, int sig);
	int (*wait_status)(const void *e); /* see live_wait_status() */
	/*
	 * How t's memory is read: asked for within the calls below, and not kept beyond them.
	 */
	const struct memory *(*memory)(void *e, struct task *t);
	/* The registers that t entered or left its call with: 0 or negative errno.  NULL: it has no stacks. */
	int (*registers)(void *e, struct task *t, struct registers *to);
	/* What a walk of t's stack from there reads. NULL: memory. */
	const struct memory *(*stack)(void *e, struct task *t);
	/*
	 * The packets of the messages of ev, t's call that ended: fills msg[].wire where the engine saw them. Or NULL.
	 */
	void (*packets)(void *e, struct task *t, struct event *ev);
	/* The last task of p is gone: what the engine keeps of p goes too. Or NULL. */
	void (*process_gone)(void *e, struct process *p);
	void (*free)(void *e);
	/* Why it can't run here, with the one remedy: static text.  NULL: it can. */
	const char *(*refusal)(void);
	/* What of these options, or of these processes, it shows less of than another engine: static text. NULL: nothing. Or NULL. */
	const char *(*lacks)(const struct live_opts *o);
	const char *good_for; /* a few words */
};

/* ---- tasks ---- */

/*
 * A task is there; parent is who made it, or NULL where that isn't known.  Told twice, the first counts.
 * It stays with live until live_task_gone() or live_task_left().
 */
struct task *live_task_new(struct live *l, int tid, int tgid, const struct task *parent);
struct task *live_task_find(const struct live *l, int tid); /* or NULL */
const struct tasks *live_tasks(const struct live *l);
/* It is traced from now on though nobody named it: a child, a thread. */
void live_task_shown(struct live *l, struct task *t);
/* t's process, which ran before, is traced from now on: looks at what it has. */
void live_process_attached(struct live *l, struct task *t);
/*
 * The task that was old_tid executed a program, and is tid from now on: the leader of its process, whose
 * other tasks are gone.  Returns it, or NULL where it is unknown.
 */
struct task *live_task_executed(struct live *l, int tid, int old_tid);
/* It ended; status is wait(2)'s. */
void live_task_gone(struct live *l, struct task *t, int status);
/* It runs on without us. */
void live_task_left(struct live *l, struct task *t);

/* Something else about a task (a signal, a stop), to be filled in and told. */
struct event *live_event(struct live *l, struct task *t, enum event_kind kind);
/* Gives an event to the consumer, once its task goes on. */
void live_tell(struct live *l, struct event *ev);

/* ---- calls ---- */

struct call_entry;

struct call_begin {
	const struct abi *abi;
	uint64_t nr;
	const struct call_entry
		*entry; /* what it is, where nr is no number of a system call; or NULL */
	uint64_t args[6];
	uint64_t ns;       /* when, CLOCK_REALTIME; 0: now */
	struct sock *sock; /* the socket as the engine saw it: a reference, given away; or NULL */
};

struct call_result {
	int64_t value;
	bool failed; /* the kernel's opinion of it: addresses may look negative */
	uint64_t ns; /* as above */
};

/*
 * A call begins: all that it offers is read now.  True: its end must be told, by live_call_ended() or
 * live_call_lost().  A call of the same task whose end was not told is over by that, unseen.
 */
bool live_call_begins(struct live *l, struct task *t, const struct call_begin *b);
/* It goes on, if it was stopped: what needs no stop is asked now. */
void live_call_goes_on(struct live *l, struct task *t);
/*
 * It ended: what it brought is read, rules run.  Returns its event, or NULL: give it to live_tell() once the task
 * goes on.  Where live_call_goes_on() was not called, its socket is what the engine knew of it, or is asked
 * now if the task stands still; else nothing is known of it.
 */
struct event *live_call_ended(struct live *l, struct task *t, const struct call_result *r);
/* Its end will not be seen. */
void live_call_lost(struct live *l, struct task *t, enum call_end end);
/* Is a call under way whose end must be told? */
static inline bool live_wants_end(const struct task *t)
{
	return t->call.entry;
}

/*
 * Reading t's memory may wait for a page that another task must bring (userfaultfd, FUSE), which may be one
 * that waits for us.
 */
bool live_memory_waits(const struct live *l, const struct task *t);

/* A rule asks for every call of t's process for a while: by live_call_passes(). */
bool live_wants_every_call(const struct task *t);
/* paid: that call was stopped at for this alone. */
void live_call_passes(struct live *l, struct task *t, const struct abi *abi, uint64_t nr,
		      const uint64_t *args, bool paid);

/* What decides the frames of t's stack, from the engine's registers and memory: 0 or negative errno. */
int live_stack_needs(struct live *l, struct task *t, struct stack_needs *to);

/*
 * The interpreter that process tgid runs, by mem, its memory as it is now: how the frames of its threads hang together.
 * False where it runs none that we know.
 */
bool live_python(struct live *l, int tgid, const struct memory *mem, struct python_chain *to);

/* ---- the run ---- */

/* What the engine can do from now on. */
void live_can(struct live *l, unsigned int can);
/* The numbers of calls that are wanted, for filters in the kernel. */
const struct calls *live_calls(const struct live *l);
/* /proc is of our pid namespace: what stands there is of our tasks. */
bool live_proc_ok(const struct live *l);
/* Nothing is outstanding: a good time to write, and to wait. */
void live_idle(struct live *l);
/* The consumer has enough: to end. */
bool live_enough(const struct live *l);
/* Towards the end: only what ends is told of any more, with calls even that are not begun. */
enum live_hush { LIVE_ENDING = 1, LIVE_MUTE = 2 };
void live_hush(struct live *l, unsigned int how);
/* One message for the user, formatted; no newline. */
void live_say(struct live *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
