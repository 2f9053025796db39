// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON Lines: header, events, findings, summary, end.  Recordings and --format=jsonl are the same thing; the
 * format is described in man/cmsgtrace-events.5 and doc/events.schema.json.  Each event is handed to the
 * system at once: a crash of the tracer loses at most the one being written.
 */
#include "config.h"

#include "record/write.h"

#include <string.h>

#include "base/alloc.h"
#include "check/check.h"
#include "event/proc.h"
#include "event/sock.h"
#include "report/fields-json.h"
#include "report/report.h"

static void jsonl_line_end(struct jsonl *r)
{
	jput_object_end(&r->json);
	buf_char(&r->out->buf, '\n');
	r->json.comma = false;
}

static void jsonl_start(struct report *report, const struct run_info *run)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	jput_object(j, NULL);
	jput_str(j, "type", "header");
	jput_str(j, "format", RECORD_FORMAT);
	jput_str(j, "version", RECORD_VERSION);
	if (run->tool)
		jput_str(j, "tool", run->tool);
	if (run->kernel)
		jput_str(j, "kernel", run->kernel);
	if (run->machine)
		jput_str(j, "machine", run->machine);
	jput_array(j, "argv");
	for (int i = 0; i < run->argc; i++)
		jput_text(j, NULL, run->argv[i], strlen(run->argv[i]));
	jput_array_end(j);
	if (run->started_ns)
		jput_u64(j, "started", run->started_ns);
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
	jput_object(j, "place");
	if (p->function)
		jput_text(j, "function", p->function, strlen(p->function));
	if (p->module)
		jput_text(j, "module", p->module, strlen(p->module));
	jput_hex(j, "module_off", p->module_off);
	if (p->file) {
		jput_text(j, "file", p->file, strlen(p->file));
		jput_u64(j, "line", p->line);
	}
	jput_object_end(j);
}

static void jsonl_finding(struct report *report, const struct finding *f)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	jput_object(j, NULL);
	jput_str(j, "type", "finding");
	jput_str(j, "rule", f->rule->id);
	jput_str(j, "name", f->rule->name);
	jput_str(j, "level", severity_name(f->severity));
	if (f->event && f->event->no)
		jput_u64(j, "event", f->event->no);
	if (f->msg >= 0)
		jput_s64(j, "msg", f->msg);
	if (f->cmsg >= 0)
		jput_s64(j, "cmsg", f->cmsg);
	jput_str(j, "message", f->message);
	jput_array(j, "notes");
	for (unsigned int i = 0; i < f->nnotes; i++)
		jput_str(j, NULL, f->notes[i]);
	jput_array_end(j);
	if (f->rule->remedy)
		jput_str(j, "help", f->rule->remedy);
	if (f->asked.len)
		jput_host_text(j, "asked", &f->asked);
	if (f->from.len)
		jput_host_text(j, "from", &f->from);
	if (f->asked_event)
		jput_u64(j, "asked_event", f->asked_event);
	if (f->place)
		jsonl_put_place(j, f->place);
	if (f->event)
		jsonl_put_log(j, f->event);
	if (f->coarse)
		jput_str(j, "coarse", f->coarse);
	jput_str(j, "fingerprint", f->fingerprint);
	jput_u64(j, "count", f->count);
	if (f->suppressed)
		jput_str(j, "suppressed", f->suppressed);
	if (f->known)
		jput_bool(j, "known", true);
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

	jput_object(j, "findings");
	jput_u64(j, "error", errors);
	jput_u64(j, "warning", warnings);
	jput_u64(j, "note", check_count(c, SEVERITY_NOTE) - errors - warnings);
	jput_object_end(j);
}

static void jsonl_put_skips(struct json *j, const struct check *c)
{
	size_t n = 0;
	const struct check_skip *skip = check_skips(c, &n);

	if (!n)
		return;
	jput_array(j, "not_run");
	for (size_t i = 0; i < n; i++) {
		jput_object(j, NULL);
		jput_str(j, "rule", skip[i].rule->id);
		jput_str(j, "reason", skip[i].reason);
		jput_u64(j, "count", skip[i].count);
		jput_object_end(j);
	}
	jput_array_end(j);
}

static void jsonl_end(struct report *report, const struct run_end *end)
{
	struct jsonl *r = (struct jsonl *)report;
	struct json *j = &r->json;

	if (end->check)
		jsonl_put_socks(j, end->check);
	jput_object(j, NULL);
	jput_str(j, "type", "end");
	jput_u64(j, "events", end->events);
	if (end->check) {
		jsonl_put_counts(j, end->check);
		jsonl_put_skips(j, end->check);
		jsonl_put_socks_left(j, end->check);
	}
	jput_s64(j, "exit", end->exit);
	if (end->engine)
		jput_str(j, "engine", end->engine);
	if (end->cut)
		jput_bool(j, "cut", true);
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
	.everything = true,
	.start = jsonl_start,
	.event = jsonl_event,
	.finding = jsonl_finding,
	.idle = jsonl_idle,
	.end = jsonl_end,
	.free = jsonl_free,
};

struct report *report_jsonl_new(struct stream *out, const struct text_opts *how)
{
	struct jsonl *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &jsonl_ops;
	r->out = out;
	r->json.out = &out->buf;
	r->socks.next = r->procs.next = 1;
	return &r->report;
}
