// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names in strace's lines, and how it comments what has none.  Values: include/uapi/linux and
 * include/linux/socket.h of the kernel.
 */
#include "config.h"

#include "report/text-names.h"

#include <string.h>

#include "uapi/uapi.h"

static const struct name levels_v[] = {
#define LEVEL(name, number) { number, "SOL_" #name },
#define BARE(name, number)
	UAPI_LEVELS(LEVEL, BARE)
#undef LEVEL
#undef BARE
		{ L_AF_VSOCK, "AF_VSOCK" },
};
const struct names text_levels = NAMES(levels_v, "SOL_???");

static const struct name scm_types_v[] = {
	{ 1, "SCM_RIGHTS" },
	{ 2, "SCM_CREDENTIALS" },
	{ 3, "SCM_SECURITY" },
	{ 4, "SCM_PIDFD" },
	{ 29, "SO_TIMESTAMP_OLD" },
	{ 35, "SO_TIMESTAMPNS_OLD" },
	{ 37, "SO_TIMESTAMPING_OLD" },
	{ 41, "SO_WIFI_STATUS" },
	{ 54, "SCM_TIMESTAMPING_OPT_STATS" },
	{ 58, "SCM_TIMESTAMPING_PKTINFO" },
	{ 61, "SO_TXTIME" },
	{ 63, "SO_TIMESTAMP_NEW" },
	{ 64, "SO_TIMESTAMPNS_NEW" },
	{ 65, "SO_TIMESTAMPING_NEW" },
	{ 78, "SCM_DEVMEM_LINEAR" },
	{ 79, "SCM_DEVMEM_DMABUF" },
	{ 80, "SO_DEVMEM_DONTNEED" },
	{ 81, "SCM_TS_OPT_ID" },
	{ 84, "SCM_INQ" },
};
const struct names text_scm_types = NAMES(scm_types_v, "SCM_???");

static const struct name ip_types_v[] = {
	{ 1, "IP_TOS" },       { 2, "IP_TTL" },          { 3, "SCM_SECURITY" },
	{ 6, "IP_RECVOPTS" },  { 7, "IP_RETOPTS" },      { 8, "IP_PKTINFO" },
	{ 11, "IP_RECVERR" },  { 20, "IP_ORIGDSTADDR" }, { 23, "IP_CHECKSUM" },
	{ 52, "IP_PROTOCOL" },
};
const struct names text_ip_types = NAMES(ip_types_v, "IP_???");

static const struct name netlink_protocols_v[] = {
	{ 0, "NETLINK_ROUTE" },       { 1, "NETLINK_UNUSED" },
	{ 2, "NETLINK_USERSOCK" },    { 3, "NETLINK_FIREWALL" },
	{ 4, "NETLINK_SOCK_DIAG" },   { 5, "NETLINK_NFLOG" },
	{ 6, "NETLINK_XFRM" },        { 7, "NETLINK_SELINUX" },
	{ 8, "NETLINK_ISCSI" },       { 9, "NETLINK_AUDIT" },
	{ 10, "NETLINK_FIB_LOOKUP" }, { 11, "NETLINK_CONNECTOR" },
	{ 12, "NETLINK_NETFILTER" },  { 13, "NETLINK_IP6_FW" },
	{ 14, "NETLINK_DNRTMSG" },    { 15, "NETLINK_KOBJECT_UEVENT" },
	{ 16, "NETLINK_GENERIC" },    { 17, "NETLINK_SCSITRANSPORT" },
	{ 18, "NETLINK_ECRYPTFS" },   { 19, "NETLINK_RDMA" },
	{ 20, "NETLINK_CRYPTO" },     { 21, "NETLINK_SMC" },
};
const struct names text_netlink_protocols = NAMES(netlink_protocols_v, "NETLINK_???");

