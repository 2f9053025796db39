// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opens and closes what reports write to. */
#include "config.h"

#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "options.h"
#include "own-file.h"
#include "complain.h"

extern char **environ;

struct open_stream {
	struct open_stream *next;
	struct stream stream;
	char *name;
	pid_t pid;   /* of the '|command', or 0 */
	int status;  /* how it ended, as wait(2) says … */
	bool reaped; /* … where that is known */
};

struct streams {
	struct open_stream *all;
	struct map tasks; /* tid -> struct open_stream, not in all */
	bool task_failed;
};

struct streams *streams_new(void)
{
	return alloc_zeroed(1, sizeof(struct streams));
}

static void on_sigpipe(int sig)
{
	(void)sig; /* write(2) says EPIPE, and the command's status why */
}

/* A handler, never SIG_IGN, which a traced command would inherit. */
static void survive_sigpipe(void)
{
	struct sigaction old, sa = { .sa_handler = on_sigpipe };

	if (!sigaction(SIGPIPE, NULL, &old) && old.sa_handler == SIG_DFL)
		sigaction(SIGPIPE, &sa, NULL);
}

static int spawn_command(const char *command, pid_t *pid)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int fds[2];
	int err;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	err = posix_spawn(pid, "/bin/sh", &actions, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	close(fds[0]);
	survive_sigpipe();
	if (err) {
		close(fds[1]);
		return -err;
	}
	return fds[1];
}

static struct open_stream *open_stream(const char *name, bool append)
{
	struct open_stream *o = alloc_zeroed(1, sizeof(*o));
	int fd;

	if (!name) {
		fd = own_copy(STDERR_FILENO);
		if (fd == -EBADF) /* closed by whoever wants nothing said */
			fd = own_file("/dev/null", append, OWN_FILE_PRIVATE);
	} else if (!strcmp(name, "-")) {
		fd = own_copy(STDOUT_FILENO);
	} else if (*name == '|' || *name == '!') {
		fd = spawn_command(name + 1, &o->pid);
	} else {
		fd = own_file(name, append, OWN_FILE_PRIVATE);
	}
	if (fd < 0) {
		complain("can't write to %s: %s", name ? name : "standard error", own_file_why(fd));
		alloc_free(o);
		return NULL;
	}
	o->name = alloc_strdup(name ? name : "standard error");
	o->stream.name = o->name;
	o->stream.fd = fd;
	return o;
}

struct stream *streams_open(struct streams *s, const char *name, bool append)
{
	const char *as = name ? name : "standard error";

	for (struct open_stream *o = s->all; o; o = o->next) {
		if (!strcmp(o->name, as))
			return &o->stream;
	}

	struct open_stream *o = open_stream(name, append);

	if (!o)
		return NULL;
	o->next = s->all;
	s->all = o;
	return &o->stream;
}

void streams_before_terminal(struct streams *s, void (*before)(void *ctx), void *ctx)
{
	for (struct open_stream *o = s->all; o; o = o->next) {
		if (!isatty(o->stream.fd))
			continue;
		o->stream.before = before;
		o->stream.before_ctx = ctx;
	}
}

struct stream *streams_open_task(struct streams *s, const char *name, int tid, bool append)
{
	struct open_stream *o = map_get(&s->tasks, (uint64_t)tid);

	if (o)
		return &o->stream;

	struct buf path = { 0 };

	buf_str(&path, name);
	buf_char(&path, '.');
	buf_s64(&path, tid);
	o = s->task_failed ? NULL : open_stream(buf_cstr(&path), append);
	buf_free(&path);
	if (!o) {
		s->task_failed = true;
		return streams_open(s, NULL, false);
	}
	map_put(&s->tasks, (uint64_t)tid, o);
	return &o->stream;
}

void streams_child_ended(struct streams *s, int pid, int status)
{
	for (struct open_stream *o = s->all; o; o = o->next) {
		if (o->pid != pid)
			continue;
		o->status = status;
		o->reaped = true;
	}
}

static void await_command(struct open_stream *o)
{
	pid_t got;

	if (o->reaped)
		return;
	do {
		got = waitpid(o->pid, &o->status, 0);
	} while (got < 0 && errno == EINTR);
	o->reaped = got == o->pid; /* else (-D) it is another process's child */
}

/*
 * The '|command' ended: says so where it failed.  -EIO where what was written is lost: the shell could not
 * run it, or a signal ended it (but not SIGPIPE, which comes from behind it).
 */
static int command_ended(const struct open_stream *o)
{
	int status = WIFEXITED(o->status) ? WEXITSTATUS(o->status) : 0;
	int sig = WIFSIGNALED(o->status) ? WTERMSIG(o->status) : 0;
	bool not_run = status == 126 || status == 127;

	if (!o->reaped)
		return 0;
	if (sig && sig != SIGPIPE) {
		complain("'%s' was killed by signal %d: its output is lost", o->name, sig);
		return -EIO;
	}
	if (not_run)
		complain("'%s' ended with status %d (%s): its output is lost", o->name, status,
			 status == 127 ? "not found" : "can't be executed");
	else if (status)
		complain("'%s' ended with status %d", o->name, status);
	return not_run ? -EIO : 0;
}

/* 0, or -EIO. */
static int close_stream(struct open_stream *o)
{
	int err;

	stream_flush(&o->stream);
	if (close(o->stream.fd) < 0 && errno != EINTR && !o->stream.err)
		o->stream.err = errno;
	if (o->pid)
		await_command(o);
	/* a reader that has seen enough (head) is no failure */
	err = o->stream.err && o->stream.err != EPIPE ? -EIO : 0;
	if (err)
		complain("could not write to %s: %s; what follows is lost", o->name,
			 strerror(o->stream.err));
	if (o->pid && command_ended(o))
		err = -EIO;
	buf_free(&o->stream.buf);
	alloc_free(o->name);
	alloc_free(o);
	return err;
}

int streams_close(struct streams *s)
{
	int err = 0;
	struct map_slot *slot;

	for (size_t i = 0; (slot = map_next(&s->tasks, &i));)
		err |= close_stream(slot->value);
	map_free(&s->tasks);
	while (s->all) {
		struct open_stream *o = s->all;

		s->all = o->next;
		err |= close_stream(o);
	}
	alloc_free(s);
	return err;
}
