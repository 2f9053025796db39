/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bounded hash table of fixed-size entries; where it is full, the least recently used entry makes
 * room.  Keys are 64-bit hashes: the caller stores the full identity in the entry and compares.
 * An entry stays where it is until it is dropped.
 */
#ifndef CMSGTRACE_BASE_LRU_H
#define CMSGTRACE_BASE_LRU_H

#include <stddef.h>
#include <stdint.h>

struct lru {
	size_t size;             /* of an entry, with its link in front */
	uint32_t max;            /* entries at most */
	uint32_t n;              /* entries in use */
	uint32_t nbuckets;       /* power of two, or 0 */
	uint32_t *buckets;       /* index + 1 of the first entry; 0 none */
	char **chunks;           /* LRU_CHUNK entries each */
	uint32_t nchunks;        /* chunks allocated */
	uint32_t newest, oldest; /* index + 1 */
	uint64_t dropped;        /* entries that made room */
};

void lru_init(struct lru *l, size_t entry_size, uint32_t max);
void lru_free(struct lru *l);
/* The entry, now the most recently used one; NULL: none. */
void *lru_get(struct lru *l, uint64_t key);
/* The entry, which grows no younger by it; NULL: none. */
void *lru_peek(const struct lru *l, uint64_t key);
/* The entry that the next lru_add() takes, or NULL while there is room. */
void *lru_victim(const struct lru *l);
/* A zeroed entry for a key that has none. */
void *lru_add(struct lru *l, uint64_t key);
/* Entries from the most recently used on: for (p = lru_first(l); p; p = lru_next(l, p)). */
void *lru_first(const struct lru *l);
void *lru_next(const struct lru *l, const void *entry);

#endif
