/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a traced task's memory is read, whoever has it: the kernel (process_vm_readv), a record that was made
 * of it, a table.  Whoever hands one out says how long it is good for; usually one stop or one record.
 */
#ifndef CMSGTRACE_BASE_MEMORY_H
#define CMSGTRACE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct memory {
	/*
	 * n ranges (at most UIO_MAXIOV), one behind the other into to, with the task's own rights.  How
	 * many bytes could be read until the first that can't; where that is the very first: -EFAULT, -ESRCH
	 * (the task is gone), -EPERM (no way to read).
	 */
	ssize_t (*readv)(const struct memory *m, void *to, const struct iovec *remote,
			 unsigned int n);
	/*
	 * A cheaper way to read one range, all of it or nothing; or NULL.  It may also show what the task
	 * itself could not read.
	 */
	bool (*quick)(const struct memory *m, uint64_t addr, void *to, size_t len);
	/* Set where something was not read since it may be there, but not yet. Or NULL. */
	bool *absent;
	/* Was what is at addr not taken, so that nobody knows whether it can be read?  Or NULL: all was. */
	bool (*left_out)(const struct memory *m, uint64_t addr);
	/*
	 * What is read is not of the moment that is spoken of, unless it was taken then: only what the task doesn't
	 * write is still the same.
	 */
	bool late;
	/* late: was all of this taken at that moment?  Or NULL: nothing that the task writes was. */
	bool (*taken)(const struct memory *m, uint64_t addr, size_t len);
	bool apart; /* what lies between ranges is not there: they aren't joined */
};

/* One range, as readv. */
static inline ssize_t memory_read(const struct memory *m, uint64_t addr, void *to, size_t len)
{
	struct iovec remote = { (void *)(uintptr_t)addr, len };

	if (len > UINT64_MAX - addr)
		remote.iov_len = (size_t)(UINT64_MAX - addr);
	return remote.iov_len ? m->readv(m, to, &remote, 1) : 0;
}

#endif
