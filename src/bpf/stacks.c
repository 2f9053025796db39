// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stacks that are known.  A server makes its calls at few places, with the same frames around them: copying 8 KiB each
 * time would be most of what tracing costs it.  Of a beginning (pc, sp) that was seen a few times the stack is
 * walked once; the programs get the words that decided that walk, and its copy is kept here.
 */
#include "config.h"

#include <string.h>
#include <sys/user.h>

#include "arch/arch.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "bpf/state.h"
#include "stack/python.h"
#include "stack/unwind.h"

enum {
	BEGINNINGS = 4096, /* that are counted */
	SEEN = 4,          /* times, before it is walked */
	SHAPES = 8192,     /* at most */
};

/* How often it came with a copy since the last shape of it. */
struct beginning {
	struct rec_beginning b; /* nth: how many shapes it has */
	uint64_t since;         /* CLOCK_MONOTONIC of that shape: what is in the ring is older */
	unsigned int seen;
};

struct shape {
	struct rec_beginning b;
	struct rec_call *rec; /* with registers and stack */
};

void stacks_open(struct watcher *w)
{
	lru_init(&w->beginnings, sizeof(struct beginning), BEGINNINGS);
}

static void shape_free(struct shape *s)
{
	alloc_free(s->rec);
	alloc_free(s);
}

void stacks_close(struct watcher *w)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&w->shapes, &i));)
		shape_free(s->value);
	map_free(&w->shapes);
	lru_free(&w->beginnings);
}

const struct rec_call *stacks_kept(const struct watcher *w, uint64_t number)
{
	const struct shape *s = map_get(&w->shapes, number);

	return s ? s->rec : NULL;
}

static bool has_shapes(const struct watcher *w, int tgid)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&w->shapes, &i));) {
		if (((const struct shape *)s->value)->b.tgid == (uint32_t)tgid)
			return true;
	}
	return false;
}

void stacks_forget(struct watcher *w, int tgid)
{
	struct map rest = { 0 };
	struct map_slot *s;

	if (!has_shapes(w, tgid))
		return;
	for (size_t i = 0; (s = map_next(&w->shapes, &i));) {
		struct shape *shape = s->value;

		if (shape->b.tgid != (uint32_t)tgid) {
			map_put(&rest, s->key, shape);
			continue;
		}
		watcher_no_shape(w, &shape->b);
		shape_free(shape);
	}
	map_free(&w->shapes);
	w->shapes = rest;
}

/* ---- from a copy to a shape ---- */

/* Where the kernel's registers have this one, in bytes: the order of struct registers is another. */
static bool place_of_register(unsigned int reg, uint64_t *at)
{
	uint64_t words[64];
	struct registers r;

	for (unsigned int i = 0; i < 64; i++)
		words[i] = i;
	if (arch_native->registers(&r, words, sizeof(struct user_regs_struct)) || r.v[reg] >= 64)
		return false;
	*at = r.v[reg] * sizeof(uint64_t);
	return true;
}

static bool add_register(struct rec_shape *s, unsigned int reg, uint64_t value)
{
	if (s->nregs >= REC_SHAPE_REGS || !place_of_register(reg, &s->reg[s->nregs].at))
		return false;
	s->reg[s->nregs++].value = value;
	return true;
}

static bool add_word(struct rec_shape *s, uint64_t at, uint64_t value)
{
	for (unsigned int i = 0; i < s->nwords; i++) {
		if (s->word[i].at == at)
			return true;
	}
	if (s->nwords >= REC_SHAPE_WORDS)
		return false;
	s->word[s->nwords++] = (struct rec_word){ at, value };
	return true;
}

/* All words that the walk looked at, where the copy has them; *end: behind the last one. */
static bool add_words(struct rec_shape *s, const struct stack_needs *needs, struct record_memory *m,
		      uint64_t *end)
{
	for (unsigned int i = 0; i < needs->n; i++) {
		uint64_t at = (uintptr_t)needs->at[i].iov_base, value;
		size_t len = needs->at[i].iov_len;

		for (; len >= sizeof(value); at += sizeof(value), len -= sizeof(value)) {
			if (record_read(m, (char *)&value, at, sizeof(value)) != sizeof(value) ||
			    !add_word(s, at, value))
				return false;
			if (at + sizeof(value) > *end)
				*end = at + sizeof(value);
		}
		if (len)
			return false;
	}
	return true;
}

