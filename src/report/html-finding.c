// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A finding in the HTML report: what it says, where, and the evidence: the message as a table beside its control
 * buffer's bytes.  Pure.
 */
#include "config.h"

#include "report/html.h"

#include <string.h>

#include "base/hash.h"
#include "check/place.h"
#include "cmsg/cmsg.h"
#include "cmsg/verdict.h"
#include "event/names.h"
#include "kernel/model.h"
#include "report/fields-text.h"
#include "report/text-impl.h"

enum { BYTES_A_LINE = 16, STRACE_LINE = 4096 };

/* Bytes of a control buffer that a finding speaks of: a header and payload, and the member at fault. */
struct fault {
	uint32_t from, to;  /* the control message; to 0: none */
	uint32_t mark, end; /* within it */
	const char *member;
};

struct evidence {
	struct buf *b;
	const struct html *h;
	struct event *ev;
	const struct msg *m;
	const struct hdr *hdr; /* of the moment that counts */
	int cmsg;
	struct fault fault;
};

static struct text_ctx text_of(const struct evidence *e, struct buf *to)
{
	return (struct text_ctx){
		.b = to,
		.ev = e->ev,
		.ask = e->h->ask,
		.strsize = e->h->how.strsize ? e->h->how.strsize : 32,
		.verbose = true,
		.paths = e->h->how.paths,
	};
}

/* ---- which bytes ---- */

static void fault_member(struct fault *f, const struct cmsg *c, const struct abi *abi,
			 const struct verdict *v)
{
	enum { LEN, LEVEL, TYPE, DATA } at = DATA;
	static const char *const names[] = { "cmsg_len", "cmsg_level", "cmsg_type", "cmsg_data" };
	uint32_t word = abi->word, begins[] = { 0, word, word + 4, cmsg_hdr_size(abi) };
	uint32_t ends[] = { word, word + 4, word + 8, f->to - f->from };

	if (c->faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND))
		at = LEN;
	else if (v && v->what == VERDICT_IGNORE &&
		 (v->ignored == WHY_LEVEL || v->ignored == WHY_FAMILY ||
		  v->ignored == WHY_NO_PARSER))
		at = LEVEL;
	else if (v && v->what == VERDICT_REJECT)
		at = v->check == CHECK_TYPE                             ? TYPE
		     : v->check == CHECK_SIZE || v->check == CHECK_LIST ? LEN
									: DATA;
	if (ends[at] <= begins[at]) /* no payload, or a header that is cut */
		at = LEN;
	f->member = names[at];
	f->mark = f->from + begins[at];
	f->end = f->from + ends[at];
}

static struct fault fault_of(const struct evidence *e)
{
	struct fault f = { 0 };
	const struct msg *m = e->m;
	uint64_t end;

	if (e->cmsg >= 0 && (uint32_t)e->cmsg < m->ncmsg) {
		const struct cmsg *c = &m->cmsg[e->cmsg];

		end = c->offset +
		      (c->len > cmsg_hdr_size(e->ev->abi) ? c->len : cmsg_hdr_size(e->ev->abi));
		f.from = c->offset;
		f.to = end > e->hdr->control.len ? (uint32_t)e->hdr->control.len : (uint32_t)end;
		fault_member(&f, c, e->ev->abi, m->verdict ? &m->verdict[e->cmsg] : NULL);
	} else if (m->tail_len) {
		f.from = f.mark = m->tail_off;
		f.to = f.end = m->tail_off + m->tail_len;
		f.member = "bytes that belong to no header";
	}
	return f;
}

/* ---- bytes ---- */

enum shade { PLAIN, CONCERNED, FAULTY, UNKNOWN };

static enum shade shade_of(const struct evidence *e, uint32_t i)
{
	const struct fault *f = &e->fault;

	for (uint32_t k = 0; k < e->hdr->nholes; k++)
		if (i >= e->hdr->holes[k].off && i - e->hdr->holes[k].off < e->hdr->holes[k].len)
			return UNKNOWN;
	if (i >= f->mark && i < f->end)
		return FAULTY;
	return i >= f->from && i < f->to ? CONCERNED : PLAIN;
}

