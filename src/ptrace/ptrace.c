// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engines by ptrace(2) as a whole: preparing, starting, running, ending. */
#include "config.h"

#include "procfs/procfs.h"
#include "ptrace/ptrace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ptrace/refused.h"
#include "ptrace/state.h"

/* So long a wrapped command that was told to end may take, where it can't go on without us. */
enum {
	GRACE_S = 2,
};

/* ---- preparing ---- */

/*
 * Seccomp stops only at calls of interest.  It needs a command that we start, all of whose children we
 * trace: whoever has the filter and no tracer gets ENOSYS.
 */
static void choose_filter(struct tracer *t)
{
	int err;

	if (!t->o->argv)
		return;
	if (!t->o->follow) {
		live_say(t->live,
			 "a seccomp filter needs -f: stopping at every system call instead");
		return;
	}
	err = filter_probe();
	if (!err)
		err = filter_build(&t->filter, live_calls(t->live));
	if (err)
		live_say(t->live,
			 "cannot use a seccomp filter (%s): stopping at every system call instead, "
			 "which is slower",
			 strerror(-err));
	t->seccomp = !err;
}

/* In the command itself. */
static int give_filter(void *ctx)
{
	return filter_install(&((struct tracer *)ctx)->filter);
}

static void without_filter(void *ctx, int err)
{
	struct tracer *t = ctx;

	t->seccomp = false;
	live_can(t->live, ENGINE_STOPS | ENGINE_EVERY_CALL);
	live_say(
		t->live,
		"cannot install a seccomp filter (%s): stopping at every system call instead, which is "
		"slower",
		strerror(err));
}

static int trace_command(void *ctx, pid_t pid)
{
	struct tracer *t = ctx;
	int err = tracer_seize(t, pid, pid);

	if (err)
		tracer_refused(t, pid, -err);
	else
		tracer_find(t, pid)->task.hidden = true;
	return err;
}

static int ptrace_options(const struct tracer *t)
{
	int options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

	if (t->o->follow)
		options |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	if (t->seccomp) /* if we are killed: calls that fail with ENOSYS for ever are worse */
		options |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (t->o->kill_on_exit)
		options |= PTRACE_O_EXITKILL;
	return options;
}

static struct tracer *tracer_new(struct live *l, const struct live_opts *o, bool filter)
{
	struct tracer *t = alloc_zeroed(1, sizeof(*t));

	t->live = l;
	t->o = o;
	t->command = (struct command){
		.live = l,
		.o = o,
		.ctx = t,
		.trace = trace_command,
		.unprepared = without_filter,
	};
	command_init(&t->command);
	t->tasks = live_tasks(l);
	t->proc_ok = live_proc_ok(l);
	if (filter)
		choose_filter(t);
	if (t->seccomp)
		t->command.prepare = give_filter;
	else
		live_can(l, ENGINE_STOPS | ENGINE_EVERY_CALL);
	t->ptrace_options = ptrace_options(t);
	return t;
}

static void *seccomp_new(struct live *l, const struct live_opts *o)
{
	return tracer_new(l, o, true);
}

static void *syscall_new(struct live *l, const struct live_opts *o)
{
	return tracer_new(l, o, false);
}

static void tracer_free(void *e)
{
	struct tracer *t = e;

	filter_free(&t->filter);
	command_free(&t->command);
	alloc_free(t);
}

/* ---- running ---- */

bool tracer_orphans(const struct tracer *t)
{
	auto_dir DIR *dir = t->proc_ok ? opendir("/proc") : NULL;
	int pid;

	while ((pid = procfs_next(dir)) > 0) {
		if (proc_status(pid, "TracerPid") == getpid())
			return true;
	}
	return false;
}

static int attach_all(struct tracer *t)
{
	int err = -ESRCH, n = 0;

	for (unsigned int i = 0; i < t->o->npids; i++) {
		int r = tracer_attach(t, t->o->pids[i]);

		if (r < 0)
			err = r;
		else
			n += r;
	}
	for (unsigned int i = 0; n && i < t->tasks->n; i++) {
		struct task *task = t->tasks->v[i];

		if (task->tid == task->process->tgid)
			live_process_attached(t->live, task);
	}
	return n ? 0 : err;
}

