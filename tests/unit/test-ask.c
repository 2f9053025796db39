// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: a question is put to the system once, and again where anything in it differs: an interface, a
 * mark, a TOS.  A scripted system answers, and counts.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "event/ask.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum { HDR = 16, CONTROL_MAX = 256 };

struct system {
	struct ask ask;
	unsigned int asked;
	int result;
	bool mute, late;
	struct question last;
};

static bool answer(void *ctx, const struct event *ev, const struct question *q, struct answer *a)
{
	struct system *s = ctx;

	(void)ev;
	s->asked++;
	s->last = *q;
	a->result = s->result;
	a->late = s->late;
	a->route = (struct route_fact){ .have = true, .oif = s->asked };
	strcpy(a->name, "eth0");
	return !s->mute;
}

/* A UDP socket, and a message to send by it. */
struct scene {
	struct system sys;
	struct event *ev;
	struct msg *m;
	struct addr dest;
	unsigned char control[CONTROL_MAX];
	size_t len;
};

static struct addr ip(const char *text, uint16_t port)
{
	unsigned char in[16];

	if (inet_pton(AF_INET, text, in) == 1)
		return addr_of_in(in, port);
	assert_int_equal(inet_pton(AF_INET6, text, in), 1);
	return addr_of_in6(in, port, 0);
}

static void scene_open(struct scene *s, const char *local, const char *dest)
{
	struct sock *sk = sock_new();

	memset(s, 0, sizeof(*s));
	s->sys.ask = (struct ask){ .ctx = &s->sys, .answer = answer };
	s->ev = event_new();
	s->ev->kind = EVENT_CALL;
	s->ev->call = CALL_SENDMSG;
	s->ev->abi = abi_native();
	s->ev->sock = sk;
	s->ev->proc = proc_new();
	s->ev->proc->has = PROC_HAS_CAPS | PROC_HAS_IDS | PROC_HAS_NET_CAPS;
	s->ev->proc->caps = UINT64_MAX;
	s->ev->proc->caps_in_netns = true;
	s->ev->proc->euid = 1000;
	sk->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_PEER;
	sk->domain = strchr(local, ':') ? AF_INET6 : AF_INET;
	sk->type = SOCK_DGRAM;
	sk->protocol = IPPROTO_UDP;
	sk->local = ip(local, 53);
	sock_derive(sk);
	s->dest = ip(dest, 5353);
}

static void scene_close(struct scene *s)
{
	event_free(s->ev);
	event_pool_free();
}

static void control(struct scene *s, int level, int type, const void *data, size_t len)
{
	uint64_t cmsg_len = HDR + len;
	unsigned char *p = s->control + s->len;

	memcpy(p, &cmsg_len, 8);
	memcpy(p + 8, &level, 4);
	memcpy(p + 12, &type, 4);
	memcpy(p + HDR, data, len);
	s->len += (cmsg_len + 7) & ~7ULL;
}

/* The message with the control messages so far, judged; the next one starts anew. */
static struct question route(struct scene *s)
{
	const struct model_env env = { .ask = &s->sys.ask };
	struct event *ev = s->ev;
	struct msg *m = arena_new(&ev->arena, struct msg);
	struct hdr *h = &m->in;

	h->have = true;
	h->name_ptr = 0x1000;
	h->namelen = s->dest.len;
	h->name = (struct bytes){ .p = (unsigned char *)&s->dest.ss,
				  .len = s->dest.len,
				  .claimed = s->dest.len };
	h->control_ptr = s->len ? 0x2000 : 0;
	h->controllen = s->len;
	h->control = (struct bytes){ .p = arena_memdup(&ev->arena, s->control, s->len),
				     .len = s->len,
				     .claimed = s->len };
	ev->msg = s->m = m;
	ev->nmsg = 1;
	cmsg_walk(ev, m);
	model_judge(ev, m, &env);
	s->len = 0;
	s->sys.asked = 0; /* the model's own questions don't count */
	return model_route(ev, m, &s->dest, m->outcome->oif);
}

static unsigned int put(struct scene *s, const struct question *q)
{
	s->sys.asked = 0;
	assert_non_null(event_ask(s->ev, &s->sys.ask, q));
	return s->sys.asked;
}