static void put_shade(struct buf *b, enum shade s, bool begins)
{
	static const char *const on[] = { "", "<i>", "<mark>", "<s>" };
	static const char *const off[] = { "", "</i>", "</mark>", "</s>" };

	buf_str(b, (begins ? on : off)[s]);
}

static void put_byte(struct buf *b, unsigned char c, enum shade s, bool as_text)
{
	const char text = c > ' ' && c < 0x7f ? (char)c : '.';

	if (as_text)
		markup_put(b, s == UNKNOWN ? "?" : &text, 1);
	else if (s == UNKNOWN)
		buf_lit(b, "??");
	else
		buf_hexbytes(b, &c, 1);
}

/* The bytes of one line, or their characters; runs of one shade are one element. */
static void put_line(const struct evidence *e, uint32_t from, uint32_t to, bool as_text)
{
	const unsigned char *p = e->hdr->control.p;
	enum shade now = PLAIN;

	for (uint32_t i = from; i < to; i++) {
		enum shade s = shade_of(e, i);

		if (s != now)
			put_shade(e->b, now, false);
		if (i > from && !as_text)
			buf_str(e->b, i % 8 ? " " : "  ");
		if (s != now)
			put_shade(e->b, s, true);
		now = s;
		put_byte(e->b, p[i], s, as_text);
	}
	put_shade(e->b, now, false);
}

static void put_hex(const struct evidence *e)
{
	const struct bytes *c = &e->hdr->control;
	uint32_t len = c->len > UINT32_MAX ? UINT32_MAX : (uint32_t)c->len, from = 0, to = len;
	struct buf *b = e->b;

	if (!c->p || !len)
		return;
	if (e->fault.from >= HTML_CONTROL / 2)
		from = (e->fault.from - HTML_CONTROL / 4) & ~(uint32_t)(BYTES_A_LINE - 1);
	if (to - from > HTML_CONTROL)
		to = from + HTML_CONTROL;
	buf_lit(b,
		"<div class=\"bytes\"><h5>Control buffer</h5>\n<pre class=\"hex\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Bytes of the control buffer\">");
	for (uint32_t i = from; i < to; i += BYTES_A_LINE) {
		uint32_t end = to - i < BYTES_A_LINE ? to : i + BYTES_A_LINE;

		buf_printf(b, "<span class=\"off\">%04x</span>  ", i);
		put_line(e, i, end, false);
		buf_pad(b, ' ', (BYTES_A_LINE - (end - i)) * 3 + (end - i <= 8) + 2);
		put_line(e, i, end, true);
		buf_char(b, '\n');
	}
	buf_lit(b, "</pre>\n");
	if (e->fault.to)
		buf_printf(b, "<p class=\"legend\"><mark>marked</mark> %s, bytes %u to %u</p>\n",
			   e->fault.member, e->fault.mark, e->fault.end - 1);
	if (from || to < len || c->len < c->claimed)
		buf_printf(b, "<p class=\"legend\">bytes %u to %u of %llu are shown</p>\n", from,
			   to - 1, (unsigned long long)c->claimed);
	buf_lit(b, "</div>\n");
}

/* ---- the message as a table ---- */

/* text, escaped, as the value of a row. */
static void put_row(struct buf *b, const char *name, const struct buf *text)
{
	if (!text->len)
		return;
	buf_printf(b, "<tr><th scope=\"row\">%s</th><td>", name);
	markup_put(b, text->p, text->len);
	buf_lit(b, "</td></tr>\n");
}

static void put_addr_row(struct buf *b, const char *name, const struct addr *a, bool port)
{
	struct buf t = { 0 };

	if (!a->len)
		return;
	if (port)
		addr_put(&t, a);
	else
		addr_put_host(&t, a);
	put_row(b, name, &t);
	buf_free(&t);
}