static const struct name ether_types_v[] = {
	{ 0x1, "ETH_P_802_3" },       { 0x2, "ETH_P_AX25" },         { 0x3, "ETH_P_ALL" },
	{ 0x4, "ETH_P_802_2" },       { 0x5, "ETH_P_SNAP" },         { 0x6, "ETH_P_DDCMP" },
	{ 0x7, "ETH_P_WAN_PPP" },     { 0x8, "ETH_P_PPP_MP" },       { 0x9, "ETH_P_LOCALTALK" },
	{ 0xc, "ETH_P_CAN" },         { 0xd, "ETH_P_CANFD" },        { 0xe, "ETH_P_CANXL" },
	{ 0x10, "ETH_P_PPPTALK" },    { 0x11, "ETH_P_TR_802_2" },    { 0x15, "ETH_P_MOBITEX" },
	{ 0x16, "ETH_P_CONTROL" },    { 0x17, "ETH_P_IRDA" },        { 0x18, "ETH_P_ECONET" },
	{ 0x19, "ETH_P_HDLC" },       { 0x1a, "ETH_P_ARCNET" },      { 0x1b, "ETH_P_DSA" },
	{ 0x1c, "ETH_P_TRAILER" },    { 0x60, "ETH_P_LOOP" },        { 0xf5, "ETH_P_PHONET" },
	{ 0xf6, "ETH_P_IEEE802154" }, { 0xf7, "ETH_P_CAIF" },        { 0xf8, "ETH_P_XDSA" },
	{ 0xf9, "ETH_P_MAP" },        { 0xfa, "ETH_P_MCTP" },        { 0x200, "ETH_P_PUP" },
	{ 0x201, "ETH_P_PUPAT" },     { 0x600, "ETH_P_802_3_MIN" },  { 0x800, "ETH_P_IP" },
	{ 0x805, "ETH_P_X25" },       { 0x806, "ETH_P_ARP" },        { 0x8ff, "ETH_P_BPQ" },
	{ 0xa00, "ETH_P_IEEEPUP" },   { 0xa01, "ETH_P_IEEEPUPAT" },  { 0x22eb, "ETH_P_ERSPAN2" },
	{ 0x22f0, "ETH_P_TSN" },      { 0x4305, "ETH_P_BATMAN" },    { 0x6000, "ETH_P_DEC" },
	{ 0x6001, "ETH_P_DNA_DL" },   { 0x6002, "ETH_P_DNA_RC" },    { 0x6003, "ETH_P_DNA_RT" },
	{ 0x6004, "ETH_P_LAT" },      { 0x6005, "ETH_P_DIAG" },      { 0x6006, "ETH_P_CUST" },
	{ 0x6007, "ETH_P_SCA" },      { 0x6558, "ETH_P_TEB" },       { 0x8035, "ETH_P_RARP" },
	{ 0x809b, "ETH_P_ATALK" },    { 0x80f3, "ETH_P_AARP" },      { 0x8100, "ETH_P_8021Q" },
	{ 0x8137, "ETH_P_IPX" },      { 0x86dd, "ETH_P_IPV6" },      { 0x8808, "ETH_P_PAUSE" },
	{ 0x8809, "ETH_P_SLOW" },     { 0x883e, "ETH_P_WCCP" },      { 0x8847, "ETH_P_MPLS_UC" },
	{ 0x8848, "ETH_P_MPLS_MC" },  { 0x884c, "ETH_P_ATMMPOA" },   { 0x8863, "ETH_P_PPP_DISC" },
	{ 0x8864, "ETH_P_PPP_SES" },  { 0x886c, "ETH_P_LINK_CTL" },  { 0x8884, "ETH_P_ATMFATE" },
	{ 0x888e, "ETH_P_PAE" },      { 0x8892, "ETH_P_PROFINET" },  { 0x8899, "ETH_P_REALTEK" },
	{ 0x88a2, "ETH_P_AOE" },      { 0x88a4, "ETH_P_ETHERCAT" },  { 0x88a8, "ETH_P_8021AD" },
	{ 0x88b5, "ETH_P_802_EX1" },  { 0x88be, "ETH_P_ERSPAN" },    { 0x88c7, "ETH_P_PREAUTH" },
	{ 0x88ca, "ETH_P_TIPC" },     { 0x88cc, "ETH_P_LLDP" },      { 0x88e3, "ETH_P_MRP" },
	{ 0x88e5, "ETH_P_MACSEC" },   { 0x88e7, "ETH_P_8021AH" },    { 0x88f5, "ETH_P_MVRP" },
	{ 0x88f7, "ETH_P_1588" },     { 0x88f8, "ETH_P_NCSI" },      { 0x88fb, "ETH_P_PRP" },
	{ 0x8902, "ETH_P_CFM" },      { 0x8906, "ETH_P_FCOE" },      { 0x890d, "ETH_P_TDLS" },
	{ 0x8914, "ETH_P_FIP" },      { 0x8915, "ETH_P_IBOE" },      { 0x8917, "ETH_P_80221" },
	{ 0x892f, "ETH_P_HSR" },      { 0x894f, "ETH_P_NSH" },       { 0x9000, "ETH_P_LOOPBACK" },
	{ 0x9100, "ETH_P_QINQ1" },    { 0x9200, "ETH_P_QINQ2" },     { 0x9300, "ETH_P_QINQ3" },
	{ 0xdada, "ETH_P_EDSA" },     { 0xdadb, "ETH_P_DSA_8021Q" }, { 0xe001, "ETH_P_DSA_A5PSW" },
	{ 0xed3e, "ETH_P_IFE" },      { 0xfbfb, "ETH_P_AF_IUCV" },
};
const struct names text_ether_types = NAMES(ether_types_v, "ETH_P_???");

