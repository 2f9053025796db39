// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sockets of the HTML report, each with its messages in their order.  Pure. */
#include "config.h"

#include "report/html.h"

#include "report/text-names.h"

static const char *const whats[] = {
	[HTML_RECEIVED] = "received",
	[HTML_SENT] = "sent",
	[HTML_REQUEST] = "request",
	[HTML_REPLY] = "reply",
};

static void put_time(struct buf *b, uint64_t ns, uint64_t since)
{
	uint64_t us;

	if (!ns || ns < since)
		return;
	us = (ns - since) / 1000;
	buf_printf(b, "%llu.%06llu", (unsigned long long)(us / 1000000),
		   (unsigned long long)(us % 1000000));
}

/* Which of the host's addresses it is about. */
static void put_local(struct buf *b, const struct html_row *r)
{
	bool asked = r->what == HTML_REQUEST || r->what == HTML_RECEIVED;

	if (r->local.family) {
		buf_str(b, asked ? "at " : "from ");
		html_put_host(b, &r->local);
	}
	if (r->wrong) {
		buf_lit(b, " <strong>asked at ");
		html_put_host(b, &r->asked);
		buf_lit(b, "</strong>");
	}
}

static void put_outcome(struct buf *b, const struct html_row *r)
{
	const char *name = r->error ? text_errno_name(r->error) : NULL;

	if (r->error && name)
		buf_str(b, name);
	else if (r->error)
		buf_printf(b, "errno %d", r->error);
	else if (r->have_len)
		buf_u64(b, r->len);
}

static void put_row(struct buf *b, const struct html_row *r, uint64_t since)
{
	struct inet peer = r->peer;

	peer.port = 0;
	buf_printf(b, "<tr%s data-address=\"", r->wrong || r->found ? " class=\"wrong\"" : "");
	if (peer.family)
		html_put_host(b, &peer);
	buf_char(b, ' ');
	if (r->local.family)
		html_put_host(b, &r->local);
	buf_lit(b, "\"><td>");
	put_time(b, r->ns, since);
	buf_printf(b, "</td><td>%llu</td><td class=\"%s\">%s</td><td>",
		   (unsigned long long)r->event, whats[r->what], whats[r->what]);
	if (r->peer.family)
		html_put_inet(b, &r->peer, true);
	buf_lit(b, "</td><td>");
	put_local(b, r);
	buf_lit(b, "</td><td>");
	put_outcome(b, r);
	buf_lit(b, "</td><td>");
	if (r->found)
		buf_printf(b, "<a href=\"#%s\">%s</a>", r->found->anchor, r->found->rule->id);
	buf_lit(b, "</td></tr>\n");
}

static void put_gap(struct buf *b, uint64_t n)
{
	if (!n)
		return;
	buf_lit(b, "<tr class=\"gap\"><td colspan=\"7\">");
	html_put_n(b, n, "message is", "messages are");
	buf_lit(b, " counted above and not listed here</td></tr>\n");
}

/* The first, those between that something was found about, the last. */
static void put_rows(struct stream *out, const struct html_sock *s, uint64_t since)
{
	uint64_t kept = s->nlast < HTML_ROWS_LAST ? s->nlast : HTML_ROWS_LAST;
	uint64_t from = s->nlast - kept, gone = from;
	uint64_t oldest = kept ? s->last[from % HTML_ROWS_LAST].event : UINT64_MAX;

	for (unsigned int i = 0; i < s->nfirst; i++) {
		put_row(&out->buf, &s->first[i], since);
		stream_batch(out);
	}
	for (unsigned int i = 0; i < s->nfound && gone; i++) {
		if (s->found[i].event >= oldest)
			break;
		put_row(&out->buf, &s->found[i], since);
		gone--;
	}
	put_gap(&out->buf, gone);
	for (uint64_t i = from; i < s->nlast; i++) {
		put_row(&out->buf, &s->last[i % HTML_ROWS_LAST], since);
		stream_batch(out);
	}
}

static void put_counts(struct buf *b, const struct html_sock *s)
{
	if (s->requests || s->replies) {
		html_put_n(b, s->requests, "request", "requests");
		buf_lit(b, ", ");
		html_put_n(b, s->replies, "reply", "replies");
	} else {
		html_put_n(b, s->messages, "message", "messages");
	}
	if (s->wrong) {
		buf_lit(b, ", <strong>");
		html_put_n(b, s->wrong, "reply", "replies");
		buf_lit(b, " from another address than was asked</strong>");
	}
	if (s->findings) {
		buf_lit(b, ", ");
		html_put_n(b, s->findings, "finding", "findings");
	}
}

static void put_sock(struct stream *out, const struct html_sock *s, bool open, uint64_t since)
{
	struct buf *b = &out->buf;

	buf_printf(
		b,
		"<details class=\"socket\" id=\"socket-%u\" data-process=\"%s\" data-socket=\"%u\"%s>"
		"<summary><code>%s</code> <span>%s, fd %d:</span> <span class=\"counts\">",
		s->no, s->process, s->no, open ? " open" : "", s->name, s->process, s->fd);
	put_counts(b, s);
	buf_lit(b,
		"</span></summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Messages of "
		"this socket\"><table class=\"timeline\"><thead><tr><th scope=\"col\">time, s</th>"
		"<th scope=\"col\">event</th><th scope=\"col\">what</th><th scope=\"col\">peer</th>"
		"<th scope=\"col\">asked at, left from</th><th scope=\"col\">bytes</th>"
		"<th scope=\"col\">finding</th></tr></thead><tbody>\n");
	put_rows(out, s, since);
	buf_lit(b, "</tbody></table></div></details>\n");
	stream_batch(out);
}

void html_timelines(struct stream *out, const struct html *h)
{
	enum { OPEN = 3 };
	struct buf *b = &out->buf;
	uint64_t since = h->started_ns;
	unsigned int open = 0;

	if (!h->nsocks)
		return;
	for (const struct html_sock *s = h->socks; s; s = s->next)
		if (s->nfirst && s->first[0].ns && (!since || s->first[0].ns < since))
			since = s->first[0].ns;
	buf_lit(b, "<section id=\"sockets\"><h2>Sockets and their messages</h2>\n");
	for (const struct html_sock *s = h->socks; s; s = s->next) {
		bool opens = open < OPEN && (s->wrong || s->findings || h->nsocks == 1);

		open += opens;
		put_sock(out, s, opens, since);
	}
	if (h->more_messages) {
		buf_lit(b, "<p>");
		html_put_n(b, h->more_messages, "message", "messages");
		buf_printf(b, " of more sockets than these %u are not listed.</p>\n", HTML_SOCKS);
	}
	buf_lit(b, "</section>\n");
}
