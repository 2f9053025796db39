/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a run reads whole. */
#ifndef CMSGTRACE_READ_FILE_H
#define CMSGTRACE_READ_FILE_H

#include "base/buf.h"

/* All that fd gives behind what is in to, and closes it: 0, or negative errno; -EFBIG: max bytes or more. */
int read_file(int fd, struct buf *to, size_t max);

#endif
