// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file system by FUSE whose one file can't be read before somebody asks for "release":
 *   hang-fs FOLDER COMMAND…
 * Mounts it on FOLDER in a mount namespace of its own, runs the command there and ends as that does; 77 where there
 * is no FUSE.  Structures and order of requests: linux/fuse.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, FILE_NODE = 2, READS = 8 };

static int fuse;
static uint64_t reads[READS]; /* that wait */
static unsigned int nreads;

static void answer(uint64_t unique, int error, const void *p, size_t len)
{
	static char out[sizeof(struct fuse_out_header) + PAGE];
	struct fuse_out_header h = { .len = (uint32_t)(sizeof(h) + len),
				     .error = error,
				     .unique = unique };

	memcpy(out, &h, sizeof(h));
	if (len)
		memcpy(out + sizeof(h), p, len);
	if (write(fuse, out, h.len) != (ssize_t)h.len && errno != ENOENT)
		perror("hang-fs: /dev/fuse");
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){
		.ino = node,
		.size = node == FILE_NODE ? PAGE : 0,
		.mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755,
		.nlink = 1,
		.blksize = PAGE,
	};
}

static void look_up(uint64_t unique, const char *name)
{
	struct fuse_entry_out e = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };
	char page[PAGE];

	if (!strcmp(name, "file")) {
		answer(unique, 0, &e, sizeof(e));
		return;
	}
	memset(page, 'p', sizeof(page));
	while (!strcmp(name, "release") && nreads)
		answer(reads[--nreads], 0, page, sizeof(page));
	answer(unique, -ENOENT, NULL, 0);
}

static void serve(const struct fuse_in_header *in, const void *body)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = 31,
				      .max_write = PAGE };
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		answer(in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		look_up(in->unique, body);
		break;
	case FUSE_GETATTR:
		answer(in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		if (nreads < READS)
			reads[nreads++] = in->unique;
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: /* it waits all the same */
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(in->unique, 0, NULL, 0);
		break;
	default:
		answer(in->unique, -ENOSYS, NULL, 0);
	}
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static int mount_it(const char *folder)
{
	char options[128], map[64];
	unsigned int uid = getuid(), gid = getgid();

	if (uid && unshare(CLONE_NEWUSER))
		return -1;
	if (uid) {
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		write_file("/proc/self/uid_map", map);
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		write_file("/proc/self/gid_map", map);
	}
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse < 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fuse, uid,
		 gid);
	return mount("hang-fs", folder, "fuse", MS_NOSUID | MS_NODEV, options);
}

static void serve_all(void)
{
	static char in[PAGE + FUSE_MIN_READ_BUFFER] __attribute__((aligned(8)));

	for (;;) {
		ssize_t n = read(fuse, in, sizeof(in));

		if (n < (ssize_t)sizeof(struct fuse_in_header))
			return;
		serve((const void *)in, in + sizeof(struct fuse_in_header));
	}
}

int main(int argc, char *argv[])
{
	pid_t server;
	int status;

	if (argc < 3)
		return 2;
	if (mount_it(argv[1])) {
		perror("hang-fs");
		return 77;
	}
	server = fork();
	if (!server) {
		serve_all();
		_exit(0);
	}
	if (!fork()) {
		close(fuse);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	close(fuse);
	while (wait(&status) == server)
		;
	kill(server, SIGKILL); /* whoever still waits for it is woken */
	waitpid(server, NULL, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
