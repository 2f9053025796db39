// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stacks of stopped tasks.  Kept per process: its memory map, libunwind's rules per pc, and the names of the
 * program counters that were met (finding a name anew costs more than the whole walk).
 */
#include "config.h"

#include "stack/unwind.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "stack/unwind-walk.h"

enum {
	SPACES_MAX = 256,
	PLACES_MAX = 16 * 1024,
	RULES = 1024,    /* entries of libunwind's cache; its own default is 128 */
	WAIT_MAX = 1024, /* walks between two looks at a map that doesn't know a pc */
};

struct unwinder {
	struct map spaces; /* tgid -> struct space */
	unsigned char stack[WALK_STACK];
};

static void free_values(struct map *m)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(m, &i));)
		alloc_free(s->value);
	map_free(m);
	memset(m, 0, sizeof(*m));
}

static void free_places(struct map *m)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(m, &i));)
		alloc_free(((struct place *)s->value)->file);
	free_values(m);
}

/* Forgets what depends on the code that is mapped. */
static void space_clear(struct space *s)
{
	free_places(&s->places);
	free_values(&s->pages);
	unwind_maps_free(&s->maps);
	if (s->as)
		unw_flush_cache(s->as, 0, 0);
}

static void space_free(struct space *s)
{
	space_clear(s);
	if (s->as)
		unw_destroy_addr_space(s->as);
	alloc_free(s);
}

static void drop_spaces(struct unwinder *u)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&u->spaces, &i));)
		space_free(s->value);
	map_free(&u->spaces);
	memset(&u->spaces, 0, sizeof(u->spaces));
}

static struct space *space_of(struct unwinder *u, int tgid)
{
	struct space *s = map_get(&u->spaces, (uint64_t)tgid);

	if (s)
		return s;
	if (u->spaces.n >= SPACES_MAX)
		drop_spaces(u);
	s = alloc_zeroed(1, sizeof(*s));
	s->tgid = tgid;
	s->stale = true;
	s->as = unw_create_addr_space(&unwind_accessors, 0);
	if (!s->as)
		alloc_failed();
	unw_set_caching_policy(s->as, UNW_CACHE_GLOBAL);
	unw_set_cache_size(s->as, RULES, 0);
	map_put(&u->spaces, (uint64_t)tgid, s);
	return s;
}

static int64_t second_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec;
}

/* Reads the map again; true where other code is mapped than was known. */
static bool space_refresh(struct space *s, int tid)
{
	struct unwind_maps maps;
	int err = unwind_maps_read(&maps, tid);

	if (err)
		return false;
	s->stale = false;
	s->read_at = second_now();
	if (s->maps.n && unwind_maps_same_code(&s->maps, &maps)) {
		unwind_maps_free(&maps);
		return false;
	}
	space_clear(s);
	s->maps = maps;
	return true;
}

/* Is pc in code?  Rules and names of a walk under way stay valid: nothing keeps pointers to them. */
const struct unwind_map *walk_code(struct walk *w, uint64_t pc)
{
	struct space *s = w->space;
	const struct unwind_map *map = unwind_maps_find(&s->maps, pc);

	if (map || w->reread || !pc)
		return map && map->exec ? map : NULL;
	w->reread = true;
	if (s->wait) {
		s->wait--;
		return NULL;
	}
	if (space_refresh(s, w->tid))
		s->misses = 0;
	map = unwind_maps_find(&s->maps, pc);
	if (!map) { /* garbage, or no mapping of its own: don't ask every time */
		s->wait = s->misses < 10 ? 1U << s->misses++ : WAIT_MAX;
		return NULL;
	}
	return map->exec ? map : NULL;
}

const struct unwind_image *walk_cfi(struct walk *w, uint64_t pc)
{
	const struct unwind_map *map = walk_code(w, pc);
	const struct unwind_image *im =
		map ? unwind_maps_image(&w->space->maps, map, w->mem) : NULL;

	return im && im->eh_frame_hdr ? im : NULL;
}

