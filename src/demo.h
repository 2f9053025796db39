/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --demo: the historical mistake in a real server, its diagnosis, then the corrected server. */
#ifndef CMSGTRACE_DEMO_H
#define CMSGTRACE_DEMO_H

/*
 * Runs it; returns a status for exit(3): 0 where both halves showed what they should.  format: a --format= for
 * the broken server's run, or NULL.
 */
int demo_run(const char *format);

#endif
