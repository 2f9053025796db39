// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stacks of tasks: walked to addresses, and these named; the two know nothing of each other. */
#include "config.h"

#include "stack/unwind.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "stack/names.h"
#include "stack/unwind-walk.h"

enum { KNOWN_MAX = 256 };

/* A process: what walking and what naming keep of it. */
struct known {
	struct space space;
	struct map names;
	uint64_t generation; /* of space, that names are of */
};

struct unwinder {
	struct map known; /* tgid -> struct known */
	unsigned char stack[WALK_STACK];
};

static void known_free(struct known *k)
{
	names_clear(&k->names);
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

/* Names of code that is no longer mapped are forgotten before they are used. */
static struct map *names_of(struct known *k)
{
	if (k->generation != k->space.generation)
		names_clear(&k->names);
	k->generation = k->space.generation;
	return &k->names;
}

static int unwind_walk(struct unwinder *u, struct event *ev, const struct registers *reg,
		       const struct memory *mem)
{
	struct known *k = known_of(u, ev->tgid);
	struct walk w = {
		.tid = ev->tid, .space = &k->space, .mem = mem, .reg = *reg, .stack = u->stack
	};

	if (!space_ready(&k->space, ev->tid))
		return -ESRCH;
	walk_run(&w);
	names_put(names_of(k), &k->space.maps, mem, w.frame, w.n, ev);
	return 0;
}

static void unwind_lines(struct unwinder *u, struct event *ev)
{
	struct known *k = map_get(&u->known, (uint64_t)ev->tgid);

	if (k)
		names_lines(names_of(k), ev);
}

static struct unwinder *unwind_new(void)
{
	return alloc_zeroed(1, sizeof(struct unwinder));
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
	alloc_free(u);
}

const struct unwind_ops unwind_libunwind = {
	.name = "libunwind",
	.new = unwind_new,
	.walk = unwind_walk,
	.lines = unwind_lines,
	.changed = unwind_changed,
	.gone = unwind_gone,
	.free = unwind_free,
};
