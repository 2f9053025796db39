// SPDX-License-Identifier: LGPL-2.1-or-later
/* Call frame information: DWARF 5, 6.4. */
#include "config.h"

#include "stack/unwind-dwarf.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { REGS_MAX = ARCH_REGS };

struct regs {
	struct walk *w;
	uint64_t v[REGS_MAX], cfa;
};

/* Where the walk has the n-th register by DWARF's numbers; libunwind's are the same. */
static unsigned int place_of(const struct walk *w, unsigned int n)
{
	return w->reg.word == 4 ? arch_native->regs32[n] : n;
}

static uint64_t use(const struct regs *r, unsigned int n)
{
	walk_used(r->w, place_of(r->w, n));
	return r->v[n];
}

/*
 * An expression's value, as compilers write them: each operation takes what the one before left.  A linker's PLT
 * has others, but waits for nothing.
 */
static bool evaluate(const struct regs *r, const Dwarf_Op *op, size_t n, uint64_t *v)
{
	for (size_t i = 0; i < n; i++, op++) {
		if (!i && op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
			*v = use(r, op->atom - DW_OP_breg0) + op->number;
		else if (!i && op->atom == DW_OP_bregx && op->number < REGS_MAX)
			*v = use(r, (unsigned int)op->number) + op->number2;
		else if (!i && op->atom == DW_OP_call_frame_cfa)
			*v = r->cfa;
		else if (i && op->atom == DW_OP_plus_uconst)
			*v += op->number;
		else if (!i || op->atom != DW_OP_deref || !walk_read_word(r->w, *v, v))
			return false;
		if (r->w->reg.word == 4)
			*v = (uint32_t)*v;
	}
	return n;
}

/* A register as the caller had it; false where that is not known. */
static bool caller_reg(const struct regs *r, Dwarf_Frame *frame, int reg, uint64_t *v)
{
	Dwarf_Op mem[3], *ops;
	size_t n;

	if (dwarf_frame_register(frame, reg, mem, &ops, &n) < 0)
		return false;
	if (!n) {
		*v = r->v[reg];
		return ops != mem; /* else undefined */
	}
	return evaluate(r, ops, n, v) && walk_read_word(r->w, *v, v);
}

static enum dwarf_step step(struct walk *w, Dwarf_Frame *frame, bool *exact)
{
	const struct arch *a = arch_native;
	struct regs r = { .w = w };
	uint64_t caller[REGS_MAX] = { 0 };
	Dwarf_Op *ops;
	size_t n;
	Dwarf_Addr start, end;
	unsigned int nregs = w->reg.word == 4 ? a->nregs32 : ARCH_REGS;
	int ra = dwarf_frame_info(frame, &start, &end, exact);

	for (unsigned int i = 0; i < nregs; i++)
		r.v[i] = w->reg.v[place_of(w, i)];
	if (ra < 0 || ra >= (int)nregs || dwarf_frame_cfa(frame, &ops, &n) < 0 ||
	    !evaluate(&r, ops, n, &r.cfa))
		return DWARF_NONE;
	/* A lost one stays 0: if it matters the walk ends there. */
	for (unsigned int i = 0; i < nregs; i++) {
		if (!caller_reg(&r, frame, (int)i, &caller[i]))
			caller[i] = place_of(w, i) == a->sp ? r.cfa : 0;
	}
	use(&r, (unsigned int)ra);
	if (!caller[ra])
		return DWARF_FIRST;
	for (unsigned int i = 0; i < nregs; i++)
		w->reg.v[place_of(w, i)] = caller[i];
	w->reg.v[a->pc] = caller[ra];
	return DWARF_STEP;
}

enum dwarf_step dwarf_step(struct walk *w, bool *exact)
{
	uint64_t pc = w->reg.v[arch_native->pc] - !*exact;
	const struct unwind_map *map;
	struct unwind_image *im = walk_image(w, pc, &map);
	struct elf_file *f = im ? unwind_image_file(im, map, w->tid, w->mem) : NULL;
	Dwarf_Frame *frame;

	if (!f || !elf_file_cfi(f) ||
	    dwarf_cfi_addrframe(elf_file_cfi(f), pc - im->bias, &frame) < 0)
		return DWARF_NONE;

	enum dwarf_step s = step(w, frame, exact);

	free(frame);
	return s;
}
