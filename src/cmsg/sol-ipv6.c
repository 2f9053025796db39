// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_IPV6: RFC 3542, and RFC 2292 where the names say so.
 * Kernel: net/ipv6/datagram.c ip6_datagram_send_ctl(), ip6_datagram_recv_ctl(), ipv6_recv_error().
 */
#include "config.h"

#include <stdio.h>

#include "cmsg/ipv6-send.h"
#include "cmsg/ipv6-ext.h"

enum { PATHMTU_ADDR = 28 }; /* struct sockaddr_in6 */

static void decode_pktinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_in6_addr(e, "ipi6_addr", read_bytes(&r, 16));
	emit_ifindex(e, "ipi6_ifindex", read_u32(&r));
	emit_end(e);
}

/* RFC 8200 section 3: 4 bits of version, 8 of traffic class, 20 of flow label. */
static void decode_flowinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	uint32_t v = read_be32(&r);

	emit_struct(e, NULL);
	if (v >> 28)
		emit_hex(e, "version", v >> 28);
	emit_hex(e, "traffic_class", v >> 20 & 0xff);
	emit_hex(e, "flow_label", v & 0xfffff);
	emit_end(e);
}

/* -1: the kernel's default. */
static void decode_hoplimit(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	int32_t v = read_s32(&r);

	emit_array(e, NULL);
	emit_s64(e, NULL, v);
	if (v == -1)
		emit_comment(e, "default");
	emit_end(e);
}

static void decode_tclass(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	int32_t v = read_s32(&r);

	emit_array(e, NULL);
	if (v >= 0 && v <= UINT8_MAX) {
		emit_hex(e, NULL, (uint64_t)v);
		emit_dscp_ecn(e, (uint8_t)v);
	} else {
		emit_s64(e, NULL, v);
	}
	emit_end(e);
}

static void decode_pathmtu(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_sockaddr(e, "ip6m_addr", read_bytes(&r, PATHMTU_ADDR), PATHMTU_ADDR);
	emit_u64(e, "ip6m_mtu", read_u32(&r));
	emit_end(e);
}

static const char ping_drops[] = "a ping socket drops extension headers";

