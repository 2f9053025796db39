// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Starting the command: forked, it waits on a pipe until it is traced, so that nothing of it runs
 * unseen and no stop signal has to be sent.  It gets the signal mask and dispositions that we got, and
 * none of our descriptors.
 */
#include "config.h"

#include "live/command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "live/inherit.h"

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

enum { REPEAT_NS = 500000000 }; /* timeout(1) sends its signal twice, to us and to our group */
enum { STATUS_OWN = 125, STATUS_NOEXEC = 126, STATUS_NOTFOUND = 127 };

enum stage { STAGE_PREPARE = 'P', STAGE_USER = 'U', STAGE_EXEC = 'X' };

struct report { /* from the command, on its way to execve */
	enum stage stage;
	int err;
};

struct start {
	char **env;
	uid_t uid;
	gid_t gid;
	int go[2], report[2];
};

void command_init(struct command *c)
{
	inherit_save();
	c->status = -1;
	c->report_fd = -1;
}

void command_free(struct command *c)
{
	alloc_free(c->path);
}

/* Did it get sig too, as it is in the terminal's foreground with us? */
static bool from_terminal(const struct command *c, int sig)
{
	int fd;
	pid_t front;

	if (sig != SIGINT && sig != SIGQUIT)
		return false;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	front = tcgetpgrp(fd);
	close(fd);
	return front == getpgrp() && getpgid(c->pid) == front;
}

void command_ends(struct command *c, volatile sig_atomic_t *interrupted, void (*loop)(void *ctx))
{
	uint64_t told = clock_ns(CLOCK_MONOTONIC);

	/* what the terminal told it may not end its children, but those that we attached to are let go */
	c->leaving = c->o->npids > 0;
	if (!from_terminal(c, *interrupted)) {
		kill(c->pid, *interrupted);
		c->leaving = true;
	}
	do {
		*interrupted = 0;
		loop(c->ctx);
	} while (*interrupted && command_lives(c) && clock_ns(CLOCK_MONOTONIC) - told < REPEAT_NS);
	c->leaving = false;
}

void command_let_go(const struct command *c, int sig)
{
	kill(c->pid, SIGCONT);
	kill(c->pid, sig ? sig : SIGTERM);
}

/* execvp()'s search: 0 and the path, or the errno to tell. */
static int search(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");
	int err = ENOENT;

	if (strchr(name, '/')) {
		if (strlen(name) >= size)
			return ENAMETOOLONG;
		strcpy(path, name);
		return access(path, F_OK) ? errno : 0;
	}
	if (!*name)
		return ENOENT;
	for (const char *d = dirs ? dirs : "/bin:/usr/bin"; d;) {
		const char *colon = strchr(d, ':');
		size_t len = colon ? (size_t)(colon - d) : strlen(d);
		struct stat st;
		int n = snprintf(path, size, "%.*s%s%s", (int)len, d, len ? "/" : "", name);

		if (n > 0 && (size_t)n < size && !stat(path, &st) && S_ISREG(st.st_mode)) {
			if (!access(path, X_OK))
				return 0;
			err = EACCES;
		}
		d = colon ? colon + 1 : NULL;
	}
	return err;
}

/* The environment with -E applied: VAR=VAL sets, VAR alone removes.  The strings are borrowed. */
static char **environment(char *const *changes)
{
	size_t n = 0, extra = 0, out = 0;

	while (environ && environ[n])
		n++;
	while (changes && changes[extra])
		extra++;

	char **env = alloc_zeroed(n + extra + 1, sizeof(*env));

	for (size_t i = 0; i < n; i++)
		env[out++] = environ[i];
	for (size_t c = 0; c < extra; c++) {
		size_t len = strcspn(changes[c], "=");
		size_t keep = 0;

		for (size_t i = 0; i < out; i++) {
			if (strncmp(env[i], changes[c], len) || env[i][len] != '=')
				env[keep++] = env[i];
		}
		if (changes[c][len])
			env[keep++] = changes[c];
		out = keep;
	}
	env[out] = NULL;
	return env;
}

static int find_user(struct command *c, struct start *s)
{
	if (!c->o->user)
		return 0;

	struct passwd *pw = getpwnam(c->o->user);

	if (!pw) {
		live_say(c->live, "there is no user '%s'", c->o->user);
		return -ENOENT;
	}
	if (geteuid()) {
		live_say(c->live, "only root can run a command as another user (-u %s)",
			 c->o->user);
		return -EPERM;
	}
	s->uid = pw->pw_uid;
	s->gid = pw->pw_gid;
	return 0;
}

static void tell(const struct start *s, enum stage stage, int err)
{
	struct report r = { stage, err };

	/* nobody may listen any more; there is no one else to tell */
	if (write(s->report[1], &r, sizeof(r)) < 0)
		return;
}

