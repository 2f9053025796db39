/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command that is wrapped, whatever the engine: started, told to end, its status. */
#ifndef CMSGTRACE_LIVE_COMMAND_H
#define CMSGTRACE_LIVE_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "live/engine.h"

/* An engine has one, and fills in the first members; all else is command.c's. */
struct command {
	struct live *live;
	const struct live_opts *o;
	void *ctx;
	/* The forked process waits to go on: it is traced from now on. 0 or negative errno (told). */
	int (*trace)(void *ctx, pid_t pid);
	/* In that process, as it goes on: 0 or negative errno. Or NULL. */
	int (*prepare)(void *ctx);
	/* In the tracer: prepare() failed. Or NULL where there is none. */
	void (*unprepared)(void *ctx, int err);

	pid_t pid;         /* 0: none */
	int status;        /* as wait(2) says; -1: not ended */
	bool leaving;      /* it was told to end: tracing goes on until it did */
	bool not_executed; /* it ended since it could not become what was asked: told */
	int report_fd;     /* the command tells here why it could not start; -1: closed */
	char *path;        /* of the executable */
};

void command_init(struct command *c);
void command_free(struct command *c);
/* Forks the command, which waits until it is traced, then runs. 0 or negative errno (told). */
int command_launch(struct command *c);
/*
 * What it said about its start: its preparation failed, or execve did; sets status.  Call it once execve
 * happened, or the command ended.
 */
void command_report(struct command *c);
static inline bool command_lives(const struct command *c)
{
	return c->pid && c->status < 0;
}
/*
 * *interrupted, a signal, asked us to end while the command lives.  It gets the signal, unless the terminal gave it to both,
 * and ends as it likes: loop(ctx) traces on until then, or until the next signal.  That is in *interrupted after.
 */
void command_ends(struct command *c, volatile sig_atomic_t *interrupted, void (*loop)(void *ctx));
/* It goes on without us, as strace(1) lets it: ended by sig, SIGTERM where that is 0. */
void command_let_go(const struct command *c, int sig);

#endif
