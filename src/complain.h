/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tool says of its own failures, and the status that goes with them. */
#ifndef CMSGTRACE_COMPLAIN_H
#define CMSGTRACE_COMPLAIN_H

/* As timeout(1): the tool itself failed. */
enum { EXIT_TOOL = 125 };

/* "cmsgtrace: …" and a newline, to standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
