// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket snapshots: the options that are known, and which of the kernel's parsers a socket has. */
#include "config.h"

#include "event/sock.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "uapi/uapi.h"

#define O(e, lvl, num, fam)                                                                        \
	[OPT_##e] = { .name = #e, .level = (lvl), .optname = (num), .families = (fam) }

const struct sock_opt_row sock_opt_rows[OPT_COUNT] = {
	O(SO_BINDTODEVICE, L_SOCKET, 62, SOCK_FAM_INET), /* read by SO_BINDTOIFINDEX */
	O(SO_BROADCAST, L_SOCKET, 6, SOCK_FAM_INET),
	O(SO_MARK, L_SOCKET, 36, SOCK_FAM_ANY),
	O(SO_PRIORITY, L_SOCKET, 12, SOCK_FAM_ANY),
	O(SO_PASSCRED, L_SOCKET, 16, SOCK_FAM_UNIX | SOCK_FAM_NETLINK),
	O(SO_PASSSEC, L_SOCKET, 34, SOCK_FAM_UNIX | SOCK_FAM_NETLINK),
	O(SO_PASSPIDFD, L_SOCKET, 76, SOCK_FAM_UNIX),
	O(SO_PASSRIGHTS, L_SOCKET, 83, SOCK_FAM_UNIX),
	O(SO_TIMESTAMP, L_SOCKET, 29, SOCK_FAM_ANY),
	O(SO_TIMESTAMPNS, L_SOCKET, 35, SOCK_FAM_ANY),
	O(SO_TIMESTAMPING, L_SOCKET, 37, SOCK_FAM_ANY),
	O(SO_TIMESTAMPING_NEW, L_SOCKET, 65, SOCK_FAM_ANY),
	O(SO_TXTIME, L_SOCKET, 61, SOCK_FAM_INET | SOCK_FAM_PACKET),
	O(SO_RXQ_OVFL, L_SOCKET, 40, SOCK_FAM_ANY),
	O(SO_RCVMARK, L_SOCKET, 75, SOCK_FAM_ANY),
	O(SO_RCVPRIORITY, L_SOCKET, 82, SOCK_FAM_ANY),
	O(SO_WIFI_STATUS, L_SOCKET, 41, SOCK_FAM_PACKET),
	O(SO_INQ, L_SOCKET, 84, SOCK_FAM_UNIX),
	O(SO_ZEROCOPY, L_SOCKET, 60, SOCK_FAM_INET),
	O(SO_NO_CHECK, L_SOCKET, 11, SOCK_FAM_UDP),
	O(SO_REUSEPORT, L_SOCKET, 15, SOCK_FAM_INET),
	O(SO_ACCEPTCONN, L_SOCKET, 30, SOCK_FAM_ANY),
	O(SO_RCVBUF, L_SOCKET, 8, SOCK_FAM_ANY),
	O(SO_SNDBUF, L_SOCKET, 7, SOCK_FAM_ANY),
	O(IP_PKTINFO, L_IP, 8, SOCK_FAM_INET),
	O(IP_RECVTTL, L_IP, 12, SOCK_FAM_INET),
	O(IP_RECVTOS, L_IP, 13, SOCK_FAM_INET),
	O(IP_RECVOPTS, L_IP, 6, SOCK_FAM_INET),
	O(IP_RETOPTS, L_IP, 7, SOCK_FAM_INET),
	O(IP_PASSSEC, L_IP, 18, SOCK_FAM_INET),
	O(IP_RECVORIGDSTADDR, L_IP, 20, SOCK_FAM_INET),
	O(IP_CHECKSUM, L_IP, 23, SOCK_FAM_INET),
	O(IP_RECVFRAGSIZE, L_IP, 25, SOCK_FAM_INET),
	O(IP_RECVERR, L_IP, 11, SOCK_FAM_INET),
	O(IP_TOS, L_IP, 1, SOCK_FAM_INET),
	O(IP_TTL, L_IP, 2, SOCK_FAM_INET),
	O(IP_FREEBIND, L_IP, 15, SOCK_FAM_INET),
	O(IP_TRANSPARENT, L_IP, 19, SOCK_FAM_INET),
	O(IP_HDRINCL, L_IP, 3, SOCK_FAM_RAW),
	O(IP_UNICAST_IF, L_IP, 50, SOCK_FAM_INET),
	O(IP_MULTICAST_IF, L_IP, 32, SOCK_FAM_INET),
	O(IP_MULTICAST_TTL, L_IP, 33, SOCK_FAM_INET),
	O(IP_MULTICAST_LOOP, L_IP, 34, SOCK_FAM_INET),
	O(IPV6_V6ONLY, L_IPV6, 26, SOCK_FAM_INET6),
	O(IPV6_RECVPKTINFO, L_IPV6, 49, SOCK_FAM_INET6),
	O(IPV6_RECVHOPLIMIT, L_IPV6, 51, SOCK_FAM_INET6),
	O(IPV6_RECVTCLASS, L_IPV6, 66, SOCK_FAM_INET6),
	O(IPV6_FLOWINFO, L_IPV6, 11, SOCK_FAM_INET6),
	O(IPV6_RECVHOPOPTS, L_IPV6, 53, SOCK_FAM_INET6),
	O(IPV6_RECVRTHDR, L_IPV6, 56, SOCK_FAM_INET6),
	O(IPV6_RECVDSTOPTS, L_IPV6, 58, SOCK_FAM_INET6),
	O(IPV6_RECVORIGDSTADDR, L_IPV6, 74, SOCK_FAM_INET6),
	O(IPV6_RECVFRAGSIZE, L_IPV6, 77, SOCK_FAM_INET6),
	O(IPV6_RECVPATHMTU, L_IPV6, 60, SOCK_FAM_INET6),
	O(IPV6_RECVERR, L_IPV6, 25, SOCK_FAM_INET6),
	O(IPV6_2292PKTINFO, L_IPV6, 2, SOCK_FAM_INET6),
	O(IPV6_2292HOPLIMIT, L_IPV6, 8, SOCK_FAM_INET6),
	O(IPV6_UNICAST_IF, L_IPV6, 76, SOCK_FAM_INET6),
	O(IPV6_MULTICAST_IF, L_IPV6, 17, SOCK_FAM_INET6),
	O(IPV6_FREEBIND, L_IPV6, 78, SOCK_FAM_INET6),
	O(IPV6_TRANSPARENT, L_IPV6, 75, SOCK_FAM_INET6),
	O(IPV6_TCLASS, L_IPV6, 67, SOCK_FAM_INET6),
	O(IPV6_UNICAST_HOPS, L_IPV6, 16, SOCK_FAM_INET6),
	O(UDP_CORK, L_UDP, 1, SOCK_FAM_UDP),
	O(UDP_SEGMENT, L_UDP, 103, SOCK_FAM_UDP),
	O(UDP_GRO, L_UDP, 104, SOCK_FAM_UDP),
	O(UDP_ENCAP, L_UDP, 100, SOCK_FAM_UDP),
	O(TCP_INQ, L_TCP, 36, SOCK_FAM_TCP),
	O(TCP_ULP, L_TCP, 31, SOCK_FAM_TCP),
	O(TCP_MPTCP, L_TCP, 43, SOCK_FAM_TCP), /* TCP_IS_MPTCP */
	O(PACKET_AUXDATA, L_PACKET, 8, SOCK_FAM_PACKET),
	O(NETLINK_PKTINFO, L_NETLINK, 3, SOCK_FAM_NETLINK),
	O(NETLINK_LISTEN_ALL_NSID, L_NETLINK, 8, SOCK_FAM_NETLINK),
};

static const char *const kind_names[SOCK_KIND_COUNT] = {
	[SOCK_KIND_UNKNOWN] = "unknown",
	[SOCK_KIND_UDP4] = "udp4",
	[SOCK_KIND_UDP6] = "udp6",
	[SOCK_KIND_UDPLITE4] = "udplite4",
	[SOCK_KIND_UDPLITE6] = "udplite6",
	[SOCK_KIND_RAW4] = "raw4",
	[SOCK_KIND_RAW6] = "raw6",
	[SOCK_KIND_PING4] = "ping4",
	[SOCK_KIND_PING6] = "ping6",
	[SOCK_KIND_TCP4] = "tcp4",
	[SOCK_KIND_TCP6] = "tcp6",
	[SOCK_KIND_MPTCP] = "mptcp",
	[SOCK_KIND_UNIX_STREAM] = "unix-stream",
	[SOCK_KIND_UNIX_DGRAM] = "unix-dgram",
	[SOCK_KIND_UNIX_SEQPACKET] = "unix-seqpacket",
	[SOCK_KIND_NETLINK] = "netlink",
	[SOCK_KIND_PACKET] = "packet",
	[SOCK_KIND_VSOCK] = "vsock",
	[SOCK_KIND_XDP] = "xdp",
	[SOCK_KIND_ALG] = "alg",
	[SOCK_KIND_SCTP] = "sctp",
	[SOCK_KIND_RDS] = "rds",
	[SOCK_KIND_RXRPC] = "rxrpc",
	[SOCK_KIND_TIPC] = "tipc",
	[SOCK_KIND_CAN_RAW] = "can-raw",
	[SOCK_KIND_CAN_BCM] = "can-bcm",
	[SOCK_KIND_CAN_ISOTP] = "can-isotp",
	[SOCK_KIND_CAN_J1939] = "can-j1939",
	[SOCK_KIND_BT_HCI] = "bt-hci",
	[SOCK_KIND_BT_L2CAP] = "bt-l2cap",
	[SOCK_KIND_BT_SCO] = "bt-sco",
	[SOCK_KIND_BT_ISO] = "bt-iso",
	[SOCK_KIND_BT_OTHER] = "bluetooth",
	[SOCK_KIND_SMC] = "smc",
	[SOCK_KIND_IUCV] = "iucv",
	[SOCK_KIND_LLC] = "llc",
	[SOCK_KIND_DCCP] = "dccp",
	[SOCK_KIND_ISDN] = "isdn",
	[SOCK_KIND_IEEE802154] = "ieee802154",
	[SOCK_KIND_OTHER] = "other",
};

static enum sock_kind inet_kind(const struct sock *s, bool v6)
{
	if (!(s->has & SOCK_HAS_TYPE))
		return SOCK_KIND_UNKNOWN;
	if (s->type == SOCK_RAW)
		return v6 ? SOCK_KIND_RAW6 : SOCK_KIND_RAW4;
	if (!(s->has & SOCK_HAS_PROTOCOL))
		return SOCK_KIND_UNKNOWN;
	switch (s->protocol) {
	case IPPROTO_UDP:
		return v6 ? SOCK_KIND_UDP6 : SOCK_KIND_UDP4;
	case IPPROTO_UDPLITE:
		return v6 ? SOCK_KIND_UDPLITE6 : SOCK_KIND_UDPLITE4;
	case IPPROTO_ICMP:
		return SOCK_KIND_PING4;
	case IPPROTO_ICMPV6:
		return SOCK_KIND_PING6;
	case IPPROTO_TCP:
		if (sock_opt(s, OPT_TCP_MPTCP))
			return SOCK_KIND_MPTCP;
		return v6 ? SOCK_KIND_TCP6 : SOCK_KIND_TCP4;
	case PROTOCOL_MPTCP:
		return SOCK_KIND_MPTCP;
	case IPPROTO_SCTP:
		return SOCK_KIND_SCTP;
	case PROTOCOL_SMC:
		return SOCK_KIND_SMC;
	case IPPROTO_DCCP:
		return SOCK_KIND_DCCP;
	default:
		return SOCK_KIND_OTHER;
	}
}

static enum sock_kind unix_kind(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return SOCK_KIND_UNIX_STREAM;
	case SOCK_SEQPACKET:
		return SOCK_KIND_UNIX_SEQPACKET;
	default:
		return SOCK_KIND_UNIX_DGRAM; /* SOCK_RAW becomes this too */
	}
}

