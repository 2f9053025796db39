// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads a log of strace: puts together lines that were wrapped and calls that were interrupted, and makes
 * events of them.  Pure: bytes come from the caller's callback.
 */
#include "config.h"

#include "strace/read.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "event/names.h"
#include "strace/call.h"
#include "strace/line.h"
#include "strace/values.h"

enum {
	NOTES_MAX = 20,             /* told one by one; then only counted */
	WRAPS_MAX = 400,            /* lines that one call may be wrapped to */
	TEXT_MAX = 8 * 1024 * 1024, /* bytes of one call */
	FRAMES_MAX = 64,
};

/* A call whose line is there but may go on: by being wrapped, or with its stack. */
struct held {
	bool active, complete;
	struct buf text; /* name, "(", the rest */
	size_t name_len;
	size_t close; /* offset of the closing parenthesis; 0: there is none, or nobody looked */
	unsigned int call, wraps;
	int tid;
	uint64_t line, stamp_ns;
	size_t foreign;     /* length of the foreign prefix of its first line … */
	char prefix[128];   /* … and its beginning */
	struct arena arena; /* the frames' */
	struct frame frames[FRAMES_MAX];
	unsigned int nframes;
};

struct strace_reader {
	struct source source;
	struct lines *lines;
	reader_say *say;
	void *ctx;
	const struct consumer *to;
	const char *log; /* its name, or NULL: it comes from standard input */
	struct strace_state state;
	struct held held;
	struct arena values; /* of one call */
	uint64_t notes;
	uint64_t known;  /* lines that are strace's */
	uint64_t binary; /* lines that are no text */
};

static void reader_note(struct strace_reader *r, uint64_t line, const char *what, const char *more)
{
	struct buf b = { 0 };

	if (r->notes++ >= NOTES_MAX)
		return;
	buf_printf(&b, "%s:%llu: note: %s%s", r->lines->in.name, (unsigned long long)line, what,
		   more);
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
}

/* ---- a whole call ---- */

static void take_stack(struct event *ev, const struct held *h)
{
	if (!h->nframes)
		return;
	ev->stack.have = true;
	ev->stack.n = h->nframes;
	ev->stack.frames = arena_memdup(&ev->arena, h->frames, h->nframes * sizeof(*h->frames));
	for (unsigned int i = 0; i < h->nframes; i++) {
		struct frame *f = &ev->stack.frames[i];

		f->module = f->module ? arena_strdup(&ev->arena, f->module) : NULL;
		f->function = f->function ? arena_strdup(&ev->arena, f->function) : NULL;
	}
}

/* Reads and writes are only looked at on sockets that carry datagrams. */
static bool worth_it(const struct strace_task *t, unsigned int call, const char *args,
		     const char *end)
{
	const struct sock *s;
	uint64_t fd;

	if (call != CALL_WRITE && call != CALL_READ && call != CALL_WRITEV && call != CALL_READV)
		return true;
	if (!strace_number(args, end, &fd))
		return false;
	s = strace_fd_sock(t, (int)fd);
	return s && (s->has & SOCK_HAS_TYPE) && s->type == SOCK_DGRAM &&
	       (call == CALL_WRITE || call == CALL_READ);
}

/* "its result" of a cut line: what of it was still there is used. */
static const char *end_of_args(const struct held *h, const char *args, const char *end,
			       const char **result)
{
	const char *close = h->close ? h->text.p + h->close : strace_close(args, end);

	*result = end;
	if (!close) { /* a quote was lost: the last ") = " will be it */
		for (const char *p = args; (p = memmem(p, (size_t)(end - p), ") = ", 4)); p++)
			close = p;
	}
	if (!close)
		return end;
	*result = close + 1;
	return close;
}

static void push(struct strace_reader *r, struct strace_text *x, struct event *ev,
		 const struct held *h)
{
	if (x->call == CALL_EXECVE || !strace_event(x, ev)) {
		strace_learn_after(x);
		event_free(ev);
		return;
	}
	if (h->stamp_ns) {
		ev->enter_ns = h->stamp_ns;
		ev->exit_ns = h->stamp_ns + x->result.spent_ns;
	}
	ev->log = r->log;
	ev->log_line = h->line;
	take_stack(ev, h);
	if (x->missing)
		reader_note(r, h->line, x->missing,
			    " can't be read: the rest of the line is used, as if it had succeeded");
	if (ev->result == -EBADF && call_sends(ev->call))
		strace_answer_ebadf(x, ev);
	strace_learn_after(x);
	r->to->judge(r->to->ctx, ev, NULL);
	r->to->emit(r->to->ctx, ev, NULL);
}

