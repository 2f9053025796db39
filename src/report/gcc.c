// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * As a compiler says it: file:line: error: message [CT101].  Editors and CI logs jump to such lines.
 * Without a source line the program stands where a compiler driver would name itself.
 */
#include "config.h"

#include "base/alloc.h"
#include "check/place.h"
#include "report/report.h"

#include <string.h>

struct gcc {
	struct report report;
	struct stream *out;
};

/* The source file, or the log, else the program. */
static void put_file(struct buf *b, const struct finding *f)
{
	const struct event *ev = f->event;
	const char *file;
	uint64_t line;

	if (finding_in_file(f, &file, &line))
		buf_escaped(b, file, strlen(file));
	else if (ev && ev->proc && ev->proc->exe)
		buf_escaped(b, ev->proc->exe, strlen(ev->proc->exe));
	else if (ev && ev->comm[0])
		buf_escaped(b, ev->comm, strnlen(ev->comm, sizeof(ev->comm)));
	else
		buf_lit(b, "cmsgtrace");
}

static void put_where(struct buf *b, const struct finding *f)
{
	const char *file;
	uint64_t line;

	put_file(b, f);
	buf_char(b, ':');
	if (finding_in_file(f, &file, &line)) {
		buf_u64(b, line);
		buf_char(b, ':');
	}
	buf_char(b, ' ');
}

static void gcc_finding(struct report *report, const struct finding *f)
{
	struct gcc *r = (struct gcc *)report;
	struct buf *b = &r->out->buf;

	if (f->suppressed || f->known)
		return;
	if (f->place && f->place->function) {
		put_file(b, f);
		buf_lit(b, ": in function '");
		buf_escaped(b, f->place->function, place_function_len(f->place->function));
		buf_lit(b, "':\n");
	}
	put_where(b, f);
	buf_str(b, severity_name(f->severity));
	buf_lit(b, ": ");
	buf_str(b, f->message);
	buf_lit(b, " [");
	buf_str(b, f->rule->id);
	buf_lit(b, "]\n");
	for (unsigned int i = 0; i < f->nnotes; i++) {
		put_where(b, f);
		buf_lit(b, "note: ");
		buf_str(b, f->notes[i]);
		buf_char(b, '\n');
	}
	stream_flush(r->out);
}

static void gcc_end(struct report *report, const struct run_end *end)
{
	(void)end;
	stream_flush(((struct gcc *)report)->out);
}

static void gcc_free(struct report *report)
{
	alloc_free(report);
}

static const struct report_ops gcc_ops = {
	.finding = gcc_finding,
	.end = gcc_end,
	.free = gcc_free,
};

struct report *report_gcc_new(struct stream *out, const struct text_opts *how)
{
	struct gcc *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &gcc_ops;
	r->out = out;
	return &r->report;
}
