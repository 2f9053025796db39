// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The HTML report as a whole: one page that needs nothing else.  Its style and script are page.css and page.js, which
 * the build makes strings of; the policy in its head lets these two run by their hashes, and nothing else.
 */
#include "config.h"

#include "report/html.h"

#include <string.h>
#include <time.h>

#include "check/check.h"
#include "check/explain.h"
#include "src/report/page.inc" /* page_style, page_script and their hashes: made of page.css and page.js */

void html_put_n(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_u64(b, n);
	buf_char(b, ' ');
	buf_str(b, n == 1 ? one : many);
}

void html_put_inet(struct buf *b, const struct inet *i, bool port)
{
	struct addr a = inet_addr_of(i);
	struct buf t = { 0 };

	if (!i->family) {
		buf_char(b, '?');
		return;
	}
	(port ? addr_put : addr_put_host)(&t, &a);
	markup_put(b, t.p, t.len);
	buf_free(&t);
}

void html_put_host(struct buf *b, const struct inet *i)
{
	html_put_inet(b, i, false);
}

void html_put_text(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));

		markup_put(b, p, (size_t)((tab ? tab : end) - p));
		buf_str(b, tab ? "    " : "");
		p = tab ? tab + 1 : end;
	}
}

static uint64_t count_of(const struct check *c, enum severity s)
{
	return check_count(c, s) - (s == SEVERITY_ERROR ? 0 : check_count(c, s + 1));
}

/* "2 errors, 1 warning": what the page says first. */
static void put_verdict(struct buf *b, const struct check *c)
{
	static const char *const words[][2] = {
		[SEVERITY_NOTE] = { "note", "notes" },
		[SEVERITY_WARNING] = { "warning", "warnings" },
		[SEVERITY_ERROR] = { "error", "errors" },
	};
	const char *sep = "";

	for (int s = SEVERITY_ERROR; c && s >= SEVERITY_NOTE; s--) {
		uint64_t n = count_of(c, (enum severity)s);

		if (!n)
			continue;
		buf_printf(b, "%s<span class=\"%s\">", sep, severity_name((enum severity)s));
		html_put_n(b, n, words[s][0], words[s][1]);
		buf_lit(b, "</span>");
		sep = ", ";
	}
	if (!*sep)
		buf_lit(b, "No findings");
}

