// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which outputs a run has. */
#include "config.h"

#include "outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "report/report.h"
#include "report/text.h"
#include "source-lines.h"
#include "streams.h"
#include "complain.h"

enum { TAKEN_MAX = EVENT_REPORTS + 3 };

struct outputs {
	const struct options *o;
	struct streams *streams;
	struct taken { /* who writes to which stream */
		const struct stream *out;
		const struct format_row *row;
	} taken[TAKEN_MAX];
	unsigned int ntaken;
};

static bool set_and_not_empty(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

/* --color wins, then NO_COLOR, then CLICOLOR_FORCE, else a terminal that is not dumb. */
static bool wants_color(const struct options *o, int fd)
{
	const char *term = getenv("TERM");
	const char *force = getenv("CLICOLOR_FORCE");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	if (set_and_not_empty("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	return isatty(fd) && term && strcmp(term, "dumb");
}

/* Columns of the terminal that fd is; 0: it is none, or doesn't say. */
static unsigned int width_of(int fd)
{
	struct winsize w;

	return isatty(fd) && !ioctl(fd, TIOCGWINSZ, &w) ? w.ws_col : 0;
}

/* Is it a terminal that is known to have hyperlinks?  Others would be shown nothing, or a few show the bytes. */
static bool has_links(int fd)
{
	static const char *const marks[] = { "KITTY_WINDOW_ID",      "VTE_VERSION",
					     "WEZTERM_PANE",         "KONSOLE_VERSION",
					     "WT_SESSION",           "ITERM_SESSION_ID",
					     "GHOSTTY_RESOURCES_DIR" };
	bool found = false;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		found |= set_and_not_empty(marks[i]);
	return found && isatty(fd);
}

static struct stream *stream_for(void *ctx, int tid)
{
	struct outputs *x = ctx;

	return streams_open_task(x->streams, x->o->output, tid, x->o->append);
}

/* -ff: each task's lines go to a file of its own, and none to -o's. */
static bool separated(const struct options *o)
{
	return o->follow >= 2 && o->output;
}

/* main: the output that -o speaks of, not one of --format=FMT:FILE. */
static struct report *report_new(struct outputs *x, const struct format_row *row,
				 struct stream *out, bool main)
{
	const struct options *o = x->o;
	bool separate = main && separated(o);
	struct text_opts how = {
		.out_for = separate ? stream_for : NULL,
		.out_ctx = x,
		.to_file = o->output != NULL,
		.follow = !o->no_follow,
		.stamp = o->stamp,
		.relative = o->relative,
		.spent = o->spent,
		.event_numbers = o->event_numbers,
		.stamp_precision = (enum text_precision)o->stamp_precision,
		.relative_precision = (enum text_precision)o->relative_precision,
		.spent_precision = (enum text_precision)o->spent_precision,
		.strsize = o->strsize,
		.verbose = o->verbose,
		.hex = o->hex,
		.paths = o->paths,
		.column = o->column,
		.quiet = o->quiet,
		.color = wants_color(o, out->fd),
		.width = width_of(out->fd),
		.links = has_links(out->fd) && wants_color(o, out->fd),
		.stacks = o->stacks,
		.findings_only = o->findings_only || o->summary_only,
		.summary_only = o->summary_only,
		.always_pid = o->always_pid,
		.only_ok = o->only_ok,
		.only_failed = o->only_failed,
		.summary = o->summary_only || o->summary,
		.source = o->read.n ? NULL
				    : source_lines, /* a recording's may be another machine's */
	};

	/* cppcheck-suppress returnDanglingLifetime ; it is copied */
	return row->new (out, &how);
}

/* Without a name: where a person looks. A live run's text shares standard error with strace's habit. */
static struct stream *default_stream(struct outputs *x, bool text)
{
	const struct options *o = x->o;

	if (o->output && !(text && separated(o)))
		return streams_open(x->streams, o->output, o->append);
	return streams_open(x->streams, text && !o->read.n ? NULL : "-", false);
}

/* false after complaining: what else is written to out would be mixed with it. */
static bool take_stream(struct outputs *x, const struct stream *out, const struct format_row *row)
{
	for (unsigned int i = 0; i < x->ntaken; i++) {
		const struct format_row *other = x->taken[i].row;

		if (x->taken[i].out != out || !strcmp(out->name, "/dev/null") ||
		    (other->lines && row->lines && other != row))
			continue;
		complain("can't write both %s and %s to %s: give one of them a file of its own",
			 other->name, row->name,
			 strcmp(out->name, "-") ? out->name : "standard output");
		return false;
	}
	if (x->ntaken < TAKEN_MAX)
		x->taken[x->ntaken++] = (struct taken){ out, row };
	return true;
}

static bool add_report(struct pipeline *p, struct report *r, const struct run_info *info)
{
	if (!pipeline_add(p, r)) {
		complain("too many outputs: %d at most", EVENT_REPORTS);
		report_free(r);
		return false;
	}
	report_start(r, info);
	return true;
}

static const struct format_row *format_find(const char *name, size_t len)
{
	const struct format_row *row = format_rows;
	struct buf names = { 0 };

	for (; row->name; row++) {
		if (strlen(row->name) == len && !strncmp(row->name, name, len))
			return row;
	}
	for (row = format_rows; row->name; row++) {
		buf_str(&names, row == format_rows ? "" : ", ");
		buf_str(&names, row->name);
	}
	complain("unknown format '%.*s' (%s)", (int)len, name, buf_cstr(&names));
	buf_free(&names);
	return NULL;
}

static bool add_output(struct outputs *x, struct pipeline *p, const struct format_row *row,
		       struct stream *out, bool main, const struct run_info *info)
{
	return out && take_stream(x, out, row) &&
	       add_report(p, report_new(x, row, out, main), info);
}

/* One --format=FMT[:FILE]. Sets *main where it takes the place of the text. */
static bool add_format(struct outputs *x, struct pipeline *p, const char *spec,
		       const struct run_info *info, bool *main)
{
	size_t len = strcspn(spec, ":");
	const char *file = spec[len] ? spec + len + 1 : NULL;
	const struct format_row *row = format_find(spec, len);
	struct stream *out;

	if (!row)
		return false;
	if (file && !*file) {
		complain("--format=%s needs the name of a file behind ':'", spec);
		return false;
	}
	if (!file)
		*main = true;
	out = file ? streams_open(x->streams, file, x->o->append)
		   : default_stream(x, row == format_rows);
	return add_output(x, p, row, out, !file, info);
}

/* What is written to standard output when the run has ended. */
static bool take_for_end(struct outputs *x, const char *name, const struct format_row *row)
{
	struct stream *out =
		name && !strcmp(name, "-") ? streams_open(x->streams, name, false) : NULL;

	return !out || take_stream(x, out, row);
}

struct outputs *outputs_open(const struct options *o, struct pipeline *p,
			     const struct run_info *info)
{
	static const struct format_row suppressions = { "suppressions", NULL, true };
	static const struct format_row baseline = { "the baseline", NULL, false };
	struct outputs *x = alloc_zeroed(1, sizeof(*x));
	bool replaced = false, ok = true;

	x->o = o;
	x->streams = streams_new();
	for (unsigned int i = 0; i < o->format.n && ok; i++)
		ok = add_format(x, p, o->format.v[i], info, &replaced);
	if (ok && !replaced)
		ok = add_output(x, p, format_rows, default_stream(x, true), true, info);
	if (ok && o->record)
		ok = add_output(x, p, format_find("jsonl", strlen("jsonl")),
				streams_open(x->streams, o->record, false), false, info);
	if (ok && take_for_end(x, o->gen_suppressions, &suppressions) &&
	    take_for_end(x, o->write_baseline, &baseline))
		return x;
	outputs_close(x, NULL, NULL);
	return NULL;
}

void outputs_before_terminal(struct outputs *x, void (*before)(void *ctx), void *ctx)
{
	streams_before_terminal(x->streams, before, ctx);
}

void outputs_child_ended(struct outputs *x, int pid, int status)
{
	streams_child_ended(x->streams, pid, status);
}

int outputs_close(struct outputs *x, struct pipeline *p, struct run_end *end)
{
	int err;

	if (p) {
		pipeline_end(p, end);
		for (unsigned int i = 0; i < p->n; i++)
			report_free(p->reports[i]);
	}
	err = streams_close(x->streams);
	alloc_free(x);
	return err ? EXIT_TOOL : 0;
}