static const struct name hw_types_v[] = {
	{ 0, "ARPHRD_NETROM" },
	{ 1, "ARPHRD_ETHER" },
	{ 2, "ARPHRD_EETHER" },
	{ 3, "ARPHRD_AX25" },
	{ 4, "ARPHRD_PRONET" },
	{ 5, "ARPHRD_CHAOS" },
	{ 6, "ARPHRD_IEEE802" },
	{ 7, "ARPHRD_ARCNET" },
	{ 8, "ARPHRD_APPLETLK" },
	{ 15, "ARPHRD_DLCI" },
	{ 19, "ARPHRD_ATM" },
	{ 23, "ARPHRD_METRICOM" },
	{ 24, "ARPHRD_IEEE1394" },
	{ 27, "ARPHRD_EUI64" },
	{ 32, "ARPHRD_INFINIBAND" },
	{ 256, "ARPHRD_SLIP" },
	{ 257, "ARPHRD_CSLIP" },
	{ 258, "ARPHRD_SLIP6" },
	{ 259, "ARPHRD_CSLIP6" },
	{ 260, "ARPHRD_RSRVD" },
	{ 264, "ARPHRD_ADAPT" },
	{ 270, "ARPHRD_ROSE" },
	{ 271, "ARPHRD_X25" },
	{ 272, "ARPHRD_HWX25" },
	{ 280, "ARPHRD_CAN" },
	{ 290, "ARPHRD_MCTP" },
	{ 512, "ARPHRD_PPP" },
	{ 513, "ARPHRD_CISCO" },
	{ 516, "ARPHRD_LAPB" },
	{ 517, "ARPHRD_DDCMP" },
	{ 518, "ARPHRD_RAWHDLC" },
	{ 519, "ARPHRD_RAWIP" },
	{ 768, "ARPHRD_TUNNEL" },
	{ 769, "ARPHRD_TUNNEL6" },
	{ 770, "ARPHRD_FRAD" },
	{ 771, "ARPHRD_SKIP" },
	{ 772, "ARPHRD_LOOPBACK" },
	{ 773, "ARPHRD_LOCALTLK" },
	{ 774, "ARPHRD_FDDI" },
	{ 775, "ARPHRD_BIF" },
	{ 776, "ARPHRD_SIT" },
	{ 777, "ARPHRD_IPDDP" },
	{ 778, "ARPHRD_IPGRE" },
	{ 779, "ARPHRD_PIMREG" },
	{ 780, "ARPHRD_HIPPI" },
	{ 781, "ARPHRD_ASH" },
	{ 782, "ARPHRD_ECONET" },
	{ 783, "ARPHRD_IRDA" },
	{ 784, "ARPHRD_FCPP" },
	{ 785, "ARPHRD_FCAL" },
	{ 786, "ARPHRD_FCPL" },
	{ 787, "ARPHRD_FCFABRIC" },
	{ 800, "ARPHRD_IEEE802_TR" },
	{ 801, "ARPHRD_IEEE80211" },
	{ 802, "ARPHRD_IEEE80211_PRISM" },
	{ 803, "ARPHRD_IEEE80211_RADIOTAP" },
	{ 804, "ARPHRD_IEEE802154" },
	{ 805, "ARPHRD_IEEE802154_MONITOR" },
	{ 820, "ARPHRD_PHONET" },
	{ 821, "ARPHRD_PHONET_PIPE" },
	{ 822, "ARPHRD_CAIF" },
	{ 823, "ARPHRD_IP6GRE" },
	{ 824, "ARPHRD_NETLINK" },
	{ 825, "ARPHRD_6LOWPAN" },
	{ 826, "ARPHRD_VSOCKMON" },
	{ 65534, "ARPHRD_NONE" },
	{ 65535, "ARPHRD_VOID" },
};
const struct names text_hw_types = NAMES(hw_types_v, "ARPHRD_???");

