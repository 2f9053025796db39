// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engine by eBPF as a whole: attaching, running, ending. */
#include "config.h"

#include "bpf/watcher.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "bpf/state.h"
#include "procfs/procfs.h"

enum {
	LOOK_MS = 20, /* between two looks at the ring while calls come in … */
	BUSY_MS = 60, /* … many: a look disturbs who is traced; a ring that fills up wakes us … */
	BUSY = 512,   /* … that many records in a look … */
	REST_MS = 1000,        /* … and where none did: the programs wake us */
	RESTS = 50,            /* looks that found nothing, until then */
	CHECK_NS = 1000000000, /* between two looks whether tasks still live */
};

/* It is forked: what it does from its execve on is told of. */
static int trace_command(void *ctx, pid_t pid)
{
	struct watcher *w = ctx;
	struct task *t;
	int err = watcher_load(w); /* not before: the programs know our number, which -D changes */

	if (!err)
		err = watcher_target(w, pid);
	if (err)
		return err;
	t = live_task_new(w->live, pid, pid, NULL);
	t->hidden = true;
	live_process_attached(w->live, t);
	return 0;
}

static void *watcher_new(struct live *l, const struct live_opts *o)
{
	struct watcher *w = alloc_zeroed(1, sizeof(*w));

	w->live = l;
	w->o = o;
	w->command = (struct command){ .live = l, .o = o, .ctx = w, .trace = trace_command };
	command_init(&w->command);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	watcher_requests(w);
	packets_open(w);
	stacks_open(w);
	sigaction(SIGCHLD, NULL, &w->sigchld);
	return w;
}

static void watcher_free(void *e)
{
	struct watcher *w = e;

	sigaction(SIGCHLD, &w->sigchld, NULL);
	command_free(&w->command);
	watcher_ring_close(w);
	watcher_unload(w);
	packets_close(w);
	stacks_close(w);
	watcher_socks_free(w);
	close(w->wake);
	alloc_free(w);
}

/* ---- attaching ---- */

/* By which a process makes its calls, as far as its program tells. */
static const struct abi *abi_of_program(int pid)
{
	char ident[EI_CLASS + 1];
	int fd = procfs_open(pid, "exe");
	ssize_t n = fd < 0 ? 0 : read(fd, ident, sizeof(ident));

	if (fd >= 0)
		close(fd);
	if (n == (ssize_t)sizeof(ident) && ident[EI_CLASS] == ELFCLASS32) {
		for (const struct abi *abi = arch_native->abi; abi->name; abi++) {
			if (abi->compat && !abi->x32)
				return abi;
		}
	}
	return abi_native();
}

/* What /proc says of the call that a thread sleeps in; the programs tell it from a later one by its number. */
static void find_call(struct watcher *w, int tgid, int tid, const struct abi *abi)
{
	unsigned long long a[6];
	char path[64];
	long nr;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", tgid, tid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fscanf(f, "%ld %llx %llx %llx %llx %llx %llx", &nr, &a[0], &a[1], &a[2], &a[3], &a[4],
		   &a[5]) == 7 &&
	    nr >= 0) {
		const uint64_t args[6] = { a[0], a[1], a[2], a[3], a[4], a[5] };

		watcher_inside(w, tgid, tid, abi, (uint32_t)nr, args);
	}
	fclose(f);
}

static bool has_ended(int tid)
{
	char text[4096];
	char state = procfs_read(procfs_path(tid, "status").s, text, sizeof(text)) > 0
			     ? procfs_state(text)
			     : 'X';

	return state == 'Z' || state == 'X';
}