static void the_same_question_is_put_once(void **state)
{
	struct scene s;
	const struct answer *a;
	struct question q;

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	q = route(&s);
	a = event_ask(s.ev, &s.sys.ask, &q);
	assert_int_equal(s.sys.asked, 1);
	assert_true(a->route.oif == 1 && !a->late);
	q = route(&s);
	assert_ptr_equal(event_ask(s.ev, &s.sys.ask, &q), a);
	assert_int_equal(s.sys.asked, 0);
	/* nobody to ask: what is remembered is the answer */
	assert_ptr_equal(event_ask(s.ev, NULL, &q), a);
	scene_close(&s);
}

static void a_refusal_is_an_answer_and_is_remembered(void **state)
{
	const struct question q = { .kind = ASK_OPTMEM_MAX };
	struct scene s;

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	s.sys.result = -EPERM;
	assert_int_equal(event_ask_result(s.ev, &s.sys.ask, &q), -EPERM);
	s.sys.result = 7;
	assert_int_equal(event_ask_result(s.ev, &s.sys.ask, &q), -EPERM);
	assert_int_equal(s.sys.asked, 1);
	scene_close(&s);
}

static void where_nobody_can_be_asked_nothing_is_remembered(void **state)
{
	const struct question q = { .kind = ASK_FD_OPEN, .number = 3 };
	struct ask none = { .ctx = NULL };
	struct scene s;

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	s.sys.mute = true;
	assert_null(event_ask(s.ev, NULL, &q));
	assert_null(event_ask(s.ev, &none, &q));
	assert_null(event_ask(s.ev, &s.sys.ask, &q));
	assert_int_equal(event_ask_result(s.ev, &s.sys.ask, &q), -ENODATA);
	assert_null(event_ifname(s.ev, &s.sys.ask, 2));
	assert_null(s.ev->answers);
	s.sys.mute = false;
	assert_int_equal(put(&s, &q), 1);
	assert_string_equal(event_ifname(s.ev, &s.sys.ask, 2), "eth0");
	assert_string_equal(event_ifname(s.ev, NULL, 2), "eth0");
	scene_close(&s);
}

static void a_mark_and_a_tos_make_another_question(void **state)
{
	static const int mark = 7, tos = 0x10, ecn = 0x12;
	struct scene s;
	struct question q;

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	q = route(&s);
	assert_int_equal(put(&s, &q), 1);
	control(&s, L_SOCKET, T_MARK, &mark, 4);
	q = route(&s);
	assert_int_equal(q.flow.mark, 7);
	assert_int_equal(put(&s, &q), 1);
	assert_int_equal(s.sys.last.flow.mark, 7);
	control(&s, L_IP, T_IP_TOS, &tos, 4);
	q = route(&s);
	assert_true(!q.flow.mark && q.flow.tos == 0x10);
	assert_int_equal(put(&s, &q), 1);
	/* lookups don't see the ECN bits */
	control(&s, L_IP, T_IP_TOS, &ecn, 4);
	q = route(&s);
	assert_int_equal(put(&s, &q), 0);
	control(&s, L_SOCKET, T_MARK, &mark, 4);
	q = route(&s);
	assert_int_equal(put(&s, &q), 0);
	scene_close(&s);
}

static void the_sockets_options_hold_where_no_message_says_otherwise(void **state)
{
	static const int mark = 7, tos = 0x20;
	struct scene s;
	struct question q;

	(void)state;
	scene_open(&s, "198.51.100.1", "192.0.2.7");
	sock_opt_set(s.ev->sock, OPT_SO_MARK, 3);
	sock_opt_set(s.ev->sock, OPT_IP_TOS, 0x11);
	sock_opt_set(s.ev->sock, OPT_IP_UNICAST_IF, 4);
	q = route(&s);
	assert_true(q.flow.have && q.flow.mark == 3 && q.flow.tos == 0x10 && q.flow.oif == 4);
	assert_true(q.flow.protocol == IPPROTO_UDP && q.flow.uid == 1000 && !q.oif);
	assert_true(addr_same(&q.flow.source, &s.ev->sock->local));
	assert_true(addr_same(&q.flow.dest, &s.dest));
	sock_opt_set(s.ev->sock, OPT_SO_BINDTODEVICE, 5);
	s.ev->sock->uid = 33;
	s.ev->sock->has |= SOCK_HAS_UID;
	control(&s, L_SOCKET, T_MARK, &mark, 4);
	control(&s, L_IP, T_IP_TOS, &tos, 4);
	q = route(&s);
	assert_true(q.flow.mark == 7 && q.flow.tos == 0x20 && q.flow.oif == 5 && q.flow.uid == 33);
	scene_close(&s);
}

