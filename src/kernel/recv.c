// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What arrives with a received message.  Pure.  doc/kernel.md 3.1; kernel: net/socket.c __sock_recv_cmsgs(),
 * net/ipv4/ip_sockglue.c ip_cmsg_recv_offset(), net/ipv6/datagram.c ip6_datagram_recv_ctl(),
 * include/net/scm.h scm_recv_unix().
 */
#include "config.h"

#include "kernel/recv.h"

#include <stddef.h>

#include "cmsg/cmsg.h"
#include "cmsg/table.h"

#define UDP (ON(UDP4) | ON(UDP6) | ON(UDPLITE4) | ON(UDPLITE6))
#define RAW (ON(RAW4) | ON(RAW6))
#define PING (ON(PING4) | ON(PING6))
#define TCP (ON(TCP4) | ON(TCP6))
#define UNIX (ON(UNIX_STREAM) | ON(UNIX_DGRAM) | ON(UNIX_SEQPACKET))
#define INET6 (ON(UDP6) | ON(UDPLITE6) | ON(RAW6) | ON(PING6))
#define DGRAM_INET (UDP | RAW | PING)
#define CAN (ON(CAN_RAW) | ON(CAN_BCM) | ON(CAN_ISOTP) | ON(CAN_J1939))
#define STAMPED                                                                                    \
	(DGRAM_INET | TCP | ON(MPTCP) | ON(PACKET) | CAN | ON(UNIX_DGRAM) | ON(UNIX_SEQPACKET))
#define META (UDP | RAW | ON(PACKET) | CAN)

enum on { ON_V4 = 1, ON_V6 = 2, ON_DATA = 4, ON_ERRORS = 8, ON_IP = ON_V4 | ON_V6 };

struct row_in {
	enum sock_opt option;
	int32_t level, type; /* type 0 of the stamps: as the option's value says */
	uint16_t size;
	bool varies;
	uint8_t on;
	uint64_t kinds;
	uint32_t since;
	const char *name, *when;
};

