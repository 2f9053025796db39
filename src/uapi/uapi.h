/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers of the kernel's interface that this program needs by name: levels, types of control messages,
 * options, flags, families, capabilities.  Written out, since a build machine's headers may be older
 * than the kernel that is traced; nothing else in src writes one of them again, the rows in src/cmsg
 * (each the place of its own type) and tables of names apart.
 * Source: the kernel's include/linux/socket.h and include/uapi.
 */
#ifndef CMSGTRACE_UAPI_UAPI_H
#define CMSGTRACE_UAPI_UAPI_H

/*
 * Levels of control messages and options, by the number; their names are SOL_ and this.  Those in BARE
 * strace prints as numbers.
 */
#define UAPI_LEVELS(LEVEL, BARE)                                                                   \
	LEVEL(IP, 0)                                                                               \
	LEVEL(SOCKET, 1)                                                                           \
	LEVEL(TCP, 6)                                                                              \
	LEVEL(UDP, 17)                                                                             \
	BARE(RFCOMM, 18)                                                                           \
	LEVEL(IPV6, 41)                                                                            \
	LEVEL(ICMPV6, 58)                                                                          \
	LEVEL(CAN_BASE, 100)                                                                       \
	LEVEL(CAN_RAW, 101)                                                                        \
	BARE(CAN_ISOTP, 106)                                                                       \
	BARE(CAN_J1939, 107)                                                                       \
	LEVEL(SCTP, 132)                                                                           \
	LEVEL(UDPLITE, 136)                                                                        \
	LEVEL(RAW, 255)                                                                            \
	LEVEL(IPX, 256)                                                                            \
	LEVEL(AX25, 257)                                                                           \
	LEVEL(ATALK, 258)                                                                          \
	LEVEL(NETROM, 259)                                                                         \
	LEVEL(ROSE, 260)                                                                           \
	LEVEL(DECNET, 261)                                                                         \
	LEVEL(X25, 262)                                                                            \
	LEVEL(PACKET, 263)                                                                         \
	LEVEL(ATM, 264)                                                                            \
	LEVEL(AAL, 265)                                                                            \
	LEVEL(IRDA, 266)                                                                           \
	LEVEL(NETBEUI, 267)                                                                        \
	LEVEL(LLC, 268)                                                                            \
	LEVEL(DCCP, 269)                                                                           \
	LEVEL(NETLINK, 270)                                                                        \
	LEVEL(TIPC, 271)                                                                           \
	LEVEL(RXRPC, 272)                                                                          \
	LEVEL(PPPOL2TP, 273)                                                                       \
	LEVEL(BLUETOOTH, 274)                                                                      \
	LEVEL(PNPIPE, 275)                                                                         \
	LEVEL(RDS, 276)                                                                            \
	LEVEL(IUCV, 277)                                                                           \
	LEVEL(CAIF, 278)                                                                           \
	LEVEL(ALG, 279)                                                                            \
	LEVEL(NFC, 280)                                                                            \
	LEVEL(KCM, 281)                                                                            \
	LEVEL(TLS, 282)                                                                            \
	LEVEL(XDP, 283)                                                                            \
	LEVEL(MPTCP, 284)                                                                          \
	LEVEL(MCTP, 285)                                                                           \
	LEVEL(SMC, 286)                                                                            \
	LEVEL(VSOCK, 287)

enum uapi_level {
#define LEVEL(name, number) L_##name = (number),
	UAPI_LEVELS(LEVEL, LEVEL)
#undef LEVEL
	/* 0 is SOL_IP's number too: the socket tells which it is */
	L_HCI = 0,
	L_MISDN = 0,
	L_IEEE802154 = 0,
	L_AF_VSOCK = 40,       /* of vsock's options; L_VSOCK is that of its messages */
	L_BSD_SOCKET = 0xffff, /* SOL_SOCKET on BSD, macOS, Solaris and Windows */
};

/* Types of control messages that code outside their rows looks at. */
enum uapi_type {
	T_RIGHTS = 1, /* SOL_SOCKET */
	T_CREDENTIALS = 2,
	T_PIDFD = 4,
	T_MARK = 36,
	T_TXTIME = 61,
	T_INQ = 84,
	T_IP_TOS = 1,
	T_IP_TTL = 2,
	T_IP_PKTINFO = 8,
	T_IP_RECVERR = 11,
	T_IP_ORIGDSTADDR = 20,
	T_IPV6_2292PKTINFO = 2,
	T_IPV6_RECVERR = 25,
	T_IPV6_PKTINFO = 50,
	T_IPV6_HOPLIMIT = 52,
	T_IPV6_TCLASS = 67,
	T_IPV6_ORIGDSTADDR = 74,
	T_UDP_SEGMENT = 103,
	T_UDP_GRO = 104,
};

