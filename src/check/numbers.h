/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Levels, types and flags that rules look at, from the kernel's uapi headers; a build machine's may be
 * older, and its libc may name them differently.
 */
#ifndef CMSGTRACE_CHECK_NUMBERS_H
#define CMSGTRACE_CHECK_NUMBERS_H

enum { /* levels */
       L_IP = 0,
       L_SOCKET = 1,
       L_TCP = 6,
       L_UDP = 17,
       L_IPV6 = 41,
       L_BSD_SOCKET = 0xffff, /* SOL_SOCKET on BSD, macOS, Solaris and Windows */
};

enum { /* types of SOL_SOCKET */
       T_RIGHTS = 1,
       T_CREDENTIALS = 2,
       T_PIDFD = 4,
};

enum { /* types of SOL_IP, SOL_IPV6 and SOL_UDP */
       T_IP_PKTINFO = 8,
       T_IP_ORIGDSTADDR = 20,
       T_IPV6_2292PKTINFO = 2,
       T_IPV6_PKTINFO = 50,
       T_IPV6_ORIGDSTADDR = 74,
       T_UDP_SEGMENT = 103,
       T_UDP_GRO = 104,
};

enum { O_UDP_CORK = 1 }; /* options of SOL_UDP */

enum { /* flags of calls and of msg_flags */
       F_PEEK = 0x2,
       F_CTRUNC = 0x8,
       F_TRUNC = 0x20,
       F_DONTWAIT = 0x40,
       F_ERRQUEUE = 0x2000,
       F_MORE = 0x8000,
       F_CMSG_CLOEXEC = 0x40000000,
};

enum {
	PKTINFO_SIZE = 12,  /* struct in_pktinfo: ifindex, spec_dst, addr */
	PKTINFO6_SIZE = 20, /* struct in6_pktinfo: addr, ifindex */
	UCRED_SIZE = 12,
	SCM_FDS_MAX = 253,
};

#endif
