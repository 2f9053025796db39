// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: no table of Go's functions makes its reader misbehave, or take long.
 *
 * Input: the table.  Looked for are the ends of its range, what its functions' entries may be, and random places.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define FUZZ_CORPUS "corpus-gopclntab"
#include "fuzz/fuzz-main.h"

#include "stack/gopclntab.h"

static void find(const struct gopclntab *t, uint64_t pc)
{
	struct go_place place;

	if (!gopclntab_find(t, pc, &place))
		return;
	/* strings end inside the table */
	if (!place.function[0] ||
	    (const unsigned char *)place.function + strlen(place.function) >= t->p + t->len)
		abort();
	if (place.inlined &&
	    (const unsigned char *)place.inlined + strlen(place.inlined) >= t->p + t->len)
		abort();
	if (place.file && (const unsigned char *)place.file + strlen(place.file) >= t->p + t->len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t texts[] = { 0, 0x400000, UINT64_MAX - 16 };
	/* a copy of its own, so that one byte too far is seen */
	unsigned char *copy = malloc(size ? size : 1);
	struct gopclntab t;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!gopclntab_init(&t, copy, size, texts[i]))
			continue;
		/* What describes inlined functions is anything, too. */
		t.data = (struct go_data){ copy, size, texts[i], texts[i] };
		for (uint64_t pc = 0; pc < 64; pc += 7) {
			find(&t, texts[i] + pc);
			find(&t, t.text + pc * 16);
		}
		find(&t, UINT64_MAX);
	}
	free(copy);
	return 0;
}
