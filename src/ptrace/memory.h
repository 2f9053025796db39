/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounded reads of a tracee's memory. */
#ifndef CMSGTRACE_PTRACE_MEMORY_H
#define CMSGTRACE_PTRACE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * Reads up to len bytes at addr of task tid.  Returns how many could be read from the start on (short at
 * the first page that isn't there), or -EFAULT (none), -ESRCH (task gone), -EPERM (no way to read).
 * process_vm_readv, else /proc/TID/mem, else PTRACE_PEEKDATA.
 */
ssize_t memory_read(int tid, uint64_t addr, void *to, size_t len);

/*
 * n ranges (at most UIO_MAXIOV), one behind the other into to: total bytes until the first fault.
 * Faults where nothing could be read are errors as above.
 */
ssize_t memory_readv(int tid, void *to, const struct iovec *remote, unsigned int n);

/*
 * /proc/TID/mem, opened; negative errno.  Through it a read costs a third less, as the right to it is
 * checked once.  It shows the address space that the task has now: to be closed at execve.
 */
int memory_open(int tid);
/* len bytes at addr by such a file: all of them, or false. Page protections of the tracee don't count. */
bool memory_pread(int file, uint64_t addr, void *to, size_t len);

#endif
