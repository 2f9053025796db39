// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The summary's table: a UDP socket in each row, with where it was asked, where it answered from and what
 * gave that source.  Fits 100 columns unless IPv6 addresses are long.  Pure.
 */
#include "config.h"

#include "report/summary.h"

#include <string.h>

#include "base/alloc.h"
#include "report/socks.h"

enum {
	ROWS_MAX = 20,  /* sockets that are shown */
	LINES_MAX = 4,  /* of a socket: addresses and findings, the last may be "+3 more" */
	CELL_SIZE = 72, /* an address with scope and port, a star and a count fit */
};

enum column { SOCKET, PEERS, REQUESTS, REPLIES, ASKED, ANSWERED, BY, FINDINGS, COLUMNS };

static const struct {
	const char *head;
	bool right; /* numbers */
} columns[COLUMNS] = {
	[SOCKET] = { "socket", false },    [PEERS] = { "peers", true },
	[REQUESTS] = { "requests", true }, [REPLIES] = { "replies", true },
	[ASKED] = { "asked at", false },   [ANSWERED] = { "answered from", false },
	[BY] = { "source by", false },     [FINDINGS] = { "findings", false },
};

struct row {
	char cell[COLUMNS][LINES_MAX][CELL_SIZE]; /* "": nothing */
	unsigned int lines[COLUMNS];
	bool starred; /* some address was asked at another socket */
};

struct table {
	struct row rows[ROWS_MAX];
	unsigned int n;
	size_t width[COLUMNS];
	struct buf text; /* of the cell under way */
};

/* ---- cells ---- */

/* Whatever stands in t->text becomes the next line of a cell; past the last it is lost. */
static void cell_end(struct table *t, struct row *r, enum column c)
{
	size_t len = t->text.len < CELL_SIZE ? t->text.len : CELL_SIZE - 1;

	if (r->lines[c] < LINES_MAX) {
		memcpy(r->cell[c][r->lines[c]++], buf_cstr(&t->text), len);
		if (len > t->width[c])
			t->width[c] = len;
	}
	buf_clear(&t->text);
}

static void cell_number(struct table *t, struct row *r, enum column c, uint64_t n)
{
	buf_u64(&t->text, n);
	cell_end(t, r, c);
}

/* The count beside a word is left out where it is all there is. */
static void cell_count(struct table *t, struct row *r, enum column c, uint64_t n, uint64_t all)
{
	if (n != all) {
		buf_char(&t->text, ' ');
		buf_u64(&t->text, n);
	}
	cell_end(t, r, c);
}

static void cell_more(struct table *t, struct row *r, enum column c, unsigned int n, bool at_least)
{
	buf_char(&t->text, '+');
	buf_u64(&t->text, n);
	buf_str(&t->text, at_least ? " or more" : " more");
	cell_end(t, r, c);
}

static void put_host(struct buf *b, const struct inet *i)
{
	struct addr a = inet_addr_of(i);

	addr_put_host(b, &a);
}

/* room: lines at most; star marks addresses at which another socket was asked. */
static void cell_addrs(struct table *t, struct row *r, enum column c, const struct tally_addrs *a,
		       uint64_t all, const char *star, unsigned int room)
{
	unsigned int order[TALLY_ADDRS], n = socks_order(a, order);
	unsigned int left = n + (a->others != 0), shown = n;

	room -= a->unknown != 0;
	if (left > room)
		shown = room - 1;
	for (unsigned int i = 0; i < shown; i++) {
		put_host(&t->text, &a->v[order[i]].addr);
		buf_str(&t->text, star);
		cell_count(t, r, c, a->v[order[i]].n, all);
	}
	if (a->unknown) {
		buf_char(&t->text, '?');
		buf_str(&t->text, star);
		cell_count(t, r, c, a->unknown, all);
	}
	if (left > shown)
		cell_more(t, r, c, left - shown, a->others != 0);
}

static void put_sock(struct buf *b, const struct convo_sock *s)
{
	struct addr local = inet_addr_of(&s->local);

	buf_str(b, sock_kind_name((enum sock_kind)s->kind));
	buf_char(b, ' ');
	if (!s->local.family) {
		buf_char(b, '?');
		return;
	}
	addr_put(b, &local);
	if (!s->local.port) { /* a log doesn't tell what the kernel chose */
		b->len--;
		buf_char(b, '?');
	}
}

