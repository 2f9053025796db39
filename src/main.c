// SPDX-License-Identifier: LGPL-2.1-or-later
/* Wiring and exit status only. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accepted.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "check/explain.h"
#include "demo.h"
#include "doctor.h"
#include "evidence.h"
#include "engines.h"
#include "kernel/model.h"
#include "options.h"
#include "outputs.h"
#include "own-file.h"
#include "pipeline.h"
#include "replay.h"
#include "report/list-cmsgs.h"
#include "live/live.h"
#include "complain.h"

enum { EXIT_CLEAN = 0, EXIT_FOUND = 1, EXIT_INPUT = 2 };
enum { INTERRUPTIBLE_NEVER = 3, INTERRUPTIBLE_NEVER_TSTP = 4 }; /* -I */

static struct live *running;

static void on_signal(int sig)
{
	if (running)
		live_interrupt(running, sig);
}

/* SIGPIPE, SIGXFSZ: write(2) says EPIPE, or EFBIG, and the run goes on without that output; or what -I ignores. */
static void on_ignored_signal(int sig)
{
	(void)sig;
}

/* A handler, never SIG_IGN: the command must inherit what we were given. */
static void handle_signal(int sig, void (*handler)(int), bool though_ignored)
{
	struct sigaction old, sa = { .sa_handler = handler };

	sigemptyset(&sa.sa_mask);
	if (!sigaction(sig, NULL, &old) && (though_ignored || old.sa_handler != SIG_IGN))
		sigaction(sig, &sa, NULL);
}

/*
 * attached: SIGINT is how tracing ends, also for what a script started in the background, where the shell
 * has it ignored.  SIGHUP stays ignored under nohup(1).
 */
static void handle_signals(const struct options *o)
{
	bool attached = (o->npids || o->all) && !o->command;
	void (*fatal)(int) =
		o->interruptible >= INTERRUPTIBLE_NEVER ? on_ignored_signal : on_signal;

	handle_signal(SIGHUP, fatal, false);
	handle_signal(SIGINT, fatal, attached);
	handle_signal(SIGQUIT, fatal, attached);
	handle_signal(SIGTERM, fatal, attached);
	if (o->interruptible == INTERRUPTIBLE_NEVER_TSTP)
		handle_signal(SIGTSTP, on_ignored_signal, false);
	handle_signal(SIGPIPE, on_ignored_signal, false);
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	complain("%s", text);
}

/* How the run ended, for the exit status. */
struct ending {
	int err;         /* negative errno of the source */
	int wait_status; /* of the wrapped command; -1 none */
	bool bad_input, bad_output;
	const char *engine; /* NULL: none ran */
};

static void comment(void *ctx, const struct wire_fact *packet, const char *text)
{
	live_comment(ctx, packet, text);
}

/* False after complaining. */
static bool pcapng_open(const struct options *o, FILE **file)
{
	int fd = o->pcapng ? own_file(o->pcapng, false, OWN_FILE_PRIVATE) : -1;

	*file = fd < 0 ? NULL : fdopen(fd, "we");
	if (!o->pcapng || *file)
		return true;
	complain("--pcapng: %s: %s", o->pcapng, own_file_why(fd < 0 ? fd : -errno));
	return false;
}

static int pcapng_close(const struct options *o, FILE *file)
{
	bool bad = file && ferror(file);

	if (file && (fclose(file) || bad)) {
		complain("--pcapng: %s could not be written completely", o->pcapng);
		return -EIO;
	}
	return 0;
}

static void child_ended(void *ctx, int pid, int status)
{
	outputs_child_ended(ctx, pid, status);
}

/*
 * The command has what it was given of standard input and output; we hold neither, so that who writes to it or
 * reads of it learns when the command has closed its end.  What we write there ourselves has a descriptor of
 * its own.
 */
static void let_go_of_streams(void *ctx)
{
	const struct options *o = ctx;
	int null = o->command ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

	if (null < 0)
		return;
	fflush(stdout);
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 &&
		    !(flags & FD_CLOEXEC)) /* else it was closed, and the number is our own */
			dup2(null, fd);
	}
	close(null);
}

/* One line says which is taken for what runs; why: not the one that stops nothing. */
static const struct engine *tell_engine(const struct live_opts *t, const struct engine *engine,
					const char *why)
{
	if (!t->npids || t->quiet > 0)
		return engine;
	if (why)
		complain("by --engine=%s, which stops at each call; not by bpf: %s", engine->name,
			 why);
	else
		complain("by --engine=%s, which stops nothing", engine->name);
	return engine;
}

static const struct engine *choose_engine(const struct options *o, const struct live_opts *t)
{
	const struct engine *engine;
	const char *why;

	if (o->engine)
		return o->engine;
	if (o->ptrace)
		return engine_ptrace(t);
	engine = engine_auto(t, &why);
	return tell_engine(t, engine, why);
}

