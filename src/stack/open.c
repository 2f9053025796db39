// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opens what traced processes name: openat2(2), proc(5). */
#include "config.h"

#include "stack/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "procfs/procfs.h"

int open_regular(int dir, const char *path, struct stat *st)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int at = dir < 0 ? open(path, O_PATH | O_CLOEXEC)
			 : (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	char self[32];
	int fd = -1;

	/* Before Linux 5.6; the paths of a map have no symbolic links in them. */
	if (at < 0 && dir >= 0 && errno == ENOSYS)
		at = openat(dir, path + 1, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (at < 0)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
	if (fstat(at, st) == 0 && S_ISREG(st->st_mode))
		fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	close(at);
	return fd;
}

int open_in_root(int tid, const char *path, struct stat *st)
{
	int dir = open(procfs_path(tid, "root").s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (dir < 0)
		return -1;
	fd = open_regular(dir, path, st);
	close(dir);
	return fd;
}

uint64_t inner_tid(int tid)
{
	char status[4096];

	if (procfs_read(procfs_path(tid, "status").s, status, sizeof(status)) <= 0)
		return 0;
	return (uint64_t)procfs_inner_pid(status);
}
