// SPDX-License-Identifier: LGPL-2.1-or-later
/* Single values as strace spells them: addresses, descriptors, names, flags.  Pure. */
#include "config.h"

#include <netinet/in.h>

#include "event/ask.h"
#include "report/text-impl.h"
#include "report/text-names.h"

void text_addr(struct buf *b, uint64_t addr)
{
	if (addr >> 40 == WORD_UNKNOWN >> 40) /* or behind it */
		buf_char(b, '?');
	else if (addr)
		buf_hex(b, addr);
	else
		buf_lit(b, "NULL");
}

void text_0x(struct buf *b, uint64_t v, unsigned int nbytes)
{
	unsigned int width = 2 * nbytes, digits = 1;

	/* C's '#' gives no 0x to a zero; elsewhere the prefix counts as part of the width. */
	if (!v) {
		buf_pad(b, '0', width);
		return;
	}
	while (digits < 16 && v >> (4 * digits))
		digits++;
	buf_lit(b, "0x");
	for (unsigned int i = digits + 2; i < width; i++)
		buf_char(b, '0');
	for (unsigned int i = digits; i-- > 0;)
		buf_char(b, "0123456789abcdef"[v >> (4 * i) & 15]);
}

void text_id(struct buf *b, uint32_t id)
{
	if (id == UINT32_MAX)
		buf_lit(b, "-1");
	else
		buf_u64(b, id);
}

void text_htons(struct buf *b, const void *be16)
{
	const unsigned char *p = be16;

	buf_lit(b, "htons(");
	buf_u64(b, (uint64_t)p[0] << 8 | p[1]);
	buf_char(b, ')');
}

void text_ifindex(struct text_ctx *x, uint32_t index)
{
	const char *name = index ? event_ifname(x->ev, x->ask, index) : NULL;

	if (!name || !name[0]) {
		buf_u64(x->b, index);
		return;
	}
	buf_lit(x->b, "if_nametoindex(");
	text_quoted(x->b, name, strlen(name), x->hex);
	buf_char(x->b, ')');
}

static size_t put_dotted(char *to, const unsigned char *p)
{
	char *start = to;

	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		if (p[i] >= 100)
			*to++ = (char)('0' + p[i] / 100);
		if (p[i] >= 10)
			*to++ = (char)('0' + p[i] / 10 % 10);
		*to++ = (char)('0' + p[i] % 10);
	}
	return (size_t)(to - start);
}

void text_in(struct text_ctx *x, const char *name, const void *addr)
{
	char s[INET_ADDRSTRLEN];

	if (name) {
		buf_str(x->b, name);
		buf_char(x->b, '=');
	}
	buf_lit(x->b, "inet_addr(");
	text_quoted(x->b, s, put_dotted(s, addr), x->hex);
	buf_char(x->b, ')');
}

/* The longest run of at least two zero words: its first in *base, how many are returned. */
static unsigned int longest_zeros(const uint16_t w[8], unsigned int *base)
{
	unsigned int best = 1, n = 0;

	*base = 8;
	for (unsigned int i = 0; i < 8; i++) {
		n = w[i] ? 0 : n + 1;
		if (n > best) {
			best = n;
			*base = i + 1 - n;
		}
	}
	return *base < 8 ? best : 0;
}

