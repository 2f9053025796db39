// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One walk over a stopped task's stack: registers, memory, and the two ways to find a caller.
 *
 * Call frame information is evaluated by libunwind; its accessors are ours, so that a stack costs a read or
 * two instead of one PTRACE_PEEKDATA a word.  Code without it (Go, what a JIT compiler wrote) and
 * i386 programs, which libunwind built for x86-64 can't unwind, are walked by frame pointers: a function
 * that keeps none hides its caller there.
 */
#include "config.h"

#include "stack/unwind-walk.h"

#include <string.h>

#include "base/alloc.h"
#include "stack/unwind-dwarf.h"

enum {
	PAGES_MAX = 512,       /* of one process's unwind tables */
	FP_SPAN_MAX = 1 << 20, /* a larger frame is no frame */
};

/* libunwind's own search through an .eh_frame_hdr table; exported for perf and its like. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t as, unw_word_t ip,
					      unw_dyn_info_t *di, unw_proc_info_t *pi,
					      int need_unwind_info, void *arg);

/* --- memory --- */

/* The snapshot starts at sp and grows by what is asked for. */
static bool read_stack(struct walk *w, uint64_t addr, void *to, size_t len)
{
	if (addr < w->base || addr - w->base > WALK_STACK - len)
		return false;

	size_t end = (size_t)(addr - w->base) + len;

	if (end > w->got) {
		/* To the end of the page behind the one that is needed. */
		size_t want = (size_t)(((w->base + end) | (WALK_PAGE - 1)) + 1 - w->base);

		if (w->stack_end)
			return false;
		want += WALK_PAGE;
		if (want > WALK_STACK)
			want = WALK_STACK;

		ssize_t n = memory_read(w->mem, w->base + w->got, w->stack + w->got, want - w->got);

		if (n > 0)
			w->got += (size_t)n;
		w->stack_end = w->got < want;
		if (end > w->got)
			return false;
	}
	memcpy(to, w->stack + (addr - w->base), len);
	return true;
}

/* Unwind tables are read in pages, and kept until the process maps other code. */
static bool read_table(struct walk *w, uint64_t addr, void *to, size_t len)
{
	struct space *s = w->space;
	uint64_t page = addr / WALK_PAGE;

	if ((addr + len - 1) / WALK_PAGE != page)
		return false;

	unsigned char *p = map_get(&s->pages, page);

	if (!p) {
		const struct unwind_map *map = unwind_maps_find(&s->maps, addr);

		if (!map || map->write || !map->image || s->pages.n >= PAGES_MAX)
			return false;
		p = alloc_bytes(WALK_PAGE);
		if (memory_read(w->mem, page * WALK_PAGE, p, WALK_PAGE) != WALK_PAGE) {
			alloc_free(p);
			return false;
		}
		map_put(&s->pages, page, p);
	}
	memcpy(to, p + addr % WALK_PAGE, len);
	return true;
}

bool walk_read(struct walk *w, uint64_t addr, void *to, size_t len)
{
	return read_stack(w, addr, to, len) || read_table(w, addr, to, len) ||
	       memory_read(w->mem, addr, to, len) == (ssize_t)len;
}

bool walk_read_word(struct walk *w, uint64_t addr, uint64_t *v)
{
	*v = 0; /* 4 bytes fill the lower half: all our machines with i386 tracees are little endian */
	return walk_read(w, addr, v, w->reg.word);
}

