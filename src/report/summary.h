/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person reads at the end of a run. */
#ifndef CMSGTRACE_REPORT_SUMMARY_H
#define CMSGTRACE_REPORT_SUMMARY_H

#include "report/report.h"

/*
 * Appends the summary: the ids met with counts, places and meaning, and what could not be checked.
 */
void summary_put(struct buf *b, const struct run_end *end, bool color);

/* The table of sockets: where they were asked, and where they answered from. */
void summary_put_socks(struct buf *b, const struct check *check);

/* Text that may hold bytes of the tracee: control bytes and what is no UTF-8 are escaped. */
void summary_safe(struct buf *b, const char *s);

/* "error", coloured or not. */
void summary_severity(struct buf *b, enum severity s, bool color);

#endif
