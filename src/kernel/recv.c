// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What arrives with a received message.  Pure.  doc/kernel.md 3.1; kernel: net/socket.c __sock_recv_cmsgs(),
 * net/ipv4/ip_sockglue.c ip_cmsg_recv_offset(), net/ipv6/datagram.c ip6_datagram_recv_ctl(),
 * include/net/scm.h scm_recv_unix().
 */
#include "config.h"

#include "kernel/recv.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "cmsg/kinds.h"
#include "uapi/uapi.h"

enum packets { ON_V4 = 1, ON_V6 = 2, ON_DATA = 4, ON_ERRORS = 8, ON_ANY = ON_V4 | ON_V6 | ON_DATA };

static const uint8_t writes_with[] = {
	[FROM_STAMPS] = ON_ANY | ON_ERRORS,
	[FROM_SOCK] = ON_ANY,
	[FROM_NETLINK] = ON_ANY,
	[FROM_WIFI] = ON_ERRORS,
	[FROM_SCM] = ON_ANY,
	[FROM_PROTOCOL] = ON_ANY,
	[FROM_IPV6_ANY] = ON_V4 | ON_V6 | ON_ERRORS,
	[FROM_IP] = ON_V4 | ON_ERRORS,
	[FROM_IPV6] = ON_V6 | ON_ERRORS,
	[FROM_ERROR] = ON_ERRORS,
};

static unsigned int packet_mask(enum recv_packet packet, enum sock_kind kind)
{
	const bool ip = (ON_INET4 | ON_INET6 | ON_TCP | ON(MPTCP)) >> kind & 1;

	switch (packet) {
	case RECV_V4:
		return ip ? ON_V4 : ON_DATA;
	case RECV_V6:
		return ip ? ON_V6 : ON_DATA;
	case RECV_ERRORS:
		return ON_ERRORS;
	case RECV_ANY:
		break;
	}
	if (!ip)
		return ON_DATA;
	return (ON_INET6 >> kind & 1 ? ON_V6 : 0) |
	       ((ON_INET6 & ~ON_INET4) >> kind & 1 ? 0 : ON_V4);
}

static enum cmsg_comes comes(const struct cmsg_type *t, const struct sock *s)
{
	if (t->recv.comes)
		return t->recv.comes(t, s);
	if (!sock_opt_known(s, cmsg_type_opt(t)))
		return COMES_UNSURE;
	if (!sock_opt(s, cmsg_type_opt(t)))
		return COMES_NEVER;
	return t->recv.when ? COMES_AT_TIMES : COMES_ALWAYS;
}

/* Does it come with packets of one family only, where both may come? */
static const char *one_family(const struct cmsg_type *t, unsigned int packets)
{
	if (packets != (ON_V4 | ON_V6) || (writes_with[t->recv.from] & packets) == packets)
		return NULL;
	return writes_with[t->recv.from] & ON_V4 ? "only with an IPv4 packet"
						 : "only with an IPv6 packet";
}

static const char icmp[] = "only with what ICMP reported, or a transmit timestamp";

/* Can a transmit timestamp bring them?  AF_INET6 sockets need no SOF_TIMESTAMPING_OPT_CMSG for it. */
static bool stamps_bring_ip(const struct sock *s)
{
	const int32_t flags = sock_opt(s, OPT_SO_TIMESTAMPING);

	return flags & (ON_INET6 >> cmsg_errors_kind(sock_kind(s)) & 1 ? ~0 : SOF_OPT_CMSG);
}

/*
 * In the error queue: what stands in it brings its sock_extended_err, whatever put it there; what the IP
 * options ask for only an ICMP error or a timestamp.
 * Kernel: ip_recv_error() ipv4_datagram_support_cmsg(), ipv6_recv_error() ip6_datagram_support_cmsg()
 */
static enum cmsg_comes comes_with_error(const struct cmsg_type *t, const struct sock *s)
{
	const enum cmsg_comes data = comes(t, s);

	switch (t->recv.from) {
	case FROM_ERROR:
		return COMES_ALWAYS;
	case FROM_IPV6_ANY:
	case FROM_IP:
	case FROM_IPV6:
		if (!sock_opt(s, OPT_IP_RECVERR) && !sock_opt(s, OPT_IPV6_RECVERR) &&
		    !stamps_bring_ip(s))
			return COMES_NEVER;
		return data == COMES_ALWAYS ? COMES_AT_TIMES : data;
	default:
		return data == COMES_ALWAYS && t->recv.option == OPT_SO_TIMESTAMPING
			       ? COMES_AT_TIMES
			       : data;
	}
}

/* IPv4's needs four bytes of the packet's data, which the ICMP error need not have. */
static bool all_with_icmp(const struct cmsg_type *t, const struct sock *s)
{
	return t->recv.from >= FROM_IPV6_ANY && t->recv.option != OPT_IP_RECVORIGDSTADDR &&
	       comes(t, s) == COMES_ALWAYS;
}

