/* SPDX-License-Identifier: GPL-2.0-only */
/* A socket's facts, out of the kernel's own structures. */
#ifndef CMSGTRACE_BPF_SOCK_BPF_H
#define CMSGTRACE_BPF_SOCK_BPF_H

enum {
	FAMILY_UNIX = 1,
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_NETLINK = 16,
	FAMILY_PACKET = 17,
	KIND_DGRAM = 2,
	KIND_RAW = 3,
	PROTOCOL_UDP = 17,
	PROTOCOL_UDPLITE = 136,
	STATE_ESTABLISHED = 1,
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	/* bits of socket->flags before Linux 6.16: include/linux/net.h */
	SOCKET_PASSCRED = 3,
	SOCKET_PASSSEC = 4,
	SOCKET_PASSPIDFD = 7,
	LINUX_6_5 = 0x60500, /* that brought it */
	/* bits of inet_sock->inet_flags behind the nine of IP_CMSG_*: include/net/inet_sock.h */
	INET_RECVERR = 9,
	INET_FREEBIND = 11,
	INET_HDRINCL = 12,
	INET_MC_LOOP = 13,
	INET_TRANSPARENT = 15,
	INET_RECVERR6 = 26,
	IP_CMSGS = 9,
	/* bits of udp_sock->udp_flags: include/linux/udp.h */
	UDP_CORKED = 0,
	UDP_GRO = 3,
	/* bits of netlink_sock->flags: net/netlink/af_netlink.h */
	NETLINK_RECV_PKTINFO = 1,
	NETLINK_ALL_NSID = 4,
	SRCPREFS = 5, /* IPV6_PREFER_SRC_PUBLIC | _COA: what doesn't say so is no default */
};

