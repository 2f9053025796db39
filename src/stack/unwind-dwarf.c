// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Call frame information of i386 programs: DWARF 5, 6.4; register numbers of the i386 psABI, table 2.14.
 * Opens files of traced processes and reads the tracee's stack.
 */
#include "config.h"

#include "stack/unwind-dwarf.h"

#include "stack/open.h"
#include "stack/unwind-walk.h"

#if defined(HAVE_LIBDW) && defined(__x86_64__)

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

struct dwarf_file {
	Elf *elf;
	Dwarf_CFI *cfi;
};

enum {
	REGS32 = 9, /* eax … edi and eip */
	ESP = 4,
	DEPTH = 16, /* of an expression's stack; compilers need 4 */
	OPS_MAX = 64,
};

/* DWARF's numbers for i386 -> where a walk keeps them. */
static const unsigned char reg_place[REGS32] = {
	UNW_X86_64_RAX, UNW_X86_64_RCX, UNW_X86_64_RDX, UNW_X86_64_RBX, UNW_X86_64_RSP,
	UNW_X86_64_RBP, UNW_X86_64_RSI, UNW_X86_64_RDI, UNW_X86_64_RIP,
};

/* The unwind tables of a mapped file, looked for once; without cfi where it has none. */
static const struct dwarf_file *file_of(struct walk *w, const struct unwind_map *map)
{
	struct dwarf_file *f = map_get(&w->space->cfi32, map->image);
	int fd;

	if (f)
		return f;
	f = alloc_zeroed(1, sizeof(*f));
	map_put(&w->space->cfi32, map->image, f);
	fd = open_mapped(w->tid, map->path);
	if (fd < 0)
		return f;
	elf_version(EV_CURRENT);
	/* Read, not mapped: the file may be truncated while we use it. */
	f->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (f->elf && elf_cntl(f->elf, ELF_C_FDREAD) == 0)
		f->cfi = dwarf_getcfi_elf(f->elf);
	close(fd);
	return f;
}

void dwarf_files_close(struct map *files)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(files, &i));) {
		struct dwarf_file *f = s->value;

		dwarf_cfi_end(f->cfi);
		elf_end(f->elf);
		alloc_free(f);
	}
	map_free(files);
	memset(files, 0, sizeof(*files));
}

struct machine {
	struct walk *w;
	uint32_t reg[REGS32];
	uint32_t cfa;
	uint32_t stack[DEPTH];
	unsigned int n;
};

static bool push(struct machine *m, uint64_t v)
{
	if (m->n == DEPTH)
		return false;
	m->stack[m->n++] = (uint32_t)v;
	return true;
}

static bool binary(struct machine *m, unsigned int atom)
{
	if (m->n < 2)
		return false;

	uint32_t b = m->stack[--m->n], *a = &m->stack[m->n - 1];

	switch (atom) {
	case DW_OP_plus:
		*a += b;
		return true;
	case DW_OP_minus:
		*a -= b;
		return true;
	case DW_OP_and:
		*a &= b;
		return true;
	case DW_OP_shl:
		*a = b < 32 ? *a << b : 0;
		return true;
	case DW_OP_ge:
		*a = (int32_t)*a >= (int32_t)b;
		return true;
	default:
		return false;
	}
}

static bool push_reg(struct machine *m, uint64_t reg, uint64_t off)
{
	return reg < REGS32 && push(m, m->reg[reg] + off);
}

/* The operations that compilers and linkers write into call frame information. */
static bool one_op(struct machine *m, const Dwarf_Op *op)
{
	uint64_t v;

	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_reg(m, op->atom - DW_OP_breg0, op->number);
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(m, op->atom - DW_OP_lit0);
	switch (op->atom) {
	case DW_OP_bregx:
		return push_reg(m, op->number, op->number2);
	case DW_OP_call_frame_cfa:
		return push(m, m->cfa);
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_constu:
	case DW_OP_consts:
		return push(m, op->number);
	case DW_OP_plus_uconst:
		if (!m->n)
			return false;
		m->stack[m->n - 1] += (uint32_t)op->number;
		return true;
	case DW_OP_deref:
		if (!m->n || !walk_read_word(m->w, m->stack[m->n - 1], &v))
			return false;
		m->stack[m->n - 1] = (uint32_t)v;
		return true;
	default:
		return binary(m, op->atom);
	}
}

