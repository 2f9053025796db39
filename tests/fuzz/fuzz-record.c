// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: no recording makes its reader, the rules or an output misbehave. */
#include "config.h"

#define FUZZ_CORPUS "corpus-record"
#include "fuzz/fuzz-main.h"
#include "fuzz/fuzz-source.h"

#include "record/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_run r;
	const struct input in = { .read = fuzz_read, .ctx = &r, .name = "f" };
	const struct consumer c = { .ctx = &r, .judge = fuzz_judge, .emit = fuzz_emit };
	struct source *s;
	struct lines l;

	fuzz_start(&r, data, size);
	lines_init(&l, &in);
	s = record_reader_new(&l, fuzz_say, NULL);
	if (s) {
		s->run(s, &c);
		s->free(s);
	}
	lines_free(&l);
	fuzz_end(&r);
	return 0;
}
