// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One walk over a stopped task's stack: the two ways to find a caller.
 *
 * Call frame information is evaluated by libunwind; its accessors are ours, so that a stack costs a read or
 * two instead of one PTRACE_PEEKDATA a word.  Code without it (Go, what a JIT compiler wrote) is walked
 * by frame pointers: a function that keeps none hides its caller there.
 */
#include "config.h"

#include "stack/unwind-walk.h"

#include <string.h>

#include "base/alloc.h"
#include "stack/unwind-dwarf.h"

enum {
	FP_SPAN_MAX = 1 << 20, /* a larger frame is no frame, but another stack */
	SWITCHES_MAX =
		8, /* from one stack to another: Go runs C on its thread's, goroutines on theirs */
	/* Of one walk: some hundred are usual, a function of a MB may take 10,000. */
	ACCESSES_MAX = 1 << 18,
	RULES = 1024, /* entries of libunwind's cache; its own default is 128 */
};

/* libunwind's own search through an .eh_frame_hdr table; exported for perf and its like. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t as, unw_word_t ip,
					      unw_dyn_info_t *di, unw_proc_info_t *pi,
					      int need_unwind_info, void *arg);

/* --- call frame information, by libunwind --- */

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *pi, int need,
			  void *arg)
{
	struct walk *w = arg;
	const struct unwind_map *map;
	const struct unwind_image *im = walk_image(w, ip, &map);
	int ret = -UNW_ENOINFO;

	if (im && im->eh_frame_hdr) {
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

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *addr, void *arg)
{
	(void)as;
	(void)addr;
	(void)arg;
	return -UNW_ENOINFO;
}

/* libunwind reads tables a byte each time, and nothing but us ends an expression that jumps back to its beginning. */
static int access_mem(unw_addr_space_t as, unw_word_t addr, unw_word_t *v, int write, void *arg)
{
	struct walk *w = arg;

	(void)as;
	if (write || w->accesses >= ACCESSES_MAX)
		return -UNW_EINVAL;
	w->accesses++;
	return walk_read(w, addr, v, sizeof(*v)) ? 0 : -UNW_EINVAL;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *v, int write, void *arg)
{
	struct walk *w = arg;

	(void)as;
	if (write || reg < 0 || reg >= ARCH_REGS)
		return -UNW_EBADREG;
	*v = w->reg.v[reg];
	walk_used(w, (unsigned int)reg);
	return 0;
}

/* What libunwind calls for a walk; the rest is for those who ask for names or go on there. */
static unw_accessors_t accessors = {
	.find_proc_info = find_proc_info,
	.get_dyn_info_list_addr = get_dyn_info_list_addr,
	.access_mem = access_mem,
	.access_reg = access_reg,
};

static bool start_cursor(struct walk *w, unw_cursor_t *c)
{
	struct space *s = w->space;

	if (!s->as) {
		s->as = unw_create_addr_space(&accessors, 0);
		if (!s->as)
			alloc_failed();
		unw_set_caching_policy(s->as, UNW_CACHE_GLOBAL);
		unw_set_cache_size(s->as, RULES, 0);
	}
	return unw_init_remote(c, s->as, w) >= 0;
}

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
	w->frame[w->n].by = (struct walk_point){ w->reads->n, w->used };
	w->frame[w->n++].exact = exact;
	return true;
}

/* Frame for frame from w->reg on. True: it ended for want of call frame information at w->reg. */
static bool walk_by_cfi(struct walk *w, bool exact)
{
	unw_cursor_t c;

	if (!start_cursor(w, &c))
		return walk_add(w, exact);
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

static bool behind_call(struct walk *w, uint64_t pc)
{
	unsigned char code[ARCH_CODE];

	return walk_code(w, pc) && walk_read(w, pc - sizeof(code), code, sizeof(code)) &&
	       arch_native->calls(code);
}

/* A return address directly at sp: an assembly function that made no frame (Go's Syscall6). */
static bool return_at_sp(struct walk *w, uint64_t *pc)
{
	return walk_read_word(w, w->reg.v[arch_native->sp], pc) && behind_call(w, *pc);
}

/* Innermost frames that have no frame of their own. */
static bool leave_leaf(struct walk *w)
{
	const struct arch *a = arch_native;
	uint64_t pc;

	if (w->n != 1)
		return false;
	if (!a->lr) {
		if (!return_at_sp(w, &pc))
			return false;
		w->reg.v[a->sp] += w->reg.word;
	} else {
		pc = w->reg.v[a->lr];
		walk_used(w, a->lr);
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
	/* 0 ends the chain. */
	if (!fp || fp % w->reg.word || !walk_read_word(w, at_next, &next) ||
	    !walk_read_word(w, at_pc, &pc) || !walk_code(w, pc))
		return false;
	/* It goes upwards, or into another stack, where it has to prove more. */
	if ((fp < sp || fp - sp > FP_SPAN_MAX) &&
	    (w->switches++ >= SWITCHES_MAX || !behind_call(w, pc)))
		return false;
	w->reg.v[arch_native->sp] = at_pc + w->reg.word;
	w->reg.v[arch_native->fp] = next;
	w->reg.v[arch_native->pc] = pc;
	return true;
}

/* --- the walk --- */

/* True where w->reg is the caller's now: by the tables of its file, else by frame pointers. */
static bool walk_up(struct walk *w, bool *exact)
{
	enum dwarf_step s = dwarf_step(w, exact);

	if (s != DWARF_NONE)
		return s == DWARF_STEP;
	*exact = false;
	return walk_by_fp(w);
}

/* From one kind of code into the other and back; each round adds a frame or ends. */
void walk_run(struct walk *w)
{
	const struct unwind_map *map;
	bool exact = true;

	w->base = w->reg.v[arch_native->sp];
	do {
		const struct unwind_image *im =
			w->reg.word == 8 ? walk_image(w, w->reg.v[arch_native->pc], &map) : NULL;

		if (im && im->eh_frame_hdr) {
			if (!walk_by_cfi(w, exact))
				return;
			exact = w->n == 1;
		} else if (!walk_add(w, exact)) {
			return;
		}
	} while (walk_up(w, &exact));
}
