// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stacks of tasks: walked to addresses, and these named; the two know nothing of each other. */
#include "config.h"

#include "stack/unwind.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "stack/marks.h"
#include "stack/names.h"
#include "stack/unwind-walk.h"

enum { KNOWN_MAX = 256 };

/* A process: what walking and what naming keep of it. */
struct known {
	struct space space;
	struct names names;
	struct marks marks;
	uint64_t generation; /* of space, that names are of */
	uint64_t code;       /* the same number: the same code is mapped, of all processes */
};

/* What the last walk looked at. */
struct last {
	const struct event *ev;
	struct registers reg;
	struct walk_reads reads;
	unsigned int n;
	struct walk_point by[WALK_FRAMES],
		end; /* of its frames, and of all with the interpreter's */
};

struct unwinder {
	struct map known; /* tgid -> struct known */
	uint64_t codes;
	struct last last;
	unsigned char *stack; /* WALK_STACK bytes, most of which no walk touches */
};

static void known_free(struct known *k)
{
	names_clear(&k->names);
	marks_clear(&k->marks);
	space_free(&k->space);
	alloc_free(k);
}

static void drop_known(struct unwinder *u)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&u->known, &i));)
		known_free(s->value);
	map_free(&u->known);
	memset(&u->known, 0, sizeof(u->known));
}

static struct known *known_of(struct unwinder *u, int tgid)
{
	struct known *k = map_get(&u->known, (uint64_t)tgid);

	if (k)
		return k;
	if (u->known.n >= KNOWN_MAX)
		drop_known(u);
	k = alloc_zeroed(1, sizeof(*k));
	map_put(&u->known, (uint64_t)tgid, k);
	return k;
}

/* Names and shapes of code that is no longer mapped are forgotten before they are used. */
static void renew(struct unwinder *u, struct known *k)
{
	if (k->code && k->generation == k->space.generation)
		return;
	names_clear(&k->names);
	marks_clear(&k->marks);
	k->generation = k->space.generation;
	k->code = ++u->codes;
}

/* Memory whose reads are noted. */
struct noting {
	struct memory memory; /* first */
	const struct memory *of;
	struct walk_reads *reads;
};

static ssize_t noting_readv(const struct memory *m, void *to, const struct iovec *remote,
			    unsigned int n)
{
	const struct noting *y = (const struct noting *)m;
	ssize_t got = y->of->readv(y->of, to, remote, n);
	size_t want = 0;

	for (unsigned int i = 0; i < n; i++)
		want += remote[i].iov_len;
	for (unsigned int i = 0; i < n; i++)
		walk_note(y->reads, (uintptr_t)remote[i].iov_base, remote[i].iov_len,
			  got == (ssize_t)want);
	return got;
}

static bool noting_taken(const struct memory *m, uint64_t addr, size_t len)
{
	const struct memory *of = ((const struct noting *)m)->of;

	return of->taken && of->taken(of, addr, len);
}

static int unwind_walk(struct unwinder *u, struct event *ev, const struct registers *reg,
		       const struct memory *mem)
{
	struct known *k = known_of(u, ev->tgid);
	struct walk w = {
		.tid = ev->tid,
		.space = &k->space,
		.mem = mem,
		.reg = *reg,
		.stack = u->stack,
		.reads = &u->last.reads,
	};
	struct noting noting = {
		.memory = { .readv = noting_readv, .late = mem->late, .taken = noting_taken },
		.of = mem,
		.reads = &u->last.reads
	};

	u->last.ev = NULL;
	u->last.reads.n = 0;

	if (!space_ready(&k->space, ev->tid))
		return -ESRCH;
	walk_run(&w);
	renew(u, k);
	names_put(&k->names, &k->space.maps, &noting.memory, w.frame, w.n, ev);
	u->last.ev = ev;
	u->last.reg = *reg;
	u->last.n = w.n;
	for (unsigned int i = 0; i < w.n; i++)
		u->last.by[i] = w.frame[i].by;
	u->last.end = (struct walk_point){ u->last.reads.n, w.used };
	return 0;
}

static int unwind_needs(struct unwinder *u, int tgid, int tid, const struct registers *reg,
			const struct memory *mem, struct stack_needs *to)
{
	struct known *k = known_of(u, tgid);
	struct walk w = {
		.tid = tid,
		.space = &k->space,
		.mem = mem,
		.reg = *reg,
		.stack = u->stack,
		.reads = &u->last.reads,
	};

	u->last.ev = NULL;
	u->last.reads.n = 0;
	if (!space_ready(&k->space, tid))
		return -ESRCH;
	walk_run(&w);
	if (u->last.reads.n > WALK_READS)
		return -E2BIG;
	*to = (struct stack_needs){ w.used, u->last.reads.n, u->last.reads.at };
	return 0;
}

static bool unwind_python(struct unwinder *u, int tgid, const struct memory *mem,
			  struct python_chain *to)
{
	struct known *k = known_of(u, tgid);

	return space_ready(&k->space, tgid) && names_python(&k->space.maps, tgid, mem, to);
}

static uint64_t unwind_number(struct unwinder *u, const struct event *ev, unsigned int n,
			      const struct memory *mem)
{
	struct known *k = map_get(&u->known, (uint64_t)ev->tgid);
	const struct last *l = &u->last;
	const struct walk_point *by = &l->end;

	if (!k || l->ev != ev)
		return 0;
	/* The interpreter's frames, which have no pc, took what was read behind the walk. */
	if (n && n < ev->stack.n && n <= l->n && ev->stack.frames[n - 1].pc)
		by = &l->by[n - 1];
	for (unsigned int i = 0; i < n && i < ev->stack.n; i++)
		if (!ev->stack.frames[i].pc)
			by = &l->end;
	return marks_of(&k->marks, &l->reg, &l->reads, by, k->code, mem);
}

static uint64_t unwind_guess(struct unwinder *u, const struct event *ev,
			     const struct registers *reg, const struct memory *mem, unsigned int k)
{
	struct known *known = map_get(&u->known, (uint64_t)ev->tgid);

	if (!known || !space_ready(&known->space, ev->tid))
		return 0;
	renew(u, known);
	return marks_guess(&known->marks, reg, known->code, mem, k);
}

static void unwind_lines(struct unwinder *u, struct event *ev)
{
	struct known *k = map_get(&u->known, (uint64_t)ev->tgid);

	if (k)
		names_lines(&k->names, ev);
}

static struct unwinder *unwind_new(void)
{
	struct unwinder *u = alloc_zeroed(1, sizeof(*u));

	u->stack = alloc_bytes(WALK_STACK);
	return u;
}

static void unwind_changed(struct unwinder *u, int tgid)
{
	struct known *k = map_get(&u->known, (uint64_t)tgid);

	if (k) {
		k->space.stale = true;
		k->space.misses = k->space.wait = 0;
	}
}

static void unwind_gone(struct unwinder *u, int tgid)
{
	struct known *k = map_remove(&u->known, (uint64_t)tgid);

	if (k)
		known_free(k);
}

static void unwind_free(struct unwinder *u)
{
	if (!u)
		return;
	drop_known(u);
	elf_files_free();
	alloc_free(u->stack);
	alloc_free(u);
}

const struct unwind_ops unwind_libunwind = {
	.name = "libunwind",
	.new = unwind_new,
	.walk = unwind_walk,
	.needs = unwind_needs,
	.python = unwind_python,
	.number = unwind_number,
	.guess = unwind_guess,
	.lines = unwind_lines,
	.changed = unwind_changed,
	.gone = unwind_gone,
	.free = unwind_free,
};
