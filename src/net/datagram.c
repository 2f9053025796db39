// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Headers of captured packets, and what a message shows of its own.
 * RFC 768, 791, 8200; link types: https://www.tcpdump.org/linktypes.html
 */
#include "config.h"

#include "net/datagram.h"

#include <netinet/in.h>
#include <string.h>

#include "kernel/host.h"
#include "kernel/model.h"

enum { V6_HEADERS_MAX = 8, TAGS_MAX = 8 };

/* Skips an IPv6 packet's extension headers: offset of the UDP header, 0 none. */
static size_t v6_udp_offset(const unsigned char *p, size_t len)
{
	unsigned int next = p[6];
	size_t at = 40;

	for (unsigned int i = 0; i < V6_HEADERS_MAX && at + 8 <= len; i++) {
		switch (next) {
		case IPPROTO_UDP:
			return at;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			next = p[at];
			at += (p[at + 1] + 1U) * 8;
			break;
		case IPPROTO_FRAGMENT:
			if ((p[at + 2] << 8 | p[at + 3]) & 0xfff8)
				return 0;
			next = p[at];
			at += 8;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

static size_t v4_udp_offset(const unsigned char *p)
{
	if (p[9] != IPPROTO_UDP || (p[6] << 8 | p[7]) & 0x1fff)
		return 0;
	return (p[0] & 15U) * 4;
}

bool tap_parse(struct tap_packet *to, const unsigned char *data, size_t len, size_t claimed)
{
	bool v4 = len >= 20 && data[0] >> 4 == 4, v6 = len >= 40 && data[0] >> 4 == 6;
	size_t at = v4 ? v4_udp_offset(data) : v6 ? v6_udp_offset(data, len) : 0;
	uint16_t sport, dport, udp_len;

	if (!at || at + 8 > len)
		return false;
	sport = (uint16_t)(data[at] << 8 | data[at + 1]);
	dport = (uint16_t)(data[at + 2] << 8 | data[at + 3]);
	udp_len = (uint16_t)(data[at + 4] << 8 | data[at + 5]);
	if (udp_len < 8)
		return false;
	if (v4) {
		to->src = addr_of_in(data + 12, sport);
		to->dst = addr_of_in(data + 16, dport);
	} else {
		to->src = addr_of_in6(data + 8, sport, 0);
		to->dst = addr_of_in6(data + 24, dport, 0);
	}
	to->packet = data;
	to->packet_len = len;
	to->packet_claimed = claimed;
	to->payload = data + at + 8;
	to->payload_claimed = udp_len - 8U;
	to->payload_len = len - at - 8;
	if (to->payload_len > to->payload_claimed)
		to->payload_len = to->payload_claimed;
	return true;
}

/* ---- link layers ---- */

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	DLT_RAW_LINUX = 12, /* what libpcap makes of LINK_RAW */
	DLT_RAW_BSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,

	ETHER_IP = 0x0800,
	ETHER_IPV6 = 0x86dd,
	ETHER_PPPOE = 0x8864,
	SLL_OTHERHOST = 3, /* sll_pkttype */
	SLL_OUTGOING = 4,
};

static unsigned int u16(const unsigned char *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static bool is_tag(unsigned int ether)
{
	return ether == 0x8100 || ether == 0x88a8 || ether == 0x9100;
}

/* at: where the type stands; behind it tags may follow, each with the next one's type. */
static long behind_type(const unsigned char *p, size_t len, size_t at)
{
	unsigned int type;

	for (unsigned int i = 0; i < TAGS_MAX && at + 2 <= len; i++, at += 4) {
		type = u16(p + at);
		if (type == ETHER_IP || type == ETHER_IPV6)
			return (long)at + 2;
		if (type == ETHER_PPPOE && at + 10 <= len &&
		    (u16(p + at + 8) == 0x0021 || u16(p + at + 8) == 0x0057))
			return (long)at + 10;
		if (!is_tag(type))
			return -1;
	}
	return -1;
}

static enum link_way way_of(unsigned int pkttype)
{
	if (pkttype == SLL_OUTGOING)
		return LINK_WAY_OUT;
	return pkttype < SLL_OTHERHOST ? LINK_WAY_IN : LINK_WAY_OTHER;
}

/* The type stands apart from the header's end there: tags follow the header. */
static long behind_sll(const unsigned char *p, size_t len, unsigned int type, size_t header)
{
	if (type == ETHER_IP || type == ETHER_IPV6)
		return (long)header;
	return is_tag(type) ? behind_type(p, len, header + 2) : -1;
}

bool link_known(int type)
{
	static const int known[] = { LINK_NULL,   LINK_ETHERNET, LINK_PPP,  DLT_RAW_LINUX,
				     DLT_RAW_BSD, LINK_RAW,      LINK_LOOP, LINK_SLL,
				     LINK_IPV4,   LINK_IPV6,     LINK_SLL2 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == type)
			return true;
	}
	return false;
}

long link_ip(int type, const unsigned char *p, size_t len, enum link_way *way)
{
	*way = LINK_WAY_UNKNOWN;
	switch (type) {
	case LINK_ETHERNET:
		return len >= 14 ? behind_type(p, len, 12) : -1;
	case LINK_RAW:
	case DLT_RAW_LINUX:
	case DLT_RAW_BSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return 0;
	case LINK_NULL:
	case LINK_LOOP:
		return len >= 4 ? 4 : -1;
	case LINK_PPP:
		if (len >= 4 && p[0] == 0xff && p[1] == 3)
			return u16(p + 2) == 0x0021 || u16(p + 2) == 0x0057 ? 4 : -1;
		return len >= 2 && (u16(p) == 0x0021 || u16(p) == 0x0057) ? 2 : -1;
	case LINK_SLL:
		if (len < 16)
			return -1;
		*way = way_of(u16(p));
		return behind_sll(p, len, u16(p + 14), 16);
	case LINK_SLL2:
		if (len < 20)
			return -1;
		*way = way_of(p[10]);
		return behind_sll(p, len, u16(p), 20);
	default:
		return -1;
	}
}

/* ---- messages ---- */

struct wire_end wire_end_of(const struct addr *a)
{
	struct addr u = addr_unmapped(a);
	struct wire_end e;

	memset(&e, 0, sizeof(e));
	e.family = (uint8_t)addr_family(&u);
	e.port = addr_port(&u);
	if (e.family == AF_INET || e.family == AF_INET6)
		memcpy(e.bytes, host_addr_bytes(&u), e.family == AF_INET ? 4 : 16);
	return e;
}

struct addr wire_end_addr(const struct wire_end *e)
{
	return e->family == AF_INET ? addr_of_in(e->bytes, e->port)
				    : addr_of_in6(e->bytes, e->port, 0);
}

size_t wire_gather(const struct msg *m, uint8_t *to, size_t max)
{
	size_t n = 0;

	for (uint32_t i = 0; i < m->niov && n < max; i++) {
		const struct iov *v = &m->iov[i];
		size_t got = v->data.len < max - n ? v->data.len : max - n;

		if (got)
			memcpy(to + n, v->data.p, got);
		n += got;
		if (v->data.len < v->len) /* the rest of this one wasn't captured */
			break;
	}
	return n < m->len ? n : m->len;
}

struct addr wire_peer(const struct event *ev, const struct msg *m, bool out)
{
	if (out)
		return model_dest(ev, m);
	if (m->out.name.len)
		return addr_of(m->out.name.p, m->out.name.len);
	return ev->sock->peer;
}
