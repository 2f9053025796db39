/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read of a stopped tracee: its memory, within bounds, and its registers. */
#ifndef CMSGTRACE_PTRACE_MEMORY_H
#define CMSGTRACE_PTRACE_MEMORY_H

#include "arch/arch.h"
#include "base/memory.h"

/* Of one task. */
struct ptrace_memory {
	struct memory memory;
	int tid;
	int file; /* its /proc/TID/mem, borrowed, for memory.quick; or negative */
	bool absent;
};

/* Readable until the task goes on; it owns nothing. */
void ptrace_memory_init(struct ptrace_memory *m, int tid, int file);
/* … and of pages that are there already only: no read waits for one. */
void ptrace_memory_init_present(struct ptrace_memory *m, int tid);

/*
 * Reads up to len bytes at addr of task tid.  Returns how many could be read from the start on (short at
 * the first page that isn't there), or -EFAULT (none), -ESRCH (task gone), -EPERM (no way to read).
 * process_vm_readv, else /proc/TID/mem, else PTRACE_PEEKDATA.
 */
ssize_t ptrace_read(int tid, uint64_t addr, void *to, size_t len);

/*
 * /proc/TID/mem, opened; negative errno.  Through it a read costs a third less, as the right to it is
 * checked once.  It shows the address space that the task has now: to be closed at execve.
 */
int ptrace_memory_open(int tid);

/* Registers of a stopped task: 0 or negative errno. */
int ptrace_registers(int tid, struct registers *to);

#endif
