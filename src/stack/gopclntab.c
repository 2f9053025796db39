// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Go's pclntab, of 1.16 to 1.17, 1.18 to 1.19, and since 1.20: src/runtime/symtab.go (pcHeader, funcInfo, pcvalue),
 * src/debug/gosym/pclntab.go; inlined functions: inlinedCall, funcdata; "Go 1.2 Runtime Symbol Information" for the idea.  In the machine's byte order.
 */
#include "config.h"

#include "stack/gopclntab.h"

#include <string.h>

enum { VALUES_MAX = 1 << 20 }; /* steps through one function's lines */

static const uint32_t go_1_16 = 0xfffffffa, go_1_18 = 0xfffffff0, go_1_20 = 0xfffffff1;

/* n bytes at off, as a number; 0 where the table has none there. */
static uint64_t number(const struct gopclntab *t, uint64_t off, unsigned int n)
{
	uint64_t v = 0;

	if (off < t->len && n <= t->len - off)
		memcpy(&v, t->p + off, n); /* little endian */
	return v;
}

static const char *string(const struct gopclntab *t, uint64_t off)
{
	if (off >= t->len || !memchr(t->p + off, 0, t->len - off))
		return NULL;
	return (const char *)t->p + off;
}

bool gopclntab_has_addresses(const struct gopclntab *t)
{
	return t->version == go_1_16;
}

bool gopclntab_since_1_20(const struct gopclntab *t)
{
	return t->version == go_1_20;
}

bool gopclntab_init(struct gopclntab *t, const void *p, size_t len, uint64_t text)
{
	uint64_t at[9];
	unsigned int n = 0;

	*t = (struct gopclntab){ .p = p, .len = len };
	t->version = (unsigned int)number(t, 0, 4);
	t->quantum = (unsigned int)number(t, 6, 1);
	t->word = (unsigned int)number(t, 7, 1);
	if ((t->version != go_1_16 && t->version != go_1_18 && t->version != go_1_20) ||
	    (t->word != 4 && t->word != 8)) {
		t->p = NULL;
		return false;
	}
	for (unsigned int i = 0; i < 8; i++)
		at[i] = number(t, 8 + (uint64_t)i * t->word, t->word);
	t->nfunc = at[n++];
	n++; /* the number of files */
	if (t->version != go_1_16)
		t->text = at[n++];
	/* Relocated in position-independent programs: the file has none. */
	if (!t->text)
		t->text = text;
	t->names = at[n++];
	t->units = at[n++];
	t->files = at[n++];
	t->values = at[n++];
	t->functions = at[n];
	return true;
}

/* The i-th function's pc, and where it is described. */
static uint64_t entry_of(const struct gopclntab *t, uint64_t i, uint64_t *described)
{
	unsigned int size = t->version == go_1_16 ? t->word : 4;
	uint64_t at = t->functions + i * 2 * size;

	if (described)
		*described = t->functions + number(t, at + size, size);
	return number(t, at, size) + (t->version == go_1_16 ? 0 : t->text);
}

static uint64_t varint(const struct gopclntab *t, uint64_t *at)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 35; shift += 7) {
		uint64_t byte = number(t, (*at)++, 1);

		v |= (byte & 127) << shift;
		if (byte < 128)
			break;
	}
	return v;
}

/* A table of a function: pairs of how much the value changes, and for how many bytes of code it holds. */
static int64_t value_at(const struct gopclntab *t, uint64_t off, uint64_t entry, uint64_t pc)
{
	uint64_t at = t->values + off;
	int64_t value = -1;

	for (unsigned int i = 0; off && i < VALUES_MAX && at < t->len; i++) {
		uint64_t change = varint(t, &at);

		if (!change && i)
			break;
		value += (int64_t)(change >> 1) ^ -(int64_t)(change & 1);
		entry += varint(t, &at) * t->quantum;
		if (pc < entry)
			return value;
	}
	return -1;
}

/*
 * Behind a function's description, f without its entry, stand where its tables are, npcdata of them, then its data:
 * the third table has numbers of inlined calls, the fourth data has the calls.
 */
static void put_inlined(const struct gopclntab *t, uint64_t f, uint64_t pc, struct go_place *place)
{
	bool new = gopclntab_since_1_20(t);
	unsigned int size = new ? 16 : 20, word = gopclntab_has_addresses(t) ? t->word : 4;
	uint64_t tables = f + (new ? 40 : 36), data, at, name = 0;
	uint64_t npcdata = number(t, f + 24, 4), ndata = number(t, tables - 1, 1);
	int64_t call;
	int32_t caller;

	if (!t->data.p || npcdata < 3 || ndata < 4)
		return;
	call = value_at(t, number(t, tables + 8, 4), place->entry, pc);
	data = tables + 4 * npcdata;
	data = number(t, (data + word - 1) / word * word + (uint64_t)3 * word, word);
	at = t->data.base + data - t->data.addr + (uint64_t)call * size;
	if (call < 0 || (word == 4 && data == UINT32_MAX) || at > t->data.len ||
	    size > t->data.len - at)
		return;
	memcpy(&name, t->data.p + at + (new ? 4 : 12), 4);
	memcpy(&caller, t->data.p + at + (new ? 8 : 16), 4);
	if (caller < 0)
		return;
	place->inlined = string(t, t->names + name);
	place->caller = place->entry + (uint32_t)caller;
}

bool gopclntab_find(const struct gopclntab *t, uint64_t pc, struct go_place *place)
{
	uint64_t lo = 0, hi = t->nfunc, f;
	unsigned int word = t->version == go_1_16 ? t->word : 4;

	if (!t->p || hi > t->len / 8 || pc < entry_of(t, 0, NULL) || pc >= entry_of(t, hi, NULL))
		return false;
	while (hi - lo > 1) { /* the last that starts at pc or before */
		uint64_t mid = (lo + hi) / 2;

		if (entry_of(t, mid, NULL) <= pc)
			lo = mid;
		else
			hi = mid;
	}
	memset(place, 0, sizeof(*place));
	place->entry = entry_of(t, lo, &f);
	/* entry, name, args, deferreturn, pcsp, pcfile, pcln, npcdata, unit: all but the first of 4 bytes */
	f += word;
	place->function = string(t, t->names + number(t, f, 4));
	if (!place->function || !place->function[0])
		return false;

	int64_t file = value_at(t, number(t, f + 16, 4), place->entry, pc);
	int64_t line = value_at(t, number(t, f + 20, 4), place->entry, pc);
	uint64_t unit = number(t, f + 28, 4);

	if (file >= 0 && line > 0) {
		uint64_t name = number(t, t->units + (unit + (uint64_t)file) * 4, 4);

		place->file = name == UINT32_MAX ? NULL : string(t, t->files + name);
		place->line = (uint32_t)line;
	}
	put_inlined(t, f, pc, place);
	return true;
}
