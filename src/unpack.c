// SPDX-License-Identifier: LGPL-2.1-or-later
/* Compressed files. */
#include "config.h"

#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int unpack_start(const char *tool, int fd, pid_t *pid)
{
	char *argv[] = { (char *)tool, (char *)"-dc", NULL };
	posix_spawn_file_actions_t todo;
	int ends[2], err;

	if (lseek(fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&todo);
	posix_spawn_file_actions_adddup2(&todo, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&todo, ends[1], STDOUT_FILENO);
	err = posix_spawnp(pid, tool, &todo, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&todo);
	close(ends[1]);
	if (err)
		close(ends[0]);
	return err ? -err : ends[0];
}

bool unpack_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}
