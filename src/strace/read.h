/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A log of strace as a source of events; see record/read.h for how the two are told apart:
 *
 *	struct source *s = strace_reader_new(&lines, say, ctx);       never NULL
 *	s->run(s, &consumer);
 *	s->free(s);
 *
 * What can be understood of the log is used.  What can't is told by say() ("FILE:12: note: …"), a number of
 * times, and reading goes on.  run() returns 0, or -EBADMSG where no line is strace's (told).
 * Memory does not grow with the log.
 */
#ifndef CMSGTRACE_STRACE_READ_H
#define CMSGTRACE_STRACE_READ_H

#include "base/lines.h"
#include "event/source.h"

struct source *strace_reader_new(struct lines *l, reader_say *say, void *ctx);

#endif
