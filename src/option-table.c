// SPDX-License-Identifier: LGPL-2.1-or-later
/* The option table and what its rows set. */
#include "config.h"

#include "option-table.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "trace/trace.h"

enum { STRSIZE_MAX = 1 << 20 };

/* A whole non-negative number up to max; what: for the message. */
bool option_uint(const char *what, const char *text, uint64_t max, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || *v > max) {
		complain("%s takes a number from 0 to %llu, not '%s'", what,
			 (unsigned long long)max, text);
		return false;
	}
	return true;
}

static int set_pids(struct options *o, const char *arg)
{
	const char *p = arg;

	while (*p) {
		char *end;
		long pid;

		if (strchr(", \t\n", *p)) {
			p++;
			continue;
		}
		errno = 0;
		pid = strtol(p, &end, 10);
		if (end == p || errno || pid <= 0 || pid > INT_MAX || !strchr(", \t\n", *end)) {
			complain("invalid process id: '%s'", p);
			return -EINVAL;
		}
		o->pids = alloc_resize(o->pids, (o->npids + 1) * sizeof(*o->pids));
		o->pids[o->npids++] = (int)pid;
		p = end;
	}
	return 0;
}

static int set_expr(struct options *o, const char *arg)
{
	return select_add(&o->select, arg);
}

static int set_trace(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "trace", arg);
}

static int set_signal(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "signal", arg);
}

static int set_status(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "status", arg);
}

static int set_path(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "path", arg);
}

static int set_check(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "check", arg);
}

static int set_level(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "level", arg);
}

static int set_follow(struct options *o, const char *arg)
{
	(void)arg;
	o->follow++;
	o->no_follow = false;
	return 0;
}

static int set_separately(struct options *o, const char *arg)
{
	(void)arg;
	o->follow = 2;
	return 0;
}

