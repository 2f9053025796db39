/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name tables of the text report. Static const, owned by nobody. */
#ifndef CMSGTRACE_REPORT_TEXT_NAMES_H
#define CMSGTRACE_REPORT_TEXT_NAMES_H

#include "base/names.h"

extern const struct names text_levels;
extern const struct names text_scm_types;
extern const struct names text_ip_types;
extern const struct names text_netlink_protocols;
extern const struct names text_ether_types;
extern const struct names text_hw_types;
extern const struct names text_packet_types;
extern const struct names text_netlink_types;
extern const struct names text_sock_types;
extern const struct names text_hci_channels;
extern const struct names text_bdaddr_types;
extern const struct names text_l2_psm;
extern const struct names text_l2_cid;
extern const struct names text_vsock_cids;
extern const struct names text_vsock_ports;
extern const struct names text_vsock_flags;
extern const struct names text_xdp_flags;
extern const struct names text_qrtr_nodes;
extern const struct names text_qrtr_ports;
extern const struct names text_mctp_nets;
extern const struct names text_mctp_addrs;
extern const struct names text_tipc_types;
extern const struct names text_tipc_scopes;
extern const struct names text_rtm_types;
extern const struct names text_xfrm_types;
extern const struct names text_audit_types;
extern const struct names text_sock_diag_types;
extern const struct names text_nlm_flags;
extern const struct names text_nlm_get_flags;
extern const struct names text_nlm_new_flags;
extern const struct names text_nlm_delete_flags;
extern const struct names text_nlm_ack_flags;

/* text-sockopt-names.c */
extern const struct names text_so_options;
extern const struct names text_ip_options;
extern const struct names text_ipv6_options;
extern const struct names text_tcp_options;
extern const struct names text_udp_options;
extern const struct names text_netlink_options;
extern const struct names text_packet_options;
extern const struct names text_tls_options;
extern const struct names text_alg_options;
extern const struct names text_sctp_options;

/* "EAGAIN", and for errors that only a tracer sees (ERESTARTSYS) too; NULL: no such error. */
const char *text_errno_name(int err);
const char *text_errno_meaning(int err);

#endif
