// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is kept of a process between walks, and what a walk reads: code and memory. */
#include "config.h"

#include "stack/unwind-space.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

enum {
	PAGES_MAX = 512, /* of one process's unwind tables */
	WAIT_MAX = 1024, /* walks between two looks at a map that doesn't know a pc */
};

/* Forgets what depends on the code that is mapped. */
static void space_clear(struct space *s)
{
	s->generation++;
	map_free_values(&s->pages);
	unwind_maps_free(&s->maps);
	if (s->as)
		unw_flush_cache(s->as, 0, 0);
}

void space_free(struct space *s)
{
	space_clear(s);
	if (s->as)
		unw_destroy_addr_space(s->as);
}

static int64_t second_now(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC_COARSE) / 1000000000);
}

/* Reads the map again; true where other code is mapped than was known. */
static bool space_refresh(struct space *s, int tid)
{
	struct unwind_maps maps;
	int err = unwind_maps_read(&maps, tid);

	if (err)
		return false;
	s->read_at = second_now();
	/* it ended: what it mapped is what its last calls were made in */
	if (!maps.n && !s->stale) {
		unwind_maps_free(&maps);
		return false;
	}
	s->stale = false;
	if (s->maps.n && unwind_maps_same_code(&s->maps, &maps)) {
		unwind_maps_free(&maps);
		return false;
	}
	space_clear(s);
	s->maps = maps;
	return true;
}

bool space_ready(struct space *s, int tid)
{
	/*
	 * Not everybody tells us of each mmap: another library may lie where one was unloaded.  A look each
	 * second costs nothing; code that is the same keeps what is cached of it.
	 */
	if (!s->maps.n || s->stale || s->read_at != second_now())
		space_refresh(s, tid);
	return s->maps.n;
}

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

void walk_note(struct walk_reads *r, uint64_t addr, size_t len, bool ok)
{
	if (!ok || r->n >= WALK_READS)
		r->n = WALK_READS + 1;
	else
		r->at[r->n++] = (struct iovec){ (void *)(uintptr_t)addr, len };
}

bool walk_read(struct walk *w, uint64_t addr, void *to, size_t len)
{
	bool ok = read_stack(w, addr, to, len);

	if (!ok && read_table(w, addr, to, len))
		return true;
	ok = ok || (!w->mem->late && memory_read(w->mem, addr, to, len) == (ssize_t)len);
	walk_note(w->reads, addr, len, ok);
	return ok;
}

bool walk_read_word(struct walk *w, uint64_t addr, uint64_t *v)
{
	*v = 0; /* 4 bytes fill the lower half: all our machines with i386 tracees are little endian */
	return walk_read(w, addr, v, w->reg.word);
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

struct unwind_image *walk_image(struct walk *w, uint64_t pc, const struct unwind_map **map)
{
	*map = walk_code(w, pc);
	return *map ? unwind_maps_image(&w->space->maps, *map, w->mem) : NULL;
}