static void run_engine(const struct options *o, const struct live_opts *t,
		       const struct engine *engine, struct pipeline *p, struct ending *end)
{
	struct consumer c = pipeline_consumer(p);

	running = live_new(t, engine);
	end->engine = engine->name;
	if (t->pcapng) {
		p->comment = comment;
		p->comment_ctx = running;
	}
	handle_signals(o);
	end->err = live_run(running, &c);
	end->wait_status = live_wait_status(running);
	p->comment = NULL;
	live_free(running);
	running = NULL;
}

static void run_live(const struct options *o, struct pipeline *p, struct outputs *outputs,
		     struct ending *end)
{
	struct live_opts t = {
		.argv = o->command,
		.pids = o->pids,
		.npids = o->npids,
		.all = o->all,
		.cgroup = o->cgroup,
		.follow = !o->no_follow,
		.daemonize = o->daemonize,
		.kill_on_exit = o->kill_on_exit,
		.detach_on_execve = o->detach_on_execve,
		.user = o->user,
		.env = (char *const *)o->env.v,
		.strsize = o->strsize,
		.paths = o->paths || o->select.path.given,
		.stacks = o->stacks,
		.duration_ns = o->duration_ns,
		.amend = o->try_fix != NULL,
		.wire = o->wire,
		.received = check_needs(p->check) & RULE_NEEDS_RECEIVED_FDS,
		.quiet = o->quiet,
		.prints = select_prints,
		.prints_ctx = (void *)&o->select,
		.started = let_go_of_streams,
		.started_ctx = (void *)o,
		.say = say,
		.child_ended = child_ended,
		.child_ended_ctx = outputs,
	};
	const struct engine *engine;

	if (!pcapng_open(o, &t.pcapng)) {
		end->err = -EIO;
		return;
	}
	engine = choose_engine(o, &t);
	run_engine(o, &t, engine, p, end);
	if (end->err == -ENOSYS && !o->engine && !t.all && engine != engine_ptrace(&t))
		run_engine(o, &t, tell_engine(&t, engine_ptrace(&t), "see above"), p, end);
	if (pcapng_close(o, t.pcapng) && !end->err)
		end->bad_output = true;
}

/* Ends as the command ended: with its status, or by the same signal. */
static int exit_as(int wait_status)
{
	if (WIFEXITED(wait_status))
		return WEXITSTATUS(wait_status);
	if (!WIFSIGNALED(wait_status))
		return EXIT_TOOL;

	int sig = WTERMSIG(wait_status);
	struct rlimit none = { 0, 0 };
	sigset_t set;

	fflush(NULL);
	setrlimit(RLIMIT_CORE, &none);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	return 128 + sig; /* not reached, but for signals that are no death for us */
}

