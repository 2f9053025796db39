/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of source files, for outputs that show the place of a finding. */
#ifndef CMSGTRACE_SOURCE_LINES_H
#define CMSGTRACE_SOURCE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Appends some lines around line of a source file, as they are, and sets *first to the number of the first.  false
 * where they can't be read.  The name comes from a traced program's debug information, which may say anything: only a
 * regular file that is named as source code is, and that everybody may read, is read.
 */
bool source_lines(const char *file, uint32_t line, struct buf *lines, uint32_t *first);

#endif
