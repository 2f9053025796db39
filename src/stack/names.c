// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From addresses to names: module, function, source line.  Finding a name anew costs more than a whole walk, so
 * what was found of a program counter is kept as long as the code that is mapped stays the same.
 */
#include "config.h"

#include "stack/names.h"

#include <string.h>

#include "base/alloc.h"
#include "stack/demangle.h"
#include "stack/python.h"

enum {
	PLACES_MAX = 16 * 1024,
	PYTHON_MAX = 64, /* frames of the interpreter in one stack */
};

/* What is known of a program counter; other strings belong to the map and the file. */
struct place {
	const char *module;
	uint64_t module_off;
	struct elf_file *elf; /* NULL: unknown, or there is no file: a compiler's in the process */
	bool made;            /* the latter */
	uint64_t vaddr, bias; /* in it, of the instruction; its address less that */
	bool unnamed;         /* the next two are not known yet */
	char *function;       /* owned, or NULL */
	uint64_t function_off;
	struct python python;      /* the interpreter, where this is in its loop */
	bool looked;               /* the next two are known, as far as they can be */
	struct elf_source *source; /* owned */
	unsigned int nsource;
};

/* A program counter that is a return address is another place than one that isn't. */
static uint64_t key_of(uint64_t pc, bool exact)
{
	return pc * 2 + exact;
}

static void places_clear(struct map *places)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(places, &i));) {
		struct place *p = s->value;

		alloc_free(p->function);
		alloc_free(p->source);
		alloc_free(p);
	}
	map_free(places);
	memset(places, 0, sizeof(*places));
}

void names_clear(struct names *c)
{
	places_clear(&c->places);
	jit_free(&c->jit);
	python_forget(&c->python);
}

static struct place *place_of(struct names *c, struct unwind_maps *maps, int tid,
			      const struct memory *mem, const struct stack_pc *at)
{
	uint64_t key = key_of(at->pc, at->exact);
	struct place *p = map_get(&c->places, key);

	if (p)
		return p;
	p = alloc_zeroed(1, sizeof(*p));
	map_put(&c->places, key, p);

	/* A call that doesn't return can be its function's last instruction. */
	uint64_t pc = at->pc - !at->exact;
	const struct unwind_map *map = unwind_maps_find(maps, pc);

	if (!map)
		return p;
	if (map->path[0])
		p->module = map->path;
	p->module_off = at->pc - map->start + map->off;

	struct unwind_image *im = unwind_maps_image(maps, map, mem);

	p->elf = im ? unwind_image_file(im, map, tid, mem) : NULL;
	p->made = map->exec && !p->elf;
	if (!p->elf)
		return p;
	p->vaddr = pc - im->bias;
	p->bias = im->bias;
	p->function_off = !at->exact;
	p->unnamed = true;
	return p;
}

static bool python_of(const struct elf_file *f, uint64_t bias, struct python *to)
{
	elf_file_python(f, &to->runtime, &to->version);
	if (!to->runtime)
		return false;
	to->runtime += bias;
	to->version += bias;
	return true;
}

static void put_name(struct place *p, const struct elf_function *f)
{
	p->unnamed = false;
	if (!f->name)
		return;
	p->function = demangle(f->name, strlen(f->name));
	p->function_off += f->off;
	if (!strncmp(p->function, "_PyEval_EvalFrameDefault", 24))
		python_of(p->elf, p->bias, &p->python);
}

/* Of all frames that a file has at once: one pass over its symbols. */
static void name_places(struct place **v, unsigned int n, int tid)
{
	struct elf_function ask[ELF_ASK_MAX];
	struct place *of[ELF_ASK_MAX];

	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = 0;

		for (unsigned int j = i; v[i]->unnamed && j < n && k < ELF_ASK_MAX; j++) {
			if (!v[j]->unnamed || v[j]->elf != v[i]->elf)
				continue;
			of[k] = v[j];
			ask[k++].vaddr = v[j]->vaddr;
		}
		if (k)
			elf_file_functions(v[i]->elf, tid, ask, k);
		for (unsigned int j = 0; j < k; j++) {
			if (of[j]->unnamed)
				put_name(of[j], &ask[j]);
			alloc_free(ask[j].name);
		}
	}
}

/* The frames that the interpreter's loop runs stand before the loop's own. */
struct interpreted {
	bool looked, last[PYTHON_MAX];
	struct frame frame[PYTHON_MAX];
	unsigned int n, next;
};

static struct frame *put_interpreted(struct interpreted *y, struct names *c, const struct place *p,
				     const struct memory *mem, struct event *ev, struct frame *v)
{
	if (!y->looked)
		y->n = python_frames(&p->python, &c->python, mem, ev->tid, &ev->arena, y->frame,
				     y->last, PYTHON_MAX);
	y->looked = true;
	while (y->next < y->n) {
		*v++ = y->frame[y->next];
		if (y->last[y->next++])
			break;
	}
	return v;
}