static __always_inline struct sock *sock_of_file(struct file *file)
{
	struct socket *socket;

	if (!file || (READ(struct file, file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = READ(struct file, file, private_data);
	return socket ? BPF_CORE_READ(socket, sk) : NULL;
}

/* 0: it is none.  Not static: it is verified once, not for each turn of a loop. */
__noinline uint64_t sock_at_fd(int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *t = READ(struct task_struct, task, files, fdt);
	struct file **v;
	struct file *file = NULL;

	if (!t || fd < 0 || (uint32_t)fd >= READ(struct fdtable, t, max_fds))
		return 0;
	v = READ(struct fdtable, t, fd);
	bpf_probe_read_kernel(&file, sizeof(file), v + fd);
	return (uint64_t)sock_of_file(file);
}

static __always_inline struct sock *sock_of_fd(int fd)
{
	return (void *)sock_at_fd(fd);
}

static __always_inline bool is_inet(uint16_t family)
{
	return family == FAMILY_INET || family == FAMILY_INET6;
}

static __always_inline bool is_udp(uint16_t family, uint16_t type, uint16_t protocol)
{
	return is_inet(family) && type == KIND_DGRAM &&
	       (protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE);
}

static __always_inline bool is_udp_sock(const struct sock *sk)
{
	return is_udp(READ(struct sock, sk, __sk_common.skc_family), READ(struct sock, sk, sk_type),
		      READ(struct sock, sk, sk_protocol));
}

static __always_inline bool carries_datagrams(const struct sock *sk)
{
	uint16_t type = READ(struct sock, sk, sk_type);

	return type == KIND_DGRAM || type == KIND_RAW;
}

static __always_inline void set_on(struct rec_sock *s, uint32_t bit, bool on)
{
	s->known |= 1ull << bit;
	if (on)
		s->on |= 1ull << bit;
}

#define FLAG(s, flags, bit, name)                                                                  \
	do {                                                                                       \
		if (bpf_core_enum_value_exists(enum sock_flags, name))                             \
			set_on(s, bit, flags >> bpf_core_enum_value(enum sock_flags, name) & 1);   \
	} while (0)
#define BIT_OF(s, bit, type, from, field)                                                          \
	do {                                                                                       \
		if (bpf_core_field_exists(((type *)0)->field))                                     \
			set_on(s, bit, READ_BITS(type, from, field));                              \
	} while (0)
/* Where from can be read as it is. */
#define PLAIN_BIT(s, bit, from, field)                                                             \
	do {                                                                                       \
		if (bpf_core_field_exists(from->field))                                            \
			set_on(s, bit, BPF_CORE_READ_BITFIELD(from, field));                       \
	} while (0)
/* What plain_sock() returned, as a socket of another type. */
#define PLAIN(type, sk) (LOADS ? AS(type, sk) : (type *)(sk))

/*
 * The socket, to be read without a call for each of some sixty members: itself, or a copy of two reads.  What is behind
 * struct sock is in the copy for IP's only.  NULL: the copy has no room, or can't be made.
 */
static __always_inline struct sock *plain_sock(const struct sock *sk)
{
	const uint64_t size = bpf_core_type_size(struct sock);
	uint32_t zero = 0;
	struct sock_copy *c;
	struct sock *to;
	long err;

	if (LOADS)
		return AS(struct sock, sk);
	c = bpf_map_lookup_elem(&sock_copies, &zero);
	to = (void *)c;
	if (!c || size > sizeof(*c) || bpf_core_type_size(struct inet_sock) > sizeof(*c) ||
	    bpf_core_type_size(struct udp_sock) > sizeof(*c) || bpf_probe_read_kernel(c, size, sk))
		return NULL;
	if (!is_inet(to->__sk_common.skc_family))
		return to;
	if (is_udp(to->__sk_common.skc_family, to->sk_type, to->sk_protocol))
		err = bpf_probe_read_kernel(c->p + size, bpf_core_type_size(struct udp_sock) - size,
					    (const char *)sk + size);
	else
		err = bpf_probe_read_kernel(c->p + size,
					    bpf_core_type_size(struct inet_sock) - size,
					    (const char *)sk + size);
	return err ? NULL : to;
}

/* sk is what plain_sock() returned here, and in read_inet_flags(), read_udp() and read_inet(). */
static __always_inline void read_general(struct rec_sock *s, struct sock *sk)
{
	struct socket *socket = sk->sk_socket;
	unsigned long flags = sk->__sk_common.skc_flags;

	FLAG(s, flags, REC_ON_BROADCAST, SOCK_BROADCAST);
	FLAG(s, flags, REC_ON_RCVTSTAMP, SOCK_RCVTSTAMP);
	FLAG(s, flags, REC_ON_RCVTSTAMPNS, SOCK_RCVTSTAMPNS);
	FLAG(s, flags, REC_ON_TSTAMP_NEW, SOCK_TSTAMP_NEW);
	FLAG(s, flags, REC_ON_TXTIME, SOCK_TXTIME);
	FLAG(s, flags, REC_ON_RXQ_OVFL, SOCK_RXQ_OVFL);
	FLAG(s, flags, REC_ON_RCVMARK, SOCK_RCVMARK);
	FLAG(s, flags, REC_ON_RCVPRIORITY, SOCK_RCVPRIORITY);
	FLAG(s, flags, REC_ON_WIFI_STATUS, SOCK_WIFI_STATUS);
	FLAG(s, flags, REC_ON_ZEROCOPY, SOCK_ZEROCOPY);
	PLAIN_BIT(s, REC_ON_NO_CHECK, sk, sk_no_check_tx);
	PLAIN_BIT(s, REC_ON_REUSEPORT, sk, __sk_common.skc_reuseport);
	if (bpf_core_field_exists(sk->sk_scm_credentials)) {
		PLAIN_BIT(s, REC_ON_PASSCRED, sk, sk_scm_credentials);
		PLAIN_BIT(s, REC_ON_PASSSEC, sk, sk_scm_security);
		PLAIN_BIT(s, REC_ON_PASSPIDFD, sk, sk_scm_pidfd);
		PLAIN_BIT(s, REC_ON_PASSRIGHTS, sk, sk_scm_rights);
	} else {
		unsigned long of_socket = READ(struct socket, socket, flags);

		set_on(s, REC_ON_PASSCRED, of_socket >> SOCKET_PASSCRED & 1);
		set_on(s, REC_ON_PASSSEC, of_socket >> SOCKET_PASSSEC & 1);
		if (LINUX_KERNEL_VERSION >= LINUX_6_5)
			set_on(s, REC_ON_PASSPIDFD, of_socket >> SOCKET_PASSPIDFD & 1);
	}
	s->clockid = sk->sk_clockid;
	s->txtime_flags = BPF_CORE_READ_BITFIELD(sk, sk_txtime_deadline_mode) |
			  BPF_CORE_READ_BITFIELD(sk, sk_txtime_report_errors) << 1;
	s->priority = sk->sk_priority;
	s->mark = sk->sk_mark;
	s->bound_if = sk->__sk_common.skc_bound_dev_if;
	s->tsflags = BPF_CORE_READ_BITFIELD(sk, sk_tsflags); /* of two bytes, or four */
	s->rcvbuf = sk->sk_rcvbuf;
	s->sndbuf = sk->sk_sndbuf;
	s->state = sk->__sk_common.skc_state;
	s->inode = READ(struct socket, socket, file, f_inode, i_ino);
	s->uid = READ(struct socket, socket, file, f_inode, i_uid.val);
	s->netns = READ(struct net, sk->__sk_common.skc_net.net, ns.inum);
}

static __always_inline void read_inet_flags(struct rec_sock *s, struct sock *sk)
{
	struct inet_sock *inet = PLAIN(struct inet_sock, sk);
	struct inet_sock___bits *old = PLAIN(struct inet_sock___bits, sk);
	unsigned long flags;

	if (bpf_core_field_exists(inet->inet_flags)) {
		flags = inet->inet_flags;
		set_on(s, REC_ON_IP_RECVERR, flags >> INET_RECVERR & 1);
		set_on(s, REC_ON_IP_FREEBIND, flags >> INET_FREEBIND & 1);
		set_on(s, REC_ON_IP_HDRINCL, flags >> INET_HDRINCL & 1);
		set_on(s, REC_ON_IP_MC_LOOP, flags >> INET_MC_LOOP & 1);
		set_on(s, REC_ON_IP_TRANSPARENT, flags >> INET_TRANSPARENT & 1);
		set_on(s, REC_ON_IPV6_RECVERR, flags >> INET_RECVERR6 & 1);
	} else {
		flags = old->cmsg_flags;
		PLAIN_BIT(s, REC_ON_IP_RECVERR, old, recverr);
		PLAIN_BIT(s, REC_ON_IP_FREEBIND, old, freebind);
		PLAIN_BIT(s, REC_ON_IP_HDRINCL, old, hdrincl);
		PLAIN_BIT(s, REC_ON_IP_MC_LOOP, old, mc_loop);
		PLAIN_BIT(s, REC_ON_IP_TRANSPARENT, old, transparent);
	}
	s->on |= (uint64_t)(flags & ((1 << IP_CMSGS) - 1)) << REC_ON_IP_PKTINFO;
	s->known |= ((1ull << IP_CMSGS) - 1) << REC_ON_IP_PKTINFO;
}

static __always_inline void read_udp(struct rec_sock *s, struct sock *sk)
{
	struct udp_sock *udp = PLAIN(struct udp_sock, sk);
	struct udp_sock___bits *old = PLAIN(struct udp_sock___bits, sk);
	unsigned long flags;

	if (bpf_core_field_exists(udp->udp_flags)) {
		flags = udp->udp_flags;
		set_on(s, REC_ON_UDP_CORK, flags >> UDP_CORKED & 1);
		set_on(s, REC_ON_UDP_GRO, flags >> UDP_GRO & 1);
	} else {
		if (bpf_core_field_exists(old->corkflag))
			set_on(s, REC_ON_UDP_CORK, old->corkflag != 0);
		PLAIN_BIT(s, REC_ON_UDP_GRO, old, gro_enabled);
	}
	s->gso_size = udp->gso_size;
	s->encap = udp->encap_type;
}

/* As struct sockaddr_in: net/ipv4/af_inet.c inet_getname() */
static __always_inline void name4(uint8_t *to, uint16_t port, uint32_t addr)
{
	*(uint16_t *)to = FAMILY_INET;
	*(uint16_t *)(to + 2) = port;
	*(uint32_t *)(to + 4) = addr;
}

static __always_inline void read_inet(struct rec_sock *s, struct sock *sk)
{
	struct inet_sock *inet = PLAIN(struct inet_sock, sk);
	uint16_t sport = sk->__sk_common.skc_num;
	uint16_t dport = sk->__sk_common.skc_dport;
	uint32_t local = sk->__sk_common.skc_rcv_saddr;
	int16_t ttl = inet->uc_ttl;

	s->has |= REC_SOCK_INET;
	sport = __builtin_bswap16(sport);
	read_inet_flags(s, sk);
	s->tos = inet->tos;
	s->ttl = ttl < 0 ? READ(struct net, sk->__sk_common.skc_net.net, ipv4.sysctl_ip_default_ttl)
			 : ttl;
	s->mc_ttl = inet->mc_ttl;
	s->uc_index = inet->uc_index;
	s->mc_index = inet->mc_index;
	s->mc_addr = inet->mc_addr;
	s->odd4 = inet->inet_opt != NULL;
	if (dport || (s->type != KIND_RAW && s->state != STATE_ESTABLISHED))
		s->has |= REC_SOCK_PEER;
	if (s->family != FAMILY_INET)
		return;
	if (!local)
		local = inet->inet_saddr;
	name4(s->local, sport, local);
	s->local_len = 16;
	if (!dport)
		return;
	name4(s->peer, dport, sk->__sk_common.skc_daddr);
	s->peer_len = 16;
}

/* As struct sockaddr_in6: net/ipv6/af_inet6.c inet6_getname(); the scope of link-local addresses only. */
static __always_inline void name6(uint8_t *to, uint16_t port, const struct in6_addr *addr,
				  int scope)
{
	*(uint16_t *)to = FAMILY_INET6;
	*(uint16_t *)(to + 2) = port;
	bpf_probe_read_kernel(to + 8, 16, addr);
	if (to[8] == 0xfe && (to[9] & 0xc0) == 0x80)
		*(uint32_t *)(to + 24) = scope;
}

static __always_inline void read_inet6(struct rec_sock *s, struct sock *sk)
{
	struct ipv6_pinfo *np = READ(struct inet_sock, sk, pinet6);
	struct ipv6_pinfo___bits *old = (void *)np;
	uint16_t sport = READ(struct sock, sk, __sk_common.skc_num);
	uint16_t dport = READ(struct sock, sk, __sk_common.skc_dport);
	uint64_t any[2];

	s->has |= REC_SOCK_INET6;
	sport = __builtin_bswap16(sport);
	BIT_OF(s, REC_ON_IPV6_V6ONLY, struct sock, sk, __sk_common.skc_ipv6only);
	BIT_OF(s, REC_ON_IPV6_RXINFO, struct ipv6_pinfo, np, rxopt.bits.rxinfo);
	BIT_OF(s, REC_ON_IPV6_RXOINFO, struct ipv6_pinfo, np, rxopt.bits.rxoinfo);
	BIT_OF(s, REC_ON_IPV6_RXHLIM, struct ipv6_pinfo, np, rxopt.bits.rxhlim);
	BIT_OF(s, REC_ON_IPV6_RXOHLIM, struct ipv6_pinfo, np, rxopt.bits.rxohlim);
	BIT_OF(s, REC_ON_IPV6_HOPOPTS, struct ipv6_pinfo, np, rxopt.bits.hopopts);
	BIT_OF(s, REC_ON_IPV6_SRCRT, struct ipv6_pinfo, np, rxopt.bits.srcrt);
	BIT_OF(s, REC_ON_IPV6_DSTOPTS, struct ipv6_pinfo, np, rxopt.bits.dstopts);
	BIT_OF(s, REC_ON_IPV6_RXFLOW, struct ipv6_pinfo, np, rxopt.bits.rxflow);
	BIT_OF(s, REC_ON_IPV6_RXTCLASS, struct ipv6_pinfo, np, rxopt.bits.rxtclass);
	BIT_OF(s, REC_ON_IPV6_RXPMTU, struct ipv6_pinfo, np, rxopt.bits.rxpmtu);
	BIT_OF(s, REC_ON_IPV6_RXORIGDSTADDR, struct ipv6_pinfo, np, rxopt.bits.rxorigdstaddr);
	BIT_OF(s, REC_ON_IPV6_RECVFRAGSIZE, struct ipv6_pinfo, np, rxopt.bits.recvfragsize);
	if (bpf_core_field_exists(old->recverr))
		set_on(s, REC_ON_IPV6_RECVERR, READ_BITS(struct ipv6_pinfo___bits, old, recverr));
	s->tclass = READ(struct ipv6_pinfo, np, tclass);
	/* bits before Linux 6.7 */
	s->hops = (int)READ_BITS(struct ipv6_pinfo, np, hop_limit);
	if (s->hops < 0 && !dport) /* else the route's */
		s->hops =
			READ(struct sock, sk, __sk_common.skc_net.net, ipv6.devconf_all, hop_limit);
	s->oif6 = READ(struct ipv6_pinfo, np, ucast_oif);
	s->mc_index6 = READ(struct ipv6_pinfo, np, mcast_oif);
	s->odd6 = (READ_BITS(struct ipv6_pinfo, np, srcprefs) & ~SRCPREFS) != 0;
	bpf_probe_read_kernel(any, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	name6(s->local, sport, any[0] || any[1] ? &sk->__sk_common.skc_v6_rcv_saddr : &np->saddr,
	      s->bound_if);
	s->local_len = 28;
	if (!dport)
		return;
	name6(s->peer, dport, &sk->__sk_common.skc_v6_daddr, s->bound_if);
	s->peer_len = 28;
}

/* Copies the name of an AF_UNIX socket, which lies behind its length; without one there is the family only. */
static __always_inline uint8_t name_unix(uint8_t *to, struct sock *sk)
{
	struct unix_address *a = BPF_CORE_READ((struct unix_sock *)sk, addr);
	uint64_t len = a ? BPF_CORE_READ(a, len) : 0;

	*(uint16_t *)to = FAMILY_UNIX;
	if (len < 2 || len > 110)
		return 2;
	asm volatile("" : "+r"(len));
	if (len <= 110)
		bpf_probe_read_kernel(to, len, (char *)&a->len + sizeof(int));
	return len;
}

static __always_inline void read_peer(struct rec_sock *s, struct sock *peer)
{
	bool on;

	if (bpf_core_field_exists(peer->sk_scm_credentials))
		on = READ_BITS(struct sock, peer, sk_scm_credentials);
	else
		on = READ(struct sock, peer, sk_socket, flags) >> SOCKET_PASSCRED & 1;
	s->peer_passcred = on ? REC_PEER_ON : REC_PEER_OFF;
	if (bpf_core_field_exists(peer->sk_scm_rights)) {
		on = READ_BITS(struct sock, peer, sk_scm_rights);
		s->peer_passrights = on ? REC_PEER_ON : REC_PEER_OFF;
	}
}

static __always_inline void read_unix(struct rec_sock *s, struct sock *sk)
{
	struct unix_sock *u = (void *)sk;
	struct sock *peer = BPF_CORE_READ(u, peer);

	s->has |= REC_SOCK_PEER;
	if (bpf_core_field_exists(u->recvmsg_inq))
		set_on(s, REC_ON_INQ, BPF_CORE_READ(u, recvmsg_inq));
	s->local_len = name_unix(s->local, sk);
	if (!peer)
		return;
	s->peer_len = name_unix(s->peer, peer);
	read_peer(s, peer);
	s->peer_inode = READ(struct sock, peer, sk_socket, file, f_inode, i_ino);
}

/* As struct sockaddr_nl: net/netlink/af_netlink.c netlink_getname() */
static __always_inline void read_netlink(struct rec_sock *s, struct sock *sk)
{
	struct netlink_sock *n = (void *)sk;
	unsigned long flags = BPF_CORE_READ(n, flags), *groups = BPF_CORE_READ(n, groups);
	uint32_t group = BPF_CORE_READ(n, dst_group);

	s->has |= REC_SOCK_PEER;
	set_on(s, REC_ON_NETLINK_PKTINFO, flags >> NETLINK_RECV_PKTINFO & 1);
	set_on(s, REC_ON_NETLINK_ALL_NSID, flags >> NETLINK_ALL_NSID & 1);
	*(uint16_t *)s->local = *(uint16_t *)s->peer = FAMILY_NETLINK;
	*(uint32_t *)(s->local + 4) = BPF_CORE_READ(n, portid);
	*(uint32_t *)(s->peer + 4) = BPF_CORE_READ(n, dst_portid);
	if (groups)
		bpf_probe_read_kernel(s->local + 8, 4, groups);
	if (group && group <= 32)
		*(uint32_t *)(s->peer + 8) = 1u << (group - 1);
	s->local_len = s->peer_len = 12;
}

/* s is all zero. */
static __always_inline void read_sock(struct rec_sock *s, struct sock *sk)
{
	struct sock *plain = plain_sock(sk);

	if (!plain)
		return;
	s->has = REC_SOCK;
	s->sk = (uint64_t)sk;
	s->family = plain->__sk_common.skc_family;
	s->type = plain->sk_type;
	s->protocol = plain->sk_protocol;
	read_general(s, plain);
	switch (s->family) {
	case FAMILY_INET6:
		read_inet(s, plain);
		read_inet6(s, sk);
		break;
	case FAMILY_INET:
		read_inet(s, plain);
		break;
	case FAMILY_UNIX:
		read_unix(s, sk);
		break;
	case FAMILY_NETLINK:
		read_netlink(s, sk);
		break;
	case FAMILY_PACKET: {
		struct packet_sock *p = (void *)sk;

		if (bpf_core_enum_value_exists(enum packet_sock_flags, PACKET_SOCK_AUXDATA))
			set_on(s, REC_ON_PACKET_AUXDATA,
			       BPF_CORE_READ(p, flags) >>
					       bpf_core_enum_value(enum packet_sock_flags,
								   PACKET_SOCK_AUXDATA) &
				       1);
		break;
	}
	}
	if (is_udp(s->family, s->type, s->protocol))
		read_udp(s, plain);
}

/* That of a call or request that begins. */
static __always_inline void read_sock_of(struct rec_inside *u, struct sock *sk)
{
	read_sock(&u->sock, sk);
	u->udp = is_udp(u->sock.family, u->sock.type, u->sock.protocol);
}

#endif
