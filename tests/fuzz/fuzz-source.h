/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is behind a reader: the rules, and every output, into memory. */
#ifndef CMSGTRACE_TESTS_FUZZ_SOURCE_H
#define CMSGTRACE_TESTS_FUZZ_SOURCE_H

#include <string.h>

#include "check/check.h"
#include "cmsg/cmsg.h"
#include "base/hash.h"
#include "base/lines.h"
#include "event/source.h"
#include "kernel/model.h"
#include "report/report.h"
#include "report/text.h"

enum { FUZZ_REPORTS = 8 };

struct fuzz_run {
	const uint8_t *p;
	size_t left;
	struct check *check;
	const struct finding *found;
	struct stream out;
	struct report *reports[FUZZ_REPORTS];
	unsigned int n;
	uint64_t calls;
	uint64_t said; /* a hash of what was written */
};

static long fuzz_read(void *ctx, char *p, size_t n)
{
	struct fuzz_run *r = ctx;

	n = n < r->left ? n : r->left;
	memcpy(p, r->p, n);
	r->p += n;
	r->left -= n;
	return (long)n;
}

static void fuzz_say(void *ctx, const char *text)
{
	(void)ctx;
	if (!text[0])
		abort();
}

static void fuzz_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct fuzz_run *r = ctx;

	if (!ev->no)
		ev->no = ++r->calls;
	cmsg_walk_event(ev);
	r->found = check_event(r->check, ev, ask);
}

static void fuzz_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct fuzz_run *r = ctx;

	for (unsigned int i = 0; i < r->n; i++) {
		report_event(r->reports[i], ev, ask);
		for (const struct finding *f = r->found; f; f = f->next)
			report_finding(r->reports[i], f);
	}
	r->found = NULL;
	stream_flush(&r->out);
	event_free(ev);
}

/* Instead of writing it. */
static void fuzz_written(void *ctx)
{
	struct fuzz_run *r = ctx;

	r->said = hash_bytes(r->said, r->out.buf.p, r->out.buf.len);
	buf_clear(&r->out.buf);
}

static void fuzz_start(struct fuzz_run *r, const uint8_t *p, size_t len)
{
	static const struct check_opts opts = { .release = KERNEL_RELEASE(6, 18, 0) };
	static const struct run_info info = { .tool = "t" };
	static const struct text_opts how = { .strsize = 32, .column = 40 };

	*r = (struct fuzz_run){ .p = p,
				.left = len,
				.said = HASH_START,
				.out = { .fd = -1, .before = fuzz_written, .before_ctx = r } };
	r->check = check_new(&opts);
	for (const struct format_row *f = format_rows; f->name && r->n < FUZZ_REPORTS; f++) {
		/* SARIF writes out all rules each time: seldom enough that inputs are many */
		if (strcmp(f->name, "sarif") != 0 || len % 64 == 0)
			r->reports[r->n++] = f->new (&r->out, &how);
	}
	for (unsigned int i = 0; i < r->n; i++)
		report_start(r->reports[i], &info);
}

static void fuzz_end(struct fuzz_run *r)
{
	const struct run_end end = { .check = r->check, .events = r->calls };

	for (unsigned int i = 0; i < r->n; i++) {
		report_end(r->reports[i], &end);
		report_free(r->reports[i]);
	}
	check_free(r->check);
	buf_free(&r->out.buf);
}

#endif
