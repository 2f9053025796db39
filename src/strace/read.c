// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads a log of strace: makes events of what its lines tell (strace/gather.h).  Pure: bytes come from the
 * caller's callback.
 */
#include "config.h"

#include "strace/read.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "strace/gather.h"
#include "strace/values.h"

enum { NOTES_MAX = 20 }; /* told one by one; then only counted */

struct strace_reader {
	struct source source;
	reader_say *say;
	void *ctx;
	const struct consumer *to;
	const char *file, *log; /* its name, and the same or NULL: it comes from standard input */
	struct strace_state state;
	struct arena values; /* of one call; a tree is slow to hand over, so it is made here */
	uint64_t notes;
	char apart[CACHE_LINES]; /* what follows is another thread's */
	struct strace_gather gather;
};

static void reader_note(struct strace_reader *r, uint64_t line, const char *what, const char *more)
{
	struct buf b = { 0 };

	if (r->notes++ >= NOTES_MAX)
		return;
	buf_printf(&b, "%s:%llu: note: %s%s", r->file, (unsigned long long)line, what, more);
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
}

/* ---- calls ---- */

static void take_stack(struct event *ev, const struct told_call *c)
{
	if (!c->nframes)
		return;
	ev->stack.have = true;
	ev->stack.n = c->nframes;
	ev->stack.frames = arena_memdup(&ev->arena, c->frames, c->nframes * sizeof(*c->frames));
	for (unsigned int i = 0; i < c->nframes; i++) {
		struct frame *f = &ev->stack.frames[i];

		f->module = f->module ? arena_strdup(&ev->arena, f->module) : NULL;
		f->function = f->function ? arena_strdup(&ev->arena, f->function) : NULL;
	}
}

/* Where the arguments end; "its result" of a cut line: what of it was still there is used. */
static const char *find_close(const struct told_call *c, const char *args, const char *end)
{
	const char *close = c->close ? c->name + c->close : strace_close(args, end);

	if (close)
		return close;
	/* a quote was lost: the last ") = " will be it */
	for (const char *p = args; (p = memmem(p, (size_t)(end - p), ") = ", 4)); p++)
		close = p;
	return close;
}

/* The tree and the result, in r->values until it is reset. */
static void parse(struct strace_reader *r, const struct told_call *c, struct strace_text *x)
{
	const char *args = c->name + c->name_len + 1, *end = c->name + c->len, *close = NULL;

	if (!c->looked) /* most close where their arguments end, and a result follows */
		x->args = strace_parse_call(&r->values, args, end, &close);
	if (!close) {
		close = find_close(c, args, end);
		x->args = strace_parse(&r->values, args, close ? close : end);
	}
	x->args_end = close ? close : end;
	x->cut = !close || close + 1 == end;
	x->result = strace_result_parse(&r->values, close ? close + 1 : end, end);
}

/* Reads and writes are only looked at on sockets that carry datagrams. */
static bool worth_it(const struct strace_task *t, unsigned int call, const char *args,
		     const char *end)
{
	const struct sock *s;
	uint64_t fd;

	if (!strace_call_on_files(call))
		return true;
	if (!strace_number(args, end, &fd))
		return false;
	s = strace_fd_sock(t, (int)fd);
	return s && (s->has & SOCK_HAS_TYPE) && s->type == SOCK_DGRAM &&
	       (call == CALL_WRITE || call == CALL_READ);
}

static void push(struct strace_reader *r, struct strace_text *x, struct event *ev,
		 const struct told *t)
{
	if (t->stamp_ns) {
		ev->enter_ns = t->stamp_ns;
		ev->exit_ns = t->stamp_ns + x->result.spent_ns;
	}
	ev->log = r->log;
	ev->log_line = t->line;
	take_stack(ev, &t->call);
	if (x->missing)
		reader_note(r, t->line, x->missing,
			    " can't be read: the rest of the line is used, as if it had succeeded");
	if (ev->result == -EBADF && call_sends(ev->call))
		strace_answer_ebadf(x, ev);
	strace_learn_after(x);
	r->to->judge(r->to->ctx, ev, NULL);
	r->to->emit(r->to->ctx, ev, NULL);
}

/*
 * The event that was made early.  NULL: its line is to be read again, since its task is of another ABI, or its
 * socket is one of which addresses may tell.
 */
static struct event *take_early(struct strace_text *x, const struct strace_early *early)
{
	const struct sock *s;
	struct event *ev;

	if (!early || x->task->abi != abi_native())
		return NULL;
	if (early->path)
		strace_learn_path(x, early->ev.fd, early->path, early->path_len);
	s = strace_fd_sock(x->task, early->ev.fd);
	if (!s || !(s->has & SOCK_HAS_DOMAIN))
		return NULL;
	ev = event_new();
	strace_early_event(early, ev);
	x->result.spent_ns = early->spent_ns;
	strace_event_of_task(x, ev);
	return ev;
}

