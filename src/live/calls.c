// SPDX-License-Identifier: LGPL-2.1-or-later
/* The tables number -> call, made at the start: libseccomp knows the numbers of every ABI. */
#include "config.h"

#include "live/calls.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/alloc.h"

enum { NR_MAX = 640, X32_BIT = 0x40000000 }; /* the highest number in Linux 6.18 is 547 (x32) */

/* Calls that change what we know of a process or where its code lies; never events of their own. */
static const struct {
	const char *name;
	enum call_side side;
} side_calls[] = {
	{ "mmap", SIDE_MAPS },       { "mmap2", SIDE_MAPS },      { "prctl", SIDE_COMM },
	{ "setuid", SIDE_IDS },      { "setuid32", SIDE_IDS },    { "setgid", SIDE_IDS },
	{ "setgid32", SIDE_IDS },    { "setreuid", SIDE_IDS },    { "setreuid32", SIDE_IDS },
	{ "setregid", SIDE_IDS },    { "setregid32", SIDE_IDS },  { "setresuid", SIDE_IDS },
	{ "setresuid32", SIDE_IDS }, { "setresgid", SIDE_IDS },   { "setresgid32", SIDE_IDS },
	{ "setfsuid", SIDE_IDS },    { "setfsuid32", SIDE_IDS },  { "capset", SIDE_IDS },
	{ "setrlimit", SIDE_IDS },   { "prlimit64", SIDE_IDS },   { "setns", SIDE_IDS },
	{ "unshare", SIDE_IDS },     { "accept", SIDE_FDS },      { "accept4", SIDE_FDS },
	{ "socketpair", SIDE_FDS },  { "socketcall", SIDE_FDS },  { "dup", SIDE_FDS },
	{ "dup2", SIDE_FDS },        { "dup3", SIDE_FDS },        { "fcntl", SIDE_FDS },
	{ "fcntl64", SIDE_FDS },     { "pidfd_getfd", SIDE_FDS }, { "clone", SIDE_TRACED },
	{ "clone3", SIDE_TRACED },   { "seccomp", SIDE_SECCOMP }, { "userfaultfd", SIDE_WAITS },
	{ "ioctl", SIDE_WAITS },     { "mount", SIDE_WAITS },     { "fsopen", SIDE_WAITS },
};

struct calls {
	struct call_table tables[ARCH_ABIS];
	unsigned int ntables;
	bool prints[CALL_COUNT];
	bool prints_unknown;
	struct call_entry unknown;
};

/* libseccomp's token of an ABI is the kernel's audit number; x32's is that of x86-64 without the 64 bits. */
static uint32_t token_of(const struct abi *abi)
{
	return abi->x32 ? abi->audit_arch & ~(uint32_t)__AUDIT_ARCH_64BIT : abi->audit_arch;
}

static enum call call_by_name(const char *name)
{
	if (!strcmp(name, "recvmmsg_time64"))
		return CALL_RECVMMSG;
	for (unsigned int i = CALL_OTHER + 1; i < CALL_COUNT; i++) {
		if (!strcmp(call_rows[i].name, name))
			return (enum call)i;
	}
	return CALL_OTHER;
}

static enum call_side call_side_of(const char *name, const struct calls_opts *o)
{
	for (size_t i = 0; i < sizeof(side_calls) / sizeof(side_calls[0]); i++) {
		if (strcmp(side_calls[i].name, name))
			continue;
		return side_calls[i].side == SIDE_MAPS && !o->maps ? SIDE_NONE : side_calls[i].side;
	}
	return SIDE_NONE;
}

static void entry_fill(struct call_entry *e, const struct calls_opts *o)
{
	e->call = call_by_name(e->name);
	e->side = call_side_of(e->name, o);
	e->files = e->side == SIDE_MAPS && o->files;
	e->prints = o->prints && o->prints(o->prints_ctx, e->name);
	if (e->prints) {
		e->use = USE_EVENT;
		return;
	}
	if (e->call == CALL_OTHER || e->call == CALL_EXECVE) /* PTRACE_EVENT_EXEC tells of execve */
		return;
	e->use = call_rows[e->call].flags & CALL_ON_DEMAND ? USE_DEMAND : USE_EVENT;
}

static void table_fill(struct call_table *t, const struct calls_opts *o)
{
	t->first = t->abi->x32 ? X32_BIT : 0;
	t->v = alloc_zeroed(NR_MAX, sizeof(*t->v));
	for (uint32_t i = 0; i < NR_MAX; i++) {
		t->v[i].name = seccomp_syscall_resolve_num_arch(t->token, (int)(t->first | i));
		if (!t->v[i].name)
			continue;
		entry_fill(&t->v[i], o);
		t->n = i + 1;
	}
}

struct calls *calls_new(const struct calls_opts *o)
{
	struct calls *c = alloc_zeroed(1, sizeof(*c));

	for (const struct abi *abi = arch_native->abi; abi->name; abi++) {
		struct call_table *t = &c->tables[c->ntables++];

		t->abi = abi;
		t->token = token_of(abi);
		table_fill(t, o);
	}
	for (unsigned int i = 0; i < CALL_COUNT; i++)
		c->prints[i] = o->prints && o->prints(o->prints_ctx, call_rows[i].name);
	/* as strace names a number without name; only -e trace=all and its like select it */
	c->prints_unknown = o->prints && o->prints(o->prints_ctx, "syscall_0xffff");
	c->unknown.prints = c->prints_unknown;
	c->unknown.use = c->prints_unknown ? USE_EVENT : USE_NONE;
	return c;
}

void calls_free(struct calls *c)
{
	if (!c)
		return;
	for (unsigned int i = 0; i < c->ntables; i++) {
		for (uint32_t k = 0; k < NR_MAX; k++)
			free((char *)(uintptr_t)c->tables[i].v[k].name); /* libseccomp's malloc */
		alloc_free(c->tables[i].v);
	}
	alloc_free(c);
}

const struct call_entry *calls_find(const struct calls *c, const struct abi *abi, uint64_t nr)
{
	for (unsigned int i = 0; i < c->ntables; i++) {
		const struct call_table *t = &c->tables[i];

		if (t->abi != abi)
			continue;
		nr -= t->first;
		if (nr < t->n && t->v[nr].name)
			return &t->v[nr];
		break;
	}
	return &c->unknown;
}

bool calls_prints(const struct calls *c, enum call call)
{
	return c->prints[call];
}

const struct call_table *calls_tables(const struct calls *c, unsigned int *n)
{
	*n = c->ntables;
	return c->tables;
}

unsigned int calls_printed(const struct calls *c)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < c->tables[0].n; i++)
		n += c->tables[0].v[i].prints;
	return n;
}
