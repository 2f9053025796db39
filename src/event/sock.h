/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of a socket: an immutable snapshot, reference counted, shared by the cache and events.
 * Each fact has a presence bit (or a length); an absent one is never guessed.  Learned in src/sock,
 * or read from a recording or log.
 */
#ifndef CMSGTRACE_EVENT_SOCK_H
#define CMSGTRACE_EVENT_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "event/addr.h"
#include "event/sock-options.h"

/*
 * Options: those of sock-options.h, and behind them, up to OPT_ROOM, those that rows of control messages
 * bring along; cmsg_opt_row() knows both.
 */
enum sock_opt {
#define OPT(name, level, number, families) OPT_##name,
	SOCK_OPTIONS(OPT, OPT)
#undef OPT
		OPT_COUNT,
	OPT_ROOM = OPT_COUNT + 32,
};

struct sock_opt_row {
	const char *name; /* "IP_PKTINFO": also the key in recordings */
	int level, optname;
	unsigned int families; /* SOCK_FAM_* that have it */
};

enum sock_fam { /* which sockets an option exists on */
		SOCK_FAM_ANY = 1,
		SOCK_FAM_INET =
			2, /* AF_INET, and AF_INET6 (dual stack sockets take SOL_IP options) */
		SOCK_FAM_INET6 = 4,
		SOCK_FAM_UDP = 8,
		SOCK_FAM_TCP = 16,
		SOCK_FAM_UNIX = 32,
		SOCK_FAM_PACKET = 64,
		SOCK_FAM_NETLINK = 128,
		SOCK_FAM_RAW = 256,
		SOCK_FAM_DGRAM_INET = 512,
};

extern const struct sock_opt_row sock_opt_rows[OPT_COUNT];

/* The parsers of control messages that the kernel has (doc/kernel.md 1.1), told apart by socket. */
enum sock_kind {
	SOCK_KIND_UNKNOWN,
	SOCK_KIND_UDP4,
	SOCK_KIND_UDP6,
	SOCK_KIND_UDPLITE4,
	SOCK_KIND_UDPLITE6,
	SOCK_KIND_RAW4,
	SOCK_KIND_RAW6,
	SOCK_KIND_PING4,
	SOCK_KIND_PING6,
	SOCK_KIND_TCP4,
	SOCK_KIND_TCP6,
	SOCK_KIND_MPTCP,
	SOCK_KIND_UNIX_STREAM,
	SOCK_KIND_UNIX_DGRAM,
	SOCK_KIND_UNIX_SEQPACKET,
	SOCK_KIND_NETLINK,
	SOCK_KIND_PACKET,
	SOCK_KIND_VSOCK,
	SOCK_KIND_XDP,
	SOCK_KIND_ALG,
	SOCK_KIND_SCTP,
	SOCK_KIND_RDS,
	SOCK_KIND_RXRPC,
	SOCK_KIND_TIPC,
	SOCK_KIND_CAN_RAW,
	SOCK_KIND_CAN_BCM,
	SOCK_KIND_CAN_ISOTP,
	SOCK_KIND_CAN_J1939,
	SOCK_KIND_BT_HCI,
	SOCK_KIND_BT_L2CAP,
	SOCK_KIND_BT_SCO,
	SOCK_KIND_BT_ISO,
	SOCK_KIND_BT_OTHER,
	SOCK_KIND_SMC,
	SOCK_KIND_IUCV,
	SOCK_KIND_LLC,
	SOCK_KIND_DCCP,
	SOCK_KIND_ISDN,
	SOCK_KIND_IEEE802154,
	SOCK_KIND_OTHER, /* a family that has no parser: control messages are ignored */
	SOCK_KIND_COUNT,
};

enum { ULP_TLS = 1, ULP_ESPINTCP = 2 }; /* values of OPT_TCP_ULP */

enum sock_fact {
	SOCK_HAS_DOMAIN = 1,
	SOCK_HAS_TYPE = 2,
	SOCK_HAS_PROTOCOL = 4,
	SOCK_HAS_COOKIE = 8,
	SOCK_HAS_INODE = 16,
	SOCK_HAS_NETNS = 32,
	SOCK_HAS_UID = 128,
	SOCK_HAS_PEER = 64, /* it is known whether there is one: peer.len 0 = not connected */
};

struct sock {
	unsigned int refs;
	unsigned int has; /* enum sock_fact */
	int domain, type, protocol;
	enum sock_kind kind; /* sock_derive() makes it of them */
	uint64_t cookie;     /* unique while the machine runs; follows dup, fork and passing */
	uint64_t inode;      /* socket:[N] */
	uint64_t netns;      /* inode of its network namespace */
	uint32_t uid; /* its owner, whom routing rules may name; as our user namespace sees it */
	struct addr local; /* len 0: unknown */
	struct addr peer;
	uint64_t opt_has[(OPT_ROOM + 63) / 64];
	int32_t opt[OPT_ROOM];
};

/* Whoever sets domain, type, protocol or OPT_TCP_MPTCP calls it before anybody reads the snapshot. */
void sock_derive(struct sock *s);
const char *sock_kind_name(enum sock_kind k); /* "udp4", "unix-stream" */
bool sock_kind_is_udp(enum sock_kind k);      /* the four UDP and UDPLITE kinds */
bool sock_kind_is_unix(enum sock_kind k);
bool sock_is_unix(const struct sock *s); /* also where its type, and so its kind, is not known */

static inline enum sock_kind sock_kind(const struct sock *s)
{
	return s ? s->kind : SOCK_KIND_UNKNOWN;
}

static inline bool sock_opt_known(const struct sock *s, enum sock_opt o)
{
	return s && (s->opt_has[o / 64] >> (o % 64) & 1);
}

/* The value, or 0 where it is not known: ask sock_opt_known() first where that matters. */
static inline int32_t sock_opt(const struct sock *s, enum sock_opt o)
{
	return sock_opt_known(s, o) ? s->opt[o] : 0;
}

static inline void sock_opt_set(struct sock *s, enum sock_opt o, int32_t v)
{
	s->opt_has[o / 64] |= 1ULL << (o % 64);
	s->opt[o] = v;
}

struct sock *sock_new(void);                 /* one reference */
struct sock *sock_ref(const struct sock *s); /* NULL passes */
void sock_unref(struct sock *s);

#endif
