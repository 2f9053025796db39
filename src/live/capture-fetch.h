/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ranges of a stopped tracee's memory, read in as few vectored reads as possible.  One says what one
 * wants, fetches, and takes: what an earlier fetch of the same stop already holds is never read again.
 * A range that was only guessed (a hint) therefore needs no proof: a guess is used where its address
 * turns out to be the one that is needed, and is of no effect otherwise.
 *
 * All memory comes from the event's arena.  A fetch lives for one stop: another thread may change
 * the tracee's memory between our read and the kernel's; no tracer can rule that out.
 */
#ifndef CMSGTRACE_LIVE_CAPTURE_FETCH_H
#define CMSGTRACE_LIVE_CAPTURE_FETCH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "live/capture-hint.h"

struct fetch_range {
	uint64_t addr;
	size_t len;
};

struct fetch_span {
	uint64_t addr;
	size_t len, got;
	unsigned char *p;
};

enum {
	FETCH_WANTS = 16, /* without more memory */
	FETCH_ROUNDS = 4,
};

struct fetch {
	const struct memory *mem;
	bool exact; /* with the task's own rights only, as the kernel reads: without mem->quick */
	struct arena *arena;
	bool gone;    /* the task vanished: no further reads */
	size_t slack; /* bytes that may still be read only to join ranges */
	struct fetch_range *want, want0[FETCH_WANTS];
	unsigned int nwant, room;
	struct {
		struct fetch_span *span; /* ascending, apart from each other */
		unsigned int n;
	} round[FETCH_ROUNDS];
	unsigned int nround;
	struct capture_place next; /* what was needed: the next hint */
};

void fetch_init(struct fetch *f, const struct memory *mem, struct arena *arena, size_t slack);
/* Adds a range to the next fetch. */
void fetch_want(struct fetch *f, uint64_t addr, size_t len);
/* Reads all that was wanted and isn't held. */
void fetch_now(struct fetch *f);
/* The bytes at addr, where all of them are held or can be read; else NULL. */
const unsigned char *fetch_need(struct fetch *f, uint64_t addr, size_t len);

/* A slice to be filled: limit bytes at addr of claimed ones.  NULL has no bytes. */
struct bytes fetch_plan(uint64_t addr, uint64_t claimed, uint64_t limit);
static inline void fetch_want_bytes(struct fetch *f, const struct bytes *plan)
{
	fetch_want(f, plan->addr, plan->len);
}
/* Fills it with what can be read, and says why that is less than claimed. */
void fetch_fill(struct fetch *f, struct bytes *plan);

/* Wants what was needed the last time at key; false where nothing is known. */
bool fetch_hint_want(struct fetch *f, struct capture_hint *h, uint64_t key);
/* Remembers what was needed this time. */
void fetch_hint_save(const struct fetch *f, struct capture_hint *h, uint64_t key);

#endif