/* In the kernel's order of writing. */
static const struct row_in rows[] = {
	{ OPT_SO_TIMESTAMP, L_SOCKET, 0, 16, false, ON_IP | ON_DATA | ON_ERRORS, STAMPED, 0,
	  "SCM_TIMESTAMP", NULL },
	{ OPT_SO_TIMESTAMPNS, L_SOCKET, 0, 16, false, ON_IP | ON_DATA | ON_ERRORS, STAMPED, 0,
	  "SCM_TIMESTAMPNS", NULL },
	{ OPT_SO_TIMESTAMPING, L_SOCKET, 0, 48, false, ON_IP | ON_DATA | ON_ERRORS, STAMPED, 0,
	  "SCM_TIMESTAMPING", "only where a timestamp was taken" },
	{ OPT_SO_RXQ_OVFL, L_SOCKET, 40, 4, false, ON_IP | ON_DATA, META, 0, "SO_RXQ_OVFL",
	  "only after messages were dropped" },
	{ OPT_SO_RCVMARK, L_SOCKET, 36, 4, false, ON_IP | ON_DATA, META, KERNEL_RELEASE(5, 19, 0),
	  "SO_MARK", NULL },
	{ OPT_SO_RCVPRIORITY, L_SOCKET, 12, 4, false, ON_IP | ON_DATA, META,
	  KERNEL_RELEASE(6, 14, 0), "SO_PRIORITY", NULL },
	{ OPT_SO_WIFI_STATUS, L_SOCKET, 41, 4, false, ON_ERRORS, ON(PACKET), 0, "SCM_WIFI_STATUS",
	  "only from wireless interfaces" },
	{ OPT_SO_PASSCRED, L_SOCKET, 2, 12, false, ON_DATA, UNIX | ON(NETLINK), 0,
	  "SCM_CREDENTIALS", NULL },
	{ OPT_SO_PASSSEC, L_SOCKET, 3, 0, true, ON_DATA, UNIX | ON(NETLINK), 0, "SCM_SECURITY",
	  "only where a security module labels sockets" },
	{ OPT_SO_PASSRIGHTS, L_SOCKET, 1, 4, true, ON_DATA, UNIX, 0, "SCM_RIGHTS",
	  "only where descriptors were passed" },
	{ OPT_SO_PASSPIDFD, L_SOCKET, 4, 4, false, ON_DATA, UNIX, KERNEL_RELEASE(6, 5, 0),
	  "SCM_PIDFD", NULL },
	{ OPT_SO_INQ, L_SOCKET, 84, 4, false, ON_DATA, ON(UNIX_STREAM), KERNEL_RELEASE(6, 17, 0),
	  "SCM_INQ", NULL },
	{ OPT_TCP_INQ, L_TCP, 36, 4, false, ON_IP | ON_DATA, TCP | ON(MPTCP), 0, "TCP_CM_INQ",
	  NULL },
	{ OPT_PACKET_AUXDATA, L_PACKET, 8, 20, false, ON_DATA, ON(PACKET), 0, "PACKET_AUXDATA",
	  NULL },
	{ OPT_NETLINK_PKTINFO, L_NETLINK, 3, 4, false, ON_DATA, ON(NETLINK), 0, "NETLINK_PKTINFO",
	  NULL },
	{ OPT_NETLINK_LISTEN_ALL_NSID, L_NETLINK, 8, 4, false, ON_DATA, ON(NETLINK), 0,
	  "NETLINK_LISTEN_ALL_NSID", "only from a network namespace that has an id here" },
	{ OPT_UDP_GRO, L_UDP, 104, 4, false, ON_IP | ON_DATA, UDP, KERNEL_RELEASE(5, 0, 0),
	  "UDP_GRO", "only where several datagrams were joined" },
	{ OPT_IPV6_RECVPKTINFO, L_IPV6, 50, 20, false, ON_IP, INET6, 0, "IPV6_PKTINFO", NULL },

	{ OPT_IP_PKTINFO, L_IP, 8, 12, false, ON_V4, DGRAM_INET, 0, "IP_PKTINFO", NULL },
	{ OPT_IP_RECVTTL, L_IP, 2, 4, false, ON_V4, DGRAM_INET, 0, "IP_TTL", NULL },
	{ OPT_IP_RECVTOS, L_IP, 1, 1, false, ON_V4, DGRAM_INET, 0, "IP_TOS", NULL },
	{ OPT_IP_RECVOPTS, L_IP, 6, 0, true, ON_V4, DGRAM_INET, 0, "IP_RECVOPTS",
	  "only where the packet has IP options" },
	{ OPT_IP_RETOPTS, L_IP, 7, 0, true, ON_V4, DGRAM_INET, 0, "IP_RETOPTS",
	  "only where the packet has IP options" },
	{ OPT_IP_PASSSEC, L_IP, 3, 0, true, ON_V4, DGRAM_INET, 0, "SCM_SECURITY",
	  "only where a security module labels packets" },
	{ OPT_IP_RECVORIGDSTADDR, L_IP, 20, 16, false, ON_V4, DGRAM_INET, 0, "IP_ORIGDSTADDR",
	  NULL },
	{ OPT_IP_CHECKSUM, L_IP, 23, 4, false, ON_V4, UDP, 0, "IP_CHECKSUM",
	  "only where the interface summed the packet" },
	{ OPT_IP_RECVFRAGSIZE, L_IP, 25, 4, false, ON_V4, DGRAM_INET, 0, "IP_RECVFRAGSIZE",
	  "only where the packet came in fragments" },

	{ OPT_IPV6_RECVHOPLIMIT, L_IPV6, 52, 4, false, ON_V6, INET6, 0, "IPV6_HOPLIMIT", NULL },
	{ OPT_IPV6_RECVTCLASS, L_IPV6, 67, 4, false, ON_V6, INET6, 0, "IPV6_TCLASS", NULL },
	{ OPT_IPV6_FLOWINFO, L_IPV6, 11, 4, false, ON_V6, INET6, 0, "IPV6_FLOWINFO",
	  "only where it isn't 0" },
	{ OPT_IPV6_RECVHOPOPTS, L_IPV6, 54, 8, true, ON_V6, INET6, 0, "IPV6_HOPOPTS",
	  "only where the packet has them" },
	{ OPT_IPV6_RECVDSTOPTS, L_IPV6, 59, 8, true, ON_V6, INET6, 0, "IPV6_DSTOPTS",
	  "only where the packet has them" },
	{ OPT_IPV6_RECVRTHDR, L_IPV6, 57, 8, true, ON_V6, INET6, 0, "IPV6_RTHDR",
	  "only where the packet has one" },
	{ OPT_IPV6_2292PKTINFO, L_IPV6, 2, 20, false, ON_V6, INET6, 0, "IPV6_2292PKTINFO", NULL },
	{ OPT_IPV6_2292HOPLIMIT, L_IPV6, 8, 4, false, ON_V6, INET6, 0, "IPV6_2292HOPLIMIT", NULL },
	{ OPT_IPV6_RECVORIGDSTADDR, L_IPV6, 74, 28, false, ON_V6, INET6, 0, "IPV6_ORIGDSTADDR",
	  NULL },
	{ OPT_IPV6_RECVFRAGSIZE, L_IPV6, 77, 4, false, ON_V6, INET6, 0, "IPV6_RECVFRAGSIZE",
	  "only where the packet came in fragments" },
	{ OPT_IPV6_RECVPATHMTU, L_IPV6, 61, 32, false, ON_V6, INET6, 0, "IPV6_PATHMTU",
	  "only with a message of no data, after the path's MTU shrank" },

	/* last in the error queue, hence the first to be lost in a small buffer */
	{ OPT_IP_RECVERR, L_IP, 11, 32, false, ON_ERRORS,
	  ON(UDP4) | ON(UDPLITE4) | ON(RAW4) | ON(PING4) | ON(TCP4), 0, "IP_RECVERR", NULL },
	{ OPT_IPV6_RECVERR, L_IPV6, 25, 44, false, ON_ERRORS, INET6 | ON(TCP6), 0, "IPV6_RECVERR",
	  NULL },
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

static unsigned int packet_mask(enum recv_packet packet, enum sock_kind kind)
{
	const bool ip = (DGRAM_INET | TCP | ON(MPTCP)) >> kind & 1;

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
	return ip ? (INET6 >> kind & 1 ? ON_IP : ON_V4) : ON_DATA;
}

/* The stamps' type is the number of the option that is on; a 32-bit caller's old ones are half. */
static bool stamp_fill(const struct sock *s, const struct abi *abi, struct recv_expect *x)
{
	const int32_t v = sock_opt(s, x->option);
	const bool stamps = sock_opt(s, OPT_SO_TIMESTAMP) || sock_opt(s, OPT_SO_TIMESTAMPNS);
	bool old;

	if (x->option == OPT_SO_TIMESTAMPING) {
		const bool new = sock_opt(s, OPT_SO_TIMESTAMPING_NEW);

		if (!(v & (SOF_SOFTWARE | SOF_RAW_HARDWARE)))
			return false;
		/* AF_UNIX stamps only what it is asked for by SO_TIMESTAMP(NS), and then here too */
		if (UNIX >> sock_kind(s) & 1 && !(stamps && (v & SOF_SOFTWARE)))
			return false;
		x->always = (v & SOF_SOFTWARE) && (stamps || (v & SOF_RX_SOFTWARE));
		if (x->always)
			x->when = NULL;
		x->type = new ? O_SO_TIMESTAMPING_NEW : O_SO_TIMESTAMPING;
		old = !new;
	} else {
		x->type = v;
		old = v != O_SO_TIMESTAMP_NEW && v != O_SO_TIMESTAMPNS_NEW;
	}
	if (old && abi->kword == 4)
		x->size /= 2;
	return true;
}

static bool wanted(const struct sock *s, const struct row_in *r, bool *sure)
{
	if (r->option == OPT_SO_PASSRIGHTS) /* on unless switched off; older kernels have none */
		return !sock_opt_known(s, r->option) || sock_opt(s, r->option);
	/* One of the two at a time; the kernel reports SO_TIMESTAMP_NEW for both. */
	if (r->option == OPT_SO_TIMESTAMP && sock_opt(s, OPT_SO_TIMESTAMPNS))
		return false;
	if (!sock_opt_known(s, r->option)) {
		*sure = false;
		return false;
	}
	return sock_opt(s, r->option);
}

unsigned int recv_expected(const struct sock *s, const struct abi *abi, enum recv_packet packet,
			   uint32_t release, struct recv_expect *v, bool *sure)
{
	const enum sock_kind kind = sock_kind(s);
	const unsigned int mask = packet_mask(packet, kind);
	unsigned int n = 0;

	*sure = kind != SOCK_KIND_UNKNOWN;
	for (unsigned int i = 0; i < NROWS; i++) {
		const struct row_in *r = &rows[i];

		if (!(r->kinds >> kind & 1) || !(r->on & mask) || (release && r->since > release))
			continue;
		if (!wanted(s, r, sure))
			continue;
		v[n] = (struct recv_expect){
			.level = r->level,
			.type = r->type,
			.size = r->size,
			.varies = r->varies,
			.always = !r->when,
			.option = r->option,
			.name = r->name,
			.when = r->when,
		};
		if (r->type || stamp_fill(s, abi, &v[n]))
			n++;
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

const char *recv_in_vain(const struct sock *s, enum sock_opt option)
{
	const enum sock_kind kind = sock_kind(s);
	bool any = false;

	if (!sock_opt(s, option) || kind == SOCK_KIND_UNKNOWN)
		return NULL;
	for (unsigned int i = 0; i < NROWS; i++) {
		if (rows[i].option != option)
			continue;
		if (rows[i].kinds >> kind & 1)
			return NULL;
		any = true;
	}
	if (!any)
		return NULL;
	if ((TCP | ON(MPTCP)) >> kind & 1)
		return "TCP gives no control message for it";
	return "this kind of socket gives no control message for it";
}
