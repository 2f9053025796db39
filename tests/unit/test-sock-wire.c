// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * --wire finds the packet of each message: the test talks to itself over the loopback interface of a
 * network namespace of its own, and builds the events that a tracer would have.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "kernel/model.h"
#include "sock/facts.h"
#include "sock/tap.h"
#include "sock/wire.h"

struct world {
	struct facts *facts;
	struct wire *wire;
	int server, port;
};

static bool isolated;

static void lo_is(int mtu)
{
	struct ifreq r = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(r.ifr_name, "lo");
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
	r.ifr_mtu = mtu;
	assert_int_equal(ioctl(fd, SIOCSIFMTU, &r), 0);
	close(fd);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct sockaddr_in sin_of(const char *host, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, host, &sin.sin_addr);
	return sin;
}

static struct addr addr_in(const char *host)
{
	struct sockaddr_in sin = sin_of(host, 0);

	return addr_of(&sin, sizeof(sin));
}

static int udp(int family, const char *bind_to)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (family == AF_INET && bind_to) {
		struct sockaddr_in sin = sin_of(bind_to, 0);

		assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	} else if (bind_to) {
		struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

		inet_pton(AF_INET6, bind_to, &sin6.sin6_addr);
		assert_int_equal(bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)), 0);
	}
	return fd;
}

static struct event *call_on(struct world *w, int fd, enum call call)
{
	struct event *ev = event_new();

	ev->kind = EVENT_CALL;
	ev->call = call;
	ev->tid = ev->tgid = getpid();
	ev->fd = fd;
	ev->abi = abi_native();
	ev->end = CALL_RETURNED;
	ev->sock = facts_sock(w->facts, getpid(), fd, NULL);
	ev->proc = facts_proc(w->facts, getpid());
	ev->msg = arena_new(&ev->arena, struct msg);
	ev->nmsg = 1;
	assert_non_null(ev->sock);
	return ev;
}

static struct bytes copy(struct event *ev, const void *p, size_t len)
{
	return (struct bytes){ .p = arena_memdup(&ev->arena, p, len), .len = len, .claimed = len };
}

/* What a tracer with -s 32 has of the payload. */
static void put_payload(struct event *ev, const void *p, size_t len)
{
	struct msg *m = ev->msg;

	m->iov = arena_new(&ev->arena, struct iov);
	m->niov = 1;
	m->iov[0].len = len;
	m->iov[0].data = copy(ev, p, len < 32 ? len : 32);
	m->iov[0].data.claimed = len;
	m->len = (uint32_t)len;
	m->have_len = true;
}

static void watch(struct world *w, int fd)
{
	struct event *ev = call_on(w, fd, CALL_BIND);

	assert_int_equal(wire_watch(w->wire, ev), 0);
	event_free(ev);
}

/* Sends, and asks where it left from. */
static struct wire_fact send_from(struct world *w, int fd, const void *to, size_t tolen,
				  const void *p, size_t len)
{
	struct event *ev = call_on(w, fd, CALL_SENDTO);
	struct wire_fact fact;

	ev->enter_ns = now();
	assert_int_equal(sendto(fd, p, len, 0, to, (socklen_t)tolen), len);
	ev->exit_ns = now();
	ev->msg->in.have = true;
	if (to) {
		ev->msg->in.name_ptr = 4096;
		ev->msg->in.namelen = (int64_t)tolen;
		ev->msg->in.name = copy(ev, to, tolen);
	}
	put_payload(ev, p, len);
	wire_match(w->wire, ev, ev->msg, 0, &fact);
	event_free(ev);
	return fact;
}

struct came {
	struct sockaddr_storage from;
	socklen_t fromlen;
	size_t len;
	struct wire_fact fact;
};

static struct came receive_at(struct world *w, int fd, int flags, size_t room)
{
	static char p[65536];
	struct event *ev = call_on(w, fd, CALL_RECVFROM);
	struct came c = { .fromlen = sizeof(c.from) };
	struct iovec iov = { p, room };
	struct msghdr m = {
		.msg_name = &c.from, .msg_namelen = c.fromlen, .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n;