static void cell_by(struct table *t, struct row *r, const struct tally *y)
{
	/* what is not known last: it is the least telling */
	for (unsigned int i = 1; i <= TALLY_BY_COUNT; i++) {
		unsigned int by = i % TALLY_BY_COUNT;

		if (!y->by[by])
			continue;
		buf_str(&t->text, tally_by_name((enum tally_by)by));
		cell_count(t, r, BY, y->by[by], y->replies);
	}
}

static void cell_findings(struct table *t, struct row *r, const struct tally *y)
{
	unsigned int left = y->other_findings != 0;

	for (unsigned int i = 0; i < TALLY_RULES; i++)
		left += y->rules[i].n != 0;
	for (unsigned int i = 0; i < TALLY_RULES; i++) {
		if (!y->rules[i].n)
			continue;
		if (left > 1 && r->lines[FINDINGS] == LINES_MAX - 1)
			break;
		buf_str(&t->text, y->rules[i].rule->id);
		buf_char(&t->text, ' ');
		cell_number(t, r, FINDINGS, y->rules[i].n);
		left--;
	}
	if (left)
		cell_more(t, r, FINDINGS, left, y->other_findings != 0);
}

static uint64_t sum(const struct tally_addrs *a)
{
	uint64_t n = a->others + a->unknown;

	for (unsigned int i = 0; i < TALLY_ADDRS; i++)
		n += a->v[i].n;
	return n;
}

static void table_add(struct table *t, const struct convo_sock *s)
{
	struct row *r = &t->rows[t->n++];
	const struct tally *y = &s->tally;
	uint64_t elsewhere = sum(&y->elsewhere), all = y->requests + elsewhere;

	put_sock(&t->text, s);
	cell_end(t, r, SOCKET);
	cell_number(t, r, PEERS, y->peers);
	cell_number(t, r, REQUESTS, y->requests);
	cell_number(t, r, REPLIES, y->replies);
	if (elsewhere) {
		cell_addrs(t, r, ASKED, &y->elsewhere, all, "*",
			   y->requests ? LINES_MAX / 2 : LINES_MAX);
		r->starred = true;
	}
	cell_addrs(t, r, ASKED, &y->asked, all, "", LINES_MAX - r->lines[ASKED]);
	cell_addrs(t, r, ANSWERED, &y->answered, y->replies, "", LINES_MAX);
	cell_by(t, r, y);
	cell_findings(t, r, y);
}

/* Several sockets may have one address (SO_REUSEPORT): then their descriptors tell them apart. */
static void name_apart(struct table *t, const struct socks *socks)
{
	bool alike[ROWS_MAX] = { false };

	for (unsigned int i = 0; i < t->n; i++)
		for (unsigned int j = 0; j < t->n; j++)
			if (i != j &&
			    !strcmp(t->rows[i].cell[SOCKET][0], t->rows[j].cell[SOCKET][0]))
				alike[i] = true;
	for (unsigned int i = 0; i < t->n; i++) {
		if (!alike[i])
			continue;
		buf_lit(&t->text, "  fd ");
		buf_s64(&t->text, socks->v[i]->fd);
		buf_lit(&t->text, " of ");
		buf_s64(&t->text, socks->v[i]->tgid);
		cell_end(t, &t->rows[i], SOCKET);
	}
}

/* Sockets of several processes say whose they are. */
static void name_processes(struct table *t, const struct socks *socks)
{
	bool several = false;

	for (unsigned int i = 0; i < t->n; i++)
		several |= socks->v[i]->tgid != socks->v[0]->tgid;
	for (unsigned int i = 0; several && i < t->n; i++) {
		buf_lit(&t->text, "  of ");
		buf_s64(&t->text, socks->v[i]->tgid);
		if (*socks->v[i]->comm) {
			buf_char(&t->text, ' ');
			buf_escaped(&t->text, socks->v[i]->comm,
				    strnlen(socks->v[i]->comm, sizeof(socks->v[i]->comm)));
		}
		cell_end(t, &t->rows[i], SOCKET);
	}
}

/* ---- lines ---- */

