// SPDX-License-Identifier: LGPL-2.1-or-later
/* Batches of what a reader understood. Pure. */
#include "config.h"

#include "event/source.h"

enum { BATCH_BYTES = 32 * 1024, BATCH_BLOCK = 512 * 1024 };

void *batch_add(struct batch *b, size_t size)
{
	struct batch_item *item;

	b->arena.block = BATCH_BLOCK;
	item = arena_alloc(&b->arena, size);
	if (b->last)
		b->last->next = item;
	else
		b->first = item;
	b->last = item;
	return item;
}

bool batch_room(const struct batch *b)
{
	return b->bytes < BATCH_BYTES;
}

void batch_reset(struct batch *b)
{
	arena_reset(&b->arena);
	b->first = b->last = NULL;
	b->bytes = 0;
}

void batch_free(struct batch *b)
{
	arena_free(&b->arena);
	batch_reset(b);
}

int source_run(struct source *s, const struct consumer *c)
{
	struct batch b = { .first = NULL };
	bool more, on;

	do {
		batch_reset(&b);
		more = s->gather(s, &b);
		on = s->take(s, &b, c);
		if (c->idle) /* what was read is shown before more is waited for */
			c->idle(c->ctx);
	} while (more && on);
	batch_free(&b);
	return s->finish(s, on);
}
