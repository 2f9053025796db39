// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which parser each kind of socket has, and the levels that it reads.  Pure.  KERNEL.md 1.1. */
#include "config.h"

#include <errno.h>
#include <stddef.h>

#include "kernel/judge.h"

enum { ULP_TLS = 1, ULP_ESPINTCP = 2 };

static const char udp_cmsg_send[] = "net/ipv4/udp.c udp_cmsg_send()";
static const char ip_cmsg_send[] = "net/ipv4/ip_sockglue.c ip_cmsg_send()";
static const char send_ctl[] = "net/ipv6/datagram.c ip6_datagram_send_ctl()";
static const char sock_cmsg_send[] = "net/core/sock.c sock_cmsg_send()";
static const char scm_send[] = "net/core/scm.c __scm_send()";

/* An AF_INET6 UDP socket whose destination is not known: one of two parsers. */
static const struct level level_ip_unsure = { .level = L_IP, .unsure = true };
static const struct level level_ipv6_unsure = { .level = L_IPV6, .unsure = true };
static const struct level level_socket_unsure = { .level = L_SOCKET, .unsure = true };

static const struct level *const levels_udp[] = { &level_udp, NULL };
static const struct level *const levels_ip[] = { &level_ip, &level_socket, NULL };
static const struct level *const levels_ipv6[] = { &level_ipv6, &level_socket, NULL };
static const struct level *const levels_mapped[] = { &level_ip, &level_socket, &level_ipv6_mapped,
						     NULL };
static const struct level *const levels_unsure[] = { &level_socket, &level_ip_unsure,
						     &level_ipv6_unsure, NULL };
static const struct level *const levels_socket[] = { &level_socket, NULL };
static const struct level *const levels_socket_unsure[] = { &level_socket_unsure, NULL };
static const struct level *const levels_unix[] = { &level_scm_unix, NULL };
static const struct level *const levels_netlink[] = { &level_scm_netlink, NULL };

static const struct pass udp4_passes[] = { { udp_cmsg_send, levels_udp },
					   { ip_cmsg_send, levels_ip } };
static const struct pass udp6_passes[] = { { udp_cmsg_send, levels_udp },
					   { send_ctl, levels_ipv6 } };
static const struct pass mapped_passes[] = { { udp_cmsg_send, levels_udp },
					     { ip_cmsg_send, levels_mapped } };
static const struct pass unsure_passes[] = { { udp_cmsg_send, levels_udp },
					     { ip_cmsg_send, levels_unsure } };
static const struct pass ip_passes[] = { { ip_cmsg_send, levels_ip } };
static const struct pass ipv6_passes[] = { { send_ctl, levels_ipv6 } };
static const struct pass socket_passes[] = { { sock_cmsg_send, levels_socket } };
static const struct pass smc_passes[] = { { sock_cmsg_send, levels_socket_unsure } };
static const struct pass unix_passes[] = { { scm_send, levels_unix } };
static const struct pass netlink_passes[] = { { scm_send, levels_netlink } };

/* tcp_sendmsg_locked(): device memory needs a zerocopy send. */
static void tcp_late(struct judge *j)
{
	static const char where[] = "net/ipv4/tcp.c tcp_sendmsg_locked()";

	if (j->dmabuf_by < 0)
		return;
	if (!(j->ev->flags & F_ZEROCOPY) || judge_opt(j, OPT_SO_ZEROCOPY) == NO)
		judge_reject_late(j, j->dmabuf_by, CHECK_STATE, EINVAL,
				  "device memory is sent with MSG_ZEROCOPY and SO_ZEROCOPY only",
				  where);
	else
		judge_assume(j, "SO_ZEROCOPY is on and the dma-buf is bound");
}

static const struct parser udp4 = {
	.passes = udp4_passes,
	.npasses = 2,
	.ignores = "a UDP socket reads SOL_UDP, SOL_IP and SOL_SOCKET only",
	.family = L_IPV6,
	.family_why = "an AF_INET socket never reads SOL_IPV6",
	.late = judge_ipv4_late,
};

static const struct parser udp6 = {
	.passes = udp6_passes,
	.npasses = 2,
	.ignores = "towards IPv6 a UDP socket reads SOL_UDP, SOL_IPV6 and SOL_SOCKET only",
	.family = L_IP,
	.family_why = "towards an IPv6 address SOL_IP is never read",
	.late = judge_ipv6_late,
};

static const struct parser udp6_mapped = {
	.passes = mapped_passes,
	.npasses = 2,
	.ignores =
		"towards IPv4 a UDP socket reads SOL_UDP, SOL_IP, SOL_SOCKET and IPV6_PKTINFO only",
	.family = L_IPV6,
	.family_why =
		"towards an IPv4 address IPV6_PKTINFO is the only SOL_IPV6 message that is read",
	.late = judge_ipv4_late,
};

static const struct parser udp6_unsure = {
	.passes = unsure_passes,
	.npasses = 2,
	.ignores = "a UDP socket reads SOL_UDP, SOL_IP or SOL_IPV6, and SOL_SOCKET only",
	.late = judge_segment_late,
};

static const struct parser raw4 = {
	.passes = ip_passes,
	.npasses = 1,
	.ignores = "this socket reads SOL_IP and SOL_SOCKET only",
	.family = L_IPV6,
	.family_why = "an AF_INET socket never reads SOL_IPV6",
	.late = judge_ipv4_late,
};

