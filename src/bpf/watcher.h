/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine that watches by eBPF programs in the kernel: nothing is stopped.  Always there; where it was
 * not built, starting it says how to get it.
 */
#ifndef CMSGTRACE_BPF_WATCHER_H
#define CMSGTRACE_BPF_WATCHER_H

#include "live/engine.h"

extern const struct engine engine_bpf;

#endif
