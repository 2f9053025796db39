/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live engines that there are. */
#ifndef CMSGTRACE_ENGINES_H
#define CMSGTRACE_ENGINES_H

#include "live/engine.h"

/* What --engine takes, for its two places in messages. */
#define ENGINE_NAMES "auto|ptrace|seccomp|syscall|bpf"
#define ENGINE_CHOICE "auto, ptrace, seccomp, syscall or bpf"

extern const struct engine *const engines[]; /* ends with NULL */

/* NULL: none of that name. */
const struct engine *engine_find(const char *name);
/* By stops: at the calls that matter where it may, else at each. */
const struct engine *engine_ptrace(const struct live_opts *o);
/* The one that serves best.  why: static text, what speaks against eBPF where it would be taken otherwise, or NULL. */
const struct engine *engine_auto(const struct live_opts *o, const char **why);

#endif
