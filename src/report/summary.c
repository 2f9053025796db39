// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a person reads at the end of a run: ids, counts, places, and what was not checked.  Pure. */
#include "config.h"

#include "report/summary.h"

#include "check/check.h"

/* Length of the UTF-8 character at s (0: it is none, or a C1 control). */
static size_t utf8_len(const unsigned char *s)
{
	size_t n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
	uint32_t v;

	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	v = *s & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s[i] & 0x3f);
	}
	if (v < 0xa0 || (n == 3 && v < 0x800) || (n == 4 && v < 0x10000) || v > 0x10ffff)
		return 0;
	/* Surrogates, and characters that turn the direction of text around. */
	if ((v >= 0xd800 && v < 0xe000) || (v >= 0x202a && v <= 0x202e) ||
	    (v >= 0x2066 && v <= 0x2069))
		return 0;
	return n;
}

void summary_safe(struct buf *b, const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	while (*u) {
		size_t n = 1;

		if (*u >= 0x7f) {
			n = utf8_len(u);
			if (!n) {
				buf_lit(b, "\\x");
				buf_hexbytes(b, u++, 1);
				continue;
			}
		} else if (*u < ' ') {
			buf_escaped(b, u++, 1);
			continue;
		}
		buf_add(b, u, n);
		u += n;
	}
}

void summary_severity(struct buf *b, enum severity s, bool color)
{
	static const char *const on[] = {
		[SEVERITY_NOTE] = "\033[36m",
		[SEVERITY_WARNING] = "\033[33m",
		[SEVERITY_ERROR] = "\033[1;31m",
	};

	if (color)
		buf_str(b, on[s]);
	buf_str(b, severity_name(s));
	if (color)
		buf_lit(b, "\033[0m");
}

static void put_n(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_u64(b, n);
	buf_char(b, ' ');
	buf_str(b, n == 1 ? one : many);
}

/* " |  CT101 error: … [cmsg-ignored]: 12 times at 2 places", and the places. */
static void put_rule(struct buf *b, const struct check_place *const *places, size_t n, size_t first,
		     bool color)
{
	enum { PLACES_SHOWN = 5 };
	const struct rule *r = places[first]->rule;
	enum severity worst = places[first]->severity;
	uint64_t total = 0;
	size_t where = 0;

	for (size_t i = first; i < n; i++) {
		if (places[i]->rule != r)
			continue;
		total += places[i]->count;
		where++;
		if (places[i]->severity > worst)
			worst = places[i]->severity;
	}
	buf_lit(b, " |  ");
	buf_str(b, r->id);
	buf_char(b, ' ');
	summary_severity(b, worst, color);
	buf_lit(b, " [");
	buf_str(b, r->name);
	buf_lit(b, "]: ");
	put_n(b, total, "time", "times");
	buf_lit(b, " at ");
	put_n(b, where, "place", "places");
	buf_lit(b, ": ");
	buf_str(b, r->title);
	buf_char(b, '\n');
	where = 0;
	for (size_t i = first; i < n; i++) {
		if (places[i]->rule != r)
			continue;
		if (where++ == PLACES_SHOWN) {
			buf_lit(b, " |      and more places\n");
			break;
		}
		buf_lit(b, " |      ");
		buf_u64(b, places[i]->count);
		buf_lit(b, "x ");
		summary_safe(b, places[i]->where ? places[i]->where : "(no place known)");
		buf_char(b, '\n');
	}
}

static void put_skips(struct buf *b, const struct check *check)
{
	size_t n;
	const struct check_skip *skips = check_skips(check, &n);

	for (size_t i = 0; i < n; i++) {
		buf_lit(b, " |  not checked: ");
		buf_str(b, skips[i].rule->id);
		buf_lit(b, " [");
		buf_str(b, skips[i].rule->name);
		buf_lit(b, "], ");
		put_n(b, skips[i].count, "time", "times");
		buf_lit(b, ": ");
		summary_safe(b, skips[i].reason);
		buf_char(b, '\n');
	}
}

static uint64_t count_of(const struct check *c, enum severity s)
{
	uint64_t more = s == SEVERITY_ERROR ? 0 : check_count(c, s + 1);

	return check_count(c, s) - more;
}

static bool seen_before(const struct check_place *const *places, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (places[j]->rule == places[i]->rule)
			return true;
	return false;
}

void summary_put(struct buf *b, const struct run_end *end, uint64_t messages, bool color)
{
	uint64_t total = end->check ? check_count(end->check, SEVERITY_NOTE) : 0;
	const struct check_place *const *places;
	size_t n;

	buf_lit(b, "*** cmsgtrace: ");
	put_n(b, messages, "message", "messages");
	buf_lit(b, " in ");
	put_n(b, end->events, "call", "calls");
	if (!total) {
		buf_lit(b, ", nothing found ***\n");
		if (end->check)
			put_skips(b, end->check);
		return;
	}
	buf_lit(b, ": ");
	put_n(b, count_of(end->check, SEVERITY_ERROR), "error", "errors");
	buf_lit(b, ", ");
	put_n(b, count_of(end->check, SEVERITY_WARNING), "warning", "warnings");
	buf_lit(b, ", ");
	put_n(b, count_of(end->check, SEVERITY_NOTE), "note", "notes");
	buf_lit(b, " ***\n");
	places = check_places(end->check, &n);
	for (size_t i = 0; i < n; i++)
		if (!seen_before(places, i))
			put_rule(b, places, n, i, color);
	put_skips(b, end->check);
	if (end->cut)
		buf_lit(b, " |  the run was cut short\n");
}
