// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: the engine learns conversations, tells a mistake once at each place, and the rules speak and
 * stay silent where they should.  Events are built by hand: socket, receive, send.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "check/check.h"
#include "check/explain.h"
#include "check/place.h"
#include "cmsg/cmsg.h"
#include "kernel/model.h"
#include "report/summary.h"

enum {
	L_SOCKET = 1,
	L_IP = 0,
	L_TCP = 6,
	L_UDP = 17,
	L_IPV6 = 41,
	T_PKTINFO = 8,
	T_PKTINFO6 = 50,
};

/* ---- a scene: one socket, what happens on it, and what the engine says ---- */

struct scene {
	struct check *check;
	struct sock *sock;
	struct event *ev; /* the last one */
	uint64_t no;
	const char *function; /* of the innermost frame; NULL: no stack */
	struct addr source4, source6;
	uint32_t candidates;
	bool no_route;
	bool (*is_local)(const struct addr *a); /* NULL: not known */
	int open_fds;                           /* the highest one that is open; 0: not known */
	bool late;                              /* … and asked too late */
	int memlock, optmem;                    /* limits; 0: not known */
	int waits;           /* bytes in the socket's queue; negative: not known */
	int keeps_txtime;    /* negative: not known */
	unsigned int stacks; /* how often a stack was asked for */
	struct ask ask;
	char said[1024]; /* "CT101 error CT201 error" */
	struct buf text; /* messages and notes */
};

struct control {
	_Alignas(8) unsigned char b[512];
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

static bool ask_answer(void *ctx, const struct event *ev, const struct question *q,
		       struct answer *a)
{
	struct scene *s = ctx;

	(void)ev;
	switch (q->kind) {
	case ASK_ROUTE:
		a->result = s->no_route ? -EPERM : 0;
		a->route = (struct route_fact){
			.have = true,
			.source = addr_is_v4(&q->addr) ? s->source4 : s->source6,
			.oif = 2,
			.candidates = s->candidates,
		};
		return true;
	case ASK_IFNAME:
		strcpy(a->name, "eth0");
		a->result = q->number == 2 ? 0 : -ENODATA;
		return true;
	case ASK_IS_LOCAL:
		a->result = s->is_local ? s->is_local(&q->addr) : 0;
		return s->is_local;
	case ASK_FD_OPEN:
		a->result = q->number <= s->open_fds;
		a->late = s->late;
		return s->open_fds;
	case ASK_MEMLOCK:
		a->result = s->memlock;
		return s->memlock;
	case ASK_OPTMEM_MAX:
		a->result = s->optmem;
		return s->optmem;
	case ASK_UNIX_WAITS:
		a->result = s->waits;
		return s->waits >= 0;
	case ASK_KEEPS_TXTIME:
		strcpy(a->name, s->keeps_txtime ? "fq" : "pfifo_fast");
		a->result = s->keeps_txtime;
		return s->keeps_txtime >= 0;
	default:
		return false;
	}
}

static int ask_stack(void *ctx, struct event *ev)
{
	struct scene *s = ctx;

	s->stacks++;
	if (!s->function)
		return -ENODATA;
	ev->stack.frames = arena_array(&ev->arena, struct frame, 2);
	ev->stack.n = 2;
	ev->stack.have = true;
	ev->stack.frames[0] =
		(struct frame){ .module = "/usr/lib/libc.so.6", .function = "sendmsg" };
	ev->stack.frames[1] = (struct frame){ .module = "/opt/server", .function = s->function };
	return 0;
}

static uint64_t ask_stack_number(void *ctx, const struct event *ev, unsigned int n)
{
	assert_true(ev->stack.have && n == 2);
	return (uintptr_t)((struct scene *)ctx)->function;
}

static uint64_t ask_stack_guess(void *ctx, const struct event *ev, unsigned int k)
{
	(void)ev;
	return k ? 0 : (uintptr_t)((struct scene *)ctx)->function;
}

static void scene_open(struct scene *s, int domain, int type, int protocol, const char *local)
{
	struct check_opts o = { .release = KERNEL_RELEASE(6, 18, 0) };

	memset(s, 0, sizeof(*s));
	s->check = check_new(&o);
	s->sock = sock_new();
	s->sock->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_COOKIE |
		       SOCK_HAS_PEER;
	s->sock->domain = domain;
	s->sock->type = type;
	s->sock->protocol = protocol;
	sock_derive(s->sock);
	s->sock->cookie = 4711;
	if (local)
		s->sock->local = ip(local, 53);
	s->source4 = ip("198.51.100.1", 0);
	s->source6 = ip("2001:db8::1", 0);
	s->candidates = 2;
	s->function = "reply";
	s->ask = (struct ask){
		.ctx = s,
		.answer = ask_answer,
		.stack = ask_stack,
		.stack_number = ask_stack_number,
		.stack_guess = ask_stack_guess,
	};
}

static void scene_udp(struct scene *s, const char *local)
{
	scene_open(s, strchr(local, ':') ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP, local);
}

static void scene_close(struct scene *s)
{
	event_free(s->ev);
	sock_unref(s->sock);
	check_free(s->check);
	buf_free(&s->text);
	event_pool_free();
}

static struct event *call(struct scene *s, enum call call, int64_t result, unsigned int nmsg)
{
	event_free(s->ev);

	struct event *ev = s->ev = event_new();

	ev->kind = EVENT_CALL;
	ev->no = ++s->no;
	ev->tid = ev->tgid = 42;
	memcpy(ev->comm, "server", 6);
	ev->abi = abi_native();
	ev->call = call;
	ev->name = call_rows[call].name;
	ev->end = CALL_RETURNED;
	ev->result = result;
	ev->fd = 7;
	ev->args[1] = 0x7ffe0000;
	ev->sock = sock_ref(s->sock);
	ev->nmsg = nmsg;
	ev->msg = arena_array(&ev->arena, struct msg, nmsg);
	return ev;
}

static struct bytes slice(struct event *ev, const void *p, size_t len)
{
	return (struct bytes){ .p = arena_memdup(&ev->arena, p, len), .len = len, .claimed = len };
}

static void hdr_fill(struct event *ev, struct hdr *h, const struct addr *name,
		     const struct control *ctl)
{
	h->have = true;
	if (name && name->len) {
		h->name_ptr = 0x1000;
		h->namelen = name->len;
		h->name = slice(ev, &name->ss, name->len);
	}
	if (ctl) {
		h->control_ptr = 0x2000;
		h->controllen = ctl->len;
		h->control = slice(ev, ctl->b, ctl->len);
	}
	h->iov_ptr = 0x3000;
	h->iovlen = 1;
}

static void control_add(struct control *ctl, int level, int type, const void *data, size_t len)
{
	uint64_t cmsg_len = 16 + len;

	memcpy(ctl->b + ctl->len, &cmsg_len, 8);
	memcpy(ctl->b + ctl->len + 8, &level, 4);
	memcpy(ctl->b + ctl->len + 12, &type, 4);
	if (len)
		memcpy(ctl->b + ctl->len + 16, data, len);
	ctl->len += 16 + ((len + 7) & ~(size_t)7);
}

static struct control pktinfo(int level, int ifindex, const char *spec_dst, const char *addr)
{
	struct control ctl = { .len = 0 };
	unsigned char data[12];

	memcpy(data, &ifindex, 4);
	inet_pton(AF_INET, spec_dst, data + 4);
	inet_pton(AF_INET, addr, data + 8);
	control_add(&ctl, level, T_PKTINFO, data, sizeof(data));
	return ctl;
}

static struct control pktinfo6(int level, int ifindex, const char *addr)
{
	struct control ctl = { .len = 0 };
	unsigned char data[20];

