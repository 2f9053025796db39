// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bump allocator. */
#include "config.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { ARENA_BLOCK = 16 * 1024 };

static size_t block_size(const struct arena *a)
{
	return a->block ? a->block : ARENA_BLOCK;
}

void *arena_more(struct arena *a, size_t size)
{
	struct arena_block *b;
	size_t room;

	if (size > SIZE_MAX / 2)
		alloc_failed();
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	room = size > block_size(a) ? size : block_size(a);
	b = alloc_bytes(sizeof(*b) + room);
	b->size = room;
	b->next = a->head;
	a->head = b;
	a->used = size;
	return b->data;
}

void *arena_memdup(struct arena *a, const void *from, size_t size)
{
	void *p = arena_raw(a, size ? size : 1);

	if (size)
		memcpy(p, from, size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	char *p = arena_raw(a, len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return arena_strdup(a, "");

	char *p = arena_alloc(a, (size_t)n + 1);

	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t arena_size(const struct arena *a)
{
	size_t size = 0;

	for (const struct arena_block *b = a->head; b; b = b->next)
		size += sizeof(*b) + b->size;
	return size;
}

void arena_reset(struct arena *a)
{
	while (a->head && (a->head->next || a->head->size > block_size(a))) {
		struct arena_block *b = a->head;

		a->head = b->next;
		alloc_free(b);
	}
	a->used = 0;
}

void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		alloc_free(b);
	}
	a->used = 0;
}
