// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attaching to running processes: PTRACE_SEIZE for each thread, until no new one shows up. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procfs/procfs.h"
#include "ptrace/state.h"

enum { PASSES = 100 }; /* two or three are usual */

int tracer_seize(struct tracer *t, int tid, int tgid)
{
	if (ptrace(PTRACE_SEIZE, tid, NULL, (long)t->ptrace_options))
		return -errno;
	tracee_of(live_task_new(t->live, tid, tgid, NULL))->attached = true;
	/* It may end before it stops: then wait() tells. */
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	return 0;
}

/*
 * One pass over the threads.  How many new ones were attached.  A thread that ended meanwhile is no
 * error; *err is the first that is.  *all: each that there is is ours, or was made by one of ours.
 */
static int attach_threads(struct tracer *t, int tgid, int *err, bool *all)
{
	auto_dir DIR *dir = opendir(procfs_path(tgid, "task").s);
	int tid, n = 0, ours = 0;

	while ((tid = procfs_next(dir)) > 0) {
		int e = tracer_find(t, tid) ? -EEXIST : tracer_seize(t, tid, tgid);

		n += !e;
		/* a leader that has ended is there, and no one's */
		ours += !e || e == -EEXIST || tid == tgid ||
			proc_status(tid, "TracerPid") == getpid();
		if (e && e != -EEXIST && e != -ESRCH && !*err)
			*err = e;
	}
	/* What was listed is not all: where a thread ends meanwhile, those behind it are left out. */
	*all = ours >= proc_status(tgid, "Threads");
	return n;
}

/* Threads made by one that was not ours yet can be missed: until none was. */
static int attach_all_threads(struct tracer *t, int tgid, int *err)
{
	bool all = false;
	int n = 0;

	for (int pass = 0; !all && pass < PASSES; pass++)
		n += attach_threads(t, tgid, err, &all);
	return n;
}

static int attach_process(struct tracer *t, int pid, int tgid)
{
	int err = tracer_seize(t, pid, tgid), n;

	/* A thread executes a program: then the leader is a zombie, for a moment. */
	for (int i = 0; err == -EPERM && i < PASSES && proc_status(pid, "VmSize") >= 0 &&
			proc_status(pid, "TracerPid") == 0;
	     i++)
		err = tracer_seize(t, pid, tgid);
	n = !err;
	/* A leader that has ended before its threads refuses, they don't; it has no memory any more. */
	if (err && (err == -ESRCH || !t->o->follow || proc_status(pid, "VmSize") >= 0))
		return err;
	if (t->o->follow && t->proc_ok)
		n += attach_all_threads(t, tgid, &err);
	return n ? n : err;
}

void tracer_attach_rest(struct tracer *t)
{
	if (!t->o->follow || !t->proc_ok)
		return;
	for (unsigned int i = 0; i < t->tasks->n; i++) {
		if (tracee_of(t->tasks->v[i])->attached && !tracee_of(t->tasks->v[i])->seen)
			return; /* it may be in the middle of making one */
	}
	for (unsigned int i = 0; i < t->o->npids; i++) {
		int tgid = (int)proc_status(t->o->pids[i], "Tgid"), err = 0;

		if (tgid > 0 && tracer_find(t, t->o->pids[i]))
			attach_all_threads(t, tgid, &err);
	}
}

int tracer_attach(struct tracer *t, int pid)
{
	int tgid, n;

	if (tracer_find(t, pid))
		return 0;
	tgid = t->proc_ok ? (int)proc_status(pid, "Tgid") : pid;
	if (tgid <= 0)
		tgid = pid;
	if (tgid == getpid()) {
		live_say(t->live, "cannot trace itself: %d is this program", pid);
		return -EPERM;
	}
	if (t->proc_ok && tgid == (int)proc_status(getpid(), "TracerPid")) {
		live_say(t->live,
			 "cannot attach to process %d: it traces this program, and each would wait "
			 "for the other",
			 pid);
		return -EPERM;
	}
	n = attach_process(t, pid, tgid);
	if (n < 0) {
		tracer_refused(t, pid, -n);
		return n;
	}
	if (t->o->quiet < 1 && n > 1)
		live_say(t->live, "Process %d attached with %d threads", pid, n);
	else if (t->o->quiet < 1)
		live_say(t->live, "Process %d attached", pid);
	return n;
}
