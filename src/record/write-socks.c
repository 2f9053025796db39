// SPDX-License-Identifier: LGPL-2.1-or-later
/* The records of a recording's end that sum up its sockets: type "summary". */
#include "config.h"

#include "report/fields-json.h"
#include "record/write.h"
#include "report/socks.h"

enum { SOCKS_MAX = 256 }; /* records; sockets beyond are counted in the end record */

/* Members that start with name: its addresses, messages of further ones, messages that told none. */
static void put_addrs(struct json *j, const char *const name[3], const struct tally_addrs *a)
{
	unsigned int order[TALLY_ADDRS], n = socks_order(a, order);

	jput_array(j, name[0]);
	for (unsigned int i = 0; i < n; i++) {
		struct addr addr = inet_addr_of(&a->v[order[i]].addr);

		jput_object(j, NULL);
		jput_host_text(j, "addr", &addr);
		jput_u64(j, "count", a->v[order[i]].n);
		jput_object_end(j);
	}
	jput_array_end(j);
	if (a->others)
		jput_u64(j, name[1], a->others);
	if (a->unknown)
		jput_u64(j, name[2], a->unknown);
}

static void put_by(struct json *j, const struct tally *y)
{
	jput_object(j, "source_by");
	for (unsigned int by = 0; by < TALLY_BY_COUNT; by++) {
		if (y->by[by])
			jput_u64(j, by == TALLY_BY_UNKNOWN ? "unknown" : tally_by_name(by),
				 y->by[by]);
	}
	jput_object_end(j);
}

static void put_findings(struct json *j, const struct tally *y)
{
	jput_array(j, "findings");
	for (unsigned int i = 0; i < TALLY_RULES && y->rules[i].rule; i++) {
		if (!y->rules[i].n)
			continue;
		jput_object(j, NULL);
		jput_str(j, "rule", y->rules[i].rule->id);
		jput_u64(j, "count", y->rules[i].n);
		jput_object_end(j);
	}
	jput_array_end(j);
	if (y->other_findings)
		jput_u64(j, "findings_others", y->other_findings);
}

static void put_sock(struct json *j, const struct convo_sock *s)
{
	static const char *const asked[] = { "asked_at", "asked_at_others", "asked_at_unknown" };
	static const char *const elsewhere[] = { "asked_elsewhere", "asked_elsewhere_others",
						 "asked_elsewhere_unknown" };
	static const char *const answered[] = { "answered_from", "answered_from_others",
						"answered_from_unknown" };
	struct addr local = inet_addr_of(&s->local);

	jput_object(j, NULL);
	jput_str(j, "type", "summary");
	jput_str(j, "kind", sock_kind_name((enum sock_kind)s->kind));
	if (s->has_cookie)
		jput_hex(j, "cookie", s->key);
	jput_s64(j, "tgid", s->tgid);
	jput_s64(j, "fd", s->fd);
	if (local.len)
		jput_addr_text(j, "local", &local);
	jput_u64(j, "peers", s->tally.peers);
	jput_u64(j, "requests", s->tally.requests);
	jput_u64(j, "replies", s->tally.replies);
	put_addrs(j, asked, &s->tally.asked);
	put_addrs(j, elsewhere, &s->tally.elsewhere);
	put_addrs(j, answered, &s->tally.answered);
	put_by(j, &s->tally);
	put_findings(j, &s->tally);
	if (s->forgotten)
		jput_u64(j, "peers_dropped", s->forgotten);
	jput_object_end(j);
	buf_char(j->out, '\n');
	j->comma = false;
}

void jsonl_put_socks(struct json *j, const struct check *c)
{
	struct socks socks = socks_of(c);

	for (size_t i = 0; i < socks.n && i < SOCKS_MAX; i++)
		put_sock(j, socks.v[i]);
	socks_free(&socks);
}

void jsonl_put_socks_left(struct json *j, const struct check *c)
{
	const struct convo_table *all = check_convos(c);
	struct socks socks = socks_of(c);

	if (socks.n > SOCKS_MAX)
		jput_u64(j, "sockets_left_out", socks.n - SOCKS_MAX);
	socks_free(&socks);
	if (all->convos.dropped)
		jput_u64(j, "peers_dropped", all->convos.dropped);
	if (all->socks.dropped)
		jput_u64(j, "sockets_dropped", all->socks.dropped);
}
