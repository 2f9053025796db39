// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: a send that fails for what is no control message is not blamed on one: destinations, flags, lengths, segments. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "kernel-send.h"
#include "uapi/uapi.h"

static const unsigned char hop_options[8] = { 0, 0, 1, 4 };
static const unsigned char mapped[20] = {
	[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 9
};
static const unsigned char group[12] = { 0, 0, 0, 0, 224, 0, 0, 9 };
static const uint16_t segment = 100;

/* Each differs in one thing from a send that passes: the first row with the same socket and destination. */
static const struct refusal {
	int domain, type, protocol;
	const char *to;
	const char *why; /* a part of it; NULL: it passes */
	int err;
	int namelen, family, port; /* not as to's, where they are not 0; port -1: 0 */
	uint32_t flags, release;
	uint64_t total;
	int opt, value; /* an option that is set */
	struct {
		int level, type;
		const void *p;
		size_t len;
	} cmsg[2];
} refusals[] = {
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", .err = 0 },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "MSG_OOB", EOPNOTSUPP, .flags = F_OOB },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "sockaddr_in", EINVAL, .namelen = 8 },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "not of AF_INET", EAFNOSUPPORT,
	  .family = AF_INET6 },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "port is 0", EINVAL, .port = -1 },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "MSG_CMSG_COMPAT", EINVAL, .flags = F_CMSG_COMPAT },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "multicast", EINVAL,
	  .cmsg = { { L_IP, 8, group, 12 } } },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", .err = 0, .total = 900,
	  .cmsg = { { 17, 103, &segment, 2 } } },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "128 segments", EINVAL, .total = 12801,
	  .release = KERNEL_RELEASE(6, 12, 0), .cmsg = { { 17, 103, &segment, 2 } } },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "64 segments", EINVAL, .total = 6401,
	  .release = KERNEL_RELEASE(6, 8, 0), .cmsg = { { 17, 103, &segment, 2 } } },
	{ AF_INET, SOCK_DGRAM, 17, "192.0.2.7", "SO_NO_CHECK", EINVAL, .total = 900,
	  .opt = OPT_SO_NO_CHECK, .value = 1, .cmsg = { { 17, 103, &segment, 2 } } },
	{ AF_INET, SOCK_DGRAM, 136, "192.0.2.7", "UDP-Lite", EIO, .total = 900,
	  .cmsg = { { 17, 103, &segment, 2 } } },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", .err = 0 },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", "an address family", EINVAL, .namelen = 1 },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", "sockaddr_in6", EINVAL, .namelen = 20 },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", "not of AF_INET6", EINVAL, .family = 9 },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", "port is 0", EINVAL, .port = -1 },
	{ AF_INET6, SOCK_DGRAM, 17, "2001:db8::7", "extension headers", EIO, .total = 900,
	  .release = KERNEL_RELEASE(6, 10, 0),
	  .cmsg = { { L_IPV6, 54, hop_options, 8 }, { 17, 103, &segment, 2 } } },
	{ AF_INET6, SOCK_DGRAM, 17, "::ffff:192.0.2.7", .err = 0 },
	{ AF_INET6, SOCK_DGRAM, 17, "::ffff:192.0.2.7", "V6ONLY", ENETUNREACH,
	  .opt = OPT_IPV6_V6ONLY, .value = 1 },
	{ AF_INET6, SOCK_DGRAM, 17, "::ffff:192.0.2.7", "65535", EMSGSIZE, .total = 65536 },
	{ AF_INET6, SOCK_DGRAM, 17, "::ffff:192.0.2.7", "MSG_OOB", EOPNOTSUPP, .flags = F_OOB },
	{ AF_INET6, SOCK_DGRAM, 17, "::ffff:192.0.2.7", "port is 0", EINVAL, .port = -1 },
	{ AF_INET, SOCK_RAW, 253, "192.0.2.7", .err = 0 },
	{ AF_INET, SOCK_RAW, 253, "192.0.2.7", "65535", EMSGSIZE, .total = 65536 },
	{ AF_INET, SOCK_RAW, 253, "192.0.2.7", "MSG_OOB", EOPNOTSUPP, .flags = F_OOB },
	{ AF_INET, SOCK_RAW, 253, "192.0.2.7", "sockaddr_in", EINVAL, .namelen = 8 },
	{ AF_INET, SOCK_RAW, 253, "192.0.2.7", "not of AF_INET", EAFNOSUPPORT, .family = AF_UNIX },
	{ AF_INET6, SOCK_RAW, 253, "2001:db8::7", .err = 0 },
	{ AF_INET6, SOCK_RAW, 253, "2001:db8::7", "MSG_OOB", EOPNOTSUPP, .flags = F_OOB },
	{ AF_INET6, SOCK_RAW, 253, "2001:db8::7", "sockaddr_in6", EINVAL, .namelen = 20 },
	{ AF_INET6, SOCK_RAW, 253, "2001:db8::7", "not of AF_INET6", EAFNOSUPPORT,
	  .family = AF_INET },
	{ AF_INET6, SOCK_RAW, 253, "2001:db8::7", "no protocol", EINVAL, .port = 300 },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", .err = 0 },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", "65535", EMSGSIZE, .total = 65536 },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", "an ICMP header", EINVAL, .total = 7 },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", "MSG_OOB", EOPNOTSUPP, .flags = F_OOB },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", "a socket address", EINVAL, .namelen = 8 },
	{ AF_INET, SOCK_DGRAM, 1, "192.0.2.7", "another family", EAFNOSUPPORT, .family = AF_INET6 },
	{ AF_INET6, SOCK_DGRAM, 58, "::ffff:192.0.2.7", "v4-mapped", .err = EINVAL },
};

