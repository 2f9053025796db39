/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's inside; rules use check.h only. */
#ifndef CMSGTRACE_CHECK_INTERNAL_H
#define CMSGTRACE_CHECK_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "check/check.h"

enum {
	RULES_MAX = 128,
	PLACES_MAX = 16384, /* distinct places that are told; a hostile program can't go beyond */
	SITES_MAX = 4 * PLACES_MAX, /* keys of them: call sites, too */
	STACKS_MAX = 65536, /* distinct stacks whose place is kept; others are walked each time */
	PROCESSES_MAX = 16384, /* of which rules keep something */
};

/* A rule that is wanted, and where in what is kept its own part begins. */
struct rule_slot {
	const struct rule *rule;
	size_t sock, peer, process;
	void *run; /* owned; NULL where it keeps nothing */
};

struct check {
	struct check_opts opts;
	struct rule_slot slots[RULES_MAX];
	unsigned int nslots;
	/* those that have the hook, in the order of their ids; NULL at the end */
	struct rule_slot *on_call[RULES_MAX + 1], *on_send[RULES_MAX + 1], *on_recv[RULES_MAX + 1];
	struct rule_slot *slot; /* whose hook runs */
	struct convo_table convos;
	size_t process_state; /* of all rules together */
	struct map processes; /* tgid -> that many bytes */

	/* of the event under way */
	struct arena arena;
	const struct ask *ask;
	struct check_msg msg;
	struct finding *first, **last;
	bool stack_tried, place_known;
	const struct frame *place; /* of the event, where place_known; or NULL */
	const char *coarse;        /* place_coarse() of it, which looks through all layers */

	/* of the run */
	struct map places; /* hash of fingerprint, place and key -> check_place */
	struct check_place **list;
	size_t nlist, list_room;
	/* Taking a stack costs more than all else together: a stack's number -> struct stack_place. */
	struct map stacks;
	struct arena kept; /* what stacks holds */
	uint64_t counts[SEVERITY_ERROR + 1];
	struct check_skip *skips;
	size_t nskips;
	struct check_tried tried;
	uint64_t unlisted; /* findings at places beyond PLACES_MAX */
};

/* Lays out what the wanted rules keep; before the tables of sockets and peers are made. */
void state_init(struct check *c, size_t *sock, size_t *peer);
void state_free(struct check *c);
/* A process ended: runs the hooks, and frees what was kept of it. */
void state_exited(struct check *c, const struct event *ev);

void findings_reset(struct check *c);
void findings_free(struct check *c);

#endif
