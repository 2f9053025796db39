// SPDX-License-Identifier: LGPL-2.1-or-later
/* Copies of findings, in one arena. */
#include "config.h"

#include "report/saved.h"

#include <string.h>

#include "check/place.h"

enum { FRAMES_MAX = 100 };

static const char *copy(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static void save_frame(struct arena *a, struct frame *to, const struct frame *from)
{
	*to = *from;
	to->module = copy(a, from->module);
	to->function = copy(a, from->function);
	to->file = copy(a, from->file);
}

static void save_stack(struct arena *a, struct saved *s, const struct finding *f)
{
	const struct stack *from = &f->event->stack;

	if (from->have) {
		s->stack.have = true;
		s->stack.n = from->n < FRAMES_MAX ? from->n : FRAMES_MAX;
		s->stack.frames = arena_array(a, struct frame, s->stack.n ? s->stack.n : 1);
	}
	for (unsigned int i = 0; i < s->stack.n; i++) {
		save_frame(a, &s->stack.frames[i], &from->frames[i]);
		if (f->place == &from->frames[i])
			s->place = &s->stack.frames[i];
	}
	if (f->place && !s->place) {
		struct frame *place = arena_new(a, struct frame);

		save_frame(a, place, f->place);
		s->place = place;
	}
}

static void save_event(struct arena *a, struct saved *s, const struct finding *f)
{
	const struct event *ev = f->event;

	s->program = s->call = s->kind = "";
	if (!ev)
		return;
	s->event = ev->no;
	s->log = copy(a, ev->log);
	s->log_line = ev->log_line;
	s->call = arena_strdup(a, ev->name ? ev->name : call_rows[ev->call].name);
	if (ev->sock)
		s->kind = sock_kind_name(sock_kind(ev->sock));
	if (ev->proc && ev->proc->exe)
		s->program = arena_strdup(a, ev->proc->exe);
	else
		s->program = arena_strndup(a, ev->comm, sizeof(ev->comm));
	save_stack(a, s, f);
}

const struct saved *saved_add(struct saved_list *l, const struct finding *f)
{
	struct arena *a = &l->arena;
	struct saved *s = arena_new(a, struct saved);
	const char **notes = arena_array(a, const char *, f->nnotes + 1);

	s->rule = f->rule;
	s->severity = f->severity;
	s->message = arena_strdup(a, f->message);
	for (unsigned int i = 0; i < f->nnotes; i++)
		notes[i] = arena_strdup(a, f->notes[i]);
	s->notes = notes;
	s->nnotes = f->nnotes;
	s->fingerprint = arena_strdup(a, f->fingerprint);
	s->suppressed = copy(a, f->suppressed);
	s->known = f->known;
	s->at = f->at;
	save_event(a, s, f);
	if (l->last)
		l->last->next = s;
	else
		l->first = s;
	l->last = s;
	l->n++;
	l->suppressed += s->suppressed != NULL;
	l->known += s->known;
	return s;
}

void saved_put_where(struct buf *b, const struct saved *s)
{
	if (s->place) {
		place_put(b, s->place);
	} else if (s->call[0]) {
		buf_str(b, s->call);
		if (s->kind[0]) {
			buf_lit(b, " on ");
			buf_str(b, s->kind);
		}
	} else {
		buf_lit(b, "the whole run");
	}
}

void saved_free(struct saved_list *l)
{
	arena_free(&l->arena);
}
