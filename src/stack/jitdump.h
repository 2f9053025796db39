/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dump of a JIT compiler's code, which tells lines too. */
#ifndef CMSGTRACE_STACK_JITDUMP_H
#define CMSGTRACE_STACK_JITDUMP_H

#include <stdint.h>

#include "stack/jit-code.h"

/* Adds the whole records from byte at on, 0: the file's beginning.  Where the next one starts. */
uint64_t jitdump_read(struct jit_codes *j, int fd, uint64_t at);

#endif