static const struct name packet_types_v[] = {
	{ 0, "PACKET_HOST" },      { 1, "PACKET_BROADCAST" }, { 2, "PACKET_MULTICAST" },
	{ 3, "PACKET_OTHERHOST" }, { 4, "PACKET_OUTGOING" },  { 5, "PACKET_LOOPBACK" },
	{ 6, "PACKET_USER" },      { 7, "PACKET_KERNEL" },    { 8, "PACKET_FASTROUTE" },
};
const struct names text_packet_types = NAMES(packet_types_v, "PACKET_???");

static const struct name netlink_types_v[] = {
	{ 1, "NLMSG_NOOP" },
	{ 2, "NLMSG_ERROR" },
	{ 3, "NLMSG_DONE" },
	{ 4, "NLMSG_OVERRUN" },
};
const struct names text_netlink_types = NAMES(netlink_types_v, "NLMSG_???");

static const struct name sock_types_v[] = {
	{ 1, "SOCK_STREAM" },    { 2, "SOCK_DGRAM" }, { 3, "SOCK_RAW" },     { 4, "SOCK_RDM" },
	{ 5, "SOCK_SEQPACKET" }, { 6, "SOCK_DCCP" },  { 10, "SOCK_PACKET" },
};
const struct names text_sock_types = NAMES(sock_types_v, "SOCK_???");

static const struct name hci_channels_v[] = {
	{ 0, "HCI_CHANNEL_RAW" },     { 1, "HCI_CHANNEL_USER" },    { 2, "HCI_CHANNEL_MONITOR" },
	{ 3, "HCI_CHANNEL_CONTROL" }, { 4, "HCI_CHANNEL_LOGGING" },
};
const struct names text_hci_channels = NAMES(hci_channels_v, "HCI_CHANNEL_???");

static const struct name bdaddr_types_v[] = {
	{ 0, "BDADDR_BREDR" },
	{ 1, "BDADDR_LE_PUBLIC" },
	{ 2, "BDADDR_LE_RANDOM" },
};
const struct names text_bdaddr_types = NAMES(bdaddr_types_v, "BDADDR_???");

static const struct name l2_psm_v[] = {
	{ 1, "L2CAP_PSM_SDP" },   { 3, "L2CAP_PSM_RFCOMM" }, { 31, "L2CAP_PSM_ATT" },
	{ 39, "L2CAP_PSM_3DSP" }, { 35, "L2CAP_PSM_IPSP" },
};
const struct names text_l2_psm = NAMES(l2_psm_v, NULL);

static const struct name l2_cid_v[] = {
	{ 1, "L2CAP_CID_SIGNALING" }, { 2, "L2CAP_CID_CONN_LESS" },    { 3, "L2CAP_CID_A2MP" },
	{ 4, "L2CAP_CID_ATT" },       { 5, "L2CAP_CID_LE_SIGNALING" }, { 6, "L2CAP_CID_SMP" },
	{ 7, "L2CAP_CID_SMP_BREDR" },
};
const struct names text_l2_cid = NAMES(l2_cid_v, NULL);

static const struct name vsock_cids_v[] = {
	{ 0, "VMADDR_CID_HYPERVISOR" },
	{ 1, "VMADDR_CID_LOCAL" },
	{ 2, "VMADDR_CID_HOST" },
	{ 0xffffffff, "VMADDR_CID_ANY" },
};
const struct names text_vsock_cids = NAMES(vsock_cids_v, NULL);

static const struct name vsock_ports_v[] = {
	{ 0xffffffff, "VMADDR_PORT_ANY" },
};
const struct names text_vsock_ports = NAMES(vsock_ports_v, NULL);

static const struct name vsock_flags_v[] = {
	{ 1, "VMADDR_FLAG_TO_HOST" },
};
const struct names text_vsock_flags = NAMES(vsock_flags_v, "VMADDR_FLAG_???");

static const struct name xdp_flags_v[] = {
	{ 1, "XDP_SHARED_UMEM" },
	{ 2, "XDP_COPY" },
	{ 4, "XDP_ZEROCOPY" },
	{ 8, "XDP_USE_NEED_WAKEUP" },
};
const struct names text_xdp_flags = NAMES(xdp_flags_v, "XDP_???");

