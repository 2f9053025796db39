/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a log has told so far: tasks, their descriptors, and the sockets behind them.  Sockets get cookies
 * of our own, so that one that was dup'ed or inherited is known again.  Everything is bounded.
 */
#ifndef CMSGTRACE_STRACE_STATE_H
#define CMSGTRACE_STRACE_STATE_H

#include "base/map.h"
#include "event/event.h"

struct strace_fds;

struct strace_task {
	int tid, tgid;
	char comm[16];
	struct strace_fds *fds;
	struct proc *proc;
	const struct abi *abi;
	/* a clone that was <unfinished ...>: its child may show up before its end */
	bool cloning, sharing, is_thread;
};

struct strace_state {
	struct map tasks; /* tid -> strace_task */
	struct strace_task *last, *cloner;
	uint64_t cookies;
	size_t socks, slots; /* of all tasks: open sockets, and descriptors that point to them */
};

void strace_state_free(struct strace_state *st);

/* The task, made where it is new: a clone under way is its parent, else whoever was seen last. */
struct strace_task *strace_task_get(struct strace_state *st, int tid);
void strace_task_gone(struct strace_state *st, int tid);
void strace_task_forked(struct strace_state *st, struct strace_task *parent, int child, bool share,
			bool thread);
void strace_task_exec(struct strace_task *t, const char *exe);

/* The socket behind fd, borrowed; NULL: not known. */
struct sock *strace_fd_sock(const struct strace_task *t, int fd);
/* A fresh snapshot of it, to be changed: everybody sees it from now on.  Made where fd is not known. */
struct sock *strace_fd_change(struct strace_state *st, struct strace_task *t, int fd);
/* fd is a new socket. */
struct sock *strace_fd_open(struct strace_state *st, struct strace_task *t, int fd, bool cloexec);
void strace_fd_dup(struct strace_task *t, int from, int to, bool cloexec);
void strace_fd_close(struct strace_task *t, int fd);
/* As strace_fd_close(), in line: remembered until something opens it again. */
void strace_fd_closed(struct strace_task *t, int fd, uint64_t line);
void strace_fd_opened(struct strace_task *t, int fd);
/* That line; 0: it is not known to be closed. */
uint64_t strace_fd_closed_by(const struct strace_task *t, int fd);
void strace_fd_close_range(struct strace_task *t, uint64_t first, uint64_t last);

#endif