static void take_call(struct strace_reader *r, struct told *t)
{
	struct event *ev;
	struct told_call *c = &t->call;
	struct strace_text x = {
		.state = &r->state,
		.task = strace_task_get(&r->state, t->tid),
		.call = c->call,
		.line = t->line,
		.name = c->name,
		.name_len = c->name_len,
	};

	if (!worth_it(x.task, c->call, c->name + c->name_len + 1, c->name + c->len))
		return;
	ev = take_early(&x, c->early);
	if (ev) {
		push(r, &x, ev, t);
		return;
	}
	parse(r, c, &x);
	strace_learn_before(&x);
	ev = event_new();
	if (x.call != CALL_EXECVE && strace_event(&x, ev)) {
		push(r, &x, ev, t);
	} else {
		strace_learn_after(&x);
		event_free(ev);
	}
	arena_reset(&r->values);
}

/* ---- all else ---- */

static void take_end(struct strace_reader *r, const struct told *told)
{
	struct strace_task *t = strace_task_get(&r->state, told->tid);
	struct event *ev = event_new();

	ev->tid = t->tid;
	ev->tgid = t->tgid;
	ev->log = r->log;
	ev->log_line = told->line;
	ev->enter_ns = told->stamp_ns;
	memcpy(ev->comm, t->comm, sizeof(ev->comm));
	ev->kind = told->end.kind;
	if (ev->kind == EVENT_EXITED)
		ev->status = told->end.num;
	else if (ev->kind == EVENT_KILLED)
		ev->sig = told->end.num;
	else
		ev->other_pid = told->end.num;
	ev->core = told->end.core;
	r->to->emit(r->to->ctx, ev, NULL);
	if (told->end.kind != EVENT_SUPERSEDED)
		strace_task_gone(&r->state, told->tid);
}

static void take_told(struct strace_reader *r, struct told *told)
{
	struct strace_task *t;

	switch (told->kind) {
	case TOLD_NOTE:
		reader_note(r, told->line, told->note, "");
		break;
	case TOLD_TASK:
		strace_task_get(&r->state, told->tid);
		break;
	case TOLD_COMM:
		memcpy(strace_task_get(&r->state, told->tid)->comm, told->comm, sizeof(told->comm));
		break;
	case TOLD_CLONING:
		t = strace_task_get(&r->state, told->tid);
		t->sharing = told->cloning.sharing;
		t->is_thread = told->cloning.thread;
		r->state.cloner = t;
		break;
	case TOLD_CALL:
		take_call(r, told);
		break;
	case TOLD_END:
		take_end(r, told);
		break;
	case TOLD_MODE:
		/* a log of one process has no pid column */
		strace_task_get(&r->state, told->tid)->abi = told->abi;
		strace_task_get(&r->state, 0)->abi = told->abi;
		break;
	}
}

static bool reader_gather(struct source *s, struct batch *b)
{
	return strace_gather(&((struct strace_reader *)s)->gather, b);
}

static bool reader_take(struct source *s, struct batch *b, const struct consumer *c)
{
	struct strace_reader *r = (struct strace_reader *)s;

	r->to = c;
	for (struct batch_item *i = b->first; i; i = i->next) {
		const struct told *next = (const struct told *)i->next;

		if (next) {
			__builtin_prefetch(next->item.next);
			if (next->kind == TOLD_CALL && next->call.early)
				strace_early_prefetch(next->call.early);
		}
		take_told(r, (struct told *)i);
		if (c->enough && c->enough(c->ctx))
			return false;
	}
	return true;
}

static void tell_rest(struct strace_reader *r)
{
	struct buf b = { 0 };

	if (r->gather.binary > 1) {
		buf_printf(&b, "%s: note: %llu lines of binary data are left out", r->file,
			   (unsigned long long)r->gather.binary);
		r->say(r->ctx, buf_cstr(&b));
		buf_clear(&b);
	}
	if (r->notes <= NOTES_MAX)
		return buf_free(&b);
	buf_printf(&b, "%s: note: %llu more notes of this kind are left out", r->file,
		   (unsigned long long)(r->notes - NOTES_MAX));
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
}

static int reader_finish(struct source *s, bool whole)
{
	struct strace_reader *r = (struct strace_reader *)s;
	struct buf b = { 0 };

	if (!whole)
		return 0;
	tell_rest(r);
	if (r->gather.lines->err)
		return r->gather.lines->err;
	if (r->gather.known)
		return 0;
	buf_printf(&b, "%s: error: neither a recording nor an strace log: no line is strace's",
		   r->file);
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
	return -EBADMSG;
}

static void reader_free(struct source *s)
{
	struct strace_reader *r = (struct strace_reader *)s;

	strace_state_free(&r->state);
	strace_gather_free(&r->gather);
	arena_free(&r->values);
	alloc_free(r);
}

struct source *strace_reader_new(struct lines *l, reader_say *say, void *ctx)
{
	struct strace_reader *r = alloc_zeroed(1, sizeof(*r));

	r->source = (struct source){ .run = source_run,
				     .free = reader_free,
				     .gather = reader_gather,
				     .take = reader_take,
				     .finish = reader_finish };
	r->gather.lines = l;
	r->file = l->in.name;
	r->log = strcmp(l->in.name, "-") ? l->in.name : NULL;
	r->say = say;
	r->ctx = ctx;
	return &r->source;
}
