// SPDX-License-Identifier: LGPL-2.1-or-later
/* The live source as a whole: preparing, running, ending; what can be asked of the live system. */
#include "config.h"

#include "procfs/procfs.h"
#include "live/live.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "live/state.h"
#include "live/waits.h"
#include "sock/wire.h"
#include "stack/unwind.h"

/* ---- what can be asked of the live system ---- */

static bool ask_answer(void *ctx, const struct event *ev, const struct question *q,
		       struct answer *a)
{
	struct live *l = ctx;
	bool by_pid = q->kind == ASK_FD_OPEN || q->kind == ASK_PID_EXISTS ||
		      q->kind == ASK_PEER_PASSCRED || q->kind == ASK_NOFILE ||
		      q->kind == ASK_FDS_BELOW || q->kind == ASK_MEMLOCK;

	a->late = ev != l->judging || !(l->can & ENGINE_STOPS); /* its task runs on */
	a->result = by_pid && !l->proc_ok ? -ENODATA : facts_answer(l->facts, ev, q, a);
	return true;
}

/* The registers of the task that stands at the end of ev: 0 or negative errno. */
static int judged_task(struct live *l, const struct event *ev, struct task **task,
		       struct registers *reg)
{
	*task = tasks_find(&l->tasks, ev->tid);
	if (ev != l->judging)
		return -EBUSY; /* its task runs */
	if (!*task || !l->engine->registers)
		return -ENOSYS;
	return reg ? l->engine->registers(l->e, *task, reg) : 0;
}

static const struct memory *stack_memory(struct live *l, struct task *task)
{
	return l->engine->stack ? l->engine->stack(l->e, task) : l->engine->memory(l->e, task);
}

static struct unwinder *unwinder_of(struct live *l)
{
	if (!l->unwinder)
		l->unwinder = unwind_libunwind.new();
	return l->unwinder;
}

static int ask_stack(void *ctx, struct event *ev)
{
	struct live *l = ctx;
	struct task *task;
	struct registers reg;
	int err;

	if (ev->stack.have)
		return 0;
	err = judged_task(l, ev, &task, &reg);
	if (err)
		return err;
	return unwind_libunwind.walk(unwinder_of(l), ev, &reg, stack_memory(l, task));
}

bool live_python(struct live *l, int tgid, const struct memory *mem, struct python_chain *to)
{
	return unwind_libunwind.python(unwinder_of(l), tgid, mem, to);
}

int live_stack_needs(struct live *l, struct task *t, struct stack_needs *to)
{
	struct registers reg;
	int err = l->engine->registers(l->e, t, &reg);

	if (err)
		return err;
	return unwind_libunwind.needs(unwinder_of(l), t->process->tgid, t->tid, &reg,
				      stack_memory(l, t), to);
}

static uint64_t ask_stack_number(void *ctx, const struct event *ev, unsigned int n)
{
	struct live *l = ctx;
	struct task *task;

	if (!l->unwinder || judged_task(l, ev, &task, NULL))
		return 0;
	return unwind_libunwind.number(l->unwinder, ev, n, stack_memory(l, task));
}

static uint64_t ask_stack_guess(void *ctx, const struct event *ev, unsigned int k)
{
	struct live *l = ctx;
	struct task *task;
	struct registers reg;

	if (!l->unwinder || judged_task(l, ev, &task, &reg))
		return 0;
	return unwind_libunwind.guess(l->unwinder, ev, &reg, stack_memory(l, task), k);
}

static void ask_lines(void *ctx, struct event *ev)
{
	struct live *l = ctx;

	if (ev == l->judging && l->unwinder)
		unwind_libunwind.lines(l->unwinder, ev);
}

/* ---- what an engine asks for ---- */

void live_can(struct live *l, unsigned int can)
{
	l->can = can;
}

const struct calls *live_calls(const struct live *l)
{
	return l->calls;
}

bool live_proc_ok(const struct live *l)
{
	return l->proc_ok;
}

void live_idle(struct live *l)
{
	packets_idle(l);
	if (l->c->idle)
		l->c->idle(l->c->ctx);
}

bool live_enough(const struct live *l)
{
	return !(l->hush & LIVE_MUTE) && l->c->enough && l->c->enough(l->c->ctx);
}

void live_hush(struct live *l, unsigned int how)
{
	l->hush |= how;
}

void live_say(struct live *l, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!l->o.say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->o.say(l->o.say_ctx, text);
}

/* ---- preparing ---- */

bool live_proc_is_ours(void)
{
	char link[32];

	return procfs_link("/proc/self", link, sizeof(link)) > 0 && atoi(link) == getpid();
}

static void process_gone(void *ctx, struct process *p)
{
	const struct live *l = ctx;

	if (l->engine->process_gone)
		l->engine->process_gone(l->e, p);
}

struct live *live_new(const struct live_opts *o, const struct engine *engine)
{
	struct live *l = alloc_zeroed(1, sizeof(*l));
	const struct calls_opts co = {
		.prints = o->prints,
		.prints_ctx = o->prints_ctx,
		.maps = true,
		.files = waits_some_fuse(),
	};

	l->o = *o;
	l->engine = engine;
	l->can = engine->can;
	l->capture.strsize = o->strsize;
	l->calls = calls_new(&co);
	l->facts = facts_new();
	packets_start(l);
	l->ask = (struct ask){
		.ctx = l,
		.answer = ask_answer,
		.stack = ask_stack,
		.stack_number = ask_stack_number,
		.stack_guess = ask_stack_guess,
		.lines = ask_lines,
	};
	l->proc_ok = live_proc_is_ours();
	l->tasks.task_size = engine->task_size;
	l->tasks.process_size = engine->process_size;
	l->tasks.process_gone = process_gone;
	l->tasks.ctx = l;
	l->e = engine->new (l, &l->o);
	return l;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	tasks_free(&l->tasks);
	l->engine->free(l->e);
	calls_free(l->calls);
	if (l->unwinder)
		unwind_libunwind.free(l->unwinder);
	wire_free(l->wire);
	facts_free(l->facts);
	alloc_free(l);
}

/* ---- running ---- */

/* What could not be learned, and why: rules that needed it did not run. */
static void tell_missing(struct live *l)
{
	const char *text;

	for (unsigned int i = 0; (text = facts_missing(l->facts, i)); i++)
		live_say(l, "%s", text);
}

int live_run(struct live *l, const struct consumer *c)
{
	int err;

	l->c = c;
	if (!l->proc_ok)
		live_say(l, "/proc is of another pid namespace: names and sockets of processes are "
			    "unknown; mount /proc anew");
	err = l->engine->start(l->e);
	if (!err && l->o.started)
		l->o.started(l->o.started_ctx);
	if (!err)
		l->engine->run(l->e);
	packets_told(l);
	tell_missing(l);
	return err;
}

int live_wait_status(const struct live *l)
{
	return l->engine->wait_status(l->e);
}

void live_interrupt(struct live *l, int sig)
{
	l->engine->interrupt(l->e, sig);
}
