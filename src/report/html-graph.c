// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The picture of the HTML report: clients on the left, the host's addresses on the right, what was asked and what
 * was answered as lines between them.  A reply from an address that was not asked is red and dashed.  Pure.
 */
#include "config.h"

#include "report/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

enum {
	SHOWN = 12, /* clients, and addresses; more are one row */
	WIDTH = 960,
	LEFT = 300, /* where lines begin and end */
	RIGHT = 620,
	TOP = 44,
	ROW = 46,
};

/* A row of the picture on either side. */
struct end {
	const struct html_sock *sock; /* NULL: a client */
	struct inet host;
	uint64_t requests, replies, wrong;
};

struct side {
	struct end v[SHOWN + 1]; /* the last: all others */
	unsigned int n;
	uint64_t others; /* how many the last stands for */
};

static bool same_end(const struct end *e, const struct html_sock *sock, const struct inet *host)
{
	return e->sock == sock && !memcmp(&e->host, host, sizeof(*host));
}

static int by_weight(const void *a, const void *b)
{
	const struct end *x = a, *y = b;
	uint64_t m = x->requests + x->replies, n = y->requests + y->replies;

	if (x->wrong != y->wrong)
		return x->wrong > y->wrong ? -1 : 1;
	return m > n ? -1 : m < n;
}

/* All ends of one side, heaviest first: wrong replies, then messages.  The caller frees them. */
static struct end *ends_of(const struct html *h, bool clients, unsigned int *n)
{
	struct end *v = alloc_zeroed(h->nlinks ? h->nlinks : 1, sizeof(*v));
	struct map seen = { 0 };

	*n = 0;
	for (const struct html_link *l = h->links; l; l = l->next) {
		const struct inet *host = clients ? &l->peer : &l->local;
		uint64_t key = hash_bytes(HASH_START, host, sizeof(*host));
		struct end *e;

		if (!clients)
			key = hash_bytes(key, &l->sock->no, sizeof(l->sock->no));
		e = map_get(&seen, key);
		if (!e) {
			e = &v[(*n)++];
			e->sock = clients ? NULL : l->sock;
			e->host = *host;
			map_put(&seen, key, e);
		}
		e->requests += l->requests;
		e->replies += l->replies;
		e->wrong += l->wrong;
	}
	map_free(&seen);
	qsort(v, *n, sizeof(*v), by_weight);
	return v;
}

static int by_place(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->sock && y->sock && x->sock->no != y->sock->no)
		return x->sock->no < y->sock->no ? -1 : 1;
	return memcmp(&x->host, &y->host, sizeof(x->host));
}

static struct side side_of(const struct html *h, bool clients)
{
	unsigned int n;
	struct end *v = ends_of(h, clients, &n);
	struct side s = { .n = n < SHOWN ? n : SHOWN };

	memcpy(s.v, v, s.n * sizeof(*v));
	qsort(s.v, s.n, sizeof(*v), by_place);
	for (unsigned int i = s.n; i < n; i++) {
		s.v[s.n].requests += v[i].requests;
		s.v[s.n].replies += v[i].replies;
		s.v[s.n].wrong += v[i].wrong;
		s.others++;
	}
	s.n += s.others != 0;
	alloc_free(v);
	return s;
}

static unsigned int row_of(const struct side *s, const struct html_sock *sock,
			   const struct inet *host)
{
	for (unsigned int i = 0; i < s->n - (s->others != 0); i++)
		if (same_end(&s->v[i], sock, host))
			return i;
	return s->n - 1;
}

static unsigned int height(unsigned int rows)
{
	return TOP + rows * ROW;
}

/* Rows of the shorter side stand in its middle. */
static unsigned int y_of(const struct side *s, unsigned int rows, unsigned int i)
{
	return TOP + (rows - s->n) * ROW / 2 + i * ROW + ROW / 2;
}

static void put_label(struct buf *b, const struct side *s, unsigned int i, unsigned int y)
{
	const struct end *e = &s->v[i];
	bool client = !s->v[0].sock, rest = s->others && i == s->n - 1;
	const char *anchor = client ? " text-anchor=\"end\"" : "";
	unsigned int x = client ? LEFT - 12 : RIGHT + 12;

	buf_printf(b, "<g><text class=\"host\" x=\"%u\" y=\"%u\"%s>", x, y - 2, anchor);
	if (rest)
		html_put_n(b, s->others, client ? "more client" : "more address",
			   client ? "more clients" : "more addresses");
	else if (e->host.family)
		html_put_host(b, &e->host);
	else
		buf_lit(b, "address not known");
	buf_printf(b, "</text><text class=\"what\" x=\"%u\" y=\"%u\"%s>", x, y + 14, anchor);
	buf_printf(b, client ? "asked %llu, was answered %llu" : "asked %llu, answered %llu",
		   (unsigned long long)e->requests, (unsigned long long)e->replies);
	if (e->wrong)
		buf_printf(b, ", <tspan class=\"bad\">%llu wrong</tspan>",
			   (unsigned long long)e->wrong);
	if (!client && !rest)
		buf_printf(b, " (socket %u)", e->sock->no);
	buf_lit(b, "</text></g>\n");
}

