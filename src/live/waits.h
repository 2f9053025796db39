/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes whose memory may have pages that somebody must bring first: a task that we hold, or one that never
 * does.  Of them only pages that are there are read.  live_memory_waits() of engine.h is what comes of it.
 */
#ifndef CMSGTRACE_LIVE_WAITS_H
#define CMSGTRACE_LIVE_WAITS_H

#include "live/state.h"

/* It has this descriptor: a userfaultfd? */
void waits_fd(struct process *p, int fd);
/* Its address space is new to us, or has a file more: one on FUSE? */
void waits_maps(struct process *p);
/* It begins a SIDE_WAITS call. */
void waits_call(struct live *l, struct task *t, const struct call_entry *e, const uint64_t *args);
/* Are there file systems of FUSE that a command of ours sees? */
bool waits_some_fuse(void);

#endif