size_t text_ntop6(char to[INET6_ADDRSTRLEN], const void *addr)
{
	const unsigned char *p = addr;
	char *start = to;
	uint16_t w[8];
	unsigned int base, zeros;

	for (int i = 0; i < 8; i++)
		w[i] = (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
	zeros = longest_zeros(w, &base);
	for (unsigned int i = 0; i < 8; i++) {
		bool digits = false;

		if (zeros && i == base) {
			*to++ = ':';
			i += zeros - 1;
			if (i == 7)
				*to++ = ':';
			continue;
		}
		if (i)
			*to++ = ':';
		/* ::1.2.3.4 and ::ffff:1.2.3.4 */
		if (i == 6 && base == 0 && (zeros == 6 || (zeros == 5 && w[5] == 0xffff)))
			return (size_t)(to - start) + put_dotted(to, p + 12);
		for (int shift = 12; shift >= 0; shift -= 4) {
			unsigned int digit = w[i] >> shift & 15;

			if (!digit && !digits && shift)
				continue;
			*to++ = "0123456789abcdef"[digit];
			digits = true;
		}
	}
	return (size_t)(to - start);
}

void text_in6(struct text_ctx *x, const char *name, const void *addr)
{
	char s[INET6_ADDRSTRLEN];

	buf_lit(x->b, "inet_pton(AF_INET6, ");
	text_quoted(x->b, s, text_ntop6(s, addr), x->hex);
	if (name) {
		buf_lit(x->b, ", &");
		buf_str(x->b, name);
	}
	buf_char(x->b, ')');
}

static void put_comment(struct buf *b, const char *text)
{
	if (!text)
		return;
	buf_lit(b, " /* ");
	buf_str(b, text);
	buf_lit(b, " */");
}

void text_xval(struct buf *b, const struct names *t, uint64_t v)
{
	const char *name = names_find(t, v);

	if (name) {
		buf_str(b, name);
		return;
	}
	buf_hex0(b, v);
	put_comment(b, t->unknown);
}

void text_flags(struct buf *b, const struct names *t, uint64_t v)
{
	bool any = false;

	if (!v) {
		const char *zero = names_find(t, 0);

		if (zero)
			buf_str(b, zero);
		else
			buf_char(b, '0');
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].value || (v & t->v[i].value) != t->v[i].value)
			continue;
		if (any)
			buf_char(b, '|');
		buf_str(b, t->v[i].name);
		any = true;
		v &= ~t->v[i].value;
	}
	if (!v)
		return;
	if (any)
		buf_char(b, '|');
	buf_hex(b, v);
	if (!any)
		put_comment(b, t->unknown);
}

uint64_t text_array_shown(const struct text_ctx *x, uint64_t n, bool *more)
{
	*more = !x->verbose && n > x->strsize;
	return *more ? x->strsize : n;
}

/* "UNIX-STREAM": the kernel's name of the protocol, where strace knows what to say of it. */
static const char *proto_name(const struct sock *s)
{
	switch (sock_kind(s)) {
	case SOCK_KIND_UDP4:
		return "UDP";
	case SOCK_KIND_UDP6:
		return "UDPv6";
	case SOCK_KIND_UDPLITE4:
		return "UDPLITE";
	case SOCK_KIND_UDPLITE6:
		return "UDPLITEv6";
	case SOCK_KIND_RAW4:
		return "RAW";
	case SOCK_KIND_RAW6:
		return "RAWv6";
	case SOCK_KIND_PING4:
		return "PING";
	case SOCK_KIND_PING6:
		return "PINGv6";
	case SOCK_KIND_TCP4:
		return "TCP";
	case SOCK_KIND_TCP6:
		return "TCPv6";
	case SOCK_KIND_UNIX_STREAM:
		return "UNIX-STREAM";
	case SOCK_KIND_UNIX_DGRAM:
	case SOCK_KIND_UNIX_SEQPACKET:
		return "UNIX";
	case SOCK_KIND_NETLINK:
		return "NETLINK";
	case SOCK_KIND_SCTP:
		return s->domain == AF_INET6 ? "SCTPv6" : "SCTP";
	case SOCK_KIND_DCCP:
		return s->domain == AF_INET6 ? "DCCPv6" : "DCCP";
	default:
		return NULL;
	}
}

static void put_unix(struct text_ctx *x, const struct sock *s)
{
	const char *path = (const char *)&s->local.ss + 2;
	size_t len = s->local.len > 2 ? s->local.len - 2 : 0;

	const struct question q = { .kind = ASK_UNIX_PEER };
	const struct answer *a = event_ask(x->ev, x->ask, &q);

	buf_u64(x->b, s->inode);
	if (a && a->inode) {
		buf_lit(x->b, "->");
		buf_u64(x->b, a->inode);
	}
	if (!len)
		return;
	buf_char(x->b, ',');
	if (!path[0]) {
		buf_char(x->b, '@');
		path++;
		len--;
	}
	text_quoted(x->b, path, strnlen(path, len), x->hex);
}