/* Options that code asks for by number, beside those of sock_opt_rows[]. */
enum uapi_option {
	O_IP_RECVOPTS = 6,
	O_IPV6_UNICAST_HOPS = 16,
	O_IPV6_MULTICAST_HOPS = 18,
	O_SO_PEERCRED = 17,
	O_SO_RCVBUFFORCE = 33,
	O_SO_TIMESTAMPING = 37, /* OLD; each of the three is also the type of its messages */
	O_SO_COOKIE = 57,
	O_SO_TIMESTAMP_NEW = 63,
	O_SO_TIMESTAMPNS_NEW = 64,
	O_SO_TIMESTAMPING_NEW = 65,
	O_SO_NETNS_COOKIE = 71,
	O_IPV6_ADDR_PREFERENCES = 72,
	O_UDP_CORK = 1,
};

enum uapi_msg_flag { /* MSG_*: of calls and of msg_flags */
		     F_OOB = 0x1,
		     F_PEEK = 0x2,
		     F_CTRUNC = 0x8,
		     F_TRUNC = 0x20,
		     F_DONTWAIT = 0x40,
		     F_ERRQUEUE = 0x2000,
		     F_MORE = 0x8000,
		     F_ZEROCOPY = 0x4000000,
		     F_FASTOPEN = 0x20000000,
		     F_CMSG_CLOEXEC = 0x40000000,
};
#define F_CMSG_COMPAT 0x80000000U /* beyond an enum's int */

enum uapi_timestamping { /* SOF_TIMESTAMPING_* */
			 SOF_TX_HARDWARE = 1 << 0,
			 SOF_TX_SOFTWARE = 1 << 1,
			 SOF_RX_HARDWARE = 1 << 2,
			 SOF_RX_SOFTWARE = 1 << 3,
			 SOF_SOFTWARE = 1 << 4,
			 SOF_RAW_HARDWARE = 1 << 6,
			 SOF_OPT_ID = 1 << 7,
			 SOF_TX_SCHED = 1 << 8,
			 SOF_TX_ACK = 1 << 9,
			 SOF_OPT_CMSG = 1 << 10,
			 SOF_TX_COMPLETION = 1 << 18,
			 /* those that ask for transmit timestamps, SOF_TX_COMPLETION (6.15) apart */
			 SOF_TX_RECORD =
				 SOF_TX_HARDWARE | SOF_TX_SOFTWARE | SOF_TX_SCHED | SOF_TX_ACK,
};

enum uapi_family { /* AF_*; those that every libc has are written as such */
		   FAMILY_RDS = 21,
		   FAMILY_LLC = 26,
		   FAMILY_CAN = 29,
		   FAMILY_TIPC = 30,
		   FAMILY_BLUETOOTH = 31,
		   FAMILY_IUCV = 32,
		   FAMILY_RXRPC = 33,
		   FAMILY_ISDN = 34,
		   FAMILY_IEEE802154 = 36,
		   FAMILY_ALG = 38,
		   FAMILY_VSOCK = 40,
		   FAMILY_SMC = 43,
		   FAMILY_XDP = 44,
		   FAMILY_MCTP = 45,
};

enum uapi_protocol {
	PROTOCOL_SMC = 256, /* IPPROTO_SMC */
	PROTOCOL_MPTCP = 262,
	PROTOCOL_CAN_RAW = 1, /* of AF_CAN */
	PROTOCOL_CAN_BCM = 2,
	PROTOCOL_CAN_ISOTP = 6,
	PROTOCOL_CAN_J1939 = 7,
	PROTOCOL_BT_L2CAP = 0, /* of AF_BLUETOOTH */
	PROTOCOL_BT_HCI = 1,
	PROTOCOL_BT_SCO = 2,
	PROTOCOL_BT_ISO = 8,
};

enum uapi_capability {
	CAPABILITY_SETGID = 6,
	CAPABILITY_SETUID = 7,
	CAPABILITY_NET_ADMIN = 12,
	CAPABILITY_NET_RAW = 13,
	CAPABILITY_SYS_PTRACE = 19,
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYS_RESOURCE = 24,
	CAPABILITY_PERFMON = 38,
	CAPABILITY_BPF = 39,
};

enum uapi_size {                     /* bytes of payloads */
		 PKTINFO_SIZE = 12,  /* struct in_pktinfo: ifindex, spec_dst, addr */
		 PKTINFO6_SIZE = 20, /* struct in6_pktinfo: addr, ifindex */
		 UCRED_SIZE = 12,
		 SCM_FDS_MAX = 253, /* descriptors of one SCM_RIGHTS */
};

#endif
