// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: no log of strace makes its reader, the rules or an output misbehave. */
#include "config.h"

#define FUZZ_CORPUS "corpus-strace"
#include "fuzz/fuzz-main.h"
#include "fuzz/fuzz-source.h"

#include "base/utf16.h"
#include "strace/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
		s->run(s, &c);
		s->free(s);
	}
	lines_free(&l);
	fuzz_end(&r);
	return 0;
}
