/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Effects: what a message does on the wire, against what its verdicts say. */
#ifndef CMSGTRACE_TESTS_EFFECTS_H
#define CMSGTRACE_TESTS_EFFECTS_H

#include "oracle.h"
#include "wire.h"

struct target { /* a subject whose packets are watched */
	struct subject *s;
	const char *dest;
	uint8_t protocol;
	int receiver;     /* over there; -1: none */
	struct seen base; /* of a message without control messages */
	bool v6, bound;
};

enum { TARGETS_MAX = 16 };

struct stage {
	struct wire wire;
	struct bench bench;
	struct target t[TARGETS_MAX];
	unsigned int n;
};

struct target *target_find(struct stage *st, const char *name);

/* Can such a message be sent on this kernel, as its row has it?  Younger ones are refused as unknown. */
bool effect_is_known(const struct stage *st, int level, int type);

/*
 * Sends l from t and compares: the errno with the predicted one, and what left and arrived with what
 * the verdicts promise.  NULL: all agrees; else what doesn't.  seen may be NULL.
 */
const char *effect_check(struct stage *st, struct target *t, const struct list *l,
			 struct seen *seen);

void tap_result(bool ok, const char *name, const char *detail);
void tap_skipped(const char *name, const char *why);

/* conditions.c */
void conditions_run(struct stage *st);
/* passing.c */
void conditions_unix(struct stage *st);
/* silent.c: the mistakes that need a connection, a state or another process */
void silent_run(struct stage *st);
/* arrive.c: what options make arrive */
void arrive_run(struct stage *st);

#endif
