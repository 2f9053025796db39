/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a live run is asked to do; the caller owns all of it until live_free(). */
#ifndef CMSGTRACE_LIVE_OPTS_H
#define CMSGTRACE_LIVE_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct live_opts {
	char *const *argv; /* command to wrap, NULL-terminated; or NULL */
	const int *pids;   /* to attach to */
	unsigned int npids;
	bool all;           /* every process that sends or receives: none is named … */
	const char *cgroup; /* … of this control group; NULL: of the machine */
	bool follow;        /* children and new threads */
	bool daemonize;     /* -D: the tracer is a detached grandchild */
	bool kill_on_exit;  /* --kill-on-exit */
	bool detach_on_execve; /* -b execve: what executes a program is let go, but for the command's first */
	const char *user;     /* -u: run the command as */
	char *const *env;     /* -E: VAR=VAL or VAR (unset), NULL-terminated; or NULL */
	unsigned int strsize; /* payload bytes to take of a message */
	bool paths;           /* -y: resolve descriptors to paths */
	int stacks;           /* -k: a stack for each printed call; 2, -kk: and its source lines */
	uint64_t duration_ns; /* 0: no limit */
	bool received; /* watch what becomes of descriptors that are received: a rule needs it */
	bool wire;     /* --wire: find the packet of each message */
	bool amend;    /* --try-fix: the consumer's amend() is asked, and what it says is done */
	FILE *pcapng;  /* where packets are written too, or NULL; open until live_free() */
	int quiet;
	/* -e trace=: is this call printed?  Asked once per call and ABI at the start. */
	bool (*prints)(void *ctx, const char *name);
	void *prints_ctx;
	/* The command runs and has its own of all that we have; or all are attached. Or NULL. */
	void (*started)(void *ctx);
	void *started_ctx;
	/* Messages for the user ("cmsgtrace: Process 12 attached"); told without newline. */
	void (*say)(void *ctx, const char *text);
	void *say_ctx;
	/* A child that the caller had before, and that the engine has reaped: its wait(2) status. Or NULL. */
	void (*child_ended)(void *ctx, int pid, int status);
	void *child_ended_ctx;
};

#endif