static void put_started(struct buf *b, uint64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;
	char text[32];

	if (ns && gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		buf_printf(b, "<div><dt>Started</dt><dd>%s</dd></div>\n", text);
}

static void put_head(struct buf *b)
{
	buf_lit(b,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" PAGE_STYLE_HASH
		"'; script-src 'sha256-" PAGE_SCRIPT_HASH
		"'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<title>cmsgtrace report</title>\n<style>");
	buf_str(b, page_style);
	buf_lit(b,
		"</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">To the findings</a>\n");
}

static void put_run(struct buf *b, const struct html *h, const struct run_end *end)
{
	buf_lit(b, "<header>\n<p class=\"tool\">cmsgtrace report</p>\n<h1>");
	put_verdict(b, end->check);
	buf_lit(b, "</h1>\n<dl class=\"facts\">\n");
	buf_str(b, h->facts ? h->facts : "");
	buf_printf(b, "<div><dt>Engine</dt><dd>%s</dd></div>\n",
		   end->engine ? end->engine : "none: read from a file");
	put_started(b, h->started_ns);
	buf_lit(b, "<div><dt>Seen</dt><dd>");
	html_put_n(b, end->events, "call", "calls");
	buf_lit(b, ", ");
	html_put_n(b, end->messages, "message", "messages");
	buf_lit(b, "</dd></div>\n");
	buf_printf(b, "<div><dt>Exit status</dt><dd>%d</dd></div>\n", end->exit);
	if (end->accepted) {
		buf_lit(b, "<div><dt>Accepted in</dt><dd>");
		markup_str(b, end->accepted);
		buf_lit(b, "</dd></div>\n");
	}
	buf_lit(b, "</dl>\n");
	if (end->cut)
		buf_lit(b, "<p class=\"lost\">The run was ended early: there may be more.</p>\n");
	if (h->nnotes) {
		buf_lit(b, "<ul class=\"lost\">\n");
		for (const struct html_note *n = h->notes; n; n = n->next)
			buf_printf(b, "<li>%s</li>\n", n->text);
		if (h->nnotes > HTML_NOTES)
			buf_printf(b, "<li>%u more notes of this kind</li>\n",
				   h->nnotes - HTML_NOTES);
		buf_lit(b, "</ul>\n");
	}
	buf_lit(b, "</header>\n");
}

/* The finding at a place, for a link; NULL: it has none of its own. */
static const struct html_finding *finding_at(const struct html *h, const struct check_place *p)
{
	for (const struct html_finding *f = h->findings; f; f = f->next)
		if (f->at == p)
			return f;
	return NULL;
}

static void put_place_row(struct buf *b, const struct html *h, const struct check_place *p)
{
	const struct html_finding *f = finding_at(h, p);
	const char *where = p->where ? p->where : "no place known";

	buf_printf(
		b,
		"<tr%s data-rule=\"%s\"><td class=\"%s\">%s</td><td><a href=\"#%s\">%s</a> %s</td><td>%llu</td><td>",
		p->suppressed || p->known ? " class=\"accepted\"" : "", p->rule->id,
		severity_name(p->severity), severity_name(p->severity), p->rule->id, p->rule->id,
		p->rule->name, (unsigned long long)p->count);
	if (f)
		buf_printf(b, "<a href=\"#%s\">", f->anchor);
	markup_str(b, where);
	buf_str(b, f ? "</a>" : "");
	if (p->suppressed || p->known)
		buf_str(b, p->known ? " (in the baseline)" : " (accepted)");
	buf_lit(b, "</td></tr>\n");
}

static void put_places(struct buf *b, const struct html *h, const struct check *c)
{
	enum { PLACES = 200 };
	const struct check_place *const *places;
	size_t n = 0;

	places = c ? check_places(c, &n) : NULL;
	if (!n)
		return;
	buf_lit(b,
		"<section id=\"summary\"><h2>Findings by rule and place</h2>\n<div class=\"scroll\" tabindex=\"0\" "
		"role=\"region\" aria-label=\"Findings by rule and place\"><table><thead><tr><th scope=\"col\">level</th>"
		"<th scope=\"col\">rule</th><th scope=\"col\">times</th><th scope=\"col\">place</th></tr></thead>"
		"<tbody>\n");
	for (size_t i = 0; i < n && i < PLACES; i++)
		put_place_row(b, h, places[i]);
	buf_lit(b, "</tbody></table></div>\n");
	if (n > PLACES || check_unlisted(c))
		buf_printf(
			b,
			"<p class=\"legend\">%llu more places, and %llu findings at places that were not told "
			"apart, are not listed here.</p>\n",
			(unsigned long long)(n > PLACES ? n - PLACES : 0),
			(unsigned long long)check_unlisted(c));
	buf_lit(b, "</section>\n");
}

static void put_skips(struct buf *b, const struct check *c)
{
	size_t n = 0;
	const struct check_skip *skips = c ? check_skips(c, &n) : NULL;

	if (!n)
		return;
	buf_lit(b,
		"<section id=\"skipped\"><h2>Not checked</h2>\n<p>These rules would have had to guess.</p>\n<ul>\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "<li>%s %s, ", skips[i].rule->id, skips[i].rule->name);
		html_put_n(b, skips[i].count, "time", "times");
		buf_lit(b, ": ");
		markup_str(b, skips[i].reason);
		buf_lit(b, "</li>\n");
	}
	buf_lit(b, "</ul></section>\n");
}

static void put_finding(struct buf *b, const struct html_finding *f)
{
	uint64_t count = f->at ? f->at->count : 1;

	buf_printf(b,
		   "<article class=\"finding%s\" id=\"%s\"%s>\n<h4><span class=\"%s\">%s</span> %s",
		   f->accepted ? " accepted" : "", f->anchor, f->attrs, severity_name(f->severity),
		   severity_name(f->severity), f->head);
	buf_printf(
		b,
		" <a class=\"anchor\" href=\"#%s\" aria-label=\"Link to this finding\">#</a></h4>\n",
		f->anchor);
	if (count > 1)
		buf_printf(b,
			   "<p class=\"times\">%llu times at this place; the first is shown.</p>\n",
			   (unsigned long long)count);
	if (f->accepted)
		buf_printf(b, "<p class=\"times\">Accepted: %s</p>\n", f->accepted);
	buf_str(b, f->body);
	buf_lit(b, "</article>\n");
}

/* Those of a rule behind the first of all, a line each: a browser lays them out when they are unfolded. */
static void put_lines(struct stream *out, const struct html *h, const struct rule *r)
{
	struct buf *b = &out->buf;
	const struct html_finding *f;
	unsigned int n = 0;

	for (f = h->findings; f; f = f->next)
		n += f->line && f->rule == r;
	if (!n)
		return;
	buf_lit(b, "<details class=\"lines\"><summary>");
	html_put_n(b, n, "more finding", "more findings");
	buf_printf(
		b,
		" of %s, a line each</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"More "
		"findings of %s\"><table><thead><tr><th scope=\"col\">level</th><th scope=\"col\">what</th>"
		"<th scope=\"col\">times</th><th scope=\"col\">place</th></tr></thead><tbody>\n",
		r->id, r->id);
	for (f = h->findings; f; f = f->next) {
		if (!f->line || f->rule != r)
			continue;
		buf_printf(b, "<tr class=\"finding%s\" id=\"%s\"%s><td class=\"%s\">%s</td><td>%s",
			   f->accepted ? " accepted" : "", f->anchor, f->attrs,
			   severity_name(f->severity), severity_name(f->severity), f->head);
		if (f->accepted)
			buf_printf(b, " (accepted: %s)", f->accepted);
		buf_printf(b, "</td><td>%llu</td><td>%s</td></tr>\n",
			   (unsigned long long)(f->at ? f->at->count : 1), f->body);
		stream_batch(out);
	}
	buf_lit(b, "</tbody></table></div></details>\n");
}

static void put_rule(struct stream *out, const struct html *h, const struct rule *r)
{
	struct buf *b = &out->buf, text = { 0 };

	buf_printf(
		b,
		"<section class=\"rule\" id=\"%s\" data-rule=\"%s\"><h3>%s <span class=\"name\">%s</span></h3>\n<p>",
		r->id, r->id, r->id, r->name);
	markup_str(b, r->title);
	buf_lit(b, "</p>\n");
	if (r->remedy) {
		buf_lit(b, "<div class=\"remedy\"><h4>What to do</h4><pre>");
		html_put_text(b, r->remedy, strlen(r->remedy));
		buf_lit(b, "</pre></div>\n");
	}
	buf_printf(b, "<details class=\"explain\"><summary>cmsgtrace --explain=%s</summary><pre>",
		   r->id);
	explain_rule(&text, r);
	html_put_text(b, text.p, text.len);
	buf_lit(b, "</pre></details>\n");
	buf_free(&text);
	for (const struct html_finding *f = h->findings; f; f = f->next) {
		if (f->rule != r || f->line)
			continue;
		put_finding(b, f);
		stream_batch(out);
	}
	put_lines(out, h, r);
	buf_lit(b, "</section>\n");
}

/* By rule, those with the worst findings first. */
static void put_findings(struct stream *out, const struct html *h)
{
	struct buf *b = &out->buf;

	buf_lit(b, "<section id=\"findings\" tabindex=\"-1\"><h2>Findings</h2>\n");
	if (!h->findings)
		buf_lit(b,
			"<p>None: every control message did what it was sent for, as far as the rules can tell.</p>\n");
	for (int s = SEVERITY_ERROR; s >= SEVERITY_NOTE; s--) {
		for (unsigned int i = 0; rules[i]; i++) {
			const struct html_finding *f = h->findings;
			int worst = -1;

			for (; f; f = f->next)
				if (f->rule == rules[i] && (int)f->severity > worst)
					worst = (int)f->severity;
			if (worst == s)
				put_rule(out, h, rules[i]);
		}
	}
	if (h->nfindings > HTML_EVIDENCE)
		buf_printf(
			b,
			"<p class=\"legend\">The first %u findings are shown with their messages and bytes, the "
			"others in a line each.</p>\n",
			HTML_EVIDENCE);
	if (h->more_findings) {
		buf_lit(b, "<p class=\"legend\">");
		html_put_n(b, h->more_findings, "more finding is", "more findings are");
		buf_printf(b, " not shown: the page holds %u.</p>\n", HTML_FINDINGS);
	}
	buf_lit(b, "</section>\n");
}

void html_page(struct html *h, const struct run_end *end)
{
	struct stream *out = h->out;
	struct buf *b = &out->buf;

	put_head(b);
	put_run(b, h, end);
	buf_lit(b, "<form id=\"filter\" hidden aria-label=\"Filter\"></form>\n<main>\n");
	put_places(b, h, end->check);
	html_graph(b, h);
	put_findings(out, h);
	html_timelines(out, h);
	put_skips(b, end->check);
	buf_lit(b, "</main>\n<script>");
	buf_str(b, page_script);
	buf_lit(b, "</script>\n</body>\n</html>\n");
}
