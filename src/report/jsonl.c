// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON Lines: header, events, findings, end.  Recordings and --format=jsonl are the same thing; the
 * format is described in man/cmsgtrace-events.5 and doc/events.schema.json.  Each event is handed to the
 * system at once: a crash of the tracer loses at most the one being written.
 */
#include "config.h"

#include "report/jsonl.h"

#include <string.h>

#include "base/alloc.h"
#include "check/check.h"
#include "event/proc.h"
#include "event/sock.h"
#include "report/fields-json.h"
#include "report/formats.h"

static void jsonl_line_end(struct jsonl *r)
{
	json_object_end(&r->json);
	buf_char(&r->out->buf, '\n');
	r->json.comma = false;
}

static void jsonl_start(struct report *report, const struct run_info *run)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	json_object(j, NULL);
	json_str(j, "type", "header");
	json_str(j, "format", RECORD_FORMAT);
	json_str(j, "version", RECORD_VERSION);
	if (run->tool)
		json_str(j, "tool", run->tool);
	if (run->kernel)
		json_str(j, "kernel", run->kernel);
	if (run->machine)
		json_str(j, "machine", run->machine);
	json_array(j, "argv");
	for (int i = 0; i < run->argc; i++)
		json_text(j, NULL, run->argv[i], strlen(run->argv[i]));
	json_array_end(j);
	if (run->started_ns)
		json_u64(j, "started", run->started_ns);
	jsonl_line_end(r);
	stream_flush(r->out);
}

static void jsonl_event(struct report *report, struct event *ev, const struct ask *ask)
{
	struct jsonl *r = (struct jsonl *)report;

	jsonl_put_event(r, ev, ask);
	stream_flush(r->out);
}

static void jsonl_put_place(struct json *j, const struct frame *p)
{
	json_object(j, "place");
	if (p->function)
		json_text(j, "function", p->function, strlen(p->function));
	if (p->module)
		json_text(j, "module", p->module, strlen(p->module));
	json_hex(j, "module_off", p->module_off);
	if (p->file) {
		json_text(j, "file", p->file, strlen(p->file));
		json_u64(j, "line", p->line);
	}
	json_object_end(j);
}

static void jsonl_finding(struct report *report, const struct finding *f)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	json_object(j, NULL);
	json_str(j, "type", "finding");
	json_str(j, "rule", f->rule->id);
	json_str(j, "name", f->rule->name);
	json_str(j, "level", severity_name(f->severity));
	if (f->event && f->event->no)
		json_u64(j, "event", f->event->no);
	if (f->msg >= 0)
		json_s64(j, "msg", f->msg);
	if (f->cmsg >= 0)
		json_s64(j, "cmsg", f->cmsg);
	json_str(j, "message", f->message);
	json_array(j, "notes");
	for (unsigned int i = 0; i < f->nnotes; i++)
		json_str(j, NULL, f->notes[i]);
	json_array_end(j);
	if (f->rule->remedy)
		json_str(j, "help", f->rule->remedy);
	if (f->asked.len)
		json_host_text(j, "asked", &f->asked);
	if (f->from.len)
		json_host_text(j, "from", &f->from);
	if (f->asked_event)
		json_u64(j, "asked_event", f->asked_event);
	if (f->place)
		jsonl_put_place(j, f->place);
	json_str(j, "fingerprint", f->fingerprint);
	json_u64(j, "count", f->count);
	jsonl_line_end(r);
	stream_flush(r->out);
}

static void jsonl_idle(struct report *report)
{
	stream_flush(((struct jsonl *)report)->out);
}

static void jsonl_put_counts(struct json *j, const struct check *c)
{
	uint64_t errors = check_count(c, SEVERITY_ERROR);
	uint64_t warnings = check_count(c, SEVERITY_WARNING) - errors;

	json_object(j, "findings");
	json_u64(j, "error", errors);
	json_u64(j, "warning", warnings);
	json_u64(j, "note", check_count(c, SEVERITY_NOTE) - errors - warnings);
	json_object_end(j);
}

static void jsonl_put_skips(struct json *j, const struct check *c)
{
	size_t n = 0;
	const struct check_skip *skip = check_skips(c, &n);

	if (!n)
		return;
	json_array(j, "not_run");
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		json_str(j, "rule", skip[i].rule->id);
		json_str(j, "reason", skip[i].reason);
		json_u64(j, "count", skip[i].count);
		json_object_end(j);
	}
	json_array_end(j);
}

static void jsonl_end(struct report *report, const struct run_end *end)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	json_object(j, NULL);
	json_str(j, "type", "end");
	json_u64(j, "events", end->events);
	if (end->check) {
		jsonl_put_counts(j, end->check);
		jsonl_put_skips(j, end->check);
	}
	json_s64(j, "exit", end->exit);
	if (end->cut)
		json_bool(j, "cut", true);
	jsonl_line_end(r);
	stream_flush(r->out);
}

static void seen_free(struct jsonl_seen *s, void (*unref)(void *))
{
	for (unsigned int i = 0; i < RECORD_REMEMBERED; i++)
		unref(s->ring[i]);
	map_free(&s->ids);
}

static void drop_sock(void *s)
{
	sock_unref(s);
}

static void drop_proc(void *p)
{
	proc_unref(p);
}

static void jsonl_free(struct report *report)
{
	struct jsonl *r = (struct jsonl *)report;

	seen_free(&r->socks, drop_sock);
	seen_free(&r->procs, drop_proc);
	alloc_free(r);
}

static const struct report_ops jsonl_ops = {
	.name = "jsonl",
	.help = "JSON Lines: everything, as --record writes it",
	.start = jsonl_start,
	.event = jsonl_event,
	.finding = jsonl_finding,
	.idle = jsonl_idle,
	.end = jsonl_end,
	.free = jsonl_free,
};

struct report *report_jsonl_new(struct stream *out)
{
	struct jsonl *r = alloc_zeroed(1, sizeof(*r));

	r->report.ops = &jsonl_ops;
	r->out = out;
	r->json.out = &out->buf;
	r->socks.next = r->procs.next = 1;
	return &r->report;
}
