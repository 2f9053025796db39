/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A finding: what a rule says of one event.  Owned by the engine, until the next event. */
#ifndef CMSGTRACE_CHECK_FINDING_H
#define CMSGTRACE_CHECK_FINDING_H

#include "event/event.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

struct rule;

struct finding {
	struct finding *next;
	const struct rule *rule;
	enum severity severity;
	struct event *event; /* borrowed; NULL at the end of the run */
	int msg, cmsg;       /* index, or -1 */
	const char *message; /* one line, without the id */
	const char **notes;  /* nnotes lines: meant, so, kernel … */
	unsigned int nnotes;
	struct addr asked, from;   /* len 0: not of that kind of rule */
	uint64_t asked_event;      /* number of the receive that asked; 0 none */
	const struct frame *place; /* first frame outside libc, or NULL */
	const char *coarse; /* why the place is not exact; NULL: it is, or there is none to tell */
	char fingerprint[17]; /* 16 hex digits */
	uint64_t count;       /* 1: only the first at its place is made */
	const char *key;      /* tells several kinds at one place apart; or NULL */
	/* set by check_opts.mark: neither is counted by check_count() */
	const char *suppressed; /* the reason that the user gave, or NULL */
	bool known;             /* it is in the baseline */
	struct check_place *at; /* the engine's */
};

/* Which line of which file to show for it: place_in_file() of its place and event. */
bool finding_in_file(const struct finding *f, const char **file, uint64_t *line);
const char *severity_name(enum severity s); /* "error" */

#endif
