/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder's tables only: registration, sets of sockets, decoders that several share. */
#ifndef CMSGTRACE_CMSG_TABLE_H
#define CMSGTRACE_CMSG_TABLE_H

#include "base/bytes.h"
#include "cmsg/cmsg.h"
#include "cmsg/emit.h"
#include "cmsg/kinds.h"
#include "uapi/uapi.h"

#define ROW(its_level, number, string) .level = (its_level), .type = (number), .name = (string)

#define CMSG_LEVEL(number, string, rows)                                                           \
	{                                                                                          \
		.level = (number), .name = (string), .types = (rows),                              \
		.n = sizeof(rows) / sizeof((rows)[0])                                              \
	}

static inline struct reader cmsg_reader(const struct cmsg *c)
{
	return reader_of(c->data, c->data_len);
}

const struct abi *emit_abi(const struct emit *e); /* never NULL */
enum sock_kind emit_sock_kind(const struct emit *e);

/* Whole payload as an array of numbers, as strace prints values behind a pointer: [64]. */
void decode_u32s(struct emit *e, const struct cmsg *c);
void decode_s32s(struct emit *e, const struct cmsg *c);
void decode_hex32s(struct emit *e, const struct cmsg *c);
void decode_u64s(struct emit *e, const struct cmsg *c);
void decode_hex64s(struct emit *e, const struct cmsg *c);
void decode_u8s(struct emit *e, const struct cmsg *c);
void decode_hex8s(struct emit *e, const struct cmsg *c); /* [0x10, 0] */
void decode_string(struct emit *e, const struct cmsg *c);
void decode_sockaddr(struct emit *e, const struct cmsg *c);

/* What a TOS or traffic class byte says, as a comment. */
void emit_dscp_ecn(struct emit *e, uint8_t v);

/* A timeval, or a timespec, of two numbers of word bytes each. */
void decode_timeval(struct emit *e, const struct cmsg *c, unsigned int word);
void decode_timespec(struct emit *e, const struct cmsg *c, unsigned int word);
void emit_time(struct emit *e, struct reader *r, unsigned int word, const char *fraction);

/* struct sock_extended_err, and behind it the offender's address where there is one. */
void decode_extended_err(struct emit *e, const struct cmsg *c);
void decode_ip_recverr(struct emit *e, const struct cmsg *c);
/* SCM_TIMESTAMPING_OPT_STATS */
void decode_opt_stats(struct emit *e, const struct cmsg *c);

extern const struct names names_errno;
extern const struct names names_ethertypes;

/* One file each, sol-NAME.c; registered in cmsg-table.c. */
extern const struct cmsg_level cmsg_level_socket, cmsg_level_ip, cmsg_level_ipv6, cmsg_level_udp,
	cmsg_level_tcp, cmsg_level_tls, cmsg_level_netlink, cmsg_level_packet, cmsg_level_alg,
	cmsg_level_vsock, cmsg_level_sctp, cmsg_level_can_raw, cmsg_level_can_j1939,
	cmsg_level_bluetooth, cmsg_level_hci, cmsg_level_rds, cmsg_level_rxrpc, cmsg_level_tipc,
	cmsg_level_llc, cmsg_level_iucv, cmsg_level_dccp, cmsg_level_misdn, cmsg_level_ieee802154;

#endif
