// SPDX-License-Identifier: LGPL-2.1-or-later
/* socket, bind, connect and setsockopt as strace prints them.  Pure. */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "report/text-impl.h"

#include "cmsg/cmsg.h"
#include "event/names.h"
#include "report/text-names.h"

static const struct names type_flags = NAMES("SOCK_???", VALUE(SOCK_CLOEXEC, "SOCK_CLOEXEC"),
					     VALUE(SOCK_NONBLOCK, "SOCK_NONBLOCK"));

static void put_type(struct buf *b, uint32_t type)
{
	enum { TYPE_MASK = 15 };
	const char *name = names_find(&text_sock_types, type & TYPE_MASK);

	if (name) {
		buf_str(b, name);
		type &= ~(uint32_t)TYPE_MASK;
		if (!type)
			return;
		buf_char(b, '|');
	}
	text_flags(b, &type_flags, type);
}

static void put_protocol(struct buf *b, uint32_t domain, uint32_t protocol)
{
	switch (domain) {
	case AF_INET:
	case AF_INET6:
		text_xval(b, &names_ipproto, protocol);
		break;
	case AF_NETLINK:
		text_xval(b, &text_netlink_protocols, protocol);
		break;
	case AF_PACKET:
		buf_lit(b, "htons(");
		text_xval(b, &text_ether_types, ntohs((uint16_t)protocol));
		buf_char(b, ')');
		break;
	default:
		buf_u64(b, protocol);
	}
}

void text_args_socket(struct text_ctx *x)
{
	const uint64_t *args = x->ev->args;

	text_xval(x->b, &names_family, (uint32_t)args[0]);
	buf_lit(x->b, ", ");
	put_type(x->b, (uint32_t)args[1]);
	buf_lit(x->b, ", ");
	put_protocol(x->b, (uint32_t)args[0], (uint32_t)args[2]);
}

/* bind and connect, from their second argument on. */
void text_args_address(struct text_ctx *x)
{
	const struct event *ev = x->ev;
	struct hdr h = { .name_ptr = ev->args[1], .name = ev->opt };

	text_name(x, &h, (int32_t)ev->args[2]);
	buf_lit(x->b, ", ");
	buf_s64(x->b, (int32_t)ev->args[2]);
}

static const struct names *options_of(uint32_t level)
{
	switch (level) {
	case SOL_SOCKET:
		return &text_so_options;
	case SOL_IP:
		return &text_ip_options;
	case IPPROTO_TCP:
		return &text_tcp_options;
	case IPPROTO_UDP:
		return &text_udp_options;
	case SOL_IPV6:
		return &text_ipv6_options;
	case IPPROTO_SCTP:
		return &text_sctp_options;
	case SOL_PACKET:
		return &text_packet_options;
	case SOL_NETLINK:
		return &text_netlink_options;
	case SOL_ALG:
		return &text_alg_options;
	case SOL_TLS:
		return &text_tls_options;
	default:
		return NULL;
	}
}

static int32_t int_at(const struct bytes *v, size_t off)
{
	int32_t i;

	memcpy(&i, v->p + off, sizeof(i));
	return i;
}

static void put_linger(struct text_ctx *x, const struct bytes *v)
{
	buf_lit(x->b, "{l_onoff=");
	buf_s64(x->b, int_at(v, 0));
	buf_lit(x->b, ", l_linger=");
	buf_s64(x->b, int_at(v, 4));
	buf_char(x->b, '}');
}

static void put_mreq(struct text_ctx *x, const struct bytes *v)
{
	buf_char(x->b, '{');
	text_in(x, "imr_multiaddr", v->p);
	buf_lit(x->b, ", ");
	text_in(x, "imr_interface", v->p + 4);
	buf_char(x->b, '}');
}

static void put_mreq6(struct text_ctx *x, const struct bytes *v)
{
	buf_char(x->b, '{');
	text_in6(x, "ipv6mr_multiaddr", v->p);
	buf_lit(x->b, ", ipv6mr_interface=");
	text_ifindex(x, (uint32_t)int_at(v, 16));
	buf_char(x->b, '}');
}

/* struct group_req: the address is aligned as the ABI's long. */
static void put_group(struct text_ctx *x, const struct bytes *v)
{
	unsigned int word = x->ev->abi->word;

	if (v->len < word + sizeof(struct sockaddr_storage)) {
		text_addr(x->b, x->ev->args[3]);
		return;
	}
	buf_lit(x->b, "{gr_interface=");
	text_ifindex(x, (uint32_t)int_at(v, 0));
	buf_lit(x->b, ", gr_group=");
	text_sockaddr(x, v->p + word, sizeof(struct sockaddr_storage));
	buf_char(x->b, '}');
}

