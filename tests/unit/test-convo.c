// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: requests and replies are counted where they belong, memory is bounded whatever peers do, no rule
 * speaks because somebody was forgotten, and the summary's table shows it all.  Events are built by hand.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "check/check.h"
#include "cmsg/cmsg.h"
#include "base/lru.h"
#include "kernel/model.h"
#include "report/summary.h"

enum { PORT = 5353, T_PKTINFO = 8 };

/* A run: several sockets, one event at a time. */
struct scene {
	struct check *check;
	struct ask ask;
	uint64_t no, ns;
	struct buf said; /* "CT201 CT205 " since the last said() */
};

/* Network order; base + n, so that peers can be many. */
static struct addr host(const char *base, uint32_t n, uint16_t port)
{
	struct in_addr in;
	struct in6_addr in6;

	if (inet_pton(AF_INET6, base, &in6) == 1)
		return addr_of_in6(&in6, port, 0);
	assert_int_equal(inet_pton(AF_INET, base, &in), 1);
	in.s_addr = htonl(ntohl(in.s_addr) + n);
	return addr_of_in(&in, port);
}

/* The routing table prefers the first address and has two. */
static bool ask_route(void *ctx, const struct event *ev, const struct question *q, struct answer *a)
{
	(void)ctx;
	(void)ev;
	a->route = (struct route_fact){
		.have = true,
		.source = host(addr_is_v4(&q->addr) ? "198.51.100.1" : "2001:db8::1", 0, 0),
		.oif = 2,
		.candidates = 2,
	};
	return q->kind == ASK_ROUTE;
}

static void open_scene(struct scene *s, const struct check_opts *opts)
{
	struct check_opts o = { .release = KERNEL_RELEASE(6, 18, 0) };

	*s = (struct scene){ .check = check_new(opts ? opts : &o), .ask = { .answer = ask_route } };
}

static void close_scene(struct scene *s)
{
	check_free(s->check);
	buf_free(&s->said);
	event_pool_free();
}

static struct sock *udp(const char *local, uint64_t cookie)
{
	struct sock *s = sock_new();

	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_COOKIE |
		 SOCK_HAS_PEER;
	s->domain = strchr(local, ':') ? AF_INET6 : AF_INET;
	s->type = SOCK_DGRAM;
	s->protocol = IPPROTO_UDP;
	sock_derive(s);
	s->cookie = cookie;
	s->local = host(local, 0, 53);
	return s;
}

static struct bytes slice(struct event *ev, const void *p, size_t len)
{
	return (struct bytes){ .p = arena_memdup(&ev->arena, p, len), .len = len, .claimed = len };
}

/* IP_PKTINFO with addr in ipi_addr (ours false) or ipi_spec_dst; NULL: no control message. */
static void put_control(struct event *ev, struct hdr *h, const struct addr *addr, bool spec)
{
	unsigned char b[32] = { 28 };
	int32_t type = T_PKTINFO;

	if (!addr)
		return;
	memcpy(b + 12, &type, sizeof(type));
	if (spec || !addr_is_wildcard(addr))
		memcpy(b + 20, &((const struct sockaddr_in *)&addr->ss)->sin_addr, 4);
	if (!spec)
		memcpy(b + 24, b + 20, 4);
	h->control_ptr = 0x2000;
	h->controllen = sizeof(b);
	h->control = slice(ev, b, sizeof(b));
}

static struct event *new_event(struct scene *s, enum call call, struct sock *sock)
{
	struct event *ev = event_new();

	ev->kind = EVENT_CALL;
	ev->no = ++s->no;
	ev->tid = ev->tgid = 42;
	ev->abi = abi_native();
	ev->call = call;
	ev->end = CALL_RETURNED;
	ev->result = 4;
	ev->fd = (int)sock->cookie;
	ev->sock = sock_ref(sock);
	ev->enter_ns = ev->exit_ns = s->ns += 1000;
	return ev;
}