static void loop(void *t)
{
	tracer_loop(t);
}

/* Something ended the loop: a signal, the time, or the consumer has enough. */
static void wind_up(struct tracer *t)
{
	int sig = t->interrupted;

	if (command_lives(&t->command) && sig) {
		wait_deadline(&t->wait, 0);
		command_ends(&t->command, &t->interrupted, loop);
		sig = t->interrupted;
		if (!t->tasks->n)
			return;
	}
	if (command_lives(&t->command))
		command_let_go(&t->command, sig);
	if (t->command.pid && t->seccomp) {
		if (!sig)
			live_hush(t->live, LIVE_MUTE);
		t->interrupted = 0;
		wait_deadline(&t->wait, GRACE_S * 1000000000ULL);
		tracer_loop(t);
		tracer_kill_all(t);
		return;
	}
	tracer_detach_all(t);
}

static int start(struct tracer *t)
{
	siginfo_t si;
	int err = 0;

	t->children = !waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT | __WALL);
	if (t->o->argv)
		err = command_launch(&t->command);
	wait_start(&t->wait);
	wait_deadline(&t->wait, t->o->duration_ns);
	if (t->interrupted) /* meanwhile */
		wait_wake(&t->wait);
	if (!err && t->o->npids) {
		err = attach_all(t);
		if (t->command.pid)
			err = 0;
	}
	return err;
}

static void tracer_stop(struct tracer *t)
{
	wait_stop(&t->wait);
	sigaction(SIGCHLD, &t->sigchld, NULL);
}

static int tracer_start(void *e)
{
	struct tracer *t = e;
	/* not for stops: wait4() tells those, and a signal for each would be work for nothing */
	const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	int err;

	sigaction(SIGCHLD, &action, &t->sigchld); /* ignored, there would be nothing to wait for */
	err = start(t);
	if (err)
		tracer_stop(t);
	return err;
}

static void tracer_run(void *e)
{
	struct tracer *t = e;

	tracer_loop(t);
	if (t->tasks->n)
		wind_up(t);
	tracer_stop(t);
}

static int tracer_wait_status(const void *e)
{
	return ((const struct tracer *)e)->command.status;
}

static void tracer_interrupt(void *e, int sig)
{
	struct tracer *t = e;
	int saved = errno;

	t->interrupted = sig;
	wait_wake(&t->wait);
	errno = saved;
}

static const char *syscall_refusal(void)
{
	if (refused_seccomp())
		return "a seccomp filter forbids ptrace to this program, as containers do; docker: "
		       "--cap-add=SYS_PTRACE";
	if (refused_yama() == 3)
		return "Yama forbids all tracing until the next boot (kernel.yama.ptrace_scope is 3): boot "
		       "without that";
	if (refused_yama() == 2 && !refused_capable())
		return "Yama allows tracing to CAP_SYS_PTRACE only (kernel.yama.ptrace_scope is 2): run as "
		       "root";
	return NULL;
}

static const char *seccomp_refusal(void)
{
	const char *why = syscall_refusal();

	return !why && filter_probe()
		       ? "this kernel takes no seccomp filter: --engine=syscall needs none"
		       : why;
}

/* What both have in common. */
#define BY_PTRACE                                                                                  \
	.task_size = sizeof(struct tracee), .process_size = sizeof(struct tracee_process),         \
	.start = tracer_start, .run = tracer_run, .interrupt = tracer_interrupt,                   \
	.wait_status = tracer_wait_status, .memory = tracee_memory, .registers = tracee_registers, \
	.process_gone = tracee_process_gone, .free = tracer_free

const struct engine engine_seccomp = {
	.name = "seccomp",
	.amends = true,
	.can = ENGINE_STOPS,
	.only_commands = "a running process can't be given a filter",
	.new = seccomp_new,
	.refusal = seccomp_refusal,
	.good_for = "commands: stops at the calls that matter",
	BY_PTRACE,
};

const struct engine engine_syscall = {
	.name = "syscall",
	.amends = true,
	.can = ENGINE_STOPS | ENGINE_EVERY_CALL,
	.new = syscall_new,
	.refusal = syscall_refusal,
	.good_for = "commands and -p: stops at every call",
	BY_PTRACE,
};