/* Its name isn't kept: it may come later, and change. */
static void put_made(struct names *c, const struct unwind_maps *maps, const struct stack_pc *at,
		     struct event *ev, struct frame *v)
{
	struct jit_place p;

	if (!jit_find(&c->jit, maps, ev->tgid, at->pc - !at->exact, &p))
		return;
	v->function = arena_strdup(&ev->arena, p.function);
	v->function_off = p.off + !at->exact;
	v->line = p.line;
	if (p.file)
		v->file = v->module = arena_strdup(&ev->arena, p.file);
}

void names_put(struct names *c, struct unwind_maps *maps, const struct memory *mem,
	       const struct stack_pc *pc, unsigned int n, struct event *ev)
{
	struct frame *frames = arena_array(&ev->arena, struct frame, n + PYTHON_MAX), *v = frames;
	struct place **places = arena_array(&ev->arena, struct place *, n);
	struct interpreted y;
	const char *last = NULL, *copy = NULL;

	y.looked = false;
	y.n = y.next = 0;
	jit_begin(&c->jit);
	if (c->places.n >= PLACES_MAX)
		places_clear(&c->places);
	for (unsigned int i = 0; i < n; i++)
		places[i] = place_of(c, maps, ev->tid, mem, &pc[i]);
	name_places(places, n, ev->tid);
	for (unsigned int i = 0; i < n; i++, v++) {
		const struct place *p = places[i];

		if (p->python.runtime)
			v = put_interpreted(&y, c, p, mem, ev, v);
		v->pc = pc[i].pc;
		if (p->module && p->module != last) {
			last = p->module;
			copy = arena_strdup(&ev->arena, last);
		}
		v->module = p->module ? copy : NULL;
		v->module_off = p->module_off;
		if (p->made)
			put_made(c, maps, &pc[i], ev, v);
		if (!p->function)
			continue;
		v->function = arena_strdup(&ev->arena, p->function);
		v->function_off = p->function_off;
	}
	ev->stack = (struct stack){ .have = n > 0, .n = (uint32_t)(v - frames), .frames = frames };
}

/* The place of a frame, its sources looked up; NULL: nothing is known. */
static const struct place *sources_of(const struct names *c, const struct event *ev,
				      const struct frame *f)
{
	struct elf_source v[ELF_SOURCES_MAX];
	struct place *p = map_get(&c->places, key_of(f->pc, f == ev->stack.frames));

	if (!p) /* a signal interrupted it */
		p = map_get(&c->places, key_of(f->pc, true));
	if (!p || !p->elf || f->file) /* the interpreter told it */
		return NULL;
	if (!p->looked) {
		p->nsource = elf_file_sources(p->elf, ev->tid, p->vaddr, v);
		p->source = alloc_bytes(p->nsource * sizeof(v[0]));
		memcpy(p->source, v, p->nsource * sizeof(v[0]));
	}
	p->looked = true;
	return p;
}

static void put_source(struct arena *a, struct frame *f, const struct elf_source *s)
{
	if (s->symbol) {
		char *name = demangle(s->symbol, strlen(s->symbol));

		f->function = arena_strdup(a, name);
		f->function_off = s->off;
		alloc_free(name);
	}
	if (s->file)
		f->file = arena_strdup(a, s->file);
	f->line = s->line;
}

void names_lines(const struct names *c, struct event *ev)
{
	struct stack *s = &ev->stack;
	const struct place **places = arena_array(&ev->arena, const struct place *, s->n);
	struct frame *v;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		places[i] = sources_of(c, ev, &s->frames[i]);
		n += places[i] && places[i]->nsource ? places[i]->nsource : 1;
	}
	v = arena_array(&ev->arena, struct frame, n);
	n = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct place *p = places[i];
		unsigned int k = 0;

		do {
			v[n] = s->frames[i];
			if (p && k < p->nsource)
				put_source(&ev->arena, &v[n], &p->source[k]);
			n++;
		} while (p && ++k < p->nsource);
	}
	s->frames = v;
	s->n = n;
}

static bool may_be_python(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && (!strncmp(name, "/python", 7) || !strncmp(name, "/libpython", 10));
}

bool names_python(struct unwind_maps *maps, int tid, const struct memory *mem,
		  struct python_chain *to)
{
	struct python py;

	for (unsigned int i = 0; i < maps->n; i++) {
		const struct unwind_map *map = &maps->map[i];
		struct unwind_image *im = map->exec && may_be_python(map->path)
						  ? unwind_maps_image(maps, map, mem)
						  : NULL;
		const struct elf_file *f = im ? unwind_image_file(im, map, tid, mem) : NULL;

		if (f && python_of(f, im->bias, &py))
			return python_chain(&py, mem, to);
	}
	return false;
}
