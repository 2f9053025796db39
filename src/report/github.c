// SPDX-License-Identifier: LGPL-2.1-or-later
/* GitHub's workflow commands: ::error file=F,line=L,title=T::message, as annotations of a job. */
#include "config.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "report/report.h"
#include "report/summary.h"

#include <string.h>

struct github {
	struct report report;
	struct stream *out;
};

/* % CR LF end or escape a command; in properties : and , too. All else that isn't text is escaped. */
static void put_escaped(struct buf *b, const char *s, bool property)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = strlen(s), n;

	for (; left; p += n, left -= n) {
		unsigned char c = *p;

		n = utf8_shown(p, left);
		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
			static const char hex[] = "0123456789ABCDEF";

			buf_char(b, '%');
			buf_char(b, hex[c >> 4]);
			buf_char(b, hex[c & 15]);
			n = 1;
		} else if (n) {
			buf_add(b, p, n);
		} else {
			buf_lit(b, "\\x");
			buf_hexbytes(b, &c, n = 1);
		}
	}
}

static void github_finding(struct report *report, const struct finding *f)
{
	static const char *const words[] = {
		[SEVERITY_NOTE] = "notice",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};
	struct github *r = (struct github *)report;
	struct buf *b = &r->out->buf;
	const char *file;
	uint64_t line;

	if (f->suppressed || f->known)
		return;
	buf_lit(b, "::");
	buf_str(b, words[f->severity]);
	buf_char(b, ' ');
	if (finding_in_file(f, &file, &line)) {
		buf_lit(b, "file=");
		put_escaped(b, file, true);
		buf_lit(b, ",line=");
		buf_u64(b, line);
		buf_char(b, ',');
	}
	buf_lit(b, "title=cmsgtrace (");
	put_escaped(b, f->rule->id, true);
	buf_lit(b, ")::");
	put_escaped(b, f->message, false);
	for (unsigned int i = 0; i < f->nnotes; i++) {
		buf_lit(b, "%0A");
		put_escaped(b, f->notes[i], false);
	}
	buf_char(b, '\n');
	stream_flush(r->out);
}

static void github_end(struct report *report, const struct run_end *end)
{
	struct stream *out = ((struct github *)report)->out;

	/* its lines begin with "***" or " | ": none is taken for a command */
	if (end->check && check_count(end->check, SEVERITY_NOTE)) {
		buf_lit(&out->buf, "::group::cmsgtrace: summary\n");
		summary_put(&out->buf, end, false);
		buf_lit(&out->buf, "::endgroup::\n");
	}
	stream_flush(out);
}

static void github_free(struct report *report)
{
	alloc_free(report);
}

static const struct report_ops github_ops = {
	.finding = github_finding,
	.end = github_end,
	.free = github_free,
};

struct report *report_github_new(struct stream *out, const struct text_opts *how)
{
	struct github *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &github_ops;
	r->out = out;
	return &r->report;
}