	ev->enter_ns = now();
	n = recvmsg(fd, &m, flags);
	ev->exit_ns = now();
	assert_true(n >= 0);
	c.len = (size_t)n;
	c.fromlen = m.msg_namelen;
	ev->flags = (uint32_t)flags;
	ev->msg->out.have = true;
	ev->msg->out.flags = (uint32_t)m.msg_flags;
	ev->msg->out.name = copy(ev, &c.from, c.fromlen);
	put_payload(ev, p, c.len);
	wire_match(w->wire, ev, ev->msg, 0, &c.fact);
	event_free(ev);
	return c;
}

static bool is_at(const struct wire_fact *f, const char *host)
{
	struct addr a = addr_in(host);

	return f->have && addr_same_host(&f->local, &a);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	*state = w;
	w->facts = facts_new();
	w->wire = wire_new(w->facts, NULL);
	if (!isolated)
		return 0;
	lo_is(65536);
	w->server = udp(AF_INET, "0.0.0.0");
	getsockname(w->server, (struct sockaddr *)&sin, &len);
	w->port = ntohs(sin.sin_port);

	struct event *ev = call_on(w, w->server, CALL_BIND);
	int rc = wire_watch(w->wire, ev);

	event_free(ev);
	if (rc == -ENOSYS || rc == -EPERM)
		isolated = false;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (w->server)
		close(w->server);
	wire_free(w->wire);
	facts_free(w->facts);
	free(w);
	return 0;
}

/* ---- the tests ---- */

static void test_where_it_was_asked_and_where_it_answered_from(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in to = sin_of("127.0.0.2", w->port);
	int client = udp(AF_INET, "127.0.0.9");
	struct wire_fact f;
	struct came c;

	watch(w, client);
	f = send_from(w, client, &to, sizeof(to), "question", 8);
	assert_true(is_at(&f, "127.0.0.9"));
	c = receive_at(w, w->server, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.2"));
	assert_int_equal(addr_port(&c.fact.local), w->port);
	f = send_from(w, w->server, &c.from, c.fromlen, "answer", 6);
	assert_true(is_at(&f, "127.0.0.1"));
	c = receive_at(w, client, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.9"));
	close(client);
}

static void test_dual_stack_and_ipv6(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	int server = udp(AF_INET6, "::"), client = udp(AF_INET6, "::1"), old = udp(AF_INET, NULL);
	struct sockaddr_in6 at;
	struct sockaddr_in to;
	socklen_t len = sizeof(at);
	struct wire_fact f;
	struct came c;

	watch(w, server);
	getsockname(server, (struct sockaddr *)&at, &len);
	at.sin6_addr = in6addr_loopback;
	assert_int_equal(sendto(client, "six", 3, 0, (struct sockaddr *)&at, sizeof(at)), 3);
	c = receive_at(w, server, 0, 100);
	assert_true(c.fact.have && addr_is_loopback(&c.fact.local));
	assert_int_equal(addr_family(&c.fact.local), AF_INET6);
	f = send_from(w, server, &c.from, c.fromlen, "SIX", 3);
	assert_true(f.have && addr_is_loopback(&f.local));

	to = sin_of("127.0.0.77", ntohs(at.sin6_port));
	assert_int_equal(sendto(old, "four", 4, 0, (struct sockaddr *)&to, sizeof(to)), 4);
	c = receive_at(w, server, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.77"));
	f = send_from(w, server, &c.from, c.fromlen, "FOUR", 4);
	assert_true(is_at(&f, "127.0.0.1"));
	close(server);
	close(client);
	close(old);
}

static void test_equal_datagrams_keep_their_order(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	int client = udp(AF_INET, "127.0.0.1");
	struct came c;

	for (int i = 0; i < 60; i++) {
		struct sockaddr_in to = sin_of(i % 3 ? "127.0.0.4" : "127.0.0.5", w->port);

		assert_int_equal(sendto(client, "same", 4, 0, (struct sockaddr *)&to, sizeof(to)),
				 4);
	}
	for (int i = 0; i < 60; i++) {
		c = receive_at(w, w->server, MSG_PEEK, 100); /* takes none away */
		assert_true(is_at(&c.fact, i % 3 ? "127.0.0.4" : "127.0.0.5"));
		c = receive_at(w, w->server, 0, 100);
		assert_true(is_at(&c.fact, i % 3 ? "127.0.0.4" : "127.0.0.5"));
	}
	close(client);
}

/* As socat looks who is there: recvfrom() does not tell that there is more. */
static void test_a_look_at_the_first_byte_finds_the_datagram(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in to = sin_of("127.0.0.6", w->port), from;
	int client = udp(AF_INET, "127.0.0.1");
	struct event *ev = call_on(w, w->server, CALL_RECVFROM);
	socklen_t len = sizeof(from);
	struct wire_fact fact;
	struct came c;
	char byte;

	assert_int_equal(sendto(client, "question", 8, 0, (struct sockaddr *)&to, sizeof(to)), 8);
	ev->flags = MSG_PEEK;
	assert_int_equal(recvfrom(w->server, &byte, 1, MSG_PEEK, (struct sockaddr *)&from, &len),
			 1);
	ev->exit_ns = now();
	ev->msg->made_up = true;
	ev->msg->total = 1;
	ev->msg->out.have = true;
	ev->msg->out.name = copy(ev, &from, len);
	put_payload(ev, &byte, 1);
	assert_true(wire_match(w->wire, ev, ev->msg, 0, &fact));
	assert_true(is_at(&fact, "127.0.0.6"));
	event_free(ev);
	c = receive_at(w, w->server, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.6"));
	close(client);
}

static void test_a_port_is_heard_before_it_is_bound(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in any = sin_of("0.0.0.0", 4711), to = sin_of("127.0.0.7", 4711);
	int server = udp(AF_INET, NULL), client = udp(AF_INET, "127.0.0.1");
	struct event *ev = call_on(w, server, CALL_BIND);
	struct came c;

	ev->opt = copy(ev, &any, sizeof(any));
	assert_int_equal(wire_watch(w->wire, ev), 0);
	event_free(ev);
	assert_int_equal(bind(server, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(sendto(client, "early", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
	c = receive_at(w, server, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.7"));
	close(server);
	close(client);
}

static void test_what_was_not_sent_has_no_packet(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in to = sin_of("127.0.0.1", w->port);
	int client = udp(AF_INET, "127.0.0.1"), quiet = udp(AF_INET, "127.0.0.1");
	uint64_t before = wire_stats(w->wire).packets;
	socklen_t len = sizeof(to);
	struct event *ev;
	struct wire_fact f;

	/* nobody listens for these two ports */
	getsockname(quiet, (struct sockaddr *)&to, &len);
	assert_int_equal(sendto(client, "?", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	wire_poll(w->wire);
	assert_int_equal(wire_stats(w->wire).packets, before);

	ev = call_on(w, w->server, CALL_SENDTO);
	ev->msg->in.name_ptr = 4096;
	ev->msg->in.namelen = sizeof(to);
	ev->msg->in.name = copy(ev, &to, sizeof(to));
	put_payload(ev, "never sent", 10);
	assert_false(wire_match(w->wire, ev, ev->msg, 0, &f));
	assert_false(f.have);
	event_free(ev);
	close(client);
	close(quiet);
}

static void test_large_cut_and_segmented(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in to = sin_of("127.0.0.3", w->port);
	int client = udp(AF_INET, "127.0.0.1"), gso = 1000, got = 0;
	static char big[20000];
	struct wire_fact f;
	struct came c;

	watch(w, client);
	memset(big, 'x', sizeof(big));
	lo_is(1500); /* leaves in fragments: only the first has the ports */
	f = send_from(w, client, &to, sizeof(to), big, sizeof(big));
	assert_true(is_at(&f, "127.0.0.1"));
	c = receive_at(w, w->server, 0, 100); /* and is cut */
	assert_true(is_at(&c.fact, "127.0.0.3"));
	lo_is(65536);
	f = send_from(w, client, &to, sizeof(to), "", 0);
	assert_true(f.have);
	c = receive_at(w, w->server, 0, 100);
	assert_true(is_at(&c.fact, "127.0.0.3"));
	if (setsockopt(client, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &gso, sizeof(gso))) {
		print_message("# no UDP_SEGMENT here\n");
	} else {
		f = send_from(w, client, &to, sizeof(to), big, 3500);
		assert_true(is_at(&f, "127.0.0.1"));
		while (got < 3500) {
			c = receive_at(w, w->server, MSG_DONTWAIT, 2000);
			assert_true(is_at(&c.fact, "127.0.0.3"));
			got += (int)c.len;
		}
	}
	close(client);
}

static void test_equal_datagrams_that_share_a_packet(void **state)
{
	struct world *w = *state;
	static const char *const hosts[] = { "127.0.0.4", "127.0.0.5", "127.0.0.6" };
	int client, gso = 1000;
	char data[2500];

	if (!isolated)
		skip();
	client = udp(AF_INET, "127.0.0.1");
	if (setsockopt(client, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &gso, sizeof(gso))) {
		close(client);
		skip();
	}
	memset(data, 'x', sizeof(data));
	for (int i = 0; i < 30; i++) {
		struct sockaddr_in to = sin_of(hosts[i % 3], w->port);

		assert_int_equal(
			sendto(client, data, sizeof(data), 0, (struct sockaddr *)&to, sizeof(to)),
			sizeof(data));
	}
	for (int i = 0; i < 90; i++) {
		struct came c;

		if (i == 40) { /* one that no call was seen to take */
			assert_int_equal(recv(w->server, data, sizeof(data), 0), 1000);
			continue;
		}
		c = receive_at(w, w->server, MSG_PEEK, 3000);
		assert_true(is_at(&c.fact, hosts[i / 3 % 3]));
		c = receive_at(w, w->server, 0, 3000);
		assert_int_equal(c.len, i % 3 < 2 ? 1000 : 500);
		assert_true(is_at(&c.fact, hosts[i / 3 % 3]));
	}
	close(client);
}

static void test_more_packets_than_it_holds(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	int client = udp(AF_INET, "127.0.0.1");
	struct wire_stats st;

	for (int i = 0; i < 40000; i++) {
		char host[16], text[16];

		snprintf(host, sizeof(host), "127.0.%d.%d", i / 200 % 200, i % 200 + 1);
		snprintf(text, sizeof(text), "%d", i);

		struct sockaddr_in to = sin_of(host, w->port);

		assert_true(sendto(client, text, strlen(text), 0, (struct sockaddr *)&to,
				   sizeof(to)) > 0);
		if (i % 100 && i < 39900)
			continue;
		wire_poll(w->wire);

		struct came c;

		do
			c = receive_at(w, w->server, MSG_DONTWAIT, 100);
		while (!is_at(&c.fact, host) && c.fact.have);
		assert_true(c.fact.have);
	}
	st = wire_stats(w->wire);
	assert_int_equal(st.dropped, 0);
	assert_true(st.packets >= 40000);
	close(client);
}

static void test_many_ports(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	enum { N = 150 }; /* more than one filter names */
	int fds[N], client = udp(AF_INET, "127.0.0.1");

	for (int i = 0; i < N; i++) {
		struct sockaddr_in to;
		socklen_t len = sizeof(to);
		struct came c;

		fds[i] = udp(AF_INET, "0.0.0.0");
		watch(w, fds[i]);
		getsockname(fds[i], (struct sockaddr *)&to, &len);
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)i);
		assert_int_equal(sendto(client, "hi", 2, 0, (struct sockaddr *)&to, sizeof(to)), 2);
		c = receive_at(w, fds[i], 0, 100);
		assert_true(c.fact.have);

		struct addr at = addr_of(&to, sizeof(to));

		assert_true(addr_same(&c.fact.local, &at));
	}
	for (int i = 0; i < N; i++)
		close(fds[i]);
	close(client);
}

/* Walks the blocks of a pcapng file; counts packets, and those with this comment. */
static void read_pcapng(FILE *in, unsigned int *packets, unsigned int *commented,
			const char *comment)
{
	static unsigned char block[70000];
	uint32_t head[2], tail;

	*packets = *commented = 0;
	rewind(in);
	while (fread(head, 4, 2, in) == 2) {
		assert_true(head[1] >= 12 && head[1] % 4 == 0 && head[1] < sizeof(block));
		assert_int_equal(fread(block, 1, head[1] - 12, in), head[1] - 12);
		assert_int_equal(fread(&tail, 4, 1, in), 1);
		assert_int_equal(tail, head[1]);
		if (head[0] != 6)
			continue;
		++*packets;
		*commented += memmem(block, head[1] - 12, comment, strlen(comment)) != NULL;
	}
	assert_true(feof(in));
}

static void test_comments_are_in_the_file(void **state)
{
	struct world *w = *state;

	if (!isolated)
		skip();

	struct sockaddr_in to = sin_of("127.0.0.2", w->port);
	int client = udp(AF_INET, "127.0.0.1");
	unsigned int packets, commented;
	FILE *file = tmpfile();
	struct world mine = *w;
	struct came c;

	mine.facts = facts_new();
	mine.wire = wire_new(mine.facts, file);
	watch(&mine, w->server);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(sendto(client, "ask", 3, 0, (struct sockaddr *)&to, sizeof(to)),
				 3);
		c = receive_at(&mine, w->server, 0, 100);
		assert_true(c.fact.have);
		if (i == 2) {
			wire_comment(mine.wire, &c.fact, "CT201 error: left from elsewhere");
			wire_comment(mine.wire, &c.fact, "second");
		}
	}
	wire_free(mine.wire);
	facts_free(mine.facts);
	read_pcapng(file, &packets, &commented, "CT201 error: left from elsewhere");
	assert_int_equal(packets, 5);
	assert_int_equal(commented, 1);
	fclose(file);
	close(client);
}

static void test_headers_of_any_kind(void **state)
{
	unsigned char p[128];
	struct tap_packet t;
	unsigned int parsed = 0;

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < 300000; i++) {
		size_t len = (size_t)rand() % sizeof(p);
		unsigned char *exact =
			malloc(len ? len : 1); /* so that a tool sees a step beyond */

		for (size_t n = 0; n < len; n++)
			exact[n] = (unsigned char)rand();
		if (len > 9 && i % 2) {
			exact[0] = (unsigned char)(i % 4 == 1 ? 0x45 + i / 4 % 8 : 0x60);
			exact[i % 4 == 1 ? 9 : 6] = i % 3 ? 17 : (unsigned char)(i % 5 ? 0 : 44);
			if (i % 4 == 1)
				exact[6] = exact[7] = 0;
		}
		if (tap_parse(&t, exact, len, len)) {
			parsed++;
			assert_true(t.payload + t.payload_len <= exact + len);
			assert_true(t.payload_len <= t.payload_claimed);
		}
		free(exact);
	}
	assert_true(parsed > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_it_was_asked_and_where_it_answered_from),
		cmocka_unit_test(test_dual_stack_and_ipv6),
		cmocka_unit_test(test_equal_datagrams_keep_their_order),
		cmocka_unit_test(test_a_look_at_the_first_byte_finds_the_datagram),
		cmocka_unit_test(test_a_port_is_heard_before_it_is_bound),
		cmocka_unit_test(test_what_was_not_sent_has_no_packet),
		cmocka_unit_test(test_large_cut_and_segmented),
		cmocka_unit_test(test_equal_datagrams_that_share_a_packet),
		cmocka_unit_test(test_more_packets_than_it_holds),
		cmocka_unit_test(test_many_ports),
		cmocka_unit_test(test_comments_are_in_the_file),
		cmocka_unit_test(test_headers_of_any_kind),
	};

	/* No user namespace as root: packet sockets need their rights in the namespace's own. */
	isolated = !unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET);
	if (!isolated)
		print_message("# no network namespace can be made here: %s\n", strerror(errno));
	return cmocka_run_group_tests(tests, setup, teardown);
}