static void judge(struct scene *s, struct event *ev)
{
	cmsg_walk_event(ev);
	for (const struct finding *f = check_event(s->check, ev, &s->ask); f; f = f->next) {
		buf_str(&s->said, f->rule->id);
		buf_char(&s->said, ' ');
	}
	event_free(ev);
}

/* A message came from peer, sent to asked (NULL: not told). */
static void comes(struct scene *s, struct sock *sock, const struct addr *peer,
		  const struct addr *asked)
{
	struct event *ev = new_event(s, CALL_RECVMSG, sock);
	struct msg *m = ev->msg = arena_array(&ev->arena, struct msg, 1);

	ev->nmsg = 1;
	m->in.have = m->out.have = m->sent = true;
	m->in.controllen = 64;
	m->out.name_ptr = 0x1000;
	m->out.name = slice(ev, &peer->ss, peer->len);
	put_control(ev, &m->out, asked, false);
	judge(s, ev);
}

/* A message leaves for peer; source (or NULL) is given by IP_PKTINFO. */
static void leaves(struct scene *s, struct sock *sock, const struct addr *peer,
		   const struct addr *source)
{
	struct event *ev = new_event(s, CALL_SENDMSG, sock);
	struct msg *m = ev->msg = arena_array(&ev->arena, struct msg, 1);

	ev->nmsg = 1;
	m->in.have = m->sent = true;
	m->total = 4;
	if (!sock->peer.len) {
		m->in.name_ptr = 0x1000;
		m->in.name = slice(ev, &peer->ss, peer->len);
	}
	m->in.namelen = (int64_t)m->in.name.len;
	put_control(ev, &m->in, source, true);
	judge(s, ev);
}

static const char *said(struct scene *s)
{
	const char *text = buf_cstr(&s->said);

	buf_clear(&s->said);
	return text;
}

static const struct convo_sock *of(const struct scene *s, const struct sock *sock)
{
	const struct convo_sock *found = lru_peek(&check_convos(s->check)->socks, sock->cookie);

	assert_non_null(found);
	return found;
}

static void counts(const struct scene *s, const struct sock *sock, uint64_t peers,
		   uint64_t requests, uint64_t replies)
{
	const struct tally *t = &of(s, sock)->tally;

	assert_int_equal(t->peers, peers);
	assert_int_equal(t->requests, requests);
	assert_int_equal(t->replies, replies);
}

static void holds(const struct tally_addrs *t, unsigned int i, const char *addr, uint64_t n)
{
	struct addr want = host(addr, 0, 0), got = inet_addr_of(&t->v[i].addr);

	assert_true(addr_same(&want, &got));
	assert_int_equal(t->v[i].n, n);
}

static const char *summary(const struct scene *s, struct buf *b)
{
	struct run_end end = { .check = s->check, .events = s->no, .messages = s->no };

	buf_clear(b);
	summary_put(b, &end, false);
	return buf_cstr(b);
}

static void shows(const struct scene *s, const char *what)
{
	struct buf b = { 0 };

	if (!strstr(summary(s, &b), what))
		fail_msg("not shown: %s\nbut:\n%s", what, buf_cstr(&b));
	buf_free(&b);
}

/* ---- what is counted ---- */

