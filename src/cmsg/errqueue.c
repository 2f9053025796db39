// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * struct sock_extended_err: what the error queue says.  What its numbers mean depends on ee_origin.
 * Kernel: include/uapi/linux/errqueue.h, net/ipv4/ip_sockglue.c ip_recv_error(), RFC 792, RFC 4443.
 */
#include "config.h"

#include <stdio.h>

#include "cmsg/table.h"

enum ee_origin {
	EE_NONE,
	EE_LOCAL,
	EE_ICMP,
	EE_ICMP6,
	EE_TXSTATUS,
	EE_ZEROCOPY,
	EE_TXTIME,
};

enum { EE_ENOMSG = 42, EE_EMSGSIZE = 90 };

static const struct names origin_names = NAMES(
	"SO_EE_ORIGIN_???", VALUE(EE_NONE, "SO_EE_ORIGIN_NONE"),
	VALUE(EE_LOCAL, "SO_EE_ORIGIN_LOCAL"), VALUE(EE_ICMP, "SO_EE_ORIGIN_ICMP"),
	VALUE(EE_ICMP6, "SO_EE_ORIGIN_ICMP6"), VALUE(EE_TXSTATUS, "SO_EE_ORIGIN_TIMESTAMPING"),
	VALUE(EE_ZEROCOPY, "SO_EE_ORIGIN_ZEROCOPY"), VALUE(EE_TXTIME, "SO_EE_ORIGIN_TXTIME"));

static const struct names icmp_names =
	NAMES("ICMP_???", VALUE(0, "ICMP_ECHOREPLY"), VALUE(3, "ICMP_DEST_UNREACH"),
	      VALUE(4, "ICMP_SOURCE_QUENCH"), VALUE(5, "ICMP_REDIRECT"), VALUE(8, "ICMP_ECHO"),
	      VALUE(11, "ICMP_TIME_EXCEEDED"), VALUE(12, "ICMP_PARAMETERPROB"),
	      VALUE(13, "ICMP_TIMESTAMP"), VALUE(14, "ICMP_TIMESTAMPREPLY"));

static const struct names icmp_unreach_names = NAMES(
	NULL, VALUE(0, "ICMP_NET_UNREACH"), VALUE(1, "ICMP_HOST_UNREACH"),
	VALUE(2, "ICMP_PROT_UNREACH"), VALUE(3, "ICMP_PORT_UNREACH"), VALUE(4, "ICMP_FRAG_NEEDED"),
	VALUE(5, "ICMP_SR_FAILED"), VALUE(6, "ICMP_NET_UNKNOWN"), VALUE(7, "ICMP_HOST_UNKNOWN"),
	VALUE(8, "ICMP_HOST_ISOLATED"), VALUE(9, "ICMP_NET_ANO"), VALUE(10, "ICMP_HOST_ANO"),
	VALUE(11, "ICMP_NET_UNR_TOS"), VALUE(12, "ICMP_HOST_UNR_TOS"),
	VALUE(13, "ICMP_PKT_FILTERED"), VALUE(14, "ICMP_PREC_VIOLATION"),
	VALUE(15, "ICMP_PREC_CUTOFF"));

static const struct names icmp_exceeded_names =
	NAMES(NULL, VALUE(0, "ICMP_EXC_TTL"), VALUE(1, "ICMP_EXC_FRAGTIME"));

static const struct names icmp6_names =
	NAMES("ICMPV6_???", VALUE(1, "ICMPV6_DEST_UNREACH"), VALUE(2, "ICMPV6_PKT_TOOBIG"),
	      VALUE(3, "ICMPV6_TIME_EXCEED"), VALUE(4, "ICMPV6_PARAMPROB"),
	      VALUE(128, "ICMPV6_ECHO_REQUEST"), VALUE(129, "ICMPV6_ECHO_REPLY"));

static const struct names icmp6_unreach_names =
	NAMES(NULL, VALUE(0, "ICMPV6_NOROUTE"), VALUE(1, "ICMPV6_ADM_PROHIBITED"),
	      VALUE(2, "ICMPV6_NOT_NEIGHBOUR"), VALUE(3, "ICMPV6_ADDR_UNREACH"),
	      VALUE(4, "ICMPV6_PORT_UNREACH"), VALUE(5, "ICMPV6_POLICY_FAIL"),
	      VALUE(6, "ICMPV6_REJECT_ROUTE"));

static const struct names icmp6_exceeded_names =
	NAMES(NULL, VALUE(0, "ICMPV6_EXC_HOPLIMIT"), VALUE(1, "ICMPV6_EXC_FRAGTIME"));

static const struct names icmp6_param_names =
	NAMES(NULL, VALUE(0, "ICMPV6_HDR_FIELD"), VALUE(1, "ICMPV6_UNK_NEXTHDR"),
	      VALUE(2, "ICMPV6_UNK_OPTION"), VALUE(3, "ICMPV6_HDR_INCOMP"));

static const struct names tstamp_names =
	NAMES("SCM_TSTAMP_???", VALUE(0, "SCM_TSTAMP_SND"), VALUE(1, "SCM_TSTAMP_SCHED"),
	      VALUE(2, "SCM_TSTAMP_ACK"), VALUE(3, "SCM_TSTAMP_COMPLETION"),
	      /* 6.15 */);