	inet_pton(AF_INET6, addr, data);
	memcpy(data + 16, &ifindex, 4);
	control_add(&ctl, level, T_PKTINFO6, data, sizeof(data));
	return ctl;
}

static void listen_to(struct scene *s)
{
	size_t used = 0;

	s->said[0] = 0;
	buf_clear(&s->text);
	cmsg_walk_event(s->ev);
	for (const struct finding *f = check_event(s->check, s->ev, &s->ask); f; f = f->next) {
		used += (size_t)snprintf(s->said + used, sizeof(s->said) - used, "%s%s %s",
					 used ? " " : "", f->rule->id, severity_name(f->severity));
		buf_printf(&s->text, "%s\n", f->message);
		for (unsigned int i = 0; i < f->nnotes; i++)
			buf_printf(&s->text, "|%s\n", f->notes[i]);
	}
	buf_cstr(&s->text);
}

static void receive_call(struct scene *s, enum call c, const char *peer, const struct control *ctl)
{
	struct addr from = ip(peer, 5353);
	struct event *ev = call(s, c, 12, 1);

	ev->msg[0].have_len = true;
	ev->msg[0].len = 12;
	ev->msg[0].sent = true;
	hdr_fill(ev, &ev->msg[0].in, NULL, ctl);
	hdr_fill(ev, &ev->msg[0].out, &from, ctl);
	if (call_rows[c].flags & CALL_VECTOR)
		ev->result = ev->vlen = 1;
}

static void receive(struct scene *s, const char *peer, const struct control *ctl)
{
	receive_call(s, ctl ? CALL_RECVMSG : CALL_RECVFROM, peer, ctl);
	listen_to(s);
}

static void asked4(struct scene *s, const char *peer, const char *asked)
{
	struct control ctl = pktinfo(L_IP, 2, asked, asked);

	receive(s, peer, &ctl);
	assert_string_equal(s->said, "");
}

static void asked6(struct scene *s, const char *peer, const char *asked)
{
	struct control ctl = pktinfo6(L_IPV6, 2, asked);

	receive(s, peer, &ctl);
	assert_string_equal(s->said, "");
}

static void answer_call(struct scene *s, enum call c, const char *peer, const struct control *ctl,
			int64_t result)
{
	struct addr to = ip(peer, 5353);
	struct event *ev = call(s, c, result, 1);
	struct msg *m = &ev->msg[0];

	hdr_fill(ev, &m->in, &to, ctl);
	m->made_up = !(call_rows[c].flags & CALL_MSGHDR);
	m->iov = arena_new(&ev->arena, struct iov);
	m->niov = 1;
	m->iov[0].len = m->total = 12;
	m->iov[0].data = slice(ev, "hello, world", 12);
	m->sent = result >= 0;
	if (call_rows[c].flags & CALL_VECTOR) {
		ev->vlen = 1;
		ev->result = result < 0 ? result : 1;
		m->have_len = true;
		m->len = 12;
	}
}

static void answer(struct scene *s, const char *peer, const struct control *ctl)
{
	answer_call(s, ctl ? CALL_SENDMSG : CALL_SENDTO, peer, ctl, 12);
	listen_to(s);
}

static void says(const struct scene *s, const char *what)
{
	if (!strstr(s->text.p ? s->text.p : "", what))
		fail_msg("not said: %s\nbut:\n%s", what, s->text.p ? s->text.p : "");
}

/* ---- CT101 and CT201 ---- */

static void ct101_names_what_was_meant_and_both_addresses(void **state)
{
	struct scene s;
	struct control wrong = pktinfo(L_TCP, 2, "198.51.100.53", "198.51.100.53");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", &wrong);
	assert_string_equal(s.said, "CT101 error CT201 error");
	says(&s, "control message 0 is ignored: a UDP socket never reads SOL_TCP");
	says(&s, "meant: cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO {ipi_ifindex=2 (\"eth0\"), "
		 "ipi_spec_dst=198.51.100.53");
	says(&s, "(same type, 12 bytes)");
	says(&s, "so this reply to 192.0.2.7:5353 leaves from 198.51.100.1, but it was asked at "
		 "198.51.100.53 (recvmsg, event 1)");
	says(&s, "because control message 0 is ignored (CT101)");
	scene_close(&s);
}

static void ct101_works_on_dual_stack_sockets_too(void **state)
{
	struct scene s;
	struct control wrong = pktinfo(L_TCP, 2, "198.51.100.53", "198.51.100.53");

	(void)state;
	scene_udp(&s, "::");
	asked6(&s, "::ffff:192.0.2.7", "::ffff:198.51.100.53");
	answer(&s, "::ffff:192.0.2.7", &wrong);
	assert_string_equal(s.said, "CT101 error CT201 error");
	says(&s, "an IPv6 UDP socket never reads SOL_TCP");
	says(&s, "meant: cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO");
	says(&s, "[::ffff:192.0.2.7]:5353 leaves from 198.51.100.1, but it was asked at "
		 "198.51.100.53");
	scene_close(&s);
}

static void ct101_makes_no_guess_where_two_types_fit(void **state)
{
	struct scene s;
	struct control odd = { .len = 0 };

	(void)state;
	scene_udp(&s, "0.0.0.0");
	control_add(&odd, 999, 77, "abc", 3);
	answer(&s, "192.0.2.7", &odd);
	assert_string_equal(s.said, "CT101 error");
	assert_null(strstr(s.text.p, "meant:"));
	says(&s, "holds: cmsg_level=level 999, cmsg_type=type 77, 3 bytes: 61 62 63");
	scene_close(&s);
}

static void ct101_sees_swapped_level_and_type(void **state)
{
	struct scene s;
	struct control swapped = { .len = 0 };

	(void)state;
	scene_udp(&s, "::");
	control_add(&swapped, 67, L_IPV6, "\x20\0\0\0", 4);
	answer(&s, "2001:db8::7", &swapped);
	assert_string_equal(s.said, "CT101 error");
	says(&s, "meant: cmsg_level=SOL_IPV6, cmsg_type=IPV6_TCLASS");
	says(&s, "level and type are swapped");
	scene_close(&s);
}

static void ct101_knows_the_bsd_number(void **state)
{
	struct scene s;
	struct control bsd = { .len = 0 };

	(void)state;
	scene_open(&s, AF_UNIX, SOCK_DGRAM, 0, NULL);
	control_add(&bsd, 0xffff, 1, "\3\0\0\0", 4);
	event_free(s.ev);
	s.ev = NULL;

	struct event *ev = call(&s, CALL_SENDMSG, 1, 1);

	hdr_fill(ev, &ev->msg[0].in, NULL, &bsd);
	ev->msg[0].total = 1;
	listen_to(&s);
	assert_string_equal(s.said, "CT101 error");
	says(&s, "meant: cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS");
	says(&s, "0xffff is SOL_SOCKET on BSD");
	scene_close(&s);
}

static void ct201_is_an_error_where_the_source_differs(void **state)
{
	static const enum call calls[] = { CALL_SENDMSG, CALL_SENDMMSG, CALL_SENDTO, CALL_SEND };

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct scene s;

		scene_udp(&s, "0.0.0.0");
		asked4(&s, "192.0.2.7", "198.51.100.53");
		answer_call(&s, calls[i], "192.0.2.7", NULL, 12);
		listen_to(&s);
		assert_string_equal(s.said, "CT201 error");
		says(&s, "this reply to 192.0.2.7:5353 leaves from 198.51.100.1, but it was asked "
			 "at 198.51.100.53 (recvmsg, event 1)");
		says(&s, "remedy: send 198.51.100.53 back in IP_PKTINFO's ipi_spec_dst");
		scene_close(&s);
	}
}

static void ct201_is_an_error_for_ipv6_and_mmsg(void **state)
{
	struct scene s;
	struct control asked = pktinfo6(L_IPV6, 2, "2001:db8::53");

	(void)state;
	scene_udp(&s, "::");
	receive_call(&s, CALL_RECVMMSG, "2001:db8::7", &asked);
	listen_to(&s);
	answer_call(&s, CALL_SENDMMSG, "2001:db8::7", NULL, 12);
	listen_to(&s);
	assert_string_equal(s.said, "CT201 error");
	says(&s, "leaves from 2001:db8::1, but it was asked at 2001:db8::53 (recvmmsg, event 1)");
	scene_close(&s);
}

static void ct201_warns_where_nothing_tells_the_address(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	receive(&s, "192.0.2.7", NULL);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT201 warning");
	says(&s, "enable IP_PKTINFO");
	scene_close(&s);
}

static void ct201_notes_what_is_right_by_luck(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.1");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT201 note");
	scene_close(&s);
}

