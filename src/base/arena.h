/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bump allocator.  One arena belongs to one event (or one reader); all that it handed out is freed
 * together.  Memory is zeroed.  Out of memory ends the program.
 */
#ifndef CMSGTRACE_BASE_ARENA_H
#define CMSGTRACE_BASE_ARENA_H

#include <stddef.h>
#include <string.h>

enum { ARENA_ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena {
	struct arena_block *head; /* newest block; the oldest survives arena_reset() */
	size_t used;              /* bytes taken of head */
	size_t block;             /* bytes of a block; 0: 16 KiB, of which an event is */
};

/* arena_raw() where a new block is needed. */
void *arena_more(struct arena *a, size_t size);

/* size bytes, aligned for any type, not zeroed.  Valid until arena_reset() or arena_free(). */
static inline void *arena_raw(struct arena *a, size_t size)
{
	size_t need = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	void *p;

	if (need < size || !a->head || a->head->size - a->used < need)
		return arena_more(a, size);
	p = a->head->data + a->used;
	a->used += need;
	return p;
}

/* The same, zeroed. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_raw(a, size), 0, size);
}

void *arena_memdup(struct arena *a, const void *from, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t max);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets everything, keeps one block for the next use: the steady state allocates nothing. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);
/* Bytes that it holds, used or not. */
size_t arena_size(const struct arena *a);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

#endif
