// SPDX-License-Identifier: LGPL-2.1-or-later
/* The HTML report: gathers what the page shows while the run goes on.  Written at the end, in one piece. */
#include "config.h"

#include "report/html.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "check/convo.h"
#include "kernel/model.h"

static const char *keep(struct html *h, struct buf *b)
{
	return arena_strndup(&h->arena, b->p ? b->p : "", b->len);
}

/* ---- sockets ---- */

static const char *sock_name(struct html *h, const struct event *ev)
{
	const struct sock *s = ev->sock;
	struct buf name = { 0 }, b = { 0 };
	const char *kept;

	buf_str(&name, s ? sock_kind_name(sock_kind(s)) : "socket of unknown kind");
	if (s && (addr_is_inet(&s->local) || addr_family(&s->local) == AF_UNIX)) {
		buf_char(&name, ' ');
		addr_put(&name, &s->local);
	}
	markup_put(&b, name.p, name.len);
	kept = keep(h, &b);
	buf_free(&name);
	buf_free(&b);
	return kept;
}

static const char *process_name(struct html *h, const struct event *ev)
{
	struct buf b = { 0 };
	const char *kept;

	markup_put(&b, ev->comm, strnlen(ev->comm, sizeof(ev->comm)));
	if (ev->tgid > 0)
		buf_printf(&b, "[%d]", ev->tgid);
	kept = keep(h, &b);
	buf_free(&b);
	return kept;
}

/* NULL where the page has no room for another. */
static struct html_sock *sock_of(struct html *h, const struct event *ev)
{
	uint64_t key = convo_sock_key(ev);
	struct html_sock *s = map_get(&h->sock_map, key);

	if (s || h->nsocks == HTML_SOCKS)
		return s;
	s = arena_new(&h->arena, struct html_sock);
	s->no = ++h->nsocks;
	s->name = sock_name(h, ev);
	s->process = process_name(h, ev);
	s->fd = ev->fd;
	s->udp = sock_kind_is_udp(sock_kind(ev->sock));
	map_put(&h->sock_map, key, s);
	*h->socks_end = s;
	h->socks_end = &s->next;
	return s;
}

/* ---- messages ---- */

static struct html_row *row_new(struct html *h, struct html_sock *s)
{
	/* most sockets carry few messages: 8, 16, 32 … */
	if (s->nfirst < HTML_ROWS_FIRST) {
		if (s->nfirst == 0 || (s->nfirst >= 8 && !(s->nfirst & (s->nfirst - 1))))
			s->first = alloc_resize(s->first, (s->nfirst ? 2 * s->nfirst : 8) *
								  sizeof(*s->first));
		return &s->first[s->nfirst++];
	}
	if (!s->last)
		s->last = arena_array(&h->arena, struct html_row, HTML_ROWS_LAST);
	return &s->last[s->nlast++ % HTML_ROWS_LAST];
}

/* Was it asked there, as far as is known?  Of several addresses the peer's answer may be to any. */
static bool asked_there(const struct convo *v, const struct inet *from)
{
	for (unsigned int i = 0; i < CONVO_ASKED; i++) {
		const struct asked *a = &v->asked[i];

		if (a->local.family && (a->indirect || inet_same_host(&a->local, from)))
			return true;
	}
	return !v->asked[0].local.family;
}

static struct inet host_of(struct inet i)
{
	i.port = 0;
	return i;
}

static void link_add(struct html *h, const struct html_sock *s, const struct html_row *r)
{
	struct inet peer = host_of(r->peer), local = host_of(r->local);
	uint64_t key = hash_bytes(HASH_START, &s->no, sizeof(s->no));
	struct html_link *l;

	key = hash_bytes(hash_bytes(key, &peer, sizeof(peer)), &local, sizeof(local));
	l = map_get(&h->link_map, key);
	if (!l && h->nlinks == HTML_LINKS) {
		h->more_links++;
		return;
	}
	if (!l) {
		l = arena_new(&h->arena, struct html_link);
		l->sock = s;
		l->peer = peer;
		l->local = local;
		h->nlinks++;
		map_put(&h->link_map, key, l);
		*h->links_end = l;
		h->links_end = &l->next;
	}
	l->requests += r->what == HTML_REQUEST;
	l->replies += r->what == HTML_REPLY;
	l->wrong += r->wrong;
}

