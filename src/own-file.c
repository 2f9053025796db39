// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Opens what a run writes.  The rules are those of the kernel's fs.protected_symlinks, _hardlinks and _regular
 * (Documentation/admin-guide/sysctl/fs.rst), which may be off.
 */
#include "config.h"

#include "own-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Is name in a sticky directory that others can write to?  Then *dir is that. */
static bool shared_directory(const char *name, struct stat *dir)
{
	auto_free char *path = alloc_strdup(name);
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0'; /* "/" stays */
	return !stat(slash ? path : ".", dir) && dir->st_mode & S_ISVTX &&
	       dir->st_mode & (S_IWGRP | S_IWOTH);
}

static bool trusted(const struct stat *st, const struct stat *dir)
{
	return st->st_uid == geteuid() || st->st_uid == dir->st_uid;
}

enum { USED_MAX = 4096 };

/* Files of this run, each with what own_file() says to who wants to write them, too. */
static struct used {
	dev_t dev;
	ino_t ino;
	int err;
} used[USED_MAX];
static unsigned int nused;

static void use(const struct stat *st, int err)
{
	if (nused < USED_MAX && S_ISREG(st->st_mode))
		used[nused++] = (struct used){ st->st_dev, st->st_ino, err };
}

void own_file_spare(const char *name)
{
	struct stat st;

	if (!stat(name, &st))
		use(&st, -ETXTBSY);
}

/* 0: not used yet. */
static int used_for(const struct stat *st)
{
	for (unsigned int i = 0; i < nused; i++) {
		if (used[i].dev == st->st_dev && used[i].ino == st->st_ino)
			return used[i].err;
	}
	return 0;
}

const char *own_file_why(int err)
{
	return err == -ETXTBSY  ? "it is read in this run: give another name"
	       : err == -EEXIST ? "another output of this run is written there: give another name"
	       : err == -EPERM  ? "Operation not permitted, another user may have put it there"
				: strerror(-err);
}

int own_copy(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	return copy < 0 ? -errno : copy;
}

int own_file(const char *name, bool append, mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0);
	struct stat dir, st;
	bool shared = shared_directory(name, &dir);
	int fd, err = 0;

	if (shared && (lstat(name, &st) || !S_ISLNK(st.st_mode) || !trusted(&st, &dir)))
		flags |= O_NOFOLLOW;
	fd = open(name, flags, mode);
	if (fd < 0)
		return errno == ELOOP && shared ? -EPERM : -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if ((err = used_for(&st)))
		;
	else if (S_ISREG(st.st_mode) && shared && flags & O_NOFOLLOW &&
		 (!trusted(&st, &dir) || st.st_nlink > 1))
		err = -EPERM;
	else if (S_ISREG(st.st_mode) && !append && st.st_size && ftruncate(fd, 0))
		err = -errno;
	if (!err) {
		use(&st, -EEXIST);
		return fd;
	}
	close(fd);
	return err;
}
