// SPDX-License-Identifier: LGPL-2.1-or-later
/* Families, types, protocols, flags. Kernel: include/linux/socket.h, include/linux/net.h, in.h */
#include "config.h"

#include "event/names.h"

static const struct name family_v[] = {
	{ 0, "AF_UNSPEC" },      { 1, "AF_UNIX" },       { 2, "AF_INET" },
	{ 3, "AF_AX25" },        { 4, "AF_IPX" },        { 5, "AF_APPLETALK" },
	{ 6, "AF_NETROM" },      { 7, "AF_BRIDGE" },     { 8, "AF_ATMPVC" },
	{ 9, "AF_X25" },         { 10, "AF_INET6" },     { 11, "AF_ROSE" },
	{ 12, "AF_DECnet" },     { 13, "AF_NETBEUI" },   { 14, "AF_SECURITY" },
	{ 15, "AF_KEY" },        { 16, "AF_NETLINK" },   { 17, "AF_PACKET" },
	{ 18, "AF_ASH" },        { 19, "AF_ECONET" },    { 20, "AF_ATMSVC" },
	{ 21, "AF_RDS" },        { 22, "AF_SNA" },       { 23, "AF_IRDA" },
	{ 24, "AF_PPPOX" },      { 25, "AF_WANPIPE" },   { 26, "AF_LLC" },
	{ 27, "AF_IB" },         { 28, "AF_MPLS" },      { 29, "AF_CAN" },
	{ 30, "AF_TIPC" },       { 31, "AF_BLUETOOTH" }, { 32, "AF_IUCV" },
	{ 33, "AF_RXRPC" },      { 34, "AF_ISDN" },      { 35, "AF_PHONET" },
	{ 36, "AF_IEEE802154" }, { 37, "AF_CAIF" },      { 38, "AF_ALG" },
	{ 39, "AF_NFC" },        { 40, "AF_VSOCK" },     { 41, "AF_KCM" },
	{ 42, "AF_QIPCRTR" },    { 43, "AF_SMC" },       { 44, "AF_XDP" },
	{ 45, "AF_MCTP" },
};
const struct names names_family = NAMES(family_v, "AF_???");

static const struct name socktype_v[] = {
	{ 1, "SOCK_STREAM" },    { 2, "SOCK_DGRAM" }, { 3, "SOCK_RAW" },     { 4, "SOCK_RDM" },
	{ 5, "SOCK_SEQPACKET" }, { 6, "SOCK_DCCP" },  { 10, "SOCK_PACKET" },
};
const struct names names_socktype = NAMES(socktype_v, "SOCK_???");

static const struct name msg_flags_v[] = {
	{ 0x1, "MSG_OOB" },
	{ 0x2, "MSG_PEEK" },
	{ 0x4, "MSG_DONTROUTE" },
	{ 0x8, "MSG_CTRUNC" },
	{ 0x10, "MSG_PROBE" },
	{ 0x20, "MSG_TRUNC" },
	{ 0x40, "MSG_DONTWAIT" },
	{ 0x80, "MSG_EOR" },
	{ 0x100, "MSG_WAITALL" },
	{ 0x200, "MSG_FIN" },
	{ 0x400, "MSG_SYN" },
	{ 0x800, "MSG_CONFIRM" },
	{ 0x1000, "MSG_RST" },
	{ 0x2000, "MSG_ERRQUEUE" },
	{ 0x4000, "MSG_NOSIGNAL" },
	{ 0x8000, "MSG_MORE" },
	{ 0x10000, "MSG_WAITFORONE" },
	{ 0x20000, "MSG_SENDPAGE_NOTLAST" },
	{ 0x40000, "MSG_BATCH" },
	{ 0x80000, "MSG_NO_SHARED_FRAGS" },
	{ 0x2000000, "MSG_SOCK_DEVMEM" },
	{ 0x4000000, "MSG_ZEROCOPY" },
	{ 0x20000000, "MSG_FASTOPEN" },
	{ 0x40000000, "MSG_CMSG_CLOEXEC" },
	{ 0x80000000, "MSG_CMSG_COMPAT" },
};
const struct names names_msg_flags = NAMES(msg_flags_v, "MSG_???");

/* Kernel: include/uapi/linux/in.h */
static const struct name ipproto_v[] = {
	{ 0, "IPPROTO_IP" },       { 1, "IPPROTO_ICMP" },       { 2, "IPPROTO_IGMP" },
	{ 4, "IPPROTO_IPIP" },     { 6, "IPPROTO_TCP" },        { 8, "IPPROTO_EGP" },
	{ 12, "IPPROTO_PUP" },     { 17, "IPPROTO_UDP" },       { 22, "IPPROTO_IDP" },
	{ 29, "IPPROTO_TP" },      { 33, "IPPROTO_DCCP" },      { 41, "IPPROTO_IPV6" },
	{ 43, "IPPROTO_ROUTING" }, { 44, "IPPROTO_FRAGMENT" },  { 46, "IPPROTO_RSVP" },
	{ 47, "IPPROTO_GRE" },     { 50, "IPPROTO_ESP" },       { 51, "IPPROTO_AH" },
	{ 58, "IPPROTO_ICMPV6" },  { 59, "IPPROTO_NONE" },      { 60, "IPPROTO_DSTOPTS" },
	{ 92, "IPPROTO_MTP" },     { 94, "IPPROTO_BEETPH" },    { 98, "IPPROTO_ENCAP" },
	{ 103, "IPPROTO_PIM" },    { 108, "IPPROTO_COMP" },     { 115, "IPPROTO_L2TP" },
	{ 132, "IPPROTO_SCTP" },   { 135, "IPPROTO_MH" },       { 136, "IPPROTO_UDPLITE" },
	{ 137, "IPPROTO_MPLS" },   { 143, "IPPROTO_ETHERNET" }, { 144, "IPPROTO_AGGFRAG" },
	{ 255, "IPPROTO_RAW" },    { 256, "IPPROTO_SMC" },      { 262, "IPPROTO_MPTCP" },
};
const struct names names_ipproto = NAMES(ipproto_v, "IPPROTO_???");

void names_put_flags(struct buf *b, const struct names *t, uint64_t flags)
{
	size_t at = b->len;

	for (size_t i = 0; i < t->n && flags; i++) {
		if (!t->v[i].value || (flags & t->v[i].value) != t->v[i].value)
			continue;
		flags &= ~t->v[i].value;
		if (b->len != at)
			buf_char(b, '|');
		buf_str(b, t->v[i].name);
	}
	if (!flags)
		return;
	if (b->len != at)
		buf_char(b, '|');
	buf_hex(b, flags);
}
