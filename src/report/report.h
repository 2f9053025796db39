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
	const struct check *check; /* what the run's events have told so far */
};

struct run_end {
	const struct check *check;
	uint64_t events;
	uint64_t messages;    /* sent and received by calls that returned */
	int exit;             /* status that the program is about to return */
	const char *engine;   /* of a live run, or of the one that was recorded; else NULL */
	const char *accepted; /* names of the files with what is accepted; or NULL */
	int fail_on; /* findings of this severity and above count; above SEVERITY_ERROR: none do */
	bool cut;    /* ended by a signal or an error */
};

/* Implementations embed this struct first. */
struct report {
	const struct report_ops *ops;
	unsigned int nth; /* of a run's, less than EVENT_REPORTS */
};

/* Every hook but free() may be NULL. */
struct report_ops {
	bool everything; /* wants all events, also those that -e doesn't show */
	void (*start)(struct report *r, const struct run_info *run);
	void (*enter)(struct report *r, struct event *ev); /* a call begins */
	void (*event)(struct report *r, struct event *ev, const struct ask *ask);
	void (*finding)(struct report *r, const struct finding *f);
	void (*idle)(struct report *r); /* the source is about to wait: flush */
	void (*end)(struct report *r, const struct run_end *end);
	void (*free)(struct report *r);
};

void report_start(struct report *r, const struct run_info *run);
void report_enter(struct report *r, struct event *ev);
void report_event(struct report *r, struct event *ev, const struct ask *ask);
void report_finding(struct report *r, const struct finding *f);
void report_idle(struct report *r);
void report_end(struct report *r, const struct run_end *end);
void report_free(struct report *r); /* NULL passes */

/*
 * The outputs of --format=, in the order in which they are listed.  A new one is a file that defines
 * report_NAME_new(), and its row here: LINES where its lines may stand among those of another.  Each writes to
 * out, which outlives it; how says how text is to look.  Documents are complete also where the run is ended early,
 * as long as report_end() is called.
 */
struct text_opts;
#define REPORT_FORMATS(ROW, LINES)                                                                 \
	LINES(text)                                                                                \
	ROW(jsonl)                                                                                 \
	ROW(sarif)                                                                                 \
	LINES(github)                                                                              \
	LINES(gcc)                                                                                 \
	ROW(junit)                                                                                 \
	ROW(html)                                                                                  \
	LINES(summary)
#define REPORT_DECLARE(name)                                                                       \
	struct report *report_##name##_new(struct stream *out, const struct text_opts *how);
REPORT_FORMATS(REPORT_DECLARE, REPORT_DECLARE)

struct format_row {
	const char *name;
	struct report *(*new)(struct stream *out, const struct text_opts *how);
	bool lines; /* that may stand among those of another */
};

extern const struct format_row format_rows[]; /* ends with a row whose name is NULL */

#endif
