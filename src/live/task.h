/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tasks that an engine told of and the processes they belong to.  The table owns both.  What an engine
 * has to know of them besides stands behind them, in structs of its own that begin with these.
 */
#ifndef CMSGTRACE_LIVE_TASK_H
#define CMSGTRACE_LIVE_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "event/event.h"
#include "live/calls.h"
#include "live/capture.h"
#include "live/fds.h"
#include "live/received.h"

enum { DGRAM_FDS = 1024 }; /* descriptors above are not remembered */

/* A thread group of which at least one task is known. */
struct process {
	int tgid;
	unsigned int ntasks; /* of it in the table */
	bool uring_told;     /* its use of io_uring was reported */
	bool waits;          /* reading its memory may wait for a page that a task must bring */
	/* Descriptors that carried datagrams when we last looked; each use is verified. */
	uint64_t dgram[DGRAM_FDS / 64];
	struct fds fds;
	struct received *received;
};

struct task {
	int tid;
	struct process *process;
	unsigned int index; /* in tasks.v */
	bool hidden;        /* our own child before its execve: nothing of it is shown */
	bool comm_known;
	char comm[16];
	struct {
		const struct call_entry
			*entry;            /* it is inside this one, whose end is wanted; or NULL */
		struct event *ev;          /* that call's event; NULL where it makes none */
		struct sock *sock;         /* a reference, until facts are asked; or NULL */
		bool asked;                /* they were */
		size_t held;               /* bytes that the event took */
		bool maps_code, maps_file; /* of SIDE_MAPS: what it maps */
	} call;
	struct capture_hint hint;
};

struct tasks {
	size_t task_size, process_size; /* the engine's; 0: no more than the structs above */
	struct map by_tid, by_tgid;
	struct task **v; /* all, in no order */
	unsigned int n, room;
	/* The last task of p is gone. Or NULL. */
	void (*process_gone)(void *ctx, struct process *p);
	void *ctx;
};

struct task *tasks_find(const struct tasks *tt, int tid); /* NULL: not known */
struct task *tasks_add(struct tasks *tt, int tid, int tgid);
/* Forgets t, whose event must be gone. Returns its tgid where it was the last of its process, else 0. */
int tasks_drop(struct tasks *tt, struct task *t);
/* An execve in a thread that is not the leader gave the task the leader's number, which must be free. */
void tasks_rename(struct tasks *tt, struct task *t, int tid);
void tasks_free(struct tasks *tt);

struct process *process_find(const struct tasks *tt, int tgid);
void process_dgram_set(struct process *p, int fd, bool is);
bool process_dgram(const struct process *p, int fd);

#endif
