// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_IP.  Each payload has the shape in which strace prints it.
 * Kernel: net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_offset(), ip_recv_error().
 */
#include "config.h"

#include <errno.h>
#include "cmsg/judge.h"
#include "cmsg/table.h"

#include "event/names.h"

enum { IP_OPTIONS_MAX = 40 };

static void decode_pktinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_ifindex(e, "ipi_ifindex", read_u32(&r));
	emit_in_addr(e, "ipi_spec_dst", read_bytes(&r, 4));
	emit_in_addr(e, "ipi_addr", read_bytes(&r, 4));
	emit_end(e);
}

/* One byte, or the bytes of an int whose first is the low one: strace prints either as bytes. */
static void decode_tos(struct emit *e, const struct cmsg *c)
{
	emit_array(e, NULL);
	for (uint32_t i = 0; i < c->data_len; i++) {
		emit_hex(e, NULL, c->data[i]);
		if (!i)
			emit_dscp_ecn(e, c->data[i]);
	}
	emit_end(e);
}

static void decode_protocol(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	emit_enum(e, NULL, read_u32(&r), &names_ipproto);
	emit_end(e);
}

static void pktinfo_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 12);
	uint32_t ifindex, spec_dst;

	if (!d)
		return;
	memcpy(&ifindex, d, 4);
	memcpy(&spec_dst, d + 4, 4);
	judge_source4(j, d + 4, ifindex);
	if (!spec_dst)
		j->v->why = ifindex ? "chooses the interface; ipi_spec_dst is 0, so the source is "
				      "automatic (ipi_addr is never read)"
				    : "ipi_spec_dst is 0, so the source is automatic "
				      "(ipi_addr is never read)";
	else if (ifindex)
		j->v->why = "sets the source address and the interface";
}

/*
 * "ipv4: restrict IPOPT_SSRR and IPOPT_LSRR options": Debian's change logs name 6.1.176 and 6.12.94; 6.18.44 has
 * it.  Which releases of the other series that lived then took it over is not known.
 */
static enum truth restricts_source_routes(uint32_t release)
{
	static const struct {
		uint32_t from;
		enum truth has;
	} history[] = {
		{ KERNEL_RELEASE(5, 10, 0), MAYBE }, { KERNEL_RELEASE(5, 11, 0), NO },
		{ KERNEL_RELEASE(5, 15, 0), MAYBE }, { KERNEL_RELEASE(5, 16, 0), NO },
		{ KERNEL_RELEASE(6, 1, 176), YES },  { KERNEL_RELEASE(6, 2, 0), NO },
		{ KERNEL_RELEASE(6, 6, 0), MAYBE },  { KERNEL_RELEASE(6, 7, 0), NO },
		{ KERNEL_RELEASE(6, 12, 94), YES },  { KERNEL_RELEASE(6, 13, 0), NO },
		{ KERNEL_RELEASE(6, 18, 0), MAYBE }, { KERNEL_RELEASE(6, 18, 44), YES },
		{ KERNEL_RELEASE(6, 19, 0), MAYBE }, { UINT32_MAX, YES },
	};
	enum truth has = NO;

	for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++) {
		if (history[i].from <= release)
			has = history[i].has;
	}
	return has;
}

static void source_route_check(struct judge *j, const struct options_check *o)
{
	const enum truth restricts = restricts_source_routes(j->release);

	if (restricts == NO || !o->err)
		return;
	if (restricts == MAYBE)
		judge_unknown(j,
			      "whether this release lets anybody send source routes is not known");
	else if (o->err < 0)
		judge_unknown(j, o->why);
	else
		judge_reject(j, o->check, o->err, o->why);
}

