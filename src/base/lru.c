// SPDX-License-Identifier: LGPL-2.1-or-later
/* A bounded hash table that forgets the least recently used: chained buckets, entries in chunks. */
#include "config.h"

#include "base/lru.h"

#include <string.h>

#include "base/alloc.h"

enum { LRU_CHUNK = 256 };

/* In front of each entry; indices are + 1, so that 0 is "none". */
struct link {
	uint64_t key;
	uint32_t chain;
	uint32_t newer, older;
	uint32_t self;
};

void lru_init(struct lru *l, size_t entry_size, uint32_t max)
{
	*l = (struct lru){
		.size = (sizeof(struct link) + entry_size + 15) & ~(size_t)15,
		.max = max,
	};
}

void lru_free(struct lru *l)
{
	for (uint32_t i = 0; i < l->nchunks; i++)
		alloc_free(l->chunks[i]);
	alloc_free(l->chunks);
	alloc_free(l->buckets);
	*l = (struct lru){ 0 };
}

static struct link *lru_at(const struct lru *l, uint32_t index)
{
	index--;
	return (struct link *)(void *)(l->chunks[index / LRU_CHUNK] +
				       (size_t)(index % LRU_CHUNK) * l->size);
}

static uint32_t *lru_bucket(const struct lru *l, uint64_t key)
{
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccdULL;
	key ^= key >> 33;
	return &l->buckets[key & (l->nbuckets - 1)];
}

static void lru_unlink(struct lru *l, struct link *e)
{
	if (e->newer)
		lru_at(l, e->newer)->older = e->older;
	else
		l->newest = e->older;
	if (e->older)
		lru_at(l, e->older)->newer = e->newer;
	else
		l->oldest = e->newer;
}

static void lru_to_front(struct lru *l, struct link *e)
{
	e->newer = 0;
	e->older = l->newest;
	if (l->newest)
		lru_at(l, l->newest)->newer = e->self;
	else
		l->oldest = e->self;
	l->newest = e->self;
}

static struct link *lru_find(const struct lru *l, uint64_t key)
{
	struct link *e;

	for (uint32_t i = l->n ? *lru_bucket(l, key) : 0; i; i = e->chain) {
		e = lru_at(l, i);
		if (e->key == key)
			return e;
	}
	return NULL;
}

void *lru_get(struct lru *l, uint64_t key)
{
	struct link *e = lru_find(l, key);

	if (!e)
		return NULL;
	if (l->newest != e->self) {
		lru_unlink(l, e);
		lru_to_front(l, e);
	}
	return e + 1;
}

void *lru_peek(const struct lru *l, uint64_t key)
{
	struct link *e = lru_find(l, key);

	return e ? e + 1 : NULL;
}

void *lru_victim(const struct lru *l)
{
	return l->n < l->max ? NULL : lru_at(l, l->oldest) + 1;
}

static void lru_more_buckets(struct lru *l)
{
	alloc_free(l->buckets);
	l->nbuckets = l->nbuckets ? l->nbuckets * 2 : 64;
	l->buckets = alloc_zeroed(l->nbuckets, sizeof(*l->buckets));
	for (uint32_t i = 1; i <= l->n; i++) {
		struct link *e = lru_at(l, i);
		uint32_t *b = lru_bucket(l, e->key);

		e->chain = *b;
		*b = i;
	}
}

/* Takes the oldest entry out of its bucket, to be used anew. */
static struct link *lru_recycle(struct lru *l)
{
	struct link *e = lru_at(l, l->oldest);
	uint32_t *b = lru_bucket(l, e->key);

	while (*b != e->self)
		b = &lru_at(l, *b)->chain;
	*b = e->chain;
	lru_unlink(l, e);
	l->dropped++;
	return e;
}

static struct link *lru_fresh(struct lru *l)
{
	if (l->n == l->nchunks * LRU_CHUNK) {
		l->chunks = alloc_resize(l->chunks, (l->nchunks + 1) * sizeof(*l->chunks));
		l->chunks[l->nchunks++] = alloc_bytes(LRU_CHUNK * l->size);
	}
	if (l->n >= l->nbuckets)
		lru_more_buckets(l);
	l->n++;

	struct link *e = lru_at(l, l->n);

	e->self = l->n;
	return e;
}

void *lru_add(struct lru *l, uint64_t key)
{
	struct link *e = l->n < l->max ? lru_fresh(l) : lru_recycle(l);
	uint32_t *b = lru_bucket(l, key);

	e->key = key;
	e->chain = *b;
	*b = e->self;
	lru_to_front(l, e);
	memset(e + 1, 0, l->size - sizeof(*e));
	return e + 1;
}

void *lru_first(const struct lru *l)
{
	return l->newest ? lru_at(l, l->newest) + 1 : NULL;
}

void *lru_next(const struct lru *l, const void *entry)
{
	const struct link *e = (const struct link *)entry - 1;

	return e->older ? lru_at(l, e->older) + 1 : NULL;
}
