/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line: one table, from which parsing, --help and the completions come. */
#ifndef CMSGTRACE_OPTIONS_H
#define CMSGTRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "check/finding.h"
#include "select.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct engine;

struct str_list { /* of borrowed strings */
	const char **v;
	unsigned int n;
};

struct options {
	/* where events come from */
	char **command; /* NULL-terminated, or NULL */
	int *pids;
	unsigned int npids;
	bool all;                    /* --all, --cgroup: every process of the machine … */
	const char *cgroup;          /* --cgroup: … that belongs to this control group */
	struct str_list read;        /* --read */
	struct str_list net;         /* --net */
	struct str_list pcap;        /* --pcap */
	const struct engine *engine; /* NULL: auto */
	bool ptrace;                 /* … of those that stop */
	bool no_follow;
	int follow; /* -f: 1, -ff: 2 */
	bool daemonize, kill_on_exit, detach_on_execve;
	int interruptible; /* -I: 1 to 4; 0 not given */
	const char *user;
	struct str_list env;
	uint64_t duration_ns;
	uint64_t max_events;
	const char *try_fix;  /* --try-fix: rules by id, or NULL … */
	bool change_attached; /* … with -p, too */
	bool wire;
	const char *pcapng; /* implies wire */

	/* what is shown */
	struct select select;
	bool only_ok, only_failed;

	/* how */
	const char *output;
	bool append;
	unsigned int strsize;
	int stamp;
	bool relative, spent, event_numbers, verbose;
	int stamp_precision, relative_precision, spent_precision; /* enum text_precision */
	int hex, paths, quiet, stacks;
	bool always_pid;
	unsigned int column;
	int color; /* enum color_when */
	bool summary_only, summary;
	bool progress;
	bool findings_only;
	struct str_list format;   /* FMT[:FILE] */
	unsigned int env_formats; /* so many of these are from CMSGTRACE_OPTS: for runs */
	const char *record;

	/* verdict */
	bool has_error_exitcode;
	unsigned int error_exitcode;
	int fail_on; /* enum severity; SEVERITY_NEVER */
	bool has_fail_on;
	bool exit_on_first_error;
	const char *kernel;
	struct str_list suppressions;
	const char *gen_suppressions; /* where to, "-": standard output */
	const char *baseline, *write_baseline;

	struct str_list words;     /* argv, with getopt's name: all is borrowed from it … */
	struct str_list env_words; /* … and from these, of CMSGTRACE_OPTS: owned */

	/* instead of a run */
	const char *explain;
	bool list_rules, list_cmsgs, demo, doctor, help, version;
};

enum { SEVERITY_NEVER = SEVERITY_ERROR + 1 };

/* Is r one of those that --try-fix names?  ctx: the options. */
bool options_tries(void *ctx, const struct rule *r);
/*
 * Parses argv and $CMSGTRACE_OPTS into o.  On an error it says on stderr what is wrong and what to do,
 * and returns a status for exit(3); 0 otherwise.  Strings are borrowed from argv.
 */
int options_parse(struct options *o, int argc, char **argv);
void options_free(struct options *o);

void options_help(FILE *to);
/* One line an option, tab-separated, for tools that make completions: short, long, argument, help. */
void options_dump(FILE *to);

#endif