static const struct names txrehash_modes =
	NAMES("SOCK_TXREHASH_???", VALUE(0, "SOCK_TXREHASH_DISABLED"),
	      VALUE(1, "SOCK_TXREHASH_ENABLED"), VALUE(255, "SOCK_TXREHASH_DEFAULT"));

static void put_txrehash(struct text_ctx *x, const struct bytes *v)
{
	buf_char(x->b, '[');
	text_xval(x->b, &txrehash_modes, (uint32_t)int_at(v, 0));
	buf_char(x->b, ']');
}

/*
 * Options whose value is more than an int or a string to strace; shorter values are shown as their
 * address, and so are programs (put NULL), which strace disassembles.
 */
static const struct {
	uint32_t level, name;
	size_t least;
	void (*put)(struct text_ctx *x, const struct bytes *v);
} structures[] = {
	{ SOL_SOCKET, SO_ATTACH_FILTER, 0, NULL },
	{ SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, 0, NULL },
	{ SOL_SOCKET, 74 /* SO_TXREHASH */, 4, put_txrehash },
	{ SOL_IP, MCAST_JOIN_GROUP, 132, put_group },
	{ SOL_IP, MCAST_LEAVE_GROUP, 132, put_group },
	{ SOL_IPV6, MCAST_JOIN_GROUP, 132, put_group },
	{ SOL_IPV6, MCAST_LEAVE_GROUP, 132, put_group },
	{ SOL_PACKET, 5 /* PACKET_RX_RING */, 0, NULL },
	{ SOL_PACKET, 13 /* PACKET_TX_RING */, 0, NULL },
	{ SOL_PACKET, 1 /* PACKET_ADD_MEMBERSHIP */, 0, NULL },
	{ SOL_PACKET, 2 /* PACKET_DROP_MEMBERSHIP */, 0, NULL },
	{ SOL_SOCKET, SO_LINGER, 8, put_linger },
	{ SOL_IP, IP_ADD_MEMBERSHIP, 8, put_mreq },
	{ SOL_IP, IP_DROP_MEMBERSHIP, 8, put_mreq },
	{ SOL_IPV6, IPV6_ADD_MEMBERSHIP, 20, put_mreq6 },
	{ SOL_IPV6, IPV6_DROP_MEMBERSHIP, 20, put_mreq6 },
	{ SOL_IPV6, IPV6_JOIN_ANYCAST, 20, put_mreq6 },
	{ SOL_IPV6, IPV6_LEAVE_ANYCAST, 20, put_mreq6 },
};

static void put_value(struct text_ctx *x, uint32_t level, uint32_t name, int32_t len)
{
	const struct bytes *v = &x->ev->opt;
	uint64_t addr = x->ev->args[3];

	for (size_t i = 0; addr && i < sizeof(structures) / sizeof(structures[0]); i++) {
		if (structures[i].level != level || structures[i].name != name)
			continue;
		if (!structures[i].put || len < (int32_t)structures[i].least ||
		    v->len < structures[i].least)
			text_addr(x->b, addr);
		else
			structures[i].put(x, v);
		return;
	}
	if (len == sizeof(int) || (level == SOL_NETLINK && addr)) {
		if (len < (int32_t)sizeof(int) || v->len < sizeof(int)) {
			text_addr(x->b, addr);
			return;
		}
		buf_char(x->b, '[');
		buf_s64(x->b, int_at(v, 0));
		buf_char(x->b, ']');
		return;
	}
	/* A negative length is a huge one to strace, of which nothing can be read. */
	text_string(x, v, addr, (uint64_t)(int64_t)len, x->hex);
}

/* The name of an option that a row of control messages brings along; NULL: it is none. */
static const char *row_option(uint32_t level, uint32_t name)
{
	for (unsigned int i = OPT_COUNT; i < cmsg_opt_count(); i++) {
		const struct sock_opt_row *o = cmsg_opt_row(i);

		if ((uint32_t)o->level == level && (uint32_t)o->optname == name)
			return o->name;
	}
	return NULL;
}

/* setsockopt, from its second argument on. */
void text_args_setsockopt(struct text_ctx *x)
{
	const uint64_t *args = x->ev->args;
	uint32_t level = (uint32_t)args[1], name = (uint32_t)args[2];
	const struct names *options = options_of(level);
	const char *own = row_option(level, name);
	const struct names levels = { text_levels.v, text_levels.n, "SOL_??" };

	text_xval(x->b, &levels, level);
	buf_lit(x->b, ", ");
	if (own)
		buf_str(x->b, own);
	else if (options)
		text_xval(x->b, options, name);
	else
		buf_u64(x->b, name);
	buf_lit(x->b, ", ");
	put_value(x, level, name, (int32_t)args[4]);
	buf_lit(x->b, ", ");
	buf_s64(x->b, (int32_t)args[4]);
}
