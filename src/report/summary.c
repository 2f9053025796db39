// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a person reads at the end of a run: ids, counts, places, and what was not checked.  Pure. */
#include "config.h"

#include "report/summary.h"

#include <string.h>

#include "base/alloc.h"
#include "check/check.h"
#include "report/report.h"
#include "base/utf8.h"

void summary_safe(struct buf *b, const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t left = strlen(s);

	while (left) {
		size_t n = utf8_shown(u, left);

		if (n) {
			buf_add(b, u, n);
		} else if (*u < 0x80) {
			buf_escaped(b, u, n = 1);
		} else {
			buf_lit(b, "\\x");
			buf_hexbytes(b, u, n = 1);
		}
		u += n;
		left -= n;
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

static bool accepted(const struct check_place *p)
{
	return p->suppressed || p->known;
}

static const char *place_name(const struct check_place *p)
{
	return p->where ? p->where : "(no place known)";
}

/* To a person one line of code is one place, though a rule tells several mistakes apart there. */
static bool same_place(const struct check_place *a, const struct check_place *b)
{
	return a->rule == b->rule && !accepted(a) && !accepted(b) &&
	       !strcmp(place_name(a), place_name(b));
}

static bool listed_before(const struct check_place *const *places, size_t first, size_t i)
{
	for (size_t j = first; j < i; j++)
		if (same_place(places[j], places[i]))
			return true;
	return false;
}

static uint64_t count_at(const struct check_place *const *places, size_t n, size_t i)
{
	uint64_t count = 0;

	for (size_t j = i; j < n; j++)
		if (same_place(places[j], places[i]))
			count += places[j]->count;
	return count;
}

/* "12 times", or where a rule's findings are of several severities "9 errors, 3 notes". */
static void put_times(struct buf *b, const uint64_t by[SEVERITY_ERROR + 1], uint64_t total)
{
	const char *sep = "";

	for (int s = SEVERITY_ERROR; s >= SEVERITY_NOTE; s--) {
		if (by[s] == total) {
			put_n(b, total, "time", "times");
			return;
		}
	}
	for (int s = SEVERITY_ERROR; s >= SEVERITY_NOTE; s--) {
		if (!by[s])
			continue;
		buf_str(b, sep);
		buf_u64(b, by[s]);
		buf_char(b, ' ');
		buf_str(b, severity_name((enum severity)s));
		buf_str(b, by[s] == 1 ? "" : "s");
		sep = ", ";
	}
}

/* " |  CT101 error: … [cmsg-ignored]: 12 times at 2 places", and the places. */
static void put_rule(struct buf *b, const struct check_place *const *places, size_t n, size_t first,
		     bool color)
{
	enum { PLACES_SHOWN = 5 };
	const struct rule *r = places[first]->rule;
	enum severity worst = places[first]->severity;
	uint64_t total = 0, by[SEVERITY_ERROR + 1] = { 0 };
	size_t where = 0;

	for (size_t i = first; i < n; i++) {
		if (places[i]->rule != r || accepted(places[i]))
			continue;
		total += places[i]->count;
		by[places[i]->severity] += places[i]->count;
		where += !listed_before(places, first, i);
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
	put_times(b, by, total);
	buf_lit(b, " at ");
	put_n(b, where, "place", "places");
	buf_lit(b, ": ");
	buf_str(b, r->title);
	buf_char(b, '\n');
	where = 0;
	for (size_t i = first; i < n; i++) {
		if (places[i]->rule != r || accepted(places[i]) || listed_before(places, first, i))
			continue;
		if (where++ == PLACES_SHOWN) {
			buf_lit(b, " |      and more places\n");
			break;
		}
		buf_lit(b, " |      ");
		buf_u64(b, count_at(places, n, i));
		buf_lit(b, "x ");
		summary_safe(b, place_name(places[i]));
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

static void put_tried(struct buf *b, const struct check *check)
{
	const struct check_tried *t = check_tried(check);

	if (t->changed) {
		buf_lit(b, " |  --try-fix: ");
		put_n(b, t->changed, "message was changed", "messages were changed");
		buf_lit(b, ", for ");
		put_n(b, t->peers, "peer", "peers");
		buf_lit(b, "; then the next request was another ");
		put_n(b, t->went_on, "time", "times");
		buf_lit(b, ", the same again ");
		put_n(b, t->again, "time", "times");
		buf_char(b, '\n');
	}
	if (t->again_before) {
		buf_lit(b,
			" |  --try-fix: after a reply that was left as it was the same request came again ");
		put_n(b, t->again_before, "time", "times");
		buf_char(b, '\n');
	}
	if (t->failed) {
		buf_lit(b, " |  --try-fix: ");
		put_n(b, t->failed, "message", "messages");
		buf_lit(b, " not changed: ");
		summary_safe(b, t->why);
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
		if (places[j]->rule == places[i]->rule && !accepted(places[j]))
			return true;
	return false;
}

static void put_unlisted(struct buf *b, const struct check *check)
{
	uint64_t n = check_unlisted(check);
	size_t places;

	check_places(check, &places);
	if (!n)
		return;
	buf_lit(b, " |  ");
	put_n(b, n, "finding", "findings");
	buf_lit(b, " at places beyond the first ");
	buf_u64(b, places);
	buf_lit(b, ": counted, but not told apart, and no suppression or baseline accepts them\n");
}

/* What the user accepts is not among the findings: it is said how much that is. */
static void put_accepted(struct buf *b, const struct run_end *end)
{
	const struct check *check = end->check;
	uint64_t suppressed = 0, known = 0;
	size_t n;
	const struct check_place *const *places = check_places(check, &n);

	for (size_t i = 0; i < n; i++) {
		suppressed += places[i]->suppressed;
		known += places[i]->known;
	}
	if (end->accepted) {
		buf_lit(b, " |  what is accepted is in ");
		summary_safe(b, end->accepted);
		buf_char(b, '\n');
	}
	if (!suppressed && !known)
		return;
	buf_lit(b, " |  accepted: ");
	put_n(b, suppressed, "place", "places");
	buf_lit(b, " by suppressions, ");
	put_n(b, known, "place", "places");
	buf_lit(b, " by the baseline\n");
}

void summary_put(struct buf *b, const struct run_end *end, bool color)
{
	uint64_t total = end->check ? check_count(end->check, SEVERITY_NOTE) : 0;
	const struct check_place *const *places;
	size_t n;

	buf_lit(b, "*** cmsgtrace: ");
	put_n(b, end->messages, "message", "messages");
	buf_lit(b, " in ");
	put_n(b, end->events, "call", "calls");
	if (!total) {
		buf_lit(b, ", nothing found ***\n");
		if (end->check) {
			summary_put_socks(b, end->check);
			put_tried(b, end->check);
			put_accepted(b, end);
			put_skips(b, end->check);
		}
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
		if (!accepted(places[i]) && !seen_before(places, i))
			put_rule(b, places, n, i, color);
	put_unlisted(b, end->check);
	summary_put_socks(b, end->check);
	put_tried(b, end->check);
	put_accepted(b, end);
	put_skips(b, end->check);
	if (end->cut)
		buf_lit(b, " |  the run was cut short\n");
}

/* ---- --format=summary: that and nothing else ---- */

struct summary {
	struct report report; /* first */
	struct stream *out;
};

static void summary_end(struct report *report, const struct run_end *end)
{
	struct summary *r = (struct summary *)report;

	summary_put(&r->out->buf, end, false);
	stream_flush(r->out);
}

static void summary_free(struct report *report)
{
	alloc_free(report);
}

static const struct report_ops summary_ops = {
	.end = summary_end,
	.free = summary_free,
};

struct report *report_summary_new(struct stream *out, const struct text_opts *how)
{
	struct summary *r = alloc_zeroed(1, sizeof(*r));

	(void)how;
	r->report.ops = &summary_ops;
	r->out = out;
	return &r->report;
}
