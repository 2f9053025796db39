// SPDX-License-Identifier: LGPL-2.1-or-later
/* Baselines: JSON in and out. Pure: the file's text comes from the caller. */
#include "config.h"

#include "check/baseline.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "check/rule.h"

#define BASELINE_FORMAT "cmsgtrace-baseline"
/* 2: fingerprints hold file names, where those of 1 held the program's path. */
#define BASELINE_VERSION "2."

struct known {
	const char *rule, *where;
	char fingerprint[17];
	uint64_t count, seen;
};

struct baseline {
	struct arena arena;
	struct map by_print; /* fingerprint -> known */
	struct known **list;
	size_t n;
};

struct baseline *baseline_new(void)
{
	return alloc_zeroed(1, sizeof(struct baseline));
}

void baseline_free(struct baseline *b)
{
	if (!b)
		return;
	map_free(&b->by_print);
	alloc_free(b->list);
	arena_free(&b->arena);
	alloc_free(b);
}

static bool print_number(const char *text, uint64_t *v)
{
	enum { DIGITS = 16 };

	if (!text || strlen(text) != DIGITS || strspn(text, "0123456789abcdef") != DIGITS)
		return false;
	*v = strtoull(text, NULL, 16);
	return true;
}

static const char *take_one(struct baseline *b, size_t i, const json_t *o)
{
	const char *print = json_string_value(json_object_get(o, "fingerprint"));
	const char *rule = json_string_value(json_object_get(o, "rule"));
	const char *where = json_string_value(json_object_get(o, "where"));
	const json_t *count = json_object_get(o, "count");
	struct known *k;
	uint64_t v;

	if (!print_number(print, &v))
		return arena_printf(&b->arena, "findings[%zu] has no fingerprint of 16 hex digits",
				    i);
	if (map_get(&b->by_print, v))
		return arena_printf(&b->arena, "fingerprint %s is there twice", print);
	k = arena_new(&b->arena, struct known);
	memcpy(k->fingerprint, print, sizeof(k->fingerprint));
	k->rule = arena_strdup(&b->arena, rule ? rule : "?");
	k->where = arena_strdup(&b->arena, where ? where : "");
	k->count = json_is_integer(count) && json_integer_value(count) > 0
			   ? (uint64_t)json_integer_value(count)
			   : 1;
	map_put(&b->by_print, v, k);
	b->list[b->n++] = k;
	return NULL;
}

const char *baseline_read(struct baseline *b, const char *text, size_t len)
{
	json_error_t err;
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &err);
	const char *format = json_string_value(json_object_get(o, "format"));
	const char *version = json_string_value(json_object_get(o, "version"));
	const json_t *list = json_object_get(o, "findings");
	const char *wrong = NULL;

	if (!o)
		wrong = arena_printf(&b->arena, "not JSON: line %d: %s", err.line, err.text);
	else if (!format || strcmp(format, BASELINE_FORMAT) != 0)
		wrong = "not a baseline (--write-baseline= makes one)";
	else if (!version || strncmp(version, BASELINE_VERSION, strlen(BASELINE_VERSION)) != 0)
		wrong = "a baseline of another version, whose fingerprints are made otherwise "
			"(--write-baseline= makes one anew)";
	else if (!json_is_array(list))
		wrong = "a baseline without its list of findings";
	if (!wrong)
		b->list = alloc_resize(b->list, (json_array_size(list) + 1) * sizeof(*b->list));
	for (size_t i = 0; !wrong && i < json_array_size(list); i++)
		wrong = take_one(b, i, json_array_get(list, i));
	json_decref(o);
	return wrong;
}

bool baseline_has(struct baseline *b, const struct finding *f)
{
	struct known *k;
	uint64_t v;

	if (!print_number(f->fingerprint, &v))
		return false;
	k = map_get(&b->by_print, v);
	if (!k || k->seen >= k->count)
		return false;
	k->seen++;
	return true;
}

bool baseline_vanished(const struct baseline *b, size_t *i, struct buf *out)
{
	while (*i < b->n) {
		const struct known *k = b->list[(*i)++];

		if (k->seen)
			continue;
		buf_escaped(out, k->rule, strlen(k->rule));
		buf_char(out, ' ');
		buf_str(out, k->fingerprint);
		buf_lit(out, ": ");
		buf_escaped(out, k->where, strlen(k->where));
		return true;
	}
	return false;
}

static int by_rule_and_print(const void *a, const void *b)
{
	const struct check_place *p = *(const struct check_place *const *)a;
	const struct check_place *q = *(const struct check_place *const *)b;
	int c = strcmp(p->rule->id, q->rule->id);

	return c ? c : strcmp(p->fingerprint, q->fingerprint);
}

void baseline_put(struct buf *out, const struct check *c)
{
	size_t n = 0, kept = 0;
	const struct check_place *const *places = check_places(c, &n);
	const struct check_place **list = alloc_bytes((n + 1) * sizeof(*list));
	struct json j = { .out = out };

	for (size_t i = 0; i < n; i++) { /* suppressed ones have their own list */
		if (!places[i]->suppressed)
			list[kept++] = places[i];
	}
	qsort(list, kept, sizeof(*list), by_rule_and_print);
	buf_lit(out, "{\"format\":\"" BASELINE_FORMAT "\",\"version\":\"" BASELINE_VERSION
		     "0\",\"findings\":[");
	for (size_t i = 0, next; i < kept; i = next) {
		next = i + 1;
		while (next < kept && !strcmp(list[next]->fingerprint, list[i]->fingerprint))
			next++;
		buf_str(out, i ? ",\n" : "\n");
		j.comma = false;
		jput_object(&j, NULL);
		jput_str(&j, "rule", list[i]->rule->id);
		jput_str(&j, "fingerprint", list[i]->fingerprint);
		jput_u64(&j, "count", next - i);
		jput_str(&j, "level", severity_name(list[i]->severity));
		jput_str(&j, "where", list[i]->where);
		jput_object_end(&j);
	}
	buf_lit(out, "\n]}\n");
	alloc_free(list);
}
