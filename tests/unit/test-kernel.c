// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: the model's answers where no kernel is needed to know them; tests/kernel asks the kernel. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "kernel/recv.h"
#include "kernel-send.h"
#include "uapi/uapi.h"

static const unsigned char pktinfo[12] = { 2, 0, 0, 0, 198, 51, 100, 53, 0, 0, 0, 0 };
static const int zero = 0;

static void pktinfo_at_the_level_of_tcp_is_ignored(void **state)
{
	struct send s;

	(void)state;
	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "::ffff:192.0.2.7");
	send_cmsg(&s, 6, 8, pktinfo, 12);

	const struct outcome *o = send_judge(&s, 0);

	assert_true(o->known);
	assert_int_equal(o->err, 0);
	assert_false(o->has_source_cmsg);
	assert_int_equal(s.msg.verdict[0].what, VERDICT_IGNORE);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_LEVEL);
	send_end(&s);
}

static void pktinfo_towards_a_mapped_address_sets_source_and_interface(void **state)
{
	struct send s;
	struct addr want = addr_of_in(pktinfo + 4, 0);

	(void)state;
	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "::ffff:192.0.2.7");
	send_cmsg(&s, 0, 8, pktinfo, 12);

	const struct outcome *o = send_judge(&s, 0);

	assert_int_equal(s.msg.verdict[0].what, VERDICT_ACCEPT);
	assert_true(o->has_source_cmsg);
	assert_true(addr_same_host(&o->source, &want));
	assert_int_equal(o->oif, 2);
	send_end(&s);
}

static void sol_ip_towards_ipv6_and_sol_ipv6_on_inet_are_of_the_wrong_family(void **state)
{
	struct send s;

	(void)state;
	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "fd00::1");
	send_cmsg(&s, 0, 8, pktinfo, 12);
	send_judge(&s, 0);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_FAMILY);
	send_end(&s);

	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 41, 67, &zero, 4);
	send_judge(&s, 0);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_FAMILY);
	send_end(&s);

	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 41, 67, &zero, 4);
	send_judge(&s, 0);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_FAMILY);
	send_end(&s);
}

static void udp_reads_its_own_level_first_and_blames_the_right_message(void **state)
{
	struct send s;

	(void)state;
	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 0, 2, &zero, 4);    /* a bad IP_TTL */
	send_cmsg(&s, 17, 103, &zero, 4); /* an int where a u16 belongs */

	const struct outcome *o = send_judge(&s, 0);

	assert_true(o->known);
	assert_int_equal(o->err, EINVAL);
	assert_int_equal(o->cmsg, 1);
	assert_int_equal(s.msg.verdict[0].what, VERDICT_NOT_REACHED);
	assert_int_equal(s.msg.verdict[1].what, VERDICT_REJECT);
	send_end(&s);
}

static void what_is_not_known_is_not_guessed(void **state)
{
	struct send s;

	(void)state;
	/* capabilities */
	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 1, 36, &zero, 4);
	assert_false(send_judge(&s, 0)->known);
	assert_int_equal(s.msg.verdict[0].what, VERDICT_UNKNOWN);
	send_caps(&s, 0);
	assert_true(send_judge(&s, 0)->known);
	assert_int_equal(s.msg.outcome->err, EPERM);
	send_end(&s);

	/* where a dual stack socket sends to */
	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	send_cmsg(&s, 0, 1, &zero, 4);
	assert_false(send_judge(&s, 0)->known);
	assert_int_equal(model_level(SOCK_KIND_UDP6, PATH_UNKNOWN, 0), VERDICT_UNKNOWN);
	send_end(&s);

	/* which socket it is */
	send_begin(&s, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	sock_unref(s.ev->sock);
	s.ev->sock = NULL;
	send_cmsg(&s, 0, 1, &zero, 4);
	assert_false(send_judge(&s, 0)->known);
	send_end(&s);
}

static void the_last_of_a_kind_wins(void **state)
{
	struct send s;

	(void)state;
	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 0, 1, &zero, 4);
	send_cmsg(&s, 0, 1, &zero, 1);
	send_judge(&s, 0);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_OVERRIDDEN);
	assert_int_equal(s.msg.verdict[1].what, VERDICT_ACCEPT);
	send_end(&s);
}

