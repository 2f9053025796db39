// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SARIF 2.1.0 (OASIS), for code scanning: one run, all rules, one result a finding.  Written at the end.
 * A suppressed finding stays in the file: left out, it would come and go on the host.
 */
#include "config.h"

#include "base/alloc.h"
#include "base/json.h"
#include "report/fields-json.h"
#include "report/markup.h"
#include "check/place.h"
#include "report/report.h"
#include "report/saved.h"

#include <string.h>
#include <time.h>

enum { RESULTS_MAX = 25000 }; /* what hosts take of one run */

struct sarif {
	struct report report;
	struct stream *out;
	struct saved_list list;
	uint64_t started_ns;
	struct buf command; /* arguments, NUL-separated */
	int argc;
};

static void put_text(struct json *j, const char *key, const char *text)
{
	jput_object(j, key);
	jput_str(j, "text", text);
	jput_object_end(j);
}

static void put_help(struct json *j, const struct rule *r)
{
	const struct {
		const char *title, *text;
	} parts[] = {
		{ "What it says", r->what }, { "Why it matters", r->why }, { "Kernel", r->kernel },
		{ "Bad", r->bad },           { "Good", r->good },          { "Remedy", r->remedy },
	};
	struct buf plain = { 0 }, marked = { 0 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bool code = parts[i].text == r->bad || parts[i].text == r->good;

		if (!parts[i].text || !parts[i].text[0])
			continue;
		buf_printf(&plain, "%s:\n%s\n\n", parts[i].title, parts[i].text);
		buf_printf(&marked, code ? "**%s**\n\n```c\n%s\n```\n\n" : "**%s**\n\n%s\n\n",
			   parts[i].title, parts[i].text);
	}
	jput_object(j, "help");
	jput_strn(j, "text", plain.len ? plain.p : r->title,
		  plain.len ? plain.len : strlen(r->title));
	jput_strn(j, "markdown", marked.len ? marked.p : r->title,
		  marked.len ? marked.len : strlen(r->title));
	jput_object_end(j);
	buf_free(&plain);
	buf_free(&marked);
}

static void put_rules(struct json *j)
{
	jput_array(j, "rules");
	for (unsigned int i = 0; rules[i]; i++) {
		const struct rule *r = rules[i];

		jput_object(j, NULL);
		jput_str(j, "id", r->id);
		jput_str(j, "name", r->name);
		put_text(j, "shortDescription", r->title);
		put_text(j, "fullDescription", r->what ? r->what : r->title);
		jput_str(j, "helpUri", "man:cmsgtrace-rules(7)");
		put_help(j, r);
		jput_object(j, "defaultConfiguration");
		jput_str(j, "level", severity_name(r->severity));
		jput_object_end(j);
		jput_object_end(j);
	}
	jput_array_end(j);
}

static void put_uri(struct json *j, const char *key, const char *path)
{
	struct buf b = { 0 };

	markup_uri(&b, path);
	jput_strn(j, key, b.p, b.len);
	buf_free(&b);
}

static void put_physical(struct json *j, const char *file, uint64_t line)
{
	jput_object(j, "physicalLocation");
	jput_object(j, "artifactLocation");
	put_uri(j, "uri", file);
	if (file[0] != '/')
		jput_str(j, "uriBaseId", "SRCROOT");
	jput_object_end(j);
	if (line) {
		jput_object(j, "region");
		jput_u64(j, "startLine", line);
		jput_object_end(j);
	}
	jput_object_end(j);
}

/* Text of a tracee: SARIF's strings can't hold other bytes. */
static void put_escaped(struct json *j, const char *key, const char *s)
{
	struct buf b = { 0 };

	buf_escaped(&b, s, strlen(s));
	jput_strn(j, key, b.p, b.len);
	buf_free(&b);
}