static const struct outcome *send_refusal(struct send *s, const struct refusal *r)
{
	uint16_t port = htons((uint16_t)(r->port < 0 ? 0 : r->port)), family = (uint16_t)r->family;

	send_begin(s, r->domain, r->type, r->protocol);
	send_caps(s, ~0ULL);
	s->ev->proc->has |= PROC_HAS_NET_CAPS;
	send_to(s, r->to);
	if (r->opt)
		sock_opt_set(s->ev->sock, r->opt, r->value);
	if (r->namelen)
		s->msg.in.namelen = r->namelen;
	if (r->family)
		memcpy(&s->name, &family, 2);
	/* of a raw socket it is a protocol */
	if (r->port || (r->type == SOCK_RAW && r->domain == AF_INET6))
		memcpy((unsigned char *)&s->name + 2, &port, 2);
	s->ev->flags = r->flags;
	s->msg.total = r->total ? r->total : s->msg.total;
	for (unsigned int i = 0; i < 2 && r->cmsg[i].p; i++)
		send_cmsg(s, r->cmsg[i].level, r->cmsg[i].type, r->cmsg[i].p, r->cmsg[i].len);
	return send_judge(s, r->release);
}

static void what_is_no_control_messages_fault_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct send s;
		const struct outcome *o = send_refusal(&s, r);

		if (o->err != r->err || (r->why && !(o->why && strstr(o->why, r->why))))
			fail_msg("row %zu (%s): %d %s", i, r->why ? r->why : "passes", o->err,
				 o->why ? o->why : "");
		send_end(&s);
	}
}

static void a_mapped_source_reaches_no_ipv6_address(void **state)
{
	struct send s;

	(void)state;
	send_begin(&s, AF_INET6, SOCK_RAW, 253);
	send_to(&s, "2001:db8::7");
	s.name.__ss_padding[0] = s.name.__ss_padding[1] = 0; /* its port */
	sock_opt_set(s.ev->sock, OPT_IPV6_FREEBIND, 1);
	send_cmsg(&s, L_IPV6, 50, mapped, sizeof(mapped));
	assert_int_equal(send_judge(&s, 0)->err, EAFNOSUPPORT);
	send_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_control_messages_fault_is_named),
		cmocka_unit_test(a_mapped_source_reaches_no_ipv6_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
