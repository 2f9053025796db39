// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads a recording line by line, in constant memory. Pure: bytes come from the caller's callback. */
#include "config.h"

#include "record/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "record/read-event.h"
#include "record/read-json.h"
#include "record/record.h"

struct record_reader {
	struct source source;
	struct lines *lines;
	reader_say *say;
	void *ctx;
	struct arena arena; /* the header's */
	struct arena line;  /* scratch for one line */
	struct record_header header;
	struct record_end end;
	struct sock *socks[RECORD_REMEMBERED];
	struct proc *procs[RECORD_REMEMBERED];
	uint64_t sock_ids[RECORD_REMEMBERED], proc_ids[RECORD_REMEMBERED];
	uint64_t no;             /* the line that is looked at */
	uint64_t bad;            /* lines that were skipped */
	char apart[CACHE_LINES]; /* what follows is another thread's */
	struct jval_stack stack;
};

/* A line, before anybody looked at what it tells. */
struct item {
	struct batch_item item;
	uint64_t no;
	enum line_state state;
	const struct jval *o; /* or NULL … */
	const char *why;      /* … and why */
};

static void reader_tell(struct record_reader *r, const char *severity, const char *text)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s:%llu: %s: %s", r->lines->in.name, (unsigned long long)r->no, severity,
		   text);
	r->say(r->ctx, buf_cstr(&b));
	buf_free(&b);
}

enum { BAD_TOLD = 10 }; /* then only counted */

static void reader_bad(struct record_reader *r, const char *text)
{
	if (r->bad++ < BAD_TOLD)
		reader_tell(r, "error", text);
}

bool record_looks_like(struct lines *l)
{
	enum { ENOUGH = 64 };
	const char *p;
	size_t n = lines_peek(l, &p, ENOUGH), i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i == n || p[i++] != '{')
		return false;
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i < n && p[i] == '"';
}

/* NULL: no JSON object; *why says it. The text is the arena's, and changed. */
static const struct jval *parse_line(struct record_reader *r, struct arena *a, char *p, size_t len,
				     const char **why)
{
	const struct jval *o = jval_parse(a, &r->stack, p, len, why);

	if (jval_is(o, JVAL_OBJECT))
		return o;
	*why = o ? "not a JSON object" : arena_printf(a, "not JSON: %s", *why);
	return NULL;
}

static void read_header(struct record_reader *r, const struct jval *o)
{
	struct arena *a = &r->arena;
	struct record_header *h = &r->header;
	const struct jval *argv = jval_get(o, "argv");
	size_t n = jval_size(argv);

	h->tool = rec_text(a, o, "tool");
	h->kernel = rec_text(a, o, "kernel");
	h->machine = rec_text(a, o, "machine");
	h->started_ns = rec_u64(o, "started");
	h->argv = arena_array(a, char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *s = rec_text_of(a, jval_at(argv, i));

		h->argv[i] = (char *)(s ? s : "");
	}
	h->argc = (int)n;
}

/* NULL, or why this recording can't be read. */
static const char *check_header(struct record_reader *r, const struct jval *o)
{
	const char *type = jval_text(jval_get(o, "type"));
	const char *format = jval_text(jval_get(o, "format"));
	const char *version = jval_text(jval_get(o, "version"));
	char *end;

	if (!type || strcmp(type, "header") || !format || strcmp(format, RECORD_FORMAT))
		return "not a recording: its first line is no header of format \"" RECORD_FORMAT
		       "\"";
	if (!version || strtoul(version, &end, 10) != RECORD_MAJOR || *end != '.')
		return arena_printf(&r->line,
				    "format version %.20s: this program reads version %d only",
				    version ? version : "missing", RECORD_MAJOR);
	return NULL;
}

static struct sock *known_sock(void *ctx, uint64_t id)
{
	struct record_reader *r = ctx;
	size_t at = id % RECORD_REMEMBERED;

	return r->sock_ids[at] == id ? sock_ref(r->socks[at]) : NULL;
}

static struct proc *known_proc(void *ctx, uint64_t id)
{
	struct record_reader *r = ctx;
	size_t at = id % RECORD_REMEMBERED;

	return r->proc_ids[at] == id ? proc_ref(r->procs[at]) : NULL;
}

static void take_sock(struct record_reader *r, const struct jval *o)
{
	uint64_t id = rec_u64(o, "id");
	size_t at = id % RECORD_REMEMBERED;

	sock_unref(r->socks[at]);
	r->socks[at] = record_sock(&r->line, o);
	r->sock_ids[at] = id;
}

static void take_proc(struct record_reader *r, const struct jval *o)
{
	uint64_t id = rec_u64(o, "id");
	size_t at = id % RECORD_REMEMBERED;

	proc_unref(r->procs[at]);
	r->procs[at] = record_proc(&r->line, o);
	r->proc_ids[at] = id;
}

static void take_end(struct record_reader *r, const struct jval *o)
{
	/* as src/engines.c has them */
	static const char *const engines[] = { "seccomp", "syscall", "bpf", NULL };

	r->end.have = true;
	r->end.engine = engines[rec_word(o, "engine", engines, 3, 3)];
	r->end.exit = (int)rec_int(o, "exit", 0);
	r->end.cut = rec_true(o, "cut");
}

