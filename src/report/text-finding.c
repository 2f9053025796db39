// SPDX-License-Identifier: LGPL-2.1-or-later
/* A finding under the line of its call: its message, its notes, its place. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "report/markup.h"
#include "report/summary.h"
#include "report/text-impl.h"
#include "report/text.h"

/* A note whose line would be too long goes on in the next, behind the same mark. */
void text_put_note(struct buf *b, const char *note, unsigned int width)
{
	static const char first[] = " |  ", next[] = " |      ";
	size_t room = width > sizeof(first) ? width - (sizeof(first) - 1) : 0, len;

	buf_str(b, first);
	while (width >= 40 && (len = strlen(note)) > room) {
		size_t cut = room;

		while (cut && note[cut] != ' ')
			cut--;
		if (!cut) /* one long word: the terminal breaks it */
			break;
		buf_add(b, note, cut);
		buf_char(b, '\n');
		buf_str(b, next);
		note += cut + 1;
		room = width - (sizeof(next) - 1);
	}
	buf_str(b, note);
}

static void put_at(struct buf *b, size_t at, const char *s)
{
	size_t len = strlen(s);

	buf_reserve(b, len);
	memmove(b->p + at + len, b->p + at, b->len - at);
	memcpy(b->p + at, s, len);
	b->len += len;
}

void text_mark_cmsg(struct buf *b, struct text_marks *k, const struct finding *f)
{
	static const char on[] = "\033[1;31m", off[] = "\033[0m";

	for (unsigned int i = 0; i < k->n; i++) {
		if ((int)k->v[i].msg != f->msg || (int)k->v[i].cmsg != f->cmsg)
			continue;
		put_at(b, k->v[i].to, off);
		put_at(b, k->v[i].from, on);
		/* Those behind it have moved, and it isn't coloured twice. */
		for (unsigned int j = i + 1; j < k->n; j++) {
			k->v[j - 1] = k->v[j];
			k->v[j - 1].from += sizeof(on) + sizeof(off) - 2;
			k->v[j - 1].to += sizeof(on) + sizeof(off) - 2;
		}
		k->n--;
		return;
	}
}

static void put_source(struct buf *b, const struct frame *f, bool links)
{
	links = links && f->file[0] == '/';
	if (links) {
		buf_lit(b, "\033]8;;");
		markup_uri(b, f->file);
		buf_lit(b, "\033\\");
	}
	summary_safe(b, f->file);
	buf_char(b, ':');
	buf_u64(b, f->line);
	if (links)
		buf_lit(b, "\033]8;;\033\\");
}

static void put_place(struct buf *b, const struct frame *f, bool links)
{
	buf_lit(b, " |  at ");
	if (f->function)
		summary_safe(b, f->function);
	if (f->function && f->file) {
		buf_lit(b, " (");
		put_source(b, f, links);
		buf_lit(b, ")\n");
		return;
	}
	if (f->function) {
		buf_char(b, '+');
		buf_hex(b, f->function_off);
		buf_lit(b, " (");
	}
	summary_safe(b, f->module ? f->module : "?");
	buf_char(b, '+');
	buf_hex(b, f->module ? f->module_off : f->pc);
	buf_str(b, f->function ? ")\n" : "\n");
}

static void put_log_line(struct buf *b, const struct event *ev)
{
	buf_lit(b, " |  in ");
	if (ev->log) {
		summary_safe(b, ev->log);
		buf_char(b, ':');
	} else {
		buf_lit(b, "line ");
	}
	buf_u64(b, ev->log_line);
	buf_char(b, '\n');
}

void text_put_finding(struct buf *b, const struct finding *f, const struct text_opts *o)
{
	buf_lit(b, "*** ");
	buf_str(b, f->rule->id);
	buf_char(b, ' ');
	summary_severity(b, f->severity, o->color);
	buf_lit(b, ": ");
	summary_safe(b, f->message);
	buf_lit(b, " [");
	buf_str(b, f->rule->name);
	buf_lit(b, "] ***\n");
	for (unsigned int i = 0; i < f->nnotes; i++) {
		struct buf note = { 0 };

		summary_safe(&note, f->notes[i]);
		if (!strncmp(f->notes[i], "kernel: ", 8)) {
			buf_lit(&note, "    help: cmsgtrace --explain ");
			buf_str(&note, f->rule->id);
		}
		text_put_note(b, buf_cstr(&note), o->width);
		buf_char(b, '\n');
		buf_free(&note);
	}
	if (f->place)
		put_place(b, f->place, o->links);
	if (f->event && f->event->log_line)
		put_log_line(b, f->event);
}
