// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The text report: strace's lines and our findings.  Writes only to the streams it is given.
 *
 * A line is begun when its call begins, but written only when there is a reason: the call ended, another
 * line must be printed, or the tracer is about to wait.  So most lines are made in one go.
 */
#include "config.h"

#include "report/text.h"

#include <time.h>

#include "base/alloc.h"
#include "report/summary.h"
#include "report/text-impl.h"

/* What is printed of a call so far: kept in event->line, with the column above the two bits. */
enum line_state {
	LINE_NONE,
	LINE_PENDING, /* it began; nothing is printed yet */
	LINE_OPEN,    /* its begin is printed, and the cursor stands behind it */
	LINE_BROKEN,  /* its begin is printed, and "<unfinished ...>" */
};

struct text {
	struct report report; /* first */
	struct stream *out;
	struct text_opts o;
	struct event *cur;       /* the call whose line is pending or open; NULL with -ff */
	const struct ask *ask;   /* the last one given: it stays valid while its source runs */
	uint64_t last_ns;        /* -r: time of the last line */
	struct text_marks marks; /* with colour: of the call that was printed last */
	uint64_t marked_no;      /* its number */
	uint64_t
		shown_no; /* of those that are left out but for their findings: the event whose line was printed last */
	/* Time of day: the offset to UTC changes at most every quarter of an hour. */
	int64_t clock_block;
	uint32_t clock_base; /* seconds of the day at its beginning */
};

static enum line_state line_state(const struct text *t, const struct event *ev)
{
	return ev->line[t->report.nth] & 3;
}

static size_t line_column(const struct text *t, const struct event *ev)
{
	return ev->line[t->report.nth] >> 2;
}

static void line_set(const struct text *t, struct event *ev, enum line_state s, size_t column)
{
	ev->line[t->report.nth] = (uint32_t)column << 2 | s;
}

static struct stream *stream_of(struct text *t, const struct event *ev)
{
	return t->o.out_for ? t->o.out_for(t->o.out_ctx, ev->tid) : t->out;
}

static struct text_ctx ctx_of(struct text *t, struct event *ev, const struct ask *ask,
			      struct stream *s)
{
	return (struct text_ctx){
		.b = &s->buf,
		.ev = ev,
		.ask = ask,
		.strsize = t->o.strsize,
		.verbose = t->o.verbose,
		.hex = t->o.hex,
		.paths = t->o.paths,
	};
}

