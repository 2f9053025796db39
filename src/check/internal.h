/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's inside, shared by check.c and finding.c; rules use check.h only. */
#ifndef CMSGTRACE_CHECK_INTERNAL_H
#define CMSGTRACE_CHECK_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "check/check.h"

enum {
	RULES_MAX = 64,
	PLACES_MAX = 16384, /* distinct places that are told; a hostile program can't go beyond */
	RECENT = 512,       /* power of two */
	LEFTS_MAX = 64,     /* processes that left descriptors behind */
	HOLDERS_MAX = 16384,
};

/*
 * Taking a stack costs more than everything else together.  A finding that repeats with the same msghdr
 * at the same address, call, socket and bytes is taken to come from the same place, and looked at again
 * from time to time.
 */
struct recent {
	uint64_t key;
	struct check_place *place;
	uint32_t seen;
};

struct check {
	struct check_opts opts;
	const struct rule *on_send[RULES_MAX], *on_recv[RULES_MAX], *on_call[RULES_MAX],
		*at_end[RULES_MAX]; /* NULL at the end */
	struct convo_table convos;

	/* of the event under way */
	struct arena arena;
	const struct ask *ask;
	struct check_msg msg;
	struct finding *first, **last;
	bool stack_tried;

	/* of the run */
	struct map places; /* hash of fingerprint, place and key -> check_place */
	struct check_place **list;
	size_t nlist, list_room;
	struct recent recent[RECENT];
	uint64_t counts[SEVERITY_ERROR + 1];
	struct check_skip *skips;
	size_t nskips;
	struct map holders; /* tgid -> itself: processes that received descriptors and run */
	struct check_left lefts[LEFTS_MAX];
	size_t nlefts, unseen; /* processes: that left some behind; that could not be watched */
	uint64_t unlisted;     /* findings at places beyond PLACES_MAX */
};

void findings_reset(struct check *c);
void findings_free(struct check *c);

#endif