static const struct names zerocopy_names = NAMES(NULL, VALUE(1, "SO_EE_CODE_ZEROCOPY_COPIED"));

static const struct names txtime_names = NAMES(NULL, VALUE(1, "SO_EE_CODE_TXTIME_INVALID_PARAM"),
					       VALUE(2, "SO_EE_CODE_TXTIME_MISSED"));

static const struct names *type_names(unsigned int origin)
{
	switch (origin) {
	case EE_ICMP:
		return &icmp_names;
	case EE_ICMP6:
		return &icmp6_names;
	default:
		return NULL;
	}
}

static const struct names *code_names(unsigned int origin, unsigned int type)
{
	switch (origin) {
	case EE_ICMP:
		return type == 3 ? &icmp_unreach_names : type == 11 ? &icmp_exceeded_names : NULL;
	case EE_ICMP6:
		return type == 1   ? &icmp6_unreach_names
		       : type == 3 ? &icmp6_exceeded_names
		       : type == 4 ? &icmp6_param_names
				   : NULL;
	case EE_ZEROCOPY:
		return &zerocopy_names;
	case EE_TXTIME:
		return &txtime_names;
	default:
		return NULL;
	}
}

struct extended_err {
	uint32_t err;
	uint8_t origin, type, code, pad;
	uint32_t info, data;
};

static struct extended_err extended_err_read(struct reader *r)
{
	struct extended_err ee;

	ee.err = read_u32(r);
	ee.origin = read_u8(r);
	ee.type = read_u8(r);
	ee.code = read_u8(r);
	ee.pad = read_u8(r);
	ee.info = read_u32(r);
	ee.data = read_u32(r);
	return ee;
}

/* strace prints IP_RECVERR's numbers bare: their names are comments here. */
static void emit_commented(struct emit *e, const char *name, uint64_t v, const struct names *t)
{
	const char *its = t ? names_find(t, v) : NULL;

	emit_u64_named(e, name, v, t);
	if (its)
		emit_comment(e, its);
}

void decode_ip_recverr(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	struct extended_err ee = extended_err_read(&r);

	emit_struct(e, NULL);
	emit_commented(e, "ee_errno", ee.err, &names_errno);
	emit_commented(e, "ee_origin", ee.origin, &origin_names);
	emit_commented(e, "ee_type", ee.type, type_names(ee.origin));
	emit_commented(e, "ee_code", ee.code, code_names(ee.origin, ee.type));
	emit_commented(e, "ee_info", ee.info, ee.origin == EE_TXSTATUS ? &tstamp_names : NULL);
	emit_u64(e, "ee_data", ee.data);
	emit_sockaddr(e, "offender", r.p, 16); /* struct sockaddr_in, whatever its family says */
	emit_end(e);
}

static void emit_named(struct emit *e, const char *name, uint64_t v, const struct names *t)
{
	if (t && names_find(t, v))
		emit_enum(e, name, v, t);
	else
		emit_u64(e, name, v);
}

/* struct sock_ee_data_rfc4884 in ee_data: u16 len, u8 flags, of which bit 0 says that they are bad. */
static void emit_extensions(struct emit *e, uint32_t data)
{
	struct reader r = reader_of(&data, sizeof(data));
	unsigned int len = read_u16(&r), flags = read_u8(&r);
	char text[64];

	snprintf(text, sizeof(text), "RFC 4884 extensions after %u bytes%s", len,
		 flags & 1 ? ", invalid" : "");
	emit_comment(e, text);
}

static void emit_info(struct emit *e, const struct extended_err *ee)
{
	if (ee->origin == EE_TXSTATUS && ee->err == EE_ENOMSG) {
		emit_enum(e, "ee_info", ee->info, &tstamp_names);
		emit_u64(e, "ee_data", ee->data);
		emit_comment(e, "key of the timestamp");
		return;
	}
	emit_u64(e, "ee_info", ee->info);
	if (ee->origin == EE_ZEROCOPY)
		emit_comment(e, "first call that is done");
	else if (ee->err == EE_EMSGSIZE)
		emit_comment(e, "MTU");
	emit_u64(e, "ee_data", ee->data);
	if (ee->origin == EE_ZEROCOPY)
		emit_comment(e, "last call that is done");
	else if ((ee->origin == EE_ICMP || ee->origin == EE_ICMP6) && ee->data)
		emit_extensions(e, ee->data);
}

void decode_extended_err(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);
	struct extended_err ee = extended_err_read(&r);

	emit_struct(e, NULL);
	emit_named(e, "ee_errno", ee.err, &names_errno);
	emit_enum(e, "ee_origin", ee.origin, &origin_names);
	emit_named(e, "ee_type", ee.type, type_names(ee.origin));
	emit_named(e, "ee_code", ee.code, code_names(ee.origin, ee.type));
	emit_info(e, &ee);
	if (r.left)
		emit_sockaddr(e, "offender", r.p, r.left < 128 ? r.left : 128);
	emit_end(e);
}
