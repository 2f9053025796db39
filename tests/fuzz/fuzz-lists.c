// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: no suppression file and no baseline makes its reader misbehave. */
#include "config.h"

#include <string.h>

#define FUZZ_CORPUS "corpus-lists"
#include "fuzz/fuzz-main.h"

#include "check/baseline.h"
#include "check/rule.h"
#include "check/suppress.h"

static void say(void *ctx, const char *text)
{
	(void)ctx;
	if (!text[0])
		abort();
}

static void try_suppressions(const struct finding *f, const uint8_t *data, size_t size)
{
	struct suppressions *s = suppress_new();
	struct buf b = { 0 };

	suppress_add(s, "f", (const char *)data, size, say, NULL);
	suppress_find(s, f);
	for (size_t i = 0; suppress_unused(s, &i, &b);)
		buf_clear(&b);
	buf_free(&b);
	suppress_free(s);
}

static void try_baseline(const struct finding *f, const uint8_t *data, size_t size)
{
	struct baseline *base = baseline_new();
	struct buf b = { 0 };

	if (!baseline_read(base, (const char *)data, size)) {
		baseline_has(base, f);
		for (size_t i = 0; baseline_vanished(base, &i, &b);)
			buf_clear(&b);
	}
	buf_free(&b);
	baseline_free(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event ev = { .comm = "server", .fd = -1 };
	struct frame place = { .function = "reply_to(int, char)", .module = "/usr/bin/server" };
	struct finding f = { .rule = rules[0],
			     .event = &ev,
			     .message = "m",
			     .place = &place,
			     .fingerprint = "0123456789abcdef" };

	try_suppressions(&f, data, size);
	try_baseline(&f, data, size);
	return 0;
}
