// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Bounded reads of a tracee's memory: process_vm_readv(2), /proc/TID/mem, PTRACE_PEEKDATA; its registers.
 *
 * The first honours the tracee's page protections, as the kernel does when it reads the arguments of a
 * call; the other two also see what the tracee itself may not read.  They only serve where the first is
 * refused (seccomp filters of containers, kernels without CONFIG_CROSS_MEMORY_ATTACH).
 */
#include "config.h"

#include "procfs/procfs.h"
#include "ptrace/memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

/* One step of a reader: bytes read at addr (at least 1), or negative errno. */
typedef ssize_t step_fn(int handle, uint64_t addr, void *to, size_t len);

static ssize_t step_vm(int tid, uint64_t addr, void *to, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n ? n : -EFAULT;
}

static ssize_t step_file(int fd, uint64_t addr, void *to, size_t len)
{
	/* Addresses above LLONG_MAX are the kernel's; as an offset they would be negative. */
	if (addr > INT64_MAX)
		return -EFAULT;

	ssize_t n = pread(fd, to, len, (off_t)addr);

	if (n > 0)
		return n;
	/* EIO: no such page.  0: the address space is gone (it reads as an end of file). */
	return n == 0 ? -ESRCH : errno == EIO ? -EFAULT : -errno;
}

static ssize_t step_peek(int tid, uint64_t addr, void *to, size_t len)
{
	uint64_t start = addr & ~(uint64_t)(sizeof(long) - 1);
	size_t skip = (size_t)(addr - start);
	size_t n = sizeof(long) - skip;

	errno = 0;

	long word = ptrace(PTRACE_PEEKDATA, tid, (void *)(uintptr_t)start, NULL);

	if (errno)
		return errno == EIO ? -EFAULT : -errno;
	if (n > len)
		n = len;
	memcpy(to, (const char *)&word + skip, n);
	return (ssize_t)n;
}

/* Repeats step until len bytes are there or it fails; what was got counts more than the error. */
static ssize_t read_all(step_fn *step, int handle, uint64_t addr, void *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = step(handle, addr + got, (char *)to + got, len - got);

		if (n < 0)
			return got ? (ssize_t)got : n;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool refused(ssize_t err)
{
	return err == -EPERM || err == -ENOSYS || err == -EACCES;
}

int ptrace_memory_open(int tid)
{
	return procfs_open(tid, "mem");
}

static ssize_t read_by_proc(int tid, uint64_t addr, void *to, size_t len)
{
	/* Not kept open: a tid may be another task the next time. */
	int fd = ptrace_memory_open(tid);

	if (fd < 0)
		return -EPERM;

	ssize_t n = read_all(step_file, fd, addr, to, len);

	close(fd);
	return n;
}

ssize_t ptrace_read(int tid, uint64_t addr, void *to, size_t len)
{
	if (len > UINT64_MAX - addr)
		len = (size_t)(UINT64_MAX - addr);
	if (!len)
		return 0;

	ssize_t n = read_all(step_vm, tid, addr, to, len);

	if (!refused(n))
		return n;
	n = read_by_proc(tid, addr, to, len);
	if (!refused(n))
		return n;
	n = read_all(step_peek, tid, addr, to, len);
	return n < 0 && n != -EFAULT && n != -ESRCH ? -EPERM : n;
}

static const struct ptrace_memory *memory_of(const struct memory *m)
{
	return (const struct ptrace_memory *)m;
}

static ssize_t by_readv(const struct memory *m, void *to, const struct iovec *remote,
			unsigned int n)
{
	int tid = memory_of(m)->tid;
	struct iovec local = { to, 0 };

	for (unsigned int i = 0; i < n; i++)
		local.iov_len += remote[i].iov_len;

	ssize_t got = process_vm_readv(tid, &local, 1, remote, n, 0);

	if (got >= 0)
		return got;
	if (!refused(-errno))
		return -errno;

	size_t total = 0;

	for (unsigned int i = 0; i < n; i++) {
		got = ptrace_read(tid, (uintptr_t)remote[i].iov_base, (char *)to + total,
				  remote[i].iov_len);
		if (got < 0)
			return total ? (ssize_t)total : got;
		total += (size_t)got;
		if ((size_t)got < remote[i].iov_len)
			break;
	}
	return (ssize_t)total;
}

/* Page protections of the tracee don't count there. */
static bool by_file(const struct memory *m, uint64_t addr, void *to, size_t len)
{
	return addr <= INT64_MAX && pread(memory_of(m)->file, to, len, (off_t)addr) == (ssize_t)len;
}

void ptrace_memory_init(struct ptrace_memory *m, int tid, int file)
{
	*m = (struct ptrace_memory){
		.memory = { .readv = by_readv, .quick = file < 0 ? NULL : by_file },
		.tid = tid,
		.file = file,
	};
}

/* ---- pages that are there ---- */

enum { PAGES = 64 }; /* asked about at once */

/* How many of the len bytes at addr lie in pages that are there, or in swap, from the start on. */
static size_t present(int pagemap, uint64_t addr, size_t len)
{
	const uint64_t there = 3ULL << 62; /* Documentation/admin-guide/mm/pagemap.rst */
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE), at = addr, end = addr + len;

	while (at < end) {
		uint64_t v[PAGES], page = at / size, n = (end - 1) / size - page + 1;
		ssize_t got = pread(pagemap, v, (n < PAGES ? n : PAGES) * sizeof(*v),
				    (off_t)(page * sizeof(*v)));

		if (got < (ssize_t)sizeof(*v))
			break;
		for (size_t i = 0; i < (size_t)got / sizeof(*v); i++) {
			if (!(v[i] & there))
				return (size_t)(at - addr);
			at = (page + i + 1) * size;
		}
	}
	return at < end ? (size_t)(at - addr) : len;
}

static ssize_t by_present(const struct memory *m, void *to, const struct iovec *remote,
			  unsigned int n)
{
	int tid = memory_of(m)->tid;
	char path[32];
	size_t total = 0;
	int pagemap;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", tid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	for (unsigned int i = 0; i < n; i++) {
		uint64_t addr = (uintptr_t)remote[i].iov_base;
		size_t len = present(pagemap, addr, remote[i].iov_len);
		ssize_t got = len ? ptrace_read(tid, addr, (char *)to + total, len) : 0;

		*m->absent |= len < remote[i].iov_len;
		if (got > 0)
			total += (size_t)got;
		if (got < (ssize_t)remote[i].iov_len)
			break;
	}
	if (pagemap >= 0)
		close(pagemap);
	return total ? (ssize_t)total : -EFAULT;
}

void ptrace_memory_init_present(struct ptrace_memory *m, int tid)
{
	*m = (struct ptrace_memory){
		.memory = { .readv = by_present, .absent = &m->absent },
		.tid = tid,
		.file = -1,
	};
}

int ptrace_registers(int tid, struct registers *to)
{
	uint64_t regset[128]; /* the longest known one takes 34 */
	struct iovec iov = { regset, sizeof(regset) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -errno;
	return arch_native->registers(to, regset, iov.iov_len);
}