static void a_pktinfo_gives_an_interface_and_takes_the_source_away(void **state)
{
	static const unsigned char pktinfo[12] = { 6 };
	static const int mark = 7;
	struct scene s;
	struct question q;

	(void)state;
	scene_open(&s, "198.51.100.1", "192.0.2.7");
	control(&s, L_IP, T_IP_PKTINFO, pktinfo, sizeof(pktinfo));
	control(&s, L_SOCKET, T_MARK, &mark, 4);
	q = route(&s);
	assert_true(q.oif == 6 && q.flow.oif == 6 && q.flow.mark == 7);
	assert_true(addr_is_wildcard(&q.flow.source) && addr_port(&q.flow.source) == 53);
	assert_int_equal(put(&s, &q), 1);
	/* what routing does without the interface is another question about the same message */
	q = model_route(s.ev, s.m, &s.dest, 0);
	assert_true(!q.oif && !q.flow.oif && q.flow.mark == 7);
	assert_int_equal(put(&s, &q), 1);
	scene_close(&s);
}

static void where_to_is_what_the_kernel_makes_of_it(void **state)
{
	const struct addr lo4 = ip("127.0.0.1", 5353), lo6 = ip("::1", 5353);
	struct scene s;
	struct question q;

	(void)state;
	scene_open(&s, "::", "::ffff:192.0.2.7");
	q = route(&s);
	assert_true(q.flow.dest.family == AF_INET && addr_same(&q.addr, &s.dest));
	s.dest = ip("::", 5353);
	q = route(&s);
	assert_true(addr_same(&q.flow.dest, &lo6));
	scene_close(&s);

	scene_open(&s, "0.0.0.0", "0.0.0.0");
	q = route(&s);
	assert_true(addr_same(&q.flow.dest, &lo4));
	s.dest = ip("239.1.2.3", 5353);
	q = route(&s);
	assert_true(q.flow.oif_unknown);
	sock_opt_set(s.ev->sock, OPT_IP_MULTICAST_IF, 1);
	q = route(&s);
	assert_true(!q.flow.oif_unknown && !q.flow.oif);
	s.dest = addr_of("\1\0/tmp/x", 9);
	q = route(&s);
	assert_false(q.flow.have);
	scene_close(&s);
}

static void a_late_answer_says_so(void **state)
{
	const struct question q = { .kind = ASK_FD_OPEN, .number = 3 };
	struct scene s;

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	s.sys.late = true;
	assert_true(event_ask(s.ev, &s.sys.ask, &q)->late);
	s.sys.late = false;
	assert_true(event_ask(s.ev, &s.sys.ask, &q)->late);
	scene_close(&s);
}

/* Recordings made before questions held a flow: their answers were to the address and interface alone. */
static void an_answer_without_its_flow_is_taken_for_any(void **state)
{
	static const int mark = 7;
	struct scene s;
	struct question q;
	struct answer old = { .route = { .have = true, .oif = 9 } };

	(void)state;
	scene_open(&s, "0.0.0.0", "192.0.2.7");
	old.question = (struct question){ .kind = ASK_ROUTE, .addr = s.dest };
	event_add_answer(s.ev, &old);
	control(&s, L_SOCKET, T_MARK, &mark, 4);
	q = route(&s);
	assert_int_equal(put(&s, &q), 0);
	assert_int_equal(event_ask(s.ev, NULL, &q)->route.oif, 9);
	q.oif = 3;
	assert_null(event_ask(s.ev, NULL, &q));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_question_is_put_once),
		cmocka_unit_test(a_refusal_is_an_answer_and_is_remembered),
		cmocka_unit_test(where_nobody_can_be_asked_nothing_is_remembered),
		cmocka_unit_test(a_mark_and_a_tos_make_another_question),
		cmocka_unit_test(the_sockets_options_hold_where_no_message_says_otherwise),
		cmocka_unit_test(a_pktinfo_gives_an_interface_and_takes_the_source_away),
		cmocka_unit_test(where_to_is_what_the_kernel_makes_of_it),
		cmocka_unit_test(a_late_answer_says_so),
		cmocka_unit_test(an_answer_without_its_flow_is_taken_for_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
