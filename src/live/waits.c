// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Whose memory has pages that somebody must bring first: of a userfaultfd, or of a file on FUSE.  Reads /proc, whose
 * answers wait for no file system.
 */
#include "config.h"

#include "live/waits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "procfs/procfs.h"

enum { FUSES = 32 }; /* file systems that are told apart; with more each mapping of a file counts */

/* The numbers of the FUSE file systems that a process sees: how many. */
static unsigned int fuse_devices(int tgid, dev_t *to)
{
	FILE *f = fopen(procfs_path(tgid, "mountinfo").s, "re");
	char *line = NULL;
	size_t room = 0;
	unsigned int n = 0, major, minor;

	while (f && n < FUSES && getline(&line, &room, f) > 0) {
		const char *type = strstr(line, " - fuse");

		/* proc_pid_mountinfo(5): the third word is the device */
		if (type && strncmp(type, " - fusectl ", 11) &&
		    sscanf(line, "%*d %*d %u:%u", &major, &minor) == 2)
			to[n++] = makedev(major, minor);
	}
	free(line);
	if (f)
		fclose(f);
	return n;
}

static bool is_one_of(dev_t dev, const dev_t *v, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (v[i] == dev)
			return true;
	}
	return n == FUSES && dev;
}

bool waits_some_fuse(void)
{
	dev_t fuses[FUSES];

	return fuse_devices(getpid(), fuses);
}

static bool maps_fuse(int tgid)
{
	dev_t fuses[FUSES];
	unsigned int n = fuse_devices(tgid, fuses), major, minor;
	bool found = false;
	char *line = NULL;
	size_t room = 0;
	FILE *f;

	if (!n)
		return false;
	f = fopen(procfs_path(tgid, "maps").s, "re");
	while (f && !found && getline(&line, &room, f) > 0)
		found = sscanf(line, "%*s %*s %*s %x:%x", &major, &minor) == 2 &&
			is_one_of(makedev(major, minor), fuses, n);
	free(line);
	if (f)
		fclose(f);
	return found;
}

static bool is_userfaultfd(int tgid, int fd)
{
	static const char name[] = "anon_inode:[userfaultfd]";
	char to[sizeof(name)];

	return readlink(procfs_path(tgid, "fd/%d", fd).s, to, sizeof(to)) == sizeof(name) - 1 &&
	       !memcmp(to, name, sizeof(name) - 1);
}

void waits_fd(struct process *p, int fd)
{
	p->waits |= is_userfaultfd(p->tgid, fd);
}

void waits_maps(struct process *p)
{
	p->waits = p->waits || maps_fuse(p->tgid);
}

void waits_call(struct live *l, struct task *t, const struct call_entry *e, const uint64_t *args)
{
	const struct memory *mem = l->engine->memory(l->e, t);
	int fs = calls_wait_fs(e);
	char name[4];

	if (fs < 0)
		t->process->waits |= e->name[0] == 'u' || args[1] == CALLS_IOC_USERFAULTFD;
	else if (memory_read(mem, args[fs], name, sizeof(name)) == sizeof(name) &&
		 !memcmp(name, "fuse", sizeof(name)))
		l->waits = true;
}

bool live_memory_waits(const struct live *l, const struct task *t)
{
	return l->waits || t->process->waits;
}
