// SPDX-License-Identifier: LGPL-2.1-or-later
/* Hash map u64 -> pointer: linear probing, backward-shift deletion. */
#include "config.h"

#include "base/map.h"

#include <string.h>

#include "base/alloc.h"

static size_t map_home(const struct map *m, uint64_t key)
{
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccdULL;
	key ^= key >> 33;
	return (size_t)key & (m->room - 1);
}

static struct map_slot *map_slot(const struct map *m, uint64_t key)
{
	size_t i = map_home(m, key);

	while (m->slots[i].value && m->slots[i].key != key)
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, uint64_t key)
{
	return m->room ? map_slot(m, key)->value : NULL;
}

static void map_grow(struct map *m)
{
	struct map old = *m;

	m->room = old.room ? old.room * 2 : 16;
	m->slots = alloc_zeroed(m->room, sizeof(*m->slots));
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].value)
			*map_slot(m, old.slots[i].key) = old.slots[i];
	}
	alloc_free(old.slots);
}

void map_put(struct map *m, uint64_t key, void *value)
{
	if (m->n * 4 >= m->room * 3)
		map_grow(m);

	struct map_slot *s = map_slot(m, key);

	if (!s->value)
		m->n++;
	*s = (struct map_slot){ .key = key, .value = value };
}

void *map_remove(struct map *m, uint64_t key)
{
	if (!m->room)
		return NULL;

	struct map_slot *s = map_slot(m, key);
	void *value = s->value;

	if (!value)
		return NULL;

	size_t hole = (size_t)(s - m->slots);
	size_t i = hole;

	for (;;) {
		i = (i + 1) & (m->room - 1);
		if (!m->slots[i].value)
			break;
		/* may slot i move back into the hole?  Only if its home is not between the two. */
		size_t home = map_home(m, m->slots[i].key);

		if (((i - home) & (m->room - 1)) >= ((i - hole) & (m->room - 1))) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole].value = NULL;
	m->n--;
	return value;
}

struct map map_copy(const struct map *m)
{
	struct map copy = *m;

	if (!m->room)
		return copy;
	copy.slots = alloc_zeroed(m->room, sizeof(*copy.slots));
	memcpy(copy.slots, m->slots, m->room * sizeof(*copy.slots));
	return copy;
}

struct map_slot *map_next(const struct map *m, size_t *i)
{
	while (*i < m->room) {
		struct map_slot *s = &m->slots[(*i)++];

		if (s->value)
			return s;
	}
	return NULL;
}

void map_free(struct map *m)
{
	alloc_free(m->slots);
	*m = (struct map){ 0 };
}

void map_free_values(struct map *m)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(m, &i));)
		alloc_free(s->value);
	map_free(m);
}
