/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a traced process has mapped. */
#ifndef CMSGTRACE_STACK_OPEN_H
#define CMSGTRACE_STACK_OPEN_H

/*
 * Opens path, as /proc/TID/maps has it, read-only and in the root of task tid, never by way of its symbolic
 * links into ours; a regular file or nothing.  Descriptor, or negative errno.
 */
int open_mapped(int tid, const char *path);

#endif
