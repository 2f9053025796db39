// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The first half of reading a log: finds the calls that are ours, and puts together lines that were wrapped and
 * calls that were interrupted.  Their arguments, tasks and sockets are the other half's. Pure.
 */
#include "config.h"

#include "strace/gather.h"

#include <string.h>

#include "base/alloc.h"
#include "event/names.h"
#include "strace/line.h"

enum {
	WRAPS_MAX = 400,            /* lines that one call may be wrapped to */
	TEXT_MAX = 8 * 1024 * 1024, /* bytes of one call */
	PENDING_MAX = 65536,        /* tasks with a call that was interrupted */
};

/* A call that was <unfinished ...>: its text so far, and where it began. */
struct pending {
	struct buf text;
	unsigned int call;
	int tid;
	uint64_t line, stamp_ns;
};

static struct told *tell(struct strace_gather *g, enum told_kind kind, int tid)
{
	struct told *t = batch_add(g->batch, sizeof(*t));

	t->kind = kind;
	t->tid = tid;
	t->line = g->lines->no;
	return t;
}

static void tell_note(struct strace_gather *g, const char *what)
{
	tell(g, TOLD_NOTE, 0)->note = what;
}

static void pending_free(struct pending *p)
{
	if (p)
		buf_free(&p->text);
	alloc_free(p);
}

static void pending_forget(struct strace_gather *g)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&g->pending, &i));)
		pending_free(s->value);
	map_free(&g->pending);
}

/* ---- a whole call ---- */

static void tell_frames(struct told_call *c, struct arena *a, const struct held *h)
{
	if (!h->nframes)
		return;
	c->nframes = h->nframes;
	c->frames = arena_memdup(a, h->frames, h->nframes * sizeof(*h->frames));
	for (unsigned int i = 0; i < h->nframes; i++) {
		struct frame *f = &c->frames[i];

		f->module = f->module ? arena_strdup(a, f->module) : NULL;
		f->function = f->function ? arena_strdup(a, f->function) : NULL;
	}
}

