// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which parser each kind of socket has, and the levels that it reads.  Pure.  doc/kernel.md 1.1. */
#include "config.h"

#include <stddef.h>

#include "kernel/parser.h"

static const char udp_cmsg_send[] = "net/ipv4/udp.c udp_cmsg_send()";
static const char ip_cmsg_send[] = "net/ipv4/ip_sockglue.c ip_cmsg_send()";
static const char send_ctl[] = "net/ipv6/datagram.c ip6_datagram_send_ctl()";
static const char sock_cmsg_send[] = "net/core/sock.c sock_cmsg_send()";
static const char scm_send[] = "net/core/scm.c __scm_send()";

static const char tls_process[] = "net/tls/tls_main.c tls_process_cmsg()";
static const char alg_send[] = "crypto/af_alg.c af_alg_cmsg_send()";
static const char sctp_parse[] = "net/sctp/socket.c sctp_msghdr_parse()";
static const char rds_send[] = "net/rds/send.c rds_cmsg_send()";
static const char rxrpc_send[] = "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()";
static const char rxrpc_send_oob[] = "net/rxrpc/oob.c rxrpc_sendmsg_oob_cmsg()";
static const char iucv_send[] = "net/iucv/af_iucv.c iucv_sock_sendmsg()";
static const char dccp_parse[] = "net/dccp/proto.c dccp_msghdr_parse()";

/* ---- levels ---- */

#define LEVEL(var, number, parser, where, why)                                                     \
	static const struct level var = {                                                          \
		.level = (number), .by = (parser), .kernel = (where), .unknown = (why)             \
	}

LEVEL(level_socket, L_SOCKET, BY_SOCK, "net/core/sock.c __sock_cmsg_send()",
      "no such SOL_SOCKET message can be sent here");
LEVEL(level_unix, L_SOCKET, BY_SCM, scm_send, "AF_UNIX takes SCM_RIGHTS and SCM_CREDENTIALS only");
LEVEL(level_netlink, L_SOCKET, BY_SCM, scm_send, "netlink takes SCM_CREDENTIALS only");
LEVEL(level_ip, L_IP, BY_IP, ip_cmsg_send, "no such SOL_IP message can be sent");
LEVEL(level_ipv6, L_IPV6, BY_IPV6, send_ctl, "no such SOL_IPV6 message can be sent");
LEVEL(level_tls, L_TLS, BY_TLS, tls_process, "TLS_SET_RECORD_TYPE is the only SOL_TLS message");
LEVEL(level_alg, L_ALG, BY_ALG, alg_send, "no such SOL_ALG message");
LEVEL(level_sctp, L_SCTP, BY_SCTP, sctp_parse, "no such SOL_SCTP message can be sent");
LEVEL(level_rds, L_RDS, BY_RDS, rds_send, "no such SOL_RDS message can be sent");
LEVEL(level_rxrpc, L_RXRPC, BY_RXRPC, rxrpc_send, "no such SOL_RXRPC message can be sent");
LEVEL(level_rxrpc_oob, L_RXRPC, BY_RXRPC_OOB, rxrpc_send_oob, "no such out-of-band message");
LEVEL(level_iucv, L_IUCV, BY_IUCV, iucv_send, "SCM_IUCV_TRGCLS is the only SOL_IUCV message");
LEVEL(level_dccp, L_DCCP, BY_DCCP, dccp_parse, "DCCP_SCM_PRIORITY is the only SOL_DCCP message");

static const struct level level_udp = {
	.level = L_UDP,
	.by = BY_UDP,
	.since = KERNEL_RELEASE(4, 18, 0),
	.kernel = "net/ipv4/udp.c __udp_cmsg_send()",
	.unknown = "UDP_SEGMENT is the only SOL_UDP message that can be sent",
};

