// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Why ptrace was refused, and the one remedy.  The kernel says EPERM for all of it: the checks of
 * kernel/ptrace.c ptrace_attach() and __ptrace_may_access(), security/yama/yama_lsm.c and
 * security/commoncap.c are gone through here in their order.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "procfs/procfs.h"
#include "ptrace/refused.h"
#include "ptrace/state.h"
#include "uapi/uapi.h"

struct target {
	char text[4096]; /* of /proc/PID/status */
	char state;
	long tracer;
	unsigned int uid[4], gid[4];
	uint64_t permitted;
	bool same_userns, userns_known;
	bool kthread;
	bool dumpable;
};

/* Text after "Key:" of a status file. */
static const char *value(const char *text, const char *key)
{
	const char *v = procfs_value(text, key);

	return v ? v : "";
}

static void target_read(struct target *g, int pid)
{
	struct procfs_path status = procfs_path(pid, "status");
	uint64_t ours = procfs_inode("/proc/self/ns/user");
	uint64_t theirs = procfs_inode(procfs_path(pid, "ns/user").s);
	struct stat st;

	if (procfs_read(status.s, g->text, sizeof(g->text)) <= 0)
		return;
	g->state = procfs_state(g->text);
	g->tracer = strtol(value(g->text, "TracerPid"), NULL, 10);
	g->permitted = strtoull(value(g->text, "CapPrm"), NULL, 16);
	if (sscanf(value(g->text, "Uid"), "%u %u %u %u", &g->uid[0], &g->uid[1], &g->uid[2],
		   &g->uid[3]) != 4 ||
	    sscanf(value(g->text, "Gid"), "%u %u %u %u", &g->gid[0], &g->gid[1], &g->gid[2],
		   &g->gid[3]) != 4)
		g->uid[0] = g->uid[1] = geteuid();
	/* A process that may not be dumped: its files in /proc belong to root (fs/proc/base.c
	 * task_dump_owner(); folders that all may read do not) */
	g->dumpable = stat(status.s, &st) || st.st_uid == g->uid[1];
	g->userns_known = ours && theirs;
	g->same_userns = g->userns_known && ours == theirs;
	g->kthread = proc_is_kthread(pid);
}

static bool ids_match(const struct target *g)
{
	uid_t uid = getuid();
	gid_t gid = getgid();

	return g->uid[0] == uid && g->uid[1] == uid && g->uid[2] == uid && g->gid[0] == gid &&
	       g->gid[1] == gid && g->gid[2] == gid;
}

int refused_yama(void)
{
	char text[16];

	return procfs_read("/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text)) > 0
		       ? atoi(text)
		       : -1;
}

uint64_t refused_capabilities(void)
{
	char text[4096];

	return procfs_read("/proc/self/status", text, sizeof(text)) > 0
		       ? strtoull(value(text, "CapEff"), NULL, 16)
		       : 0;
}

bool refused_capable(void)
{
	return refused_capabilities() >> CAPABILITY_SYS_PTRACE & 1;
}

/* Does a seccomp filter on ourselves forbid ptrace?  Asked of a process that can't exist. */
bool refused_seccomp(void)
{
	return ptrace(PTRACE_SEIZE, -1, NULL, NULL) && errno != ESRCH;
}

/* The tracer's name, escaped: any process may have chosen it. */
static const char *name_of(long pid, char *to, size_t size)
{
	char raw[32];
	size_t n = 0;

	if (procfs_read(procfs_path((int)pid, "comm").s, raw, sizeof(raw)) <= 0)
		strcpy(raw, "?");
	raw[strcspn(raw, "\n")] = '\0';
	for (const char *p = raw; *p && n + 1 < size; p++)
		to[n++] = *p >= ' ' && *p < 127 ? *p : '?';
	to[n] = '\0';
	return to;
}

/* Where we lack the capability: which check it would have passed. */
static void without_capability(struct tracer *t, int pid, const struct target *g)
{
	int yama = refused_yama();

	if (!ids_match(g))
		live_say(
			t->live,
			"cannot attach to process %d: it runs as uid %u and this program as uid %u; "
			"run it as that user, or with CAP_SYS_PTRACE (as root)%s",
			pid, g->uid[1], getuid(),
			geteuid() ? "" : ": this root lacks it (docker: --cap-add=SYS_PTRACE)");
	else if (!g->dumpable)
		live_say(
			t->live,
			"cannot attach to process %d: it is not dumpable (it gained rights by setuid or "
			"file capabilities, or asked for it by prctl); run this program as root",
			pid);
	else if (yama == 1)
		live_say(
			t->live,
			"cannot attach to process %d: Yama allows to trace descendants only "
			"(kernel.yama.ptrace_scope is 1); run as root, or start it under this program",
			pid);
	else if (yama >= 2)
		live_say(t->live,
			 "cannot attach to process %d: Yama allows tracing to CAP_SYS_PTRACE only "
			 "(kernel.yama.ptrace_scope is %d); run as root",
			 pid, yama);
	else if (g->permitted)
		live_say(
			t->live,
			"cannot attach to process %d: it has capabilities (CapPrm %#llx) that this "
			"program lacks; run as root",
			pid, (unsigned long long)g->permitted);
	else if (g->userns_known && !g->same_userns)
		live_say(t->live,
			 "cannot attach to process %d: it is in another user namespace, where this "
			 "program has no CAP_SYS_PTRACE; run as root of the namespace above it",
			 pid);
	else
		live_say(
			t->live,
			"cannot attach to process %d: Operation not permitted; a security module "
			"(AppArmor, SELinux, Landlock) may forbid it: look at its log, run as root",
			pid);
}

void tracer_refused(struct tracer *t, int pid, int err)
{
	struct target g = { 0 };
	char name[64];

	if (err == ESRCH) {
		live_say(t->live, "cannot attach to process %d: no such process", pid);
		return;
	}
	target_read(&g, pid);
	if (err != EPERM || !g.state)
		live_say(t->live, "cannot attach to process %d: %s", pid, strerror(err));
	else if (g.tracer)
		live_say(
			t->live,
			"cannot attach to process %d: process %ld (%s) traces it already, and a process "
			"has one tracer at most; end that one first",
			pid, g.tracer, name_of(g.tracer, name, sizeof(name)));
	else if (g.state == 'Z' || g.state == 'X')
		live_say(t->live,
			 "cannot attach to process %d: it has ended and waits for its parent", pid);
	else if (g.kthread)
		live_say(t->live, "cannot attach to process %d: it is a kernel thread", pid);
	else if (refused_seccomp())
		live_say(
			t->live,
			"cannot attach to process %d: a seccomp filter forbids ptrace to this program, as "
			"containers do; docker: --cap-add=SYS_PTRACE",
			pid);
	else if (refused_yama() == 3)
		live_say(
			t->live,
			"cannot attach to process %d: Yama forbids all attaching until the next boot "
			"(kernel.yama.ptrace_scope is 3); start it under this program's tracing "
			"after a boot without that",
			pid);
	else if (!refused_capable())
		without_capability(t, pid, &g);
	else if (g.userns_known && !g.same_userns)
		live_say(
			t->live,
			"cannot attach to process %d: this program's CAP_SYS_PTRACE does not count in "
			"that process's user namespace; run as root of a namespace above it",
			pid);
	else
		live_say(
			t->live,
			"cannot attach to process %d: Operation not permitted, although this program has "
			"CAP_SYS_PTRACE: a security module (AppArmor, SELinux, Landlock) forbids it; look at its "
			"log",
			pid);
}