static void row_received(struct html *h, const struct event *ev, const struct msg *m,
			 struct html_row *r)
{
	const struct convo *v;

	r->peer = convo_sender(ev, m);
	r->local = convo_learn_asked(ev, m).local;
	r->local.port = 0;
	v = r->peer.family && h->check ? convo_peek(check_convos(h->check), ev, &r->peer) : NULL;
	r->what = v && !convo_ours(v) ? HTML_REQUEST : HTML_RECEIVED;
}

static void row_sent(struct html *h, const struct event *ev, const struct msg *m,
		     struct html_row *r)
{
	const struct convo_table *t = h->check ? check_convos(h->check) : NULL;
	struct addr dest = model_dest(ev, m);
	const struct convo_sock *s = t ? convo_peek_sock(t, ev) : NULL;
	const struct convo *v;

	r->what = HTML_SENT;
	r->peer = inet_of(&dest);
	if (!s || !r->peer.family)
		return;
	r->local = host_of(tally_source(&s->tally, ev, m));
	v = convo_peek(t, ev, &r->peer);
	if (!v || convo_ours(v) || r->error)
		return;
	r->what = HTML_REPLY;
	if (!r->local.family || asked_there(v, &r->local))
		return;
	r->wrong = true;
	r->asked = v->asked[0].local;
}

static void row_add(struct html *h, struct html_sock *s, const struct event *ev, uint32_t i)
{
	const struct msg *m = &ev->msg[i];
	struct html_row *r = row_new(h, s);

	memset(r, 0, sizeof(*r));
	r->ns = ev->exit_ns ? ev->exit_ns : ev->enter_ns;
	r->event = ev->no;
	r->msg = i;
	r->have_len = m->have_len;
	r->len = m->len;
	r->error = event_handled(ev, i) ? 0 : -event_error(ev);
	if (call_receives(ev->call))
		row_received(h, ev, m, r);
	else
		row_sent(h, ev, m, r);
	s->messages++;
	s->requests += r->what == HTML_REQUEST;
	s->replies += r->what == HTML_REPLY;
	s->wrong += r->wrong;
	h->wrong += r->wrong;
	if (s->udp && r->what >= HTML_REQUEST)
		link_add(h, s, r);
}

static void note_add(struct html *h, const struct event *ev)
{
	struct html_note *n;
	struct buf b = { 0 };

	if (h->nnotes++ >= HTML_NOTES)
		return;
	n = arena_new(&h->arena, struct html_note);
	markup_str(&b, ev->note ? ev->note : "");
	n->text = keep(h, &b);
	*h->notes_end = n;
	h->notes_end = &n->next;
	buf_free(&b);
}

static void html_event(struct report *report, struct event *ev, const struct ask *ask)
{
	struct html *h = (struct html *)report;
	bool receives = call_receives(ev->call);
	struct html_sock *s;

	h->ask = ask;
	if (ev->kind == EVENT_NOTE)
		note_add(h, ev);
	if (ev->kind != EVENT_CALL || ev->end != CALL_RETURNED ||
	    (!receives && !call_sends(ev->call)))
		return;
	s = sock_of(h, ev);
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		/* of a receive that brought nothing there is nothing to show */
		if (!event_handled(ev, i) && (receives || i || event_restarts(ev)))
			break;
		h->sock_messages += s != NULL;
		h->more_messages += !s;
		if (s)
			row_add(h, s, ev, i);
	}
}

/* ---- findings ---- */

