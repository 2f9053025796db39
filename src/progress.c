// SPDX-License-Identifier: LGPL-2.1-or-later
/* How far the reading of a file is, in one line that is written over. Writes to standard error only. */
#include "config.h"

#include "progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"

enum {
	EVERY_MS = 100,
	SETTLED_MS = 500, /* before that the time left is a guess */
	MB = 1000 * 1000,
};

struct progress {
	const struct pipeline *pipeline;
	uint64_t total;
	uint64_t start_ms, shown_ms;
	bool shown;
};

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

struct progress *progress_new(uint64_t total, const struct pipeline *p)
{
	const char *term = getenv("TERM");
	struct progress *g;

	if (!isatty(STDERR_FILENO) || !term || !strcmp(term, "dumb"))
		return NULL;
	g = alloc_zeroed(1, sizeof(*g));
	g->pipeline = p;
	g->total = total;
	g->start_ms = now_ms();
	return g;
}

/* Asked each time: the window may have been resized. */
static size_t columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0 || !w.ws_col)
		return 80;
	return w.ws_col;
}

/* A terminal that takes no more is not waited for, nor told about. */
static void put(const struct buf *b)
{
	ssize_t n = write(STDERR_FILENO, b->p, b->len);

	(void)n;
}

static void add_count(struct buf *b, uint64_t n, const char *what)
{
	buf_lit(b, ", ");
	buf_u64(b, n);
	buf_printf(b, " %s%s", what, n == 1 ? "" : "s");
}

static void describe(struct buf *b, const struct progress *g, uint64_t done, uint64_t now)
{
	uint64_t spent = now - g->start_ms;

	buf_lit(b, "cmsgtrace: ");
	buf_u64(b, done / MB);
	if (g->total) {
		buf_lit(b, " of ");
		buf_u64(b, g->total / MB);
	}
	buf_lit(b, " MB");
	if (g->total && done <= g->total)
		buf_printf(b, " (%u%%)", (unsigned int)(done * 100 / g->total));
	add_count(b, g->pipeline->calls, "event");
	add_count(b, check_count(g->pipeline->check, SEVERITY_NOTE), "finding");
	if (!g->total || done > g->total || !done || spent < SETTLED_MS)
		return;

	/* rounded up */
	buf_lit(b, ", ");
	buf_u64(b, (uint64_t)((double)(g->total - done) * (double)spent / (double)done / 1000) + 1);
	buf_lit(b, " s left");
}

void progress_at(struct progress *g, uint64_t done)
{
	struct buf line = { 0 }, text = { 0 };
	size_t width;
	uint64_t now;

	if (!g)
		return;
	now = now_ms();
	if (g->shown_ms && now - g->shown_ms < EVERY_MS)
		return;
	g->shown_ms = now;
	g->shown = true;
	width = columns() - 1; /* the last column would wrap */
	describe(&text, g, done, now);
	buf_char(&line, '\r');
	buf_add(&line, text.p, text.len < width ? text.len : width);
	buf_lit(&line, "\033[K");
	put(&line);
	buf_free(&text);
	buf_free(&line);
}

void progress_clear(struct progress *g)
{
	struct buf b = { 0 };

	if (!g || !g->shown)
		return;
	g->shown = false;
	buf_lit(&b, "\r\033[K");
	put(&b);
	buf_free(&b);
}

void progress_free(struct progress *g)
{
	progress_clear(g);
	alloc_free(g);
}