static void put_call_rows(const struct evidence *e, const struct html_sock *sock)
{
	const struct event *ev = e->ev;
	struct buf t = { 0 };

	buf_printf(&t, "%s", ev->name ? ev->name : call_rows[ev->call].name);
	if (ev->no)
		buf_printf(&t, ", event %llu", (unsigned long long)ev->no);
	if (ev->nmsg > 1)
		buf_printf(&t, ", message %u of %u", (unsigned int)(e->m - ev->msg), ev->nmsg);
	put_row(e->b, "call", &t);
	buf_clear(&t);
	if (sock)
		buf_printf(e->b,
			   "<tr><th scope=\"row\">socket</th><td><a href=\"#socket-%u\">%s</a>, fd "
			   "%d</td></tr>\n",
			   sock->no, sock->name, ev->fd);
	if (e->hdr->flags || ev->flags) {
		names_put_flags(&t, &names_msg_flags, ev->flags | e->hdr->flags);
		put_row(e->b, "flags", &t);
		buf_clear(&t);
	}
	if (ev->end == CALL_RETURNED) {
		struct text_ctx x = text_of(e, &t);

		text_call_result(&x);
		put_row(e->b, "returned", &t);
	}
	buf_free(&t);
}

static void put_message(const struct evidence *e, const struct finding *f,
			const struct html_sock *sock)
{
	struct addr peer = call_sends(e->ev->call) ? model_dest(e->ev, e->m)
						   : addr_of(e->m->out.name.p, e->m->out.name.len);
	struct buf *b = e->b;

	buf_lit(b, "<table class=\"fields\"><caption>Message</caption>\n");
	put_call_rows(e, sock);
	put_addr_row(b, call_sends(e->ev->call) ? "to" : "from", &peer, true);
	put_addr_row(b, "asked at", &f->asked, false);
	put_addr_row(b, "leaves from", &f->from, false);
	buf_lit(b, "</table>\n");
}

static void put_verdict(struct buf *b, const struct verdict *v)
{
	static const char *const what[] = {
		[VERDICT_UNKNOWN] = "not known",
		[VERDICT_ACCEPT] = "takes it",
		[VERDICT_IGNORE] = "ignores it",
		[VERDICT_REJECT] = "refuses it",
		[VERDICT_NOT_REACHED] = "never gets there",
	};

	buf_str(b, what[v->what]);
	if (v->why) {
		buf_lit(b, ": ");
		markup_str(b, v->why);
	}
}

static void put_cmsg(const struct evidence *e, uint32_t i)
{
	const struct cmsg *c = &e->m->cmsg[i];
	const char *level = cmsg_level_name_on(c->level, sock_kind(e->ev->sock));
	struct buf t = { 0 }, *b = e->b;
	struct text_ctx x = text_of(e, &t);
	struct text_fields fields;

	buf_printf(b, "<tr%s><th scope=\"row\">%u</th><td>",
		   (int)i == e->cmsg ? " class=\"fault\"" : "", i);
	if (level)
		buf_str(b, level);
	else
		buf_s64(b, c->level);
	buf_lit(b, "</td><td>");
	if (c->row)
		buf_str(b, c->row->name);
	else
		buf_s64(b, c->type);
	buf_printf(b, "</td><td>%llu</td><td>", (unsigned long long)c->len);
	text_fields_init(&fields, &x);
	cmsg_emit(&fields.emit, c);
	text_fields_end(&fields);
	markup_put(b, t.p, t.len);
	buf_lit(b, "</td><td>");
	if (e->m->verdict)
		put_verdict(b, &e->m->verdict[i]);
	buf_lit(b, "</td></tr>\n");
	buf_free(&t);
}

