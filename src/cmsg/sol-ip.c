// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_IP.  Each payload has the shape in which strace prints it.
 * Kernel: net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_offset(), ip_recv_error().
 */
#include "config.h"

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

static const struct cmsg_type rows[] = {
	{
		.level = L_IP,
		.type = 1,
		.name = "IP_TOS",
		.dir = CMSG_DIR_SEND | CMSG_DIR_RECV,
		.size = 1,
		.size_max = 4,
		.kinds = ON_INET4,
		.option = "IP_RECVTOS",
		.effect = "type of service byte; sent as one byte or an int of 0 to 255 (since "
			  "3.13), received as one byte",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send(), ip_cmsg_recv_tos()",
		.decode = decode_hex8s,
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
	},
	{
		.level = L_IP,
		.type = 3,
		.name = "SCM_SECURITY",
		.dir = CMSG_DIR_RECV,
		.size = 1,
		.size_max = UINT16_MAX,
		.kinds = ON_INET4,
		.since = "2.6.17",
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
		.since = "2.6.29",
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
		.since = "4.0",
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
		.since = "4.10",
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
		.since = "6.4",
		.effect = "protocol for the route lookup of raw sockets with IP_HDRINCL; "
			  "elsewhere accepted without effect",
		.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send()",
		.decode = decode_protocol,
	},
};

const struct cmsg_level cmsg_level_ip = CMSG_LEVEL(L_IP, "SOL_IP", rows);