static uint32_t most_of(const struct cmsg_type *t, uint32_t size)
{
	if (!t->recv.varies)
		return size;
	return t->size_max == SIZE_MAX_NONE ? 0 : t->size_max;
}

static uint32_t size_of(const struct cmsg_type *t, const struct abi *abi)
{
	if (t->recv.size)
		return t->recv.size32 && abi->kword == 4 ? t->recv.size32 : t->recv.size;
	return cmsg_least_size(t, abi);
}

/* As C source has it: timestamps are SCM_TIMESTAMP there. */
static const char *name_of(const struct cmsg_type *t)
{
	return t->alias && !strncmp(t->alias, "SCM_", 4) ? t->alias : t->name;
}

static bool written_before(const struct cmsg_type *a, const struct cmsg_type *b)
{
	return a->recv.from != b->recv.from ? a->recv.from < b->recv.from
					    : a->recv.nth < b->recv.nth;
}

/* Inserts t in the kernel's order. */
static void insert(const struct cmsg_type **v, unsigned int n, const struct cmsg_type *t)
{
	for (; n && written_before(t, v[n - 1]); n--)
		v[n] = v[n - 1];
	v[n] = t;
}

unsigned int recv_expected(const struct sock *s, const struct abi *abi, enum recv_packet packet,
			   uint32_t release, struct recv_expect *v, bool *sure)
{
	const struct cmsg_type *come[RECV_EXPECT_MAX];
	enum cmsg_comes (*const when)(const struct cmsg_type *, const struct sock *) =
		packet == RECV_ERRORS ? comes_with_error : comes;
	const enum sock_kind kind = sock_kind(s);
	const enum sock_kind as = packet == RECV_ERRORS ? cmsg_errors_kind(kind) : kind;
	const unsigned int mask = packet_mask(packet, kind);
	unsigned int n = 0;

	*sure = kind != SOCK_KIND_UNKNOWN;
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; i < (*l)->n; i++) {
			const struct cmsg_type *t = &(*l)->types[i];
			const uint32_t since = t->recv.since ? t->recv.since : t->since;

			if (!cmsg_type_summed(t, as) || !(writes_with[t->recv.from] & mask) ||
			    (release && since > release))
				continue;
			switch (when(t, s)) {
			case COMES_UNSURE:
				*sure = false;
				break;
			case COMES_AT_TIMES:
			case COMES_ALWAYS:
				if (n < RECV_EXPECT_MAX)
					insert(come, n++, t);
				break;
			case COMES_NEVER:
				break;
			}
		}
	}
	for (unsigned int i = 0; i < n; i++) {
		const struct cmsg_type *t = come[i];
		const char *family = one_family(t, mask);
		const bool always = !family && when(t, s) == COMES_ALWAYS;

		v[i] = (struct recv_expect){
			.level = t->level,
			.type = t->type,
			.size = size_of(t, abi),
			.most = most_of(t, size_of(t, abi)),
			.varies = t->recv.varies,
			.always = always,
			.option = cmsg_type_opt(t),
			.name = name_of(t),
			.with_icmp = packet == RECV_ERRORS && !always && all_with_icmp(t, s),
			.when = always         ? NULL
				: t->recv.when ? t->recv.when
				: family       ? family
					       : icmp,
		};
	}
	return n;
}

uint64_t recv_space(const struct abi *abi, const struct recv_expect *v, unsigned int n, bool all)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (v[i].always || all)
			sum += cmsg_space_of(abi, v[i].size);
	}
	return sum;
}

/* The kinds of socket that an option brings a message on, and whether it brings one at all. */
struct brings {
	uint64_t kinds;
	bool any;
};

static struct brings brings[OPT_ROOM];

static void look_at_rows(void)
{
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; i < (*l)->n; i++) {
			const struct cmsg_type *t = &(*l)->types[i];
			struct brings *b;

			if (t->recv.from <= FROM_UNSUMMED)
				continue;
			b = &brings[cmsg_type_opt(t)];
			b->any = true;
			for (unsigned int k = 0; k < SOCK_KIND_COUNT; k++)
				b->kinds |= (uint64_t)cmsg_type_summed(t, (enum sock_kind)k) << k;
		}
	}
}

const char *recv_in_vain(const struct sock *s, enum sock_opt option)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const enum sock_kind kind = sock_kind(s);
	uint64_t kinds;

	if (!sock_opt(s, option) || kind == SOCK_KIND_UNKNOWN)
		return NULL;
	pthread_once(&once, look_at_rows);
	kinds = brings[option].kinds;
	if (!brings[option].any || kinds >> kind & 1 ||
	    (stamps_bring_ip(s) && kinds >> cmsg_errors_kind(kind) & 1))
		return NULL;
	if ((ON_TCP | ON(MPTCP)) >> kind & 1)
		return "TCP gives no control message for it";
	return "this kind of socket gives no control message for it";
}
