/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of kinds of sockets, as bits 1 << enum sock_kind. */
#ifndef CMSGTRACE_CMSG_KINDS_H
#define CMSGTRACE_CMSG_KINDS_H

#include "cmsg/cmsg.h"

#define ON(kind) (UINT64_C(1) << SOCK_KIND_##kind)
#define ON_UDP4 (ON(UDP4) | ON(UDPLITE4))
#define ON_UDP6 (ON(UDP6) | ON(UDPLITE6))
#define ON_UDP (ON_UDP4 | ON_UDP6)
/* AF_INET6 UDP sockets speak IPv4 too: to and from v4-mapped addresses. */
#define ON_INET4 (ON_UDP | ON(RAW4) | ON(PING4))
#define ON_INET6 (ON_UDP6 | ON(RAW6) | ON(PING6))
#define ON_RAW (ON(RAW4) | ON(RAW6))
#define ON_PING (ON(PING4) | ON(PING6))
#define ON_TCP (ON(TCP4) | ON(TCP6))
#define ON_UNIX (ON(UNIX_STREAM) | ON(UNIX_DGRAM) | ON(UNIX_SEQPACKET))
#define ON_CAN (ON(CAN_RAW) | ON(CAN_BCM) | ON(CAN_ISOTP) | ON(CAN_J1939))
#define ON_BLUETOOTH (ON(BT_HCI) | ON(BT_L2CAP) | ON(BT_SCO) | ON(BT_ISO) | ON(BT_OTHER))

#endif
