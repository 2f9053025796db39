/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The outputs of --format= but the text: each writes to the stream it is given, which outlives it. */
#ifndef CMSGTRACE_REPORT_FORMATS_H
#define CMSGTRACE_REPORT_FORMATS_H

#include <stdbool.h>

#include "report/report.h"

struct format_row {
	const char *name; /* of --format= */
	const char *help; /* one line */
	struct report *(*new)(struct stream *out);
	bool everything; /* wants all events, also those that -e doesn't show */
};

/* Ends with a row whose name is NULL.  A new output is its file and its row here. */
extern const struct format_row format_rows[];

/* JSON Lines, the recording format: cmsgtrace-events(5). */
struct report *report_jsonl_new(struct stream *out);
/* Documents; complete also where the run is ended early, as long as end() is called. */
struct report *report_sarif_new(struct stream *out);
struct report *report_junit_new(struct stream *out);
/* At the end, for people. */
struct report *report_summary_new(struct stream *out);
/* Lines as they come. */
struct report *report_github_new(struct stream *out);
struct report *report_gcc_new(struct stream *out);

#endif
