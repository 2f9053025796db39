// SPDX-License-Identifier: LGPL-2.1-or-later
/* The option table and what its rows set. */
#include "config.h"

#include "option-table.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engines.h"
#include "report/text.h"
#include "complain.h"

enum { STRSIZE_MAX = 1 << 20 };

bool option_uint(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || *v < min || *v > max) {
		complain("%s takes a number from %llu to %llu, not '%s'", what,
			 (unsigned long long)min, (unsigned long long)max, text);
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

static int set_paths(struct options *o, const char *arg);
static int set_quiet(struct options *o, const char *arg);

/* -e abbrev= and its like: all of it or nothing, since the calls shown are few. */
static int set_abbrev(struct options *o, const char *arg)
{
	if (strcmp(arg, "none") && strcmp(arg, "!all") && strcmp(arg, "all")) {
		complain("-e abbrev= takes all, or none as -v does, not '%s'", arg);
		return -EINVAL;
	}
	o->verbose = strcmp(arg, "all") != 0;
	return 0;
}

#define SUMMARY_INSTEAD "-c sums up messages and findings, not time: strace -c does"
#define PIDS_INSTEAD "--format=jsonl names the program of each call"
#define PAYLOAD_INSTEAD "payloads are shown with the calls: -s N for more of them, -xx for hex"

/* strace's qualifiers that select no events, each with its other spellings. */
static const struct {
	const char *name, *alias[3];
	int (*set)(struct options *o, const char *arg);
	const char *instead;
} qualifiers[] = {
	{ "quiet", { "q", "silent", "silence" }, set_quiet, NULL },
	{ "decode-fds", { "decode-fd" }, set_paths, NULL },
	{ "decode-pids", { "decode-pid" }, NULL, PIDS_INSTEAD },
	{ "abbrev", { "a" }, set_abbrev, NULL },
	{ "verbose",
	  { "v" },
	  NULL,
	  "structures are always shown; --format=jsonl gives addresses and bytes beside them" },
	{ "raw", { "x" }, NULL, "--format=jsonl gives every argument and number raw" },
	{ "read", { "r", "reads" }, NULL, PAYLOAD_INSTEAD },
	{ "write", { "w", "writes" }, NULL, PAYLOAD_INSTEAD },
	{ "inject", { NULL }, NULL, "what is traced is never changed: strace can inject" },
	{ "fault", { NULL }, NULL, "what is traced is never changed: strace can inject faults" },
	{ "kvm", { NULL }, NULL, "virtual machines are not looked into: strace can" },
};

static int set_expr(struct options *o, const char *arg)
{
	size_t len = strcspn(arg, "=");

	for (size_t i = 0; arg[len] && i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
		const char *const names[] = { qualifiers[i].name, qualifiers[i].alias[0],
					      qualifiers[i].alias[1], qualifiers[i].alias[2] };

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (!names[k] || strlen(names[k]) != len || strncmp(names[k], arg, len))
				continue;
			if (qualifiers[i].set)
				return qualifiers[i].set(o, arg + len + 1);
			complain("-e %s= is not there: %s", qualifiers[i].name,
				 qualifiers[i].instead);
			return -EINVAL;
		}
	}
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

/* One of "s", "ms", "us", "ns". */
static bool precision_of(const char *text, int *precision)
{
	static const struct {
		const char *name;
		enum text_precision p;
	} names[] = {
		{ "s", PRECISION_S },
		{ "ms", PRECISION_MS },
		{ "us", PRECISION_US },
		{ "ns", PRECISION_NS },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i].name)) {
			*precision = (int)names[i].p;
			return true;
		}
	}
	return false;
}

/* -t, -tt, -ttt; or [format:]FORMAT[,[precision:]PRECISION] */
static int set_stamp(struct options *o, const char *arg)
{
	if (!arg) {
		o->stamp++;
		return 0;
	}
	o->stamp = 1;
	o->stamp_precision = PRECISION_S;
	for (const char *p = arg; p;) {
		const char *comma = strchr(p, ',');
		char word[32];
		const char *w = word;

		snprintf(word, sizeof(word), "%.*s", comma ? (int)(comma - p) : (int)strlen(p), p);
		if (!strncmp(w, "format:", 7))
			w += 7;
		else if (!strncmp(w, "precision:", 10))
			w += 10;
		if (!strcmp(w, "none")) {
			o->stamp = 0;
		} else if (!strcmp(w, "time")) {
			o->stamp = 1;
		} else if (!strcmp(w, "unix")) {
			o->stamp = 3;
		} else if (!precision_of(w, &o->stamp_precision)) {
			complain(
				"--absolute-timestamps takes none, time or unix, and s, ms, us or ns, as in unix,ms; not '%s'",
				arg);
			return -EINVAL;
		}
		p = comma ? comma + 1 : NULL;
	}
	return 0;
}

