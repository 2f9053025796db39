// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files that a traced process has mapped, opened as it sees them: in its own root. */
#include "config.h"

#include "stack/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_mapped(int tid, const char *path)
{
	char root[32];
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT,
	};
	struct stat st;

	if (path[0] != '/')
		return -ENOENT;
	snprintf(root, sizeof(root), "/proc/%d/root", tid);

	int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;

	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	int err = errno;

	if (fd < 0 && err == ENOSYS) {
		/* Before Linux 5.6; the paths of a map have no symbolic links in them. */
		fd = openat(dir, path + 1, (int)how.flags | O_NOFOLLOW);
		err = errno;
	}
	close(dir);
	if (fd < 0)
		return -err;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}