static int set_color(struct options *o, const char *arg)
{
	if (!arg || !strcmp(arg, "always")) {
		o->color = COLOR_ALWAYS;
	} else if (!strcmp(arg, "auto")) {
		o->color = COLOR_AUTO;
	} else if (!strcmp(arg, "never")) {
		o->color = COLOR_NEVER;
	} else {
		complain("--color takes auto, always or never, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

static int set_stamp(struct options *o, const char *arg)
{
	if (!arg) {
		o->stamp++;
	} else if (!strcmp(arg, "none")) {
		o->stamp = 0;
	} else if (!strcmp(arg, "format:time") || !strcmp(arg, "time") || !strcmp(arg, "s")) {
		o->stamp = 1;
	} else if (!strcmp(arg, "us") || !strcmp(arg, "precision:us")) {
		o->stamp = 2;
	} else if (!strcmp(arg, "unix") || !strcmp(arg, "format:unix")) {
		o->stamp = 3;
	} else {
		complain("--absolute-timestamps takes time, us or unix, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

static int set_hex(struct options *o, const char *arg)
{
	if (!arg) {
		o->hex++;
	} else if (!strcmp(arg, "all")) {
		o->hex = 2;
	} else if (!strcmp(arg, "non-ascii")) {
		o->hex = 1;
	} else if (!strcmp(arg, "none")) {
		o->hex = 0;
	} else {
		complain("--strings-in-hex takes all, non-ascii or none, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

static int set_paths(struct options *o, const char *arg)
{
	if (!arg) {
		o->paths++;
	} else if (!strcmp(arg, "path")) {
		o->paths = 1;
	} else if (!strcmp(arg, "all") || !strcmp(arg, "socket")) {
		o->paths = 2;
	} else if (!strcmp(arg, "none")) {
		o->paths = 0;
	} else {
		complain("--decode-fds takes path, socket, all or none, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

static int set_quiet(struct options *o, const char *arg)
{
	if (!arg)
		o->quiet++;
	else if (strstr(arg, "all"))
		o->quiet = 3;
	else if (strstr(arg, "exit"))
		o->quiet = 2;
	else
		o->quiet = 1;
	return 0;
}

static int set_strsize(struct options *o, const char *arg)
{
	uint64_t v;

	if (!option_uint("-s", arg, STRSIZE_MAX, &v))
		return -EINVAL;
	o->strsize = (unsigned int)v;
	return 0;
}

/* "10", "1.5s", "300ms", "2m", "1h" */
static int set_duration(struct options *o, const char *arg)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {
		{ "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "m", 60 }, { "h", 3600 },
	};
	char *end;
	double v = strtod(arg, &end);

	for (size_t i = 0; end != arg && v > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(end, units[i].unit) && v * units[i].seconds < 1e9) {
			o->duration_ns = (uint64_t)(v * units[i].seconds * 1e9);
			return 0;
		}
	}
	complain("--duration takes a time such as 10, 1.5s, 300ms, 2m or 1h, not '%s'", arg);
	return -EINVAL;
}

static int set_max_events(struct options *o, const char *arg)
{
	return option_uint("--max-events", arg, UINT64_MAX, &o->max_events) ? 0 : -EINVAL;
}

static int set_exitcode(struct options *o, const char *arg)
{
	uint64_t v;

	if (!option_uint("--error-exitcode", arg, 255, &v))
		return -EINVAL;
	o->error_exitcode = (unsigned int)v;
	o->has_error_exitcode = true;
	return 0;
}

static int set_fail_on(struct options *o, const char *arg)
{
	static const char *const names[] = { "note", "warning", "error", "never" };

	for (int i = 0; i < 4; i++) {
		if (!strcmp(arg, names[i])) {
			o->fail_on = i;
			return 0;
		}
	}
	complain("--fail-on takes error, warning, note or never, not '%s'", arg);
	return -EINVAL;
}

static int set_gen_suppressions(struct options *o, const char *arg)
{
	o->gen_suppressions = arg ? arg : "-";
	return 0;
}

static int set_engine(struct options *o, const char *arg)
{
	if (!arg || !strcmp(arg, "auto")) {
		o->engine = ENGINE_AUTO;
	} else if (!strcmp(arg, "seccomp")) {
		o->engine = ENGINE_SECCOMP;
	} else if (!strcmp(arg, "syscall")) {
		o->engine = ENGINE_SYSCALL;
	} else {
		complain("--engine takes auto, seccomp or syscall, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

static int set_detach_on(struct options *o, const char *arg)
{
	(void)o;
	if (strcmp(arg, "execve")) {
		complain("-b takes execve only, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
	{ "Where events come from:", 'p', "attach", ARG_NEEDED, "PID[,PID...]",
	  "attach to processes with all their threads; ^C detaches", ROW_FN, 0, set_pids },
	{ NULL, 0, "read", ARG_NEEDED, "FILE",
	  "check a recording or an strace log ('-': standard input; repeatable)", ROW_LIST,
	  AT(read), NULL },
	{ NULL, 'f', "follow-forks", ARG_NONE, NULL, "follow children and threads (the default)",
	  ROW_FN, 0, set_follow },
	{ NULL, 0, "no-follow", ARG_NONE, NULL, "trace only the first thread", ROW_FLAG,
	  AT(no_follow), NULL },
	{ NULL, 0, "output-separately", ARG_NONE, NULL, "as -ff: with -o FILE, one FILE.PID a task",
	  ROW_FN, 0, set_separately },
	{ NULL, 'E', "env", ARG_NEEDED, "VAR[=VAL]",
	  "set (or without =VAL remove) a variable of the command's environment", ROW_LIST, AT(env),
	  NULL },
	{ NULL, 'u', "user", ARG_NEEDED, "NAME", "run the command as this user", ROW_STRING,
	  AT(user), NULL },
	{ NULL, 'D', "daemonize", ARG_NONE, NULL,
	  "trace from a detached process: the command stays the caller's child", ROW_FLAG,
	  AT(daemonize), NULL },
	{ NULL, 0, "kill-on-exit", ARG_NONE, NULL, "kill what is traced when cmsgtrace ends",
	  ROW_FLAG, AT(kill_on_exit), NULL },
	{ NULL, 0, "engine", ARG_NEEDED, "auto|seccomp|syscall",
	  "how to stop at calls: by a seccomp filter or at every call", ROW_FN, 0, set_engine },
	{ NULL, 0, "seccomp-bpf", ARG_NONE, NULL, "accepted: the filter is used by default",
	  ROW_ACCEPT, 0, NULL },
	{ NULL, 0, "duration", ARG_NEEDED, "TIME", "stop after this time: 10, 1.5s, 300ms, 2m, 1h",
	  ROW_FN, 0, set_duration },
	{ NULL, 0, "max-events", ARG_NEEDED, "N", "stop after N calls", ROW_FN, 0, set_max_events },
	{ NULL, 0, "wire", ARG_NONE, NULL,
	  "find each UDP message's packet: which address it was sent to, or left from", ROW_FLAG,
	  AT(wire), NULL },
	{ NULL, 0, "pcapng", ARG_NEEDED, "FILE",
	  "write those packets to FILE, findings as comments (implies --wire)", ROW_STRING,
	  AT(pcapng), NULL },

	{ "What is shown:", 'e', "expr", ARG_NEEDED, "QUAL",
	  "trace=, signal=, status=, fd=, cmsg=, sock=, check=, level= [!]all|none|V1,V2", ROW_FN,
	  0, set_expr },
	{ NULL, 0, "trace", ARG_NEEDED, "SET", "as -e trace=SET: names, %class, /regex, all, none",
	  ROW_FN, 0, set_trace },
	{ NULL, 0, "signal", ARG_NEEDED, "SET", "as -e signal=SET", ROW_FN, 0, set_signal },
	{ NULL, 0, "status", ARG_NEEDED, "SET", "as -e status=SET", ROW_FN, 0, set_status },
	{ NULL, 'P', "trace-path", ARG_NEEDED, "PATH", "only calls on descriptors of this path",
	  ROW_FN, 0, set_path },
	{ NULL, 'z', "successful-only", ARG_NONE, NULL, "only calls that succeeded", ROW_FLAG,
	  AT(only_ok), NULL },
	{ NULL, 'Z', "failed-only", ARG_NONE, NULL, "only calls that failed", ROW_FLAG,
	  AT(only_failed), NULL },
	{ NULL, 0, "findings-only", ARG_NONE, NULL, "only findings, each under its call", ROW_FLAG,
	  AT(findings_only), NULL },
	{ NULL, 'c', "summary-only", ARG_NONE, NULL, "only the summary at the end", ROW_FLAG,
	  AT(summary_only), NULL },

	{ "How it is shown:", 'o', "output", ARG_NEEDED, "FILE", "write to FILE, or to '|COMMAND'",
	  ROW_STRING, AT(output), NULL },
	{ NULL, 'A', "output-append-mode", ARG_NONE, NULL, "append to FILE", ROW_FLAG, AT(append),
	  NULL },
	{ NULL, 's', "string-limit", ARG_NEEDED, "N", "bytes of each payload (default 32)", ROW_FN,
	  0, set_strsize },
	{ NULL, 't', "absolute-timestamps", ARG_OPTIONAL, "FORMAT",
	  "time of day; -tt with microseconds, -ttt seconds since the epoch", ROW_FN, 0,
	  set_stamp },
	{ NULL, 'r', "relative-timestamps", ARG_NONE, NULL, "time since the previous line",
	  ROW_FLAG, AT(relative), NULL },
	{ NULL, 'T', "syscall-times", ARG_NONE, NULL, "time spent in each call", ROW_FLAG,
	  AT(spent), NULL },
	{ NULL, 'y', "decode-fds", ARG_OPTIONAL, "SET",
	  "paths of descriptors; -yy protocols and addresses of sockets", ROW_FN, 0, set_paths },
	{ NULL, 'x', "strings-in-hex", ARG_OPTIONAL, "WHICH",
	  "non-ASCII strings in hex; -xx all strings", ROW_FN, 0, set_hex },
	{ NULL, 'v', "no-abbrev", ARG_NONE, NULL, "abbreviate nothing; show offered lengths",
	  ROW_FLAG, AT(verbose), NULL },
	{ NULL, 'k', "stack-traces", ARG_NONE, NULL,
	  "the stack of each call; -kk with source lines", ROW_COUNT, AT(stacks), NULL },
	{ NULL, 'a', "columns", ARG_NEEDED, "N", "column of the results (default 40)", ROW_UINT,
	  AT(column), NULL },
	{ NULL, 'q', "quiet", ARG_OPTIONAL, "SET",
	  "no messages about attaching; -qq none about exits", ROW_FN, 0, set_quiet },
	{ NULL, 0, "color", ARG_OPTIONAL, "auto|always|never", "colour of findings", ROW_FN, 0,
	  set_color },
	{ NULL, 0, "format", ARG_NEEDED, "FMT[:FILE]",
	  "another output beside the text, or instead where no FILE is given (repeatable)",
	  ROW_LIST, AT(format), NULL },
	{ NULL, 0, "record", ARG_NEEDED, "FILE", "write a recording beside whatever is printed",
	  ROW_STRING, AT(record), NULL },

	{ "What is checked, and the exit status:", 0, "check", ARG_NEEDED, "SET",
	  "as -e check=SET: rules by id, name or prefix, as in CT2,!CT203", ROW_FN, 0, set_check },
	{ NULL, 0, "level", ARG_NEEDED, "LEVEL", "as -e level=LEVEL: findings from LEVEL up",
	  ROW_FN, 0, set_level },
	{ NULL, 0, "error-exitcode", ARG_NEEDED, "N", "exit with N where findings remain", ROW_FN,
	  0, set_exitcode },
	{ NULL, 0, "fail-on", ARG_NEEDED, "LEVEL",
	  "which findings count for the status: error (default), warning, note, never", ROW_FN, 0,
	  set_fail_on },
	{ NULL, 0, "exit-on-first-error", ARG_NONE, NULL,
	  "stop at the first finding that counts for the status", ROW_FLAG, AT(exit_on_first_error),
	  NULL },
	{ NULL, 0, "suppressions", ARG_NEEDED, "FILE",
	  "findings that are accepted (default: ./.cmsgtrace.supp; repeatable)", ROW_LIST,
	  AT(suppressions), NULL },
	{ NULL, 0, "gen-suppressions", ARG_OPTIONAL, "FILE",
	  "write a line that suppresses each finding (default: standard output)", ROW_FN, 0,
	  set_gen_suppressions },
	{ NULL, 0, "baseline", ARG_NEEDED, "FILE", "known findings: only new ones count",
	  ROW_STRING, AT(baseline), NULL },
	{ NULL, 0, "write-baseline", ARG_NEEDED, "FILE",
	  "write the findings of this run as baseline", ROW_STRING, AT(write_baseline), NULL },
	{ NULL, 0, "kernel", ARG_NEEDED, "RELEASE", "judge as that kernel would", ROW_STRING,
	  AT(kernel), NULL },

	{ "Information:", 0, "explain", ARG_NEEDED, "RULE", "what a rule means and what to do",
	  ROW_STRING, AT(explain), NULL },
	{ NULL, 0, "list-rules", ARG_NONE, NULL, "all rules", ROW_FLAG, AT(list_rules), NULL },
	{ NULL, 0, "list-cmsgs", ARG_NONE, NULL,
	  "every control message that is known; with --format=jsonl as JSON", ROW_FLAG,
	  AT(list_cmsgs), NULL },
	{ NULL, 0, "demo", ARG_NONE, NULL, "a broken server, its diagnosis, and the corrected one",
	  ROW_FLAG, AT(demo), NULL },
	{ NULL, 'h', "help", ARG_NONE, NULL, "this text", ROW_FLAG, AT(help), NULL },
	{ NULL, 'V', "version", ARG_NONE, NULL, "version and what was built in", ROW_FLAG,
	  AT(version), NULL },

	{ "Accepted for strace's sake:", 'b', "detach-on", ARG_NEEDED, "execve",
	  "accepted: cmsgtrace follows programs through execve", ROW_FN, 0, set_detach_on },
	{ NULL, 'I', "interruptible", ARG_NEEDED, "N",
	  "accepted: cmsgtrace can be interrupted at any time", ROW_ACCEPT, 0, NULL },
	{ .name = NULL },
};