static int set_relative(struct options *o, const char *arg)
{
	o->relative = true;
	if (!arg || precision_of(arg, &o->relative_precision))
		return 0;
	complain("--relative-timestamps takes s, ms, us or ns, not '%s'", arg);
	return -EINVAL;
}

static int set_spent(struct options *o, const char *arg)
{
	o->spent = true;
	if (!arg || precision_of(arg, &o->spent_precision))
		return 0;
	complain("--syscall-times takes s, ms, us or ns, not '%s'", arg);
	return -EINVAL;
}

static int set_hex(struct options *o, const char *arg)
{
	if (!arg) {
		o->hex++;
	} else if (!strcmp(arg, "all")) {
		o->hex = 2;
	} else if (!strcmp(arg, "non-ascii") || !strcmp(arg, "non-ascii-chars")) {
		o->hex = 1;
	} else if (!strcmp(arg, "none")) {
		o->hex = 0;
	} else {
		complain("--strings-in-hex takes all, non-ascii or none, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

/* The next word of a list, and p behind it; false at its end. */
static bool next_word(const char **p, char *word, size_t size)
{
	size_t len;

	*p += strspn(*p, ",");
	len = strcspn(*p, ",");
	snprintf(word, size, "%.*s", (int)len, *p);
	*p += len;
	return len > 0;
}

static int set_paths(struct options *o, const char *arg)
{
	char word[32];

	if (!arg) {
		o->paths++;
		return 0;
	}
	o->paths = 0;
	for (const char *p = arg; next_word(&p, word, sizeof(word));) {
		if (!strcmp(word, "path")) {
			o->paths = o->paths ? o->paths : 1;
		} else if (!strcmp(word, "all") || !strcmp(word, "socket") ||
			   !strcmp(word, "dev") || !strcmp(word, "pidfd")) {
			o->paths = 2;
		} else if (!strcmp(word, "none")) {
			o->paths = 0;
		} else {
			complain(
				"--decode-fds takes path, socket, dev, pidfd, all or none, not '%s'",
				arg);
			return -EINVAL;
		}
	}
	return 0;
}

/* strace's words for what can be silenced, and from which -q on it is silent here. */
static int set_quiet(struct options *o, const char *arg)
{
	static const struct {
		const char *name;
		int quiet;
	} words[] = {
		{ "none", 0 },         { "attach", 1 },
		{ "personality", 1 },  { "path-resolution", 1 },
		{ "path-resolve", 1 }, { "exit", 2 },
		{ "exits", 2 },        { "thread-execve", 3 },
		{ "superseded", 3 },   { "all", 3 },
	};
	char word[32];

	if (!arg) {
		o->quiet++;
		return 0;
	}
	o->quiet = 0;
	for (const char *p = arg; next_word(&p, word, sizeof(word));) {
		size_t i = 0;

		while (i < sizeof(words) / sizeof(words[0]) && strcmp(word, words[i].name))
			i++;
		if (i == sizeof(words) / sizeof(words[0])) {
			complain(
				"--quiet takes attach, personality, path-resolution, exit, thread-execve, all or none, not '%s'",
				word);
			return -EINVAL;
		}
		if (words[i].quiet > o->quiet)
			o->quiet = words[i].quiet;
	}
	return 0;
}

static int set_strsize(struct options *o, const char *arg)
{
	uint64_t v;

	if (!option_uint("-s", arg, 0, STRSIZE_MAX, &v))
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
	return option_uint("--max-events", arg, 1, UINT64_MAX, &o->max_events) ? 0 : -EINVAL;
}

static int set_exitcode(struct options *o, const char *arg)
{
	uint64_t v;

	if (!option_uint("--error-exitcode", arg, 1, 255, &v)) /* 0 would hide a failure */
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
			o->has_fail_on = true;
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
	o->engine = arg ? engine_find(arg) : NULL;
	o->ptrace = arg && !strcmp(arg, "ptrace");
	if (o->engine || o->ptrace || !arg || !strcmp(arg, "auto"))
		return 0;
	complain("--engine takes " ENGINE_CHOICE ", not '%s'", arg);
	return -EINVAL;
}

static int set_detach_on(struct options *o, const char *arg)
{
	if (strcmp(arg, "execve")) {
		complain("-b takes execve only, not '%s'", arg);
		return -EINVAL;
	}
	o->detach_on_execve = true;
	return 0;
}

/* All the same here: the tracer is a process of its own session. */
static int set_daemonize(struct options *o, const char *arg)
{
	if (arg && strcmp(arg, "grandchild") && strcmp(arg, "pgroup") && strcmp(arg, "pgrp") &&
	    strcmp(arg, "session")) {
		complain("--daemonize takes grandchild, pgroup or session, not '%s'", arg);
		return -EINVAL;
	}
	o->daemonize = true;
	return 0;
}

static int set_interruptible(struct options *o, const char *arg)
{
	static const char *const names[] = { "1", "anywhere", "2", "waiting",
					     "3", "never",    "4", "never_tstp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(arg, names[i])) {
			o->interruptible = (int)i / 2 + 1;
			return 0;
		}
	}
	complain("-I takes 1 to 4, anywhere, waiting, never or never_tstp, not '%s'", arg);
	return -EINVAL;
}

static int set_stacks(struct options *o, const char *arg)
{
	if (!arg) {
		o->stacks++;
	} else if (!strcmp(arg, "symbol")) {
		o->stacks = 1;
	} else if (!strcmp(arg, "source")) {
		o->stacks = 2;
	} else {
		complain("--stack-trace takes symbol or source, not '%s'", arg);
		return -EINVAL;
	}
	return 0;
}

/* Of -z and -Z the last one counts, as in strace. */
static int set_only_ok(struct options *o, const char *arg)
{
	(void)arg;
	o->only_ok = true;
	o->only_failed = false;
	return 0;
}

static int set_only_failed(struct options *o, const char *arg)
{
	(void)arg;
	o->only_failed = true;
	o->only_ok = false;
	return 0;
}

static int set_fd(struct options *o, const char *arg)
{
	return select_add_to(&o->select, "fd", arg);
}

static int set_cgroup(struct options *o, const char *arg)
{
	o->cgroup = arg;
	o->all = true;
	return 0;
}

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
	{ "Where events come from:", 'p', "attach", ARG_NEEDED, "PID[,PID...]",
	  "attach to processes with all their threads; ^C detaches", ROW_FN, 0, set_pids },
	{ NULL, 0, "all", ARG_NONE, NULL,
	  "watch every process of this machine, by eBPF: an audit with -c --duration=TIME",
	  ROW_FLAG, AT(all), NULL },
	{ NULL, 0, "cgroup", ARG_NEEDED, "PATH",
	  "as --all, but only of this control group (cgroup2) and those below", ROW_FN, 0,
	  set_cgroup },
	{ NULL, 0, "read", ARG_NEEDED, "FILE",
	  "check a recording or an strace log ('-': standard input; repeatable)", ROW_LIST,
	  AT(read), NULL },
	{ NULL, 0, "net", ARG_NEEDED, "FILE",
	  "with --read: what ip addr, ip route and ip rule printed there ('-': standard input; "
	  "repeatable)",
	  ROW_LIST, AT(net), NULL },
	{ NULL, 0, "pcap", ARG_NEEDED, "FILE",
	  "with --read: a capture of that time (pcap, pcapng; '-': standard input; repeatable)",
	  ROW_LIST, AT(pcap), NULL },
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
	{ NULL, 'D', "daemonize", ARG_OPTIONAL, "HOW",
	  "trace from a detached process: the command stays the caller's child", ROW_FN, 0,
	  set_daemonize },
	{ NULL, 'b', "detach-on", ARG_NEEDED, "execve",
	  "let a process go when it executes another program", ROW_FN, 0, set_detach_on },
	{ NULL, 'I', "interruptible", ARG_NEEDED, "WHEN",
	  "3 or never: fatal signals don't end tracing; 4 or never_tstp: nor does ^Z stop it",
	  ROW_FN, 0, set_interruptible },
	{ NULL, 0, "kill-on-exit", ARG_NONE, NULL, "kill what is traced when cmsgtrace ends",
	  ROW_FLAG, AT(kill_on_exit), NULL },
	{ NULL, 0, "engine", ARG_NEEDED, ENGINE_NAMES,
	  "how to see calls: by stops (at those that matter, at each), or by eBPF (-p)", ROW_FN, 0,
	  set_engine },
	{ NULL, 0, "seccomp-bpf", ARG_NONE, NULL, "accepted: the filter is used by default",
	  ROW_ACCEPT, 0, NULL },
	{ NULL, 0, "duration", ARG_NEEDED, "TIME", "stop after this time: 10, 1.5s, 300ms, 2m, 1h",
	  ROW_FN, 0, set_duration },
	{ NULL, 0, "max-events", ARG_NEEDED, "N", "stop after N calls", ROW_FN, 0, set_max_events },
	{ NULL, 0, "try-fix", ARG_NEEDED, "RULE[,RULE...]",
	  "change what the program sends, as the remedies of CT101 and CT201 have it", ROW_STRING,
	  AT(try_fix), NULL },
	{ NULL, 0, "yes-change-the-program", ARG_NONE, NULL, "--try-fix also for processes of -p",
	  ROW_FLAG, AT(change_attached), NULL },
	{ NULL, 0, "wire", ARG_NONE, NULL,
	  "find each UDP message's packet: which address it was sent to, or left from", ROW_FLAG,
	  AT(wire), NULL },
	{ NULL, 0, "pcapng", ARG_NEEDED, "FILE",
	  "write those packets, or --pcap's, to FILE, findings as comments (implies --wire)",
	  ROW_STRING, AT(pcapng), NULL },

	{ "What is shown:", 'e', "expr", ARG_NEEDED, "QUAL",
	  "trace=, signal=, status=, fd=, cmsg=, sock=, check=, level= [!]all|none|V1,V2", ROW_FN,
	  0, set_expr },
	{ NULL, 0, "trace", ARG_NEEDED, "SET", "as -e trace=SET: names, %class, /regex, all, none",
	  ROW_FN, 0, set_trace },
	{ NULL, 0, "signal", ARG_NEEDED, "SET", "as -e signal=SET", ROW_FN, 0, set_signal },
	{ NULL, 0, "status", ARG_NEEDED, "SET", "as -e status=SET", ROW_FN, 0, set_status },
	{ NULL, 0, "trace-fds", ARG_NEEDED, "SET", "as -e fd=SET", ROW_FN, 0, set_fd },
	{ NULL, 'P', "trace-path", ARG_NEEDED, "PATH", "only calls on descriptors of this path",
	  ROW_FN, 0, set_path },
	{ NULL, 'z', "successful-only", ARG_NONE, NULL, "only calls that succeeded", ROW_FN, 0,
	  set_only_ok },
	{ NULL, 'Z', "failed-only", ARG_NONE, NULL, "only calls that failed", ROW_FN, 0,
	  set_only_failed },
	{ NULL, 0, "findings-only", ARG_NONE, NULL, "only findings, each under its call", ROW_FLAG,
	  AT(findings_only), NULL },
	{ NULL, 0, "progress", ARG_NONE, NULL,
	  "show on a terminal how far --read is, also for files of less than 64 MB", ROW_FLAG,
	  AT(progress), NULL },
	{ NULL, 'c', "summary-only", ARG_NONE, NULL, "only the summary at the end", ROW_FLAG,
	  AT(summary_only), NULL },
	{ NULL, 'C', "summary", ARG_NONE, NULL, "the summary at the end in any case", ROW_FLAG,
	  AT(summary), NULL },

	{ "How it is shown:", 'o', "output", ARG_NEEDED, "FILE", "write to FILE, or to '|COMMAND'",
	  ROW_STRING, AT(output), NULL },
	{ NULL, 'A', "output-append-mode", ARG_NONE, NULL, "append to FILE", ROW_FLAG, AT(append),
	  NULL },
	{ NULL, 's', "string-limit", ARG_NEEDED, "N", "bytes of each payload (default 32)", ROW_FN,
	  0, set_strsize },
	{ NULL, 't', "absolute-timestamps", ARG_OPTIONAL, "FORMAT",
	  "time of day; -tt with microseconds, -ttt seconds since the epoch", ROW_FN, 0,
	  set_stamp },
	{ NULL, 'r', "relative-timestamps", ARG_OPTIONAL, "PRECISION",
	  "time since the previous line: s, ms, us (default) or ns", ROW_FN, 0, set_relative },
	{ NULL, 0, "event-numbers", ARG_NONE, NULL,
	  "the number of each call, by which findings, pages and recordings name it", ROW_FLAG,
	  AT(event_numbers), NULL },
	{ NULL, 'T', "syscall-times", ARG_OPTIONAL, "PRECISION", "time spent in each call", ROW_FN,
	  0, set_spent },
	{ NULL, 'y', "decode-fds", ARG_OPTIONAL, "SET",
	  "paths of descriptors; -yy protocols and addresses of sockets", ROW_FN, 0, set_paths },
	{ NULL, 'x', "strings-in-hex", ARG_OPTIONAL, "WHICH",
	  "non-ASCII strings in hex; -xx all strings", ROW_FN, 0, set_hex },
	{ NULL, 'v', "no-abbrev", ARG_NONE, NULL, "abbreviate nothing; show offered lengths",
	  ROW_FLAG, AT(verbose), NULL },
	{ NULL, 'k', "stack-trace", ARG_OPTIONAL, "symbol|source",
	  "the stack of each call; -kk with source lines", ROW_FN, 0, set_stacks },
	{ NULL, 'a', "columns", ARG_NEEDED, "N", "column of the results (default 40)", ROW_UINT,
	  AT(column), NULL },
	{ NULL, 'q', "quiet", ARG_OPTIONAL, "SET",
	  "no messages about attaching; -qq none about exits", ROW_FN, 0, set_quiet },
	{ NULL, 0, "always-show-pid", ARG_NONE, NULL,
	  "the process id before each line, also of a single process", ROW_FLAG, AT(always_pid),
	  NULL },
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
	{ NULL, 0, "doctor", ARG_NONE, NULL,
	  "what this machine and user may do, and what to do about the rest", ROW_FLAG, AT(doctor),
	  NULL },
	{ NULL, 0, "demo", ARG_NONE, NULL, "a broken server, its diagnosis, and the corrected one",
	  ROW_FLAG, AT(demo), NULL },
	{ NULL, 'h', "help", ARG_NONE, NULL, "this text", ROW_FLAG, AT(help), NULL },
	{ NULL, 'V', "version", ARG_NONE, NULL, "version and what was built in", ROW_FLAG,
	  AT(version), NULL },

#define REFUSE(letter, name, arg, instead)                                                         \
	{                                                                                          \
		NULL, letter, name, arg, NULL, instead, ROW_REFUSE, 0, NULL                        \
	}
	REFUSE('d', "debug", ARG_NONE, "--record=FILE keeps all that was seen"),
	REFUSE('i', "instruction-pointer", ARG_NONE, "-k shows where each call was made"),
	REFUSE('n', "syscall-number", ARG_NONE, "--format=jsonl gives each call's number"),
	REFUSE('w', "summary-wall-clock", ARG_NONE, SUMMARY_INSTEAD),
	REFUSE('O', "summary-syscall-overhead", ARG_NEEDED, SUMMARY_INSTEAD),
	REFUSE('S', "summary-sort-by", ARG_NEEDED, SUMMARY_INSTEAD),
	REFUSE('U', "summary-columns", ARG_NEEDED, SUMMARY_INSTEAD),
	REFUSE('X', "const-print-style", ARG_NEEDED,
	       "text gives names; --format=jsonl gives each number and its name"),
	REFUSE('Y', "decode-pids", ARG_OPTIONAL, PIDS_INSTEAD),
	REFUSE(0, "pidns-translation", ARG_NONE,
	       "process ids are shown as cmsgtrace's own namespace has them"),
	REFUSE(0, "secontext", ARG_OPTIONAL,
	       "SCM_SECURITY is shown where one comes; -y shows paths"),
	REFUSE(0, "tips", ARG_OPTIONAL,
	       "--list-rules and --explain=RULE say what is worth knowing"),
	REFUSE(0, "raw", ARG_NEEDED, "--format=jsonl gives every argument and number raw"),
	REFUSE(0, "abbrev", ARG_NEEDED, "-v abbreviates nothing"),
	REFUSE(0, "verbose", ARG_NEEDED, "structures are always shown; -v abbreviates nothing"),
	REFUSE(0, "write", ARG_NEEDED, PAYLOAD_INSTEAD),
	REFUSE(0, "inject", ARG_NEEDED, "what is traced is never changed: strace can inject"),
	REFUSE(0, "fault", ARG_NEEDED, "what is traced is never changed: strace can inject faults"),
	REFUSE(0, "kvm", ARG_NEEDED, "virtual machines are not looked into: strace can"),
	REFUSE(0, "argv0", ARG_NEEDED, "let a shell do it: bash -c 'exec -a NAME COMMAND'"),
	REFUSE(0, "namespace", ARG_NEEDED, "run it under unshare(1)"),
	REFUSE(0, "syscall-limit", ARG_NEEDED, "--max-events=N stops after N calls"),
	REFUSE(0, "stack-trace-frame-limit", ARG_NEEDED, "-k shows at most 64 frames"),
	{ .name = NULL },
};

const struct option_alias option_aliases[] = {
	{ "stack-traces", "stack-trace" }, { "silent", "quiet" }, { "silence", "quiet" },
	{ "signals", "signal" },           { "writes", "write" }, { NULL, NULL },
};