static void the_source_is_given_by_cmsg_bind_connect_or_route(void **state)
{
	struct scene s;
	struct sock *any = udp("0.0.0.0", 1), *bound = udp("198.51.100.53", 2);
	struct sock *before = udp("0.0.0.0", 3), *after = udp("198.51.100.1", 3);
	struct sock *known = udp("198.51.100.1", 4);
	struct addr peer = host("192.0.2.7", 0, PORT), asked = host("198.51.100.53", 0, 0);
	struct addr none = host("0.0.0.0", 0, 0);

	(void)state;
	open_scene(&s, NULL);
	comes(&s, any, &peer, &asked);
	leaves(&s, any, &peer, &asked);
	leaves(&s, any, &peer, NULL);
	counts(&s, any, 1, 1, 2);
	assert_int_equal(of(&s, any)->tally.by[TALLY_BY_CMSG], 1);
	assert_int_equal(of(&s, any)->tally.by[TALLY_BY_ROUTE], 1);
	holds(&of(&s, any)->tally.asked, 0, "198.51.100.53", 1);
	holds(&of(&s, any)->tally.answered, 0, "198.51.100.53", 1);
	holds(&of(&s, any)->tally.answered, 1, "198.51.100.1", 1);

	comes(&s, bound, &peer, NULL);
	leaves(&s, bound, &peer, NULL);
	leaves(&s, bound, &peer, &none); /* an empty pktinfo takes the bound address away */
	assert_int_equal(of(&s, bound)->tally.by[TALLY_BY_BIND], 1);
	assert_int_equal(of(&s, bound)->tally.by[TALLY_BY_ROUTE], 1);
	holds(&of(&s, bound)->tally.asked, 0, "198.51.100.53", 1);

	comes(&s, before, &peer, NULL);
	assert_int_equal(of(&s, before)->tally.asked.unknown, 1);
	after->peer = peer;
	leaves(&s, after, &peer, NULL);
	assert_int_equal(of(&s, after)->tally.by[TALLY_BY_CONNECT], 1);
	holds(&of(&s, after)->tally.answered, 0, "198.51.100.1", 1);

	/* met when it was connected already: whether it was bound before can't be told */
	known->peer = peer;
	comes(&s, known, &peer, NULL);
	leaves(&s, known, &peer, NULL);
	assert_int_equal(of(&s, known)->tally.by[TALLY_BY_UNKNOWN], 1);
	sock_unref(any);
	sock_unref(bound);
	sock_unref(before);
	sock_unref(after);
	sock_unref(known);
	close_scene(&s);
}

/* The facts beside a bind() are read while it runs: they may be those of before. */
static void a_bind_counts_though_its_facts_are_old(void **state)
{
	struct addr given[] = { host("198.51.100.53", 0, 53), host("0.0.0.0", 0, 53) };
	struct addr peer = host("192.0.2.7", 0, PORT);

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct scene s;
		struct sock *before = udp("0.0.0.0", 1), *after = udp("198.51.100.53", 1);
		struct event *ev;

		open_scene(&s, NULL);
		ev = new_event(&s, CALL_BIND, before);
		ev->result = 0;
		ev->opt = slice(ev, &given[i].ss, given[i].len);
		judge(&s, ev);
		after->peer = peer;
		comes(&s, after, &peer, NULL);
		leaves(&s, after, &peer, NULL);
		assert_int_equal(of(&s, after)->tally.by[i ? TALLY_BY_CONNECT : TALLY_BY_BIND], 1);
		assert_int_equal(of(&s, after)->was_wildcard, i);
		sock_unref(before);
		sock_unref(after);
		close_scene(&s);
	}
}

static void mapped_peers_are_counted_as_ipv4(void **state)
{
	struct scene s;
	struct sock *dual = udp("::", 1);
	struct addr peer = host("::ffff:192.0.2.7", 0, PORT), asked = host("198.51.100.53", 0, 0);

	(void)state;
	open_scene(&s, NULL);
	comes(&s, dual, &peer, &asked);
	leaves(&s, dual, &peer, &asked);
	assert_string_equal(said(&s), "");
	holds(&of(&s, dual)->tally.asked, 0, "198.51.100.53", 1);
	shows(&s,
	      " |  udp6 [::]:53      1         1        1  198.51.100.53  198.51.100.53  cmsg\n");
	sock_unref(dual);
	close_scene(&s);
}

static void what_another_socket_was_asked_is_marked(void **state)
{
	struct scene s;
	struct sock *server = udp("0.0.0.0", 1), *session = udp("198.51.100.53", 2);
	struct addr peer = host("192.0.2.7", 0, PORT), asked = host("198.51.100.53", 0, 0);

	(void)state;
	open_scene(&s, NULL);
	comes(&s, server, &peer, &asked);
	leaves(&s, session, &peer, NULL);
	comes(&s, session, &peer, NULL);
	leaves(&s, session, &peer, NULL);
	assert_string_equal(said(&s), "");
	counts(&s, server, 1, 1, 0);
	counts(&s, session, 1, 1, 2);
	holds(&of(&s, session)->tally.elsewhere, 0, "198.51.100.53", 1);
	shows(&s, "  198.51.100.53* 1  198.51.100.53  bind\n");
	shows(&s, " |  * asked at another socket");
	sock_unref(server);
	sock_unref(session);
	close_scene(&s);
}

