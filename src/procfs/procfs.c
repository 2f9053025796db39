// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files of /proc: proc(5). */
#include "config.h"

#include "procfs/procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KTHREAD_FLAG = 0x00200000 }; /* PF_KTHREAD of include/linux/sched.h */

struct procfs_path procfs_path(int id, const char *fmt, ...)
{
	struct procfs_path path;
	int n = snprintf(path.s, sizeof(path.s), "/proc/%d/", id);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path.s + n, sizeof(path.s) - (size_t)n, fmt, ap);
	va_end(ap);
	return path;
}

int procfs_open(int id, const char *name)
{
	int fd = open(procfs_path(id, "%s", name).s, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

ssize_t procfs_read(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return procfs_take(fd < 0 ? -errno : fd, to, size);
}

ssize_t procfs_take(int fd, char *to, size_t size)
{
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, to, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n;
}

ssize_t procfs_link(const char *path, char *to, size_t size)
{
	ssize_t n = readlink(path, to, size - 1);

	if (n < 0)
		return -errno;
	to[n] = '\0';
	return n;
}

uint64_t procfs_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

const char *procfs_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	/* The first line is the name, which may hold anything but a newline: a key starts a line. */
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

char procfs_state(const char *status)
{
	const char *state = procfs_value(status, "State");

	return state ? state[strspn(state, " \t")] : '\0';
}

int procfs_inner_pid(const char *status)
{
	const char *at = procfs_value(status, "NSpid");
	long pid = 0;

	/* from the namespace of /proc inwards: the last is its own */
	for (char *end; at && *at && *at != '\n'; at = end) {
		pid = strtol(at, &end, 10);
		if (end == at || (*end != '\t' && *end != '\n'))
			break;
	}
	return (int)pid;
}

void procfs_close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int procfs_next(DIR *dir)
{
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (isdigit((unsigned char)d->d_name[0]))
			return atoi(d->d_name);
	}
	return -1;
}

int procfs_count(const char *path, int64_t below)
{
	auto_dir DIR *dir = opendir(path);
	int i, n = 0;

	if (!dir)
		return -errno;
	while ((i = procfs_next(dir)) >= 0)
		n += i < below;
	return n;
}

long proc_status(int pid, const char *key)
{
	char text[4096];
	const char *v = procfs_read(procfs_path(pid, "status").s, text, sizeof(text)) > 0
				? procfs_value(text, key)
				: NULL;

	return v ? strtol(v, NULL, 10) : -1;
}

bool proc_is_kthread(int pid)
{
	unsigned int flags;
	char text[1024];
	const char *end;

	if (procfs_read(procfs_path(pid, "stat").s, text, sizeof(text)) <= 0)
		return false;
	/* the 9th field; comm may hold anything, its end is the last ')' */
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & KTHREAD_FLAG;
}