static void held_flush(struct strace_reader *r)
{
	struct held *h = &r->held;
	const char *p, *args, *end, *close, *result;

	if (!h->active)
		return;
	h->active = false;
	p = h->text.p;
	args = p + h->name_len + 1;
	end = p + h->text.len;

	struct strace_text x = {
		.state = &r->state,
		.task = strace_task_get(&r->state, h->tid),
		.call = h->call,
		.line = h->line,
		.name = p,
		.name_len = h->name_len,
	};

	if (worth_it(x.task, h->call, args, end)) {
		struct event *ev = event_new();

		close = end_of_args(h, args, end, &result);
		x.args_end = close;
		x.cut = result == end;
		x.args = strace_parse(&r->values, args, close);
		x.result = strace_result_parse(&r->values, result, end);
		strace_learn_before(&x);
		push(r, &x, ev, h);
		arena_reset(&r->values);
	}
	arena_reset(&h->arena);
	h->nframes = 0;
}

/* ---- gathering its text ---- */

static bool is_complete(struct held *h)
{
	const char *end = h->text.p + h->text.len;
	const char *close = strace_close(h->text.p + h->name_len + 1, end);

	h->close = close ? (size_t)(close - h->text.p) : 0;
	if (!close)
		return false;
	for (close++; close < end && (*close == ' ' || *close == '\t'); close++)
		;
	return end - close >= 3 && *close == '=';
}

static void held_start(struct strace_reader *r, const struct strace_line *l, const char *line)
{
	struct held *h = &r->held;

	buf_clear(&h->text);
	buf_add(&h->text, l->name, l->name_len);
	buf_char(&h->text, '(');
	h->active = true;
	h->name_len = l->name_len;
	h->call = l->call;
	h->wraps = 0;
	h->tid = l->tid;
	h->line = r->lines->no;
	h->stamp_ns = l->stamp_ns;
	h->foreign = l->foreign;
	memcpy(h->prefix, line, l->foreign < sizeof(h->prefix) ? l->foreign : sizeof(h->prefix));
}

/* Digits may differ (a time, a counter), all else must be the same. */
static size_t same_prefix(const struct held *h, const char *p, size_t len)
{
	if (!h->foreign || h->foreign > sizeof(h->prefix) || len < h->foreign)
		return 0;
	for (size_t i = 0; i < h->foreign; i++) {
		bool digits =
			h->prefix[i] >= '0' && h->prefix[i] <= '9' && p[i] >= '0' && p[i] <= '9';

		if (!digits && h->prefix[i] != p[i])
			return 0;
	}
	return h->foreign;
}

/* The line goes on here: it was wrapped. */
static void held_wrap(struct strace_reader *r, const char *p, size_t len)
{
	struct held *h = &r->held;
	size_t prefix = same_prefix(h, p, len);

	if (++h->wraps > WRAPS_MAX || h->text.len + len > TEXT_MAX) {
		h->complete = true; /* enough: whatever this is, it is no call */
		return;
	}
	buf_add(&h->text, p + prefix, len - prefix);
	h->complete = is_complete(h);
}

static bool ends_with(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && !memcmp(end - n, word, n);
}

/* sendmsg(7, {…}, 0 <unfinished ...> */
static void start_pending(struct strace_reader *r, const struct strace_line *l, const char *end)
{
	struct strace_task *t = strace_task_get(&r->state, l->tid);

	buf_clear(&t->pending);
	buf_add(&t->pending, l->rest, (size_t)(end - l->rest));
	t->pending_call = l->call;
	t->pending_line = r->lines->no;
	t->pending_ns = l->stamp_ns;
	if (l->call != STRACE_CLONE && l->call != STRACE_FORK)
		return;
	t->sharing = memmem(l->rest, (size_t)(end - l->rest), "CLONE_FILES", 11);
	t->is_thread = memmem(l->rest, (size_t)(end - l->rest), "CLONE_THREAD", 12);
	r->state.cloner = t;
}

/*
 * A send that was <unfinished ...> and never resumed: its task did something else since, or the log ends.
 * What it offered is there.
 */
static void flush_pending(struct strace_reader *r, struct strace_task *t)
{
	struct held *h = &r->held;
	const char *name;

	if (!t->pending.len || t->pending_call >= CALL_COUNT || !call_sends(t->pending_call))
		return;
	name = call_rows[t->pending_call].name;
	h->active = true;
	h->name_len = strlen(name);
	h->close = 0;
	h->call = t->pending_call;
	h->tid = t->tid;
	h->line = t->pending_line;
	h->stamp_ns = t->pending_ns;
	buf_clear(&h->text);
	buf_str(&h->text, name);
	buf_char(&h->text, '(');
	buf_add(&h->text, t->pending.p, t->pending.len);
	buf_clear(&t->pending);
	held_flush(r);
}