/* As a shell would say it: 128 + signal. */
static int wait_as_status(int wait_status)
{
	if (wait_status < 0)
		return 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

static int exit_status(const struct options *o, const struct check *check, const struct ending *end)
{
	bool found =
		o->fail_on <= SEVERITY_ERROR && check_count(check, (enum severity)o->fail_on) > 0;

	if (end->bad_input)
		return EXIT_INPUT;
	if (end->bad_output)
		return EXIT_TOOL;
	if (end->err && end->wait_status >= 0) /* 126, 127: the command could not be started */
		return exit_as(end->wait_status);
	if (end->err)
		return (o->npids || o->all) && !o->command ? 1 : EXIT_TOOL;
	if (found && o->has_error_exitcode)
		return (int)o->error_exitcode;
	/* who names a level wants it to fail, whatever the command said */
	if (o->read.n || (found && o->has_fail_on))
		return found ? EXIT_FOUND : EXIT_CLEAN;
	if (end->wait_status >= 0)
		return exit_as(end->wait_status);
	return EXIT_CLEAN;
}

/* "6.1", "5.10.0-26-amd64"; 0 after complaining. */
static uint32_t release_of(const char *text)
{
	uint32_t release = model_release(text);

	if (!release)
		complain("--kernel takes a release such as 6.1 or 5.10.0, not '%s'", text);
	return release;
}

/* Events of files, with what others beside them add. */
static void run_replay(const struct options *o, struct pipeline *p, struct outputs *outputs,
		       struct replay *replay, struct evidence *evidence, struct ending *end)
{
	struct consumer pipe = pipeline_consumer(p), c = evidence_consumer(evidence, &pipe);
	FILE *pcapng;

	if (!pcapng_open(o, &pcapng)) {
		end->bad_output = true;
		return;
	}
	if (pcapng) {
		p->comment = evidence_comment;
		p->comment_ctx = evidence;
	}
	handle_signal(SIGPIPE, on_ignored_signal, false);
	replay_progress(replay, o->progress, p, outputs);
	end->bad_input = replay_run(replay, &c) < 0;
	p->comment = NULL;
	if (pcapng)
		evidence_write(evidence, &o->pcap, pcapng);
	end->bad_output |= pcapng_close(o, pcapng) < 0;
}

/* All events of a live run, or of replay; closes outputs and accepted.  The exit status. */
static int run_into(const struct options *o, struct pipeline *p, struct outputs *outputs,
		    struct accepted *accepted, struct replay *replay, struct evidence *evidence)
{
	struct ending end = { .wait_status = -1 };
	struct run_end re = { .accepted = accepted_files(accepted), .fail_on = o->fail_on };
	int status;

	if (replay) {
		run_replay(o, p, outputs, replay, evidence, &end);
		replay_end(replay, &re);
	} else {
		run_live(o, p, outputs, &end);
		re.exit = wait_as_status(end.wait_status);
		re.engine = end.engine;
		re.cut = end.err != 0;
	}
	status = outputs_close(outputs, p, &re);
	if (p->stop && !o->quiet)
		complain("ended at the first finding that counts (--exit-on-first-error)");
	status |= accepted_close(accepted, p->check);
	return status ? status : exit_status(o, p->check, &end);
}

static void spare(const struct str_list *names)
{
	for (unsigned int i = 0; i < names->n; i++)
		own_file_spare(names->v[i]);
}

/* Is the kernel known that the calls ran on, and of another series than release?  A log doesn't tell its own. */
static bool ran_elsewhere(uint32_t release, const struct replay *replay, const char *kernel)
{
	uint32_t ran = !replay || replay_is_recording(replay) ? model_release(kernel) : 0;

	return ran && ran >> 8 != release >> 8;
}

static int run(const struct options *o, int argc, char **argv)
{
	struct utsname uts;
	char kernel[sizeof(uts.release) + sizeof(uts.version)];
	struct run_info info = {
		.tool = PACKAGE_NAME " " PACKAGE_VERSION,
		.argc = argc,
		.argv = argv,
		.started_ns = clock_ns(CLOCK_REALTIME),
	};
	struct check_opts co = {
		.wanted = select_rule,
		.wanted_ctx = (void *)&o->select,
		.tries = o->try_fix ? options_tries : NULL,
		.tries_ctx = (void *)o,
		.level = (enum severity)o->select.level,
	};
	struct pipeline p = {
		.select = &o->select,
		.max_events = o->max_events,
		.stop_at = o->exit_on_first_error ? o->fail_on : -1,
	};
	struct outputs *outputs;
	struct accepted *accepted;
	struct replay *replay = NULL;
	struct evidence *evidence = NULL;
	int status = EXIT_TOOL, sig;

	uname(&uts);
	model_kernel_name(uts.release, uts.version, kernel, sizeof(kernel));
	info.kernel = kernel;
	info.machine = uts.machine;
	if (o->read.n) {
		spare(&o->read);
		spare(&o->net);
		spare(&o->pcap);
		evidence = evidence_open(o);
		replay = evidence ? replay_open(o, &info) : NULL;
		if (!replay) {
			evidence_free(evidence);
			return EXIT_INPUT;
		}
	}
	co.release = o->kernel ? release_of(o->kernel) : model_release(info.kernel);
	if (o->kernel && !co.release)
		goto out;
	co.other_kernel = ran_elsewhere(co.release, replay, info.kernel);
	accepted = accepted_open(o, &co);
	if (!accepted) {
		status = o->read.n ? EXIT_INPUT : EXIT_TOOL;
		goto out;
	}
	p.check = check_new(&co);
	info.check = p.check;
	handle_signal(SIGXFSZ, on_ignored_signal, false);
	outputs = accepted_open_files(accepted) ? outputs_open(o, &p, &info) : NULL;
	if (outputs)
		status = run_into(o, &p, outputs, accepted, replay, evidence);
	else
		accepted_close(accepted, NULL);
	check_free(p.check);
out:
	sig = replay ? replay_signal(replay) : 0;
	replay_free(replay);
	evidence_free(evidence);
	event_pool_free();
	return sig ? exit_as(sig)
		   : status; /* a wait status that is a signal's number: killed by it */
}

static int shown(void)
{
	return fflush(stdout) || ferror(stdout) ? EXIT_TOOL : EXIT_CLEAN;
}

static int show_help(void)
{
	options_help(stdout);
	return shown();
}

static int show_version(void)
{
	puts(PACKAGE_STRING);
	doctor_version(stdout);
	return shown();
}

static int show(void (*put)(struct buf *out))
{
	struct buf out = { 0 };

	put(&out);
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return shown();
}

static bool wants_json(const struct options *o)
{
	return o->format.n && !strncmp(o->format.v[0], "json", strlen("json"));
}

static int explain(const char *name)
{
	const struct rule *r = rule_find(name);
	struct buf out = { 0 };

	if (!r) {
		complain("no rule '%s': cmsgtrace --list-rules shows all", name);
		return EXIT_TOOL;
	}
	explain_rule(&out, r);
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return shown();
}

int main(int argc, char **argv)
{
	struct options o;
	int status = options_parse(&o, argc, argv);

	if (status)
		;
	else if (o.help)
		status = show_help();
	else if (o.version)
		status = show_version();
	else if (o.explain)
		status = explain(o.explain);
	else if (o.list_rules)
		status = show(explain_list);
	else if (o.list_cmsgs)
		status = show(wants_json(&o) ? list_cmsgs_json : list_cmsgs_text);
	else if (o.doctor)
		status = doctor_run(wants_json(&o));
	else if (o.demo)
		status = demo_run(o.format.n ? o.format.v[0] : NULL);
	else
		status = run(&o, argc, argv);
	options_free(&o);
	return status;
}
