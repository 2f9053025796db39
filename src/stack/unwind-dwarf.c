// SPDX-License-Identifier: LGPL-2.1-or-later
/* Call frame information of 32-bit programs: DWARF 5, 6.4. */
#include "config.h"

#include "stack/unwind-dwarf.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { REGS_MAX = 16 };

struct regs32 {
	struct walk *w;
	uint32_t v[REGS_MAX], cfa;
};

/*
 * An expression's value, as compilers write them: each operation takes what the one before left.  A linker's PLT
 * has others, but waits for nothing.
 */
static bool evaluate(const struct regs32 *r, const Dwarf_Op *op, size_t n, uint32_t *v)
{
	uint64_t word;

	for (size_t i = 0; i < n; i++, op++) {
		if (!i && op->atom >= DW_OP_breg0 && op->atom < DW_OP_breg0 + REGS_MAX)
			*v = r->v[op->atom - DW_OP_breg0] + (uint32_t)op->number;
		else if (!i && op->atom == DW_OP_bregx && op->number < REGS_MAX)
			*v = r->v[op->number] + (uint32_t)op->number2;
		else if (!i && op->atom == DW_OP_call_frame_cfa)
			*v = r->cfa;
		else if (i && op->atom == DW_OP_plus_uconst)
			*v += (uint32_t)op->number;
		else if (i && op->atom == DW_OP_deref && walk_read_word(r->w, *v, &word))
			*v = (uint32_t)word;
		else
			return false;
	}
	return n;
}

/* A register as the caller had it; false where that is not known. */
static bool caller_reg(const struct regs32 *r, Dwarf_Frame *frame, int reg, uint32_t *v)
{
	Dwarf_Op mem[3], *ops;
	size_t n;
	uint64_t word;

	if (dwarf_frame_register(frame, reg, mem, &ops, &n) < 0)
		return false;
	if (!n) {
		*v = r->v[reg];
		return ops != mem; /* else undefined */
	}
	if (!evaluate(r, ops, n, v) || !walk_read_word(r->w, *v, &word))
		return false;
	*v = (uint32_t)word;
	return true;
}

static enum dwarf_step step(struct walk *w, Dwarf_Frame *frame, bool *exact)
{
	const struct arch *a = arch_native;
	struct regs32 r = { .w = w };
	uint32_t caller[REGS_MAX] = { 0 };
	Dwarf_Op *ops;
	size_t n;
	Dwarf_Addr start, end;
	int pc = (int)a->nregs32 - 1;

	for (unsigned int i = 0; i < a->nregs32; i++)
		r.v[i] = (uint32_t)w->reg.v[a->regs32[i]];
	if (dwarf_frame_info(frame, &start, &end, exact) != pc ||
	    dwarf_frame_cfa(frame, &ops, &n) < 0 || !evaluate(&r, ops, n, &r.cfa))
		return DWARF_NONE;
	if (!caller_reg(&r, frame, pc, &caller[pc]) || !caller[pc])
		return DWARF_FIRST;
	/* A lost one stays 0: if it matters the walk ends there. */
	for (int i = 0; i < pc; i++) {
		if (!caller_reg(&r, frame, i, &caller[i]))
			caller[i] = a->regs32[i] == a->sp ? r.cfa : 0;
	}
	for (int i = 0; i <= pc; i++)
		w->reg.v[a->regs32[i]] = caller[i];
	return DWARF_STEP;
}

enum dwarf_step dwarf_step(struct walk *w, bool *exact)
{
	uint64_t pc = w->reg.v[arch_native->pc] - !*exact;
	const struct unwind_map *map;
	struct unwind_image *im = walk_image(w, pc, &map);
	struct elf_file *f = im ? unwind_image_file(im, map, w->tid, w->mem) : NULL;
	Dwarf_Frame *frame;

	if (!f || !elf_file_cfi32(f) ||
	    dwarf_cfi_addrframe(elf_file_cfi32(f), pc - im->bias, &frame) < 0)
		return DWARF_NONE;

	enum dwarf_step s = step(w, frame, exact);

	free(frame);
	return s;
}