static const struct name qrtr_nodes_v[] = {
	{ 0xffffffff, "QRTR_NODE_BCAST" },
};
const struct names text_qrtr_nodes = NAMES(qrtr_nodes_v, NULL);

static const struct name qrtr_ports_v[] = {
	{ 0xfffffffe, "QRTR_PORT_CTRL" },
};
const struct names text_qrtr_ports = NAMES(qrtr_ports_v, NULL);

static const struct name mctp_nets_v[] = {
	{ 0, "MCTP_NET_ANY" },
};
const struct names text_mctp_nets = NAMES(mctp_nets_v, NULL);

static const struct name mctp_addrs_v[] = {
	{ 0, "MCTP_ADDR_NULL" },
	{ 255, "MCTP_ADDR_ANY" },
};
const struct names text_mctp_addrs = NAMES(mctp_addrs_v, NULL);

static const struct name tipc_types_v[] = {
	{ 1, "TIPC_SERVICE_RANGE" },
	{ 2, "TIPC_SERVICE_ADDR" },
	{ 3, "TIPC_SOCKET_ADDR" },
};
const struct names text_tipc_types = NAMES(tipc_types_v, "TIPC_ADDR_???");

static const struct name tipc_scopes_v[] = {
	{ 1, "TIPC_ZONE_SCOPE" },
	{ 2, "TIPC_CLUSTER_SCOPE" },
	{ 3, "TIPC_NODE_SCOPE" },
};
const struct names text_tipc_scopes = NAMES(tipc_scopes_v, "TIPC_???_SCOPE");

static const struct name rtm_types_v[] = {
	{ 16, "RTM_NEWLINK" },
	{ 17, "RTM_DELLINK" },
	{ 18, "RTM_GETLINK" },
	{ 19, "RTM_SETLINK" },
	{ 20, "RTM_NEWADDR" },
	{ 21, "RTM_DELADDR" },
	{ 22, "RTM_GETADDR" },
	{ 24, "RTM_NEWROUTE" },
	{ 25, "RTM_DELROUTE" },
	{ 26, "RTM_GETROUTE" },
	{ 28, "RTM_NEWNEIGH" },
	{ 29, "RTM_DELNEIGH" },
	{ 30, "RTM_GETNEIGH" },
	{ 32, "RTM_NEWRULE" },
	{ 33, "RTM_DELRULE" },
	{ 34, "RTM_GETRULE" },
	{ 36, "RTM_NEWQDISC" },
	{ 37, "RTM_DELQDISC" },
	{ 38, "RTM_GETQDISC" },
	{ 40, "RTM_NEWTCLASS" },
	{ 41, "RTM_DELTCLASS" },
	{ 42, "RTM_GETTCLASS" },
	{ 44, "RTM_NEWTFILTER" },
	{ 45, "RTM_DELTFILTER" },
	{ 46, "RTM_GETTFILTER" },
	{ 48, "RTM_NEWACTION" },
	{ 49, "RTM_DELACTION" },
	{ 50, "RTM_GETACTION" },
	{ 52, "RTM_NEWPREFIX" },
	{ 58, "RTM_GETMULTICAST" },
	{ 62, "RTM_GETANYCAST" },
	{ 64, "RTM_NEWNEIGHTBL" },
	{ 66, "RTM_GETNEIGHTBL" },
	{ 67, "RTM_SETNEIGHTBL" },
	{ 68, "RTM_NEWNDUSEROPT" },
	{ 72, "RTM_NEWADDRLABEL" },
	{ 73, "RTM_DELADDRLABEL" },
	{ 74, "RTM_GETADDRLABEL" },
	{ 78, "RTM_GETDCB" },
	{ 79, "RTM_SETDCB" },
	{ 80, "RTM_NEWNETCONF" },
	{ 81, "RTM_DELNETCONF" },
	{ 82, "RTM_GETNETCONF" },
	{ 84, "RTM_NEWMDB" },
	{ 85, "RTM_DELMDB" },
	{ 86, "RTM_GETMDB" },
	{ 88, "RTM_NEWNSID" },
	{ 89, "RTM_DELNSID" },
	{ 90, "RTM_GETNSID" },
	{ 92, "RTM_NEWSTATS" },
	{ 94, "RTM_GETSTATS" },
	{ 95, "RTM_SETSTATS" },
	{ 96, "RTM_NEWCACHEREPORT" },
	{ 100, "RTM_NEWCHAIN" },
	{ 101, "RTM_DELCHAIN" },
	{ 102, "RTM_GETCHAIN" },
	{ 104, "RTM_NEWNEXTHOP" },
	{ 105, "RTM_DELNEXTHOP" },
	{ 106, "RTM_GETNEXTHOP" },
	{ 108, "RTM_NEWLINKPROP" },
	{ 109, "RTM_DELLINKPROP" },
	{ 110, "RTM_GETLINKPROP" },
	{ 112, "RTM_NEWVLAN" },
	{ 113, "RTM_DELVLAN" },
	{ 114, "RTM_GETVLAN" },
	{ 116, "RTM_NEWNEXTHOPBUCKET" },
	{ 117, "RTM_DELNEXTHOPBUCKET" },
	{ 118, "RTM_GETNEXTHOPBUCKET" },
	{ 120, "RTM_NEWTUNNEL" },
	{ 121, "RTM_DELTUNNEL" },
	{ 122, "RTM_GETTUNNEL" },
};
const struct names text_rtm_types = NAMES(rtm_types_v, "RTM_???");

