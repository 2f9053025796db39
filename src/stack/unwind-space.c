// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is kept of a process between walks: its memory map, and libunwind's rules and tables per pc. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "stack/unwind-dwarf.h"
#include "stack/unwind-walk.h"

enum {
	RULES = 1024,    /* entries of libunwind's cache; its own default is 128 */
	WAIT_MAX = 1024, /* walks between two looks at a map that doesn't know a pc */
};

static void free_values(struct map *m)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(m, &i));)
		alloc_free(s->value);
	map_free(m);
	memset(m, 0, sizeof(*m));
}

/* Forgets what depends on the code that is mapped. */
static void space_clear(struct space *s)
{
	s->generation++;
	free_values(&s->pages);
	dwarf_files_close(&s->cfi32);
	unwind_maps_free(&s->maps);
	if (s->as)
		unw_flush_cache(s->as, 0, 0);
}

void space_init(struct space *s, int tgid)
{
	s->tgid = tgid;
	s->stale = true;
	s->as = unw_create_addr_space(&unwind_accessors, 0);
	if (!s->as)
		alloc_failed();
	unw_set_caching_policy(s->as, UNW_CACHE_GLOBAL);
	unw_set_cache_size(s->as, RULES, 0);
}

void space_free(struct space *s)
{
	space_clear(s);
	if (s->as)
		unw_destroy_addr_space(s->as);
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

bool space_ready(struct space *s, int tid)
{
	/*
	 * Not everybody tells us of each mmap: another library may lie where one was unloaded.  A look each
	 * second costs nothing; code that is the same keeps what is cached of it.
	 */
	if (s->stale || s->read_at != second_now())
		space_refresh(s, tid);
	return s->maps.n;
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