static const struct cmsg_type rows[] = {
	{
		ROW(L_IPV6, 2, "IPV6_2292PKTINFO"),
		.size = 20,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_INET6,
		.effect = "as IPV6_PKTINFO; not read on the way to a v4-mapped destination",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_pktinfo,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_PKTINFO,
			.does = "sets the source address",
			.size_why = "IPV6_PKTINFO takes at least the 20 bytes of an in6_pktinfo",
			.check = ipv6_pktinfo_check,
		},
		.recv = { .from = FROM_IPV6, .nth = 7, .option = OPT_IPV6_2292PKTINFO },
	},
	{
		ROW(L_IPV6, 3, "IPV6_2292HOPOPTS"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.effect = "as IPV6_HOPOPTS",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_options,
		.send = {
			.by = BY_IPV6,
			.least = 2,
			.most = SIZE_MAX_NONE,
			.does = "sends hop-by-hop options",
			.size_why = "the message is shorter than an extension header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.before = ipv6_hopopts_before,
			.check = ipv6_hopopts_check,
		},
		.recv = { .from = FROM_UNSUMMED, .option_name = "IPV6_2292HOPOPTS" },
	},
	{
		ROW(L_IPV6, 4, "IPV6_2292DSTOPTS"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.effect = "as IPV6_DSTOPTS, but a second one is EINVAL",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_options,
		.send = {
			.by = BY_IPV6,
			.least = 2,
			.most = SIZE_MAX_NONE,
			.does = "sends destination options",
			.size_why = "the message is shorter than an extension header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.check = ipv6_2292dstopts_check,
		},
		.recv = { .from = FROM_UNSUMMED, .option_name = "IPV6_2292DSTOPTS" },
	},
	{
		ROW(L_IPV6, 5, "IPV6_2292RTHDR"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.effect = "as IPV6_RTHDR",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_routing,
		.send = {
			.by = BY_IPV6,
			.least = 4,
			.most = SIZE_MAX_NONE,
			.slot = SLOT_RTHDR,
			.does = "sends a routing header",
			.size_why = "the message is shorter than a routing header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.check = ipv6_rthdr_check,
		},
		.recv = { .from = FROM_UNSUMMED, .option_name = "IPV6_2292RTHDR" },
	},
	{
		ROW(L_IPV6, 8, "IPV6_2292HOPLIMIT"),
		.size = 4,
		.kinds = ON_INET6,
		.effect = "as IPV6_HOPLIMIT",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_hoplimit,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_HOPLIMIT,
			.does = "sets the packet's hop limit",
			.size_why = "IPV6_HOPLIMIT takes an int, 4 bytes",
			.check = ipv6_hoplimit_check,
		},
		.recv = { .from = FROM_IPV6, .nth = 8, .option = OPT_IPV6_2292HOPLIMIT },
	},
	{
		ROW(L_IPV6, 11, "IPV6_FLOWINFO"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_INET6,
		.effect = "flow label (network order); the traffic class in it is not sent; "
			  "received only if not 0",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_flowinfo,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_FLOWINFO,
			.does = "sets the flow label",
			.size_why = "IPV6_FLOWINFO takes at least 4 bytes",
			.check = ipv6_flowinfo_check,
		},
		.recv = {
			.from = FROM_IPV6,
			.nth = 3,
			.option = OPT_IPV6_FLOWINFO,
			.when = "only where it isn't 0",
		},
	},
	{
		ROW(L_IPV6, 25, "IPV6_RECVERR"),
		.size = 44,
		.kinds = ON_INET6 | ON(TCP6),
		.effect = "error queue (MSG_ERRQUEUE): the error, where it came from and the "
			  "offender's address; for v4-mapped peers IP_RECVERR must be on too",
		.kernel = "net/ipv6/datagram.c ipv6_recv_error()",
		.decode = decode_extended_err,
		.recv = { .from = FROM_ERROR, .nth = 2, .option = OPT_IPV6_RECVERR },
	},
	{
		ROW(L_IPV6, 50, "IPV6_PKTINFO"),
		.size = 20,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "source address (:: keeps the bound one) and interface; to a v4-mapped "
			  "destination the address must be v4-mapped (since 3.15); received: the "
			  "packet's destination",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_pktinfo,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_PKTINFO,
			.does = "sets the source address",
			.size_why = "IPV6_PKTINFO takes at least the 20 bytes of an in6_pktinfo",
			.check = ipv6_pktinfo_check,
		},
		.send_other = {
			.by = BY_IP_MAPPED,
			.slot = SLOT_PKTINFO,
			.does = "sets the source address",
			.size_why = "IPV6_PKTINFO takes at least the 20 bytes of an in6_pktinfo",
			.check = ipv6_mapped_pktinfo_check,
		},
		.recv = { .from = FROM_IPV6_ANY, .nth = 1, .option = OPT_IPV6_RECVPKTINFO },
	},
	{
		ROW(L_IPV6, 52, "IPV6_HOPLIMIT"),
		.size = 4,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "hop limit 0 to 255, -1 is the default",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_hoplimit,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_HOPLIMIT,
			.does = "sets the packet's hop limit",
			.size_why = "IPV6_HOPLIMIT takes an int, 4 bytes",
			.check = ipv6_hoplimit_check,
		},
		.recv = { .from = FROM_IPV6, .nth = 1, .option = OPT_IPV6_RECVHOPLIMIT },
	},
	{
		ROW(L_IPV6, 54, "IPV6_HOPOPTS"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "hop-by-hop options header; sending needs CAP_NET_RAW",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_options,
		.send = {
			.by = BY_IPV6,
			.least = 2,
			.most = SIZE_MAX_NONE,
			.does = "sends hop-by-hop options",
			.size_why = "the message is shorter than an extension header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.before = ipv6_hopopts_before,
			.check = ipv6_hopopts_check,
		},
		.recv = {
			.from = FROM_IPV6,
			.nth = 4,
			.option = OPT_IPV6_RECVHOPOPTS,
			.varies = true,
			.when = "only where the packet has them",
		},
	},
	{
		ROW(L_IPV6, 55, "IPV6_RTHDRDSTOPTS"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_UDP6 | ON(RAW6),
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "destination options header before the routing header, dropped if "
			  "there is none; needs CAP_NET_RAW",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl()",
		.decode = decode_ipv6_options,
		.send = {
			.by = BY_IPV6,
			.least = 2,
			.most = SIZE_MAX_NONE,
			.slot = SLOT_RTHDRDSTOPTS,
			.does = "sends destination options before the routing header",
			.size_why = "the message is shorter than an extension header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.check = ipv6_rthdrdstopts_check,
		},
	},
	{
		ROW(L_IPV6, 57, "IPV6_RTHDR"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "routing header; of those only type 2 can be sent (CONFIG_IPV6_MIP6)",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_routing,
		.send = {
			.by = BY_IPV6,
			.least = 4,
			.most = SIZE_MAX_NONE,
			.slot = SLOT_RTHDR,
			.does = "sends a routing header",
			.size_why = "the message is shorter than a routing header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.check = ipv6_rthdr_check,
		},
		.recv = {
			.from = FROM_IPV6,
			.nth = 6,
			.option = OPT_IPV6_RECVRTHDR,
			.varies = true,
			.when = "only where the packet has one",
		},
	},
	{
		ROW(L_IPV6, 59, "IPV6_DSTOPTS"),
		.size = 8,
		.size_max = 2048,
		.kinds = ON_INET6,
		.kinds_send = ON_UDP6 | ON(RAW6), /* PING6 drops them */
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "destination options header; sending needs CAP_NET_RAW",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_ipv6_options,
		.send = {
			.by = BY_IPV6,
			.least = 2,
			.most = SIZE_MAX_NONE,
			.slot = SLOT_DSTOPTS,
			.does = "sends destination options",
			.size_why = "the message is shorter than an extension header",
			.idle = ON(PING6),
			.idle_why = ping_drops,
			.check = ipv6_dstopts_check,
		},
		.recv = {
			.from = FROM_IPV6,
			.nth = 5,
			.option = OPT_IPV6_RECVDSTOPTS,
			.varies = true,
			.when = "only where the packet has them",
		},
	},
	{
		ROW(L_IPV6, 61, "IPV6_PATHMTU"),
		.size = 32,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(2, 6, 35),
		.effect = "a packet was too big: the destination and its path MTU, on an empty "
			  "message",
		.kernel = "net/ipv6/datagram.c ipv6_recv_rxpmtu()",
		.decode = decode_pathmtu,
		.recv = {
			.from = FROM_IPV6,
			.nth = 11,
			.option = OPT_IPV6_RECVPATHMTU,
			.when = "only with a message of no data, after the path's MTU shrank",
		},
	},
	{
		ROW(L_IPV6, 62, "IPV6_DONTFRAG"),
		.size = 4,
		.kinds = ON_UDP6 | ON(RAW6) | ON(PING6),
		.since = KERNEL_RELEASE(2, 6, 35),
		.effect = "1: EMSGSIZE instead of fragments",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl()",
		.decode = decode_s32s,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_DONTFRAG,
			.does = "forbids (1) or allows (0) fragments of this packet",
			.size_why = "IPV6_DONTFRAG takes an int, 4 bytes",
			.lo = 0,
			.hi = 1,
			.range_why = "IPV6_DONTFRAG is 0 or 1",
		},
	},
	{
		ROW(L_IPV6, 67, "IPV6_TCLASS"),
		.size = 4,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(2, 6, 14),
		.effect = "traffic class 0 to 255; -1 is the default (sent as 255 since 6.15)",
		.kernel = "net/ipv6/datagram.c ip6_datagram_send_ctl(), "
			  "ip6_datagram_recv_specific_ctl()",
		.decode = decode_tclass,
		.send = {
			.by = BY_IPV6,
			.slot = SLOT_TCLASS,
			.does = "sets the packet's traffic class",
			.size_why = "IPV6_TCLASS takes an int, 4 bytes",
			.check = ipv6_tclass_check,
		},
		.recv = { .from = FROM_IPV6, .nth = 2, .option = OPT_IPV6_RECVTCLASS },
	},
	{
		ROW(L_IPV6, 74, "IPV6_ORIGDSTADDR"),
		.size = 28,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(2, 6, 37),
		.effect = "destination address and port of an IPv6 packet, for transparent "
			  "proxies",
		.kernel = "net/ipv6/datagram.c ip6_datagram_recv_specific_ctl()",
		.decode = decode_sockaddr,
		.recv = { .from = FROM_IPV6, .nth = 9, .option = OPT_IPV6_RECVORIGDSTADDR },
	},
	{
		ROW(L_IPV6, 77, "IPV6_RECVFRAGSIZE"),
		.size = 4,
		.kinds = ON_INET6,
		.since = KERNEL_RELEASE(4, 10, 0),
		.effect = "size of the largest fragment that the packet was put together from",
		.kernel = "net/ipv6/datagram.c ip6_datagram_recv_specific_ctl()",
		.decode = decode_s32s,
		.recv = {
			.from = FROM_IPV6,
			.nth = 10,
			.option = OPT_IPV6_RECVFRAGSIZE,
			.when = "only where the packet came in fragments",
		},
	},
};

const struct cmsg_level cmsg_level_ipv6 = CMSG_LEVEL(L_IPV6, "SOL_IPV6", rows);
