/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options of sockets that code asks for by name, in the order of recordings: all that may be read
 * without side effect (SO_ERROR never: reading it clears the tracee's pending error).  Name, level,
 * number, sockets that have it (SOCK_FAM_*).  An option that only makes a receive bring one type of
 * control message stands in the row of that type: struct cmsg_recv, src/cmsg/cmsg.h.
 *
 * Who uses the levels includes uapi/uapi.h.  The names are the keys in recordings.  ODD are those that
 * strace names otherwise: see report/text-sockopt-names.c, which takes the others' names from here.
 */
#ifndef CMSGTRACE_EVENT_SOCK_OPTIONS_H
#define CMSGTRACE_EVENT_SOCK_OPTIONS_H

#define SOCK_OPTIONS_SOCKET(OPT, ODD)                                                              \
	ODD(SO_BINDTODEVICE, L_SOCKET, 62, SOCK_FAM_INET) /* SO_BINDTOIFINDEX: the interface */    \
	OPT(SO_BROADCAST, L_SOCKET, 6, SOCK_FAM_INET)                                              \
	OPT(SO_MARK, L_SOCKET, 36, SOCK_FAM_ANY)                                                   \
	OPT(SO_PRIORITY, L_SOCKET, 12, SOCK_FAM_ANY)                                               \
	OPT(SO_PASSCRED, L_SOCKET, 16, SOCK_FAM_UNIX | SOCK_FAM_NETLINK)                           \
	OPT(SO_PASSSEC, L_SOCKET, 34, SOCK_FAM_UNIX | SOCK_FAM_NETLINK)                            \
	OPT(SO_PASSPIDFD, L_SOCKET, 76, SOCK_FAM_UNIX)                                             \
	OPT(SO_PASSRIGHTS, L_SOCKET, 83, SOCK_FAM_UNIX)                                            \
	ODD(SO_TIMESTAMP, L_SOCKET, 29, SOCK_FAM_ANY) /* the option that is on, 29 or 63, or 0 */  \
	ODD(SO_TIMESTAMPNS, L_SOCKET, 35, SOCK_FAM_ANY)      /* 35, 64 or 0 */                     \
	ODD(SO_TIMESTAMPING, L_SOCKET, 37, SOCK_FAM_ANY)     /* SOF_TIMESTAMPING_* flags */        \
	OPT(SO_TIMESTAMPING_NEW, L_SOCKET, 65, SOCK_FAM_ANY) /* 1: its messages have type 65 */    \
	OPT(SO_TXTIME, L_SOCKET, 61, SOCK_FAM_INET | SOCK_FAM_PACKET) /* 1: on */                  \
	OPT(SO_RXQ_OVFL, L_SOCKET, 40, SOCK_FAM_ANY)                                               \
	OPT(SO_RCVMARK, L_SOCKET, 75, SOCK_FAM_ANY)                                                \
	OPT(SO_RCVPRIORITY, L_SOCKET, 82, SOCK_FAM_ANY)                                            \
	OPT(SO_WIFI_STATUS, L_SOCKET, 41, SOCK_FAM_PACKET)                                         \
	OPT(SO_INQ, L_SOCKET, 84, SOCK_FAM_UNIX)                                                   \
	OPT(SO_ZEROCOPY, L_SOCKET, 60, SOCK_FAM_INET)                                              \
	OPT(SO_NO_CHECK, L_SOCKET, 11, SOCK_FAM_UDP)                                               \
	OPT(SO_REUSEPORT, L_SOCKET, 15, SOCK_FAM_INET)                                             \
	OPT(SO_ACCEPTCONN, L_SOCKET, 30, SOCK_FAM_ANY)                                             \
	OPT(SO_RCVBUF, L_SOCKET, 8, SOCK_FAM_ANY)                                                  \
	OPT(SO_SNDBUF, L_SOCKET, 7, SOCK_FAM_ANY)

#define SOCK_OPTIONS_IP(OPT, ODD)                                                                  \
	OPT(IP_PKTINFO, L_IP, 8, SOCK_FAM_INET)                                                    \
	OPT(IP_RECVTTL, L_IP, 12, SOCK_FAM_INET)                                                   \
	OPT(IP_RECVTOS, L_IP, 13, SOCK_FAM_INET)                                                   \
	OPT(IP_RECVOPTS, L_IP, 6, SOCK_FAM_INET)                                                   \
	OPT(IP_RETOPTS, L_IP, 7, SOCK_FAM_INET)                                                    \
	OPT(IP_PASSSEC, L_IP, 18, SOCK_FAM_INET)                                                   \
	ODD(IP_RECVORIGDSTADDR, L_IP, 20, SOCK_FAM_INET)                                           \
	OPT(IP_CHECKSUM, L_IP, 23, SOCK_FAM_INET)                                                  \
	OPT(IP_RECVFRAGSIZE, L_IP, 25, SOCK_FAM_INET)                                              \
	OPT(IP_RECVERR, L_IP, 11, SOCK_FAM_INET)                                                   \
	OPT(IP_TOS, L_IP, 1, SOCK_FAM_INET)                                                        \
	OPT(IP_TTL, L_IP, 2, SOCK_FAM_INET)                                                        \
	OPT(IP_FREEBIND, L_IP, 15, SOCK_FAM_INET)                                                  \
	OPT(IP_TRANSPARENT, L_IP, 19, SOCK_FAM_INET)                                               \
	OPT(IP_HDRINCL, L_IP, 3, SOCK_FAM_RAW)                                                     \
	OPT(IP_UNICAST_IF, L_IP, 50, SOCK_FAM_INET)   /* host order */                             \
	OPT(IP_MULTICAST_IF, L_IP, 32, SOCK_FAM_INET) /* the address as u32 in network order */    \
	OPT(IP_MULTICAST_TTL, L_IP, 33, SOCK_FAM_INET)                                             \
	OPT(IP_MULTICAST_LOOP, L_IP, 34, SOCK_FAM_INET)

#define SOCK_OPTIONS_IPV6(OPT, ODD)                                                                \
	OPT(IPV6_V6ONLY, L_IPV6, 26, SOCK_FAM_INET6)                                               \
	OPT(IPV6_RECVPKTINFO, L_IPV6, 49, SOCK_FAM_INET6)                                          \
	OPT(IPV6_RECVHOPLIMIT, L_IPV6, 51, SOCK_FAM_INET6)                                         \
	OPT(IPV6_RECVTCLASS, L_IPV6, 66, SOCK_FAM_INET6)                                           \
	OPT(IPV6_FLOWINFO, L_IPV6, 11, SOCK_FAM_INET6)                                             \
	OPT(IPV6_RECVHOPOPTS, L_IPV6, 53, SOCK_FAM_INET6)                                          \
	OPT(IPV6_RECVRTHDR, L_IPV6, 56, SOCK_FAM_INET6)                                            \
	OPT(IPV6_RECVDSTOPTS, L_IPV6, 58, SOCK_FAM_INET6)                                          \
	ODD(IPV6_RECVORIGDSTADDR, L_IPV6, 74, SOCK_FAM_INET6)                                      \
	OPT(IPV6_RECVFRAGSIZE, L_IPV6, 77, SOCK_FAM_INET6)                                         \
	OPT(IPV6_RECVPATHMTU, L_IPV6, 60, SOCK_FAM_INET6)                                          \
	OPT(IPV6_RECVERR, L_IPV6, 25, SOCK_FAM_INET6)                                              \
	OPT(IPV6_2292PKTINFO, L_IPV6, 2, SOCK_FAM_INET6)                                           \
	OPT(IPV6_2292HOPLIMIT, L_IPV6, 8, SOCK_FAM_INET6)                                          \
	OPT(IPV6_UNICAST_IF, L_IPV6, 76, SOCK_FAM_INET6)                                           \
	OPT(IPV6_MULTICAST_IF, L_IPV6, 17, SOCK_FAM_INET6)                                         \
	OPT(IPV6_FREEBIND, L_IPV6, 78, SOCK_FAM_INET6)                                             \
	OPT(IPV6_TRANSPARENT, L_IPV6, 75, SOCK_FAM_INET6)                                          \
	OPT(IPV6_TCLASS, L_IPV6, 67, SOCK_FAM_INET6)                                               \
	OPT(IPV6_UNICAST_HOPS, L_IPV6, 16, SOCK_FAM_INET6)

#define SOCK_OPTIONS_UDP(OPT, ODD)                                                                 \
	OPT(UDP_CORK, L_UDP, 1, SOCK_FAM_UDP)                                                      \
	OPT(UDP_SEGMENT, L_UDP, 103, SOCK_FAM_UDP)                                                 \
	OPT(UDP_GRO, L_UDP, 104, SOCK_FAM_UDP)                                                     \
	OPT(UDP_ENCAP, L_UDP, 100, SOCK_FAM_UDP)

#define SOCK_OPTIONS_TCP(OPT, ODD)                                                                 \
	OPT(TCP_INQ, L_TCP, 36, SOCK_FAM_TCP)                                                      \
	OPT(TCP_ULP, L_TCP, 31, SOCK_FAM_TCP)   /* 0 none, 1 tls, 2 espintcp, 3 smc, 4 another */  \
	ODD(TCP_MPTCP, L_TCP, 43, SOCK_FAM_TCP) /* 1: an MPTCP socket; by TCP_IS_MPTCP */

#define SOCK_OPTIONS_PACKET(OPT, ODD) OPT(PACKET_AUXDATA, L_PACKET, 8, SOCK_FAM_PACKET)

#define SOCK_OPTIONS_NETLINK(OPT, ODD)                                                             \
	OPT(NETLINK_PKTINFO, L_NETLINK, 3, SOCK_FAM_NETLINK)                                       \
	OPT(NETLINK_LISTEN_ALL_NSID, L_NETLINK, 8, SOCK_FAM_NETLINK)

#define SOCK_OPTIONS(OPT, ODD)                                                                     \
	SOCK_OPTIONS_SOCKET(OPT, ODD)                                                              \
	SOCK_OPTIONS_IP(OPT, ODD)                                                                  \
	SOCK_OPTIONS_IPV6(OPT, ODD)                                                                \
	SOCK_OPTIONS_UDP(OPT, ODD)                                                                 \
	SOCK_OPTIONS_TCP(OPT, ODD)                                                                 \
	SOCK_OPTIONS_PACKET(OPT, ODD)                                                              \
	SOCK_OPTIONS_NETLINK(OPT, ODD)

#endif
