/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compressed files, by the program that knows them: TOOL -dc. */
#ifndef CMSGTRACE_UNPACK_H
#define CMSGTRACE_UNPACK_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts tool on the file fd, which must be one that can be read from its beginning again.  The pipe to read
 * from, or negative errno; *pid is the process.
 */
int unpack_start(const char *tool, int fd, pid_t *pid);
/* Waits for it, whose pipe is closed. false: it failed, which means that the file is damaged or cut. */
bool unpack_end(pid_t pid);

#endif
