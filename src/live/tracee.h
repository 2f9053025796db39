/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tasks that are traced and the processes they belong to.  The table owns both. */
#ifndef CMSGTRACE_LIVE_TRACEE_H
#define CMSGTRACE_LIVE_TRACEE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "event/event.h"
#include "live/calls.h"
#include "live/capture.h"
#include "live/fds.h"
#include "live/received.h"

enum { DGRAM_FDS = 1024 }; /* descriptors above are not remembered */

/* A thread group of which at least one task is traced. */
struct process {
	int tgid;
	unsigned int ntasks; /* of it in the table */
	bool uring_told;     /* its use of io_uring was reported */
	/* Descriptors that carried datagrams when we last looked; each use is verified. */
	uint64_t dgram[DGRAM_FDS / 64];
	struct fds fds;
	unsigned int looks; /* at its memory, before the file below was thought of */
	int memory_file;    /* 1 + a descriptor of its /proc/PID/mem; 0: none */
	struct received *received;
};

struct tracee {
	int tid;
	struct process *process;
	unsigned int index; /* in tracees.v */
	bool attached;      /* by -p, not by its parent's fork */
	bool seen;          /* it has stopped for us at least once */
	bool stopped;       /* in a ptrace stop that we were told of and have not resumed */
	int stop_sig;       /* signal to hand on if it is detached in this stop */
	bool listening;     /* group stop: PTRACE_LISTEN */
	bool hidden;        /* our own child before its execve: nothing of it is shown */
	bool skip_exit;     /* the next system call stop is the exit of a call of no interest */
	bool comm_known;
	char comm[16];
	const struct call_entry
		*entry;   /* the call it is inside and whose exit is wanted, or NULL */
	struct event *ev; /* that call's event; NULL where it makes none */
	struct capture_hint hint;
};

struct tracees {
	struct map by_tid, by_tgid;
	struct tracee **v; /* all, in no order */
	unsigned int n, room;
	unsigned int memory_files; /* open ones */
};

struct tracee *tracees_find(const struct tracees *tt, int tid); /* NULL: not traced */
struct tracee *tracees_add(struct tracees *tt, int tid, int tgid);
/* Forgets tr, whose event must be gone. Returns its tgid where it was the last of its process, else 0. */
int tracees_drop(struct tracees *tt, struct tracee *tr);
/* An execve in a thread that is not the leader gave the task the leader's number, which must be free. */
void tracees_rename(struct tracees *tt, struct tracee *tr, int tid);
void tracees_free(struct tracees *tt);

struct process *process_find(const struct tracees *tt, int tgid);
void process_dgram_set(struct process *p, int fd, bool is);
bool process_dgram(const struct process *p, int fd);

/*
 * 1 + a descriptor of /proc/TID/mem, or 0: opened once the process of the stopped task tr has shown that it
 * will have many messages.
 */
int process_memory(struct tracees *tt, struct tracee *tr);
/* At execve, its address space is another. */
void process_memory_close(struct tracees *tt, struct process *p);

#endif