static void put_cmsgs(const struct evidence *e)
{
	enum { SHOWN = 32 };
	struct buf *b = e->b;

	if (!e->m->ncmsg)
		return;
	buf_printf(
		b,
		"<table class=\"cmsgs\"><caption>Control messages</caption>\n<thead><tr><th scope=\"col\">#"
		"</th><th scope=\"col\">level</th><th scope=\"col\">type</th><th scope=\"col\">len</th>"
		"<th scope=\"col\">data</th><th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
		e->m->verdict ? "the kernel" : "");
	for (uint32_t i = 0; i < e->m->ncmsg; i++) {
		if (i < SHOWN || (int)i == e->cmsg)
			put_cmsg(e, i);
	}
	buf_lit(b, "</tbody></table>\n");
	if (e->m->ncmsg > SHOWN)
		buf_printf(b, "<p class=\"legend\">the first %u of %u are shown</p>\n", SHOWN,
			   e->m->ncmsg);
}

static void put_strace(const struct evidence *e)
{
	struct buf t = { 0 };
	struct text_ctx x = text_of(e, &t);

	x.verbose = e->h->how.verbose;
	text_call_begin(&x);
	if (text_call_has_rest(e->ev))
		text_call_rest(&x);
	buf_lit(&t, ") = ");
	text_call_result(&x);
	buf_lit(e->b,
		"<details><summary>The call as strace prints it</summary><pre class=\"line\">");
	markup_put(e->b, t.p, t.len < STRACE_LINE ? t.len : STRACE_LINE);
	buf_str(e->b, t.len > STRACE_LINE ? "…</pre></details>\n" : "</pre></details>\n");
	buf_free(&t);
}

static void put_evidence(const struct html *h, struct buf *b, const struct finding *f,
			 const struct html_sock *sock)
{
	struct evidence e = { .b = b, .h = h, .ev = f->event, .cmsg = f->cmsg };
	struct event *ev = f->event;

	if (!ev || ev->kind != EVENT_CALL || ev->end != CALL_RETURNED ||
	    (!call_sends(ev->call) && !call_receives(ev->call)) || !ev->nmsg ||
	    f->msg >= (int)ev->nmsg)
		return;
	e.m = &ev->msg[f->msg < 0 ? 0 : f->msg];
	e.hdr = call_receives(ev->call) && e.m->out.have ? &e.m->out : &e.m->in;
	e.fault = fault_of(&e);
	buf_lit(b, "<div class=\"evidence\"><div>\n");
	put_message(&e, f, sock);
	buf_lit(b, "</div>\n");
	put_hex(&e);
	buf_lit(b, "</div>\n");
	put_cmsgs(&e);
	put_strace(&e);
}

/* ---- the finding ---- */

/* "meant: …", "so …" and the like begin with what they say. */
static void put_note(struct buf *b, const char *note)
{
	size_t word = strspn(note, "abcdefghijklmnopqrstuvwxyz");
	bool colon = word && word <= 12 && note[word] == ':' && note[word + 1] == ' ';

	if (colon || !strncmp(note, "so ", 3) || !strncmp(note, "at ", 3)) {
		buf_lit(b, "<div><dt>");
		markup_put(b, note, word);
		buf_lit(b, "</dt><dd>");
		markup_str(b, note + word + (colon ? 2 : 1));
	} else {
		buf_lit(b, "<div><dt></dt><dd>");
		markup_str(b, note);
	}
	buf_lit(b, "</dd></div>\n");
}

static void put_source(const struct html *h, struct buf *b, const struct frame *place)
{
	struct buf text = { 0 };
	uint32_t no;

	if (place->file && place->line && h->how.source &&
	    h->how.source(place->file, place->line, &text, &no)) {
		const char *p = buf_cstr(&text), *end = p + text.len;

		buf_lit(b,
			"<pre class=\"source\" tabindex=\"0\" role=\"region\" aria-label=\"Source lines\">");
		for (; p < end; no++) {
			const char *nl = memchr(p, '\n', (size_t)(end - p));
			const char *stop = nl ? nl : end;

			buf_printf(b, "%s<span class=\"off\">%5u</span>  ",
				   no == place->line ? "<mark>" : "", no);
			html_put_text(b, p, (size_t)(stop - p));
			buf_str(b, no == place->line ? "</mark>\n" : "\n");
			p = stop + 1;
		}
		buf_lit(b, "</pre>\n");
	}
	buf_free(&text);
}

