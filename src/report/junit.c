// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JUnit XML, as GitLab and Jenkins read it and Jenkins' XSD has it: one case a finding, one passing case where there is none.
 * Those that count (--fail-on) fail; suppressed and known findings, and rules that could not run, are skipped cases; other
 * findings pass, and say what they have to say as output.  Written at the end.
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

/* The message, its notes and its place. */
static void put_details(struct buf *b, const struct saved *s)
{
	const char *file;
	uint64_t line;

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
}

enum junit_case { FAILED, SKIPPED, PASSED };

static enum junit_case case_of(const struct saved *s, int fail_on)
{
	if (s->suppressed || s->known)
		return SKIPPED;
	if ((int)s->severity >= fail_on)
		return FAILED;
	return strcmp(s->rule->id, "CT902") ? PASSED : SKIPPED;
}

static void put_case(struct buf *b, const struct saved *s, int fail_on)
{
	const char *why = s->suppressed ? s->suppressed : s->known ? "in the baseline" : s->message;
	const char *severity = severity_name(s->severity);

	put_case_start(b, s);
	switch (case_of(s, fail_on)) {
	case FAILED:
		buf_lit(b, "      <failure");
		markup_attr(b, "message", s->message, strlen(s->message));
		markup_attr(b, "type", severity, strlen(severity));
		buf_char(b, '>');
		put_details(b, s);
		buf_lit(b, "</failure>\n");
		break;
	case SKIPPED:
		buf_lit(b, "      <skipped>"); /* the XSD gives it no attributes */
		markup_put(b, why, strlen(why));
		buf_lit(b, "</skipped>\n");
		break;
	case PASSED:
		buf_lit(b, "      <system-out>");
		markup_put(b, severity, strlen(severity));
		buf_lit(b, ": ");
		put_details(b, s);
		buf_lit(b, "</system-out>\n");
		break;
	}
	buf_lit(b, "    </testcase>\n");
}

static void put_counts(struct buf *b, const struct junit *r, int fail_on)
{
	unsigned int n[] = { [FAILED] = 0, [SKIPPED] = 0, [PASSED] = 0 };

	for (const struct saved *s = r->list.first; s; s = s->next)
		n[case_of(s, fail_on)]++;
	buf_printf(b, " tests=\"%u\" failures=\"%u\" errors=\"0\"", r->list.n ? r->list.n : 1,
		   n[FAILED]);
	buf_printf(b, " skipped=\"%u\" time=\"0\"", n[SKIPPED]);
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
	put_counts(b, r, end->fail_on);
	put_timestamp(b, r->started_ns);
	buf_lit(b, ">\n");
	for (const struct saved *s = r->list.first; s; s = s->next)
		put_case(b, s, end->fail_on);
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
