/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of traced processes, opened as these see them, and nothing but regular files. */
#ifndef CMSGTRACE_STACK_OPEN_H
#define CMSGTRACE_STACK_OPEN_H

#include <stdint.h>
#include <sys/stat.h>

/*
 * Opens a regular file for reading, with the directory dir as its root, or anywhere where that is negative; nothing
 * else is opened, not even to look at it.  A descriptor, and *st filled; or negative.
 */
int open_regular(int dir, const char *path, struct stat *st);
/* The same in the root of task tid: never by way of its symbolic links into ours. */
int open_in_root(int tid, const char *path, struct stat *st);
/* The number that a task has in its own PID namespace; 0: unknown. */
uint64_t inner_tid(int tid);

#endif