static bool shape_of(struct rec_shape *s, const struct registers *reg,
		     const struct stack_needs *needs, struct record_memory *m, uint64_t *end)
{
	for (unsigned int i = 0; i < ARCH_REGS && i < 64; i++) {
		if (needs->regs >> i & 1 && !add_register(s, i, reg->v[i]))
			return false;
	}
	return add_words(s, needs, m, end);
}

/* The record without its other parts, and without what lies behind end. */
static struct rec_call *keep(const struct rec_call *r, uint64_t end)
{
	const struct rec_part *first = record_registers(r), *p;
	struct rec_part *last;
	struct rec_call *k;
	size_t before;

	p = record_next_part(r, first);
	while (p && end - p->addr > p->len)
		p = record_next_part(r, p);
	if (!p)
		return NULL;
	before = (size_t)((const char *)(p + 1) - (const char *)first);
	k = alloc_zeroed(1, sizeof(*k) + before + p->len);
	*k = *r;
	k->nbytes = (uint32_t)(before + (end - p->addr));
	memcpy(k + 1, first, before + (size_t)(end - p->addr));
	last = (struct rec_part *)(void *)((char *)(k + 1) + before) - 1;
	last->len = (uint32_t)(end - p->addr);
	return k;
}

static void learn(struct watcher *w, struct task *t, struct beginning *b,
		  const struct registers *reg)
{
	struct rec_shape s = {
		.number = w->nshapes + 1,
		.python = ((const struct watched_process *)t->process)->python,
	};
	uint64_t end = b->b.sp;
	struct stack_needs needs;
	struct rec_call *kept;
	struct shape *shape;

	if (live_stack_needs(w->live, t, &needs) || !shape_of(&s, reg, &needs, &w->stack, &end))
		return;
	kept = keep(w->memory.rec, end);
	if (!kept)
		return;
	shape = alloc_zeroed(1, sizeof(*shape));
	shape->b = b->b;
	shape->rec = kept;
	if (watcher_shape(w, &b->b, &s)) {
		shape_free(shape);
		return;
	}
	map_put(&w->shapes, ++w->nshapes, shape);
	b->b.nth++;
	b->since = clock_ns(CLOCK_MONOTONIC);
}

static bool same_beginning(const struct rec_beginning *a, const struct rec_beginning *b)
{
	return a->mm == b->mm && a->pc == b->pc && a->sp == b->sp && a->tgid == b->tgid;
}

void stacks_process(struct watcher *w, struct task *t)
{
	struct watched_process *p = (struct watched_process *)t->process;
	const struct record_memory m = memory_as_it_is(t->process->tgid);
	struct python_chain c;

	p->python = live_python(w->live, t->process->tgid, &m.memory, &c) &&
		    !watcher_interpreter(w, t->process->tgid,
					 &(struct rec_interpreter){
						 .interpreters = c.interpreters,
						 .next_interpreter = c.next_interpreter,
						 .threads = c.threads,
						 .native_id = c.native_id,
						 .previous_thread = c.previous_thread,
						 .next = c.next,
						 .interpreter = c.interpreter,
						 .cframe = c.cframe,
						 .current = c.current,
						 .previous = c.previous,
						 .frame_size = c.frame_size,
					 });
}

/* A command may be gone when its first finding is to have a place: what it maps is looked at while it is there. */
static void look_at_maps(struct watcher *w, struct task *t)
{
	struct watched_process *p = (struct watched_process *)t->process;
	struct stack_needs needs;

	if (p->mapped)
		return;
	p->mapped = true;
	if (w->command.pid)
		live_stack_needs(w->live, t,
				 &needs); /* what it can't find now is looked for again */
	if (!p->python)
		stacks_process(w, t);
}

void stacks_see(struct watcher *w, struct task *t)
{
	const struct rec_call *r = w->memory.rec;
	struct rec_beginning b = { .mm = r->mm, .tgid = r->head.tgid };
	struct registers reg;
	struct beginning *seen;
	uint64_t key;

	if (r->stack || watcher_registers(w, t, &reg) || reg.word != sizeof(uint64_t))
		return;
	look_at_maps(w, t);
	b.pc = reg.v[arch_native->pc];
	b.sp = reg.v[arch_native->sp];
	key = hash_bytes(HASH_START, &b, sizeof(b));
	seen = lru_get(&w->beginnings, key);
	if (!seen) {
		seen = lru_add(&w->beginnings, key);
		seen->b = b;
	}
	if (!same_beginning(&seen->b, &b) || r->head.ns < seen->since || ++seen->seen < SEEN ||
	    seen->b.nth >= REC_SHAPES || w->shapes.n >= SHAPES)
		return;
	seen->seen = 0;
	learn(w, t, seen, &reg);
}
