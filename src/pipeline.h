/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source -> derive -> check -> reports: the order, and nothing else. */
#ifndef CMSGTRACE_PIPELINE_H
#define CMSGTRACE_PIPELINE_H

#include "check/check.h"
#include "event/source.h"
#include "report/report.h"
#include "select.h"

struct pipeline {
	struct check *check;
	const struct select *select;
	struct report *reports[EVENT_REPORTS];
	unsigned int n;
	uint64_t max_events; /* 0: no limit */
	int stop_at;         /* enum severity that ends the run; -1 none */
	/* --wire: a finding about the message of this packet; or NULL */
	void (*comment)(void *ctx, const struct wire_fact *packet, const char *text);
	void *comment_ctx;

	/* state */
	uint64_t calls;              /* calls seen: the last one's number */
	uint64_t messages;           /* of calls that returned */
	const struct finding *found; /* between judge() and emit() */
	bool stop;
};

/* Adds a report; false where there are too many. */
bool pipeline_add(struct pipeline *p, struct report *r);
/* The consumer to hand to a source; it points to p. */
struct consumer pipeline_consumer(struct pipeline *p);
/* After the source's end: the rules that speak at the end, then every report's end. */
void pipeline_end(struct pipeline *p, struct run_end *end);

#endif
