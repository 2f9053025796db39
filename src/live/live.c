// SPDX-License-Identifier: LGPL-2.1-or-later
/* The live source as a whole: preparing, running, ending. */
#include "config.h"

#include "live/live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sock/wire.h"
#include "ptrace/inherit.h"
#include "ptrace/refused.h"
#include "ptrace/state.h"

/* So long a wrapped command that was told to end may take, where it can't go on without us. */
enum {
	GRACE_S = 2,
	REPEAT_NS = 500000000, /* timeout(1) sends its signal twice, to us and to our group */
};

/* ---- what can be asked of the live system ---- */

static const char *ask_ifname(void *ctx, const struct event *ev, uint32_t index)
{
	return facts_ask_ifname(((struct trace *)ctx)->facts, ev, index);
}

static int ask_route(void *ctx, const struct event *ev, const struct addr *dest, uint32_t oif,
		     struct route_fact *out)
{
	return facts_ask_route(((struct trace *)ctx)->facts, ev, dest, oif, out);
}

static uint64_t ask_unix_peer(void *ctx, const struct event *ev)
{
	return facts_ask_unix_peer(((struct trace *)ctx)->facts, ev);
}

static int ask_is_local(void *ctx, const struct event *ev, const struct addr *addr)
{
	return facts_ask_is_local(((struct trace *)ctx)->facts, ev, addr);
}

static int ask_fd_open(void *ctx, const struct event *ev, int fd)
{
	struct trace *t = ctx;

	return t->proc_ok ? facts_ask_fd_open(t->facts, ev, fd) : -ENODATA;
}

static int ask_pid_exists(void *ctx, const struct event *ev, int pid)
{
	struct trace *t = ctx;

	return t->proc_ok ? facts_ask_pid_exists(t->facts, ev, pid) : -ENODATA;
}

static int ask_peer_passcred(void *ctx, const struct event *ev)
{
	struct trace *t = ctx;

	return t->proc_ok ? facts_ask_peer_passcred(t->facts, ev) : -ENODATA;
}

static int ask_optmem_max(void *ctx, const struct event *ev)
{
	return facts_ask_optmem_max(((struct trace *)ctx)->facts, ev);
}

static int ask_stack(void *ctx, struct event *ev)
{
	struct trace *t = ctx;

	if (ev->stack.have)
		return 0;
	if (ev != t->judging)
		return -EBUSY; /* its task runs */
	if (!t->unwinder)
		t->unwinder = unwind_libunwind.new();
	return t->unwinder ? unwind_libunwind.walk(t->unwinder, ev) : -ENOSYS;
}

static void ask_lines(void *ctx, struct event *ev)
{
	struct trace *t = ctx;

	if (ev == t->judging && t->unwinder)
		unwind_libunwind.lines(t->unwinder, ev);
}

/* ---- preparing ---- */