static int find_threads(struct watcher *w, int tgid)
{
	const struct abi *abi = abi_of_program(tgid);
	char path[64];
	struct dirent *d;
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		int tid = atoi(d->d_name);

		if (tid <= 0 || has_ended(tid))
			continue;
		live_task_new(w->live, tid, tgid, NULL);
		find_call(w, tgid, tid, abi);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

static int attach_one(struct watcher *w, int pid)
{
	int tgid = (int)proc_status(pid, "Tgid"), n = 1, err;
	struct task *t;

	if (tgid == getpid()) {
		live_say(w->live, "cannot trace itself: %d is this program", pid);
		return -EPERM;
	}
	if (tgid < 0) {
		live_say(w->live, "cannot attach to process %d: there is none", pid);
		return -ESRCH;
	}
	if (proc_is_kthread(pid)) {
		live_say(w->live, "cannot attach to process %d: it is a kernel thread", pid);
		return -EPERM;
	}
	err = watcher_target(w, tgid);
	if (err)
		return err;
	if (w->o->follow)
		n = find_threads(w, tgid);
	else if (has_ended(pid))
		n = 0;
	else {
		live_task_new(w->live, pid, tgid, NULL);
		find_call(w, tgid, pid, abi_of_program(tgid));
	}
	if (!n) {
		live_say(w->live, "cannot attach to process %d: it has ended", pid);
		return -ESRCH;
	}
	t = live_task_find(w->live, w->o->follow ? tgid : pid);
	if (t)
		stacks_process(w, t);
	if (w->o->quiet < 1 && n > 1)
		live_say(w->live, "Process %d attached with %d threads", pid, n);
	else if (w->o->quiet < 1)
		live_say(w->live, "Process %d attached", pid);
	return n;
}

static const char *watcher_lacks(const struct live_opts *o)
{
	const struct {
		bool asked;
		const char *why;
	} rows[] = {
		{ o->argv, "a command is traced, too" },
		{ o->paths, "eBPF knows no paths of descriptors (-y, -P)" },
		{ o->stacks, "eBPF takes a part of each stack (-k)" },
		{ o->strsize > REC_PAYLOAD, "eBPF takes no more than 4096 bytes of a buffer (-s)" },
		{ o->amend, "eBPF changes no calls (--try-fix)" },
		{ o->wire || o->pcapng, "eBPF captures no packets (--wire)" },
		{ o->kill_on_exit, "eBPF can't end what it watches (--kill-on-exit)" },
		{ o->detach_on_execve, "eBPF doesn't let programs go (-b)" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].asked)
			return rows[i].why;
	}
	return NULL;
}

static void tell_limits(struct watcher *w)
{
	if (w->o->strsize > REC_PAYLOAD)
		live_say(w->live, "--engine=bpf takes at most %d bytes of a buffer", REC_PAYLOAD);
	if (w->o->paths)
		live_say(w->live,
			 "--engine=bpf knows paths of sockets, of no other descriptors (-y, -P)");
	if (w->o->stacks)
		live_say(w->live,
			 "--engine=bpf takes %d KiB of each call's stack: a deeper one ends there",
			 REC_STACK_MOST / 1024);
}

static int attach_all(struct watcher *w)
{
	int found = -ESRCH, n = 0;

	for (unsigned int i = 0; i < w->o->npids; i++) {
		int r = attach_one(w, w->o->pids[i]);

		if (r < 0)
			found = r;
		else
			n += r;
	}
	for (unsigned int i = 0; n && i < live_tasks(w->live)->n; i++) {
		struct task *t = live_tasks(w->live)->v[i];

		if (t->tid == t->process->tgid && !t->hidden)
			live_process_attached(w->live, t);
	}
	return n ? 0 : found;
}

static int watcher_start(void *e)
{
	struct watcher *w = e;
	/* where it was ignored there would be nothing to wait for */
	const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	int err;

	if (w->o->kill_on_exit) {
		live_say(w->live,
			 "--engine=bpf can't end what it watches (--kill-on-exit): the engines by "
			 "ptrace can");
		return -ENOTSUP;
	}
	if (w->o->argv)
		sigaction(SIGCHLD, &action, NULL);
	err = w->o->argv ? command_launch(&w->command) : watcher_load(w);
	if (err)
		return err;
	if (w->o->cgroup) {
		err = watcher_cgroup(w);
		if (err)
			return err;
	}
	tell_limits(w);
	if (w->o->all && w->o->quiet < 1)
		live_say(w->live, "All processes attached");
	if (w->o->duration_ns)
		w->deadline_ns = clock_ns(CLOCK_MONOTONIC) + w->o->duration_ns;
	err = w->o->npids ? attach_all(w) : 0;
	return w->command.pid ? 0 : err;
}

/* ---- running ---- */

bool watcher_ends(struct watcher *w)
{
	return w->interrupted || (w->deadline_ns && clock_ns(CLOCK_MONOTONIC) >= w->deadline_ns) ||
	       (w->command.leaving && !command_lives(&w->command)) || live_enough(w->live);
}

void watcher_tell_losses(struct watcher *w)
{
	struct rec_lost l = watcher_lost(w);
	const struct tasks *tasks = live_tasks(w->live);
	uint64_t calls = l.calls + l.under_way - w->told.calls - w->told.under_way;
	uint64_t others = l.others - w->told.others;
	struct event *ev;

	w->told = l;
	if ((!calls && !others) || !tasks->n)
		return;
	ev = live_event(w->live, tasks->v[0], EVENT_NOTE);
	ev->note = arena_printf(
		&ev->arena,
		"%llu calls and %llu packets, ends of tasks or signals were lost before "
		"this: the ring was full",
		(unsigned long long)calls, (unsigned long long)others);
	live_tell(w->live, ev);
}

