// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The netlink attributes of SCM_TIMESTAMPING_OPT_STATS: TCP's, or on CAN sockets J1939's.
 * Kernel: include/uapi/linux/tcp.h TCP_NLA_*, include/uapi/linux/can/j1939.h J1939_NLA_*,
 * include/uapi/linux/netlink.h struct nlattr.
 */
#include "config.h"

#include "cmsg/table.h"

enum { NLA_HDRLEN = 4, NLA_TYPE_MASK = 0x3fff, TCP_NLA_PAD = 0 };

static const struct names tcp_names = NAMES(
	"TCP_NLA_???", VALUE(0, "TCP_NLA_PAD"), VALUE(1, "TCP_NLA_BUSY"),
	VALUE(2, "TCP_NLA_RWND_LIMITED"), VALUE(3, "TCP_NLA_SNDBUF_LIMITED"),
	VALUE(4, "TCP_NLA_DATA_SEGS_OUT"), VALUE(5, "TCP_NLA_TOTAL_RETRANS"),
	VALUE(6, "TCP_NLA_PACING_RATE"), VALUE(7, "TCP_NLA_DELIVERY_RATE"),
	VALUE(8, "TCP_NLA_SND_CWND"), VALUE(9, "TCP_NLA_REORDERING"), VALUE(10, "TCP_NLA_MIN_RTT"),
	VALUE(11, "TCP_NLA_RECUR_RETRANS"), VALUE(12, "TCP_NLA_DELIVERY_RATE_APP_LMT"),
	VALUE(13, "TCP_NLA_SNDQ_SIZE"), VALUE(14, "TCP_NLA_CA_STATE"),
	VALUE(15, "TCP_NLA_SND_SSTHRESH"), VALUE(16, "TCP_NLA_DELIVERED"),
	VALUE(17, "TCP_NLA_DELIVERED_CE"), VALUE(18, "TCP_NLA_BYTES_SENT"),
	VALUE(19, "TCP_NLA_BYTES_RETRANS"), VALUE(20, "TCP_NLA_DSACK_DUPS"),
	VALUE(21, "TCP_NLA_REORD_SEEN"), VALUE(22, "TCP_NLA_SRTT"),
	VALUE(23, "TCP_NLA_TIMEOUT_REHASH"), VALUE(24, "TCP_NLA_BYTES_NOTSENT"),
	VALUE(25, "TCP_NLA_EDT"), VALUE(26, "TCP_NLA_TTL"), VALUE(27, "TCP_NLA_REHASH"));

static const struct names j1939_names =
	NAMES("J1939_NLA_???", VALUE(0, "J1939_NLA_PAD"), VALUE(1, "J1939_NLA_BYTES_ACKED"),
	      VALUE(2, "J1939_NLA_TOTAL_SIZE"), VALUE(3, "J1939_NLA_PGN"),
	      VALUE(4, "J1939_NLA_SRC_NAME"), VALUE(5, "J1939_NLA_DEST_NAME"),
	      VALUE(6, "J1939_NLA_SRC_ADDR"), VALUE(7, "J1939_NLA_DEST_ADDR"));

/* All known attributes are unsigned numbers; their size says which. */
static void emit_value(struct emit *e, const unsigned char *p, size_t len)
{
	struct reader r = reader_of(p, len);

	switch (len) {
	case 1:
		emit_u64(e, "nla_data", read_u8(&r));
		break;
	case 2:
		emit_u64(e, "nla_data", read_u16(&r));
		break;
	case 4:
		emit_u64(e, "nla_data", read_u32(&r));
		break;
	case 8:
		emit_u64(e, "nla_data", read_u64(&r));
		break;
	default:
		emit_bytes(e, "nla_data", p, len);
	}
}

void decode_opt_stats(struct emit *e, const struct cmsg *c)
{
	const struct names *names =
		emit_sock_kind(e) == SOCK_KIND_CAN_J1939 ? &j1939_names : &tcp_names;
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= NLA_HDRLEN) {
		const unsigned char *start = r.p;
		size_t left = r.left;
		uint16_t len, type;

		memcpy(&len, start, sizeof(len)); /* struct nlattr */
		memcpy(&type, start + sizeof(len), sizeof(type));
		type &= NLA_TYPE_MASK;

		if (len < NLA_HDRLEN || len > left) {
			emit_bytes(e, NULL, start, left);
			r.left = 0;
			break;
		}
		if (type != TCP_NLA_PAD || len > NLA_HDRLEN) { /* padding is not worth a word */
			emit_struct(e, NULL);
			emit_enum(e, "nla_type", type, names);
			emit_value(e, start + NLA_HDRLEN, len - NLA_HDRLEN);
			emit_end(e);
		}

		size_t step = (len + 3U) & ~3U;

		if (step >= left) {
			r.left = 0;
			break;
		}
		r = reader_of(start + step, left - step);
	}
	if (r.left)
		emit_bytes(e, NULL, r.p, r.left);
	emit_end(e);
}
