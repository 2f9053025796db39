// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: a log of strace that ends after any of its bytes is read to that end, in chunks of any size; the level
 * mistake is named once its type stands there, the reply's missing source once all of its control data does, never before;
 * nothing else is.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fuzz/fuzz-source.h"

#include "strace/read.h"

enum { LIMIT_S = 300, LOG_MAX = 1 << 16 };

static char text[LOG_MAX + 1];
static size_t length;

static int read_log(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/replay/data/level-mistake.strace",
		 srcdir ? srcdir : ".");
	f = fopen(path, "re");
	if (!f)
		return -1;
	length = fread(text, 1, LOG_MAX, f);
	fclose(f);
	return length > 0 && length < LOG_MAX ? 0 : -1;
}

struct cut {
	struct fuzz_run run;
	size_t chunk;
	unsigned int mistakes, replies, others;
};

static long read_chunk(void *ctx, char *p, size_t n)
{
	struct cut *c = ctx;

	return fuzz_read(&c->run, p, n < c->chunk ? n : c->chunk);
}

static void judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct cut *c = ctx;

	fuzz_judge(&c->run, ev, ask);
	for (const struct finding *f = c->run.found; f; f = f->next) {
		c->mistakes += !strcmp(f->rule->id, "CT101");
		c->replies += !strcmp(f->rule->id, "CT201");
		c->others += strcmp(f->rule->id, "CT101") && strcmp(f->rule->id, "CT201");
	}
}

static void emit(void *ctx, struct event *ev, const struct ask *ask)
{
	fuzz_emit(&((struct cut *)ctx)->run, ev, ask);
}

/* Reads the first len bytes, with the rules and every output behind. */
static struct cut read_first(size_t len, size_t chunk)
{
	struct cut c = { .chunk = chunk };
	const struct input in = { .read = read_chunk, .ctx = &c, .name = "log" };
	const struct consumer to = { .ctx = &c, .judge = judge, .emit = emit };
	struct source *s;
	struct lines l;

	fuzz_start(&c.run, (const uint8_t *)text, len);
	lines_init(&l, &in);
	s = strace_reader_new(&l, fuzz_say, NULL);
	s->run(s, &to);
	s->free(s);
	lines_free(&l);
	fuzz_end(&c.run);
	return c;
}

static size_t offset_behind(size_t from, const char *what)
{
	const char *p = strstr(text + from, what);

	assert_non_null(p);
	return (size_t)(p - text) + strlen(what);
}

static void cut_after_each_byte(size_t chunk)
{
	size_t begins = offset_behind(0, "cmsg_level=SOL_TCP, cmsg_type=");
	size_t ends = begins + strlen("0x8"), whole = offset_behind(ends, "msg_controllen=28,");

	for (size_t at = 0; at <= length; at++) {
		struct cut c = read_first(at, chunk);

		if (c.others || (at <= begins && c.mistakes) || (at >= ends && c.mistakes != 1) ||
		    c.replies != (at >= whole))
			fail_msg("cut after %zu bytes: %u level mistakes, %u replies, %u others",
				 at, c.mistakes, c.replies, c.others);
	}
}

static void a_log_cut_after_each_byte(void **state)
{
	(void)state;
	cut_after_each_byte(SIZE_MAX);
}

static void the_same_byte_by_byte(void **state)
{
	(void)state;
	cut_after_each_byte(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_cut_after_each_byte),
		cmocka_unit_test(the_same_byte_by_byte),
	};
	int failed;

	alarm(LIMIT_S); /* one that loops is a failure, too */
	failed = cmocka_run_group_tests(tests, read_log, NULL);
	event_pool_free();
	return failed;
}