static const struct level level_ipv6_mapped = {
	.level = L_IPV6,
	.by = BY_IP_MAPPED,
	.since = KERNEL_RELEASE(3, 15, 0),
	.kernel = ip_cmsg_send,
	.skips_unknown = true,
	.unknown = "towards an IPv4 peer IPV6_PKTINFO is the only SOL_IPV6 message that is read",
};

/* An AF_INET6 UDP socket whose destination is not known: one of two parsers. */
static const struct level level_ip_unsure = { .level = L_IP, .unsure = true };
static const struct level level_ipv6_unsure = { .level = L_IPV6, .unsure = true };
static const struct level level_socket_unsure = { .level = L_SOCKET, .unsure = true };

/* ---- passes ---- */

#define LEVELS(...) ((const struct level *const[]){ __VA_ARGS__, NULL })

#define PASS_UDP                                                                                   \
	{                                                                                          \
		udp_cmsg_send, LEVELS(&level_udp)                                                  \
	}

static const struct pass udp4_passes[] = { PASS_UDP,
					   { ip_cmsg_send, LEVELS(&level_ip, &level_socket) } };
static const struct pass udp6_passes[] = { PASS_UDP,
					   { send_ctl, LEVELS(&level_ipv6, &level_socket) } };
static const struct pass mapped_passes[] = {
	PASS_UDP, { ip_cmsg_send, LEVELS(&level_ip, &level_socket, &level_ipv6_mapped) }
};
static const struct pass unsure_passes[] = {
	PASS_UDP, { ip_cmsg_send, LEVELS(&level_socket, &level_ip_unsure, &level_ipv6_unsure) }
};
static const struct pass ip_passes[] = { { ip_cmsg_send, LEVELS(&level_ip, &level_socket) } };
static const struct pass ipv6_passes[] = { { send_ctl, LEVELS(&level_ipv6, &level_socket) } };
static const struct pass socket_passes[] = { { sock_cmsg_send, LEVELS(&level_socket) } };
static const struct pass smc_passes[] = { { sock_cmsg_send, LEVELS(&level_socket_unsure) } };
static const struct pass unix_passes[] = { { scm_send, LEVELS(&level_unix) } };
static const struct pass netlink_passes[] = { { scm_send, LEVELS(&level_netlink) } };
static const struct pass tls_passes[] = { { tls_process, LEVELS(&level_tls) } };
static const struct pass alg_passes[] = { { alg_send, LEVELS(&level_alg) } };
static const struct pass sctp_passes[] = { { sctp_parse, LEVELS(&level_sctp) } };
static const struct pass rds_passes[] = { { rds_send, LEVELS(&level_rds) } };
static const struct pass rxrpc_passes[] = { { rxrpc_send, LEVELS(&level_rxrpc) } };
static const struct pass rxrpc_oob_passes[] = { { rxrpc_send_oob, LEVELS(&level_rxrpc_oob) } };
static const struct pass iucv_passes[] = { { iucv_send, LEVELS(&level_iucv) } };
static const struct pass dccp_passes[] = { { dccp_parse, LEVELS(&level_dccp) } };

/* ---- parsers ---- */

static const struct parser udp4 = {
	.passes = udp4_passes,
	.npasses = 2,
	.ignores = "a UDP socket reads SOL_UDP, SOL_IP and SOL_SOCKET only",
	.family = L_IPV6,
	.family_why = "an AF_INET socket never reads SOL_IPV6",
	.late = late_ipv4,
};

static const struct parser udp6 = {
	.passes = udp6_passes,
	.npasses = 2,
	.ignores = "towards IPv6 a UDP socket reads SOL_UDP, SOL_IPV6 and SOL_SOCKET only",
	.family = L_IP,
	.family_why = "towards an IPv6 address SOL_IP is never read",
	.late = late_ipv6,
};

static const struct parser udp6_mapped = {
	.passes = mapped_passes,
	.npasses = 2,
	.ignores =
		"towards IPv4 a UDP socket reads SOL_UDP, SOL_IP, SOL_SOCKET and IPV6_PKTINFO only",
	.family = L_IPV6,
	.family_why =
		"towards an IPv4 address IPV6_PKTINFO is the only SOL_IPV6 message that is read",
	.late = late_ipv4,
};