static void put_padded(struct buf *b, uint64_t v, unsigned int width, char pad)
{
	char s[20];
	unsigned int n = 0;

	do {
		s[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (width > n) {
		buf_char(b, pad);
		width--;
	}
	while (n)
		buf_char(b, s[--n]);
}

enum { NS = 1000000000, QUARTER = 15 * 60 };

static void put_clock(struct text *t, struct buf *b, uint64_t ns)
{
	int64_t sec = (int64_t)(ns / NS);
	uint32_t s;

	if (sec / QUARTER != t->clock_block) {
		time_t block = (time_t)(sec / QUARTER * QUARTER);
		struct tm tm = { 0 };

		localtime_r(&block, &tm);
		t->clock_block = sec / QUARTER;
		t->clock_base = (uint32_t)(tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	}
	s = (t->clock_base + (uint32_t)(sec % QUARTER)) % 86400;
	put_padded(b, s / 3600, 2, '0');
	buf_char(b, ':');
	put_padded(b, s / 60 % 60, 2, '0');
	buf_char(b, ':');
	put_padded(b, s % 60, 2, '0');
}

/* What follows the second of ns, cut to precision. */
static void put_fraction(struct buf *b, uint64_t ns, enum text_precision p)
{
	static const struct {
		unsigned int digits, unit;
	} as[] = {
		[PRECISION_DEFAULT] = { 6, 1000 }, [PRECISION_S] = { 0, 1 },
		[PRECISION_MS] = { 3, 1000000 },   [PRECISION_US] = { 6, 1000 },
		[PRECISION_NS] = { 9, 1 },
	};

	if (!as[p].digits)
		return;
	buf_char(b, '.');
	put_padded(b, ns % NS / as[p].unit, as[p].digits, '0');
}

static void put_stamps(struct text *t, struct buf *b, uint64_t ns)
{
	if (t->o.stamp) {
		if (t->o.stamp > 2)
			buf_u64(b, ns / NS);
		else
			put_clock(t, b, ns);
		if (t->o.stamp > 1 || t->o.stamp_precision != PRECISION_DEFAULT)
			put_fraction(b, ns, t->o.stamp_precision);
		buf_char(b, ' ');
	}
	if (t->o.relative) {
		uint64_t d = t->last_ns && ns > t->last_ns ? ns - t->last_ns : 0;

		if (!t->last_ns || ns > t->last_ns)
			t->last_ns = ns;
		if (t->o.stamp)
			buf_lit(b, "(+");
		put_padded(b, d / NS, 6, ' ');
		put_fraction(b, d, t->o.relative_precision);
		buf_str(b, t->o.stamp ? ") " : " ");
	}
}

/* What stands before every line of strace's: who and when. */
static void put_leader(struct text *t, struct buf *b, const struct event *ev, uint64_t ns)
{
	if (!t->o.out_for && t->o.to_file && (t->o.follow || t->o.always_pid)) {
		size_t from = b->len;

		buf_s64(b, ev->tid);
		if (b->len - from < 5)
			buf_pad(b, ' ', 5 - (b->len - from));
		buf_char(b, ' ');
	} else if (!t->o.to_file && (ev->ntasks > 1 || t->o.always_pid)) {
		buf_lit(b, "[pid ");
		put_padded(b, (uint64_t)ev->tid, 5, ' ');
		buf_lit(b, "] ");
	}
	if (t->o.stamp || t->o.relative)
		put_stamps(t, b, ns);
}

/* Writes the begin of ev's line; the cursor stays behind it. */
static void put_begin(struct text *t, struct text_ctx *x)
{
	struct event *ev = x->ev;
	size_t from = x->b->len;

	put_leader(t, x->b, ev, ev->enter_ns ? ev->enter_ns : ev->exit_ns);
	text_call_begin(x);
	line_set(t, ev, LINE_OPEN, x->b->len - from);
}

/* The same of a call that goes on. */
static void put_waiting(struct text *t, struct event *ev, struct stream *s)
{
	struct text_ctx x = ctx_of(t, ev, t->ask, s);

	put_begin(t, &x);
}

/* Before another line is printed: what stands there is not finished. */
static void line_break(struct text *t)
{
	struct event *ev = t->cur;
	struct stream *s = t->out;

	if (!ev)
		return;
	t->cur = NULL;
	if (line_state(t, ev) == LINE_PENDING)
		put_waiting(t, ev, s);
	buf_lit(&s->buf, " <unfinished ...>\n");
	line_set(t, ev, LINE_BROKEN, 0);
}

/* Lines of calls that failed, or ended in no result, are not wanted with -z, and so on. */
static bool unwanted_end(const struct text *t, const struct event *ev)
{
	if (!t->o.only_ok && !t->o.only_failed)
		return false;
	if (ev->end != CALL_RETURNED)
		return true;
	return event_error(ev) ? t->o.only_ok : t->o.only_failed;
}

static void put_stack(struct text *t, struct buf *b, const struct event *ev)
{
	for (uint32_t i = 0; t->o.stacks && ev->stack.have && i < ev->stack.n; i++) {
		const struct frame *f = &ev->stack.frames[i];

		buf_lit(b, " > ");
		summary_safe(b, f->module ? f->module : "(no module)");
		buf_char(b, '(');
		if (f->function) {
			summary_safe(b, f->function);
			buf_char(b, '+');
			buf_hex(b, f->function_off);
		}
		buf_lit(b, ") [");
		buf_hex(b, f->module ? f->module_off : f->pc);
		buf_char(b, ']');
		if (t->o.stacks > 1 && f->file) {
			buf_char(b, ' ');
			summary_safe(b, f->file);
			buf_char(b, ':');
			buf_u64(b, f->line);
		}
		buf_char(b, '\n');
	}
}

static void put_number(const struct text *t, struct buf *b, const struct event *ev)
{
	if (t->o.event_numbers && ev->no)
		buf_printf(b, " [event %llu]", (unsigned long long)ev->no);
}

/* The end of a call that returned, or of a task that died in it: ") = 5". */
static void put_end(struct text *t, struct text_ctx *x, size_t column, size_t from)
{
	struct buf *b = x->b;
	const struct event *ev = x->ev;

	buf_lit(b, ") ");
	column += b->len - from;
	if (column < t->o.column)
		buf_pad(b, ' ', t->o.column - column);
	buf_lit(b, "= ");
	if (ev->end != CALL_RETURNED) {
		buf_char(b, '?');
	} else {
		text_call_result(x);
		put_number(t, b, ev);
		if (t->o.spent && ev->enter_ns && ev->exit_ns >= ev->enter_ns) {
			buf_lit(b, " <");
			buf_u64(b, (ev->exit_ns - ev->enter_ns) / NS);
			put_fraction(b, ev->exit_ns - ev->enter_ns, t->o.spent_precision);
			buf_char(b, '>');
		}
	}
	buf_char(b, '\n');
	put_stack(t, b, ev);
}

/* What --try-fix made of its messages. */
static void put_tried(struct buf *b, const struct event *ev, unsigned int width)
{
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		const struct tried *tried = &ev->msg[i].tried;
		struct buf note = { 0 };

		if (!tried->what)
			continue;
		buf_str(&note,
			tried->failed ? "--try-fix: not sent with " : "--try-fix: sent with ");
		summary_safe(&note, tried->what);
		if (tried->failed) {
			buf_lit(&note, ": ");
			summary_safe(&note, tried->failed);
		}
		text_put_note(b, buf_cstr(&note), width);
		buf_char(b, '\n');
		buf_free(&note);
	}
}

/* The whole line, or what is left of it. */
static void put_call(struct text *t, struct event *ev, const struct ask *ask)
{
	struct stream *s = stream_of(t, ev);
	struct text_ctx x = ctx_of(t, ev, ask, s);
	size_t column, from;

	t->marks.n = 0;
	t->marked_no = ev->no;
	x.marks = t->o.color ? &t->marks : NULL;
	if (t->cur == ev)
		t->cur = NULL;
	else if (!t->o.out_for)
		line_break(t);

	if (line_state(t, ev) == LINE_BROKEN) {
		if (ev->end == CALL_LEFT || ev->end == CALL_PENDING)
			return; /* its begin was said, and there is no more */
		from = s->buf.len;
		put_leader(t, &s->buf, ev, ev->exit_ns ? ev->exit_ns : ev->enter_ns);
		buf_lit(&s->buf, "<... ");
		buf_str(&s->buf, ev->name ? ev->name : call_rows[ev->call].name);
		buf_lit(&s->buf, " resumed>");
		column = 0;
	} else {
		if (line_state(t, ev) != LINE_OPEN)
			put_begin(t, &x);
		column = line_column(t, ev);
		from = s->buf.len;
	}
	line_set(t, ev, LINE_NONE, 0);

	switch (ev->end) {
	case CALL_RETURNED:
		if (text_call_has_rest(ev))
			text_call_rest(&x);
		break;
	case CALL_DIED:
		if (text_call_has_rest(ev))
			buf_lit(&s->buf, " <unfinished ...>");
		break;
	case CALL_PENDING:
		buf_lit(&s->buf, " <unfinished ...>\n");
		return;
	case CALL_LEFT:
		buf_lit(&s->buf, " <detached ...>\n");
		return;
	}
	put_end(t, &x, column, from);
	put_tried(&s->buf, ev, t->o.width);
}

static void text_enter(struct report *r, struct event *ev)
{
	struct text *t = (struct text *)r;

	if (!ev->print || t->o.findings_only || t->o.only_ok || t->o.only_failed)
		return;
	if (t->o.out_for) {
		struct stream *s = stream_of(t, ev);

		put_waiting(t, ev, s);
		stream_batch(s);
		return;
	}
	line_break(t);
	line_set(t, ev, LINE_PENDING, 0);
	t->cur = ev;
}

static void put_signal(struct text *t, struct event *ev, struct stream *s, const struct ask *ask)
{
	struct text_ctx x = ctx_of(t, ev, ask, s);

	buf_lit(&s->buf, "--- ");
	if (ev->kind == EVENT_STOPPED) {
		buf_lit(&s->buf, "stopped by ");
		text_signal_name(&s->buf, ev->sig);
	} else {
		text_signal_name(&s->buf, ev->sig);
		if (ev->siginfo.len) {
			buf_char(&s->buf, ' ');
			text_siginfo(&x, &ev->siginfo);
		}
	}
	buf_lit(&s->buf, " ---\n");
}

static void put_gone(struct buf *b, const struct event *ev)
{
	buf_lit(b, "+++ ");
	if (ev->kind == EVENT_EXITED) {
		buf_lit(b, "exited with ");
		buf_s64(b, ev->status);
	} else if (ev->kind == EVENT_SUPERSEDED) {
		buf_lit(b, "superseded by execve in pid ");
		buf_s64(b, ev->other_pid);
	} else {
		buf_lit(b, "killed by ");
		text_signal_name(b, ev->sig);
		if (ev->core)
			buf_lit(b, " (core dumped)");
	}
	buf_lit(b, " +++\n");
}

/* "cmsgtrace: Process 12 attached": no line of strace's, so without its leader. */
static void put_message(struct buf *b, const struct event *ev)
{
	buf_lit(b, "cmsgtrace: ");
	if (ev->kind == EVENT_NOTE) {
		summary_safe(b, ev->note ? ev->note : "");
	} else {
		buf_lit(b, "Process ");
		buf_s64(b, ev->tid);
		buf_str(b, ev->kind == EVENT_ATTACHED ? " attached" : " detached");
	}
	buf_char(b, '\n');
}

/* Is this kind of event said at all, at this level of -q? */
static bool is_said(const struct text *t, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_EXITED:
		return t->o.quiet < 2;
	case EVENT_SUPERSEDED:
		return t->o.quiet < 3;
	case EVENT_ATTACHED:
	case EVENT_DETACHED:
		/* A file holds lines of the trace only, as strace's does. */
		return !t->o.quiet && !t->o.to_file;
	default:
		return true;
	}
}

static void put_other(struct text *t, struct event *ev, const struct ask *ask)
{
	struct stream *s = stream_of(t, ev);

	if (!is_said(t, ev))
		return;
	if (!t->o.out_for)
		line_break(t);
	if (ev->kind == EVENT_ATTACHED || ev->kind == EVENT_DETACHED || ev->kind == EVENT_NOTE) {
		put_message(&s->buf, ev);
		return;
	}
	put_leader(t, &s->buf, ev, ev->exit_ns ? ev->exit_ns : ev->enter_ns);
	if (ev->kind == EVENT_SIGNAL || ev->kind == EVENT_STOPPED)
		put_signal(t, ev, s, ask);
	else
		put_gone(&s->buf, ev);
}

static void text_event(struct report *r, struct event *ev, const struct ask *ask)
{
	struct text *t = (struct text *)r;

	t->ask = ask;
	/* Not at the end: a finding may still colour what was printed. */
	t->marks.n = 0;
	stream_batch(stream_of(t, ev));
	if (t->o.findings_only)
		return;
	if (ev->kind != EVENT_CALL) {
		put_other(t, ev, ask);
	} else if (ev->print && !unwanted_end(t, ev)) {
		put_call(t, ev, ask);
	} else if (t->cur == ev) {
		t->cur = NULL;
	}
}

/* Was no line printed for it, though it has one? */
static bool was_left_out(const struct text *t, const struct event *ev)
{
	return t->o.findings_only || (ev->kind == EVENT_CALL && unwanted_end(t, ev));
}

static void text_finding(struct report *r, const struct finding *f)
{
	struct text *t = (struct text *)r;
	struct stream *s = f->event ? stream_of(t, f->event) : t->out;
	struct buf *b = &s->buf;

	if (t->o.summary_only || f->suppressed || f->known) /* the summary counts them */
		return;
	if (!t->o.out_for)
		line_break(t);
	/* A finding without the call that it speaks of would tell little. */
	if (f->event && was_left_out(t, f->event) && f->event->no != t->shown_no) {
		t->shown_no = f->event->no;
		put_call(t, f->event, t->ask);
	}
	if (t->o.color && f->event && f->event->no == t->marked_no)
		text_mark_cmsg(b, &t->marks, f);
	text_put_finding(b, f, &t->o);
}

static void text_idle(struct report *r)
{
	struct text *t = (struct text *)r;

	if (t->cur && line_state(t, t->cur) == LINE_PENDING)
		put_waiting(t, t->cur, t->out);
	t->marks.n = 0;
	stream_flush(t->out);
}

static void text_end(struct report *r, const struct run_end *end)
{
	struct text *t = (struct text *)r;

	if (!t->o.out_for)
		line_break(t);
	if (t->o.summary || (end->check && check_count(end->check, SEVERITY_NOTE)))
		summary_put(&t->out->buf, end, t->o.color);
	stream_flush(t->out);
}

static void text_free(struct report *r)
{
	alloc_free(r);
}

static const struct report_ops text_ops = {
	.enter = text_enter,
	.event = text_event,
	.finding = text_finding,
	.idle = text_idle,
	.end = text_end,
	.free = text_free,
};

struct report *report_text_new(struct stream *out, const struct text_opts *how)
{
	struct text *t = alloc_zeroed(1, sizeof(*t));

	t->report.ops = &text_ops;
	t->out = out;
	t->o = *how;
	t->clock_block = -1;
	return &t->report;
}
