// SPDX-License-Identifier: LGPL-2.1-or-later
/* An output that was made up: the ids of findings, a line each. */
#include "config.h"

#include "base/alloc.h"
#include "report/report.h"

struct words {
	struct report report;
	struct stream *out;
};

static void words_finding(struct report *report, const struct finding *f)
{
	struct words *r = (struct words *)report;

	buf_str(&r->out->buf, f->rule->id);
	buf_char(&r->out->buf, '\n');
	stream_flush(r->out);
}

static void words_free(struct report *report)
{
	alloc_free(report);
}

static const struct report_ops words_ops = {
	.finding = words_finding,
	.free = words_free,
};

struct report *report_words_new(struct stream *out, const struct text_opts *how)
{
	struct words *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &words_ops;
	r->out = out;
	return &r->report;
}
