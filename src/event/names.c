// SPDX-License-Identifier: LGPL-2.1-or-later
/* Families, types, protocols, flags. Kernel: include/linux/socket.h, include/linux/net.h, in.h */
#include "config.h"

#include "event/names.h"

#include <signal.h>
#include <string.h>

const struct names names_family = NAMES(
	"AF_???", VALUE(0, "AF_UNSPEC"), VALUE(1, "AF_UNIX"), VALUE(2, "AF_INET"),
	VALUE(3, "AF_AX25"), VALUE(4, "AF_IPX"), VALUE(5, "AF_APPLETALK"), VALUE(6, "AF_NETROM"),
	VALUE(7, "AF_BRIDGE"), VALUE(8, "AF_ATMPVC"), VALUE(9, "AF_X25"), VALUE(10, "AF_INET6"),
	VALUE(11, "AF_ROSE"), VALUE(12, "AF_DECnet"), VALUE(13, "AF_NETBEUI"),
	VALUE(14, "AF_SECURITY"), VALUE(15, "AF_KEY"), VALUE(16, "AF_NETLINK"),
	VALUE(17, "AF_PACKET"), VALUE(18, "AF_ASH"), VALUE(19, "AF_ECONET"), VALUE(20, "AF_ATMSVC"),
	VALUE(21, "AF_RDS"), VALUE(22, "AF_SNA"), VALUE(23, "AF_IRDA"), VALUE(24, "AF_PPPOX"),
	VALUE(25, "AF_WANPIPE"), VALUE(26, "AF_LLC"), VALUE(27, "AF_IB"), VALUE(28, "AF_MPLS"),
	VALUE(29, "AF_CAN"), VALUE(30, "AF_TIPC"), VALUE(31, "AF_BLUETOOTH"), VALUE(32, "AF_IUCV"),
	VALUE(33, "AF_RXRPC"), VALUE(34, "AF_ISDN"), VALUE(35, "AF_PHONET"),
	VALUE(36, "AF_IEEE802154"), VALUE(37, "AF_CAIF"), VALUE(38, "AF_ALG"), VALUE(39, "AF_NFC"),
	VALUE(40, "AF_VSOCK"), VALUE(41, "AF_KCM"), VALUE(42, "AF_QIPCRTR"), VALUE(43, "AF_SMC"),
	VALUE(44, "AF_XDP"), VALUE(45, "AF_MCTP"));

const struct names names_socktype =
	NAMES("SOCK_???", VALUE(1, "SOCK_STREAM"), VALUE(2, "SOCK_DGRAM"), VALUE(3, "SOCK_RAW"),
	      VALUE(4, "SOCK_RDM"), VALUE(5, "SOCK_SEQPACKET"), VALUE(6, "SOCK_DCCP"),
	      VALUE(10, "SOCK_PACKET"));

const struct names names_msg_flags = NAMES(
	"MSG_???", VALUE(0x1, "MSG_OOB"), VALUE(0x2, "MSG_PEEK"), VALUE(0x4, "MSG_DONTROUTE"),
	VALUE(0x8, "MSG_CTRUNC"), VALUE(0x10, "MSG_PROBE"), VALUE(0x20, "MSG_TRUNC"),
	VALUE(0x40, "MSG_DONTWAIT"), VALUE(0x80, "MSG_EOR"), VALUE(0x100, "MSG_WAITALL"),
	VALUE(0x200, "MSG_FIN"), VALUE(0x400, "MSG_SYN"), VALUE(0x800, "MSG_CONFIRM"),
	VALUE(0x1000, "MSG_RST"), VALUE(0x2000, "MSG_ERRQUEUE"), VALUE(0x4000, "MSG_NOSIGNAL"),
	VALUE(0x8000, "MSG_MORE"), VALUE(0x10000, "MSG_WAITFORONE"),
	VALUE(0x20000, "MSG_SENDPAGE_NOTLAST"), VALUE(0x40000, "MSG_BATCH"),
	VALUE(0x80000, "MSG_NO_SHARED_FRAGS"), VALUE(0x2000000, "MSG_SOCK_DEVMEM"),
	VALUE(0x4000000, "MSG_ZEROCOPY"), VALUE(0x20000000, "MSG_FASTOPEN"),
	VALUE(0x40000000, "MSG_CMSG_CLOEXEC"), VALUE(0x80000000, "MSG_CMSG_COMPAT"));

/* Kernel: include/uapi/linux/in.h */
const struct names names_ipproto = NAMES(
	"IPPROTO_???", VALUE(0, "IPPROTO_IP"), VALUE(1, "IPPROTO_ICMP"), VALUE(2, "IPPROTO_IGMP"),
	VALUE(4, "IPPROTO_IPIP"), VALUE(6, "IPPROTO_TCP"), VALUE(8, "IPPROTO_EGP"),
	VALUE(12, "IPPROTO_PUP"), VALUE(17, "IPPROTO_UDP"), VALUE(22, "IPPROTO_IDP"),
	VALUE(29, "IPPROTO_TP"), VALUE(33, "IPPROTO_DCCP"), VALUE(41, "IPPROTO_IPV6"),
	VALUE(43, "IPPROTO_ROUTING"), VALUE(44, "IPPROTO_FRAGMENT"), VALUE(46, "IPPROTO_RSVP"),
	VALUE(47, "IPPROTO_GRE"), VALUE(50, "IPPROTO_ESP"), VALUE(51, "IPPROTO_AH"),
	VALUE(58, "IPPROTO_ICMPV6"), VALUE(59, "IPPROTO_NONE"), VALUE(60, "IPPROTO_DSTOPTS"),
	VALUE(92, "IPPROTO_MTP"), VALUE(94, "IPPROTO_BEETPH"), VALUE(98, "IPPROTO_ENCAP"),
	VALUE(103, "IPPROTO_PIM"), VALUE(108, "IPPROTO_COMP"), VALUE(115, "IPPROTO_L2TP"),
	VALUE(132, "IPPROTO_SCTP"), VALUE(135, "IPPROTO_MH"), VALUE(136, "IPPROTO_UDPLITE"),
	VALUE(137, "IPPROTO_MPLS"), VALUE(143, "IPPROTO_ETHERNET"), VALUE(144, "IPPROTO_AGGFRAG"),
	VALUE(255, "IPPROTO_RAW"), VALUE(256, "IPPROTO_SMC"), VALUE(262, "IPPROTO_MPTCP"));

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

const char *names_signal(int sig)
{
	/* 29 has two names: glibc says POLL, strace and the kernel IO */
	return sig == SIGIO ? "IO" : sig > 0 ? sigabbrev_np(sig) : NULL;
}