/* An expression's value; *location: it is the address of what is looked for. */
static bool evaluate(struct machine *m, const Dwarf_Op *ops, size_t n, uint32_t *v, bool *location)
{
	m->n = 0;
	*location = true;
	if (n > OPS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (ops[i].atom == DW_OP_stack_value)
			*location = false;
		else if (!one_op(m, &ops[i]))
			return false;
	}
	if (!m->n)
		return false;
	*v = m->stack[m->n - 1];
	return true;
}

/* A register as the caller had it; false where that is not known. */
static bool caller_reg(struct machine *m, Dwarf_Frame *frame, int reg, uint32_t *v)
{
	Dwarf_Op mem[3], *ops;
	size_t n;
	bool location;
	uint64_t word;

	if (dwarf_frame_register(frame, reg, mem, &ops, &n) < 0)
		return false;
	if (!n) {
		*v = m->reg[reg];
		return ops != mem; /* else undefined */
	}
	if (!evaluate(m, ops, n, v, &location))
		return false;
	if (!location)
		return true;
	if (!walk_read_word(m->w, *v, &word))
		return false;
	*v = (uint32_t)word;
	return true;
}

static enum dwarf_step step(struct walk *w, Dwarf_Frame *frame, bool *exact)
{
	struct machine m = { .w = w };
	uint32_t caller[REGS32] = { 0 };
	Dwarf_Op *ops;
	size_t n;
	bool location, signal = false;
	Dwarf_Addr start, end;
	int ra = dwarf_frame_info(frame, &start, &end, &signal);

	if (ra < 0 || ra >= REGS32 || dwarf_frame_cfa(frame, &ops, &n) < 0 || !n)
		return DWARF_NONE;
	for (int i = 0; i < REGS32; i++)
		m.reg[i] = (uint32_t)w->reg.v[reg_place[i]];
	if (!evaluate(&m, ops, n, &m.cfa, &location))
		return DWARF_NONE;
	if (!caller_reg(&m, frame, ra, &caller[REGS32 - 1]) || !caller[REGS32 - 1])
		return DWARF_FIRST;
	/* A lost one stays 0: if it matters the walk ends there. */
	for (int i = 0; i < REGS32 - 1; i++) {
		if (!caller_reg(&m, frame, i, &caller[i]))
			caller[i] = i == ESP ? m.cfa : 0;
	}
	for (int i = 0; i < REGS32; i++)
		w->reg.v[reg_place[i]] = caller[i];
	*exact = signal;
	return DWARF_STEP;
}

enum dwarf_step dwarf_step(struct walk *w, bool *exact)
{
	uint64_t pc = w->reg.v[arch_native->pc] - !*exact;
	const struct unwind_map *map = walk_code(w, pc);
	struct unwind_image *im = map ? unwind_maps_image(&w->space->maps, map, w->mem) : NULL;
	Dwarf_Frame *frame;

	const struct dwarf_file *f;

	if (!im || !map->inode)
		return DWARF_NONE;
	f = file_of(w, map);
	if (!f->cfi || dwarf_cfi_addrframe(f->cfi, pc - im->bias, &frame) < 0)
		return DWARF_NONE;

	enum dwarf_step s = step(w, frame, exact);

	free(frame);
	return s;
}

#else

void dwarf_files_close(struct map *files)
{
	(void)files;
}

enum dwarf_step dwarf_step(struct walk *w, bool *exact)
{
	(void)w;
	(void)exact;
	return DWARF_NONE;
}

#endif
