// SPDX-License-Identifier: LGPL-2.1-or-later
/* Shapes of stacks, and their numbers. */
#include "config.h"

#include "stack/marks.h"

#include <string.h>

#include "base/alloc.h"

enum {
	SHAPES = 4,               /* kept of one beginning */
	BEGINNINGS_MAX = 4096,    /* of a process */
	CONTENT_MAX = 128 * 1024, /* bytes of one stack */
};

struct shape {
	uint64_t used; /* registers beside pc, sp and fp: a bit each */
	unsigned int n;
	struct iovec *at; /* n, owned */
};

struct shapes {
	unsigned int n, next; /* where the next one goes: the oldest makes room */
	struct shape v[SHAPES];
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const unsigned char *p, size_t len)
{
	uint64_t v;

	for (; len >= sizeof(v); p += sizeof(v), len -= sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		h = mix(h, v);
	}
	v = len;
	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return mix(h, v);
}

static uint64_t beginning(const struct registers *reg)
{
	uint64_t h = mix(reg->word, reg->v[arch_native->pc]);

	h = mix(h, reg->v[arch_native->sp]);
	return mix(h, reg->v[arch_native->fp]);
}

/* What the stack holds now where the shape looks; 0: it can't be read. */
static uint64_t number_of(const struct shape *s, const struct registers *reg, uint64_t code,
			  const struct memory *mem)
{
	static unsigned char content[CONTENT_MAX];
	uint64_t h = mix(beginning(reg), code);
	size_t len = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		len += s->at[i].iov_len;
		h = mix(h, (uintptr_t)s->at[i].iov_base);
		h = mix(h, s->at[i].iov_len);
	}
	if (len > sizeof(content) ||
	    (s->n && mem->readv(mem, content, s->at, s->n) != (ssize_t)len))
		return 0;
	for (unsigned int i = 0; i < ARCH_REGS && i < 64; i++)
		if (s->used >> i & 1)
			h = mix(h, mix(i, reg->v[i]));
	h = mix_bytes(h, content, len);
	return h ? h : 1;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
	return a->used == b->used && a->n == b->n &&
	       (!a->n || !memcmp(a->at, b->at, a->n * sizeof(*a->at)));
}

static void keep(struct marks *m, uint64_t key, const struct shape *new)
{
	struct shapes *list = map_get(&m->by_regs, key);
	struct shape *s;

	if (!list) {
		if (m->by_regs.n >= BEGINNINGS_MAX)
			marks_clear(m);
		list = alloc_zeroed(1, sizeof(*list));
		map_put(&m->by_regs, key, list);
	}
	for (unsigned int i = 0; i < list->n; i++)
		if (same_shape(&list->v[i], new))
			return;
	s = &list->v[list->next];
	list->next = (list->next + 1) % SHAPES;
	if (list->n < SHAPES)
		list->n++;
	alloc_free(s->at);
	*s = *new;
	s->at = alloc_bytes((new->n + 1) * sizeof(*s->at));
	if (new->n)
		memcpy(s->at, new->at, new->n * sizeof(*s->at));
}

uint64_t marks_of(struct marks *m, const struct registers *reg, const struct walk_reads *r,
		  const struct walk_point *upto, uint64_t code, const struct memory *mem)
{
	struct shape s = { .used = upto->used, .n = upto->reads, .at = (struct iovec *)r->at };
	uint64_t number;

	if (upto->reads > WALK_READS)
		return 0;
	number = number_of(&s, reg, code, mem);
	if (number)
		keep(m, beginning(reg), &s);
	return number;
}

uint64_t marks_guess(const struct marks *m, const struct registers *reg, uint64_t code,
		     const struct memory *mem, unsigned int k)
{
	const struct shapes *list = map_get(&m->by_regs, beginning(reg));

	return list && k < list->n ? number_of(&list->v[k], reg, code, mem) : 0;
}

void marks_clear(struct marks *m)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&m->by_regs, &i));) {
		struct shapes *list = s->value;

		for (unsigned int k = 0; k < list->n; k++)
			alloc_free(list->v[k].at);
		alloc_free(list);
	}
	map_free(&m->by_regs);
	memset(m, 0, sizeof(*m));
}
