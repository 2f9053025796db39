// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: what a rule keeps of a socket, a peer, a process and the run is zeroed at first, its own, bounded
 * with what it belongs to, and freed (the sanitizers' build says so).
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "check/internal.h"

/* Odd sizes: parts must not overlap, nor lose their alignment. */
struct small {
	unsigned char b[3];
};

struct large {
	uint64_t v[5];
};

static int ended, ended_with;

static void on_exited(struct check *c, const struct rule *r, const struct event *ev)
{
	struct large *l = rule_process_of(c, ev);

	assert_string_equal(r->id, "T2");
	ended++;
	ended_with = (int)l->v[4];
}

static const struct rule first = {
	.id = "T1",
	.sock_state = sizeof(struct small),
	.peer_state = sizeof(struct small),
	.process_state = sizeof(struct small),
	.run_state = sizeof(struct small),
};
static const struct rule second = {
	.id = "T2",
	.needs = RULE_NEEDS_RECEIVED_FDS,
	.sock_state = sizeof(struct large),
	.peer_state = sizeof(struct large),
	.process_state = sizeof(struct large),
	.run_state = sizeof(struct large),
	.exited = on_exited,
};
static const struct rule stateless = { .id = "T3" };

static struct check *open_check(void)
{
	struct check *c = alloc_zeroed(1, sizeof(*c));
	size_t sock, peer;

	c->slots[c->nslots++].rule = &first;
	c->slots[c->nslots++].rule = &stateless;
	c->slots[c->nslots++].rule = &second;
	state_init(c, &sock, &peer);
	convo_table_init(&c->convos, sock, peer);
	findings_reset(c);
	return c;
}

static void close_check(struct check *c)
{
	check_free(c);
	event_pool_free();
}

static void *in(struct check *c, unsigned int slot, void *(*get)(struct check *c))
{
	c->slot = &c->slots[slot];
	return get(c);
}

static void is_zero(const void *p, size_t n)
{
	static const unsigned char zero[64];

	assert_memory_equal(p, zero, n);
}

/* Zeroed; what one rule writes another doesn't see; found again. */
static void private_of(struct check *c, void *(*get)(struct check *c))
{
	struct small *a = in(c, 0, get);
	struct large *b = in(c, 2, get);

	is_zero(a, sizeof(*a));
	is_zero(b, sizeof(*b));
	assert_int_equal((uintptr_t)b % sizeof(uint64_t), 0);
	memset(a, 0x11, sizeof(*a));
	is_zero(b, sizeof(*b));
	memset(b, 0x22, sizeof(*b));
	for (size_t i = 0; i < sizeof(*a); i++)
		assert_int_equal(a->b[i], 0x11);
	assert_ptr_equal(in(c, 0, get), a);
	assert_ptr_equal(in(c, 2, get), b);
}

static void each_rule_has_its_own_part(void **state)
{
	struct check *c = open_check();
	struct event *ev = event_new();
	struct convo *v = lru_add(&c->convos.convos, 1);

	(void)state;
	ev->tgid = 7;
	ev->fd = 3;
	c->msg.ev = ev;
	c->msg.convo = v;
	private_of(c, rule_sock);
	private_of(c, rule_peer);
	private_of(c, rule_process);
	private_of(c, rule_run);
	/* the engine's own members are not written over */
	assert_int_equal(v->requests, 0);
	assert_int_equal(check_sock(c)->tgid, 7);
	/* another socket, another process: zeroed again */
	ev->fd = 4;
	ev->tgid = 8;
	is_zero(in(c, 2, rule_sock), sizeof(struct large));
	is_zero(in(c, 2, rule_process), sizeof(struct large));
	/* the run is one */
	assert_int_equal(((struct small *)in(c, 0, rule_run))->b[0], 0x11);
	event_free(ev);
	close_check(c);
}

static void nothing_is_made_where_it_is_only_looked_for(void **state)
{
	struct check *c = open_check();
	struct event *ev = event_new();

	(void)state;
	ev->fd = 3;
	ev->tgid = 7;
	c->msg.ev = ev;
	assert_null(in(c, 2, rule_sock_known));
	assert_null(in(c, 2, rule_peer));
	c->slot = &c->slots[2];
	assert_null(rule_process_of(c, ev));
	assert_non_null(in(c, 2, rule_sock));
	assert_ptr_equal(in(c, 2, rule_sock_known), in(c, 2, rule_sock));
	event_free(ev);
	close_check(c);
}

static void the_oldest_socket_makes_room_and_comes_back_zeroed(void **state)
{
	struct check *c = open_check();
	struct event *ev = event_new();

	(void)state;
	c->msg.ev = ev;
	for (int fd = 0; fd <= CONVO_SOCKS_MAX; fd++) {
		ev->fd = fd;
		memset(in(c, 2, rule_sock), 0x33, sizeof(struct large));
	}
	assert_int_equal(c->convos.socks.n, CONVO_SOCKS_MAX);
	assert_int_equal(c->convos.socks.dropped, 1);
	ev->fd = 0;
	assert_null(in(c, 2, rule_sock_known));
	is_zero(in(c, 2, rule_sock), sizeof(struct large));
	event_free(ev);
	close_check(c);
}

static void processes_are_bounded_and_end(void **state)
{
	struct check *c = open_check();
	struct event *ev = event_new();
	const struct check_skip *skips;
	struct large *l;
	size_t n;

	(void)state;
	c->msg.ev = ev;
	for (int i = 0; i < PROCESSES_MAX; i++) {
		ev->tgid = i + 1;
		l = in(c, 2, rule_process);
		assert_non_null(l);
		l->v[4] = (uint64_t)i;
	}
	ev->tgid = PROCESSES_MAX + 1;
	assert_null(in(c, 2, rule_process));
	skips = check_skips(c, &n);
	assert_int_equal(n, 1);
	assert_ptr_equal(skips->rule, &second);

	/* the end of a process that nothing is kept of says nothing */
	ended = 0;
	ev->kind = EVENT_EXITED;
	ev->tid = ev->tgid;
	check_ended(c, ev);
	assert_int_equal(ended, 0);
	/* a thread's end is not its process's */
	ev->tgid = 1235;
	ev->tid = 99;
	check_ended(c, ev);
	assert_int_equal(ended, 0);
	ev->tid = ev->tgid;
	check_ended(c, ev);
	assert_int_equal(ended, 1);
	assert_int_equal(ended_with, 1234);
	c->slot = &c->slots[2];
	assert_null(rule_process_of(c, ev));
	/* there is room again, and it is zeroed */
	ev->tgid = PROCESSES_MAX + 1;
	is_zero(in(c, 2, rule_process), sizeof(struct large));
	event_free(ev);
	close_check(c);
}

static bool only_ct303(void *ctx, const struct rule *r)
{
	(void)ctx;
	return !strcmp(r->id, "CT303");
}

static bool only_ct101(void *ctx, const struct rule *r)
{
	(void)ctx;
	return !strcmp(r->id, "CT101");
}

/* What costs the traced program something is done only for a rule that is wanted and asks for it. */
static void needs_are_those_of_the_wanted_rules(void **state)
{
	struct check_opts o = { .wanted = only_ct303 };
	struct check *c = check_new(&o);

	(void)state;
	assert_int_equal(check_needs(c), RULE_NEEDS_RECEIVED_FDS);
	check_free(c);
	o.wanted = only_ct101;
	c = check_new(&o);
	assert_int_equal(check_needs(c), 0);
	check_free(c);
}

/* A rule that found no place would never run, and nobody would miss it. */
static void every_rule_has_a_place(void **state)
{
	struct check_opts o = { .level = SEVERITY_NOTE };
	struct check *c = check_new(&o);
	unsigned int n = 0;

	(void)state;
	while (rules[n])
		n++;
	assert_int_equal(c->nslots, n);
	close_check(c);
}

/* Each wanted rule's hooks run, in the order of the ids, and no others. */
static void hooks_are_those_of_the_wanted_rules(void **state)
{
	struct check_opts o = { .wanted = only_ct303 };
	struct check *c = check_new(&o);

	(void)state;
	assert_null(c->on_call[0]);
	assert_null(c->on_send[0]);
	assert_string_equal(c->on_recv[0]->rule->id, "CT303");
	assert_null(c->on_recv[1]);
	close_check(c);
	o.wanted = NULL;
	c = check_new(&o);
	for (struct rule_slot **s = c->on_send; s[0] && s[1]; s++)
		assert_true(s[0]->rule->last < s[1]->rule->last ||
			    (s[0]->rule->last == s[1]->rule->last &&
			     strcmp(s[0]->rule->id, s[1]->rule->id) < 0));
	close_check(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_has_its_own_part),
		cmocka_unit_test(nothing_is_made_where_it_is_only_looked_for),
		cmocka_unit_test(the_oldest_socket_makes_room_and_comes_back_zeroed),
		cmocka_unit_test(processes_are_bounded_and_end),
		cmocka_unit_test(needs_are_those_of_the_wanted_rules),
		cmocka_unit_test(every_rule_has_a_place),
		cmocka_unit_test(hooks_are_those_of_the_wanted_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