/* What remains between fork and execve, as the traced task.  Never returns. */
static _Noreturn void become(const struct command *c, const struct start *s)
{
	char go;
	ssize_t n;
	int err;

	do {
		n = read(s->go[0], &go, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1) /* the tracer could not trace us, and says so */
		_exit(STATUS_OWN);
	if (c->o->daemonize) /* it came: nobody else may */
		prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	inherit_restore();
	if (c->prepare) { /* before ids change: it may need root's rights */
		err = c->prepare(c->ctx);
		if (err)
			tell(s, STAGE_PREPARE, -err);
	}
	if (c->o->user && (initgroups(c->o->user, s->gid) || setresgid(s->gid, s->gid, s->gid) ||
			   setresuid(s->uid, s->uid, s->uid))) {
		tell(s, STAGE_USER, errno);
		_exit(STATUS_OWN);
	}
	execve(c->path, c->o->argv, s->env);
	err = errno;
	if (err == ENOEXEC) { /* a script without #!, as execvp() does */
		size_t args = 0;

		while (c->o->argv[args])
			args++;

		char **sh = alloc_zeroed(args + 2, sizeof(*sh));
		static char shell[] = "/bin/sh";

		sh[0] = shell;
		sh[1] = c->path;
		memcpy(&sh[2], &c->o->argv[1], (args - 1) * sizeof(*sh));
		execve(shell, sh, s->env);
	}
	tell(s, STAGE_EXEC, err);
	_exit(err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC);
}

/*
 * -D: the command keeps this process, its number and its parent; the tracer is a grandchild that init
 * adopts.  Returns as the tracer only.
 */
static pid_t fork_daemonized(struct command *c, const struct start *s)
{
	pid_t command = getpid();
	pid_t middle = fork();

	if (middle < 0)
		return -1;
	if (middle) {
		int status;

		close(s->go[1]);
		while (waitpid(middle, &status, 0) < 0 && errno == EINTR)
			;
		/* Yama: a tracer that is no ancestor must be allowed by name; any, until it came */
		prctl(PR_SET_PTRACER, -1UL, 0, 0, 0);
		become(c, s);
	}

	pid_t tracer = fork();

	if (tracer)
		_exit(tracer < 0);
	setsid();
	return command;
}

static pid_t fork_command(struct command *c, const struct start *s)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	close(s->go[1]);
	become(c, s);
}

static int let_go_on(struct command *c, struct start *s, pid_t pid)
{
	int err;
	char go = 1;

	close(s->go[0]);
	close(s->report[1]);
	c->report_fd = s->report[0];
	c->pid = pid;
	err = c->trace(c->ctx, pid);
	if (!err && write(s->go[1], &go, 1) != 1)
		err = -EPIPE;
	close(s->go[1]);
	if (err && !c->o->daemonize) /* it has read the end of the pipe, and ends */
		waitpid(pid, NULL, __WALL);
	return err;
}

static int not_started(struct command *c, int err)
{
	c->status = (err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC) << 8;
	live_say(c->live, err == ENOENT ? "cannot find executable '%s'" : "cannot execute '%s': %s",
		 c->o->argv[0], strerror(err));
	return -err;
}

int command_launch(struct command *c)
{
	struct start s = { 0 };
	char path[PATH_MAX];
	int err = search(c->o->argv[0], path, sizeof(path));
	pid_t pid;

	if (err)
		return not_started(c, err);
	err = find_user(c, &s);
	if (err)
		return err;
	if (pipe2(s.go, O_CLOEXEC) || pipe2(s.report, O_CLOEXEC)) {
		err = -errno;
		live_say(c->live, "cannot make a pipe: %s", strerror(-err));
		return err;
	}
	c->path = alloc_strdup(path);
	s.env = environment(c->o->env);
	pid = c->o->daemonize ? fork_daemonized(c, &s) : fork_command(c, &s);
	if (pid < 0) {
		err = -errno;
		live_say(c->live, "cannot fork: %s", strerror(-err));
	} else {
		err = let_go_on(c, &s, pid);
	}
	alloc_free(s.env);
	return err;
}

static void tell_exec(struct command *c, int err)
{
	struct stat st;

	if (err == ENOENT && !access(c->path, F_OK)) {
		live_say(c->live,
			 "cannot execute '%s': its interpreter (#! line, or ELF loader) is missing",
			 c->path);
	} else if (!stat(c->path, &st) && S_ISDIR(st.st_mode)) {
		live_say(c->live, "cannot execute '%s': it is a directory", c->path);
	} else {
		live_say(c->live, "cannot execute '%s': %s", c->path, strerror(err));
	}
	c->status = (err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC) << 8;
	c->not_executed = true;
}

void command_report(struct command *c)
{
	struct report r;

	if (c->report_fd < 0)
		return;
	/* Whoever calls us knows that execve happened or the command ended: the pipe is at its end. */
	while (read(c->report_fd, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		switch (r.stage) {
		case STAGE_PREPARE:
			c->unprepared(c->ctx, r.err);
			break;
		case STAGE_USER:
			live_say(c->live, "cannot become user '%s': %s", c->o->user,
				 strerror(r.err));
			c->status = STATUS_OWN << 8;
			c->not_executed = true;
			break;
		case STAGE_EXEC:
			tell_exec(c, r.err);
			break;
		}
	}
	close(c->report_fd);
	c->report_fd = -1;
}