/* --- call frame information, by libunwind --- */

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *pi, int need,
			  void *arg)
{
	struct walk *w = arg;
	const struct unwind_image *im = walk_cfi(w, ip);
	int ret = -UNW_ENOINFO;

	if (im) {
		unw_dyn_info_t di = {
			.start_ip = im->lo,
			.end_ip = im->hi,
			.format = UNW_INFO_FORMAT_REMOTE_TABLE,
			.u.rti = {
				.segbase = im->eh_frame_hdr,
				.table_data = im->table,
				.table_len = im->table_len / sizeof(unw_word_t),
			},
		};

		ret = UNW_OBJ(dwarf_search_unwind_table)(as, ip, &di, pi, need, arg);
	}
	if (ret < 0)
		w->no_cfi = true;
	return ret;
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *pi, void *arg)
{
	(void)as;
	(void)pi;
	(void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *addr, void *arg)
{
	(void)as;
	(void)addr;
	(void)arg;
	return -UNW_ENOINFO;
}

static int access_mem(unw_addr_space_t as, unw_word_t addr, unw_word_t *v, int write, void *arg)
{
	(void)as;
	if (write)
		return -UNW_EINVAL;
	return walk_read(arg, addr, v, sizeof(*v)) ? 0 : -UNW_EINVAL;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *v, int write, void *arg)
{
	struct walk *w = arg;

	(void)as;
	if (write || reg < 0 || reg >= ARCH_REGS)
		return -UNW_EBADREG;
	*v = w->reg.v[reg];
	return 0;
}

static int access_fpreg(unw_addr_space_t as, unw_regnum_t reg, unw_fpreg_t *v, int write, void *arg)
{
	(void)as;
	(void)reg;
	(void)v;
	(void)write;
	(void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	(void)as;
	(void)cursor;
	(void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t as, unw_word_t ip, char *name, size_t len,
			 unw_word_t *off, void *arg)
{
	(void)as;
	(void)ip;
	(void)name;
	(void)len;
	(void)off;
	(void)arg;
	return -UNW_ENOINFO;
}

unw_accessors_t unwind_accessors = {
	.find_proc_info = find_proc_info,
	.put_unwind_info = put_unwind_info,
	.get_dyn_info_list_addr = get_dyn_info_list_addr,
	.access_mem = access_mem,
	.access_reg = access_reg,
	.access_fpreg = access_fpreg,
	.resume = resume,
	.get_proc_name = get_proc_name,
};

static bool read_cursor(struct walk *w, unw_cursor_t *c)
{
	unw_word_t pc, sp, fp;

	if (unw_get_reg(c, UNW_REG_IP, &pc) < 0 || unw_get_reg(c, UNW_REG_SP, &sp) < 0)
		return false;
	if (unw_get_reg(c, (unw_regnum_t)arch_native->fp, &fp) < 0)
		fp = 0;
	w->reg.v[arch_native->pc] = pc;
	w->reg.v[arch_native->sp] = sp;
	w->reg.v[arch_native->fp] = fp;
	return true;
}

/* Notes the frame of w->reg; false where the walk ends. */
static bool walk_add(struct walk *w, bool exact)
{
	uint64_t pc = w->reg.v[arch_native->pc], sp = w->reg.v[arch_native->sp];

	if (w->n == WALK_FRAMES)
		return false;
	/* What isn't code is no frame, but the innermost one is told as it is. */
	if (w->n && (!pc || !walk_code(w, pc)))
		return false;
	if (w->n && w->frame[w->n - 1].pc == pc && w->frame[w->n - 1].sp == sp)
		return false;
	w->frame[w->n].pc = pc;
	w->frame[w->n].sp = sp;
	w->frame[w->n++].exact = exact;
	return true;
}

/* Frame for frame from w->reg on. True: it ended for want of call frame information at w->reg. */
static bool walk_by_cfi(struct walk *w)
{
	unw_cursor_t c;
	bool exact = !w->n;

	if (unw_init_remote(&c, w->space->as, w) < 0)
		return !w->n && walk_add(w, true);
	for (;;) {
		if (!read_cursor(w, &c) || !walk_add(w, exact))
			return false;
		w->no_cfi = false;

		int more = unw_step(&c);

		/* libunwind would guess on; our own guess knows more. */
		if (w->no_cfi)
			return true;
		if (more <= 0)
			return false;
		/* The frame that a signal interrupted goes on with the very instruction at pc. */
		exact = unw_is_signal_frame(&c) > 0;
	}
}

/* --- frame pointers --- */

/* A return address directly at sp, behind a call: an assembly function that made no frame (Go's Syscall6). */
static bool return_at_sp(struct walk *w, uint64_t *pc)
{
	unsigned char code[ARCH_CODE];

	return walk_read_word(w, w->reg.v[arch_native->sp], pc) && walk_code(w, *pc) &&
	       walk_read(w, *pc - sizeof(code), code, sizeof(code)) && arch_native->calls(code);
}

/* __kernel_vsyscall pushed fp and more; the task stands behind its system call. */
static bool leave_vsyscall(struct walk *w)
{
	const struct arch *a = arch_native;
	const struct unwind_map *map = walk_code(w, w->reg.v[a->pc]);
	uint64_t sp = w->reg.v[a->sp], fp, pc;

	if (!map || strcmp(map->path, "[vdso]") || !walk_read_word(w, sp, &fp) ||
	    !walk_read_word(w, sp + a->vsyscall_return, &pc) || !walk_code(w, pc))
		return false;
	w->reg.v[a->fp] = fp;
	w->reg.v[a->sp] = sp + a->vsyscall_size;
	w->reg.v[a->pc] = pc;
	return true;
}

/* Innermost frames that have no frame of their own. */
static bool leave_leaf(struct walk *w)
{
	const struct arch *a = arch_native;
	uint64_t pc;

	if (w->n != 1)
		return false;
	if (a->vsyscall_size && w->reg.word == 4)
		return leave_vsyscall(w);
	if (!a->lr) {
		if (!return_at_sp(w, &pc))
			return false;
		w->reg.v[a->sp] += w->reg.word;
	} else {
		pc = w->reg.v[a->lr];
		if (!walk_code(w, pc) || pc == w->reg.v[a->pc])
			return false;
	}
	w->reg.v[a->pc] = pc;
	return true;
}

/* One step: true where w->reg is the caller's now. */
static bool walk_by_fp(struct walk *w)
{
	uint64_t sp = w->reg.v[arch_native->sp], fp = w->reg.v[arch_native->fp], next, pc;
	uint64_t at_next = fp + (uint64_t)(arch_native->next_at * w->reg.word);
	uint64_t at_pc = fp + (uint64_t)(arch_native->return_at * w->reg.word);

	if (leave_leaf(w))
		return true;
	if (!fp || fp % w->reg.word || fp < sp || !walk_read_word(w, at_next, &next) ||
	    !walk_read_word(w, at_pc, &pc) || !walk_code(w, pc))
		return false;
	/* The chain goes upwards; 0 ends it. */
	if (next && (next <= fp || next - fp > FP_SPAN_MAX))
		next = 0;
	w->reg.v[arch_native->sp] = at_pc + w->reg.word;
	w->reg.v[arch_native->fp] = next;
	w->reg.v[arch_native->pc] = pc;
	return true;
}

/* --- the walk --- */

/* From one kind of code into the other and back; each round adds a frame or ends. */
static void walk_native(struct walk *w)
{
	do {
		if (walk_cfi(w, w->reg.v[arch_native->pc])) {
			if (!walk_by_cfi(w))
				return;
		} else if (!walk_add(w, !w->n)) {
			return;
		}
	} while (walk_by_fp(w));
}

static void walk_i386(struct walk *w)
{
	bool exact = true;

	while (walk_add(w, exact)) {
		enum dwarf_step s = dwarf_step(w, &exact);

		if (s == DWARF_FIRST)
			return;
		if (s == DWARF_STEP)
			continue;
		exact = false;
		if (!walk_by_fp(w))
			return;
	}
}

void walk_run(struct walk *w)
{
	w->base = w->reg.v[arch_native->sp];
	if (w->reg.word == 8)
		walk_native(w);
	else
		walk_i386(w);
}