static void retopts_check(struct judge *j)
{
	unsigned int len = j->payload > IP_OPTIONS_MAX ? IP_OPTIONS_MAX : (unsigned int)j->payload;
	const unsigned char *d = judge_data(j, len);

	if (!d && len)
		return;

	struct options_check o = ip_options_check(d, len, judge_net_capable(j, CAPABILITY_NET_RAW));

	j->srr = o.source_route;
	if (o.source_route)
		source_route_check(j, &o);
	else if (o.err < 0)
		judge_unknown(j, o.why);
	else if (o.err)
		judge_reject(j, o.check, o.err, o.why);
	if (judge_passed(j)) {
		j->options_by = (int)j->i;
		if (j->payload > IP_OPTIONS_MAX)
			j->v->why = "sends the first 40 bytes as IP options; the rest is dropped";
	}
}

static void protocol_check(struct judge *j)
{
	if (j->kind == SOCK_KIND_RAW4 && judge_opt(j, OPT_IP_HDRINCL) != YES)
		judge_ignore(j, WHY_NO_EFFECT, "only a socket with IP_HDRINCL uses it");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_IP, 1, "IP_TOS"),
		.size = 1,
		.size_max = 4,
		.either = true,
		.kinds = ON_INET4,
		.effect = "type of service byte; sent as one byte or an int of 0 to 255 (since "
			  "3.13), received as one byte",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_tos()",
		.decode = decode_tos,
		.send = {
			.by = BY_IP,
			.since = KERNEL_RELEASE(3, 13, 0),
			.slot = SLOT_TOS,
			.does = "sets the packet's TOS byte (DSCP and ECN) and the priority that goes with it",
			.size_why = "IP_TOS takes an int or one byte",
			.lo = 0,
			.hi = 255,
			.range_why = "IP_TOS is 0 ... 255",
		},
		.recv = { .from = FROM_IP, .nth = 3, .option = OPT_IP_RECVTOS },
	},
	{
		ROW(L_IP, 2, "IP_TTL"),
		.size = 4,
		.kinds = ON_INET4,
		.effect = "time to live; sent (since 3.13) 1 to 255, overrides IP_TTL and "
			  "IP_MULTICAST_TTL",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_ttl()",
		.decode = decode_u32s,
		.send = {
			.by = BY_IP,
			.since = KERNEL_RELEASE(3, 13, 0),
			.slot = SLOT_TTL,
			.does = "sets the packet's TTL",
			.size_why = "IP_TTL takes an int, 4 bytes",
			.lo = 1,
			.hi = 255,
			.range_why = "IP_TTL is 1 ... 255",
		},
		.recv = { .from = FROM_IP, .nth = 2, .option = OPT_IP_RECVTTL },
	},
	{
		ROW(L_IP, 3, "SCM_SECURITY"),
		.size = 1,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(2, 6, 17),
		.effect = "security label of the packet, where an LSM gives labels",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_security()",
		.decode = decode_string,
		.recv = {
			.from = FROM_IP,
			.nth = 6,
			.option = OPT_IP_PASSSEC,
			.varies = true,
			.when = "only where a security module labels packets",
		},
	},
	{
		ROW(L_IP, 6, "IP_RECVOPTS"),
		.size = 1,
		.size_max = IP_OPTIONS_MAX,
		.kinds = ON_INET4,
		.effect = "IP options of the packet as they came",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_opts()",
		.decode = decode_hex8s,
		.recv = {
			.from = FROM_IP,
			.nth = 4,
			.option = OPT_IP_RECVOPTS,
			.varies = true,
			.when = "only where the packet has IP options",
		},
	},
	{
		ROW(L_IP, 7, "IP_RETOPTS"),
		.size = 0,
		.size_max = IP_OPTIONS_MAX,
		.kinds = ON_INET4,
		.effect = "IP options to send with; received: those of the packet, turned round "
			  "for a reply; source routes need CAP_NET_RAW",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_retopts()",
		.decode = decode_hex8s,
		.send = {
			.by = BY_IP,
			.slot = SLOT_OPTIONS,
			.most = SIZE_MAX_NONE,
			.does = "sends these IP options",
			.check = retopts_check,
		},
		.recv = {
			.from = FROM_IP,
			.nth = 5,
			.option = OPT_IP_RETOPTS,
			.varies = true,
			.when = "only where the packet has IP options",
		},
	},
	{
		ROW(L_IP, 8, "IP_PKTINFO"),
		.size = 12,
		.kinds = ON_INET4,
		.effect = "sent: ipi_spec_dst is the source address, ipi_ifindex the interface, "
			  "ipi_addr is not read; received: ipi_addr is the packet's destination",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_pktinfo()",
		.decode = decode_pktinfo,
		.send = {
			.by = BY_IP,
			.slot = SLOT_PKTINFO,
			.does = "sets the source address",
			.size_why = "ip_cmsg_send() takes a 12-byte in_pktinfo only",
			.check = pktinfo_check,
		},
		.recv = { .from = FROM_IP, .nth = 1, .option = OPT_IP_PKTINFO },
	},
	{
		ROW(L_IP, 11, "IP_RECVERR"),
		.size = 32,
		/* AF_INET6 sockets give IPV6_RECVERR, for v4-mapped peers too. */
		.kinds = ON_UDP4 | ON(RAW4) | ON(PING4) | ON(TCP4),
		.effect = "error queue (MSG_ERRQUEUE): the error, where it came from and the "
			  "offender's address",
		.kernel = "net/ipv4/ip_sockglue.c ip_recv_error()",
		.decode = decode_ip_recverr,
		.recv = { .from = FROM_ERROR, .nth = 1, .option = OPT_IP_RECVERR },
	},
	{
		ROW(L_IP, 20, "IP_ORIGDSTADDR"),
		.size = 16,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(2, 6, 29),
		.effect = "destination address and port of the packet, for transparent proxies",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_dstaddr()",
		.decode = decode_sockaddr,
		.recv = { .from = FROM_IP, .nth = 7, .option = OPT_IP_RECVORIGDSTADDR },
	},
	{
		ROW(L_IP, 23, "IP_CHECKSUM"),
		.size = 4,
		.kinds = ON_INET4, /* ICMP sums packets itself */
		.since = KERNEL_RELEASE(4, 0, 0),
		.effect = "checksum over the payload, where the device computed it",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_checksum()",
		.decode = decode_u32s,
		.recv = {
			.from = FROM_IP,
			.nth = 8,
			.option = OPT_IP_CHECKSUM,
			.when = "only where the interface summed the packet",
		},
	},
	{
		ROW(L_IP, 25, "IP_RECVFRAGSIZE"),
		.size = 4,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(4, 10, 0),
		.effect = "size of the largest fragment that the packet was put together from",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_fragsize()",
		.decode = decode_s32s,
		.recv = {
			.from = FROM_IP,
			.nth = 9,
			.option = OPT_IP_RECVFRAGSIZE,
			.when = "only where the packet came in fragments",
		},
	},
	{
		ROW(L_IP, 52, "IP_PROTOCOL"),
		.size = 4,
		.kinds = ON(RAW4),
		.since = KERNEL_RELEASE(6, 4, 0),
		.stable = (const uint32_t[]){ KERNEL_RELEASE(6, 1, 32), 0 },
		.effect = "protocol for the route lookup of raw sockets with IP_HDRINCL; "
			  "elsewhere accepted without effect",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send()",
		.decode = decode_protocol,
		.send = {
			.by = BY_IP,
			.slot = SLOT_PROTOCOL,
			.does = "takes part in the route lookup as the protocol",
			.size_why = "IP_PROTOCOL takes an int, 4 bytes",
			.lo = 1,
			.hi = 255,
			.range_why = "IP_PROTOCOL is 1 ... 255",
			.idle = ON_UDP | ON(PING4),
			.idle_why = "only a raw socket with IP_HDRINCL uses it",
			.check = protocol_check,
		},
	},
};

const struct cmsg_level cmsg_level_ip = CMSG_LEVEL(L_IP, "SOL_IP", rows);