static void put_line(struct buf *b, const struct table *t, const char *const text[COLUMNS])
{
	size_t owed = 0; /* blanks that are only written before something */

	buf_lit(b, " |  ");
	for (unsigned int c = 0; c < COLUMNS; c++) {
		size_t len = strlen(text[c]), pad = t->width[c] - len;

		owed += c ? 2 : 0;
		if (len) {
			buf_pad(b, ' ', owed + (columns[c].right ? pad : 0));
			buf_add(b, text[c], len);
			owed = columns[c].right ? 0 : pad;
		} else {
			owed += pad;
		}
	}
	buf_char(b, '\n');
}

static void put_head(struct buf *b, struct table *t)
{
	const char *text[COLUMNS];
	char dashes[COLUMNS][CELL_SIZE];

	for (unsigned int c = 0; c < COLUMNS; c++) {
		text[c] = columns[c].head;
		if (strlen(text[c]) > t->width[c])
			t->width[c] = strlen(text[c]);
	}
	put_line(b, t, text);
	for (unsigned int c = 0; c < COLUMNS; c++) {
		memset(dashes[c], '-', t->width[c]);
		dashes[c][t->width[c]] = '\0';
		text[c] = dashes[c];
	}
	put_line(b, t, text);
}

static void put_row(struct buf *b, const struct table *t, const struct row *r)
{
	unsigned int lines = 1;

	for (unsigned int c = 0; c < COLUMNS; c++)
		if (r->lines[c] > lines)
			lines = r->lines[c];
	for (unsigned int i = 0; i < lines; i++) {
		const char *text[COLUMNS];

		for (unsigned int c = 0; c < COLUMNS; c++)
			text[c] = i < r->lines[c] ? r->cell[c][i] : "";
		put_line(b, t, text);
	}
}

static void put_table(struct buf *b, const struct socks *socks)
{
	struct table *t;
	bool starred = false;

	if (!socks->n)
		return;
	t = alloc_zeroed(1, sizeof(*t));
	while (t->n < socks->n && t->n < ROWS_MAX)
		table_add(t, socks->v[t->n]);
	name_apart(t, socks);
	name_processes(t, socks);
	put_head(b, t);
	for (unsigned int i = 0; i < t->n; i++) {
		put_row(b, t, &t->rows[i]);
		starred |= t->rows[i].starred;
	}
	if (starred)
		buf_lit(b, " |  * asked at another socket, answered from this one\n");
	buf_free(&t->text);
	alloc_free(t);
}

static void put_rest(struct buf *b, const struct socks *socks)
{
	uint64_t requests = 0, replies = 0;

	if (socks->n <= ROWS_MAX)
		return;
	for (size_t i = ROWS_MAX; i < socks->n; i++) {
		requests += socks->v[i]->tally.requests;
		replies += socks->v[i]->tally.replies;
	}
	buf_printf(b, " |  and %zu more %s: %llu requests, %llu replies\n", socks->n - ROWS_MAX,
		   socks->n == ROWS_MAX + 1 ? "socket" : "sockets", (unsigned long long)requests,
		   (unsigned long long)replies);
}

/* A server that doesn't ask who sent what it receives: those peers are not counted. */
static void put_nameless(struct buf *b, const struct socks *socks)
{
	uint64_t n = 0;

	for (size_t i = 0; i < socks->n; i++)
		n += socks->v[i]->tally.nameless;
	if (n)
		buf_printf(b,
			   " |  requests received without their sender's name (msg_name): %llu\n",
			   (unsigned long long)n);
}

static void put_dropped(struct buf *b, uint64_t n, const char *what, const char *so)
{
	if (n)
		buf_printf(b, " |  least recently used %s were dropped: %llu (%s)\n", what,
			   (unsigned long long)n, so);
}

void summary_put_socks(struct buf *b, const struct check *check)
{
	const struct convo_table *all = check_convos(check);
	struct socks socks = socks_of(check);

	put_table(b, &socks);
	put_rest(b, &socks);
	put_nameless(b, &socks);
	if (socks.n && socks.clients)
		buf_printf(b, " |  %llu more UDP %s only asked others\n",
			   (unsigned long long)socks.clients,
			   socks.clients == 1 ? "socket" : "sockets");
	put_dropped(b, all->convos.dropped, "peers", "one that came again counts twice");
	put_dropped(b, all->socks.dropped, "sockets", "they are not in the table");
	socks_free(&socks);
}
