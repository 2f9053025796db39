// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files that a run reads whole. */
#include "config.h"

#include "read-file.h"

#include <errno.h>
#include <unistd.h>

int read_file(int fd, struct buf *to, size_t max)
{
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	do {
		to->len += (size_t)n;
		n = read(fd, buf_reserve(to, 65536), 65536);
	} while ((n > 0 && to->len < max) || (n < 0 && errno == EINTR && !(n = 0)));

	int err = n < 0 ? -errno : n > 0 ? -EFBIG : 0;

	close(fd);
	return err;
}
