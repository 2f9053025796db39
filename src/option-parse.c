// SPDX-License-Identifier: LGPL-2.1-or-later
/* The command line. */
#include "config.h"

#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check/rule.h"
#include "engines.h"
#include "live/engine.h"
#include "option-table.h"
#include "complain.h"

enum { EXIT_READ_USAGE = 2, STRSIZE_DEFAULT = 32 };

/* What getopt's messages begin with. */
#define GETOPT_NAME "cmsgtrace"

static void list_add(struct str_list *l, const char *s)
{
	l->v = alloc_resize(l->v, (l->n + 2) * sizeof(*l->v));
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

/* OLD_FOLLOW: strace's deprecated -F */
enum { ROWS_MAX = 128, LONG_BASE = 0x100, OLD_FOLLOW = 'F' };

static int rows_count(void)
{
	int n = 0;

	while (n < ROWS_MAX && option_rows[n].name)
		n++;
	return n;
}

static int row_apply(struct options *o, const struct option_row *r, const char *arg)
{
	char *at = (char *)o + r->offset;
	char name[40];
	uint64_t v;

	switch (r->kind) {
	case ROW_FLAG:
		*(bool *)at = true;
		return 0;
	case ROW_COUNT:
		++*(int *)(void *)at;
		return 0;
	case ROW_STRING:
		*(const char **)(void *)at = arg;
		return 0;
	case ROW_LIST:
		list_add((struct str_list *)(void *)at, arg);
		return 0;
	case ROW_UINT:
		snprintf(name, sizeof(name), "--%s", r->name);
		if (!option_uint(name, arg, 0, 10000, &v))
			return -EINVAL;
		*(unsigned int *)(void *)at = (unsigned int)v;
		return 0;
	case ROW_FN:
		return r->set(o, arg);
	case ROW_ACCEPT:
		return 0;
	case ROW_REFUSE:
		if (r->letter)
			complain("-%c (--%s) is not there: %s", r->letter, r->name, r->help);
		else
			complain("--%s is not there: %s", r->name, r->help);
		return -EINVAL;
	}
	return -EINVAL;
}

/* true after complaining: a variable that is not set makes no name. */
static bool lacks_file(const struct option_row *r, const char *arg)
{
	if (!arg || *arg || !r->metavar || strcmp(r->metavar, "FILE") != 0)
		return false;
	complain("--%s needs the name of a file", r->name);
	return true;
}

/* Splits CMSGTRACE_OPTS at white space; quotes and backslash as in a shell. Strings stay allocated. */
static void split_words(struct str_list *to, const char *text)
{
	struct buf w = { 0 };
	bool in_word = false;
	char quote = 0;

	for (const char *p = text;; p++) {
		if (!*p || (!quote && isspace((unsigned char)*p))) {
			if (in_word)
				list_add(to, alloc_strdup(buf_cstr(&w)));
			buf_clear(&w);
			in_word = false;
			if (!*p)
				break;
			continue;
		}
		in_word = true;
		if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '\\' && quote != '\'' && p[1])
			buf_char(&w, *++p);
		else
			buf_char(&w, *p);
	}
	buf_free(&w);
}

static const struct option_row *row_of(int c)
{
	int rows = rows_count();

	if (c >= LONG_BASE && c < LONG_BASE + rows)
		return &option_rows[c - LONG_BASE];
	for (int i = 0; i < rows; i++) {
		if (option_rows[i].letter == c)
			return &option_rows[i];
	}
	return NULL;
}