static void take_call(struct strace_reader *r, const struct strace_line *l, const char *line,
		      size_t len)
{
	static const char unfinished[] = "<unfinished ...>";
	const char *end = line + len;

	flush_pending(r, strace_task_get(&r->state, l->tid));
	if (ends_with(l->rest, end, unfinished)) {
		end -= sizeof(unfinished) - 1;
		while (end > l->rest && end[-1] == ' ')
			end--;
		start_pending(r, l, end);
		return;
	}
	held_start(r, l, line);
	buf_add(&r->held.text, l->rest, (size_t)(end - l->rest));
	r->held.complete = is_complete(&r->held);
}

static void take_resumed(struct strace_reader *r, const struct strace_line *l, const char *line,
			 size_t len)
{
	struct strace_task *t = strace_task_get(&r->state, l->tid);
	struct held *h = &r->held;
	bool begun = t->pending.len && t->pending_call == l->call;

	if (!begun && l->call >= CALL_COUNT)
		return;
	held_start(r, l, line);
	if (begun) {
		buf_add(&h->text, t->pending.p, t->pending.len);
		h->line = t->pending_line;
		h->stamp_ns = t->pending_ns;
		buf_clear(&t->pending);
	} else { /* the log begins within the call */
		buf_lit(&h->text, "?, ");
		reader_note(r, r->lines->no, "the beginning of this call is not in the log", "");
	}
	buf_add(&h->text, l->rest, (size_t)(line + len - l->rest));
	h->complete = is_complete(h);
}

/* ---- other lines ---- */

static int signal_number(const char *p, const char *end)
{
	size_t n = 0;

	if (end - p < 4 || memcmp(p, "SIG", 3) != 0)
		return 0;
	p += 3;
	while (p + n < end && ((p[n] >= 'A' && p[n] <= 'Z') || (p[n] >= '0' && p[n] <= '9')))
		n++;
	for (int s = 1; s < 65; s++) {
		const char *name = names_signal(s);

		if (name && strlen(name) == n && !memcmp(name, p, n))
			return s;
	}
	return 0;
}

static void take_end(struct strace_reader *r, const struct strace_line *l, const char *end)
{
	struct strace_task *t = strace_task_get(&r->state, l->tid);
	struct event *ev = event_new();
	uint64_t num = 0;

	flush_pending(r, t);
	strace_number(l->rest, end, &num);
	ev->tid = t->tid;
	ev->tgid = t->tgid;
	ev->log = r->log;
	ev->log_line = r->lines->no;
	ev->enter_ns = l->stamp_ns;
	memcpy(ev->comm, t->comm, sizeof(ev->comm));
	if (l->kind == STRACE_LINE_EXITED) {
		ev->kind = EVENT_EXITED;
		ev->status = (int)num;
	} else if (l->kind == STRACE_LINE_KILLED) {
		ev->kind = EVENT_KILLED;
		ev->sig = signal_number(l->rest, end);
		ev->core = memmem(l->rest, (size_t)(end - l->rest), "core dumped", 11);
	} else {
		ev->kind = EVENT_SUPERSEDED;
		ev->other_pid = (int)num;
	}
	r->to->emit(r->to->ctx, ev, NULL);
	if (l->kind != STRACE_LINE_SUPERSEDED)
		strace_task_gone(&r->state, l->tid);
}

/* module(function+0x16) [0x7f…] */
static void take_frame(struct strace_reader *r, const struct strace_line *l, const char *end)
{
	struct held *h = &r->held;
	const char *open = memrchr(l->rest, '(', (size_t)(end - l->rest));
	const char *close = open ? memchr(open, ')', (size_t)(end - open)) : NULL;
	const char *pc = memrchr(l->rest, '[', (size_t)(end - l->rest)), *plus;
	struct frame *f = &h->frames[h->nframes];
	uint64_t num;

	if (!h->active || !close || !pc || h->nframes == FRAMES_MAX)
		return;
	*f = (struct frame){ .pc = 0 };
	if (strace_number(pc + 1, end, &num))
		f->pc = num;
	plus = memrchr(open, '+', (size_t)(close - open));
	if (plus && strace_number(plus + 1, close, &num)) {
		if (plus == open + 1)
			f->module_off = num;
		else
			f->function_off = num;
	}
	if (open > l->rest)
		f->module = arena_strndup(&h->arena, l->rest, (size_t)(open - l->rest));
	if ((plus ? plus : close) > open + 1)
		f->function = arena_strndup(&h->arena, open + 1,
					    (size_t)((plus ? plus : close) - open - 1));
	h->nframes++;
}