/* One line; curves of the same ends lie beside each other. */
static void put_curve(struct buf *b, const char *class, unsigned int y1, unsigned int y2, int shift)
{
	unsigned int middle = (LEFT + RIGHT) / 2;
	int a = (int)y1 + shift, c = (int)y2 + shift;
	bool back = class[0] != 'a';

	buf_printf(b,
		   "<path class=\"%s\" marker-end=\"url(#%s)\" d=\"M%u %dC%u %d %u %d %u %d\"/>\n",
		   class, class, back ? RIGHT : LEFT, back ? c : a, middle, back ? c : a, middle,
		   back ? a : c, back ? LEFT + 2 : RIGHT - 2, back ? a : c);
}

/* Lines between the rows of both sides, summed up. */
static void put_lines(struct buf *b, const struct html *h, const struct side *from,
		      const struct side *to, unsigned int rows)
{
	uint64_t sums[SHOWN + 1][SHOWN + 1][3] = { 0 };

	for (const struct html_link *l = h->links; l; l = l->next) {
		uint64_t *sum = sums[row_of(from, NULL, &l->peer)][row_of(to, l->sock, &l->local)];

		sum[0] += l->requests;
		sum[1] += l->replies - l->wrong;
		sum[2] += l->wrong;
	}
	for (unsigned int kind = 0; kind < 3; kind++) {
		static const char *const classes[] = { "asked", "reply", "bad" };
		static const int shifts[] = { -5, 4, 11 };

		for (unsigned int i = 0; i < from->n; i++)
			for (unsigned int j = 0; j < to->n; j++)
				if (sums[i][j][kind])
					put_curve(b, classes[kind], y_of(from, rows, i),
						  y_of(to, rows, j), shifts[kind]);
	}
}

static void put_marker(struct buf *b, const char *class)
{
	buf_printf(
		b,
		"<marker id=\"%s\" class=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"11\" "
		"markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker>",
		class, class);
}

static void put_picture(struct buf *b, const struct html *h)
{
	struct side from = side_of(h, true), to = side_of(h, false);
	unsigned int rows = from.n > to.n ? from.n : to.n;

	buf_printf(
		b,
		"<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"pt pd\"><title id=\"pt\">Who asked "
		"which address, and which one answered</title><desc id=\"pd\">",
		WIDTH, height(rows));
	html_put_n(b, from.n - (from.others != 0) + from.others, "client", "clients");
	buf_lit(b, ", ");
	html_put_n(b, to.n - (to.others != 0) + to.others, "address", "addresses");
	buf_lit(b, ", ");
	html_put_n(b, h->wrong, "reply", "replies");
	buf_lit(b,
		" from another address than was asked. The table below says the same.</desc>\n<defs>");
	put_marker(b, "asked");
	put_marker(b, "reply");
	put_marker(b, "bad");
	buf_printf(
		b,
		"</defs>\n<text class=\"side\" x=\"%u\" y=\"20\" text-anchor=\"end\">Clients</text><text "
		"class=\"side\" x=\"%u\" y=\"20\">Addresses of this host</text>\n",
		LEFT - 12, RIGHT + 12);
	put_lines(b, h, &from, &to, rows);
	for (unsigned int i = 0; i < from.n; i++)
		put_label(b, &from, i, y_of(&from, rows, i));
	for (unsigned int i = 0; i < to.n; i++)
		put_label(b, &to, i, y_of(&to, rows, i));
	buf_lit(b,
		"</svg>\n<p class=\"legend\"><span class=\"key asked\"></span> asked <span class=\"key "
		"reply\"></span> answered <span class=\"key bad\"></span> answered from an address that was "
		"not asked</p>\n");
}

static void put_table(struct buf *b, const struct html *h)
{
	enum { ROWS = 500 };
	unsigned int n = 0;

	buf_lit(b,
		"<details><summary>The same as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Clients and addresses\"><table><thead><tr><th scope=\"col\">client</th>"
		"<th scope=\"col\">address of this host</th><th scope=\"col\">socket</th>"
		"<th scope=\"col\">requests</th><th scope=\"col\">replies</th><th scope=\"col\">of them wrong"
		"</th></tr></thead><tbody>\n");
	for (const struct html_link *l = h->links; l && n < ROWS; l = l->next, n++) {
		buf_printf(b, "<tr%s data-process=\"%s\" data-socket=\"%u\" data-address=\"",
			   l->wrong ? " class=\"wrong\"" : "", l->sock->process, l->sock->no);
		html_put_host(b, &l->peer);
		buf_char(b, ' ');
		html_put_host(b, &l->local);
		buf_lit(b, "\"><td>");
		html_put_host(b, &l->peer);
		buf_lit(b, "</td><td>");
		html_put_host(b, &l->local);
		buf_printf(
			b,
			"</td><td><a href=\"#socket-%u\">%s</a></td><td>%llu</td><td>%llu</td><td>%llu"
			"</td></tr>\n",
			l->sock->no, l->sock->name, (unsigned long long)l->requests,
			(unsigned long long)l->replies, (unsigned long long)l->wrong);
	}
	buf_lit(b, "</tbody></table></div></details>\n");
	if (h->nlinks > n || h->more_links)
		buf_printf(
			b,
			"<p class=\"legend\">%u pairs of client and address are listed, %llu%s more are not.</p>\n",
			n, (unsigned long long)(h->nlinks - n + (h->more_links != 0)),
			h->more_links ? " or" : "");
}

void html_graph(struct buf *b, const struct html *h)
{
	if (!h->nlinks)
		return;
	buf_lit(b,
		"<section id=\"addresses\"><h2>Who asked where, and which address answered</h2>\n");
	put_picture(b, h);
	put_table(b, h);
	buf_lit(b, "</section>\n");
}