/* The kernel tells no SO_PROTOCOL of these: net/can/af_can.c can_create() sets none.  Type and 0 remain. */
static enum sock_kind can_kind(const struct sock *s)
{
	switch (s->protocol) {
	case 0:
		return (s->has & SOCK_HAS_TYPE) && s->type == SOCK_RAW ? SOCK_KIND_CAN_RAW
								       : SOCK_KIND_OTHER;
	case PROTOCOL_CAN_RAW:
		return SOCK_KIND_CAN_RAW;
	case PROTOCOL_CAN_BCM:
		return SOCK_KIND_CAN_BCM;
	case PROTOCOL_CAN_ISOTP:
		return SOCK_KIND_CAN_ISOTP;
	case PROTOCOL_CAN_J1939:
		return SOCK_KIND_CAN_J1939;
	default:
		return SOCK_KIND_OTHER;
	}
}

static enum sock_kind bluetooth_kind(int protocol)
{
	switch (protocol) {
	case PROTOCOL_BT_L2CAP:
		return SOCK_KIND_BT_L2CAP;
	case PROTOCOL_BT_HCI:
		return SOCK_KIND_BT_HCI;
	case PROTOCOL_BT_SCO:
		return SOCK_KIND_BT_SCO;
	case PROTOCOL_BT_ISO:
		return SOCK_KIND_BT_ISO;
	default:
		return SOCK_KIND_BT_OTHER;
	}
}