/* Neither list takes all of a cell's lines from the other. */
static void own_requests_are_shown_beside_those_to_others(void **state)
{
	struct scene s;
	struct sock *server = udp("0.0.0.0", 1), *session = udp("198.51.100.53", 2);
	struct addr own = host("198.51.100.53", 0, 0);
	struct buf b = { 0 };

	(void)state;
	open_scene(&s, NULL);
	for (uint32_t i = 0; i < 2 * TALLY_ADDRS; i++) {
		struct addr peer = host("192.0.2.7", i, PORT), asked = host("198.51.100.60", i, 0);

		comes(&s, server, &peer, &asked);
		leaves(&s, session, &peer, &asked);
		comes(&s, session, &peer, &own);
	}
	shows(&s, "  198.51.100.60* 1  198.51.100.60 1  cmsg");
	shows(&s, "  +8 or more        198.51.100.61 1\n");
	shows(&s, "  198.51.100.53 16  198.51.100.62 1\n");
	assert_null(strstr(summary(&s, &b), "198.51.100.61*"));
	buf_free(&b);
	sock_unref(server);
	sock_unref(session);
	close_scene(&s);
}

static void a_client_is_no_server(void **state)
{
	struct scene s;
	struct sock *client = udp("0.0.0.0", 1), *other = udp("0.0.0.0", 2);
	struct addr peer = host("192.0.2.7", 0, PORT);
	struct buf b = { 0 };

	(void)state;
	open_scene(&s, NULL);
	for (int i = 0; i < 3; i++) {
		leaves(&s, client, &peer, NULL);
		comes(&s, client, &peer, NULL);
	}
	/* and another of its sockets answers nobody */
	leaves(&s, other, &peer, NULL);
	assert_string_equal(said(&s), "");
	counts(&s, client, 0, 0, 0);
	counts(&s, other, 0, 0, 0);
	assert_null(strstr(summary(&s, &b), "udp4"));
	buf_free(&b);
	sock_unref(client);
	sock_unref(other);
	close_scene(&s);
}

static void accept_ct201(void *ctx, struct finding *f)
{
	(void)ctx;
	if (!strcmp(f->rule->id, "CT201"))
		f->suppressed = "known since long";
}

static void accepted_findings_are_not_in_the_table(void **state)
{
	struct check_opts accepting = { .release = KERNEL_RELEASE(6, 18, 0), .mark = accept_ct201 };
	struct addr peer = host("192.0.2.7", 0, PORT), asked = host("198.51.100.53", 0, 0);

	(void)state;
	for (int accept = 0; accept < 2; accept++) {
		struct scene s;
		struct sock *any = udp("0.0.0.0", 1);
		struct buf b = { 0 };

		open_scene(&s, accept ? &accepting : NULL);
		for (int i = 0; i < 3; i++) {
			comes(&s, any, &peer, &asked);
			leaves(&s, any, &peer, NULL);
		}
		assert_int_equal(of(&s, any)->tally.rules[0].n, accept ? 0 : 3);
		assert_int_equal(strstr(summary(&s, &b), "CT201 3\n") != NULL, !accept);
		/* another rule's are, and their socket is among those with findings */
		leaves(&s, any, &peer, &asked);
		comes(&s, any, &peer, &asked);
		leaves(&s, any, &peer, NULL);
		if (accept)
			shows(&s, "  CT202 1\n");
		buf_free(&b);
		sock_unref(any);
		close_scene(&s);
	}
}

/* ---- bounds ---- */

