/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An output: a small table of functions.  Writes only to the stream it is given. */
#ifndef CMSGTRACE_REPORT_REPORT_H
#define CMSGTRACE_REPORT_REPORT_H

#include "check/check.h"
#include "event/event.h"
#include "report/stream.h"

struct run_info {           /* for headers */
	const char *tool;   /* "cmsgtrace 0.1" */
	const char *kernel; /* release */
	const char *machine;
	int argc;
	char *const *argv;
	uint64_t started_ns;
};

struct run_end {
	const struct check *check;
	uint64_t events;
	uint64_t messages; /* sent and received by calls that returned */
	int exit;          /* status that the program is about to return */
	bool cut;          /* ended by a signal or an error */
};

struct report {
	const struct report_ops *ops;
	/* implementations embed this struct first */
};

struct report_ops {
	const char *name; /* of --format= */
	const char *help;
	void (*start)(struct report *r, const struct run_info *run);
	void (*enter)(struct report *r, struct event *ev); /* may be NULL */
	void (*event)(struct report *r, struct event *ev, const struct ask *ask);
	void (*finding)(struct report *r, const struct finding *f);
	void (*idle)(struct report *r); /* may be NULL */
	void (*end)(struct report *r, const struct run_end *end);
	void (*free)(struct report *r);
};

#endif
