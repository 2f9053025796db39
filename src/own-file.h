/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a run writes. */
#ifndef CMSGTRACE_OWN_FILE_H
#define CMSGTRACE_OWN_FILE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Opens name for writing, and makes it (mode) where it isn't there: a descriptor, or negative errno.  In a sticky
 * directory that others can write to it is no link and no file that another user put there: -EPERM.  -EEXIST: it gave
 * that file before, by whatever name; both would write over each other.
 */
int own_file(const char *name, bool append, mode_t mode);

/* A descriptor of our own for what fd (standard output) is, or negative errno. */
int own_copy(int fd);

/* From now on own_file() gives -ETXTBSY for that file: it is read in this run. */
void own_file_spare(const char *name);
/* Why own_file() failed, for a message. */
const char *own_file_why(int err);

enum { OWN_FILE_PRIVATE = 0600 /* it may hold what programs sent */ };

#endif
