// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * IPv6 extension headers: options (RFC 8200 4.2), routing headers type 0 (RFC 2460), 2 (RFC 6275),
 * 3 (RFC 6554) and 4, the segment routing header (RFC 8754).
 */
#include "config.h"

#include "cmsg/ipv6-ext.h"

#include "event/names.h"

enum { OPT_PAD1 = 0, OPT_PADN = 1, ADDR_SIZE = 16 };

enum { RT_TYPE0 = 0, RT_MOBILE = 2, RT_RPL = 3, RT_SRH = 4 };

static const struct names option_names =
	NAMES("IPV6_TLV_???", VALUE(0x00, "IPV6_TLV_PAD1"), VALUE(0x01, "IPV6_TLV_PADN"),
	      VALUE(0x04, "IPV6_TLV_TUN_ENCAP_LIMIT"), VALUE(0x05, "IPV6_TLV_ROUTERALERT"),
	      VALUE(0x07, "IPV6_TLV_CALIPSO"), VALUE(0x31, "IPV6_TLV_IOAM"),
	      VALUE(0xc2, "IPV6_TLV_JUMBO"), VALUE(0xc9, "IPV6_TLV_HAO"));

static const struct names routing_names =
	NAMES("IPV6_SRCRT_TYPE_???", VALUE(RT_TYPE0, "IPV6_SRCRT_TYPE_0"),
	      VALUE(RT_MOBILE, "IPV6_SRCRT_TYPE_2"), VALUE(RT_RPL, "IPV6_SRCRT_TYPE_3"),
	      VALUE(RT_SRH, "IPV6_SRCRT_TYPE_4"));

static const struct names srh_tlv_names =
	NAMES("SR6_TLV_???", VALUE(0, "SR6_TLV_PAD1"), VALUE(4, "SR6_TLV_PADDING"),
	      VALUE(5, "SR6_TLV_HMAC"));

/*
 * The first two bytes.  What is returned holds the rest of the header as far as it is there;
 * trailing holds what follows the header.
 */
static struct reader ext_header(struct emit *e, const struct cmsg *c, struct reader *trailing)
{
	struct reader r = cmsg_reader(c);
	uint8_t next = read_u8(&r), len = read_u8(&r);
	size_t want = (len + 1U) * 8 - 2, have = r.left < want ? r.left : want;

	/* 0 is hop-by-hop here, not IPPROTO_IP */
	emit_u64_named(e, "nexthdr", next, next ? &names_ipproto : NULL);
	emit_u64(e, "hdrlen", len);
	*trailing = reader_of(r.p + have, r.left - have);
	return reader_of(r.p, have);
}

static void emit_trailing(struct emit *e, const struct reader *trailing)
{
	if (trailing->left)
		emit_bytes(e, "trailing", trailing->p, trailing->left);
}

/* Type-length-value options; pad is the type that is a lone byte. */
static void emit_tlvs(struct emit *e, const char *name, struct reader *r, const struct names *names)
{
	emit_array(e, name);
	while (r->left) {
		const unsigned char *start = r->p;
		size_t left = r->left;
		uint8_t type = read_u8(r);

		if (type == OPT_PAD1) {
			emit_struct(e, NULL);
			emit_enum(e, "type", type, names);
			emit_end(e);
			continue;
		}

		uint8_t len = read_u8(r);
		const unsigned char *value = read_bytes(r, len);

		if (r->failed) { /* cut short */
			emit_bytes(e, NULL, start, left);
			break;
		}
		emit_struct(e, NULL);
		emit_enum(e, "type", type, names);
		emit_u64(e, "len", len);
		if (len)
			emit_bytes(e, "value", value, len);
		emit_end(e);
	}
	emit_end(e);
}

void decode_ipv6_options(struct emit *e, const struct cmsg *c)
{
	struct reader trailing;

	emit_struct(e, NULL);

	struct reader r = ext_header(e, c, &trailing);

	emit_tlvs(e, "options", &r, &option_names);
	emit_trailing(e, &trailing);
	emit_end(e);
}

/* Up to max whole addresses. */
static void emit_addresses(struct emit *e, const char *name, struct reader *r, size_t max)
{
	emit_array(e, name);
	for (; max && r->left >= ADDR_SIZE; max--)
		emit_in6_addr(e, NULL, read_bytes(r, ADDR_SIZE));
	emit_end(e);
}

static void emit_srh(struct emit *e, struct reader *r)
{
	uint8_t last = read_u8(r);

	emit_u64(e, "last_entry", last);
	emit_hex(e, "flags", read_u8(r));
	emit_u64(e, "tag", read_be16(r));
	emit_addresses(e, "segments", r, last + 1U);
	if (r->left)
		emit_tlvs(e, "tlvs", r, &srh_tlv_names);
}

/* RFC 6554: 4 bits CmprI, 4 bits CmprE, 4 bits Pad, 20 reserved; then compressed addresses. */
static void emit_rpl(struct emit *e, struct reader *r)
{
	uint32_t word = read_be32(r);

	emit_u64(e, "cmpri", word >> 28);
	emit_u64(e, "cmpre", word >> 24 & 0xf);
	emit_u64(e, "pad", word >> 20 & 0xf);
	if (r->left)
		emit_bytes(e, "addresses", r->p, r->left);
	r->left = 0;
}

void decode_ipv6_routing(struct emit *e, const struct cmsg *c)
{
	struct reader trailing;

	emit_struct(e, NULL);

	struct reader r = ext_header(e, c, &trailing);
	uint8_t type = read_u8(&r), left = read_u8(&r);

	emit_enum(e, "type", type, &routing_names);
	emit_u64(e, "segments_left", left);
	switch (type) {
	case RT_TYPE0:
	case RT_MOBILE:
		read_u32(&r); /* reserved */
		emit_addresses(e, "addresses", &r, SIZE_MAX);
		break;
	case RT_RPL:
		emit_rpl(e, &r);
		break;
	case RT_SRH:
		emit_srh(e, &r);
		break;
	default:
		break;
	}
	if (r.left)
		emit_bytes(e, "data", r.p, r.left);
	emit_trailing(e, &trailing);
	emit_end(e);
}
