// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A socket's facts from its record: the same values that getsockopt(2) would have told, at the time of the
 * call.  Kernel: net/core/sock.c sk_getsockopt(), net/ipv4/ip_sockglue.c, net/ipv6/ipv6_sockglue.c
 */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "bpf/state.h"
#include "sock/sockread.h"
#include "uapi/uapi.h"

/*
 * A socket gets a cookie when somebody first asks for it, mostly after its first calls.  Its inode tells it from
 * others as well: with this bit it is no cookie of the kernel's, which counts them from 1.
 */
#define NO_COOKIE (1ULL << 63)

static bool on(const struct rec_sock *r, enum rec_on bit)
{
	return r->on >> bit & 1;
}

static bool known(const struct rec_sock *r, enum rec_on bit)
{
	return r->known >> bit & 1;
}

/* Options that are what a bit says. */
static const struct {
	enum rec_on bit;
	enum sock_opt opt;
} plain[] = {
	{ REC_ON_BROADCAST, OPT_SO_BROADCAST },
	{ REC_ON_RXQ_OVFL, OPT_SO_RXQ_OVFL },
	{ REC_ON_RCVMARK, OPT_SO_RCVMARK },
	{ REC_ON_RCVPRIORITY, OPT_SO_RCVPRIORITY },
	{ REC_ON_WIFI_STATUS, OPT_SO_WIFI_STATUS },
	{ REC_ON_ZEROCOPY, OPT_SO_ZEROCOPY },
	{ REC_ON_NO_CHECK, OPT_SO_NO_CHECK },
	{ REC_ON_REUSEPORT, OPT_SO_REUSEPORT },
	{ REC_ON_PASSCRED, OPT_SO_PASSCRED },
	{ REC_ON_PASSSEC, OPT_SO_PASSSEC },
	{ REC_ON_PASSPIDFD, OPT_SO_PASSPIDFD },
	{ REC_ON_PASSRIGHTS, OPT_SO_PASSRIGHTS },
	{ REC_ON_INQ, OPT_SO_INQ },
	{ REC_ON_IP_PKTINFO, OPT_IP_PKTINFO },
	{ REC_ON_IP_RECVTTL, OPT_IP_RECVTTL },
	{ REC_ON_IP_RECVTOS, OPT_IP_RECVTOS },
	{ REC_ON_IP_RECVOPTS, OPT_IP_RECVOPTS },
	{ REC_ON_IP_RETOPTS, OPT_IP_RETOPTS },
	{ REC_ON_IP_PASSSEC, OPT_IP_PASSSEC },
	{ REC_ON_IP_ORIGDSTADDR, OPT_IP_RECVORIGDSTADDR },
	{ REC_ON_IP_CHECKSUM, OPT_IP_CHECKSUM },
	{ REC_ON_IP_RECVFRAGSIZE, OPT_IP_RECVFRAGSIZE },
	{ REC_ON_IP_RECVERR, OPT_IP_RECVERR },
	{ REC_ON_IP_FREEBIND, OPT_IP_FREEBIND },
	{ REC_ON_IP_FREEBIND, OPT_IPV6_FREEBIND },
	{ REC_ON_IP_HDRINCL, OPT_IP_HDRINCL },
	{ REC_ON_IP_MC_LOOP, OPT_IP_MULTICAST_LOOP },
	{ REC_ON_IP_TRANSPARENT, OPT_IP_TRANSPARENT },
	{ REC_ON_IP_TRANSPARENT, OPT_IPV6_TRANSPARENT },
	{ REC_ON_IPV6_RECVERR, OPT_IPV6_RECVERR },
	{ REC_ON_IPV6_V6ONLY, OPT_IPV6_V6ONLY },
	{ REC_ON_IPV6_RXINFO, OPT_IPV6_RECVPKTINFO },
	{ REC_ON_IPV6_RXOINFO, OPT_IPV6_2292PKTINFO },
	{ REC_ON_IPV6_RXHLIM, OPT_IPV6_RECVHOPLIMIT },
	{ REC_ON_IPV6_RXOHLIM, OPT_IPV6_2292HOPLIMIT },
	{ REC_ON_IPV6_HOPOPTS, OPT_IPV6_RECVHOPOPTS },
	{ REC_ON_IPV6_SRCRT, OPT_IPV6_RECVRTHDR },
	{ REC_ON_IPV6_DSTOPTS, OPT_IPV6_RECVDSTOPTS },
	{ REC_ON_IPV6_RXFLOW, OPT_IPV6_FLOWINFO },
	{ REC_ON_IPV6_RXTCLASS, OPT_IPV6_RECVTCLASS },
	{ REC_ON_IPV6_RXPMTU, OPT_IPV6_RECVPATHMTU },
	{ REC_ON_IPV6_RXORIGDSTADDR, OPT_IPV6_RECVORIGDSTADDR },
	{ REC_ON_IPV6_RECVFRAGSIZE, OPT_IPV6_RECVFRAGSIZE },
	{ REC_ON_UDP_CORK, OPT_UDP_CORK },
	{ REC_ON_UDP_GRO, OPT_UDP_GRO },
	{ REC_ON_NETLINK_PKTINFO, OPT_NETLINK_PKTINFO },
	{ REC_ON_NETLINK_ALL_NSID, OPT_NETLINK_LISTEN_ALL_NSID },
	{ REC_ON_PACKET_AUXDATA, OPT_PACKET_AUXDATA },
};