static enum sock_kind kind_of(const struct sock *s)
{
	if (!(s->has & SOCK_HAS_DOMAIN))
		return SOCK_KIND_UNKNOWN;
	switch (s->domain) {
	case AF_INET:
		return inet_kind(s, false);
	case AF_INET6:
		return inet_kind(s, true);
	case AF_UNIX:
		return s->has & SOCK_HAS_TYPE ? unix_kind(s->type) : SOCK_KIND_UNKNOWN;
	case AF_NETLINK:
		return SOCK_KIND_NETLINK;
	case AF_PACKET:
		return SOCK_KIND_PACKET;
	case FAMILY_VSOCK:
		return SOCK_KIND_VSOCK;
	case FAMILY_XDP:
		return SOCK_KIND_XDP;
	case FAMILY_ALG:
		return SOCK_KIND_ALG;
	case FAMILY_RDS:
		return SOCK_KIND_RDS;
	case FAMILY_RXRPC:
		return SOCK_KIND_RXRPC;
	case FAMILY_TIPC:
		return SOCK_KIND_TIPC;
	case FAMILY_CAN:
		return s->has & SOCK_HAS_PROTOCOL ? can_kind(s) : SOCK_KIND_UNKNOWN;
	case FAMILY_BLUETOOTH:
		return s->has & SOCK_HAS_PROTOCOL ? bluetooth_kind(s->protocol) : SOCK_KIND_UNKNOWN;
	case FAMILY_SMC:
		return SOCK_KIND_SMC;
	case FAMILY_IUCV:
		return SOCK_KIND_IUCV;
	case FAMILY_LLC:
		return SOCK_KIND_LLC;
	case FAMILY_ISDN:
		return SOCK_KIND_ISDN;
	case FAMILY_IEEE802154:
		return SOCK_KIND_IEEE802154;
	default:
		return SOCK_KIND_OTHER;
	}
}

void sock_derive(struct sock *s)
{
	s->kind = kind_of(s);
}

const char *sock_kind_name(enum sock_kind k)
{
	return (unsigned int)k < SOCK_KIND_COUNT ? kind_names[k] : "unknown";
}

bool sock_kind_is_udp(enum sock_kind k)
{
	return k == SOCK_KIND_UDP4 || k == SOCK_KIND_UDP6 || k == SOCK_KIND_UDPLITE4 ||
	       k == SOCK_KIND_UDPLITE6;
}

bool sock_kind_is_unix(enum sock_kind k)
{
	return k == SOCK_KIND_UNIX_STREAM || k == SOCK_KIND_UNIX_DGRAM ||
	       k == SOCK_KIND_UNIX_SEQPACKET;
}

struct sock *sock_new(void)
{
	struct sock *s = alloc_zeroed(1, sizeof(*s));

	s->refs = 1;
	return s;
}

struct sock *sock_ref(const struct sock *s)
{
	struct sock *t = (struct sock *)s;

	if (t)
		t->refs++;
	return t;
}

void sock_unref(struct sock *s)
{
	if (s && !--s->refs)
		alloc_free(s);
}