static const struct parser udp6_unsure = {
	.passes = unsure_passes,
	.npasses = 2,
	.ignores = "a UDP socket reads SOL_UDP, SOL_IP or SOL_IPV6, and SOL_SOCKET only",
	.late = late_segment,
};

static const struct parser raw4 = {
	.passes = ip_passes,
	.npasses = 1,
	.ignores = "this socket reads SOL_IP and SOL_SOCKET only",
	.family = L_IPV6,
	.family_why = "an AF_INET socket never reads SOL_IPV6",
	.late = late_ipv4,
};

static const struct parser raw6 = {
	.passes = ipv6_passes,
	.npasses = 1,
	.ignores = "this socket reads SOL_IPV6 and SOL_SOCKET only",
	.family = L_IP,
	.family_why = "this AF_INET6 socket never reads SOL_IP",
	.late = late_ipv6,
};

static const struct parser tcp = {
	.passes = socket_passes,
	.npasses = 1,
	.ignores = "TCP reads SOL_SOCKET only",
	.late = late_tcp,
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

static const struct parser tls = {
	.passes = tls_passes,
	.npasses = 1,
	.ignores = "kTLS reads SOL_TLS only",
	.late = late_tls,
};

static const struct parser espintcp = {
	.ignores = "the espintcp ULP reads no control message",
	.late = late_espintcp,
};

static const struct parser alg = {
	.passes = alg_passes,
	.npasses = 1,
	.ignores = "AF_ALG reads SOL_ALG only",
	.late = late_alg,
};

static const struct parser sctp = {
	.passes = sctp_passes,
	.npasses = 1,
	.ignores = "SCTP reads SOL_SCTP only",
};

static const struct parser rds = {
	.passes = rds_passes,
	.npasses = 1,
	.ignores = "RDS reads SOL_RDS only",
};

static const struct parser rxrpc = {
	.passes = rxrpc_passes,
	.npasses = 1,
	.ignores = "RXRPC reads SOL_RXRPC only",
	.late = late_rxrpc,
};

static const struct parser rxrpc_oob = {
	.passes = rxrpc_oob_passes,
	.npasses = 1,
	.ignores = "RXRPC reads SOL_RXRPC only",
};

static const struct parser iucv = {
	.passes = iucv_passes,
	.npasses = 1,
	.ignores = "IUCV reads SOL_IUCV only",
};

static const struct parser dccp = {
	.passes = dccp_passes,
	.npasses = 1,
	.ignores = "DCCP reads SOL_DCCP only",
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
	[SOCK_KIND_ALG] = &alg,
	[SOCK_KIND_SCTP] = &sctp,
	[SOCK_KIND_RDS] = &rds,
	[SOCK_KIND_RXRPC] = &rxrpc,
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
	[SOCK_KIND_IUCV] = &iucv,
	[SOCK_KIND_LLC] = &none,
	[SOCK_KIND_DCCP] = &dccp,
	[SOCK_KIND_ISDN] = &none,
	[SOCK_KIND_IEEE802154] = &none,
	[SOCK_KIND_OTHER] = &none,
};

const struct parser *parser_of(enum sock_kind kind, enum model_path path, int ulp,
			       unsigned int flags)
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
			return &tls;
		if (ulp == ULP_ESPINTCP)
			return &espintcp;
	}
	if (kind == SOCK_KIND_RXRPC && (flags & F_OOB))
		return &rxrpc_oob;
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
	const struct parser *p = parser_of(kind, path, 0, 0);
	bool unsure = false;

	if (!p)
		return VERDICT_UNKNOWN;
	if (!reads(p, level, &unsure))
		return VERDICT_IGNORE;
	return unsure ? VERDICT_UNKNOWN : VERDICT_ACCEPT;
}