static void held_flush(struct strace_gather *g)
{
	struct arena *a = &g->batch->arena;
	struct held *h = &g->held;
	struct told *t;

	if (!h->active)
		return;
	h->active = false;
	t = tell(g, TOLD_CALL, h->tid);
	t->line = h->line;
	t->stamp_ns = h->stamp_ns;
	t->call = (struct told_call){
		.call = h->call,
		.name = arena_strndup(a, h->text.p, h->text.len),
		.name_len = h->name_len,
		.len = h->text.len,
		.close = h->close,
		.looked = h->looked,
	};
	tell_frames(&t->call, a, h);
	if (g->batch->early && !h->looked) {
		t->call.early = strace_early(h->call, t->call.name, h->name_len, h->text.len, a,
					     &g->values);
		arena_reset(&g->values);
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

/* Asked only where the next line may be its rest. */
static bool may_go_on(struct held *h)
{
	if (!h->looked) {
		h->looked = true;
		h->complete = is_complete(h);
	}
	return !h->complete;
}

static void held_start(struct strace_gather *g, const struct strace_line *l, const char *line)
{
	struct held *h = &g->held;

	buf_clear(&h->text);
	buf_add(&h->text, l->name, l->name_len);
	buf_char(&h->text, '(');
	h->active = true;
	h->looked = false;
	h->close = 0;
	h->name_len = l->name_len;
	h->call = l->call;
	h->wraps = 0;
	h->tid = l->tid;
	h->line = g->lines->no;
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
static void held_wrap(struct strace_gather *g, const char *p, size_t len)
{
	struct held *h = &g->held;
	size_t prefix = same_prefix(h, p, len);

	if (++h->wraps > WRAPS_MAX || h->text.len + len > TEXT_MAX) {
		h->complete = true; /* enough: whatever this is, it is no call */
		return;
	}
	buf_add(&h->text, p + prefix, len - prefix);
	h->looked = false;
	h->close = 0;
}

static bool ends_with(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && !memcmp(end - n, word, n);
}

/* sendmsg(7, {…}, 0 <unfinished ...> */
static void start_pending(struct strace_gather *g, const struct strace_line *l, const char *end)
{
	struct pending *p = map_get(&g->pending, (uint64_t)(uint32_t)l->tid);
	size_t len = (size_t)(end - l->rest);
	struct told *t;

	if (!p && g->pending.n >= PENDING_MAX)
		pending_forget(g);
	if (!p) {
		p = alloc_zeroed(1, sizeof(*p));
		p->tid = l->tid;
		map_put(&g->pending, (uint64_t)(uint32_t)l->tid, p);
	}
	buf_clear(&p->text);
	buf_add(&p->text, l->rest, len);
	p->call = l->call;
	p->line = g->lines->no;
	p->stamp_ns = l->stamp_ns;
	if (l->call != STRACE_CLONE && l->call != STRACE_FORK) {
		tell(g, TOLD_TASK, l->tid);
		return;
	}
	t = tell(g, TOLD_CLONING, l->tid);
	t->cloning.sharing = memmem(l->rest, len, "CLONE_FILES", 11);
	t->cloning.thread = memmem(l->rest, len, "CLONE_THREAD", 12);
}

/*
 * A send that was <unfinished ...> and never resumed: its task did something else since, or the log ends.
 * What it offered is there.
 */
static void flush_pending(struct strace_gather *g, const struct pending *p)
{
	struct held *h = &g->held;
	const char *name;

	if (!p || !p->text.len || p->call >= CALL_COUNT || !call_sends(p->call))
		return;
	name = call_rows[p->call].name;
	h->active = true;
	h->name_len = strlen(name);
	h->looked = true; /* there is no parenthesis that closes it */
	h->close = 0;
	h->call = p->call;
	h->tid = p->tid;
	h->line = p->line;
	h->stamp_ns = p->stamp_ns;
	buf_clear(&h->text);
	buf_str(&h->text, name);
	buf_char(&h->text, '(');
	buf_add(&h->text, p->text.p, p->text.len);
	held_flush(g);
}

/* The task did something else: what it had begun will not be resumed. */
static void flush_pending_of(struct strace_gather *g, int tid)
{
	struct pending *p = g->pending.n ? map_remove(&g->pending, (uint64_t)(uint32_t)tid) : NULL;

	flush_pending(g, p);
	pending_free(p);
}

static void take_call(struct strace_gather *g, const struct strace_line *l, const char *line,
		      size_t len)
{
	static const char unfinished[] = "<unfinished ...>";
	const char *end = line + len;

	flush_pending_of(g, l->tid);
	if (ends_with(l->rest, end, unfinished)) {
		end -= sizeof(unfinished) - 1;
		while (end > l->rest && end[-1] == ' ')
			end--;
		start_pending(g, l, end);
		return;
	}
	held_start(g, l, line);
	buf_add(&g->held.text, l->rest, (size_t)(end - l->rest));
}

static void take_resumed(struct strace_gather *g, const struct strace_line *l, const char *line,
			 size_t len)
{
	struct pending *p = map_get(&g->pending, (uint64_t)(uint32_t)l->tid);
	struct held *h = &g->held;
	bool begun = p && p->text.len && p->call == l->call;

	if (!begun && l->call >= CALL_COUNT) {
		tell(g, TOLD_TASK, l->tid);
		return;
	}
	held_start(g, l, line);
	if (begun) {
		buf_add(&h->text, p->text.p, p->text.len);
		h->line = p->line;
		h->stamp_ns = p->stamp_ns;
		pending_free(map_remove(&g->pending, (uint64_t)(uint32_t)l->tid));
	} else { /* the log begins within the call */
		buf_lit(&h->text, "?, ");
		tell_note(g, "the beginning of this call is not in the log");
	}
	buf_add(&h->text, l->rest, (size_t)(line + len - l->rest));
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

static void take_end(struct strace_gather *g, const struct strace_line *l, const char *end)
{
	uint64_t num = 0;
	struct told *t;

	flush_pending_of(g, l->tid);
	strace_number(l->rest, end, &num);
	t = tell(g, TOLD_END, l->tid);
	t->stamp_ns = l->stamp_ns;
	if (l->kind == STRACE_LINE_EXITED) {
		t->end.kind = EVENT_EXITED;
		t->end.num = (int)num;
	} else if (l->kind == STRACE_LINE_KILLED) {
		t->end.kind = EVENT_KILLED;
		t->end.num = signal_number(l->rest, end);
		t->end.core = memmem(l->rest, (size_t)(end - l->rest), "core dumped", 11);
	} else {
		t->end.kind = EVENT_SUPERSEDED;
		t->end.num = (int)num;
	}
}

/* As our own text says it of code that is of no file. */
static bool is_no_module(const char *p, size_t len)
{
	static const char none[] = "(no module)";

	return len == sizeof(none) - 1 && !memcmp(p, none, len);
}

/* module(function+0x16) [0x7f…] */
static void take_frame(struct strace_gather *g, const struct strace_line *l, const char *end)
{
	struct held *h = &g->held;
	const char *open = memrchr(l->rest, '(', (size_t)(end - l->rest));
	const char *close = open ? memchr(open, ')', (size_t)(end - open)) : NULL;
	const char *pc = memrchr(l->rest, '[', (size_t)(end - l->rest)), *plus;
	struct frame *f = &h->frames[h->nframes];
	uint64_t num;

	if (!h->active || !close || !pc || h->nframes == HELD_FRAMES)
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
	if (open > l->rest && !is_no_module(l->rest, (size_t)(open - l->rest)))
		f->module = arena_strndup(&h->arena, l->rest, (size_t)(open - l->rest));
	if ((plus ? plus : close) > open + 1)
		f->function = arena_strndup(&h->arena, open + 1,
					    (size_t)((plus ? plus : close) - open - 1));
	h->nframes++;
}

static void take_mode(struct strace_gather *g, const struct strace_line *l, const char *end)
{
	uint64_t pid, bits;
	const char *in = memmem(l->rest, (size_t)(end - l->rest), "runs in ", 8);
	const struct abi *abi;

	if (!in || !strace_number(l->rest, end, &pid) || !strace_number(in + 8, end, &bits))
		return;
	abi = abi_by_name(bits == 32 ? "i386" : "x86_64");
	if (memmem(in, (size_t)(end - in), "x32", 3))
		abi = abi_by_name("x32");
	if (abi)
		tell(g, TOLD_MODE, (int)pid)->abi = abi;
}

static void take_text(struct strace_gather *g, char *p, size_t len)
{
	struct strace_line l;

	if (!strace_line_clean(p, &len)) {
		if (!g->binary++)
			tell_note(g, "binary data: left out");
		return;
	}
	if (!len)
		return;
	strace_line_look(p, len, &l);
	if (g->held.active &&
	    (l.kind == STRACE_LINE_OTHER || strace_line_is_rest(p, &l, g->held.tid)) &&
	    may_go_on(&g->held)) {
		held_wrap(g, p, len);
		return;
	}
	if (l.kind == STRACE_LINE_OTHER)
		return;
	g->known++;
	if (l.kind == STRACE_LINE_FRAME) {
		take_frame(g, &l, p + len);
		return;
	}
	held_flush(g);
	switch (l.kind) {
	case STRACE_LINE_CALL:
		take_call(g, &l, p, len);
		break;
	case STRACE_LINE_RESUMED:
		take_resumed(g, &l, p, len);
		break;
	case STRACE_LINE_EXITED:
	case STRACE_LINE_KILLED:
	case STRACE_LINE_SUPERSEDED:
		take_end(g, &l, p + len);
		break;
	case STRACE_LINE_MODE:
		take_mode(g, &l, p + len);
		break;
	default:
		break;
	}
	if (l.comm[0] && l.kind != STRACE_LINE_SKIP)
		memcpy(tell(g, TOLD_COMM, l.tid)->comm, l.comm, sizeof(l.comm));
}

/* Several lines, where a logger kept them as one. */
static void take_lines(struct strace_gather *g, char *p, size_t len)
{
	while (len) {
		char *nl = memchr(p, '\n', len);
		size_t n = nl ? (size_t)(nl - p) : len;

		take_text(g, p, n);
		p += nl ? n + 1 : n;
		len -= nl ? n + 1 : n;
	}
}

/* Nothing of strace's was seen so far: is there some in this line, once it is unwrapped? */
static bool find_wrapping(struct strace_gather *g, char *p, size_t len)
{
	for (enum strace_wrapping k = WRAPPING_OBJECTS; k <= WRAPPING_CSV; k++) {
		char *text = p;
		size_t n = len;

		if (!strace_unwrap(&g->unwrap, k, &text, &n))
			continue;
		take_lines(g, text, n);
		if (!g->known)
			continue;
		g->unwrap.wrapping = k;
		return true;
	}
	return false;
}

static void take_line(struct strace_gather *g, char *p, size_t len)
{
	enum strace_wrapping kind = g->unwrap.wrapping;

	for (; len && !*p; len--) /* the file was truncated while it was written */
		p++;
	if (kind == WRAPPING_UNKNOWN) {
		if (find_wrapping(g, p, len))
			return;
	} else if (kind != WRAPPING_NONE && strace_unwrap(&g->unwrap, kind, &p, &len)) {
		take_lines(g, p, len);
		return;
	} else if (kind == WRAPPING_STRINGS && strace_unwrap(&g->unwrap, WRAPPING_CSV, &p, &len)) {
		/* of a text without quotes the two look alike */
		g->unwrap.wrapping = WRAPPING_CSV;
		take_lines(g, p, len);
		return;
	}
	take_text(g, p, len);
	if (kind == WRAPPING_UNKNOWN && g->known) {
		g->unwrap.wrapping = WRAPPING_NONE;
		strace_unwrap_free(&g->unwrap);
	}
}

bool strace_gather(struct strace_gather *g, struct batch *b)
{
	enum line_state state;
	struct map_slot *s;
	char *p;
	size_t len;

	g->batch = b;
	do {
		state = lines_next(g->lines, &p, &len);
		b->bytes += len + 1;
		if (state == LINE_TOO_LONG)
			tell_note(g, "this line is too long to be strace's");
		else if (state != LINE_END)
			take_line(g, p, len);
	} while (state != LINE_END && batch_room(b) && lines_ready(g->lines));
	if (state != LINE_END)
		return true;
	held_flush(g);
	for (size_t i = 0; (s = map_next(&g->pending, &i));)
		flush_pending(g, s->value);
	return false;
}

void strace_gather_free(struct strace_gather *g)
{
	pending_forget(g);
	strace_unwrap_free(&g->unwrap);
	buf_free(&g->held.text);
	arena_free(&g->held.arena);
	arena_free(&g->values);
}
