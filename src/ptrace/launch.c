// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Starting the command: forked, it waits on a pipe until it is traced, so that nothing of it runs
 * unseen and no stop signal has to be sent.  It gets the signal mask and dispositions that we got, and
 * none of our descriptors.
 */
#include "config.h"

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
#include "ptrace/inherit.h"
#include "ptrace/state.h"

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

enum { STATUS_OWN = 125, STATUS_NOEXEC = 126, STATUS_NOTFOUND = 127 };

struct report { /* from the command, on its way to execve */
	int stage;
	int err;
};

struct start {
	char **env;
	uid_t uid;
	gid_t gid;
	int go[2], report[2];
};

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

static int find_user(struct tracer *t, struct start *s)
{
	if (!t->o->user)
		return 0;

	struct passwd *pw = getpwnam(t->o->user);

	if (!pw) {
		live_say(t->live, "there is no user '%s'", t->o->user);
		return -ENOENT;
	}
	if (geteuid()) {
		live_say(t->live, "only root can run a command as another user (-u %s)",
			 t->o->user);
		return -EPERM;
	}
	s->uid = pw->pw_uid;
	s->gid = pw->pw_gid;
	return 0;
}

static void tell(const struct start *s, int stage, int err)
{
	struct report r = { stage, err };

	/* nobody may listen any more; there is no one else to tell */
	if (write(s->report[1], &r, sizeof(r)) < 0)
		return;
}

/* What remains between fork and execve, as the traced task.  Never returns. */
static _Noreturn void become(const struct tracer *t, const struct start *s)
{
	char go;
	ssize_t n;
	int err;

	do {
		n = read(s->go[0], &go, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1) /* the tracer could not trace us, and says so */
		_exit(STATUS_OWN);
	if (t->o->daemonize) /* it came: nobody else may */
		prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	inherit_restore();
	if (t->seccomp) { /* before ids change: it may need root's rights */
		err = filter_install(&t->filter);
		if (err)
			tell(s, TRACE_STAGE_FILTER, -err);
	}
	if (t->o->user && (initgroups(t->o->user, s->gid) || setresgid(s->gid, s->gid, s->gid) ||
			   setresuid(s->uid, s->uid, s->uid))) {
		tell(s, TRACE_STAGE_USER, errno);
		_exit(STATUS_OWN);
	}
	execve(t->path, t->o->argv, s->env);
	err = errno;
	if (err == ENOEXEC) { /* a script without #!, as execvp() does */
		size_t args = 0;

		while (t->o->argv[args])
			args++;

		char **sh = alloc_zeroed(args + 2, sizeof(*sh));
		static char shell[] = "/bin/sh";

		sh[0] = shell;
		sh[1] = t->path;
		memcpy(&sh[2], &t->o->argv[1], (args - 1) * sizeof(*sh));
		execve(shell, sh, s->env);
	}
	tell(s, TRACE_STAGE_EXEC, err);
	_exit(err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC);
}

/*
 * -D: the command keeps this process, its number and its parent; the tracer is a grandchild that init
 * adopts.  Returns as the tracer only.
 */
static pid_t fork_daemonized(struct tracer *t, const struct start *s)
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
		become(t, s);
	}

	pid_t tracer = fork();

	if (tracer)
		_exit(tracer < 0);
	setsid();
	return command;
}

static pid_t fork_command(struct tracer *t, const struct start *s)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	close(s->go[1]);
	become(t, s);
}

static int start_traced(struct tracer *t, struct start *s, pid_t pid)
{
	int err;
	char go = 1;

	close(s->go[0]);
	close(s->report[1]);
	t->report_fd = s->report[0];
	t->command = pid;
	err = tracer_seize(t, pid, pid);
	if (err) {
		tracer_refused(t, pid, -err);
	} else {
		tracer_find(t, pid)->task.hidden = true;
		if (write(s->go[1], &go, 1) != 1)
			err = -EPIPE;
	}
	close(s->go[1]);
	if (err && !t->o->daemonize) /* it has read the end of the pipe, and ends */
		waitpid(pid, NULL, __WALL);
	return err;
}

static int not_started(struct tracer *t, int err)
{
	t->command_status = (err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC) << 8;
	live_say(t->live, err == ENOENT ? "cannot find executable '%s'" : "cannot execute '%s': %s",
		 t->o->argv[0], strerror(err));
	return -err;
}

int tracer_launch(struct tracer *t)
{
	struct start s = { 0 };
	char path[PATH_MAX];
	int err = search(t->o->argv[0], path, sizeof(path));
	pid_t pid;

	if (err)
		return not_started(t, err);
	err = find_user(t, &s);
	if (err)
		return err;
	if (pipe2(s.go, O_CLOEXEC) || pipe2(s.report, O_CLOEXEC)) {
		err = -errno;
		live_say(t->live, "cannot make a pipe: %s", strerror(-err));
		return err;
	}
	t->path = alloc_strdup(path);
	s.env = environment(t->o->env);
	pid = t->o->daemonize ? fork_daemonized(t, &s) : fork_command(t, &s);
	if (pid < 0) {
		err = -errno;
		live_say(t->live, "cannot fork: %s", strerror(-err));
	} else {
		err = start_traced(t, &s, pid);
	}
	alloc_free(s.env);
	return err;
}

static void tell_exec(struct tracer *t, int err)
{
	struct stat st;

	if (err == ENOENT && !access(t->path, F_OK)) {
		live_say(t->live,
			 "cannot execute '%s': its interpreter (#! line, or ELF loader) is missing",
			 t->path);
	} else if (!stat(t->path, &st) && S_ISDIR(st.st_mode)) {
		live_say(t->live, "cannot execute '%s': it is a directory", t->path);
	} else {
		live_say(t->live, "cannot execute '%s': %s", t->path, strerror(err));
	}
	t->command_status = (err == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC) << 8;
	t->not_executed = true;
}

void tracer_launch_report(struct tracer *t)
{
	struct report r;

	if (t->report_fd < 0)
		return;
	/* Whoever calls us knows that execve happened or the command ended: the pipe is at its end. */
	while (read(t->report_fd, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		switch (r.stage) {
		case TRACE_STAGE_FILTER:
			t->seccomp = false;
			live_can(t->live, ENGINE_STOPS | ENGINE_EVERY_CALL);
			live_say(
				t->live,
				"cannot install a seccomp filter (%s): stopping at every system call "
				"instead, which is slower",
				strerror(r.err));
			break;
		case TRACE_STAGE_USER:
			live_say(t->live, "cannot become user '%s': %s", t->o->user,
				 strerror(r.err));
			t->command_status = STATUS_OWN << 8;
			t->not_executed = true;
			break;
		case TRACE_STAGE_EXEC:
			tell_exec(t, r.err);
			break;
		}
	}
	close(t->report_fd);
	t->report_fd = -1;
}