static void addresses_beyond_the_room_are_only_counted(void **state)
{
	enum { MANY = 40 };
	struct scene s;
	struct sock *any = udp("0.0.0.0", 1);
	struct addr peer = host("192.0.2.7", 0, PORT);
	uint64_t n = 0;

	(void)state;
	open_scene(&s, NULL);
	for (uint32_t i = 0; i < MANY; i++) {
		struct addr asked = host("198.51.100.10", i, 0);

		comes(&s, any, &peer, &asked);
		leaves(&s, any, &peer, &asked);
	}
	counts(&s, any, 1, MANY, MANY);
	for (unsigned int i = 0; i < TALLY_ADDRS; i++)
		n += of(&s, any)->tally.asked.v[i].n;
	assert_int_equal(n, TALLY_ADDRS);
	assert_int_equal(of(&s, any)->tally.asked.others, MANY - TALLY_ADDRS);
	shows(&s, "+6 or more       +6 or more\n");
	sock_unref(any);
	close_scene(&s);
}

static void rules_beyond_the_room_are_only_counted(void **state)
{
	struct tally t = { 0 };
	unsigned int n = 0;

	(void)state;
	for (; rules[n]; n++) {
		tally_found(&t, rules[n], true);
		tally_found(&t, rules[n], true);
		tally_found(&t, rules[n], false);
	}
	assert_true(n > TALLY_RULES);
	for (unsigned int i = 0; i < TALLY_RULES; i++)
		assert_int_equal(t.rules[i].n, 1);
	assert_int_equal(t.other_findings, n - TALLY_RULES);
}

static void the_busiest_sockets_are_shown_those_with_findings_first(void **state)
{
	enum { SOCKS = 30 };
	struct scene s;
	struct addr peer = host("192.0.2.7", 0, PORT), asked = host("198.51.100.53", 0, 0);
	struct buf b = { 0 };
	const char *text;

	(void)state;
	open_scene(&s, NULL);
	for (unsigned int i = 1; i <= SOCKS; i++) {
		struct sock *one = udp("198.51.100.53", i);

		one->local = host("198.51.100.53", 0, (uint16_t)(1000 + i));
		for (unsigned int k = 0; k < i; k++)
			comes(&s, one, &peer, NULL);
		sock_unref(one);
	}
	struct sock *bad = udp("0.0.0.0", SOCKS + 1);

	comes(&s, bad, &peer, &asked);
	leaves(&s, bad, &peer, NULL);
	text = summary(&s, &b);
	assert_true(strstr(text, "0.0.0.0:53") < strstr(text, "198.51.100.53:1030"));
	assert_true(strstr(text, "198.51.100.53:1030") < strstr(text, "198.51.100.53:1029"));
	assert_non_null(strstr(text, "198.51.100.53:1012"));
	assert_null(strstr(text, "198.51.100.53:1011"));
	/* 1 + 2 + … + 11 */
	assert_non_null(strstr(text, " |  and 11 more sockets: 66 requests, 0 replies\n"));
	buf_free(&b);
	sock_unref(bad);
	close_scene(&s);
}

static void looking_at_an_entry_does_not_keep_it(void **state)
{
	struct lru l;

	(void)state;
	lru_init(&l, 8, 2);
	lru_add(&l, 1);
	assert_null(lru_victim(&l));
	lru_add(&l, 2);
	assert_ptr_equal(lru_peek(&l, 1), lru_victim(&l));
	assert_non_null(lru_get(&l, 1));
	assert_ptr_equal(lru_peek(&l, 2), lru_victim(&l));
	lru_add(&l, 3);
	assert_null(lru_peek(&l, 2));
	assert_non_null(lru_peek(&l, 1));
	assert_int_equal(l.dropped, 1);
	lru_free(&l);
}

/* ---- peers that were forgotten ---- */

enum { FORGOTTEN = 1000 };

static struct addr peer_of(uint32_t n)
{
	return host("10.0.0.1", n / 50, (uint16_t)(2000 + n % 50));
}