/* The row of that message, where it is still there: of the last call there was. */
static struct html_row *row_find(struct html_sock *s, const struct finding *f)
{
	uint32_t msg = f->msg < 0 ? 0 : (uint32_t)f->msg;

	for (uint64_t i = s->nlast; i-- > 0 && i + HTML_ROWS_LAST >= s->nlast;) {
		struct html_row *r = &s->last[i % HTML_ROWS_LAST];

		if (r->event != f->event->no)
			break;
		if (r->msg == msg)
			return r;
	}
	for (unsigned int i = s->nfirst; i-- > 0 && s->first[i].event == f->event->no;)
		if (s->first[i].msg == msg)
			return &s->first[i];
	return NULL;
}

/* What scrolls out of the timeline's end is kept where something was found about it. */
static void row_found(struct html *h, struct html_sock *s, const struct html_finding *kept,
		      const struct finding *f)
{
	struct html_row *r = row_find(s, f);

	s->findings++;
	if (!r || r->found)
		return;
	r->found = kept;
	if (r >= s->first && r < s->first + s->nfirst)
		return;
	if (!s->found)
		s->found = arena_array(&h->arena, struct html_row, HTML_ROWS_FOUND);
	if (s->nfound < HTML_ROWS_FOUND)
		s->found[s->nfound++] = *r;
}

static void html_found(struct report *report, const struct finding *f)
{
	struct html *h = (struct html *)report;
	struct html_sock *s = NULL;
	struct html_finding *kept;

	if (h->nfindings == HTML_FINDINGS) {
		h->more_findings++;
		return;
	}
	if (f->event && f->event->kind == EVENT_CALL &&
	    (call_sends(f->event->call) || call_receives(f->event->call)))
		s = map_get(&h->sock_map, convo_sock_key(f->event));
	kept = html_finding_new(h, f, s);
	h->nfindings++;
	*h->findings_end = kept;
	h->findings_end = &kept->next;
	if (s)
		row_found(h, s, kept, f);
}

/* ---- the run ---- */

static void put_fact(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_printf(b, "<div><dt>%s</dt><dd>", name);
	markup_str(b, value);
	buf_lit(b, "</dd></div>\n");
}

static void html_start(struct report *report, const struct run_info *run)
{
	struct html *h = (struct html *)report;
	struct buf b = { 0 };

	h->check = run->check;
	h->started_ns = run->started_ns;
	buf_lit(&b, "<div class=\"wide\"><dt>Command</dt><dd><code>");
	for (int i = 0; i < run->argc; i++) {
		buf_str(&b, i ? " " : "");
		markup_str(&b, run->argv[i]);
	}
	buf_lit(&b, "</code></dd></div>\n");
	put_fact(&b, "Tool", run->tool);
	put_fact(&b, "Kernel", run->kernel);
	put_fact(&b, "Machine", run->machine);
	h->facts = keep(h, &b);
	buf_free(&b);
}

static void html_end(struct report *report, const struct run_end *end)
{
	struct html *h = (struct html *)report;

	html_page(h, end);
	stream_flush(h->out);
}

static void html_free(struct report *report)
{
	struct html *h = (struct html *)report;

	for (struct html_sock *s = h->socks; s; s = s->next)
		alloc_free(s->first);
	map_free(&h->sock_map);
	map_free(&h->link_map);
	map_free(&h->anchors);
	arena_free(&h->arena);
	alloc_free(h);
}

static const struct report_ops html_ops = {
	.start = html_start,
	.event = html_event,
	.finding = html_found,
	.end = html_end,
	.free = html_free,
};

struct report *report_html_new(struct stream *out, const struct text_opts *how)
{
	struct html *h = alloc_zeroed(1, sizeof(*h));

	h->report.ops = &html_ops;
	h->out = out;
	if (how)
		h->how = *how;
	h->socks_end = &h->socks;
	h->links_end = &h->links;
	h->findings_end = &h->findings;
	h->notes_end = &h->notes;
	return &h->report;
}
