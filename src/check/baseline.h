/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A baseline: the findings that a project has already, as fingerprints with counts.  Known ones don't
 * fail a run, new ones do, and vanished ones are told.  The count is of distinct findings with the same
 * fingerprint, not of messages: it doesn't depend on how long the run was.
 */
#ifndef CMSGTRACE_CHECK_BASELINE_H
#define CMSGTRACE_CHECK_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "check/check.h"

struct baseline;

struct baseline *baseline_new(void);
void baseline_free(struct baseline *b);

/* Reads the text of a baseline file.  NULL, or what is wrong with it (valid until baseline_free()). */
const char *baseline_read(struct baseline *b, const char *text, size_t len);

/* Is this finding in it?  Each call takes one of the fingerprint's count. */
bool baseline_has(struct baseline *b, const struct finding *f);

/* "CT101 0123456789abcdef: …" of the i-th that did not come again, in out; false: no more. */
bool baseline_vanished(const struct baseline *b, size_t *i, struct buf *out);

/* The text of a baseline of this run, sorted, so that it is good to keep under version control. */
void baseline_put(struct buf *out, const struct check *c);

#endif
