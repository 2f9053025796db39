// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JUnit XML, as GitLab and Jenkins read it and Jenkins' XSD has it: one failing case a finding, one passing case where there is
 * none; suppressed and known findings are skipped cases.  Written at the end.
 */
#include "config.h"

#include "base/alloc.h"
#include "report/markup.h"
#include "check/place.h"
#include "report/report.h"
#include "report/saved.h"

#include <string.h>
#include <time.h>

struct junit {
	struct report report;
	struct stream *out;
	struct saved_list list;
	uint64_t started_ns;
};

static void put_case_start(struct buf *b, const struct saved *s)
{
	struct buf text = { 0 };

	buf_lit(b, "    <testcase");
	buf_str(&text, "cmsgtrace.");
	buf_str(&text, s->rule->id);
	markup_attr(b, "classname", text.p, text.len);
	buf_clear(&text);
	buf_str(&text, s->rule->name);
	buf_lit(&text, ": ");
	saved_put_where(&text, s);
	markup_attr(b, "name", text.p, text.len);
	buf_lit(b, " time=\"0\">\n");
	buf_free(&text);
}

static void put_failure(struct buf *b, const struct saved *s)
{
	const char *file;
	uint64_t line;

	buf_lit(b, "      <failure");
	markup_attr(b, "message", s->message, strlen(s->message));
	markup_attr(b, "type", severity_name(s->severity), strlen(severity_name(s->severity)));
	buf_char(b, '>');
	markup_put(b, s->message, strlen(s->message));
	for (unsigned int i = 0; i < s->nnotes; i++) {
		buf_char(b, '\n');
		markup_put(b, s->notes[i], strlen(s->notes[i]));
	}
	if (place_in_file(s->place, s->log, s->log_line, &file, &line)) {
		buf_lit(b, "\nat ");
		markup_put(b, file, strlen(file));
		buf_char(b, ':');
		buf_u64(b, line);
	}
	if (s->at && s->at->count > 1) {
		buf_lit(b, "\ntimes: ");
		buf_u64(b, s->at->count);
	}
	buf_lit(b, "</failure>\n");
}

static void put_case(struct buf *b, const struct saved *s)
{
	const char *why = s->suppressed ? s->suppressed : "in the baseline";

	put_case_start(b, s);
	if (s->suppressed || s->known) {
		buf_lit(b, "      <skipped>");
		markup_put(b, why, strlen(why));
		buf_lit(b, "</skipped>\n");
	} else {
		put_failure(b, s);
	}
	buf_lit(b, "    </testcase>\n");
}

static void put_counts(struct buf *b, const struct junit *r)
{
	unsigned int skipped = 0;

	for (const struct saved *s = r->list.first; s; s = s->next)
		skipped += s->suppressed || s->known;
	buf_printf(b, " tests=\"%u\" failures=\"%u\" errors=\"0\"", r->list.n ? r->list.n : 1,
		   r->list.n - skipped);
	buf_printf(b, " skipped=\"%u\" time=\"0\"", skipped);
}

static void put_timestamp(struct buf *b, uint64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;
	char text[32];

	if (!ns || !gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	markup_attr(b, "timestamp", text, strlen(text));
}

static void junit_start(struct report *report, const struct run_info *run)
{
	((struct junit *)report)->started_ns = run->started_ns;
}

static void junit_finding(struct report *report, const struct finding *f)
{
	saved_add(&((struct junit *)report)->list, f);
}

static void junit_end(struct report *report, const struct run_end *end)
{
	struct junit *r = (struct junit *)report;
	struct buf *b = &r->out->buf;

	buf_lit(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		   "  <testsuite name=\"cmsgtrace\"");
	put_counts(b, r);
	put_timestamp(b, r->started_ns);
	buf_lit(b, ">\n");
	for (const struct saved *s = r->list.first; s; s = s->next)
		put_case(b, s);
	if (!r->list.n)
		buf_lit(b,
			"    <testcase classname=\"cmsgtrace\" name=\"no findings\" time=\"0\"/>\n");
	if (end->cut)
		buf_lit(b, "    <system-err>The run was ended early.</system-err>\n");
	buf_lit(b, "  </testsuite>\n</testsuites>\n");
	stream_flush(r->out);
}

static void junit_free(struct report *report)
{
	saved_free(&((struct junit *)report)->list);
	alloc_free(report);
}

static const struct report_ops junit_ops = {
	.start = junit_start,
	.finding = junit_finding,
	.end = junit_end,
	.free = junit_free,
};

struct report *report_junit_new(struct stream *out, const struct text_opts *how)
{
	struct junit *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &junit_ops;
	r->out = out;
	return &r->report;
}
