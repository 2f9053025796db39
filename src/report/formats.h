/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The outputs of --format=: each writes to the stream it is given, which outlives it. */
#ifndef CMSGTRACE_REPORT_FORMATS_H
#define CMSGTRACE_REPORT_FORMATS_H

#include "report/report.h"

/* JSON Lines: the recording format (INTERFACE: cmsgtrace-events(5)). */
struct report *report_jsonl_new(struct stream *out);

#endif
