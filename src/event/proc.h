/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a process: an immutable snapshot, reference counted like struct sock. */
#ifndef CMSGTRACE_EVENT_PROC_H
#define CMSGTRACE_EVENT_PROC_H

#include <stdbool.h>
#include <stdint.h>

enum proc_fact {
	PROC_HAS_EXE = 1,
	PROC_HAS_IDS = 2, /* uids, gids */
	PROC_HAS_CAPS = 4,
	PROC_HAS_NOFILE = 8,
	PROC_HAS_NFDS = 16,
	PROC_HAS_NETNS = 32,
	PROC_HAS_USERNS = 64,
	PROC_HAS_NET_CAPS = 128, /* caps_in_netns could be told */
	PROC_HAS_NSPID = 256,
};

struct proc {
	unsigned int refs;
	unsigned int has; /* enum proc_fact */
	int tgid;
	char *exe; /* path as /proc/PID/exe says; owned */
	uint32_t uid, euid, suid, gid, egid, sgid;
	bool ids_foreign;   /* its user namespace is not the tracer's: it numbers users otherwise */
	int nspid;          /* its pid as it sees itself, in its own pid namespace */
	uint64_t caps;      /* effective set, as in /proc/PID/status */
	bool caps_in_netns; /* its user namespace owns its network namespace, or is an ancestor of
				   the owner: the net caps count there */
	uint64_t nofile;    /* soft RLIMIT_NOFILE */
	uint32_t nfds;      /* open descriptors when it was read */
	uint64_t netns, userns; /* inodes */
};

struct proc *proc_new(void);
struct proc *proc_ref(const struct proc *p);
void proc_unref(struct proc *p);

#endif
