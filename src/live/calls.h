/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which system calls we stop at, and why: one table for each ABI of this machine. */
#ifndef CMSGTRACE_LIVE_CALLS_H
#define CMSGTRACE_LIVE_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

/* Does a call become an event? */
enum call_use {
	USE_NONE,
	USE_EVENT,
	USE_DEMAND, /* on descriptors that deserve it, and only where it stops anyway */
};

/* What else a call changes that we must know of. */
enum call_side {
	SIDE_NONE,
	SIDE_MAPS, /* mmap with PROT_EXEC: stacks must read the address space anew; of a file: see waits.h */
	SIDE_COMM, /* prctl(PR_SET_NAME): so must we the task's name; also what SIDE_SECCOMP is for */
	SIDE_FDS,     /* makes descriptors: a number may mean another socket now */
	SIDE_IDS,     /* user ids, capabilities, limits, namespaces: facts of the process */
	SIDE_TRACED,  /* clone with CLONE_UNTRACED: a child that gets a filter without its tracer */
	SIDE_SECCOMP, /* filters of its own, and strict mode */
	SIDE_WAITS, /* from now on reading memory may wait for a task that we hold: see calls_wait_fs() */
};

struct call_entry {
	const char *name; /* NULL: the number has no name here */
	enum call call;
	enum call_use use;
	enum call_side side;
	bool prints; /* selected by -e trace= */
	bool files; /* SIDE_MAPS: a seccomp filter stops where a file is mapped, whatever it is for */
};

static inline bool call_entry_stops(const struct call_entry *e)
{
	return e->use == USE_EVENT || e->side != SIDE_NONE;
}

/* One ABI's table. */
struct call_table {
	const struct abi *abi;
	uint32_t token; /* libseccomp's number of the architecture */
	uint32_t first; /* number of entry 0: the x32 bit, else 0 */
	uint32_t n;     /* entries */
	struct call_entry *v;
};

struct calls;

struct calls_opts {
	bool (*prints)(void *ctx, const char *name); /* NULL: none */
	void *prints_ctx;
	bool maps;  /* stacks will be asked for: SIDE_MAPS */
	bool files; /* some files may be on FUSE: a seccomp filter stops where one is mapped, too */
};

struct calls *calls_new(const struct calls_opts *o);
void calls_free(struct calls *c);

/* Never NULL; a number that is unknown here gets an entry without name. */
const struct call_entry *calls_find(const struct calls *c, const struct abi *abi, uint64_t nr);
/* What a call is once socketcall has been looked through: name and print flag of a known call. */
bool calls_prints(const struct calls *c, enum call call);
/* USERFAULTFD_IOC_NEW of linux/userfaultfd.h: what an ioctl is looked at for. */
enum { CALLS_IOC_USERFAULTFD = 0xaa00 };
/* Which argument of a SIDE_WAITS call is the name of a file system, of which "fuse…" count; -1: none. */
static inline int calls_wait_fs(const struct call_entry *e)
{
	return *e->name == 'm' ? 2 : *e->name == 'f' ? 0 : -1;
}
/* The tables, for the filter. */
const struct call_table *calls_tables(const struct calls *c, unsigned int *n);
/* How many calls of the native ABI are printed. */
unsigned int calls_printed(const struct calls *c);

#endif