/* The record of a task's end may be among the lost ones. */
static void drop_dead(struct watcher *w)
{
	const struct tasks *tasks = live_tasks(w->live);

	for (unsigned int i = tasks->n; i-- > 0;) {
		char path[64];

		if (i >= tasks->n)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d", tasks->v[i]->process->tgid,
			 tasks->v[i]->tid);
		if (access(path, F_OK))
			live_task_left(w->live, tasks->v[i]);
	}
}

static void rest(struct watcher *w, int ms)
{
	struct pollfd v[] = { { watcher_ring_fd(w), POLLIN, 0 }, { w->wake, POLLIN, 0 } };

	if (w->deadline_ns) {
		uint64_t at = clock_ns(CLOCK_MONOTONIC);
		uint64_t left = w->deadline_ns > at ? w->deadline_ns - at : 0;

		if (left / 1000000 < (uint64_t)ms)
			ms = (int)(left / 1000000) + 1;
	}
	poll(v, 2, ms);
}

/* Has the command ended?  Its tasks' ends are records of the ring. */
static void reap(struct watcher *w, int options)
{
	int status;

	if (command_lives(&w->command) &&
	    waitpid(w->command.pid, &status, options) == w->command.pid)
		w->command.status = status;
}

static bool goes_on(struct watcher *w)
{
	return !watcher_ends(w) && (w->o->all || live_tasks(w->live)->n);
}

static void loop(void *ctx)
{
	struct watcher *w = ctx;
	uint64_t checked = clock_ns(CLOCK_MONOTONIC);
	unsigned int came = 0;
	int read, idle = 0;

	while (goes_on(w)) {
		read = watcher_read(w);
		came += w->nread;
		idle = read ? 0 : idle + 1;
		w->waking->asleep =
			idle > RESTS; /* then one more look, for what came before it was seen */
		live_idle(w->live);
		reap(w, WNOHANG);
		if (clock_ns(CLOCK_MONOTONIC) - checked > CHECK_NS) {
			checked = clock_ns(CLOCK_MONOTONIC);
			watcher_tell_losses(w);
			if (w->told.calls || w->told.others)
				drop_dead(w);
		}
		if (read == -EAGAIN || !goes_on(w))
			continue;
		rest(w, idle > RESTS + 1 ? REST_MS : came > BUSY ? BUSY_MS : LOOK_MS);
		came = 0;
	}
}

static void watcher_run(void *e)
{
	struct watcher *w = e;

	loop(w);
	if (command_lives(&w->command) && w->interrupted) {
		w->deadline_ns = 0;
		command_ends(&w->command, &w->interrupted, loop);
	}
	if (live_tasks(w->live)->n && command_lives(&w->command))
		command_let_go(&w->command, w->interrupted);
	watcher_detach(w);
	w->interrupted = 0;
	w->deadline_ns = 0;
	while (!live_enough(w->live) && watcher_read(w) == -EAGAIN) /* what came until then */
		;
	watcher_tell_losses(w);
	live_hush(w->live, LIVE_ENDING);
	if (!live_tasks(w->live)->n)
		reap(w, 0);
	while (live_tasks(w->live)->n)
		live_task_left(w->live, live_tasks(w->live)->v[live_tasks(w->live)->n - 1]);
	if (w->told.calls || w->told.others || w->told.under_way || w->told.parts)
		live_say(
			w->live,
			"--engine=bpf: %llu calls and %llu other records were lost since the ring was "
			"full, %llu calls since too many were under way; of %llu calls not all data was "
			"taken",
			(unsigned long long)w->told.calls, (unsigned long long)w->told.others,
			(unsigned long long)w->told.under_way, (unsigned long long)w->told.parts);
}

static void watcher_interrupt(void *e, int sig)
{
	struct watcher *w = e;
	int saved = errno;
	uint64_t one = 1;

	w->interrupted = sig;
	if (write(w->wake, &one, sizeof(one)) < 0) /* it is awake */
		errno = saved;
	errno = saved;
}

static int watcher_wait_status(const void *e)
{
	return ((const struct watcher *)e)->command.status;
}

const struct engine engine_bpf = {
	.name = "bpf",
	.all = true,
	.task_size = sizeof(struct task),
	.process_size = sizeof(struct watched_process),
	.new = watcher_new,
	.start = watcher_start,
	.run = watcher_run,
	.interrupt = watcher_interrupt,
	.wait_status = watcher_wait_status,
	.memory = watcher_memory,
	.registers = watcher_registers,
	.stack = watcher_stack,
	.packets = watcher_packets,
	.process_gone = watcher_target_gone,
	.free = watcher_free,
	.refusal = watcher_cannot,
	.lacks = watcher_lacks,
	.good_for = "commands, -p and --all: stops nothing",
};
