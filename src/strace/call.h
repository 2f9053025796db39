/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call of a log: from its values to its event and to what it changes. */
#ifndef CMSGTRACE_STRACE_CALL_H
#define CMSGTRACE_STRACE_CALL_H

#include "event/event.h"
#include "strace/lex.h"
#include "strace/state.h"

/* Calls that we read: those of enum call, and these, which only tell of descriptors and tasks. */
enum strace_call {
	STRACE_NONE = CALL_COUNT,
	STRACE_CLOSE,
	STRACE_CLOSE_RANGE,
	STRACE_DUP,
	STRACE_DUP2,
	STRACE_DUP3,
	STRACE_FCNTL,
	STRACE_ACCEPT,
	STRACE_SOCKETPAIR,
	STRACE_GETSOCKNAME,
	STRACE_GETPEERNAME,
	STRACE_GETSOCKOPT,
	STRACE_FORK,
	STRACE_CLONE,
};

/* Does it send or receive? */
static inline bool strace_call_moves(unsigned int call)
{
	return call < CALL_COUNT && (call_sends(call) || call_receives(call));
}

/* Of these, does it move messages on sockets of datagrams only: read, write, and with vectors? */
static inline bool strace_call_on_files(unsigned int call)
{
	return strace_call_moves(call) && call_rows[call].flags & CALL_ON_DEMAND;
}

/* By its name; STRACE_NONE: not one of ours. */
unsigned int strace_call_find(const char *name, size_t len);

struct strace_result {
	bool have;        /* "= …" is there */
	bool unknown;     /* "= ?": the task ended in the call, or it was redacted */
	int64_t value;    /* -errno where it failed */
	const char *path; /* 3<socket:[1]>, or NULL */
	size_t path_len;
	struct val *left;  /* what stands in parentheses behind it: (left {tv_sec=…}), or NULL */
	uint64_t spent_ns; /* -T */
	bool spent;
};

struct strace_result strace_result_parse(struct arena *a, const char *p, const char *end);

struct strace_text {
	struct strace_state *state;
	struct strace_task *task;
	unsigned int call;
	const char *name;
	size_t name_len;
	const struct val *args;
	const char *args_end; /* where their text ends … */
	bool cut;             /* … without the closing parenthesis */
	struct strace_result result;
	uint64_t line;       /* where the call stands */
	const char *missing; /* out: what could not be read, static; or NULL */
};

/* Before the event is built: facts that the line itself holds (-yy), sockets that its address shows. */
void strace_learn_before(struct strace_text *x);
/* Fills a new event. false: it is none for rules to look at. */
bool strace_event(struct strace_text *x, struct event *ev);
/*
 * Its two halves: what the line tells, of a task of ABI ev->abi, and what its task and its socket add.  The first asks
 * neither x->state nor x->task.
 */
void strace_event_of_line(struct strace_text *x, struct event *ev);
void strace_event_of_task(struct strace_text *x, struct event *ev);
/* What the log tells of the descriptors in a send that failed with EBADF. */
void strace_answer_ebadf(const struct strace_text *x, struct event *ev);
/* After it: what the call changed. */
void strace_learn_after(struct strace_text *x);

/* A socket of which only this message's address is known: a new reference, or NULL. */
struct sock *strace_learn_unnamed(struct strace_text *x);

/* A fact of a socket, where it is news: was it? */
bool strace_set_int(struct sock *s, unsigned int bit, int *slot, int v);

/* Facts of a descriptor's decoration: UDPv6:[[::]:53], socket:[123], … */
void strace_learn_path(struct strace_text *x, int fd, const char *p, size_t len);
/* The same of what is behind the descriptor v, if anything is. */
void strace_learn_path_of(struct strace_text *x, int fd, const struct val *v);

/* SOCK_DGRAM|SOCK_CLOEXEC: the type alone, and whether it closes on exec. */
bool strace_socket_type(const struct val *v, int *type, bool *cloexec);

/* The descriptor in argument n; -1: illegible. */
int strace_fd_arg(const struct strace_text *x, unsigned int n);

#endif
