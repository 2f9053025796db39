// SPDX-License-Identifier: LGPL-2.1-or-later
/* Suppressions. Pure: the file's text comes from the caller. */
#include "config.h"

#include "check/suppress.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "check/place.h"
#include "check/rule.h"

enum suppress_key { KEY_FUN, KEY_OBJ, KEY_SOCK, KEY_COMM, KEY_PRINT, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {
	[KEY_FUN] = "fun",   [KEY_OBJ] = "obj",           [KEY_SOCK] = "sock",
	[KEY_COMM] = "comm", [KEY_PRINT] = "fingerprint",
};

struct entry {
	struct entry *next;
	const struct rule *rule; /* NULL: any */
	const char *globs[KEY_COUNT];
	const char *why;
	const char *file, *text;
	unsigned int line;
	bool used;
};

struct suppressions {
	struct arena arena;
	struct entry *first, **last;
};

struct suppressions *suppress_new(void)
{
	struct suppressions *s = alloc_zeroed(1, sizeof(*s));

	s->last = &s->first;
	return s;
}

void suppress_free(struct suppressions *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	alloc_free(s);
}

/* Only the last star is ever tried again: no glob takes more than glob × text steps. */
bool glob_matches(const char *glob, const char *s, size_t len)
{
	const char *star = NULL;
	size_t i = 0, from = 0;

	while (i < len) {
		if (*glob == '*') {
			star = ++glob;
			from = i;
		} else if (*glob && (*glob == '?' || *glob == s[i])) {
			glob++;
			i++;
		} else if (star) {
			glob = star;
			i = ++from;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of line; NULL at its end. */
static char *next_word(char **line)
{
	char *p = *line, *word;

	while (blank(*p))
		p++;
	if (!*p)
		return NULL;
	word = p;
	while (*p && !blank(*p))
		p++;
	if (*p)
		*p++ = '\0';
	*line = p;
	return word;
}

/* NULL, or what is wrong with it. */
static const char *take_key(struct suppressions *s, struct entry *e, const char *word)
{
	const char *eq = strchr(word, '=');

	if (!eq || !eq[1])
		return arena_printf(&s->arena, "'%s' is no KEY=GLOB", word);
	for (unsigned int k = 0; k < KEY_COUNT; k++) {
		if (strlen(key_names[k]) != (size_t)(eq - word) ||
		    strncmp(key_names[k], word, (size_t)(eq - word)) != 0)
			continue;
		if (e->globs[k])
			return arena_printf(&s->arena, "%s= is there twice", key_names[k]);
		e->globs[k] = eq + 1;
		return NULL;
	}
	return arena_printf(&s->arena, "'%.*s' is none of fun, obj, sock, comm, fingerprint",
			    (int)(eq - word), word);
}

static const char *take_reason(struct entry *e, char *line)
{
	char *why = line;

	/* " #": a glob may hold the character itself */
	while ((why = strchr(why, '#')) && why != line && !blank(why[-1]))
		why++;
	if (!why)
		return "no reason: end the line with '# why'";
	*why++ = '\0';
	while (blank(*why))
		why++;
	for (size_t n = strlen(why); n && blank(why[n - 1]); n--)
		why[n - 1] = '\0';
	if (!*why)
		return "no reason behind '#'";
	e->why = why;
	return NULL;
}

static const char *take_line(struct suppressions *s, struct entry *e, char *line)
{
	const char *wrong;
	char *word;

	wrong = take_reason(e, line);
	if (wrong)
		return wrong;
	word = next_word(&line);
	if (!word)
		return "no rule";
	if (strcmp(word, "*") != 0) {
		e->rule = rule_find(word);
		if (!e->rule)
			return arena_printf(&s->arena, "'%s' is no rule (cmsgtrace --list-rules)",
					    word);
	}
	while (!wrong && (word = next_word(&line)))
		wrong = take_key(s, e, word);
	return wrong;
}

/* Nothing but blanks, or a comment. */
static bool is_empty(const char *line)
{
	while (blank(*line))
		line++;
	return !*line || *line == '#';
}

bool suppress_add(struct suppressions *s, const char *name, const char *text, size_t len,
		  void (*say)(void *ctx, const char *text), void *ctx)
{
	const char *file = arena_strdup(&s->arena, name);
	unsigned int no = 0;
	bool ok = true;

	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) : len;
		char *line = arena_strndup(&s->arena, text, n);
		struct entry *e;
		const char *wrong;

		no++;
		text += nl ? n + 1 : n;
		len -= nl ? n + 1 : n;
		if (is_empty(line))
			continue;
		e = arena_new(&s->arena, struct entry);
		e->file = file;
		e->line = no;
		e->text = arena_strdup(&s->arena, line);
		wrong = take_line(s, e, line);
		if (wrong) {
			say(ctx, arena_printf(&s->arena, "%s:%u: error: %s", name, no, wrong));
			ok = false;
			continue;
		}
		*s->last = e;
		s->last = &e->next;
	}
	return ok;
}

/* The text that a key looks at; false: not known, and then no glob matches. */
static bool value_of(const struct finding *f, enum suppress_key k, const char **p, size_t *len)
{
	const struct event *ev = f->event;

	*p = NULL;
	switch (k) {
	case KEY_FUN:
		*p = f->place ? f->place->function : NULL;
		*len = *p ? place_function_len(*p) : 0;
		return *p != NULL;
	case KEY_OBJ:
		*p = f->place ? f->place->module : NULL;
		if (!*p && ev && ev->proc)
			*p = ev->proc->exe;
		*len = *p ? place_path_len(*p) : 0; /* an upgrade makes no other of it */
		return *p != NULL;
	case KEY_SOCK:
		*p = ev && ev->sock ? sock_kind_name(sock_kind(ev->sock)) : NULL;
		break;
	case KEY_COMM:
		if (!ev || !ev->comm[0])
			return false;
		*p = ev->comm;
		*len = strnlen(ev->comm, sizeof(ev->comm));
		return true;
	case KEY_PRINT:
		*p = f->fingerprint;
		break;
	case KEY_COUNT:
		break;
	}
	*len = *p ? strlen(*p) : 0;
	return *p != NULL;
}

/* Of a socket also the protocol alone, as -e sock= has it: udp is udp4 and udp6, unix all of these. */
static bool value_matches(enum suppress_key k, const char *glob, const char *p, size_t len)
{
	return glob_matches(glob, p, len) ||
	       (k == KEY_SOCK && glob_matches(glob, p, strcspn(p, "46-")));
}

static bool entry_matches(const struct entry *e, const struct finding *f)
{
	if (e->rule && e->rule != f->rule)
		return false;
	for (unsigned int k = 0; k < KEY_COUNT; k++) {
		const char *p;
		size_t len;

		if (e->globs[k] &&
		    (!value_of(f, k, &p, &len) || !value_matches(k, e->globs[k], p, len)))
			return false;
	}
	return true;
}

const char *suppress_find(struct suppressions *s, const struct finding *f)
{
	for (struct entry *e = s->first; e; e = e->next) {
		if (entry_matches(e, f)) {
			e->used = true;
			return e->why;
		}
	}
	return NULL;
}

bool suppress_unused(const struct suppressions *s, size_t *i, struct buf *b)
{
	size_t k = 0;

	for (const struct entry *e = s->first; e; e = e->next, k++) {
		if (k < *i || e->used)
			continue;
		*i = k + 1;
		buf_printf(b, "%s:%u: note: matched nothing: ", e->file, e->line);
		buf_escaped(b, e->text, strlen(e->text));
		return true;
	}
	return false;
}

/* What would end a word, mean something else or can't be shown becomes '?' for each byte, which matches it. */
static void put_glob(struct buf *b, const char *p, size_t len)
{
	while (len) {
		size_t n = utf8_shown((const unsigned char *)p, len);

		if (!n || strchr(" *#", *p)) {
			buf_char(b, '?');
			n = 1;
		} else {
			buf_add(b, p, n);
		}
		p += n;
		len -= n;
	}
}

void suppress_put(struct buf *b, const struct finding *f)
{
	buf_str(b, f->rule->id);
	for (unsigned int k = 0; k < KEY_COUNT; k++) {
		const char *p;
		size_t len;

		if (!value_of(f, k, &p, &len) || !len || (k == KEY_PRINT && !f->coarse))
			continue;
		buf_char(b, ' ');
		buf_str(b, key_names[k]);
		buf_char(b, '=');
		if (k == KEY_OBJ) {
			const char *slash = memrchr(p, '/', len);

			if (slash) { /* the folder differs from machine to machine */
				buf_lit(b, "*/");
				len -= (size_t)(slash + 1 - p);
				p = slash + 1;
			}
		}
		put_glob(b, p, len);
	}
	buf_lit(b, "   # ");
	buf_escaped(b, f->message, strlen(f->message));
	buf_char(b, '\n');
}