static const struct name sock_diag_types_v[] = {
	{ 18, "TCPDIAG_GETSOCK" },
	{ 19, "DCCPDIAG_GETSOCK" },
	{ 20, "SOCK_DIAG_BY_FAMILY" },
	{ 21, "SOCK_DESTROY" },
};
const struct names text_sock_diag_types = NAMES(sock_diag_types_v, "SOCK_DIAG_???");

static const struct name nlm_flags_v[] = {
	{ 1, "NLM_F_REQUEST" }, { 2, "NLM_F_MULTI" },        { 4, "NLM_F_ACK" },
	{ 8, "NLM_F_ECHO" },    { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
};
const struct names text_nlm_flags = NAMES(nlm_flags_v, "NLM_F_???");

static const struct name nlm_get_flags_v[] = {
	{ 0x300, "NLM_F_DUMP" },
	{ 0x100, "NLM_F_ROOT" },
	{ 0x200, "NLM_F_MATCH" },
	{ 0x400, "NLM_F_ATOMIC" },
};
const struct names text_nlm_get_flags = NAMES(nlm_get_flags_v, "NLM_F_???");

static const struct name nlm_new_flags_v[] = {
	{ 0x100, "NLM_F_REPLACE" },
	{ 0x200, "NLM_F_EXCL" },
	{ 0x400, "NLM_F_CREATE" },
	{ 0x800, "NLM_F_APPEND" },
};
const struct names text_nlm_new_flags = NAMES(nlm_new_flags_v, "NLM_F_???");

static const struct name nlm_delete_flags_v[] = {
	{ 0x100, "NLM_F_NONREC" },
	{ 0x200, "NLM_F_BULK" },
};
const struct names text_nlm_delete_flags = NAMES(nlm_delete_flags_v, "NLM_F_???");

static const struct name nlm_ack_flags_v[] = {
	{ 0x100, "NLM_F_CAPPED" },
	{ 0x200, "NLM_F_ACK_TLVS" },
};
const struct names text_nlm_ack_flags = NAMES(nlm_ack_flags_v, "NLM_F_???");

struct kernel_errno {
	int err;
	const char *name, *meaning;
};

/* include/linux/errno.h: never returned to programs, but visible to a tracer. */
static const struct kernel_errno kernel_errnos[] = {
	{ 512, "ERESTARTSYS", "To be restarted if SA_RESTART is set" },
	{ 513, "ERESTARTNOINTR", "To be restarted" },
	{ 514, "ERESTARTNOHAND", "To be restarted if no handler" },
	{ 516, "ERESTART_RESTARTBLOCK", "Interrupted by signal" },
};

static const struct kernel_errno *kernel_errno(int err)
{
	for (size_t i = 0; i < sizeof(kernel_errnos) / sizeof(kernel_errnos[0]); i++)
		if (kernel_errnos[i].err == err)
			return &kernel_errnos[i];
	return NULL;
}

const char *text_errno_name(int err)
{
	const struct kernel_errno *k = kernel_errno(err);

	return k ? k->name : strerrorname_np(err);
}

const char *text_errno_meaning(int err)
{
	const struct kernel_errno *k = kernel_errno(err);
	const char *s = k ? k->meaning : strerrordesc_np(err);

	return s ? s : "Unknown error";
}