static void an_older_kernel_is_judged_as_it_was(void **state)
{
	struct send s;
	uint32_t priority = 3;

	(void)state;
	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 1, 12, &priority, 4);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(6, 14, 0))->err, 0);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(6, 13, 9))->err, EINVAL);
	send_end(&s);

	send_begin(&s, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	send_to(&s, "192.0.2.7");
	send_cmsg(&s, 17, 103, &zero, 4);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(4, 18, 0))->err, EINVAL);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(4, 17, 0))->err, 0);
	assert_int_equal(s.msg.verdict[0].ignored, WHY_LEVEL);
	send_end(&s);

	/* TCP told every error as EINVAL until 6.15 */
	send_begin(&s, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	send_caps(&s, 0);
	send_cmsg(&s, 1, 36, &zero, 4);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(6, 15, 0))->err, EINVAL);
	assert_int_equal(send_judge(&s, KERNEL_RELEASE(6, 16, 0))->err, EPERM);
	send_end(&s);
}

#define FOR_EACH_ROW(l, t)                                                                         \
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++)                             \
		for (const struct cmsg_type *t = (*l)->types; t < (*l)->types + (*l)->n; t++)

/* Of which socket(2) makes each kind, on a kernel that has it. */
static const struct {
	int domain, type, protocol;
} makes[SOCK_KIND_COUNT] = {
	[SOCK_KIND_UDP4] = { AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	[SOCK_KIND_UDP6] = { AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	[SOCK_KIND_UDPLITE4] = { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	[SOCK_KIND_UDPLITE6] = { AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	[SOCK_KIND_RAW4] = { AF_INET, SOCK_RAW, IPPROTO_UDP },
	[SOCK_KIND_RAW6] = { AF_INET6, SOCK_RAW, IPPROTO_UDP },
	[SOCK_KIND_PING4] = { AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	[SOCK_KIND_PING6] = { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	[SOCK_KIND_TCP4] = { AF_INET, SOCK_STREAM, IPPROTO_TCP },
	[SOCK_KIND_TCP6] = { AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	[SOCK_KIND_MPTCP] = { AF_INET, SOCK_STREAM, PROTOCOL_MPTCP },
	[SOCK_KIND_UNIX_STREAM] = { AF_UNIX, SOCK_STREAM, 0 },
	[SOCK_KIND_UNIX_DGRAM] = { AF_UNIX, SOCK_DGRAM, 0 },
	[SOCK_KIND_UNIX_SEQPACKET] = { AF_UNIX, SOCK_SEQPACKET, 0 },
	[SOCK_KIND_NETLINK] = { AF_NETLINK, SOCK_RAW, 0 },
	[SOCK_KIND_PACKET] = { AF_PACKET, SOCK_RAW, 0 },
	[SOCK_KIND_VSOCK] = { FAMILY_VSOCK, SOCK_STREAM, 0 },
	[SOCK_KIND_XDP] = { FAMILY_XDP, SOCK_RAW, 0 },
	[SOCK_KIND_ALG] = { FAMILY_ALG, SOCK_SEQPACKET, 0 },
	[SOCK_KIND_SCTP] = { AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP },
	[SOCK_KIND_RDS] = { FAMILY_RDS, SOCK_SEQPACKET, 0 },
	[SOCK_KIND_RXRPC] = { FAMILY_RXRPC, SOCK_DGRAM, AF_INET },
	[SOCK_KIND_TIPC] = { FAMILY_TIPC, SOCK_DGRAM, 0 },
	[SOCK_KIND_CAN_RAW] = { FAMILY_CAN, SOCK_RAW, PROTOCOL_CAN_RAW },
	[SOCK_KIND_CAN_BCM] = { FAMILY_CAN, SOCK_DGRAM, PROTOCOL_CAN_BCM },
	[SOCK_KIND_CAN_ISOTP] = { FAMILY_CAN, SOCK_DGRAM, PROTOCOL_CAN_ISOTP },
	[SOCK_KIND_CAN_J1939] = { FAMILY_CAN, SOCK_DGRAM, PROTOCOL_CAN_J1939 },
	[SOCK_KIND_BT_HCI] = { FAMILY_BLUETOOTH, SOCK_RAW, PROTOCOL_BT_HCI },
	[SOCK_KIND_BT_L2CAP] = { FAMILY_BLUETOOTH, SOCK_SEQPACKET, PROTOCOL_BT_L2CAP },
	[SOCK_KIND_BT_SCO] = { FAMILY_BLUETOOTH, SOCK_SEQPACKET, PROTOCOL_BT_SCO },
	[SOCK_KIND_BT_ISO] = { FAMILY_BLUETOOTH, SOCK_SEQPACKET, PROTOCOL_BT_ISO },
	[SOCK_KIND_BT_OTHER] = { FAMILY_BLUETOOTH, SOCK_STREAM, 3 /* RFCOMM */ },
	[SOCK_KIND_SMC] = { FAMILY_SMC, SOCK_STREAM, 0 },
	[SOCK_KIND_IUCV] = { FAMILY_IUCV, SOCK_STREAM, 0 },
	[SOCK_KIND_LLC] = { FAMILY_LLC, SOCK_DGRAM, 0 },
	[SOCK_KIND_DCCP] = { AF_INET, SOCK_DCCP, IPPROTO_DCCP },
	[SOCK_KIND_ISDN] = { FAMILY_ISDN, SOCK_DGRAM, 0 },
	[SOCK_KIND_IEEE802154] = { FAMILY_IEEE802154, SOCK_DGRAM, 0 },
	[SOCK_KIND_OTHER] = { FAMILY_MCTP, SOCK_DGRAM, 0 },
};

/* A message of the row's type with the least payload that its parser takes, all zero, by root. */
static struct verdict send_well_formed(const struct cmsg_type *t, const struct cmsg_send *how,
				       enum sock_kind kind)
{
	static const unsigned char zeros[256];
	const uint32_t since = how->since ? how->since : t->since;
	struct verdict v;
	struct send s;

	send_begin(&s, makes[kind].domain, makes[kind].type, makes[kind].protocol);
	assert_int_equal(sock_kind(s.ev->sock), kind);
	if (makes[kind].domain == AF_INET)
		send_to(&s, "192.0.2.7");
	else if (makes[kind].domain == AF_INET6)
		send_to(&s, how->by == BY_IP || how->by == BY_IP_MAPPED ? "::ffff:192.0.2.7"
									: "fd00::1");
	send_caps(&s, UINT64_MAX);
	sock_opt_set(s.ev->sock, OPT_TCP_ULP, how->by == BY_TLS);
	if (how->by == BY_RXRPC_OOB)
		s.ev->flags = F_OOB;
	send_cmsg(&s, t->level, t->type, zeros, how->least > t->size ? how->least : t->size);
	send_judge(&s, how->until ? since : 0);
	v = s.msg.verdict[0];
	send_end(&s);
	return v;
}

static bool is_known(const struct verdict *v)
{
	switch (v->what) {
	case VERDICT_REJECT:
		return v->check != CHECK_TYPE;
	case VERDICT_IGNORE:
		return v->ignored == WHY_NO_EFFECT;
	case VERDICT_UNKNOWN:
		return !v->unplaced;
	case VERDICT_ACCEPT:
		return true;
	default:
		return false;
	}
}

static unsigned int row_differs(const struct cmsg_level *l, const struct cmsg_type *t,
				const struct cmsg_send *how, enum sock_kind kind)
{
	const struct verdict v = send_well_formed(t, how, kind);
	const char *says = NULL;

	if (cmsg_type_takes(t, kind)) {
		if (!is_known(&v) || (how == &t->send && how->idle >> kind & 1))
			says = v.why ? v.why : "unknown";
	} else if (v.what == VERDICT_ACCEPT) {
		says = v.why;
	}
	/* a segment size of 0, as here, is none; any other is refused on UDP-Lite, but not for its type */
	if (how->by == BY_UDP && (kind == SOCK_KIND_UDPLITE4 || kind == SOCK_KIND_UDPLITE6))
		says = NULL;
	if (says)
		print_message("# %s/%s %s on %s, and the model says: %s\n", l->name, t->name,
			      cmsg_type_takes(t, kind) ? "can be sent" : "has no effect",
			      sock_kind_name(kind), says);
	return says != NULL;
}

static void what_a_row_says_of_a_send_is_what_the_model_says(void **state)
{
	unsigned int bad = 0;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		for (unsigned int k = SOCK_KIND_UNKNOWN + 1; k < SOCK_KIND_COUNT; k++) {
			const enum sock_kind kind = (enum sock_kind)k;

			if (cmsg_type_find(t->level, t->type, kind) != t)
				continue; /* of another family that shares the level's number */
			bad += row_differs(*l, t, &t->send, kind);
			/* ping sockets have no way to IPv4 */
			if (t->send_other.by && kind != SOCK_KIND_PING6)
				bad += row_differs(*l, t, &t->send_other, kind);
		}
	}
	assert_int_equal(bad, 0);
}

/* A socket of which all options are known: off, but for the one that brings messages of the row. */
static struct sock *sock_that_asks(const struct cmsg_type *t, enum sock_kind kind)
{
	struct sock *s = sock_new();
	const enum sock_opt o = cmsg_type_opt(t);

	s->domain = makes[kind].domain;
	s->type = makes[kind].type;
	s->protocol = makes[kind].protocol;
	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL;
	sock_derive(s);
	for (unsigned int i = 0; i < cmsg_opt_count(); i++)
		sock_opt_set(s, (enum sock_opt)i, 0);
	sock_opt_set(s, o, 1);
	if (o == OPT_SO_TIMESTAMP || o == OPT_SO_TIMESTAMPNS)
		sock_opt_set(s, o, t->type);
	if (o == OPT_SO_TIMESTAMPING) {
		sock_opt_set(s, o, SOF_SOFTWARE | SOF_RX_SOFTWARE);
		sock_opt_set(s, OPT_SO_TIMESTAMPING_NEW, t->type == O_SO_TIMESTAMPING_NEW);
		sock_opt_set(s, OPT_SO_TIMESTAMP, 29); /* AF_UNIX looks at that one first */
	}
	return s;
}

/* TCP's data brings none of what the IP options ask for: its error queue, which is IP's own, does. */
static bool only_from_errors(const struct cmsg_type *t, const struct sock *s)
{
	const enum sock_kind kind = sock_kind(s);

	return ((t->recv.from >= FROM_IPV6_ANY && t->recv.from <= FROM_IPV6) ||
		t->recv.from == FROM_WIFI) &&
	       (kind == SOCK_KIND_TCP4 || kind == SOCK_KIND_TCP6);
}

static void the_error_queue_of_tcp_is_that_of_ip(void **state)
{
	const struct cmsg_type *ttl = NULL;
	struct recv_expect v[RECV_EXPECT_MAX];
	struct sock *s;
	bool sure, found = false;
	unsigned int n;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		if (!strcmp(t->name, "IP_TTL"))
			ttl = t;
	}
	assert_non_null(ttl);
	s = sock_that_asks(ttl, SOCK_KIND_TCP4);
	sock_opt_set(s, OPT_IP_RECVERR, 1);
	n = recv_expected(s, abi_native(), RECV_ERRORS, 0, v, &sure);
	for (unsigned int i = 0; i < n; i++)
		found |= v[i].level == ttl->level && v[i].type == ttl->type;
	assert_true(found);
	sock_unref(s);
}

static bool is_expected(const struct cmsg_type *t, const struct sock *s)
{
	struct recv_expect v[RECV_EXPECT_MAX];
	bool sure;

	for (unsigned int p = RECV_ANY; p <= RECV_ERRORS; p++) {
		unsigned int n = recv_expected(s, abi_native(), (enum recv_packet)p, 0, v, &sure);

		assert_true(sure);
		for (unsigned int i = 0; i < n; i++) {
			if (v[i].level == t->level && v[i].type == t->type &&
			    !(p == RECV_ERRORS && only_from_errors(t, s)))
				return true;
		}
	}
	return false;
}

static void what_a_row_says_of_a_receive_is_in_the_sum(void **state)
{
	unsigned int bad = 0;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		for (unsigned int k = SOCK_KIND_UNKNOWN + 1; k < SOCK_KIND_COUNT; k++) {
			const enum sock_kind kind = (enum sock_kind)k;
			const bool gives = cmsg_type_summed(t, kind);
			struct sock *s = sock_that_asks(t, kind);

			if (is_expected(t, s) != gives) {
				print_message("# %s/%s %s on %s, and the receive's sum differs\n",
					      (*l)->name, t->name, gives ? "arrives" : "is never",
					      sock_kind_name(kind));
				bad++;
			}
			if (gives && recv_in_vain(s, cmsg_type_opt(t))) {
				print_message("# %s/%s arrives on %s, and its option is in vain\n",
					      (*l)->name, t->name, sock_kind_name(kind));
				bad++;
			}
			sock_unref(s);
		}
	}
	assert_int_equal(bad, 0);
}

/* Two that can come together have places of their own. */
static void the_order_of_a_receive_is_told_for_each_pair(void **state)
{
	(void)state;
	FOR_EACH_ROW(l, t)
	{
		FOR_EACH_ROW(k, u)
		{
			if (t != u && t->recv.from > FROM_UNSUMMED &&
			    t->recv.from == u->recv.from && t->recv.nth == u->recv.nth &&
			    cmsg_type_opt(t) != cmsg_type_opt(u) &&
			    (t->kinds_recv ? t->kinds_recv : t->kinds) &
				    (u->kinds_recv ? u->kinds_recv : u->kinds))
				fail_msg("%s/%s and %s/%s have the same place", (*l)->name, t->name,
					 (*k)->name, u->name);
		}
	}
}

static void releases_are_read_as_uname_gives_them(void **state)
{
	char name[64];

	(void)state;
	assert_int_equal(model_release("6.18.44-amd64"), KERNEL_RELEASE(6, 18, 44));
	assert_int_equal(model_release("6.1.0-56-amd64"), KERNEL_RELEASE(6, 1, 0));
	model_kernel_name("6.1.0-56-amd64", "#1 SMP Debian 6.1.192-2 (2026-11-16)", name,
			  sizeof(name));
	assert_string_equal(name, "6.1.0-56-amd64 Debian 6.1.192-2");
	assert_int_equal(model_release(name), KERNEL_RELEASE(6, 1, 192));
	model_kernel_name("6.18.44", "#1 SMP", name, sizeof(name));
	assert_string_equal(name, "6.18.44");
	assert_int_equal(model_release("5.4"), KERNEL_RELEASE(5, 4, 0));
	assert_int_equal(model_release("4.19.325"), KERNEL_RELEASE(4, 19, 255));
	assert_int_equal(model_release("6.6-rc1"), KERNEL_RELEASE(6, 6, 0));
	assert_int_equal(model_release("linux"), 0);
	assert_int_equal(model_release(""), 0);
	assert_int_equal(model_release(NULL), 0);
	assert_int_equal(model_release("99999999999.1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pktinfo_at_the_level_of_tcp_is_ignored),
		cmocka_unit_test(pktinfo_towards_a_mapped_address_sets_source_and_interface),
		cmocka_unit_test(sol_ip_towards_ipv6_and_sol_ipv6_on_inet_are_of_the_wrong_family),
		cmocka_unit_test(udp_reads_its_own_level_first_and_blames_the_right_message),
		cmocka_unit_test(what_is_not_known_is_not_guessed),
		cmocka_unit_test(the_last_of_a_kind_wins),
		cmocka_unit_test(an_older_kernel_is_judged_as_it_was),
		cmocka_unit_test(what_a_row_says_of_a_send_is_what_the_model_says),
		cmocka_unit_test(what_a_row_says_of_a_receive_is_in_the_sum),
		cmocka_unit_test(the_error_queue_of_tcp_is_that_of_ip),
		cmocka_unit_test(the_order_of_a_receive_is_told_for_each_pair),
		cmocka_unit_test(releases_are_read_as_uname_gives_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
