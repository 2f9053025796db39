// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From addresses to names: module, function, source line.  Finding a name anew costs more than a whole walk, so
 * what was found of a program counter is kept as long as the code that is mapped stays the same.
 */
#include "config.h"

#include "stack/names.h"

#include <string.h>

#include "base/alloc.h"
#include "stack/symbols.h"

enum { PLACES_MAX = 16 * 1024, VDSO_MAX = 64 * 1024 };

/* What is known of a program counter; strings belong to the map and the symbols. */
struct place {
	const char *module;
	uint64_t module_off;
	const char *function;
	uint64_t function_off;
	bool line_looked; /* the next two are known, as far as they can be */
	char *file;       /* owned, or NULL */
	uint32_t line;
};

static char none; /* stands for the symbols of an image that has none */

static void places_free(struct names_cache *n)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&n->places, &i));) {
		alloc_free(((struct place *)s->value)->file);
		alloc_free(s->value);
	}
	map_free(&n->places);
	memset(&n->places, 0, sizeof(n->places));
}

void names_clear(struct names_cache *c)
{
	struct map_slot *s;

	places_free(c);
	for (size_t i = 0; (s = map_next(&c->images, &i));) {
		if (s->value != &none)
			symtab_unref(s->value);
	}
	map_free(&c->images);
	memset(c, 0, sizeof(*c));
}

/* Symbols of the image that map belongs to; NULL: none. */
static const struct symtab *symbols_of(struct names_cache *n, const struct unwind_map *map, int tid,
				       const struct memory *mem)
{
	void *known = map_get(&n->images, map->image);
	size_t len = (size_t)(map->end - map->start);
	struct symtab *t = NULL;

	if (known)
		return known == &none ? NULL : known;
	if (map->inode) {
		t = symtab_of_file(tid, map->path);
	} else if (len <= VDSO_MAX) { /* [vdso]: there is no file */
		auto_free unsigned char *raw = alloc_bytes(len);

		if (memory_read(mem, map->start, raw, len) == (ssize_t)len)
			t = symtab_of_memory(raw, len);
	}
	map_put(&n->images, map->image, t ? (void *)t : &none);
	return t;
}

static const struct place *place_of(struct names_cache *n, struct unwind_maps *maps, int tid,
				    const struct memory *mem, uint64_t pc, bool exact)
{
	uint64_t key = pc * 2 + exact;
	struct place *p = map_get(&n->places, key);

	if (p)
		return p;
	if (n->places.n >= PLACES_MAX)
		places_free(n);
	p = alloc_zeroed(1, sizeof(*p));
	map_put(&n->places, key, p);

	/* A call that doesn't return can be its function's last instruction. */
	uint64_t at = exact ? pc : pc - 1;
	const struct unwind_map *map = unwind_maps_find(maps, at);

	if (!map)
		return p;
	if (map->path[0])
		p->module = map->path;
	p->module_off = pc - map->start + map->off;

	const struct unwind_image *im = unwind_maps_image(maps, map, mem);

	const struct symtab *t = im ? symbols_of(n, map, tid, mem) : NULL;

	if (!t)
		return p;
	p->function = symtab_find(t, at - im->bias, &p->function_off);
	if (p->function)
		p->function_off += pc - at;
	return p;
}

void names_put(struct names_cache *c, struct unwind_maps *maps, const struct memory *mem,
	       const struct stack_pc *pc, unsigned int n, struct event *ev)
{
	struct frame *v = arena_array(&ev->arena, struct frame, n);
	const char *last = NULL, *copy = NULL;

	for (unsigned int i = 0; i < n; i++) {
		const struct place *p = place_of(c, maps, ev->tid, mem, pc[i].pc, pc[i].exact);

		v[i].pc = pc[i].pc;
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
	ev->stack = (struct stack){ .have = n > 0, .n = n, .frames = v };
}

void names_line(struct names_cache *c, struct event *ev, struct frame *f)
{
	bool exact = f == ev->stack.frames;
	struct place *p = c ? map_get(&c->places, f->pc * 2 + exact) : NULL;

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