/* Letters that must be typed, dropped or replaced to make b of a (of at most WORD_MAX letters). */
static unsigned int typos(const char *a, size_t len, const char *b)
{
	enum { WORD_MAX = 32 };
	unsigned int row[WORD_MAX + 1], n = (unsigned int)strlen(b);

	if (len > WORD_MAX || n > WORD_MAX)
		return UINT_MAX;
	for (unsigned int k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; i < len; i++) {
		unsigned int before = row[0]++;

		for (unsigned int k = 1; k <= n; k++) {
			unsigned int best = before + (a[i] != b[k - 1]);

			before = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[n];
}

/* word was not understood: which option may have been meant? */
static void suggest(const char *word, const struct option *lopts)
{
	const char *name = word + strspn(word, "-");
	size_t len = strcspn(name, "=");
	unsigned int best = len < 6 ? 2 : 3; /* more is another word */
	const char *meant = NULL;

	for (; lopts->name; lopts++) {
		unsigned int n = typos(name, len, lopts->name);

		if (!strncmp(name, lopts->name, len)) /* ambiguous, or its argument is wrong */
			return;
		if (n <= best) {
			meant = n < best || !meant ? lopts->name : meant;
			best = n;
		}
	}
	if (meant)
		complain("did you mean '--%s'?", meant);
}

/* Fills lopts, with the aliases behind the rows, and sopts. */
static void fill_options(struct option *lopts, char *sopts)
{
	int rows = rows_count(), n = rows;

	for (int i = 0; i < rows; i++) {
		const struct option_row *r = &option_rows[i];

		lopts[i].name = r->name;
		lopts[i].has_arg = r->arg == ARG_NONE     ? no_argument
				   : r->arg == ARG_NEEDED ? required_argument
							  : optional_argument;
		lopts[i].val = LONG_BASE + i;
		for (const struct option_alias *a = option_aliases; a->name; a++) {
			if (strcmp(a->of, r->name))
				continue;
			lopts[n] = lopts[i];
			lopts[n++].name = a->name;
		}
		if (r->letter) {
			*sopts++ = r->letter;
			if (r->arg == ARG_NEEDED)
				*sopts++ = ':';
		}
	}
	*sopts++ = OLD_FOLLOW;
	*sopts = '\0';
}

static int parse_rows(struct options *o, int argc, char **argv)
{
	struct option lopts[ROWS_MAX + 1];
	char sopts[2 * ROWS_MAX + 4] = "+";
	int c;

	memset(lopts, 0, sizeof(lopts));
	fill_options(lopts, sopts + 1);
	optind = 0;
	while ((c = getopt_long(argc, argv, sopts, lopts, NULL)) != -1) {
		const struct option_row *r = row_of(c == OLD_FOLLOW ? 'f' : c);

		if (!r) {
			const char *word = argv[optind - 1];

			if (!strncmp(word, "--", 2))
				suggest(word, lopts);
			fputs("Try 'cmsgtrace -h' for more information.\n", stderr);
			return -EINVAL;
		}
		if (row_apply(o, r, optarg) < 0 || lacks_file(r, optarg))
			return -EINVAL;
	}
	if (optind < argc)
		o->command = argv + optind;
	return 0;
}

enum { RULE_NAME_MAX = 40 };

/* The next of the rules that --try-fix names: name, "" where there is no other, and NULL where there is no such rule. */
static const struct rule *next_tried(const char **list, char name[RULE_NAME_MAX])
{
	size_t len;

	*list += strspn(*list, ",");
	len = strcspn(*list, ",");
	snprintf(name, RULE_NAME_MAX, "%.*s", (int)len, *list);
	*list += len;
	return rule_find(name);
}

bool options_tries(void *ctx, const struct rule *r)
{
	const char *list = ((const struct options *)ctx)->try_fix;
	char name[RULE_NAME_MAX];
	const struct rule *next;

	do {
		next = next_tried(&list, name);
	} while (*name && next != r);
	return *name;
}

/* --try-fix: rules that have something to try, and a program that may be changed. */
static int check_try_fix(const struct options *o)
{
	const char *list = o->try_fix;
	char name[RULE_NAME_MAX];
	const struct rule *r;

	if (!list)
		return 0;
	do {
		r = next_tried(&list, name);
		if (r ? !r->remedied : *name || !*o->try_fix) {
			complain(
				"--try-fix takes rules whose remedy can be tried, CT101 and CT201, not '%s'",
				name);
			return -EINVAL;
		}
	} while (*name);
	if (o->read.n || o->all || (o->engine && !o->engine->amends)) {
		complain(
			"--try-fix needs a command, or -p, and an engine that stops it: seccomp or syscall");
		return -EINVAL;
	}
	if (o->npids && !o->change_attached) {
		complain(
			"--try-fix changes what running processes send: with -p it needs --yes-change-the-program");
		return -EINVAL;
	}
	return 0;
}

/* Is format one of the words? */
static bool one_of(const char *format, const char *words)
{
	size_t len = strlen(format);

	for (const char *w = words; *w; w += strcspn(w, " "), w += strspn(w, " ")) {
		if (strcspn(w, " ") == len && !strncmp(w, format, len))
			return true;
	}
	return false;
}

/* What is shown in place of a run, and its formats. 1: that is asked for, 0: it isn't. */
static int check_shown(const struct options *o)
{
	const struct {
		bool asked;
		const char *name, *formats; /* NULL: all those of a run */
	} shown[] = {
		{ o->explain, "--explain", "text" },
		{ o->list_rules, "--list-rules", "text" },
		{ o->list_cmsgs, "--list-cmsgs", "text json jsonl" },
		{ o->doctor, "--doctor", "text json jsonl" },
		{ o->demo, "--demo", NULL },
	};
	size_t i = 0;

	while (i < sizeof(shown) / sizeof(shown[0]) && !shown[i].asked)
		i++;
	if (i == sizeof(shown) / sizeof(shown[0]))
		return 0;
	if (o->command) {
		complain("%s takes no operand: '%s'", shown[i].name, *o->command);
		return -EINVAL;
	}
	for (unsigned int k = o->env_formats; shown[i].formats && k < o->format.n; k++) {
		if (one_of(o->format.v[k], shown[i].formats))
			continue;
		complain("%s has no --format=%s (%s)", shown[i].name, o->format.v[k],
			 shown[i].formats);
		return -EINVAL;
	}
	return 1;
}

/* What can't be had together. */
static int check_together(const struct options *o)
{
	int sources = (o->command || o->npids) + o->all + (o->read.n > 0);
	int shown = o->help || o->version ? 1 : check_shown(o);

	if (shown)
		return shown < 0 ? shown : 0;
	if (!sources) {
		complain(
			"nothing to do: give a command, -p PID, --all or --read=FILE (cmsgtrace -h lists the options)");
		return -EINVAL;
	}
	if (sources > 1) {
		complain("a command or -p, --all (--cgroup) and --read exclude each other");
		return -EINVAL;
	}
	if (!o->command && (o->user || o->env.n)) {
		complain("-u and -E need a command to run");
		return -EINVAL;
	}
	if (!o->command && o->daemonize) {
		complain("-D needs a command to run");
		return -EINVAL;
	}
	if (o->daemonize &&
	    (o->has_error_exitcode || (o->has_fail_on && !o->exit_on_first_error))) {
		complain(
			"with -D the caller sees the command's own status: --error-exitcode and --fail-on would do nothing");
		return -EINVAL;
	}
	if (o->npids && o->kill_on_exit) {
		complain("--kill-on-exit and -p exclude each other");
		return -EINVAL;
	}
	if (o->all && (o->ptrace || (o->engine && !o->engine->all))) {
		complain("--all and --cgroup need --engine=bpf: ptrace stops what it watches");
		return -EINVAL;
	}
	if (o->npids && o->engine && o->engine->only_commands) {
		complain("--engine=%s needs a command: %s", o->engine->name,
			 o->engine->only_commands);
		return -EINVAL;
	}
	if (o->detach_on_execve && o->engine && o->engine != engine_find("syscall")) {
		complain("-b execve needs --engine=syscall: with %s a process can't be let go",
			 o->engine->name);
		return -EINVAL;
	}
	if ((o->net.n || o->pcap.n) && !o->read.n) {
		complain(
			"--net and --pcap go with --read: a live run asks the kernel, and captures with --wire");
		return -EINVAL;
	}
	if (o->wire && o->read.n && !(o->pcapng && o->pcap.n)) {
		complain(
			"--wire and --pcapng need a command or -p: a recording has no packets to capture; with --pcap, --pcapng writes that capture with the findings");
		return -EINVAL;
	}
	for (unsigned int i = 0; o->pcapng && i < o->pcap.n; i++) {
		if (!strcmp(o->pcap.v[i], "-")) {
			complain(
				"--pcapng reads the capture of --pcap again: give a file's name, not '-'");
			return -EINVAL;
		}
	}
#ifndef HAVE_LIBPCAP
	if (o->wire) {
		complain("this build of cmsgtrace has no libpcap, which --wire and --pcapng need");
		return -EINVAL;
	}
#endif
	if (check_try_fix(o) < 0)
		return -EINVAL;
	if (o->append && !o->output)
		complain("-A has no effect without -o FILE");
	if (o->follow >= 2 && !o->output)
		complain("-ff has no effect without -o FILE");
	if (o->follow >= 2 && o->output && (*o->output == '|' || *o->output == '!')) {
		complain("piping the output and -ff exclude each other");
		return -EINVAL;
	}
	return 0;
}

/* What the variable holds is options, whole ones: it names no command. */
static int parse_variable(struct options *o, const char *text)
{
	int err;

	list_add(&o->env_words, alloc_strdup(GETOPT_NAME));
	split_words(&o->env_words, text);
	err = parse_rows(o, (int)o->env_words.n, (char **)o->env_words.v);
	if (!err && !o->command)
		return 0;
	if (err)
		complain("this is in the variable CMSGTRACE_OPTS: %s", text);
	else
		complain("'%s' in the variable CMSGTRACE_OPTS is no option", *o->command);
	return -EINVAL;
}

int options_parse(struct options *o, int argc, char **argv)
{
	const char *env = getenv("CMSGTRACE_OPTS");
	int err;

	*o = (struct options){
		.strsize = STRSIZE_DEFAULT,
		.column = 40,
		.fail_on = SEVERITY_ERROR,
	};
	err = env ? parse_variable(o, env) : 0;
	o->env_formats = o->format.n;
	list_add(&o->words, GETOPT_NAME);
	for (int i = 1; i < argc; i++)
		list_add(&o->words, argv[i]);
	if (!err)
		err = parse_rows(o, (int)o->words.n, (char **)o->words.v);
	o->wire |= o->pcapng != NULL;
	if (!err)
		err = check_together(o);
	if (!err)
		return 0;
	return o->read.n ? EXIT_READ_USAGE : EXIT_TOOL;
}

void options_free(struct options *o)
{
	select_free(&o->select);
	alloc_free(o->pids);
	alloc_free(o->read.v);
	alloc_free(o->net.v);
	alloc_free(o->pcap.v);
	alloc_free(o->env.v);
	alloc_free(o->format.v);
	alloc_free(o->suppressions.v);
	alloc_free(o->words.v);
	for (unsigned int i = 0; i < o->env_words.n; i++)
		alloc_free((char *)(uintptr_t)o->env_words.v[i]);
	alloc_free(o->env_words.v);
}

enum { HELP_COLUMN = 30 };

void options_help(FILE *to)
{
	fputs("Usage: cmsgtrace [OPTION]... [--] COMMAND [ARG]...\n"
	      "  or:  cmsgtrace [OPTION]... -p PID[,PID...] [COMMAND [ARG]...]\n"
	      "  or:  cmsgtrace [OPTION]... --read=FILE...\n"
	      "Traces the control messages of sendmsg and recvmsg and names those that the kernel ignores,\n"
	      "refuses or takes for something else.\n",
	      to);
	for (const struct option_row *r = option_rows; r->name; r++) {
		char left[80];
		int n;

		if (r->kind == ROW_REFUSE)
			continue;
		if (r->group)
			fprintf(to, "\n%s\n", r->group);
		n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s%s", r->letter ? '-' : ' ',
			     r->letter ? r->letter : ' ', r->letter ? ", " : "  ", r->name,
			     r->arg == ARG_OPTIONAL ? "[" : "", r->arg != ARG_NONE ? "=" : "",
			     r->arg != ARG_NONE ? r->metavar : "");
		if (r->arg == ARG_OPTIONAL && n < (int)sizeof(left) - 1) {
			left[n++] = ']';
			left[n] = '\0';
		}
		if (n < HELP_COLUMN)
			fprintf(to, "%-*s %s\n", HELP_COLUMN, left, r->help);
		else
			fprintf(to, "%s\n%*s %s\n", left, HELP_COLUMN, "", r->help);
	}
	fputs("\nThe variable CMSGTRACE_OPTS holds options that are put before those of the command line.\n"
	      "Exit status: the command's own; with --read 0, or 1 where findings count (see --fail-on);\n"
	      "125 cmsgtrace failed, 126 the command can't be executed, 127 it was not found.\n",
	      to);
}

void options_dump(FILE *to)
{
	for (const struct option_row *r = option_rows; r->name; r++) {
		char letter[2] = { r->letter, '\0' };

		if (r->kind == ROW_REFUSE)
			continue;
		fprintf(to, "%s\t%s\t%s\t%s\t%s\n", letter, r->name,
			r->arg == ARG_NONE     ? "none"
			: r->arg == ARG_NEEDED ? "needed"
					       : "optional",
			r->metavar ? r->metavar : "", r->help);
	}
}