static void put_logical(struct json *j, const struct saved *s)
{
	struct buf b = { 0 };

	buf_escaped(&b, s->program, strlen(s->program));
	if (b.len)
		buf_lit(&b, ": ");
	saved_put_where(&b, s);
	jput_array(j, "logicalLocations");
	jput_object(j, NULL);
	if (s->place && s->place->function)
		put_escaped(j, "name", s->place->function);
	else if (s->call[0])
		jput_str(j, "name", s->call);
	jput_strn(j, "fullyQualifiedName", b.p, b.len);
	jput_str(j, "kind", "function");
	jput_object_end(j);
	jput_array_end(j);
	buf_free(&b);
}

/* Hosts refuse a whole document for one result without a file: where no source is known it is the program, of a run as such the tool. */
static const char *program_of(const struct saved *s)
{
	if (s->place && s->place->module)
		return s->place->module;
	return s->program[0] ? s->program : PACKAGE;
}

static void put_locations(struct json *j, const struct saved *s)
{
	const char *file;
	uint64_t line;

	jput_array(j, "locations");
	jput_object(j, NULL);
	if (!place_in_file(s->place, s->log, s->log_line, &file, &line)) {
		file = program_of(s);
		line = 0;
	}
	put_physical(j, file, line);
	put_logical(j, s);
	jput_object_end(j);
	jput_array_end(j);
}

static void put_stack(struct json *j, const struct stack *s)
{
	if (!s->n)
		return;
	jput_array(j, "stacks");
	jput_object(j, NULL);
	jput_array(j, "frames");
	for (unsigned int i = 0; i < s->n; i++) {
		const struct frame *f = &s->frames[i];

		jput_object(j, NULL);
		if (f->module)
			put_escaped(j, "module", f->module);
		jput_object(j, "location");
		if (f->file)
			put_physical(j, f->file, f->line);
		jput_array(j, "logicalLocations");
		jput_object(j, NULL);
		if (f->function)
			put_escaped(j, "name", f->function);
		jput_hex(j, "fullyQualifiedName", f->pc);
		jput_object_end(j);
		jput_array_end(j);
		jput_object_end(j);
		jput_object_end(j);
	}
	jput_array_end(j);
	jput_object_end(j);
	jput_array_end(j);
}

static unsigned int rule_index(const struct rule *r)
{
	unsigned int i = 0;

	while (rules[i] && rules[i] != r)
		i++;
	return i;
}

static void put_message(struct json *j, const struct saved *s)
{
	struct buf b = { 0 };

	buf_str(&b, s->message);
	for (unsigned int i = 0; i < s->nnotes; i++) {
		buf_char(&b, '\n');
		buf_str(&b, s->notes[i]);
	}
	jput_object(j, "message");
	jput_strn(j, "text", b.p, b.len);
	jput_object_end(j);
	buf_free(&b);
}

static void put_result(struct json *j, const struct sarif *r, const struct saved *s)
{
	jput_object(j, NULL);
	jput_str(j, "ruleId", s->rule->id);
	if (rules[rule_index(s->rule)])
		jput_u64(j, "ruleIndex", rule_index(s->rule));
	jput_str(j, "kind", "fail");
	jput_str(j, "level", severity_name(s->severity));
	put_message(j, s);
	put_locations(j, s);
	put_stack(j, &s->stack);
	if (s->at)
		jput_u64(j, "occurrenceCount", s->at->count);
	jput_object(j, "partialFingerprints");
	jput_str(j, "cmsgtrace/v2", s->fingerprint);
	jput_object_end(j);
	if (r->list.suppressed) { /* on all results, or on none */
		jput_array(j, "suppressions");
		if (s->suppressed) {
			jput_object(j, NULL);
			jput_str(j, "kind", "external");
			jput_str(j, "status", "accepted");
			jput_str(j, "justification", s->suppressed);
			jput_object_end(j);
		}
		jput_array_end(j);
	}
	if (r->list.known)
		jput_str(j, "baselineState", s->known ? "unchanged" : "new");
	jput_object_end(j);
}