static void ct201_is_silent_with_one_candidate(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	s.candidates = 1;
	receive(&s, "192.0.2.7", NULL);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	asked4(&s, "192.0.2.8", "198.51.100.1");
	answer(&s, "192.0.2.8", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct201_is_silent_on_bound_sockets_clients_and_right_replies(void **state)
{
	struct scene s;
	struct control right = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");

	(void)state;
	scene_udp(&s, "198.51.100.53");
	receive(&s, "192.0.2.7", NULL);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	answer(&s, "192.0.2.7", NULL); /* a client's first send */
	assert_string_equal(s.said, "");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", &right);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct201_does_not_count_error_queue_and_failed_sends(void **state)
{
	struct control ctl = pktinfo(L_IP, 2, "198.51.100.53", "198.51.100.53");
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	receive_call(&s, CALL_RECVMSG, "192.0.2.7", &ctl);
	s.ev->flags = 0x2000;
	listen_to(&s);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer_call(&s, CALL_SENDTO, "192.0.2.7", NULL, -EAGAIN);
	listen_to(&s);
	assert_string_equal(s.said, "");
	answer_call(&s, CALL_SENDTO, "192.0.2.7", NULL, -512); /* ERESTARTSYS */
	listen_to(&s);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct201_is_silent_for_broadcast_and_multicast_requests(void **state)
{
	struct scene s;
	struct control broadcast = pktinfo(L_IP, 2, "198.51.100.1", "198.51.100.255");
	struct control multicast = pktinfo(L_IP, 2, "0.0.0.0", "224.0.0.251");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	receive(&s, "192.0.2.7", &broadcast);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	receive(&s, "192.0.2.8", &multicast);
	answer(&s, "192.0.2.8", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct201_warns_where_the_route_is_not_known(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	s.no_route = true;
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT201 warning");
	scene_close(&s);
}

static void a_peer_that_asks_at_two_addresses_is_no_false_alarm(void **state)
{
	struct scene s;
	struct control one = pktinfo(L_IP, 0, "198.51.100.1", "0.0.0.0");
	struct control two = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");
	struct control three = pktinfo(L_IP, 0, "198.51.100.99", "0.0.0.0");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.1");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", &one);
	assert_string_equal(s.said, "");
	answer(&s, "192.0.2.7", &two);
	assert_string_equal(s.said, "");
	answer(&s, "192.0.2.7", &three);
	assert_string_equal(s.said, "CT206 error");
	says(&s, "gives 198.51.100.99 as its source, but it was asked at 198.51.100.53");
	scene_close(&s);
}

static void one_request_after_another_is_judged_each_by_its_own(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	s.candidates = 1;
	asked4(&s, "192.0.2.7", "198.51.100.1");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT201 error");
	scene_close(&s);
}

static void an_unpadded_last_message_is_right(void **state)
{
	struct scene s;
	struct control right = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	right.len = 28; /* not 32 */
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", &right);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void a_client_is_not_taken_for_a_server(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	for (int i = 0; i < 3; i++) {
		answer(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, "");
		receive(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, "");
	}
	scene_close(&s);
}

/* TFTP: the server answers from a new port, and the client goes on there. */
static void a_client_is_one_when_another_port_answers(void **state)
{
	struct scene s;
	struct addr to = ip("192.0.2.7", 69);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	for (int i = 0; i < 2; i++) {
		answer_call(&s, CALL_SENDTO, "192.0.2.7", NULL, 12);
		hdr_fill(s.ev, &s.ev->msg[0].in, &to, NULL);
		listen_to(&s);
		assert_string_equal(s.said, "");
		receive(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, "");
		answer(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, "");
		to = ip("192.0.2.8", 69); /* and the next file from somewhere else */
	}
	receive(&s, "192.0.2.9", NULL); /* whom nobody asked */
	answer(&s, "192.0.2.9", NULL);
	assert_string_equal(s.said, "CT201 warning");
	scene_close(&s);
}

/* Discovery: a question to all, answers from some, and on with one of them. */
static void a_client_is_one_when_it_asked_all(void **state)
{
	static const char *const all[] = { "224.0.0.251", "255.255.255.255", "192.0.2.255" };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct scene s;

		scene_udp(&s, "0.0.0.0");
		sock_opt_set(s.sock, OPT_SO_BROADCAST, 1);
		answer_call(&s, CALL_SENDTO, all[i], NULL, 12);
		s.ev->enter_ns = 1000000000;
		listen_to(&s);
		receive_call(&s, CALL_RECVFROM, "192.0.2.8", NULL);
		s.ev->enter_ns = 2000000000;
		listen_to(&s);
		answer(&s, "192.0.2.8", NULL);
		assert_string_equal(s.said, "");
		/* long after: somebody asks us */
		receive_call(&s, CALL_RECVFROM, "192.0.2.9", NULL);
		s.ev->enter_ns = 60000000000;
		listen_to(&s);
		answer(&s, "192.0.2.9", NULL);
		assert_string_equal(s.said, "CT201 warning");
		scene_close(&s);
	}
}

static void connect_to(struct scene *s, const char *peer)
{
	struct addr to = ip(peer, 5353);
	struct event *ev = call(s, CALL_CONNECT, 0, 0);

	ev->opt = slice(ev, &to.ss, to.len);
	listen_to(s);
}

static bool ours_is_2001(const struct addr *addr)
{
	struct addr ours = ip("2001:db8::1", 0);

	return addr_is_loopback(addr) || addr_same_host(addr, &ours);
}

/* avahi speaks on lo as on every interface. */
static void ct208_lets_loopback_speak_over_lo(void **state)
{
	static const struct {
		uint32_t ifindex;
		const char *source, *to;
		int64_t result;
		const char *said;
	} cases[] = {
		{ 1, "127.0.0.1", "224.0.0.251", 12, "" },
		{ 0, "127.0.0.1", "198.51.100.1", 12, "" }, /* ours: IPv4 took it */
		{ 0, "127.0.0.1", "192.0.2.9", -EINVAL, "CT208 error" },
		{ 2, "127.0.0.1", "192.0.2.9", -EINVAL, "CT208 error" },
		{ 1, "::1", "ff02::fb", 12, "" },
		{ 1, "::1", "ff02::fb", -ENETUNREACH, "CT108 note" }, /* no such route on lo */
		{ 2, "::1", "ff02::fb", 12, "CT208 error" },
		{ 0, "::1", "2001:db8::1", 12, "" },
		{ 0, "::1", "2001:db8::9", 12, "CT208 error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool v6 = strchr(cases[i].source, ':');
		struct scene s;
		struct control ctl =
			v6 ? pktinfo6(L_IPV6, cases[i].ifindex, cases[i].source)
			   : pktinfo(L_IP, cases[i].ifindex, cases[i].source, "0.0.0.0");

		scene_udp(&s, v6 ? "::" : "0.0.0.0");
		s.is_local = ours_is_2001;
		answer_call(&s, CALL_SENDMSG, cases[i].to, &ctl, cases[i].result);
		listen_to(&s);
		if (strcmp(s.said, cases[i].said))
			fail_msg("%s to %s: %s", cases[i].source, cases[i].to, s.said);
		if (!strncmp(s.said, "CT108", 5)) /* and not "not because of" them */
			says(&s, "there is no route with what they choose");
		scene_close(&s);
	}
}

static void ct702_is_content_with_credentials(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct scene s;
		struct control ctl = { .len = 0 };
		unsigned char ucred[12] = { 0 };

		(void)state;
		scene_open(&s, AF_NETLINK, SOCK_RAW, 0, NULL);
		control_add(&ctl, i ? L_SOCKET : 270, i ? 2 : 3, ucred, i ? 12 : 4);
		receive_call(&s, CALL_RECVMSG, "192.0.2.7", &ctl);
		listen_to(&s);
		assert_string_equal(s.said, i ? "" : "CT702 note");
		scene_close(&s);
	}
}

/* iperf3's server: recvfrom, connect, write. */
static void ct205_warns_where_an_asked_socket_is_connected(void **state)
{
	struct scene s;
	struct addr pinned = ip("198.51.100.1", 53);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	connect_to(&s, "192.0.2.7"); /* a client's */
	assert_string_equal(s.said, "");
	receive(&s, "192.0.2.8", NULL);
	connect_to(&s, "192.0.2.7"); /* not who asked */
	assert_string_equal(s.said, "");
	s.candidates = 1;
	connect_to(&s, "192.0.2.8");
	assert_string_equal(s.said, "");
	s.candidates = 2;
	s.sock->local = pinned; /* as it is once connected */
	s.sock->peer = ip("192.0.2.8", 5353);
	connect_to(&s, "192.0.2.8");
	assert_string_equal(s.said, "CT205 warning");
	says(&s, "connect() pins 198.51.100.1 as the source of the replies to 192.0.2.8:5353");
	scene_close(&s);

	scene_udp(&s, "198.51.100.53"); /* bound to an address */
	receive(&s, "192.0.2.8", NULL);
	connect_to(&s, "192.0.2.8");
	assert_string_equal(s.said, "");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0"); /* we wrote first */
	answer(&s, "192.0.2.8", NULL);
	receive(&s, "192.0.2.8", NULL);
	connect_to(&s, "192.0.2.8");
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void peeks(struct scene *s, const char *peer, const struct control *ctl)
{
	receive_call(s, ctl ? CALL_RECVMSG : CALL_RECVFROM, peer, ctl);
	s->ev->flags = MSG_PEEK;
	listen_to(s);
	assert_string_equal(s->said, "");
}

/* What was asked stood in a control message: the answer shows whether it is forgotten. */
static void ct205_waits_for_the_answer_of_who_gets_control_messages(void **state)
{
	struct control with = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	connect_to(&s, "192.0.2.7"); /* the answer may carry a source */
	assert_string_equal(s.said, "");
	s.sock->local = ip("198.51.100.1", 53);
	s.sock->peer = ip("192.0.2.7", 5353);
	answer(&s, "192.0.2.7", &with);
	assert_string_equal(s.said, "");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT205 error");
	says(&s, "remedy: bind the answering socket to the asked address before connect()");
	answer(&s, "192.0.2.7", NULL);
	assert_int_equal(check_count(s.check, SEVERITY_ERROR), 2); /* counted, not told again */
	scene_close(&s);

	scene_udp(&s, "::");
	asked6(&s, "2001:db8::7", "2001:db8::1");
	connect_to(&s, "2001:db8::7"); /* that is what the route prefers */
	assert_string_equal(s.said, "");
	scene_close(&s);
}

/* socat's and ncat's servers look who is there, connect, read and write. */
static void ct205_takes_a_peek_for_a_request_where_its_sender_is_connected(void **state)
{
	struct scene s;
	struct control ctl = pktinfo(L_IP, 2, "198.51.100.53", "198.51.100.53");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	peeks(&s, "192.0.2.7", NULL);
	connect_to(&s, "192.0.2.9"); /* somebody else */
	assert_string_equal(s.said, "");
	connect_to(&s, "192.0.2.7");
	assert_string_equal(s.said, "CT205 warning");
	says(&s, "remedy: receive with IP_PKTINFO enabled");
	peeks(&s, "192.0.2.7", &ctl);
	connect_to(&s, "192.0.2.7");
	assert_string_equal(s.said, "CT205 error");
	s.sock->local = ip("198.51.100.1", 53);
	s.sock->peer = ip("192.0.2.7", 5353);
	answer(&s, "192.0.2.7", NULL); /* said when it was connected */
	assert_string_equal(s.said, "");
	scene_close(&s);

	scene_udp(&s, "198.51.100.53");
	peeks(&s, "192.0.2.7", NULL);
	connect_to(&s, "192.0.2.7");
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct205_knows_a_new_connected_socket_where_the_asked_one_is_silent(void **state)
{
	struct scene s;

	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		scene_udp(&s, "0.0.0.0");
		receive(&s, "192.0.2.7", NULL);
		if (answered) {
			answer(&s, "192.0.2.7", NULL);
			assert_string_equal(s.said, "CT201 warning");
		}
		s.sock->cookie++;
		connect_to(&s, "192.0.2.7");
		assert_string_equal(s.said, ""); /* so programs learn their own address */
		s.sock->local = ip("198.51.100.1", 4000);
		s.sock->peer = ip("192.0.2.7", 5353);
		answer(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, answered ? "" : "CT205 warning");
		scene_close(&s);
	}
	/* the second client of a server that answered the first */
	scene_udp(&s, "0.0.0.0");
	answer(&s, "192.0.2.7", NULL);
	receive(&s, "192.0.2.7", NULL);
	s.sock->cookie++;
	connect_to(&s, "192.0.2.7");
	s.sock->local = ip("198.51.100.1", 4000);
	s.sock->peer = ip("192.0.2.7", 5353);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct307_says_who_inherits_the_descriptors(void **state)
{
	static const struct {
		uint32_t threads;
		const char *said, *says;
	} cases[] = {
		{ 0, "CT307 warning", "a thread that forks and executes now hands it on" },
		{ 1, "CT307 warning", "a program that is executed later inherits it" },
		{ 2, "CT307 warning", "a thread that forks and executes now hands it on" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;
		struct control ctl = { .len = 0 };
		int fd = 9;

		scene_open(&s, AF_UNIX, SOCK_STREAM, 0, NULL);
		control_add(&ctl, L_SOCKET, 1, &fd, sizeof(fd));
		receive_call(&s, CALL_RECVMSG, "192.0.2.7", &ctl);
		s.ev->threads = cases[i].threads;
		listen_to(&s);
		assert_string_equal(s.said, cases[i].said);
		says(&s, cases[i].says);
		scene_close(&s);
	}
}

static void another_socket_that_answers_is_judged_by_the_request(void **state)
{
	struct scene s;
	struct addr bound = ip("198.51.100.53", 0);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	s.sock->cookie++; /* a new one, bound to nothing */
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT205 error");
	says(&s, "leaves from 198.51.100.1, but it was asked at 198.51.100.53 (recvmsg, event 1)");
	says(&s, "sent from another socket than was asked");
	asked4(&s, "192.0.2.8", "198.51.100.53");
	s.sock->cookie++;
	s.sock->local = bound; /* a new one, bound to what was asked */
	answer(&s, "192.0.2.8", NULL);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

/* ---- CT103, CT204, CT901 ---- */

static void ct103_tells_families_apart(void **state)
{
	struct scene s;
	struct control v4 = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");
	struct control v6 = pktinfo6(L_IPV6, 0, "2001:db8::53");
	struct control mapped = pktinfo6(L_IPV6, 0, "::ffff:198.51.100.53");
	struct control class = { .len = 0 };

	(void)state;
	scene_udp(&s, "::");
	asked6(&s, "2001:db8::7", "2001:db8::53");
	answer(&s, "2001:db8::7", &v4); /* SOL_IP towards IPv6 */
	assert_string_equal(s.said, "CT103 error CT201 error");
	says(&s, "is ignored: towards [2001:db8::7]:5353 the kernel reads SOL_IPV6, not SOL_IP");
	says(&s, "because control message 0 is ignored (CT103)");
	scene_close(&s);

	scene_udp(&s, "::");
	answer(&s, "::ffff:192.0.2.7", &v4);
	assert_string_equal(s.said, "");
	answer(&s, "::ffff:192.0.2.7", &mapped);
	assert_string_equal(s.said, "");
	answer_call(&s, CALL_SENDMSG, "::ffff:192.0.2.7", &v6, -EINVAL);
	listen_to(&s);
	assert_true(strstr(s.said, "CT103 error") != NULL);
	says(&s, "makes the send fail with EINVAL");
	scene_close(&s);

	scene_udp(&s, "::");
	control_add(&class, L_IPV6, 67, "\x28\0\0\0", 4);
	answer(&s, "::ffff:192.0.2.7", &class);
	says(&s, "meant: SOL_IP/IP_TOS");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	answer(&s, "192.0.2.7", &v6); /* SOL_IPV6 on AF_INET */
	assert_string_equal(s.said, "CT103 error");
	scene_close(&s);
}

/* A look at the size is no read: the one that takes it is asked. */
static void ct702_is_silent_of_a_look_at_the_size(void **state)
{
	struct scene s;

	(void)state;
	for (int peek = 0; peek < 2; peek++) {
		scene_open(&s, AF_NETLINK, SOCK_RAW, 0, NULL);

		struct event *ev = call(&s, CALL_RECVMSG, 12, 1);

		ev->flags = peek ? MSG_PEEK : 0;
		ev->msg[0].sent = true;
		hdr_fill(ev, &ev->msg[0].in, NULL, NULL);
		hdr_fill(ev, &ev->msg[0].out, NULL, NULL);
		listen_to(&s);
		assert_string_equal(s.said, peek ? "" : "CT702 note");
		scene_close(&s);
	}
}

/* Asked at a broadcast or multicast address: nothing else could stand there. */
static void ct204_is_silent_where_no_source_can_be_given(void **state)
{
	static const char *const asked[] = { "255.255.255.255", "224.0.0.251" };
	struct scene s;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct control ctl = pktinfo(L_IP, 2, "0.0.0.0", asked[i]);

		scene_udp(&s, "0.0.0.0");
		answer(&s, "192.0.2.7", &ctl);
		assert_string_equal(s.said, "");
		scene_close(&s);
	}
}

/* What is wrong is its level: that it also lacks what others had would be the same once more. */
static void ct202_leaves_the_cause_to_ct101(void **state)
{
	struct control right = pktinfo(L_IP, 0, "198.51.100.2", "0.0.0.0");
	struct control wrong = pktinfo(L_TCP, 0, "198.51.100.2", "0.0.0.0");
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.2");
	answer(&s, "192.0.2.7", &right);
	assert_string_equal(s.said, "");
	answer(&s, "192.0.2.7", &wrong);
	assert_string_equal(s.said, "CT101 error CT201 error");
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT202 error");
	scene_close(&s);
}

/* Netfilter never sees AF_UNIX; with descriptors they are what is refused. */
static void ct108_knows_what_unix_sockets_refuse(void **state)
{
	static const struct {
		int64_t result;
		const char *rules, *says, *never;
	} cases[] = {
		{ -EPERM, "CT108 note", "the receiving socket takes none (SO_PASSRIGHTS is off)",
		  "netfilter" },
		{ -EINVAL, "CT108 note", "a descriptor in it is io_uring's, which can't be passed",
		  "it is not the control" },
		{ -ETOOMANYREFS, "CT302 error", "more descriptors are in flight",
		  "it is not the control" },
	};
	int fd = 3;
	struct control ctl = { .len = 0 };
	struct scene s;

	(void)state;
	control_add(&ctl, L_SOCKET, 1, &fd, sizeof(fd));
	for (unsigned int i = 0; i < 3; i++) {
		scene_open(&s, AF_UNIX, SOCK_DGRAM, 0, NULL);
		s.open_fds = 100;

		struct event *ev = call(&s, CALL_SENDMSG, cases[i].result, 1);

		hdr_fill(ev, &ev->msg[0].in, NULL, &ctl);
		ev->msg[0].total = 12;
		listen_to(&s);
		assert_string_equal(s.said, cases[i].rules);
		says(&s, cases[i].says);
		assert_null(strstr(s.text.p, cases[i].never));
		scene_close(&s);
	}
}

/* The rest of a vector: sent again, from another thread, or dropped. */
static void ct114_waits_for_the_rest(void **state)
{
	struct addr to = ip("192.0.2.7", 5353);
	struct scene s;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		scene_udp(&s, "198.51.100.1");

		struct event *ev = call(&s, CALL_SENDMMSG, 1, 3);

		ev->vlen = 3;
		for (uint32_t i = 0; i < 3; i++) {
			struct msg *m = &ev->msg[i];

			hdr_fill(ev, &m->in, &to, NULL);
			m->iov = arena_new(&ev->arena, struct iov);
			m->niov = 1;
			m->iov[0].base = 0x5000 + i * 0x100;
			m->iov[0].len = m->total = 100 + i;
			m->sent = !i;
		}
		listen_to(&s);
		assert_string_equal(s.said, "");
		ev = call(&s, CALL_SENDTO, 50, 1);
		ev->tid += kind == 1;
		hdr_fill(ev, &ev->msg[0].in, &to, NULL);
		ev->msg[0].sent = true;
		ev->msg[0].iov = arena_new(&ev->arena, struct iov);
		ev->msg[0].niov = 1;
		ev->msg[0].iov[0].base = kind == 2 ? 0x5100 : 0x9000;
		ev->msg[0].iov[0].len = ev->msg[0].total = kind == 2 ? 101 : 50;
		listen_to(&s);
		assert_string_equal(s.said, kind ? "" : "CT114 warning");
		if (!kind)
			says(&s, "sent 1 of 3 messages, and this call sends something else");
		scene_close(&s);
	}
}

static void ct204_is_about_the_field_that_is_not_read(void **state)
{
	struct scene s;
	struct control empty = pktinfo(L_IP, 0, "0.0.0.0", "198.51.100.53");
	struct control ifindex_only = pktinfo(L_IP, 2, "0.0.0.0", "0.0.0.0");

	(void)state;
	scene_udp(&s, "0.0.0.0");
	asked4(&s, "192.0.2.7", "198.51.100.53");
	answer(&s, "192.0.2.7", &empty);
	assert_string_equal(s.said, "CT204 error");
	says(&s, "ipi_addr (198.51.100.53) is never read on send");
	says(&s, "so this reply to 192.0.2.7:5353 leaves from 198.51.100.1, but it was asked at "
		 "198.51.100.53");
	answer(&s, "192.0.2.9", &ifindex_only); /* the choice of the interface is the point */
	assert_string_equal(s.said, "");
	scene_close(&s);

	scene_udp(&s, "198.51.100.53");
	answer(&s, "192.0.2.9", &ifindex_only);
	assert_string_equal(s.said, "CT204 error");
	says(&s, "replaces the socket's bound address 198.51.100.53");
	scene_close(&s);
}

static void ct901_is_said_once_a_process(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	for (int i = 0; i < 3; i++) {
		call(&s, CALL_IO_URING_SETUP, 5, 0);
		listen_to(&s);
		assert_string_equal(s.said, i ? "" : "CT901 note");
	}
	call(&s, CALL_IO_URING_SETUP, 5, 0)->tgid = 43;
	listen_to(&s);
	assert_string_equal(s.said, "CT901 note");
	assert_int_equal(check_count(s.check, SEVERITY_NOTE), 4);
	assert_int_equal(check_count(s.check, SEVERITY_WARNING), 0);
	scene_close(&s);
}

/* ---- the bytes on send ---- */

static struct control one(int level, int type, const void *data, size_t len)
{
	struct control ctl = { .len = 0 };

	control_add(&ctl, level, type, data, len);
	return ctl;
}

static void set_len(struct control *ctl, size_t off, uint64_t cmsg_len)
{
	memcpy(ctl->b + off, &cmsg_len, sizeof(cmsg_len));
}

/* A send that the kernel refuses. */
static void refused(struct scene *s, const char *peer, const struct control *ctl, int err)
{
	answer_call(s, CALL_SENDMSG, peer, ctl, -err);
	listen_to(s);
}

static void ct102_knows_options_and_receive_only_types(void **state)
{
	struct scene s;
	struct control option = one(L_IP, 13, "\x20\0\0\0", 4);
	struct control priority = one(L_IP, 12, "\x40\0\0\0", 4); /* SO_PRIORITY is 12 as well */
	struct control stamp = one(L_SOCKET, 29, "0123456789abcdef", 16);
	struct control right = one(L_IP, 1, "\x20\0\0\0", 4);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	refused(&s, "192.0.2.7", &option, EINVAL);
	assert_string_equal(s.said, "CT102 error");
	says(&s, "IP_RECVTOS is a socket option, not a message that can be sent");
	says(&s, "meant: cmsg_level=SOL_IP, cmsg_type=IP_TOS");
	refused(&s, "192.0.2.7", &priority, EINVAL);
	assert_string_equal(s.said, "CT102 error");
	says(&s, "meant: cmsg_level=SOL_IP, cmsg_type=IP_TTL");
	assert_null(strstr(s.text.p, "SO_PRIORITY")); /* the two must not contradict each other */
	refused(&s, "192.0.2.7", &stamp, EINVAL);
	assert_true(strstr(s.said, "CT102 error") != NULL);
	says(&s, "exists only on receive");
	answer(&s, "192.0.2.7", &right);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct104_says_which_size_is_right(void **state)
{
	struct scene s;
	struct control wide = one(L_UDP, 103, "\x04\0\0\0", 4);
	struct control narrow = one(L_IPV6, 67, "\x20", 1);
	struct control right = one(L_UDP, 103, "\x04\0", 2);
	struct control tos = one(L_IP, 1, "\x28\0", 2);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	refused(&s, "192.0.2.7", &tos, EINVAL);
	assert_string_equal(s.said, "CT104 error");
	says(&s, "SOL_IP/IP_TOS has a payload of 2 bytes, it takes 1 or 4 bytes");
	scene_close(&s);
	scene_udp(&s, "::");
	refused(&s, "2001:db8::7", &wide, EINVAL);
	assert_string_equal(s.said, "CT104 error");
	says(&s, "SOL_UDP/UDP_SEGMENT has a payload of 4 bytes, it takes 2 bytes");
	says(&s, "an int was given: UDP_SEGMENT takes a uint16_t");
	says(&s, "cmsg_len is to be CMSG_LEN(2) = 18, and is 20");
	refused(&s, "2001:db8::7", &narrow, EINVAL);
	assert_string_equal(s.said, "CT104 error");
	answer(&s, "2001:db8::7", &right);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct105_tells_space_from_len(void **state)
{
	struct scene s;
	struct control ttl = one(L_IP, 2, "\x40\0\0\0", 4);
	struct control fds = one(L_SOCKET, 1, "\5\0\0\0\0\0\0\0", 8);
	struct control two = one(L_SOCKET, 1, "\5\0\0\0\6\0\0\0", 8);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	set_len(&ttl, 0, 24);
	refused(&s, "192.0.2.7", &ttl, EINVAL);
	assert_string_equal(s.said, "CT105 error");
	says(&s, "the cmsg_len of SOL_IP/IP_TTL is CMSG_SPACE(4), padding included");
	scene_close(&s);

	scene_open(&s, AF_UNIX, SOCK_STREAM, 0, NULL);
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &fds, 12);
	listen_to(&s);
	assert_string_equal(s.said, "CT105 error");
	says(&s, "passes 2 descriptors, and the last one is 0");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &two, 12);
	listen_to(&s);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static struct control two_fds(void)
{
	return one(L_SOCKET, 1, "\5\0\0\0\x9\0\0\0", 8);
}

static void ct105_takes_no_late_answer_for_a_proof(void **state)
{
	struct scene s;
	struct control fds = two_fds();

	(void)state;
	scene_open(&s, AF_UNIX, SOCK_STREAM, 0, NULL);
	s.open_fds = 5;
	refused(&s, "192.0.2.7", &fds, EBADF);
	assert_string_equal(s.said, "CT105 error");
	scene_close(&s);

	/* another thread may have changed what the numbers mean since */
	scene_open(&s, AF_UNIX, SOCK_STREAM, 0, NULL);
	s.open_fds = 5;
	s.late = true;
	refused(&s, "192.0.2.7", &fds, EBADF);
	assert_string_equal(s.said, "CT105 warning");
	scene_close(&s);

	/* the call succeeded: both were open, whatever is said later */
	scene_open(&s, AF_UNIX, SOCK_STREAM, 0, NULL);
	s.open_fds = 5;
	s.late = true;
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &fds, 12);
	listen_to(&s);
	assert_string_equal(s.said, "");
	assert_int_equal(s.ev->msg[0].verdict[0].what, VERDICT_ACCEPT);
	assert_non_null(strstr(s.ev->msg[0].outcome->assumes, "the descriptors are open"));
	scene_close(&s);
}

static void ct106_finds_out_how_the_layout_is_wrong(void **state)
{
	struct scene s;
	struct control whole = one(L_IP, 2, "\x40\0\0\0", 4), packed = whole, sum, bare = whole,
		       narrow = { .len = 28 }, garbage = whole;
	uint32_t header32[] = { 16, 1, 36, 64 };

	(void)state;
	scene_udp(&s, "0.0.0.0");
	whole.len = 64;
	refused(&s, "192.0.2.7", &whole, EINVAL);
	assert_string_equal(s.said, "CT106 error");
	says(&s, "after control message 0 come 40 zero bytes");
	says(&s, "meant: msg_controllen=24, what was filled; it is 64");

	packed.len = 20;
	control_add(&packed, L_IP, 1, "\x20\0\0\0", 4);
	refused(&s, "192.0.2.7", &packed, EINVAL);
	assert_true(strstr(s.said, "CT106 error") || !s.said[0]);
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	packed.len = 40;
	refused(&s, "192.0.2.7", &packed, EINVAL);
	says(&s, "stands at byte 20, where CMSG_LEN ends: the kernel looks for it at byte 24");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	sum = one(L_IP, 2, "\x40\0\0\0", 4);
	control_add(&sum, L_IP, 1, "\x20\0\0\0", 4);
	sum.len = 40;
	refused(&s, "192.0.2.7", &sum, EINVAL);
	says(&s, "msg_controllen is 40, the sum of CMSG_LEN");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	set_len(&bare, 0, 4);
	refused(&s, "192.0.2.7", &bare, EINVAL);
	says(&s, "less than the header's 16 bytes");
	says(&s, "meant: cmsg_len=CMSG_LEN(4) = 20; 4 is the payload alone");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	memcpy(narrow.b, header32, sizeof(header32));
	refused(&s, "192.0.2.7", &narrow, EINVAL);
	says(&s, "is laid out for 32 bits (12 bytes)");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	set_len(&garbage, 0, 0x7fff00000014);
	refused(&s, "192.0.2.7", &garbage, EINVAL);
	says(&s, "its lower half, 20, is what was meant");
	scene_close(&s);
}

static void ct106_warns_of_a_dropped_rest_and_not_of_padding(void **state)
{
	struct scene s;
	struct control rest = one(L_IP, 2, "\x40\0\0\0", 4), pad = rest, unpadded = rest;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	memset(rest.b + rest.len, 0x55, 8);
	rest.len += 8;
	answer(&s, "192.0.2.7", &rest);
	assert_string_equal(s.said, "CT106 warning");
	says(&s, "the last 8 bytes of the control data are less than a header");
	pad.len += 8;
	answer(&s, "192.0.2.7", &pad);
	assert_string_equal(s.said, "");
	unpadded.len = 20;
	answer(&s, "192.0.2.7", &unpadded);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct107_sees_uninitialised_padding(void **state)
{
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", NULL, -EMSGSIZE);
	s.ev->msg[0].in.iovlen = 0x7f3300000001;
	listen_to(&s);
	assert_string_equal(s.said, "CT107 error");
	says(&s, "msg_iovlen is 0x7f3300000001: its lower half, 1, is what was meant");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", NULL, -EMSGSIZE);
	listen_to(&s);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct108_names_the_check_or_frees_the_control_messages(void **state)
{
	struct scene s;
	struct control zero = one(L_IP, 2, "\0\0\0\0", 4);
	struct control right = one(L_IP, 2, "\1\0\0\0", 4);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	refused(&s, "192.0.2.7", &zero, EINVAL);
	assert_string_equal(s.said, "CT108 note");
	says(&s, "sendmsg fails with EINVAL because of control message 0: IP_TTL is 1 ... 255");
	says(&s, "payload at byte 16: 00 00 00 00");
	refused(&s, "192.0.2.7", &right, EPERM);
	assert_string_equal(s.said, "CT108 note");
	says(&s, "and not because of the control messages");
	says(&s, "netfilter");
	refused(&s, "192.0.2.7", &right, EAGAIN);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct108_gives_the_errno_that_sendmmsg_hides(void **state)
{
	struct scene s;
	struct control right = one(L_IP, 2, "\1\0\0\0", 4), zero = one(L_IP, 2, "\0\0\0\0", 4);
	struct addr to = ip("192.0.2.7", 5353);

	(void)state;
	scene_udp(&s, "0.0.0.0");

	struct event *ev = call(&s, CALL_SENDMMSG, 1, 3);

	ev->vlen = 3;
	for (int i = 0; i < 3; i++) {
		hdr_fill(ev, &ev->msg[i].in, &to, i == 1 ? &zero : &right);
		ev->msg[i].total = 12;
	}
	ev->msg[0].sent = true;
	listen_to(&s);
	assert_string_equal(s.said, "CT108 note");
	says(&s, "sendmmsg fails with EINVAL because of control message 0 of message 1");
	says(&s, "message 1: sendmmsg sent 1 of 3, and the count hides this one's errno");
	scene_close(&s);
}

static void ct109_and_ct110_look_at_the_buffer(void **state)
{
	struct scene s;
	struct control right = one(L_IP, 2, "\1\0\0\0", 4);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", NULL, 12);
	s.ev->msg[0].in.control_ptr = 0x2000;
	listen_to(&s);
	assert_string_equal(s.said, "CT109 note");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &right, 12);
	s.ev->msg[0].in.control_ptr = 0x2003;
	listen_to(&s);
	assert_string_equal(s.said, "CT110 note");
	says(&s, "its address leaves 3 when divided by 8");
	answer(&s, "192.0.2.7", &right);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct111_is_about_what_is_checked_and_not_used(void **state)
{
	struct scene s;
	struct control protocol = one(L_IP, 52, "\x11\0\0\0", 4);
	struct control rights = one(L_SOCKET, 1, "\5\0\0\0", 4);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	answer(&s, "192.0.2.7", &protocol);
	assert_string_equal(s.said, "CT111 warning");
	says(&s, "(SOL_IP/IP_PROTOCOL) has no effect on a UDP socket");
	answer(&s, "192.0.2.7", &rights);
	assert_string_equal(s.said, "CT111 warning");
	scene_close(&s);
}

static void ct112_says_which_one_wins(void **state)
{
	struct scene s;
	struct control twice = one(L_IP, 2, "\1\0\0\0", 4);
	struct control both = one(L_IP, 2, "\1\0\0\0", 4);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	control_add(&twice, L_IP, 2, "\x40\0\0\0", 4);
	answer(&s, "192.0.2.7", &twice);
	assert_string_equal(s.said, "CT112 warning");
	says(&s, "control message 0 (IP_TTL) is overridden by control message 1");
	control_add(&both, L_IP, 1, "\x20\0\0\0", 4);
	answer(&s, "192.0.2.7", &both);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

/* A server for both families answers with all that it received: nothing is lost where both ask for the same source. */
static void ct112_is_silent_where_both_families_ask_alike(void **state)
{
	struct scene s;
	struct control alike = pktinfo6(L_IPV6, 2, "::ffff:198.51.100.53");
	struct control others = pktinfo6(L_IPV6, 2, "::ffff:198.51.100.54");
	struct control v4 = pktinfo(L_IP, 2, "198.51.100.53", "0.0.0.0");

	(void)state;
	scene_udp(&s, "::");
	control_add(&alike, L_IP, T_PKTINFO, v4.b + 16, 12);
	answer(&s, "::ffff:192.0.2.7", &alike);
	assert_string_equal(s.said, "");
	control_add(&others, L_IP, T_PKTINFO, v4.b + 16, 12);
	answer(&s, "::ffff:192.0.2.7", &others);
	assert_string_equal(s.said, "CT112 warning");
	says(&s, "is overridden by control message 1, of the same effect: the last one wins");
	scene_close(&s);
}

static void ct50x_know_the_limits_of_segmentation(void **state)
{
	struct scene s;
	struct control small = one(L_UDP, 103, "\x0a\0", 2);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	sock_opt_set(s.sock, OPT_SO_NO_CHECK, 0);
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &small, -EINVAL);
	s.ev->msg[0].total = 2000;
	listen_to(&s);
	assert_string_equal(s.said, "CT501 error");
	says(&s, "2000 bytes in segments of 10 are 200 datagrams: one send may hold 128");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &small, 8);
	s.ev->msg[0].total = 8;
	listen_to(&s);
	assert_string_equal(s.said, "CT502 note");
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &small, 40);
	s.ev->msg[0].total = 40;
	listen_to(&s);
	assert_string_equal(s.said, "");

	struct control room = { .len = 64 };

	sock_opt_set(s.sock, OPT_UDP_GRO, 1);
	receive(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "CT503 error");
	receive(&s, "192.0.2.7", &room);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void ct401_tells_a_missing_buffer_from_a_small_one(void **state)
{
	struct scene s;
	struct control room = { .len = 64 };
	struct event *ev;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	sock_opt_set(s.sock, OPT_IP_PKTINFO, 1);
	ev = call(&s, CALL_RECVMSG, 12, 1);
	hdr_fill(ev, &ev->msg[0].in, NULL, &room);
	hdr_fill(ev, &ev->msg[0].out, NULL, NULL);
	ev->msg[0].out.flags = MSG_CTRUNC;
	listen_to(&s);
	assert_string_equal(s.said, "CT401 warning");
	says(&s, "did not fit into 64 bytes");
	scene_close(&s);

	scene_udp(&s, "0.0.0.0");
	sock_opt_set(s.sock, OPT_IP_PKTINFO, 1);
	ev = call(&s, CALL_RECVMSG, 12, 1);
	hdr_fill(ev, &ev->msg[0].in, NULL, NULL);
	ev->msg[0].in.controllen = 64;
	hdr_fill(ev, &ev->msg[0].out, NULL, NULL);
	ev->msg[0].out.flags = MSG_CTRUNC;
	listen_to(&s);
	assert_string_equal(s.said, "CT401 warning");
	says(&s, "msg_control is NULL");
	scene_close(&s);
}

/* n sends of size bytes with MSG_ZEROCOPY, and one that is refused. */
static void pinned(struct scene *s, unsigned int n, uint64_t size)
{
	for (unsigned int i = 0; i <= n; i++) {
		answer_call(s, CALL_SENDTO, "192.0.2.7", NULL, i < n ? (int64_t)size : -ENOBUFS);
		s->ev->msg[0].total = size;
		s->ev->flags = 0x4000000; /* MSG_ZEROCOPY */
		s->ev->proc = proc_new();
		s->ev->proc->has = PROC_HAS_CAPS | PROC_HAS_USERNS;
		s->ev->proc->userns = 1;
		listen_to(s);
	}
}

static void ct409_names_the_limit_that_the_numbers_reach(void **state)
{
	static const struct {
		unsigned int n;
		uint64_t size;
		int memlock;
		const char *by;
	} cases[] = {
		{ 0, 100000, 65536, "by RLIMIT_MEMLOCK;" },
		{ 3, 20000, 65536, "by RLIMIT_MEMLOCK;" },
		{ 3, 20000, INT32_MAX, "by net.core.optmem_max;" },
		{ 40, 10, 1 << 30, "by net.core.optmem_max;" },
		{ 2, 10, 1 << 20, "by RLIMIT_MEMLOCK or net.core.optmem_max;" },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;

		scene_udp(&s, "198.51.100.1");
		s.memlock = cases[i].memlock;
		s.optmem = 20480;
		sock_opt_set(s.sock, OPT_SO_ZEROCOPY, 1);
		pinned(&s, cases[i].n, cases[i].size);
		assert_string_equal(s.said, "CT409 warning");
		says(&s, cases[i].by);
		scene_close(&s);
	}
}

static void ct504_asks_the_interface(void **state)
{
	const struct control at = one(L_SOCKET, 61, "\1\0\0\0\0\0\0\0", 8);

	(void)state;
	for (int keeps = -1; keeps <= 1; keeps++) {
		struct scene s;

		scene_udp(&s, "198.51.100.1");
		s.keeps_txtime = keeps;
		sock_opt_set(s.sock, OPT_SO_TXTIME, 1);
		answer(&s, "192.0.2.7", &at);
		assert_string_equal(s.said, keeps ? "" : "CT504 warning");
		if (!keeps)
			says(&s, "no queue of interface 2 (\"eth0\") keeps it");
		scene_close(&s);
	}
}

/* SO_PASSCRED is switched on while so much waits; then a message comes with pid, uid and gid. */
static const char *heard(struct scene *s, int waits, uint32_t pid, uint32_t id)
{
	static const int on = 1;
	struct control ctl = { .len = 0 };
	const uint32_t u[] = { pid, id, id };
	struct event *ev;

	scene_open(s, AF_UNIX, SOCK_DGRAM, 0, NULL);
	s->waits = waits;
	sock_opt_set(s->sock, OPT_SO_PASSCRED, 1);
	ev = call(s, CALL_SETSOCKOPT, 0, 0);
	ev->args[1] = L_SOCKET;
	ev->args[2] = 16;
	ev->opt = slice(ev, &on, sizeof(on));
	listen_to(s);
	control_add(&ctl, L_SOCKET, 2, u, sizeof(u));
	ev = call(s, CALL_RECVMSG, 1, 1);
	hdr_fill(ev, &ev->msg[0].in, NULL, &ctl);
	hdr_fill(ev, &ev->msg[0].out, NULL, &ctl);
	listen_to(s);
	return s->said;
}

static void ct703_knows_true_numbers_from_those_of_no_one(void **state)
{
	static const struct {
		int waits;
		uint32_t pid, id;
		const char *says;
	} cases[] = {
		{ 4, 0, 65534, "CT703 warning" },
		{ 4, 99, 65534, "" }, /* the user nobody */
		{ 4, 0, 1000, "" },   /* a process outside of the pid namespace */
		{ 0, 0, 65534, "" },  /* both: nothing had been sent before */
		{ -1, 0, 65534, "" }, /* it can't be told */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;

		assert_string_equal(heard(&s, cases[i].waits, cases[i].pid, cases[i].id),
				    cases[i].says);
		scene_close(&s);
	}
}

/* A timestamp of three slots of 16 bytes: which of them is not 0. */
static struct control stamp(bool software, bool hardware)
{
	struct control ctl = { .len = 0 };
	unsigned char data[48] = { software, [32] = hardware };

	control_add(&ctl, L_SOCKET, 65, data, sizeof(data));
	return ctl;
}

static void ct405_knows_the_slots(void **state)
{
	enum { SOFTWARE = 1 << 4, HARDWARE = 1 << 6 | 1 << 2 };
	struct scene s;
	struct control soft = stamp(true, false), hard = stamp(false, true),
		       all = stamp(true, true);

	(void)state;
	scene_udp(&s, "0.0.0.0");
	sock_opt_set(s.sock, OPT_SO_TIMESTAMPING, SOFTWARE);
	sock_opt_set(s.sock, OPT_SO_TIMESTAMPING_NEW, 1);
	receive(&s, "192.0.2.7", &soft);
	assert_string_equal(s.said, "");
	receive(&s, "192.0.2.7", &hard);
	assert_string_equal(s.said, "CT405 note");
	says(&s, "only the third (raw hardware) is set");
	sock_opt_set(s.sock, OPT_SO_TIMESTAMPING, SOFTWARE | HARDWARE);
	receive(&s, "192.0.2.7", &all);
	assert_string_equal(s.said, "");
	receive(&s, "192.0.2.7", &soft);
	assert_string_equal(s.said, "CT405 note");
	says(&s, "only the first (software) is set");
	sock_opt_set(s.sock, OPT_SO_TIMESTAMPING, HARDWARE);
	receive(&s, "192.0.2.7", &hard);
	assert_string_equal(s.said, "");
	scene_close(&s);
}

static void tls_receive(struct scene *s, int64_t result, size_t room)
{
	struct control ctl = { .len = room };
	struct event *ev = call(s, CALL_RECVMSG, result, 1);

	hdr_fill(ev, &ev->msg[0].in, NULL, room ? &ctl : NULL);
	listen_to(s);
}

static void ct601_is_about_kernel_tls_without_room(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, AF_INET, SOCK_STREAM, IPPROTO_TCP, "198.51.100.1");
	tls_receive(&s, -EIO, 0);
	assert_string_equal(s.said, ""); /* not known: counted as not run */
	sock_opt_set(s.sock, OPT_TCP_ULP, 0);
	tls_receive(&s, -EIO, 0);
	assert_string_equal(s.said, "");
	sock_opt_set(s.sock, OPT_TCP_ULP, 1);
	tls_receive(&s, -EIO, 24);
	assert_string_equal(s.said, ""); /* there was room: another reason */
	tls_receive(&s, -ECONNRESET, 0);
	assert_string_equal(s.said, "");
	tls_receive(&s, -EIO, 16);
	assert_string_equal(s.said, "CT601 error");
	says(&s, "the control buffer of 16 bytes has no room for its type");
	scene_close(&s);
}

/* A process receives two descriptors and ends; what is known of them then. */
static void ends(struct scene *s, bool known, uint32_t nleft)
{
	static const struct left_fd left[] = { { 5, 1 }, { 6, 1 } };
	static const int fds[] = { 5, 6 };
	struct control ctl = { .len = 0 };
	struct event *ev;

	scene_open(s, AF_UNIX, SOCK_DGRAM, 0, NULL);
	sock_opt_set(s->sock, OPT_SO_PASSCRED, 0);
	control_add(&ctl, L_SOCKET, 1, fds, sizeof(fds));
	ev = call(s, CALL_RECVMSG, 1, 1);
	ev->flags = MSG_CMSG_CLOEXEC;
	hdr_fill(ev, &ev->msg[0].in, NULL, &ctl);
	hdr_fill(ev, &ev->msg[0].out, NULL, &ctl);
	listen_to(s);
	assert_string_equal(s->said, "");
	ev = call(s, CALL_OTHER, 0, 0);
	ev->kind = EVENT_EXITED;
	ev->left_known = known;
	ev->nleft = nleft;
	ev->left = nleft ? arena_memdup(&ev->arena, left, nleft * sizeof(left[0])) : NULL;
	check_ended(s->check, ev);
	check_ended(s->check, ev); /* a second time is nobody's */
}

static void ct303_speaks_of_processes_that_ended(void **state)
{
	struct scene s;
	const struct finding *f;
	const struct check_skip *skips;
	size_t n;

	(void)state;
	ends(&s, true, 0);
	assert_null(check_end(s.check));
	check_skips(s.check, &n);
	assert_int_equal(n, 0);
	scene_close(&s);

	ends(&s, true, 2);
	f = check_end(s.check);
	assert_non_null(f);
	assert_string_equal(f->rule->id, "CT303");
	assert_int_equal(f->severity, SEVERITY_NOTE);
	assert_non_null(strstr(f->message, "ended with 2 descriptors that it had received"));
	assert_non_null(strstr(f->message, "closed: 5, 6"));
	assert_null(f->next);
	scene_close(&s);

	ends(&s, false, 0);
	f = check_end(s.check);
	assert_string_equal(f->rule->id, "CT902");
	assert_null(f->next);
	skips = check_skips(s.check, &n);
	assert_int_equal(n, 1);
	assert_string_equal(skips[0].rule->id, "CT303");
	scene_close(&s);
}

static void the_summary_counts_a_line_of_code_once(void **state)
{
	struct scene s;
	struct control tos = one(L_IP, 13, "\x20\0\0\0", 4);
	struct control ttl = one(L_IP, 12, "\x40\0\0\0", 4);
	struct run_end end = { .messages = 2, .events = 2 };
	struct buf b = { 0 };

	(void)state;
	scene_udp(&s, "0.0.0.0");
	refused(&s, "192.0.2.7", &tos, EINVAL);
	refused(&s, "192.0.2.7", &ttl, EINVAL);
	says(&s,
	     "IP_RECVTTL is a socket option"); /* another mistake: told, though at the same place */
	end.check = s.check;
	summary_put(&b, &end, false);
	assert_non_null(
		strstr(buf_cstr(&b), "CT102 error [receive-only-type]: 2 times at 1 place: "));
	assert_non_null(strstr(buf_cstr(&b), " |      2x "));
	buf_free(&b);
	scene_close(&s);
}

static void ct701_compares_with_the_true_ids(void **state)
{
	struct scene s;
	uint32_t root[] = { 1, 0, 0 };
	struct control claim = one(L_SOCKET, 2, root, sizeof(root));

	(void)state;
	scene_open(&s, AF_UNIX, SOCK_DGRAM, 0, NULL);
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &claim, -EPERM);
	s.ev->proc = proc_new();
	s.ev->proc->has = PROC_HAS_IDS | PROC_HAS_CAPS;
	s.ev->proc->uid = s.ev->proc->euid = s.ev->proc->suid = 1000;
	s.ev->proc->gid = s.ev->proc->egid = s.ev->proc->sgid = 1000;
	listen_to(&s);
	assert_true(strstr(s.said, "CT701 error") != NULL);
	says(&s, "the credentials {pid=1, uid=0, gid=0} of control message 0 are refused");
	says(&s, "pid 1 is not its own (42");
	says(&s, "uid 0 is none of its own (real 1000, effective 1000, saved 1000)");
	scene_close(&s);
}

/* ---- the engine ---- */

static void a_mistake_is_told_once_at_each_place(void **state)
{
	struct scene s;
	const struct check_place *const *places;
	size_t n;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	for (int i = 0; i < 1000; i++) {
		asked4(&s, "192.0.2.7", "198.51.100.53");
		answer(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, i ? "" : "CT201 error");
	}
	assert_int_equal(s.stacks, 1); /* a stack costs more than all else */
	s.function = "retry";
	for (int i = 0; i < 100; i++) {
		asked4(&s, "192.0.2.7", "198.51.100.53");
		answer(&s, "192.0.2.7", NULL);
		assert_string_equal(s.said, i ? "" : "CT201 error");
	}
	places = check_places(s.check, &n);
	assert_int_equal(n, 2);
	assert_string_equal(places[0]->where, "reply (server+0x0)");
	assert_string_equal(places[1]->where, "retry (server+0x0)");
	assert_int_equal(places[0]->count, 1000);
	assert_int_equal(places[1]->count, 100);
	assert_string_not_equal(places[0]->fingerprint, places[1]->fingerprint);
	assert_int_equal(check_count(s.check, SEVERITY_ERROR), 1100);
	scene_close(&s);
}

/* Everything that may differ from run to run does, and the fingerprint stays; it never changes. */
static void a_fingerprint_knows_no_pid_port_address_or_time(void **state)
{
	char first[17] = "";

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scene s;
		size_t n;

		scene_udp(&s, "0.0.0.0");
		s.sock->cookie += (uint64_t)i;
		s.no = i ? 1000 : 0;
		asked4(&s, i ? "192.0.2.7" : "203.0.113.9", i ? "198.51.100.53" : "198.51.100.54");
		answer_call(&s, CALL_SENDTO, i ? "192.0.2.7" : "203.0.113.9", NULL, 12);
		s.ev->tid = s.ev->tgid = 100 + i;
		s.ev->enter_ns = (uint64_t)i * 1000000;
		listen_to(&s);
		assert_string_equal(s.said, "CT201 error");

		const struct check_place *const *places = check_places(s.check, &n);

		if (i)
			assert_string_equal(places[0]->fingerprint, first);
		else
			memcpy(first, places[0]->fingerprint, sizeof(first));
		scene_close(&s);
	}
	assert_string_equal(first, "39c8316e63d8ee8f");
}

/* What an upgrade, another build or another folder changes of a place is no part of its fingerprint. */
static void a_fingerprint_outlives_a_new_build(void **state)
{
	static const struct {
		const char *exe, *module, *function;
	} same[] = {
		{ "/srv/prog", "/srv/prog", "reply" },
		{ "/srv/prog (deleted)", "/srv/prog (deleted)", "reply" },
		{ "/home/me/prog", "/home/me/prog", "reply" },
		{ "/srv/prog", "/srv/prog", "reply.isra.0" },
		{ "/srv/prog", "/srv/prog", "reply.llvm.123" },
		{ "/srv/prog", "/srv/prog", "reply.__uniq.123" },
	};
	char first[17] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct frame f = { .module = same[i].module, .function = same[i].function };
		struct scene s;
		size_t n;

		scene_udp(&s, "0.0.0.0");
		asked4(&s, "192.0.2.7", "198.51.100.53");
		answer_call(&s, CALL_SENDTO, "192.0.2.7", NULL, 12);
		s.ask.stack_number = NULL;
		s.ev->stack = (struct stack){ .have = true, .n = 1, .frames = &f };
		s.ev->proc = proc_new();
		s.ev->proc->exe = alloc_strdup(same[i].exe);
		listen_to(&s);

		const struct check_place *const *places = check_places(s.check, &n);

		assert_int_equal(n, 1);
		if (i)
			assert_string_equal(places[0]->fingerprint, first);
		else
			memcpy(first, places[0]->fingerprint, sizeof(first));
		scene_close(&s);
	}
}

static void findings_below_the_level_are_dropped(void **state)
{
	struct check_opts o = { .release = KERNEL_RELEASE(6, 18, 0), .level = SEVERITY_ERROR };
	struct scene s;

	(void)state;
	scene_udp(&s, "0.0.0.0");
	check_free(s.check);
	s.check = check_new(&o);
	receive(&s, "192.0.2.7", NULL);
	answer(&s, "192.0.2.7", NULL);
	assert_string_equal(s.said, "");
	assert_int_equal(check_count(s.check, SEVERITY_NOTE), 0);
	scene_close(&s);
}

static void places_skip_libraries(void **state)
{
	struct frame f[] = {
		{ .module = "[vdso]", .function = "x" },
		{ .module = "/lib/x86_64-linux-gnu/libc.so.6", .function = "__libc_sendmsg" },
		{ .module = "/opt/quic", .function = "internal/poll.(*FD).WriteMsg" },
		{ .module = "/opt/quic", .function = "main.(*conn).write" },
	};
	struct stack s = { .have = true, .n = 4, .frames = f };
	struct buf b = { 0 };

	(void)state;
	assert_ptr_equal(place_of(&s), &f[3]);
	s.n = 3;
	assert_ptr_equal(place_of(&s), &f[2]);
	s.n = 2;
	assert_null(place_of(&s));
	assert_true(place_is_libc("/lib64/ld-linux-x86-64.so.2"));
	assert_true(place_is_libc("/lib/ld-musl-x86_64.so.1"));
	assert_true(place_is_libc("/lib/x86_64-linux-gnu/libc-2.31.so"));
	assert_true(place_is_libc("/lib/libc.musl-x86_64.so.1"));
	assert_true(place_is_libc("[vdso]"));
	assert_true(place_is_libc("/lib/x86_64-linux-gnu/libc.so.6 (deleted)"));
	assert_false(place_is_libc("/usr/lib/libcares.so.2"));
	assert_false(place_is_libc("/usr/lib/libc-client.so.2007e"));
	assert_int_equal(place_function_len("send_reply.isra.0"), 10);
	assert_int_equal(place_function_len("send_reply.llvm.7123456789"), 10);
	assert_int_equal(place_function_len("send_reply.__uniq.1234.llvm.5678"), 10);
	assert_int_equal(place_function_len("main.(*conn).write"), 18);
	f[3].file = "/src/conn_oob.go";
	f[3].line = 239;
	place_put(&b, &f[3]);
	assert_string_equal(buf_cstr(&b), "main.(*conn).write (conn_oob.go:239)");
	buf_free(&b);
	assert_null(place_coarse(&s, &f[3]));
	assert_non_null(place_coarse(&s, &f[1])); /* taken for want of another */
	assert_non_null(place_coarse(&s, NULL));
}

/* What a compiler made, and has no name, may be anybody's: who called it is no exact place. */
static void code_without_a_name_makes_the_place_coarse(void **state)
{
	struct frame f[] = {
		{ .module = "/lib/x86_64-linux-gnu/libc.so.6", .function = "sendmsg" },
		{ .pc = 0x7f0000001000 },
		{ .module = "/srv/host", .function = "main" },
		{ .pc = 0x7f0000002000 },
	};
	struct stack s = { .have = true, .n = 4, .frames = f };

	(void)state;
	assert_ptr_equal(place_of(&s), &f[2]);
	assert_string_equal(place_coarse(&s, &f[2]),
			    "code without a file and a name made the call");
	f[1].function = "reply"; /* a perf map tells it */
	assert_ptr_equal(place_of(&s), &f[1]);
	assert_null(place_coarse(&s, &f[1]));
	f[1].function = "Builtin:Call";
	assert_ptr_equal(place_of(&s), &f[2]);
	assert_null(place_coarse(&s, &f[2]));
}

/* Perl's own functions no stack shows: neither its C functions nor what called it are an exact place. */
static void an_interpreter_makes_the_place_coarse(void **state)
{
	static const char *const paths[] = {
		"/usr/bin/perl",    "/usr/lib/x86_64-linux-gnu/libperl.so.5.36",
		"/usr/bin/ruby3.1", "/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2",
		"/usr/bin/lua5.4",  "/usr/lib/liblua5.4.so.0",
		"/usr/bin/php8.2",  "/usr/lib/apache2/modules/libphp8.2.so",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct frame f[] = {
			{ .module = "/lib/x86_64-linux-gnu/libc.so.6", .function = "sendmsg" },
			{ .module = paths[i], .function = "call" },
			{ .module = "/srv/host", .function = "main" },
		};
		struct stack s = { .have = true, .n = 2, .frames = f };

		assert_ptr_equal(place_of(&s), &f[1]);
		assert_non_null(place_coarse(&s, &f[1]));
		s.n = 3;
		assert_ptr_equal(place_of(&s), &f[2]);
		assert_non_null(place_coarse(&s, &f[2]));
	}
}

/* A name that libc has, too, is the program's own where what it called is none of libc's. */
static void a_function_may_have_a_name_of_libcs(void **state)
{
	static const char *const libc = "/lib/x86_64-linux-gnu/libc.so.6";
	static const struct {
		struct frame within, f;
		bool own;
	} rows[] = {
		{ { .module = libc, .function = "sendmsg" },
		  { .module = "/srv/server.py", .function = "send", .file = "/srv/server.py" },
		  true },
		{ { .module = libc, .function = "sendmsg" },
		  { .module = "/srv/server.js", .function = "sendmsg", .file = "/srv/server.js" },
		  true },
		{ { .module = libc, .function = "sendmsg" }, { .function = "sendmsg" }, true },
		{ { .module = libc, .function = "sendmsg" },
		  { .module = "/srv/prog", .function = "send", .file = "/src/prog.c" },
		  true },
		{ { .module = libc, .function = "__libc_sendmsg" },
		  { .module = "/srv/prog", .function = "send" },
		  true },
		{ { .module = "/srv/static", .function = "sendmsg" },
		  { .module = "/srv/static", .function = "sendto" },
		  true },
		{ { .module = libc, .function = "syscall" },
		  { .module = "/srv/prog", .function = "recv" },
		  true },
		{ { .module = libc, .function = "sendmsg" },
		  { .module = "/srv/prog", .function = "sendmsg" },
		  false },
		{ { .module = libc, .function = "__libc_sendmsg" },
		  { .module = "/usr/lib/libtorify.so", .function = "sendmsg" },
		  false },
		{ { .module = "/srv/musl", .function = "sendto" },
		  { .module = "/srv/musl", .function = "send" },
		  false },
		{ { .module = "/srv/static", .function = "__syscall_cancel_arch" },
		  { .module = "/srv/static", .function = "recvfrom" },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f[] = { rows[i].within, rows[i].f, { .module = "/srv/main" } };
		struct stack s = { .have = true, .n = 3, .frames = f };

		if (place_of(&s) != &f[rows[i].own ? 1 : 2])
			fail_msg("row %zu: %s", i, f[1].function);
	}
}

static void the_caller_of_a_nameless_wrapper_is_the_place(void **state)
{
	struct frame f[] = {
		{ .module = "/srv/static", .module_off = 0x3000 },
		{ .module = "/srv/static", .module_off = 0x1000 },
		{ .module = "/srv/static", .module_off = 0x1100 },
	};
	struct stack s = { .have = true, .n = 3, .frames = f };

	(void)state;
	assert_ptr_equal(place_of(&s), &f[1]);
	assert_non_null(place_coarse(&s, &f[1]));
	s.n = 1;
	assert_ptr_equal(place_of(&s), &f[0]);
	s.n = 3;
	f[1].function = "reply"; /* it has names, so that the first is none of the C library's */
	assert_ptr_equal(place_of(&s), &f[0]);
}

static void ten_thousand_peers_stay_bounded_and_cheap(void **state)
{
	struct convo_table t;
	struct event *ev = event_new();
	struct msg m = { 0 };
	struct timespec a, b;
	double us;

	(void)state;
	convo_table_init(&t, 0, 0);
	ev->sock = sock_new();
	ev->sock->has = SOCK_HAS_COOKIE;
	ev->sock->cookie = 1;
	ev->call = CALL_RECVFROM;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (uint32_t i = 0; i < 200000; i++) {
		struct sockaddr_in sin = { .sin_family = AF_INET,
					   .sin_port = htons(53),
					   .sin_addr.s_addr = htonl(0x0a000000 + i) };

		m.out.name = (struct bytes){ .p = (void *)&sin, .len = 16, .claimed = 16 };
		convo_received(&t, ev, &m, &(struct inet){ 0 });
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 200000 /
	     1000;
	print_message("# %.3f us a new peer\n", us);
	assert_int_equal(t.convos.n, CONVO_MAX);
	assert_int_equal(t.convos.dropped, 200000 - CONVO_MAX);

	struct addr last = ip("10.3.13.63", 53), first = ip("10.0.0.0", 53);

	assert_non_null(convo_find(&t, ev, &last)); /* 0x0a030d3f: the last one */
	assert_null(convo_find(&t, ev, &first));
	convo_table_free(&t);
	event_free(ev);
	event_pool_free();
}

static void a_clean_message_costs_little(void **state)
{
	struct scene s;
	struct control in = pktinfo(L_IP, 2, "198.51.100.53", "198.51.100.53");
	struct control out = pktinfo(L_IP, 0, "198.51.100.53", "0.0.0.0");
	struct timespec a, b;
	enum { N = 100000 };

	(void)state;
	scene_udp(&s, "0.0.0.0");
	receive(&s, "192.0.2.7", &in);
	answer_call(&s, CALL_SENDMSG, "192.0.2.7", &out, 12);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < N; i++) {
		s.ev->msg[0].outcome = NULL; /* judge it again */
		s.ev->msg[0].walked = false;
		cmsg_walk_event(s.ev);
		check_event(s.check, s.ev, &s.ask);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	print_message("# %.3f us a clean send\n",
		      ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / N /
			      1000);
	assert_int_equal(check_count(s.check, SEVERITY_NOTE), 0);
	scene_close(&s);
}

static void every_rule_is_complete_and_in_order(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (unsigned int i = 0; rules[i]; i++) {
		const struct rule *r = rules[i];

		if (i)
			assert_true(strcmp(rules[i - 1]->id, r->id) < 0);
		assert_true(r->id && r->name && r->title && r->what && r->why && r->kernel);
		assert_true(r->bad && r->good && r->remedy);
		assert_true(r->call || r->send || r->recv || r->end);
		assert_ptr_equal(rule_find(r->id), r);
		assert_ptr_equal(rule_find(r->name), r);
		buf_clear(&b);
		explain_rule(&b, r);
		assert_non_null(strstr(buf_cstr(&b), r->title));
		for (const char *p = b.p; *p; p++)
			assert_true(*p == '\n' || *p == '\t' || (unsigned char)*p >= ' ');
	}
	assert_null(rule_find("CT999"));
	buf_clear(&b);
	explain_man(&b, "1");
	assert_non_null(strstr(buf_cstr(&b), ".SS CT101 \\- cmsg\\-ignored"));
	buf_free(&b);
}

/* Each frame is between the call and the program: the next one out is the place; alone it is the place itself. */
static void layers_are_no_place(void **state)
{
	static const struct frame between[] = {
		{ .module = "/lib/x86_64-linux-gnu/libc.so.6", .function = "sendmsg" },
		{ .module = "/srv/static", .function = "sendmsg" },
		{ .module = "/srv/static", .function = "__syscall_cancel_arch" },
		{ .module = "/srv/prog", .function = "__interceptor_sendmsg" },
		{ .module = "/srv/go", .function = "internal/runtime/syscall.Syscall6" },
		{ .module = "/srv/go", .function = "net.(*UDPConn).WriteMsgUDP" },
		{ .module = "/srv/go", .function = "internal/poll.(*FD).WriteMsg" },
		{ .module = "/srv/go", .function = "golang.org/x/net/ipv4.(*PacketConn).WriteTo" },
		{ .module = "/srv/rust", .function = "std::net::udp::UdpSocket::send_to" },
		{ .module = "/srv/rust",
		  .function = "<tokio::net::udp::UdpSocket as tokio::Send>::poll" },
		{ .module = "/srv/rust", .function = "mio::sys::unix::udp::send" },
		{ .module = "/x/_socket.cpython-311-x86_64-linux-gnu.so",
		  .function = "sock_sendmsg" },
		{ .module = "/x/_socket.cpython-311-x86_64-linux-gnu.so (deleted)",
		  .function = "sock_sendmsg" },
		{ .module = "/usr/lib/python3.11/socket.py (deleted)",
		  .function = "create_server" },
		{ .module = "/usr/lib/x86_64-linux-gnu/libffi.so.8.1.2", .function = "ffi_call" },
		{ .module = "/x/_ctypes.cpython-311-x86_64-linux-gnu.so", .function = "_call" },
		{ .module = "/usr/bin/python3.11" },
		{ .module = "/usr/lib/libpython3.12.so.1.0", .function = "method_vectorcall" },
		{ .module = "/usr/lib/python3.11/asyncio/base_events.py", .function = "run_once" },
		{ .module = "/usr/lib/python3.11/socket.py", .function = "create_server" },
		{ .module = "/usr/lib/libuv.so.1", .function = "poll" },
		{ .module = "/usr/bin/node", .function = "uv__udp_sendmsg" },
		{ .module = "node:dgram", .function = "send" },
		{ .module = "node:internal/async_hooks", .function = "callbackTrampoline" },
		{ .function = "Builtin:ArgumentsAdaptorTrampoline" },
		{ .module = "/usr/lib/jvm/lib/libnio.so", .function = "send0" },
		{ .module = "/usr/lib/jvm/lib/libjli.so", .function = "JavaMain" },
		{ .module = "/usr/lib/x86_64-linux-gnu/ruby/3.1.0/socket.so",
		  .function = "rsock_bsock_sendmsg" },
		{ .module = "/usr/lib/x86_64-linux-gnu/perl-base/auto/IO/IO.so", .function = "xs" },
		{ .function = "sun.nio.ch.DatagramChannelImpl.send(java.nio.ByteBuffer)" },
		{ .function = "io.netty.channel.Channel.flush()" },
		{ .function = "Interpreter" },
	};
	static const struct frame own[] = {
		{ .module = "/srv/static", .function = "sendmsg_to_all" },
		{ .module = "/srv/go", .function = "main.(*server).reply" },
		{ .module = "/srv/rust",
		  .function = "<std::net::udp::UdpSocket as demo::Reply>::reply" },
		{ .module = "/srv/rust",
		  .function = "<tokio::net::UdpSocket as demo::Reply>::reply" },
		{ .module = "/srv/python3.11/server.py", .function = "reply" },
		{ .module = "/srv/asyncio/server.py", .function = "reply" },
		{ .module = "/srv/server.js", .function = "reply" },
		{ .function = "Server.reply(java.net.DatagramSocket)" },
		{ .module = "/srv/prog" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
			struct frame f[] = { between[i], own[k], { .module = "/srv/main" } };
			struct stack s = { .have = true, .n = 3, .frames = f };

			if (place_of(&s) != &f[1])
				fail_msg("%s of %s", place_of(&s)->function, place_of(&s)->module);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ct101_names_what_was_meant_and_both_addresses),
		cmocka_unit_test(ct101_works_on_dual_stack_sockets_too),
		cmocka_unit_test(ct101_makes_no_guess_where_two_types_fit),
		cmocka_unit_test(ct101_sees_swapped_level_and_type),
		cmocka_unit_test(ct101_knows_the_bsd_number),
		cmocka_unit_test(ct201_is_an_error_where_the_source_differs),
		cmocka_unit_test(ct201_is_an_error_for_ipv6_and_mmsg),
		cmocka_unit_test(ct201_warns_where_nothing_tells_the_address),
		cmocka_unit_test(ct201_notes_what_is_right_by_luck),
		cmocka_unit_test(ct201_is_silent_with_one_candidate),
		cmocka_unit_test(ct201_is_silent_on_bound_sockets_clients_and_right_replies),
		cmocka_unit_test(ct201_does_not_count_error_queue_and_failed_sends),
		cmocka_unit_test(ct201_is_silent_for_broadcast_and_multicast_requests),
		cmocka_unit_test(ct201_warns_where_the_route_is_not_known),
		cmocka_unit_test(a_peer_that_asks_at_two_addresses_is_no_false_alarm),
		cmocka_unit_test(one_request_after_another_is_judged_each_by_its_own),
		cmocka_unit_test(an_unpadded_last_message_is_right),
		cmocka_unit_test(a_client_is_not_taken_for_a_server),
		cmocka_unit_test(a_client_is_one_when_another_port_answers),
		cmocka_unit_test(a_client_is_one_when_it_asked_all),
		cmocka_unit_test(ct205_warns_where_an_asked_socket_is_connected),
		cmocka_unit_test(ct205_waits_for_the_answer_of_who_gets_control_messages),
		cmocka_unit_test(ct205_takes_a_peek_for_a_request_where_its_sender_is_connected),
		cmocka_unit_test(ct205_knows_a_new_connected_socket_where_the_asked_one_is_silent),
		cmocka_unit_test(ct307_says_who_inherits_the_descriptors),
		cmocka_unit_test(ct208_lets_loopback_speak_over_lo),
		cmocka_unit_test(ct702_is_content_with_credentials),
		cmocka_unit_test(another_socket_that_answers_is_judged_by_the_request),
		cmocka_unit_test(ct103_tells_families_apart),
		cmocka_unit_test(ct204_is_about_the_field_that_is_not_read),
		cmocka_unit_test(ct702_is_silent_of_a_look_at_the_size),
		cmocka_unit_test(ct204_is_silent_where_no_source_can_be_given),
		cmocka_unit_test(ct202_leaves_the_cause_to_ct101),
		cmocka_unit_test(ct108_knows_what_unix_sockets_refuse),
		cmocka_unit_test(ct114_waits_for_the_rest),
		cmocka_unit_test(ct901_is_said_once_a_process),
		cmocka_unit_test(ct102_knows_options_and_receive_only_types),
		cmocka_unit_test(ct104_says_which_size_is_right),
		cmocka_unit_test(ct105_tells_space_from_len),
		cmocka_unit_test(ct105_takes_no_late_answer_for_a_proof),
		cmocka_unit_test(ct106_finds_out_how_the_layout_is_wrong),
		cmocka_unit_test(ct106_warns_of_a_dropped_rest_and_not_of_padding),
		cmocka_unit_test(ct107_sees_uninitialised_padding),
		cmocka_unit_test(ct108_names_the_check_or_frees_the_control_messages),
		cmocka_unit_test(ct108_gives_the_errno_that_sendmmsg_hides),
		cmocka_unit_test(ct109_and_ct110_look_at_the_buffer),
		cmocka_unit_test(ct111_is_about_what_is_checked_and_not_used),
		cmocka_unit_test(ct112_says_which_one_wins),
		cmocka_unit_test(ct112_is_silent_where_both_families_ask_alike),
		cmocka_unit_test(ct50x_know_the_limits_of_segmentation),
		cmocka_unit_test(ct401_tells_a_missing_buffer_from_a_small_one),
		cmocka_unit_test(ct409_names_the_limit_that_the_numbers_reach),
		cmocka_unit_test(ct504_asks_the_interface),
		cmocka_unit_test(ct703_knows_true_numbers_from_those_of_no_one),
		cmocka_unit_test(ct405_knows_the_slots),
		cmocka_unit_test(ct601_is_about_kernel_tls_without_room),
		cmocka_unit_test(ct303_speaks_of_processes_that_ended),
		cmocka_unit_test(the_summary_counts_a_line_of_code_once),
		cmocka_unit_test(ct701_compares_with_the_true_ids),
		cmocka_unit_test(a_mistake_is_told_once_at_each_place),
		cmocka_unit_test(a_fingerprint_knows_no_pid_port_address_or_time),
		cmocka_unit_test(a_fingerprint_outlives_a_new_build),
		cmocka_unit_test(findings_below_the_level_are_dropped),
		cmocka_unit_test(places_skip_libraries),
		cmocka_unit_test(code_without_a_name_makes_the_place_coarse),
		cmocka_unit_test(an_interpreter_makes_the_place_coarse),
		cmocka_unit_test(a_function_may_have_a_name_of_libcs),
		cmocka_unit_test(the_caller_of_a_nameless_wrapper_is_the_place),
		cmocka_unit_test(ten_thousand_peers_stay_bounded_and_cheap),
		cmocka_unit_test(a_clean_message_costs_little),
		cmocka_unit_test(every_rule_is_complete_and_in_order),
		cmocka_unit_test(layers_are_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