static const struct parser raw6 = {
	.passes = ipv6_passes,
	.npasses = 1,
	.ignores = "this socket reads SOL_IPV6 and SOL_SOCKET only",
	.family = L_IP,
	.family_why = "this AF_INET6 socket never reads SOL_IP",
	.late = judge_ipv6_late,
};

static const struct parser tcp = {
	.passes = socket_passes,
	.npasses = 1,
	.ignores = "TCP reads SOL_SOCKET only",
	.late = tcp_late,
	.state = judge_tcp_state,
};

static const struct parser packet = {
	.passes = socket_passes,
	.npasses = 1,
	.ignores = "a packet socket reads SOL_SOCKET only",
};

static const struct parser can = {
	.passes = socket_passes,
	.npasses = 1,
	.ignores = "a CAN_RAW socket reads SOL_SOCKET only",
};

static const struct parser bluetooth = {
	.passes = socket_passes,
	.npasses = 1,
	.ignores = "this Bluetooth socket reads SOL_SOCKET only",
	.since = KERNEL_RELEASE(6, 15, 0),
};

static const struct parser smc = {
	.passes = smc_passes,
	.npasses = 1,
	.ignores = "SMC reads no control message; fallen back to TCP, SOL_SOCKET only",
};

static const struct parser unix_parser = {
	.passes = unix_passes,
	.npasses = 1,
	.ignores = "AF_UNIX reads SOL_SOCKET only",
};

static const struct parser netlink = {
	.passes = netlink_passes,
	.npasses = 1,
	.ignores = "netlink reads SOL_SOCKET only",
};

static const struct parser mptcp = {
	.ignores = "MPTCP looks at no control message",
};

static const struct parser none = {
	.ignores = "this protocol looks at no control message",
};

static const struct parser *const parsers[SOCK_KIND_COUNT] = {
	[SOCK_KIND_UDP4] = &udp4,
	[SOCK_KIND_UDPLITE4] = &udp4,
	[SOCK_KIND_UDP6] = &udp6,
	[SOCK_KIND_UDPLITE6] = &udp6,
	[SOCK_KIND_RAW4] = &raw4,
	[SOCK_KIND_PING4] = &raw4,
	[SOCK_KIND_RAW6] = &raw6,
	[SOCK_KIND_PING6] = &raw6,
	[SOCK_KIND_TCP4] = &tcp,
	[SOCK_KIND_TCP6] = &tcp,
	[SOCK_KIND_MPTCP] = &mptcp,
	[SOCK_KIND_UNIX_STREAM] = &unix_parser,
	[SOCK_KIND_UNIX_DGRAM] = &unix_parser,
	[SOCK_KIND_UNIX_SEQPACKET] = &unix_parser,
	[SOCK_KIND_NETLINK] = &netlink,
	[SOCK_KIND_PACKET] = &packet,
	[SOCK_KIND_VSOCK] = &none,
	[SOCK_KIND_XDP] = &none,
	[SOCK_KIND_ALG] = &parser_alg,
	[SOCK_KIND_SCTP] = &parser_sctp,
	[SOCK_KIND_RDS] = &parser_rds,
	[SOCK_KIND_RXRPC] = &parser_rxrpc,
	[SOCK_KIND_TIPC] = &none,
	[SOCK_KIND_CAN_RAW] = &can,
	[SOCK_KIND_CAN_BCM] = &none,
	[SOCK_KIND_CAN_ISOTP] = &none,
	[SOCK_KIND_CAN_J1939] = &none,
	[SOCK_KIND_BT_HCI] = &none,
	[SOCK_KIND_BT_L2CAP] = &bluetooth,
	[SOCK_KIND_BT_SCO] = &bluetooth,
	[SOCK_KIND_BT_ISO] = &bluetooth,
	[SOCK_KIND_BT_OTHER] = &none,
	[SOCK_KIND_SMC] = &smc,
	[SOCK_KIND_IUCV] = &parser_iucv,
	[SOCK_KIND_LLC] = &none,
	[SOCK_KIND_DCCP] = &parser_dccp,
	[SOCK_KIND_ISDN] = &none,
	[SOCK_KIND_IEEE802154] = &none,
	[SOCK_KIND_OTHER] = &none,
};

const struct parser *parser_of(enum sock_kind kind, enum model_path path, int ulp)
{
	if ((unsigned int)kind >= SOCK_KIND_COUNT)
		return NULL;
	if (kind == SOCK_KIND_UDP6 || kind == SOCK_KIND_UDPLITE6) {
		if (path == PATH_MAPPED)
			return &udp6_mapped;
		if (path == PATH_UNKNOWN)
			return &udp6_unsure;
	}
	if (kind == SOCK_KIND_TCP4 || kind == SOCK_KIND_TCP6) {
		if (ulp == ULP_TLS)
			return &parser_tls;
		if (ulp == ULP_ESPINTCP)
			return &parser_espintcp;
	}
	return parsers[kind];
}

static bool reads(const struct parser *p, int32_t level, bool *unsure)
{
	for (unsigned int i = 0; i < p->npasses; i++) {
		for (const struct level *const *l = p->passes[i].levels; *l; l++) {
			if ((*l)->level == level) {
				*unsure = (*l)->unsure;
				return true;
			}
		}
	}
	return false;
}

enum verdict_what model_level(enum sock_kind kind, enum model_path path, int32_t level)
{
	const struct parser *p = parser_of(kind, path, 0);
	bool unsure = false;

	if (!p)
		return VERDICT_UNKNOWN;
	if (!reads(p, level, &unsure))
		return VERDICT_IGNORE;
	return unsure ? VERDICT_UNKNOWN : VERDICT_ACCEPT;
}
