/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live engines that there are. */
#ifndef CMSGTRACE_ENGINES_H
#define CMSGTRACE_ENGINES_H

#include "live/engine.h"

/* What --engine takes, for its two places in messages. */
#define ENGINE_NAMES "auto|seccomp|syscall|bpf"
#define ENGINE_CHOICE "auto, seccomp, syscall or bpf"

extern const struct engine *const engines[]; /* ends with NULL */

/* NULL: none of that name. */
const struct engine *engine_find(const char *name);
/* The one that serves best. */
const struct engine *engine_auto(const struct live_opts *o);

#endif
