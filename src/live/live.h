/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live source: what an engine sees of running tasks becomes events. */
#ifndef CMSGTRACE_LIVE_LIVE_H
#define CMSGTRACE_LIVE_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event/source.h"

struct engine;
struct live;

struct live_opts {
	char *const *argv; /* command to wrap, NULL-terminated; or NULL */
	const int *pids;   /* to attach to */
	unsigned int npids;
	bool follow;          /* children and new threads */
	bool daemonize;       /* -D: the tracer is a detached grandchild */
	bool kill_on_exit;    /* --kill-on-exit */
	const char *user;     /* -u: run the command as */
	char *const *env;     /* -E: VAR=VAL or VAR (unset), NULL-terminated; or NULL */
	unsigned int strsize; /* payload bytes to take of a message */
	bool paths;           /* -y: resolve descriptors to paths */
	int stacks;           /* -k: a stack for each printed call; 2, -kk: and its source lines */
	uint64_t duration_ns; /* 0: no limit */
	bool received;        /* watch what becomes of descriptors that are received: a rule needs it */
	bool wire;            /* --wire: find the packet of each message */
	FILE *pcapng;         /* where packets are written too, or NULL; open until live_free() */
	int quiet;
	/* -e trace=: is this call printed?  Asked once per call and ABI at the start. */
	bool (*prints)(void *ctx, const char *name);
	void *prints_ctx;
	/* Messages for the user ("cmsgtrace: Process 12 attached"); told without newline. */
	void (*say)(void *ctx, const char *text);
	void *say_ctx;
	/* A child that the caller had before, and that the engine has reaped: its wait(2) status. Or NULL. */
	void (*child_ended)(void *ctx, int pid, int status);
	void *child_ended_ctx;
};

/*
 * Checks and prepares, by the engine of src/engines.h; nothing runs yet.  Never NULL.  Call it before signal handlers are installed and signals ignored: the command gets the
 * dispositions that it finds.
 */
struct live *live_new(const struct live_opts *o, const struct engine *engine);
/*
 * Runs to the end (the command ended, all detached, or consumer->enough()).  0, or negative errno
 * where nothing could be started or attached: then say() told why and what to do.  With -D it returns
 * in another process, the tracer; the one that called it has become the command.  Children that the
 * caller had before are reaped if they end meanwhile.
 */
int live_run(struct live *l, const struct consumer *c);
/*
 * After live_run(): how the wrapped command ended, as wait(2) encodes it; -1 where there was none,
 * 127 << 8 and 126 << 8 where it could not be found or executed (already told).
 */
int live_wait_status(const struct live *l);
/*
 * Ends tracing at the next chance; callable from a signal handler.  Attached processes are let go and run
 * on.  A wrapped command gets the signal, unless the terminal gave it to the command too, and tracing goes
 * on until the command ends or this is called again.  Where the end comes by time or by
 * consumer->enough(), it gets SIGTERM.  With a seccomp filter, which nobody survives without tracer, what
 * is left then may take two seconds to end before it is killed; without one it is let go.
 */
void live_interrupt(struct live *l, int sig);
void live_free(struct live *l);

/* With --wire: puts a line beside a packet in the pcapng file. */
void live_comment(struct live *l, const struct wire_fact *packet, const char *text);

/* /proc is of our pid namespace. */
bool live_proc_is_ours(void);

#endif