/* Only what getsockopt(2) knows of such a socket. */
static void set(struct sock *s, enum sock_opt o, int32_t v)
{
	if (sock_opt_rows[o].families & sockread_families(s))
		sock_opt_set(s, o, v);
}

static void set_timestamps(struct sock *s, const struct rec_sock *r)
{
	bool stamp = on(r, REC_ON_RCVTSTAMP), ns = on(r, REC_ON_RCVTSTAMPNS);
	bool new = on(r, REC_ON_TSTAMP_NEW);

	set(s, OPT_SO_TIMESTAMP,
	    !stamp ? 0
	    : new  ? O_SO_TIMESTAMP_NEW
	    : ns   ? 0
		   : sock_opt_rows[OPT_SO_TIMESTAMP].optname);
	set(s, OPT_SO_TIMESTAMPNS,
	    !ns   ? 0
	    : new ? O_SO_TIMESTAMPNS_NEW
		  : sock_opt_rows[OPT_SO_TIMESTAMPNS].optname);
	set(s, OPT_SO_TIMESTAMPING, r->tsflags);
	set(s, OPT_SO_TIMESTAMPING_NEW, new && (r->tsflags || stamp));
}

static void set_general(struct sock *s, const struct rec_sock *r)
{
	set_timestamps(s, r);
	set(s, OPT_SO_BINDTODEVICE, r->bound_if);
	set(s, OPT_SO_MARK, r->mark);
	set(s, OPT_SO_PRIORITY, r->priority);
	set(s, OPT_SO_TXTIME, r->clockid || r->txtime_flags);
	set(s, OPT_SO_ACCEPTCONN, r->state == TCP_LISTEN);
	set(s, OPT_SO_RCVBUF, r->rcvbuf);
	set(s, OPT_SO_SNDBUF, r->sndbuf);
}

static void set_inet(struct sock *s, const struct rec_sock *r)
{
	int32_t group;

	memcpy(&group, &r->mc_addr, sizeof(group));
	set(s, OPT_IP_TOS, r->tos);
	set(s, OPT_IP_TTL, r->ttl);
	set(s, OPT_IP_UNICAST_IF, r->uc_index);
	set(s, OPT_IP_MULTICAST_IF, group);
	set(s, OPT_IP_MULTICAST_TTL, r->mc_ttl);
	set(s, OPT_UDP_SEGMENT, r->gso_size);
	set(s, OPT_UDP_ENCAP, r->encap);
	if (!(r->has & REC_SOCK_INET6))
		return;
	set(s, OPT_IPV6_UNICAST_IF, r->oif6);
	set(s, OPT_IPV6_MULTICAST_IF, r->mc_index6);
	set(s, OPT_IPV6_TCLASS, r->tclass);
	if (r->hops >= 0)
		set(s, OPT_IPV6_UNICAST_HOPS, r->hops);
}

static struct sock *snapshot(const struct rec_sock *r)
{
	struct sock *s = sock_new();

	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_NETNS;
	s->domain = r->family;
	s->type = r->type;
	s->protocol = r->protocol;
	s->inode = r->inode;
	s->netns = r->netns;
	s->uid = r->uid;
	if (s->inode) {
		s->has |= SOCK_HAS_INODE | SOCK_HAS_UID | SOCK_HAS_COOKIE;
		s->cookie = NO_COOKIE | s->inode;
	}
	if (r->has & REC_SOCK_PEER)
		s->has |= SOCK_HAS_PEER;
	s->local = addr_of(r->local, r->local_len);
	s->peer = addr_of(r->peer, r->peer_len);
	sock_derive(s);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (known(r, plain[i].bit))
			set(s, plain[i].opt, on(r, plain[i].bit));
	}
	set_general(s, r);
	if (r->has & REC_SOCK_INET)
		set_inet(s, r);
	return s;
}

struct sock *watcher_sock(struct watcher *w, const struct rec_sock *r)
{
	struct seen_sock *seen = &w->seen[(r->sk >> 6) % SOCKETS_SEEN];

	if (!(r->has & REC_SOCK))
		return NULL;
	if (!seen->sock || memcmp(&seen->rec, r, sizeof(*r))) {
		sock_unref(seen->sock);
		seen->rec = *r;
		seen->sock = snapshot(r);
	}
	return sock_ref(seen->sock);
}

void watcher_socks_free(struct watcher *w)
{
	for (unsigned int i = 0; i < SOCKETS_SEEN; i++)
		sock_unref(w->seen[i].sock);
}
