// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket snapshots: the options that are known, and which of the kernel's parsers a socket has. */
#include "config.h"

#include "event/sock.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "uapi/uapi.h"

const struct sock_opt_row sock_opt_rows[OPT_COUNT] = {
#define OPT(its_name, its_level, number, fam)                                                      \
	[OPT_##its_name] = {                                                                       \
		.name = #its_name, .level = (its_level), .optname = (number), .families = (fam)    \
	},
	SOCK_OPTIONS(OPT, OPT)
#undef OPT
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

bool sock_is_unix(const struct sock *s)
{
	return s && (s->has & SOCK_HAS_DOMAIN) && s->domain == AF_UNIX;
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
