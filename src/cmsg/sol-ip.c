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

static void retopts_check(struct judge *j)
{
	unsigned int len = j->payload > IP_OPTIONS_MAX ? IP_OPTIONS_MAX : (unsigned int)j->payload;
	const unsigned char *d = judge_data(j, len);

	if (!d && len)
		return;

	struct options_check o = ip_options_check(d, len, judge_net_capable(j, CAPABILITY_NET_RAW));

	j->srr = o.source_route;
	if (o.err < 0)
		judge_unknown(j, o.why);
	else if (o.err && (o.err != EPERM || judge_since(j, KERNEL_RELEASE(6, 18, 0))))
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
		.level = L_IP,
		.type = 1,
		.name = "IP_TOS",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 1,
		.size_max = 4,
		.either = true,
		.kinds = ON_INET4,
		.option = "IP_RECVTOS",
		.effect = "type of service byte; sent as one byte or an int of 0 to 255 (since "
			  "3.13), received as one byte",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_tos()",
		.decode = decode_hex8s,
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
	},
	{
		.level = L_IP,
		.type = 2,
		.name = "IP_TTL",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON_INET4,
		.option = "IP_RECVTTL",
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
	},
	{
		.level = L_IP,
		.type = 3,
		.name = "SCM_SECURITY",
		.dir = CMSG_DIR_RECV,
		.size = 1,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(2, 6, 17),
		.option = "IP_PASSSEC",
		.effect = "security label of the packet, where an LSM gives labels",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_security()",
		.decode = decode_string,
	},
	{
		.level = L_IP,
		.type = 6,
		.name = "IP_RECVOPTS",
		.dir = CMSG_DIR_RECV,
		.size = 1,
		.size_max = IP_OPTIONS_MAX,
		.kinds = ON_INET4,
		.option = "IP_RECVOPTS",
		.effect = "IP options of the packet as they came",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_opts()",
		.decode = decode_hex8s,
	},
	{
		.level = L_IP,
		.type = 7,
		.name = "IP_RETOPTS",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 0,
		.size_max = IP_OPTIONS_MAX,
		.kinds = ON_INET4,
		.option = "IP_RETOPTS",
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
	},
	{
		.level = L_IP,
		.type = 8,
		.name = "IP_PKTINFO",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 12,
		.kinds = ON_INET4,
		.option = "IP_PKTINFO",
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
	},
	{
		.level = L_IP,
		.type = 11,
		.name = "IP_RECVERR",
		.dir = CMSG_DIR_RECV,
		.size = 32,
		/* AF_INET6 sockets give IPV6_RECVERR, for v4-mapped peers too. */
		.kinds = ON_UDP4 | ON(RAW4) | ON(PING4) | ON(TCP4),
		.option = "IP_RECVERR",
		.effect = "error queue (MSG_ERRQUEUE): the error, where it came from and the "
			  "offender's address",
		.kernel = "net/ipv4/ip_sockglue.c ip_recv_error()",
		.decode = decode_ip_recverr,
	},
	{
		.level = L_IP,
		.type = 20,
		.name = "IP_ORIGDSTADDR",
		.dir = CMSG_DIR_RECV,
		.size = 16,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(2, 6, 29),
		.option = "IP_RECVORIGDSTADDR",
		.effect = "destination address and port of the packet, for transparent proxies",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_dstaddr()",
		.decode = decode_sockaddr,
	},
	{
		.level = L_IP,
		.type = 23,
		.name = "IP_CHECKSUM",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON_UDP,
		.since = KERNEL_RELEASE(4, 0, 0),
		.option = "IP_CHECKSUM",
		.effect = "checksum over the payload, where the device computed it",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_checksum()",
		.decode = decode_u32s,
	},
	{
		.level = L_IP,
		.type = 25,
		.name = "IP_RECVFRAGSIZE",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON_INET4,
		.since = KERNEL_RELEASE(4, 10, 0),
		.option = "IP_RECVFRAGSIZE",
		.effect = "size of the largest fragment that the packet was put together from",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_recv_fragsize()",
		.decode = decode_s32s,
	},
	{
		.level = L_IP,
		.type = 52,
		.name = "IP_PROTOCOL",
		.dir = CMSG_DIR_SEND,
		.size = 4,
		.kinds = ON(RAW4),
		.since = KERNEL_RELEASE(6, 4, 0),
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