static void put_place(struct buf *b, const struct finding *f)
{
	const struct frame *p = f->place;
	struct buf t = { 0 };

	if (!p)
		return;
	if (p->file && p->function) {
		buf_add(&t, p->function, place_function_len(p->function));
		buf_lit(&t, "  ");
		buf_str(&t, p->file);
		buf_printf(&t, ":%u", p->line);
	} else {
		place_put(&t, p);
	}
	markup_put(b, t.p, t.len);
	buf_free(&t);
}

static const char *keep(struct html *h, struct buf *b)
{
	const char *kept = arena_strndup(&h->arena, b->p ? b->p : "", b->len);

	buf_free(b);
	return kept;
}

/* What filters look at: rule, process, socket, addresses. */
static const char *attrs_of(struct html *h, const struct finding *f, const struct html_sock *sock)
{
	struct addr peer = { 0 };
	struct buf b = { 0 };

	buf_printf(&b, " data-rule=\"%s\"", f->rule->id);
	if (sock)
		buf_printf(&b, " data-process=\"%s\" data-socket=\"%u\"", sock->process, sock->no);
	if (f->event && f->msg >= 0 && call_sends(f->event->call) &&
	    (uint32_t)f->msg < f->event->nmsg)
		peer = model_dest(f->event, &f->event->msg[f->msg]);
	buf_lit(&b, " data-address=\"");
	for (int i = 0; i < 3; i++) {
		struct inet host = inet_of(i == 0 ? &f->asked : i == 1 ? &f->from : &peer);

		if (!host.family)
			continue;
		html_put_host(&b, &host);
		buf_char(&b, ' ');
	}
	buf_char(&b, '"');
	return keep(h, &b);
}

/* By its fingerprint, which stays the same from run to run; a second one of the same says so. */
static const char *anchor_of(struct html *h, const struct finding *f)
{
	uint64_t key = hash_bytes(HASH_START, f->rule->id, strlen(f->rule->id));
	uintptr_t n;

	key = hash_bytes(key, f->fingerprint, strlen(f->fingerprint));
	n = (uintptr_t)map_get(&h->anchors, key) + 1;
	map_put(&h->anchors, key, (void *)n);
	if (n == 1)
		return arena_printf(&h->arena, "%s-%s", f->rule->id, f->fingerprint);
	return arena_printf(&h->arena, "%s-%s-%lu", f->rule->id, f->fingerprint, (unsigned long)n);
}

struct html_finding *html_finding_new(struct html *h, const struct finding *f,
				      const struct html_sock *sock)
{
	struct html_finding *k = arena_new(&h->arena, struct html_finding);
	struct buf b = { 0 };

	k->rule = f->rule;
	k->severity = f->severity;
	k->at = f->at;
	k->anchor = anchor_of(h, f);
	k->attrs = attrs_of(h, f, sock);
	markup_str(&b, f->message);
	k->head = keep(h, &b);
	if (f->suppressed || f->known) {
		markup_str(&b, f->suppressed ? f->suppressed : "in the baseline");
		k->accepted = keep(h, &b);
	}
	k->line = h->nfindings >= HTML_EVIDENCE;
	if (k->line) {
		put_place(&b, f);
	} else {
		buf_lit(&b, "<dl class=\"notes\">\n");
		for (unsigned int i = 0; i < f->nnotes; i++)
			put_note(&b, f->notes[i]);
		if (f->place) {
			buf_lit(&b, "<div><dt>at</dt><dd>");
			put_place(&b, f);
			buf_lit(&b, "</dd></div>\n");
		}
		buf_lit(&b, "</dl>\n");
		if (f->place)
			put_source(h, &b, f->place);
		put_evidence(h, &b, f, sock);
	}
	k->body = keep(h, &b);
	return k;
}
