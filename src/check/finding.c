// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Findings: their text, their place, their fingerprint; the same one at the same place is told once and
 * then counted.
 */
#include "config.h"

#include "check/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "check/internal.h"
#include "check/place.h"
#include "cmsg/cmsg.h"

enum { NOTES_MAX = 12, TEXT_MAX = 2048 };

bool finding_in_file(const struct finding *f, const char **file, uint64_t *line)
{
	const struct event *ev = f->event;

	return place_in_file(f->place, ev ? ev->log : NULL, ev ? ev->log_line : 0, file, line);
}

const char *severity_name(enum severity s)
{
	static const char *const names[] = {
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[s];
}

static uint64_t hash_str(uint64_t h, const char *s, size_t len)
{
	h = hash_bytes(h, s, len);
	return hash_bytes(h, "\0", 1);
}

static uint64_t hash_num(uint64_t h, int64_t v)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char text[24], *p = text + sizeof(text);

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--p = '-';
	return hash_str(h, p, (size_t)(text + sizeof(text) - p));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A call that sets an option, by which one. */
static uint64_t hash_option(uint64_t h, const struct event *ev)
{
	if (ev->call != CALL_SETSOCKOPT)
		return h;
	h = hash_num(h, (int32_t)ev->args[1]);
	return hash_num(h, (int32_t)ev->args[2]);
}

/* Stands for a place that is not exact: what was called on what, and which of a rule's findings it is. */
static uint64_t hash_situation(uint64_t h, const struct event *ev, const char *key)
{
	const char *kind = sock_kind_name(sock_kind(ev->sock));

	h = hash_str(h, kind, strlen(kind));
	h = hash_str(h, call_rows[ev->call].name, strlen(call_rows[ev->call].name));
	h = hash_option(h, ev);
	return key ? hash_str(h, key, strlen(key)) : h;
}

static const char *exe_of(const struct event *ev)
{
	return ev && ev->proc ? ev->proc->exe : NULL;
}

static uint64_t hash_path(uint64_t h, const char *path)
{
	return hash_str(h, path, place_path_len(path));
}

/*
 * Rule, program, call site (where that is coarse, the situation), and what the control message is.  Files without their
 * folders: a baseline is for every machine.  Where what is hashed changes, so do BASELINE_VERSION and SARIF's name of it.
 */
static uint64_t fingerprint_of(const struct rule *r, const struct event *ev,
			       const struct frame *place, bool coarse, const struct cmsg *cm,
			       const char *key)
{
	uint64_t h = hash_str(HASH_START, r->id, strlen(r->id));

	if (exe_of(ev))
		h = hash_path(h, base_name(exe_of(ev)));
	else if (ev)
		h = hash_str(h, ev->comm, strnlen(ev->comm, sizeof(ev->comm)));
	if (place) {
		if (place->function)
			h = hash_str(h, place->function, place_function_len(place->function));
		if (place->module)
			h = hash_path(h, base_name(place->module));
	}
	if (ev && coarse)
		h = hash_situation(h, ev, key);
	if (cm) {
		h = hash_num(h, cm->level);
		h = hash_num(h, cm->type);
		h = hash_num(h, (int64_t)cm->len);
	}
	return h;
}

static const char *call_name(const struct event *ev)
{
	return ev->name ? ev->name : call_rows[ev->call].name;
}

static char *where_of(const struct event *ev, const struct frame *place)
{
	struct buf b = { 0 };

	if (place) {
		place_put(&b, place);
	} else if (ev) {
		buf_str(&b, call_name(ev));
		if (ev->sock) {
			buf_lit(&b, " on ");
			buf_str(&b, sock_kind_name(sock_kind(ev->sock)));
		}
	} else {
		buf_lit(&b, "the whole run");
	}

	char *where = alloc_strdup(buf_cstr(&b));

	buf_free(&b);
	return where;
}

static const struct cmsg *cmsg_at(const struct check *c, int cmsg)
{
	const struct msg *m = c->msg.m;

	return m && cmsg >= 0 && (uint32_t)cmsg < m->ncmsg ? &m->cmsg[cmsg] : NULL;
}

/* For the summary's table; told false: it is accepted, which was not known when it was counted. */
static void count_at_sock(struct check *c, const struct rule *r, bool told)
{
	struct convo_sock *s = c->msg.ev ? convo_sock_find(&c->convos, c->msg.ev) : NULL;

	if (s)
		tally_found(&s->tally, r, told);
}

static void count(struct check *c, struct check_place *p)
{
	p->count++;
	if (p->suppressed || p->known)
		return;
	c->counts[p->severity]++;
	count_at_sock(c, p->rule, true);
}

/*
 * Older recordings tell no number: there an event without a stack is one that repeats, with the same msghdr
 * at the same address, call and socket.
 */
static uint64_t number_of(const struct check *c, const struct event *ev)
{
	uint64_t w[3] = {
		ev->args[1],
		convo_sock_key(ev),
		(uint64_t)(uint32_t)ev->tgid << 32 | (uint32_t)ev->call,
	};

	if (ev->stack.number || (c->ask && c->ask->stack))
		return ev->stack.number;
	return hash_bytes(HASH_START, w, sizeof(w));
}

/* What a frame without a name means: that stack has no place. */
static bool is_place(const struct frame *f)
{
	return f && (f->function || f->module);
}

/* What is kept of a stack. */
struct stack_place {
	struct frame frame;
	const char *coarse;
};

static void remember_place(struct check *c, const struct event *ev)
{
	const struct frame *f = c->place;
	uint64_t number = number_of(c, ev);
	struct stack_place *kept;

	if (!number || map_get(&c->stacks, number) || c->stacks.n >= STACKS_MAX)
		return;
	kept = arena_new(&c->kept, struct stack_place);
	kept->coarse = c->coarse;
	map_put(&c->stacks, number, kept);
	if (!f)
		return;
	kept->frame = *f;
	kept->frame.file = NULL;
	if (f->function)
		kept->frame.function = arena_strdup(&c->kept, f->function);
	if (f->module)
		kept->frame.module = arena_strdup(&c->kept, f->module);
}

/* The place of a stack that was taken before, without taking it again. */
static bool place_remembered(struct check *c, struct event *ev)
{
	const struct stack_place *p = NULL;
	uint64_t number;

	for (unsigned int k = 0; !p && c->ask && c->ask->stack_guess; k++) {
		number = c->ask->stack_guess(c->ask->ctx, ev, k);
		if (!number)
			break;
		p = map_get(&c->stacks, number);
		if (p)
			ev->stack.number = number;
	}
	if (!p && (number = number_of(c, ev)))
		p = map_get(&c->stacks, number);
	if (!p)
		return false;
	c->place = is_place(&p->frame) ? &p->frame : NULL;
	c->coarse = p->coarse;
	return true;
}

/*
 * What identity goes by: the function that was compiled, which is told before and without source lines; of
 * those that were inlined into it only the line table knows.
 */
static const struct frame *compiled(const struct stack *s, const struct frame *f)
{
	while (f && f->pc && f + 1 < s->frames + s->n && f[1].pc == f->pc)
		f++;
	return f;
}

static void walk_to_place(struct check *c, struct event *ev)
{
	if (!ev->stack.have && !c->stack_tried && c->ask && c->ask->stack) {
		c->stack_tried = true;
		c->ask->stack(c->ask->ctx, ev);
	}
	c->place = compiled(&ev->stack, place_of(&ev->stack));
	c->coarse = place_coarse(&ev->stack, c->place);
	if (!ev->stack.have)
		return;
	if (!ev->stack.number && c->ask && c->ask->stack_number)
		ev->stack.number =
			c->ask->stack_number(c->ask->ctx, ev, place_depth(&ev->stack, c->place));
	remember_place(c, ev);
}

static const struct frame *take_place(struct check *c)
{
	struct event *ev = c->msg.ev;

	if (!ev)
		return NULL;
	if (!c->place_known && (ev->stack.have || !place_remembered(c, ev)))
		walk_to_place(c, ev);
	c->place_known = true;
	return c->place;
}

static struct check_place *place_new(struct check *c, uint64_t hash, const struct rule *r,
				     enum severity s, uint64_t print, const struct frame *frame)
{
	struct check_place *p = alloc_zeroed(1, sizeof(*p));

	p->rule = r;
	p->severity = s;
	p->where = where_of(c->msg.ev, frame);
	snprintf(p->fingerprint, sizeof(p->fingerprint), "%016llx", (unsigned long long)print);
	map_put(&c->places, hash, p);
	if (c->nlist == c->list_room) {
		c->list_room = c->list_room ? c->list_room * 2 : 16;
		c->list = alloc_resize(c->list, c->list_room * sizeof(*c->list));
	}
	c->list[c->nlist++] = p;
	return p;
}

/* A finding to fill in at place p; NULL where it is no longer news. */
static struct finding *finding_new(struct check *c, const struct rule *r, struct check_place *p,
				   const char *key)
{
	struct finding *f;

	count(c, p);
	if (p->count > 1)
		return NULL;
	f = arena_new(&c->arena, struct finding);
	f->rule = r;
	f->severity = p->severity;
	f->event = c->msg.ev;
	f->msg = -1;
	f->cmsg = -1;
	f->message = r->title;
	memcpy(f->fingerprint, p->fingerprint, sizeof(f->fingerprint));
	f->count = 1;
	f->at = p;
	f->key = key ? arena_strdup(&c->arena, key) : NULL;
	f->notes = arena_array(&c->arena, const char *, NOTES_MAX);
	return f;
}

/* What tells places apart, beyond the fingerprint. */
static uint64_t place_hash(const struct check *c, uint64_t print, enum severity s,
			   const struct frame *frame, const char *key)
{
	const struct event *ev = c->msg.ev;
	uint64_t h = hash_num(print, s);

	if (key)
		h = hash_str(h, key, strlen(key));
	if (exe_of(ev)) /* two programs of one name */
		h = hash_path(h, exe_of(ev));
	if (frame && !frame->function)
		h = hash_num(h, (int64_t)frame->module_off);
	if (frame && ev) /* else it is in the fingerprint */
		h = hash_num(h, sock_kind(ev->sock));
	if (ev)
		h = hash_option(h, ev);
	if (!frame && ev)
		h = hash_num(h, ev->call);
	return h;
}

/* The stack's place with source lines, and what was inlined between it and the function that was compiled. */
static uint64_t look_closely(struct check *c, uint64_t hash, const struct frame **frame)
{
	const struct stack *s = &c->msg.ev->stack;
	const struct frame *told, *whole;

	if (!s->have) {
		walk_to_place(c, c->msg.ev);
		*frame = c->place ? c->place : *frame;
	}
	if (c->ask && c->ask->lines)
		c->ask->lines(c->ask->ctx, c->msg.ev);
	told = place_of(s);
	if (!told)
		return hash;
	*frame = told;
	whole = compiled(s, told);
	for (const struct frame *f = told; f < whole; f++) {
		if (f->function)
			hash = hash_str(hash, f->function, place_function_len(f->function));
	}
	return hash;
}

static struct check_place *place_get(struct check *c, uint64_t hash, const struct rule *r,
				     enum severity s, uint64_t print, const struct frame **frame)
{
	/* Only a new call site pays for the stack and source lines; rule and functions tell places apart. */
	uint64_t site = *frame ? hash_num(~hash, (int64_t)(*frame)->module_off) : hash;
	struct check_place *p = map_get(&c->places, site);

	if (p)
		return p;
	if (c->nlist >= PLACES_MAX) {
		c->unlisted++;
		c->counts[s]++;
		count_at_sock(c, r, true);
		return NULL;
	}
	if (*frame)
		hash = look_closely(c, hash, frame);
	p = map_get(&c->places, hash);
	if (!p)
		p = place_new(c, hash, r, s, print, *frame);
	if (c->places.n < SITES_MAX)
		map_put(&c->places, site, p);
	return p;
}

/* The message was refused: is it by control message cmsg (-1: as a whole)?  Not by what nobody reads. */
static bool may_refuse(const struct msg *m, int cmsg)
{
	return cmsg < 0 || m->verdict[cmsg].what != VERDICT_IGNORE;
}

/* Did another rule than r answer one of these questions about the message? */
static bool told_by_another(const struct check_msg *m, const struct rule *r, unsigned int explains)
{
	for (unsigned int k = 0; k < EXPLAINS_KINDS; k++) {
		if (explains >> k & 1 && m->explained[k] && m->explained[k] != r)
			return true;
	}
	return false;
}

/* Does r explain something of the message first?  Else it is silent. */
static bool first_voice(struct check *c, const struct rule *r, unsigned int explains, int cmsg)
{
	struct check_msg *m = &c->msg;

	if (!m->m)
		return true;
	explains &= m->left                  ? ~(unsigned int)EXPLAINS_REFUSAL
		    : may_refuse(m->m, cmsg) ? EXPLAINS_REFUSAL
					     : 0;
	if (told_by_another(m, r, explains))
		return false;
	for (unsigned int k = 0; k < EXPLAINS_KINDS; k++) {
		if (explains >> k & 1)
			m->explained[k] = r;
	}
	return true;
}

/* Another frame than the event's place is one of its stack, which look_closely() gave. */
static const char *coarse_of(const struct check *c, const struct frame *frame)
{
	if (!c->msg.ev)
		return NULL;
	return frame == c->place ? c->coarse : place_coarse(&c->msg.ev->stack, frame);
}

struct finding *finding_start(struct check *c, const struct rule *r, enum severity s, int msg,
			      int cmsg, const char *key)
{
	return finding_start_of(c, r, r->explains, s, msg, cmsg, key);
}

struct finding *finding_start_of(struct check *c, const struct rule *r, unsigned int explains,
				 enum severity s, int msg, int cmsg, const char *key)
{
	const struct cmsg *cm = cmsg_at(c, cmsg);

	if (!first_voice(c, r, explains, cmsg) || s < c->opts.level)
		return NULL;

	const struct frame *frame = take_place(c);
	uint64_t print = fingerprint_of(r, c->msg.ev, frame, c->coarse, cm, key);
	struct check_place *p =
		place_get(c, place_hash(c, print, s, frame, key), r, s, print, &frame);

	if (!p)
		return NULL;

	struct finding *f = finding_new(c, r, p, key);

	if (f) {
		f->msg = msg;
		f->cmsg = cmsg;
		f->place = frame;
		f->coarse = coarse_of(c, frame);
	}
	return f;
}

struct finding *finding_once(struct check *c, const struct rule *r, enum severity s,
			     const char *key)
{
	uint64_t print = fingerprint_of(r, c->msg.ev, NULL, true, NULL, NULL);

	if (s < c->opts.level)
		return NULL;

	uint64_t hash = hash_str(hash_num(print, s), key, strlen(key));

	if (exe_of(c->msg.ev))
		hash = hash_path(hash, exe_of(c->msg.ev));

	const struct frame *none = NULL;
	struct check_place *p = place_get(c, hash, r, s, print, &none);

	return p ? finding_new(c, r, p, key) : NULL;
}

static const char *text_of(struct check *c, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static const char *text_of(struct check *c, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena_strdup(&c->arena, text);
}

void finding_message(struct check *c, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->message = text_of(c, fmt, ap);
	va_end(ap);
}

void finding_note(struct check *c, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	if (f->nnotes == NOTES_MAX)
		return;
	va_start(ap, fmt);
	f->notes[f->nnotes++] = text_of(c, fmt, ap);
	va_end(ap);
}

/* In a vector the call returns how many were sent, and the errno of the one after is lost. */
static void note_hidden(struct check *c, struct finding *f)
{
	const struct event *ev = c->msg.ev;

	if (f->msg >= 0 && c->msg.m && !c->msg.left && f->rule->explains & EXPLAINS_REFUSAL &&
	    ev->result >= 0)
		finding_note(c, f,
			     "message %d: %s sent %lld of %u, and the count hides this one's errno",
			     f->msg, call_name(ev), (long long)ev->result, ev->nmsg);
}

void finding_done(struct check *c, struct finding *f)
{
	note_hidden(c, f);
	if (f->coarse)
		finding_note(
			c, f,
			"coarse place: %s; in its fingerprint stand the call, the socket's kind "
			"and the control message",
			f->coarse);
	if (c->opts.mark)
		c->opts.mark(c->opts.mark_ctx, f);
	if (f->suppressed || f->known) {
		f->at->suppressed = f->suppressed != NULL;
		f->at->known = f->known;
		c->counts[f->severity]--; /* finding_new() could not know */
		count_at_sock(c, f->rule, false);
	}
	*c->last = f;
	c->last = &f->next;
}

void rule_skipped(struct check *c, const struct rule *r, const char *reason)
{
	if (!r || (c->msg.m && told_by_another(&c->msg, r, r->explains)))
		return; /* nothing is missing: it had nothing to say */
	for (size_t i = 0; i < c->nskips; i++) {
		if (c->skips[i].rule == r && !strcmp(c->skips[i].reason, reason)) {
			c->skips[i].count++;
			return;
		}
	}
	c->skips = alloc_resize(c->skips, (c->nskips + 1) * sizeof(*c->skips));
	c->skips[c->nskips++] = (struct check_skip){ .rule = r, .reason = reason, .count = 1 };
}

void findings_reset(struct check *c)
{
	arena_reset(&c->arena);
	c->first = NULL;
	c->last = &c->first;
	c->stack_tried = c->place_known = false;
	c->place = NULL;
	c->coarse = NULL;
}

void findings_free(struct check *c)
{
	for (size_t i = 0; i < c->nlist; i++) {
		alloc_free(c->list[i]->where);
		alloc_free(c->list[i]);
	}
	alloc_free(c->list);
	alloc_free(c->skips);
	map_free(&c->places);
	map_free(&c->stacks);
	arena_free(&c->kept);
	arena_free(&c->arena);
}