static void take_mode(struct strace_reader *r, const struct strace_line *l, const char *end)
{
	uint64_t pid, bits;
	const char *in = memmem(l->rest, (size_t)(end - l->rest), "runs in ", 8);
	const struct abi *abi;

	if (!in || !strace_number(l->rest, end, &pid) || !strace_number(in + 8, end, &bits))
		return;
	abi = abi_by_name(bits == 32 ? "i386" : "x86_64");
	if (memmem(in, (size_t)(end - in), "x32", 3))
		abi = abi_by_name("x32");
	if (!abi)
		return;
	/* a log of one process has no pid column */
	strace_task_get(&r->state, (int)pid)->abi = abi;
	strace_task_get(&r->state, 0)->abi = abi;
}

/* Whatever holds other bytes was not printed by strace, which escapes them. */
static bool is_text(const char *p, size_t len)
{
	const uint64_t ones = UINT64_MAX / 255, highs = ones * 0x80;
	size_t i = 0;

	/* eight at a time, until there may be one: below a blank, or DEL */
	for (uint64_t w; i + sizeof(w) <= len; i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));

		uint64_t del = w ^ (ones * 0x7f);

		if ((((w - ones * ' ') & ~w) | ((del - ones) & ~del)) & highs)
			break;
	}
	for (; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static void take_line(struct strace_reader *r, char *p, size_t len)
{
	struct strace_line l;

	for (; len && !*p; len--) /* the file was truncated while it was written */
		p++;
	len = strace_line_clean(p, len);
	if (!len)
		return;
	if (!is_text(p, len)) {
		if (!r->binary++)
			reader_note(r, r->lines->no, "binary data: left out", "");
		return;
	}
	strace_line_look(p, len, &l);
	if (r->held.active && !r->held.complete &&
	    (l.kind == STRACE_LINE_OTHER || strace_line_is_rest(p, &l, r->held.tid))) {
		held_wrap(r, p, len);
		return;
	}
	if (l.kind == STRACE_LINE_OTHER)
		return;
	r->known++;
	if (l.kind == STRACE_LINE_FRAME) {
		take_frame(r, &l, p + len);
		return;
	}
	held_flush(r);
	switch (l.kind) {
	case STRACE_LINE_CALL:
		take_call(r, &l, p, len);
		break;
	case STRACE_LINE_RESUMED:
		take_resumed(r, &l, p, len);
		break;
	case STRACE_LINE_EXITED:
	case STRACE_LINE_KILLED:
	case STRACE_LINE_SUPERSEDED:
		take_end(r, &l, p + len);
		break;
	case STRACE_LINE_MODE:
		take_mode(r, &l, p + len);
		break;
	default:
		break;
	}
	if (l.comm[0] && l.kind != STRACE_LINE_SKIP)
		memcpy(strace_task_get(&r->state, l.tid)->comm, l.comm, sizeof(l.comm));
}

static void flush_all_pending(struct strace_reader *r)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&r->state.tasks, &i));)
		flush_pending(r, s->value);
}

static void tell_rest(struct strace_reader *r)
{
	struct buf b = { 0 };

	if (r->binary > 1) {
		buf_printf(&b, "%s: note: %llu lines of binary data are left out",
			   r->lines->in.name, (unsigned long long)r->binary);
		r->say(r->ctx, buf_cstr(&b));
		buf_clear(&b);
	}
	if (r->notes <= NOTES_MAX)
		return buf_free(&b);
	buf_printf(&b, "%s: note: %llu more notes of this kind are left out", r->lines->in.name,
		   (unsigned long long)(r->notes - NOTES_MAX));
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
}

static int reader_run(struct source *s, const struct consumer *c)
{
	struct strace_reader *r = (struct strace_reader *)s;
	enum line_state state;
	char *p;
	size_t len;

	r->to = c;
	while ((state = lines_next(r->lines, &p, &len)) != LINE_END) {
		if (state == LINE_TOO_LONG)
			reader_note(r, r->lines->no, "this line is too long to be strace's", "");
		else
			take_line(r, p, len);
		if (c->enough && c->enough(c->ctx))
			return 0;
	}
	held_flush(r);
	flush_all_pending(r);
	tell_rest(r);
	if (r->lines->err)
		return r->lines->err;
	if (r->known)
		return 0;

	struct buf b = { 0 };

	buf_printf(&b, "%s: error: neither a recording nor an strace log: no line is strace's",
		   r->lines->in.name);
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
	return -EBADMSG;
}

static void reader_free(struct source *s)
{
	struct strace_reader *r = (struct strace_reader *)s;

	strace_state_free(&r->state);
	buf_free(&r->held.text);
	arena_free(&r->held.arena);
	arena_free(&r->values);
	alloc_free(r);
}

struct source *strace_reader_new(struct lines *l, reader_say *say, void *ctx)
{
	struct strace_reader *r = alloc_zeroed(1, sizeof(*r));

	r->source = (struct source){ .run = reader_run, .free = reader_free };
	r->lines = l;
	r->log = strcmp(l->in.name, "-") ? l->in.name : NULL;
	r->say = say;
	r->ctx = ctx;
	return &r->source;
}