/* Peers ask until the first FORGOTTEN have to go; each gets its answer where answered. */
static void flood(struct scene *s, struct sock *sock, const struct addr *asked, bool answered)
{
	for (uint32_t i = 0; i < CONVO_MAX + FORGOTTEN; i++) {
		struct addr peer = peer_of(i);

		comes(s, sock, &peer, asked);
		if (answered)
			leaves(s, sock, &peer, asked);
	}
	assert_int_equal(check_convos(s->check)->convos.n, CONVO_MAX);
	assert_int_equal(check_convos(s->check)->convos.dropped, FORGOTTEN);
	assert_int_equal(of(s, sock)->forgotten, FORGOTTEN);
}

static void memory_is_bounded_and_the_summary_says_so(void **state)
{
	struct scene s;
	struct sock *any = udp("0.0.0.0", 1);
	struct addr asked = host("198.51.100.53", 0, 0), first = peer_of(0);

	(void)state;
	open_scene(&s, NULL);
	flood(&s, any, &asked, true);
	counts(&s, any, CONVO_MAX + FORGOTTEN, CONVO_MAX + FORGOTTEN, CONVO_MAX + FORGOTTEN);
	shows(&s, " |  least recently used peers were dropped: 1000 (");
	/* one that was forgotten asks again and is answered rightly, and wrongly */
	comes(&s, any, &first, &asked);
	leaves(&s, any, &first, &asked);
	assert_string_equal(said(&s), "");
	comes(&s, any, &first, &asked);
	leaves(&s, any, &first, NULL);
	assert_string_equal(said(&s), "CT202 ");
	sock_unref(any);
	close_scene(&s);
}

static void a_late_answer_to_one_forgotten_is_silent(void **state)
{
	struct scene s;
	struct sock *any = udp("0.0.0.0", 1), *other = udp("0.0.0.0", 2);
	struct addr asked = host("198.51.100.1", 0, 0), elsewhere = host("198.51.100.53", 0, 0);

	(void)state;
	open_scene(&s, NULL);
	flood(&s, any, &asked, false);
	for (uint32_t i = 0; i < 10; i++) {
		struct addr peer = peer_of(i);

		/* meanwhile it asked another socket, at another address: that is no answer to it */
		comes(&s, other, &peer, &elsewhere);
		leaves(&s, any, &peer, NULL);
	}
	assert_string_equal(said(&s), "");
	counts(&s, any, CONVO_MAX + FORGOTTEN, CONVO_MAX + FORGOTTEN, 10);
	sock_unref(any);
	sock_unref(other);
	close_scene(&s);
}

static void a_client_that_forgot_whom_it_asked_is_no_server(void **state)
{
	struct scene s;
	struct sock *client = udp("0.0.0.0", 1);

	(void)state;
	open_scene(&s, NULL);
	for (uint32_t i = 0; i < CONVO_MAX + FORGOTTEN; i++) {
		struct addr peer = peer_of(i);

		leaves(&s, client, &peer, NULL);
	}
	for (uint32_t i = 0; i < 10; i++) {
		struct addr peer = peer_of(i);

		comes(&s, client, &peer, NULL);
		leaves(&s, client, &peer, NULL);
	}
	assert_string_equal(said(&s), "");
	sock_unref(client);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_source_is_given_by_cmsg_bind_connect_or_route),
		cmocka_unit_test(a_bind_counts_though_its_facts_are_old),
		cmocka_unit_test(mapped_peers_are_counted_as_ipv4),
		cmocka_unit_test(what_another_socket_was_asked_is_marked),
		cmocka_unit_test(own_requests_are_shown_beside_those_to_others),
		cmocka_unit_test(a_client_is_no_server),
		cmocka_unit_test(accepted_findings_are_not_in_the_table),
		cmocka_unit_test(addresses_beyond_the_room_are_only_counted),
		cmocka_unit_test(rules_beyond_the_room_are_only_counted),
		cmocka_unit_test(the_busiest_sockets_are_shown_those_with_findings_first),
		cmocka_unit_test(looking_at_an_entry_does_not_keep_it),
		cmocka_unit_test(memory_is_bounded_and_the_summary_says_so),
		cmocka_unit_test(a_late_answer_to_one_forgotten_is_silent),
		cmocka_unit_test(a_client_that_forgot_whom_it_asked_is_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
