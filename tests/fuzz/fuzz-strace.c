// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: no log of strace makes its reader, the rules or an output misbehave, and events that are made early
 * (strace/early.h) are those that are made when their turn comes.
 */
#include "config.h"

#define FUZZ_CORPUS "corpus-strace"
#include "fuzz/fuzz-main.h"
#include "fuzz/fuzz-source.h"

#include "base/utf16.h"
#include "strace/read.h"

static void read_early(struct source *s, const struct consumer *c)
{
	struct batch b = { .early = true };
	bool more;

	do {
		batch_reset(&b);
		more = s->gather(s, &b);
		s->take(s, &b, c);
	} while (more);
	batch_free(&b);
	s->finish(s, true);
}

/* A hash of all outputs. */
static uint64_t read_log(const uint8_t *data, size_t size, bool early)
{
	struct fuzz_run r;
	const struct input plain = { .read = fuzz_read, .ctx = &r, .name = "f" };
	bool marked = size > 1 && (!memcmp(data, "\xff\xfe", 2) || !memcmp(data, "\xfe\xff", 2));
	struct utf16 wide = { .in = plain, .big = marked && data[0] == 0xfe };
	const struct input in = { .read = marked ? utf16_read : fuzz_read,
				  .ctx = marked ? (void *)&wide : &r,
				  .name = "f" };
	const struct consumer c = { .ctx = &r, .judge = fuzz_judge, .emit = fuzz_emit };
	struct source *s;
	struct lines l;

	fuzz_start(&r, data, size);
	lines_init(&l, &in);
	s = strace_reader_new(&l, fuzz_say, NULL);
	if (s) {
		if (early)
			read_early(s, &c);
		else
			s->run(s, &c);
		s->free(s);
	}
	lines_free(&l);
	fuzz_end(&r);
	return r.said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (read_log(data, size, false) != read_log(data, size, true))
		abort();
	return 0;
}