/* Gives the event away. NULL, or what is wrong. */
static const char *push_event(struct record_reader *r, const struct consumer *c,
			      const struct jval *o, unsigned int kind)
{
	const struct record_known known = { .sock = known_sock, .proc = known_proc, .ctx = r };
	struct event *ev = event_new();
	const char *wrong = record_event(ev, kind, o, &known);

	if (wrong) {
		event_free(ev);
		return wrong;
	}
	if (kind == EVENT_CALL)
		c->judge(c->ctx, ev, NULL);
	c->emit(c->ctx, ev, NULL);
	return NULL;
}

static const char *take_object(struct record_reader *r, const struct consumer *c,
			       const struct jval *o)
{
	static const char *const others[] = { "sock", "proc", "end", "finding", "header" };
	unsigned int kind = rec_word(o, "type", record_kinds, record_nkinds, record_nkinds);

	if (kind < record_nkinds)
		return push_event(r, c, o, kind);
	switch (rec_word(o, "type", others, 5, 5)) {
	case 0:
		take_sock(r, o);
		break;
	case 1:
		take_proc(r, o);
		break;
	case 2:
		take_end(r, o);
		break;
	case 4:
		return "a second header: recordings can't be joined to one file; name each by --read=";
	default: /* findings are made anew; unknown types belong to later minor versions */
		break;
	}
	return jval_is(jval_get(o, "type"), JVAL_STRING) ? NULL : "an object without its type";
}

static void take_item(struct record_reader *r, const struct consumer *c, const struct item *i)
{
	const char *why = i->why;

	r->no = i->no;
	if (i->state == LINE_TOO_LONG) {
		reader_bad(r, "the line is longer than any event");
		return;
	}
	arena_reset(&r->line);
	if (i->o)
		why = take_object(r, c, i->o);
	if (why && i->state == LINE_CUT)
		reader_tell(r, "warning", "the last line is cut off: it is left out");
	else if (why)
		reader_bad(r, why);
}

static bool reader_gather(struct source *s, struct batch *b)
{
	struct record_reader *r = (struct record_reader *)s;
	enum line_state state;
	char *p;
	size_t len;

	do {
		struct item *i;

		state = lines_next(r->lines, &p, &len);
		if (state == LINE_END)
			return false;
		b->bytes += len + 1;
		if (!len)
			continue;
		i = batch_add(b, sizeof(*i));
		i->no = r->lines->no;
		i->state = state;
		if (state != LINE_TOO_LONG)
			i->o = parse_line(r, &b->arena, arena_memdup(&b->arena, p, len), len,
					  &i->why);
	} while (batch_room(b) && lines_ready(r->lines));
	return true;
}

static bool reader_take(struct source *s, struct batch *b, const struct consumer *c)
{
	struct record_reader *r = (struct record_reader *)s;

	for (struct batch_item *i = b->first; i; i = i->next) {
		take_item(r, c, (struct item *)i);
		if (c->enough && c->enough(c->ctx))
			return false;
	}
	return true;
}

static int reader_finish(struct source *s, bool whole)
{
	struct record_reader *r = (struct record_reader *)s;

	if (!whole)
		return r->bad ? -EBADMSG : 0;
	r->no = r->lines->no;
	if (r->bad > BAD_TOLD) {
		arena_reset(&r->line);
		reader_tell(r, "error",
			    arena_printf(&r->line, "%llu lines could not be read in all",
					 (unsigned long long)r->bad));
	}
	if (!r->end.have)
		reader_tell(r, "warning",
			    "the recording has no end: it was cut (tracer killed, disk full)");
	if (r->lines->err)
		return r->lines->err;
	return r->bad ? -EBADMSG : 0;
}

static void reader_free(struct source *s)
{
	struct record_reader *r = (struct record_reader *)s;

	for (unsigned int i = 0; i < RECORD_REMEMBERED; i++) {
		sock_unref(r->socks[i]);
		proc_unref(r->procs[i]);
	}
	arena_free(&r->arena);
	arena_free(&r->line);
	jval_stack_free(&r->stack);
	alloc_free(r);
}

struct source *record_reader_new(struct lines *l, reader_say *say, void *ctx)
{
	struct record_reader *r = alloc_zeroed(1, sizeof(*r));
	const char *why = NULL;
	const struct jval *o = NULL;
	char *p;
	size_t len;

	r->source = (struct source){ .run = source_run,
				     .free = reader_free,
				     .gather = reader_gather,
				     .take = reader_take,
				     .finish = reader_finish };
	r->lines = l;
	r->say = say;
	r->ctx = ctx;

	enum line_state state = lines_next(l, &p, &len);

	if (state == LINE_END || state == LINE_TOO_LONG)
		why = "not a recording";
	else
		o = parse_line(r, &r->line, p, len, &why);
	r->no = l->no;
	if (o)
		why = check_header(r, o);
	if (o && !why)
		read_header(r, o);
	if (!why)
		return &r->source;
	reader_tell(r, "error", why);
	reader_free(&r->source);
	return NULL;
}

const struct record_header *record_reader_header(const struct source *s)
{
	return &((const struct record_reader *)s)->header;
}

struct record_end record_reader_end(const struct source *s)
{
	return ((const struct record_reader *)s)->end;
}