static void put_invocation(struct json *j, const struct sarif *r, const struct run_end *end)
{
	time_t t = (time_t)(r->started_ns / 1000000000);
	const char *arg = r->command.p;
	struct tm tm;
	char text[32];

	jput_array(j, "invocations");
	jput_object(j, NULL);
	jput_bool(j, "executionSuccessful", !end->cut);
	jput_s64(j, "exitCode", end->exit);
	if (r->started_ns && gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		jput_str(j, "startTimeUtc", text);
	jput_array(j, "arguments");
	for (int i = 0; i < r->argc; i++, arg += strlen(arg) + 1)
		put_escaped(j, NULL, arg);
	jput_array_end(j);
	if (end->check) {
		size_t n = 0;
		const struct check_skip *skip = check_skips(end->check, &n);

		jput_array(j, "toolExecutionNotifications");
		for (size_t i = 0; i < n; i++) {
			struct buf b = { 0 };

			buf_printf(&b, "%s did not run (%llu times): %s", skip[i].rule->id,
				   (unsigned long long)skip[i].count, skip[i].reason);
			jput_object(j, NULL);
			jput_str(j, "level", "note");
			put_text(j, "message", buf_cstr(&b));
			jput_object_end(j);
			buf_free(&b);
		}
		jput_array_end(j);
	}
	jput_object_end(j);
	jput_array_end(j);
}

static void put_automation(struct json *j, const struct sarif *r)
{
	const char *program = r->list.first ? r->list.first->program : "";
	const char *slash = strrchr(program, '/');
	struct buf b = { 0 };

	if (slash)
		program = slash + 1;
	buf_lit(&b, "cmsgtrace/");
	buf_escaped(&b, program, strlen(program));
	if (program[0])
		buf_char(&b, '/');
	jput_object(j, "automationDetails");
	jput_strn(j, "id", b.p, b.len);
	jput_object_end(j);
	buf_free(&b);
}

static void sarif_start(struct report *report, const struct run_info *run)
{
	struct sarif *r = (struct sarif *)report;

	r->started_ns = run->started_ns;
	r->argc = run->argc;
	for (int i = 0; i < run->argc; i++)
		buf_add(&r->command, run->argv[i], strlen(run->argv[i]) + 1);
}

static void sarif_finding(struct report *report, const struct finding *f)
{
	struct sarif *r = (struct sarif *)report;

	if (r->list.n < RESULTS_MAX)
		saved_add(&r->list, f);
}

static void sarif_end(struct report *report, const struct run_end *end)
{
	struct sarif *r = (struct sarif *)report;
	struct json json = { .out = &r->out->buf }, *j = &json;

	jput_object(j, NULL);
	jput_str(j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	jput_str(j, "version", "2.1.0");
	jput_array(j, "runs");
	jput_object(j, NULL);
	jput_object(j, "tool");
	jput_object(j, "driver");
	jput_str(j, "name", PACKAGE_NAME);
	jput_str(j, "version", PACKAGE_VERSION);
	/* where every installation has it; no address on the net that could go away */
	jput_str(j, "informationUri", "man:cmsgtrace(1)");
	put_rules(j);
	jput_object_end(j);
	jput_object_end(j);
	put_automation(j, r);
	put_invocation(j, r, end);
	jput_array(j, "results");
	for (const struct saved *s = r->list.first; s; s = s->next) {
		buf_char(j->out, '\n');
		put_result(j, r, s);
	}
	jput_array_end(j);
	jput_object_end(j);
	jput_array_end(j);
	jput_object_end(j);
	buf_char(j->out, '\n');
	stream_flush(r->out);
}

static void sarif_free(struct report *report)
{
	struct sarif *r = (struct sarif *)report;

	buf_free(&r->command);
	saved_free(&r->list);
	alloc_free(r);
}

static const struct report_ops sarif_ops = {
	.start = sarif_start,
	.finding = sarif_finding,
	.end = sarif_end,
	.free = sarif_free,
};

struct report *report_sarif_new(struct stream *out, const struct text_opts *how)
{
	struct sarif *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &sarif_ops;
	r->out = out;
	return &r->report;
}
