/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The progress line on standard error while a large file is read. On a terminal only. */
#ifndef CMSGTRACE_PROGRESS_H
#define CMSGTRACE_PROGRESS_H

#include <stdint.h>

#include "pipeline.h"

enum { PROGRESS_FROM = 64 * 1024 * 1024 }; /* files that together have more bytes are worth it */

struct progress;

/* total: bytes to read, 0 unknown.  p is borrowed.  NULL where standard error is no terminal for it. */
struct progress *progress_new(uint64_t total, const struct pipeline *p);
/* So many bytes are read: shows it, a few times a second.  NULL passes, here and below. */
void progress_at(struct progress *g, uint64_t done);
/* Takes the line away: before something else is written to the terminal, and at the end. */
void progress_clear(struct progress *g);
void progress_free(struct progress *g);

#endif
