/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small hash map from u64 to pointer, open addressing.  The map owns neither keys nor values.
 * Key 0 is allowed.  Iteration order is unspecified; don't insert or remove while iterating.
 */
#ifndef CMSGTRACE_BASE_MAP_H
#define CMSGTRACE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key;
	void *value; /* NULL: empty */
};

struct map {
	struct map_slot *slots;
	size_t room; /* power of two, or 0 */
	size_t n;
};

void *map_get(const struct map *m, uint64_t key);       /* NULL: absent */
void map_put(struct map *m, uint64_t key, void *value); /* value must not be NULL; replaces */
void *map_remove(struct map *m, uint64_t key);          /* what was there, or NULL */
void map_free(struct map *m);
void map_free_values(struct map *m); /* with its values, which alloc_ functions made */
/* A map of its own with the same keys and values. */
struct map map_copy(const struct map *m);

/* for (size_t i = 0; (s = map_next(m, &i)); ) */
struct map_slot *map_next(const struct map *m, size_t *i);

#endif