static bool proc_is_ours(void)
{
	char link[32];
	ssize_t n = readlink("/proc/self", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	return atoi(link) == getpid();
}

/*
 * Seccomp stops only at calls of interest.  It needs a command that we start, all of whose children we
 * trace: whoever has the filter and no tracer gets ENOSYS.
 */
static void choose_engine(struct trace *t)
{
	int err;

	if (!t->o.argv || t->o.engine == ENGINE_SYSCALL)
		return;
	if (!t->o.follow) {
		if (t->o.engine == ENGINE_SECCOMP)
			trace_say(
				t,
				"a seccomp filter needs -f: stopping at every system call instead");
		return;
	}
	err = filter_probe();
	if (!err)
		err = filter_build(&t->filter, t->calls);
	if (err)
		trace_say(
			t,
			"cannot use a seccomp filter (%s): stopping at every system call instead, "
			"which is slower",
			strerror(-err));
	t->seccomp = !err;
}

static int ptrace_options(const struct trace *t)
{
	int options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

	if (t->o.follow)
		options |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	if (t->seccomp) /* if we are killed: calls that fail with ENOSYS for ever are worse */
		options |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (t->o.kill_on_exit)
		options |= PTRACE_O_EXITKILL;
	return options;
}

struct trace *trace_new(const struct trace_opts *o)
{
	struct trace *t = alloc_zeroed(1, sizeof(*t));
	const struct calls_opts co = {
		.prints = o->prints,
		.prints_ctx = o->prints_ctx,
		.maps = true,
	};

	inherit_save();
	t->o = *o;
	t->capture.strsize = o->strsize;
	t->calls = calls_new(&co);
	t->facts = facts_new();
	packets_start(t);
	t->ask = (struct ask){
		.ctx = t,
		.ifname = ask_ifname,
		.route = ask_route,
		.is_local = ask_is_local,
		.fd_open = ask_fd_open,
		.pid_exists = ask_pid_exists,
		.optmem_max = ask_optmem_max,
		.peer_passcred = ask_peer_passcred,
		.unix_peer = ask_unix_peer,
		.stack = ask_stack,
		.lines = ask_lines,
	};
	t->command_status = -1;
	t->report_fd = -1;
	t->proc_ok = proc_is_ours();
	choose_engine(t);
	t->ptrace_options = ptrace_options(t);
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	tracees_free(&t->tasks);
	calls_free(t->calls);
	filter_free(&t->filter);
	if (t->unwinder)
		unwind_libunwind.free(t->unwinder);
	wire_free(t->wire);
	facts_free(t->facts);
	alloc_free(t->path);
	alloc_free(t);
}

/* ---- running ---- */

bool trace_orphans(const struct trace *t)
{
	DIR *dir;
	struct dirent *d;
	bool found = false;
	long me = getpid();

	if (!t->proc_ok)
		return false;
	dir = opendir("/proc");
	if (!dir)
		return false;
	while (!found && (d = readdir(dir))) {
		int pid = atoi(d->d_name);

		found = pid > 0 && proc_status(pid, "TracerPid") == me;
	}
	closedir(dir);
	return found;
}

static int attach_all(struct trace *t)
{
	int err = -ESRCH, n = 0;

	for (unsigned int i = 0; i < t->o.npids; i++) {
		int r = trace_attach(t, t->o.pids[i]);

		if (r < 0)
			err = r;
		else
			n += r;
	}
	for (unsigned int i = 0; n && i < t->tasks.n; i++) {
		struct tracee *tr = t->tasks.v[i];

		if (tr->tid != tr->process->tgid)
			continue;
		trace_find_datagrams(t, tr->process);
		if (facts_has_io_uring(t->facts, tr->tid, -1)) {
			struct event *ev = trace_event(t, tr, EVENT_NOTE);

			ev->note =
				"has an io_uring: messages sent and received through it are not seen";
			trace_emit(t, ev);
		}
	}
	return n ? 0 : err;
}

/* Signals from the terminal reach the command too, where it is in the foreground with us. */
static bool from_terminal(const struct trace *t, int sig)
{
	int fd;
	pid_t front;

	if (sig != SIGINT && sig != SIGQUIT)
		return false;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	front = tcgetpgrp(fd);
	close(fd);
	return front == getpgrp() && getpgid(t->command) == front;
}

static bool command_lives(const struct trace *t)
{
	return t->command && t->command_status < 0;
}

/* Something ended the loop: a signal, the time, or the consumer has enough. */
static void wind_up(struct trace *t)
{
	uint64_t told = clock_ns(CLOCK_MONOTONIC);
	int sig = t->interrupted;

	if (command_lives(t) && sig) {
		/* It ends as it likes, in its own time: tracing goes on until then. */
		if (!from_terminal(t, sig)) { /* from there it got the signal as well */
			kill(t->command, sig);
			t->leaving = true;
		}
		wait_deadline(&t->wait, 0);
		do {
			t->interrupted = 0;
			trace_loop(t);
		} while (t->interrupted && command_lives(t) &&
			 clock_ns(CLOCK_MONOTONIC) - told < REPEAT_NS);
		sig = t->interrupted;
		t->leaving = false;
		if (!t->tasks.n)
			return;
	}
	if (command_lives(t)) { /* as strace does */
		kill(t->command, SIGCONT);
		kill(t->command, sig ? sig : SIGTERM);
	}
	if (t->command && t->seccomp) {
		t->mute = !sig;
		t->interrupted = 0;
		wait_deadline(&t->wait, GRACE_S * 1000000000ULL);
		trace_loop(t);
		trace_kill_all(t);
		return;
	}
	trace_detach_all(t);
}

static int start(struct trace *t)
{
	siginfo_t si;
	int err = 0;

	t->children = !waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT | __WALL);
	if (t->o.argv)
		err = trace_launch(t);
	wait_start(&t->wait);
	wait_deadline(&t->wait, t->o.duration_ns);
	if (t->interrupted) /* meanwhile */
		wait_wake(&t->wait);
	if (!err && t->o.npids) {
		err = attach_all(t);
		if (t->command)
			err = 0;
	}
	return err;
}

/* What could not be learned, and why: rules that needed it did not run. */
static void tell_missing(struct trace *t)
{
	const char *text;

	for (unsigned int i = 0; (text = facts_missing(t->facts, i)); i++)
		trace_say(t, "%s", text);
}

int trace_run(struct trace *t, const struct consumer *c)
{
	struct sigaction old;
	/* not for stops: wait4() tells those, and a signal for each would be work for nothing */
	const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	int err;

	t->c = c;
	sigaction(SIGCHLD, &action, &old); /* ignored, there would be nothing to wait for */
	if (!t->proc_ok)
		trace_say(t,
			  "/proc is of another pid namespace: names and sockets of processes are "
			  "unknown; mount /proc anew");
	err = start(t);
	if (!err) {
		trace_loop(t);
		if (t->tasks.n)
			wind_up(t);
	}
	wait_stop(&t->wait);
	packets_told(t);
	tell_missing(t);
	sigaction(SIGCHLD, &old, NULL);
	return err;
}

int trace_wait_status(const struct trace *t)
{
	return t->command_status;
}

void trace_interrupt(struct trace *t, int sig)
{
	int saved = errno;

	t->interrupted = sig;
	wait_wake(&t->wait);
	errno = saved;
}

void trace_describe(FILE *to)
{
	struct utsname u;
	int yama = refused_yama();

	if (!uname(&u))
		fprintf(to, "kernel: %s %s %s\n", u.sysname, u.release, u.machine);
	fprintf(to, "seccomp filter: %s\n", filter_probe() ? "not available" : "yes");
	if (yama < 0)
		fprintf(to, "Yama: no\n");
	else
		fprintf(to, "Yama: ptrace_scope %d\n", yama);
	fprintf(to, "CAP_SYS_PTRACE: %s\n", refused_capable() ? "yes" : "no");
	fprintf(to, "ptrace: %s\n", refused_seccomp() ? "forbidden by a seccomp filter" : "yes");
	fprintf(to, "/proc: %s\n", proc_is_ours() ? "yes" : "of another pid namespace, or missing");
}