static void put_netlink(struct text_ctx *x, const struct sock *s)
{
	const char *name = names_find(&text_netlink_protocols, (uint64_t)s->protocol);
	uint32_t portid = 0;

	if (s->local.len >= 8)
		memcpy(&portid, (const char *)&s->local.ss + 4, sizeof(portid));
	if (!name) {
		buf_s64(x->b, s->protocol);
		return;
	}
	buf_str(x->b, name + strlen("NETLINK_"));
	buf_char(x->b, ':');
	buf_u64(x->b, portid);
}

/* "<UDP:[127.0.0.1:40001]>"; false where there is no more to say than the path does. */
static bool put_socket(struct text_ctx *x, const struct sock *s)
{
	const char *proto = s ? proto_name(s) : NULL;

	if (!proto || !(s->has & SOCK_HAS_INODE))
		return false;
	buf_char(x->b, '<');
	buf_str(x->b, proto);
	buf_lit(x->b, ":[");
	if (s->domain == AF_UNIX) {
		put_unix(x, s);
	} else if (s->domain == AF_NETLINK) {
		put_netlink(x, s);
	} else if (addr_is_inet(&s->local) && addr_port(&s->local)) {
		addr_put(x->b, &s->local);
		if (addr_is_inet(&s->peer)) {
			buf_lit(x->b, "->");
			addr_put(x->b, &s->peer);
		}
	} else {
		buf_u64(x->b, s->inode);
	}
	buf_lit(x->b, "]>");
	return true;
}

/* What socket(2) has just made: its arguments and its inode are all that there is to know. */
static bool put_new_socket(struct text_ctx *x, const char *path)
{
	static const char prefix[] = "socket:[";
	const uint64_t *args = x->ev->args;
	struct sock s = { .domain = (int)args[0],
			  .type = (int)args[1] & 15,
			  .protocol = (int)args[2] };

	if (strncmp(path, prefix, sizeof(prefix) - 1))
		return false;
	for (const char *p = path + sizeof(prefix) - 1; *p >= '0' && *p <= '9'; p++)
		s.inode = s.inode * 10 + (uint64_t)(*p - '0');
	if (!s.protocol && (s.domain == AF_INET || s.domain == AF_INET6))
		s.protocol = s.type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	s.has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_INODE;
	sock_derive(&s);
	return put_socket(x, &s);
}

/* "<char 1:3>", inside the brackets of its path. */
static void put_device(struct buf *b, const struct fd_path *p)
{
	buf_str(b, p->dev == 'c' ? "<char " : "<block ");
	buf_u64(b, p->major);
	buf_char(b, ':');
	buf_u64(b, p->minor);
	buf_char(b, '>');
}

void text_fd(struct text_ctx *x, int fd)
{
	static const char deleted[] = " (deleted)";
	const struct fd_path *p;
	size_t len;
	bool gone;

	buf_s64(x->b, fd);
	if (!x->paths)
		return;
	if (x->paths > 1 && fd == x->ev->fd && put_socket(x, x->ev->sock))
		return;
	p = event_fd(x->ev, fd);
	if (!p)
		return;
	if (x->paths > 1 && p->pid) {
		buf_lit(x->b, "<pid:");
		buf_s64(x->b, p->pid);
		buf_char(x->b, '>');
		return;
	}
	if (x->paths > 1 && x->ev->call == CALL_SOCKET && put_new_socket(x, p->path))
		return;
	len = strlen(p->path);
	gone = p->path[0] == '/' && len > sizeof(deleted) - 1 &&
	       !strcmp(p->path + len - (sizeof(deleted) - 1), deleted);
	if (gone)
		len -= sizeof(deleted) - 1;
	buf_char(x->b, '<');
	text_quoted_bare(x->b, p->path, len, x->hex, "<>");
	if (x->paths > 1 && p->dev)
		put_device(x->b, p);
	buf_char(x->b, '>');
	if (gone)
		buf_lit(x->b, "(deleted)");
}