static const struct place *place_of(struct walk *w, uint64_t pc, bool exact)
{
	struct space *s = w->space;
	uint64_t key = pc * 2 + exact;
	struct place *p = map_get(&s->places, key);

	if (p)
		return p;
	if (s->places.n >= PLACES_MAX)
		free_places(&s->places);
	p = alloc_zeroed(1, sizeof(*p));
	map_put(&s->places, key, p);

	/* A call that doesn't return can be its function's last instruction. */
	uint64_t at = exact ? pc : pc - 1;
	const struct unwind_map *map = unwind_maps_find(&s->maps, at);

	if (!map)
		return p;
	if (map->path[0])
		p->module = map->path;
	p->module_off = pc - map->start + map->off;

	const struct unwind_image *im = unwind_maps_named(&s->maps, map, w->mem, w->tid);

	if (im && im->symbols) {
		p->function = symtab_find(im->symbols, at - im->bias, &p->function_off);
		if (p->function)
			p->function_off += pc - at;
	}
	return p;
}

static void put_frames(struct walk *w, struct event *ev)
{
	struct frame *v = arena_array(&ev->arena, struct frame, w->n);
	const char *last = NULL, *copy = NULL;

	for (unsigned int i = 0; i < w->n; i++) {
		const struct place *p = place_of(w, w->frame[i].pc, w->frame[i].exact);

		v[i].pc = w->frame[i].pc;
		if (p->module && p->module != last) {
			last = p->module;
			copy = arena_strdup(&ev->arena, last);
		}
		v[i].module = p->module ? copy : NULL;
		v[i].module_off = p->module_off;
		if (p->function)
			v[i].function = arena_strdup(&ev->arena, p->function);
		v[i].function_off = p->function_off;
	}
	ev->stack = (struct stack){ .have = w->n > 0, .n = w->n, .frames = v };
}

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

static int unwind_walk(struct unwinder *u, struct event *ev, const struct registers *reg,
		       const struct memory *mem)
{
	struct walk w = { .tid = ev->tid, .mem = mem, .reg = *reg, .stack = u->stack };

	w.space = space_of(u, ev->tgid);
	/*
	 * Not everybody tells us of each mmap: another library may lie where one was unloaded.  A look each
	 * second costs nothing; code that is the same keeps what is cached of it.
	 */
	if (w.space->stale || w.space->read_at != second_now())
		space_refresh(w.space, ev->tid);
	if (!w.space->maps.n)
		return -ESRCH;
	w.base = w.reg.v[arch_native->sp];

	if (w.reg.word == 8)
		walk_native(&w);
	else
		walk_i386(&w);
	put_frames(&w, ev);
	return 0;
}

/* The line of a frame, looked up once for each place. */
static void frame_line(const struct space *s, struct event *ev, struct frame *f)
{
	bool exact = f == ev->stack.frames;
	struct place *p = s ? map_get(&s->places, f->pc * 2 + exact) : NULL;

	if (p && p->line_looked) {
		f->file = p->file ? arena_strdup(&ev->arena, p->file) : NULL;
		f->line = p->line;
		return;
	}
	symbols_resolve(ev, f);
	if (p) {
		p->line_looked = true;
		p->file = f->file ? alloc_strdup(f->file) : NULL;
		p->line = f->line;
	}
}

static void unwind_lines(struct unwinder *u, struct event *ev)
{
	const struct space *s = map_get(&u->spaces, (uint64_t)ev->tgid);

	for (uint32_t i = 0; i < ev->stack.n; i++)
		frame_line(s, ev, &ev->stack.frames[i]);
}

static struct unwinder *unwind_new(void)
{
	return alloc_zeroed(1, sizeof(struct unwinder));
}

static void unwind_changed(struct unwinder *u, int tgid)
{
	struct space *s = map_get(&u->spaces, (uint64_t)tgid);

	if (s) {
		s->stale = true;
		s->misses = s->wait = 0;
	}
}

static void unwind_gone(struct unwinder *u, int tgid)
{
	struct space *s = map_remove(&u->spaces, (uint64_t)tgid);

	if (s)
		space_free(s);
}

static void unwind_free(struct unwinder *u)
{
	if (!u)
		return;
	drop_spaces(u);
	symtab_forget();
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
