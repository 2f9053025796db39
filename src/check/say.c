// SPDX-License-Identifier: LGPL-2.1-or-later
/* Words for findings: addresses, sockets, control messages and their values. */
#include "config.h"

#include "check/say.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "check/internal.h"
#include "cmsg/emit.h"

enum { BYTES_MAX = 24, VALUE_MAX = 400 };

/* One scratch buffer: its text is copied into the arena at once. */
static struct buf scratch;

static const char *keep(struct check *c)
{
	return arena_strndup(&c->arena, scratch.p ? scratch.p : "", scratch.len);
}

const char *say_addr(struct check *c, const struct addr *a)
{
	buf_clear(&scratch);
	addr_put(&scratch, a);
	return keep(c);
}

const char *say_host(struct check *c, const struct addr *a)
{
	buf_clear(&scratch);
	addr_put_host(&scratch, a);
	return keep(c);
}

const char *say_inet(struct check *c, const struct inet *i)
{
	struct addr a = inet_addr_of(i);

	return say_host(c, &a);
}

static void put_ifindex(struct check *c, struct buf *b, uint32_t index)
{
	const char *name = check_ifname(c, index);

	buf_u64(b, index);
	if (name && *name) {
		buf_lit(b, " (\"");
		buf_escaped(b, name, strlen(name));
		buf_lit(b, "\")");
	}
}

const char *say_ifindex(struct check *c, uint32_t index)
{
	buf_clear(&scratch);
	put_ifindex(c, &scratch, index);
	return keep(c);
}

const char *say_kind(enum sock_kind k)
{
	static const char *const names[SOCK_KIND_COUNT] = {
		[SOCK_KIND_UNKNOWN] = "a socket of unknown kind",
		[SOCK_KIND_UDP4] = "a UDP socket",
		[SOCK_KIND_UDP6] = "an IPv6 UDP socket",
		[SOCK_KIND_UDPLITE4] = "a UDP-Lite socket",
		[SOCK_KIND_UDPLITE6] = "an IPv6 UDP-Lite socket",
		[SOCK_KIND_RAW4] = "a raw IPv4 socket",
		[SOCK_KIND_RAW6] = "a raw IPv6 socket",
		[SOCK_KIND_PING4] = "a ping socket",
		[SOCK_KIND_PING6] = "an IPv6 ping socket",
		[SOCK_KIND_TCP4] = "a TCP socket",
		[SOCK_KIND_TCP6] = "a TCP socket",
		[SOCK_KIND_MPTCP] = "an MPTCP socket",
		[SOCK_KIND_UNIX_STREAM] = "a Unix stream socket",
		[SOCK_KIND_UNIX_DGRAM] = "a Unix datagram socket",
		[SOCK_KIND_UNIX_SEQPACKET] = "a Unix seqpacket socket",
		[SOCK_KIND_NETLINK] = "a netlink socket",
		[SOCK_KIND_PACKET] = "a packet socket",
		[SOCK_KIND_VSOCK] = "a vsock socket",
		[SOCK_KIND_XDP] = "an XDP socket",
		[SOCK_KIND_ALG] = "an AF_ALG socket",
		[SOCK_KIND_SCTP] = "an SCTP socket",
		[SOCK_KIND_RDS] = "an RDS socket",
		[SOCK_KIND_RXRPC] = "an RxRPC socket",
		[SOCK_KIND_TIPC] = "a TIPC socket",
		[SOCK_KIND_CAN_RAW] = "a raw CAN socket",
		[SOCK_KIND_CAN_BCM] = "a CAN broadcast manager socket",
		[SOCK_KIND_CAN_ISOTP] = "a CAN ISO-TP socket",
		[SOCK_KIND_CAN_J1939] = "a CAN J1939 socket",
		[SOCK_KIND_BT_HCI] = "a Bluetooth HCI socket",
		[SOCK_KIND_BT_L2CAP] = "a Bluetooth L2CAP socket",
		[SOCK_KIND_BT_SCO] = "a Bluetooth SCO socket",
		[SOCK_KIND_BT_ISO] = "a Bluetooth ISO socket",
		[SOCK_KIND_BT_OTHER] = "a Bluetooth socket",
		[SOCK_KIND_SMC] = "an SMC socket",
		[SOCK_KIND_IUCV] = "an IUCV socket",
		[SOCK_KIND_LLC] = "an LLC socket",
		[SOCK_KIND_DCCP] = "a DCCP socket",
		[SOCK_KIND_ISDN] = "an ISDN socket",
		[SOCK_KIND_IEEE802154] = "an IEEE 802.15.4 socket",
		[SOCK_KIND_OTHER] = "a socket of this family",
	};

	return names[k];
}

const char *say_level(struct check *c, int32_t level)
{
	const char *name = cmsg_level_name(level);

	return name ? name : arena_printf(&c->arena, "level %d", level);
}

const char *say_type(struct check *c, const struct cmsg *cm)
{
	if (cm->row)
		return cm->row->name;
	return arena_printf(&c->arena, "type %d", cm->type);
}

const char *say_row(struct check *c, const struct cmsg_type *row)
{
	return arena_printf(&c->arena, "%s/%s", say_level(c, row->level), row->name);
}

const char *say_call(const struct event *ev)
{
	return ev->name ? ev->name : call_rows[ev->call].name;
}

const char *say_which(struct check *c, uint32_t index)
{
	const struct event *ev = c->msg.ev;

	if (call_rows[ev->call].flags & CALL_VECTOR)
		return arena_printf(&c->arena, "control message %u of message %u", index,
				    c->msg.index);
	return arena_printf(&c->arena, "control message %u", index);
}

const char *say_bytes(struct check *c, const void *p, size_t len)
{
	const unsigned char *u = p;

	buf_clear(&scratch);
	for (size_t i = 0; i < len && i < BYTES_MAX; i++)
		buf_printf(&scratch, "%s%02x", i ? " " : "", u[i]);
	if (len > BYTES_MAX)
		buf_lit(&scratch, " ...");
	return keep(c);
}

const char *say_errno(int err)
{
	const char *name = strerrorname_np(err < 0 ? -err : err);

	return name ? name : "an unknown error";
}

const char *say_count(struct check *c, uint64_t n, const char *one)
{
	return arena_printf(&c->arena, "%llu %s%s", (unsigned long long)n, one, n == 1 ? "" : "s");
}

/* Collects a decoder's fields as text. */
struct value {
	struct emit emit; /* first: the decoder hands it back */
	struct check *c;
	struct buf *b;
	char open[8]; /* closing brackets that are due */
	unsigned int depth;
	bool comma;
};

static void value_names(struct buf *b, const struct field *f)
{
	const char *name = f->names ? names_find(f->names, f->v) : NULL;

	if (name) {
		buf_str(b, name);
		return;
	}
	if (f->kind == FIELD_FLAGS && f->names) {
		uint64_t left = f->v;
		bool first = true;

		for (size_t i = 0; i < f->names->n; i++) {
			uint64_t bit = f->names->v[i].value;

			if (!bit || (left & bit) != bit)
				continue;
			if (!first)
				buf_char(b, '|');
			buf_str(b, f->names->v[i].name);
			first = false;
			left &= ~bit;
		}
		if (!left && !first)
			return;
		if (!first)
			buf_char(b, '|');
		buf_hex(b, left);
		return;
	}
	buf_u64(b, f->v);
}

static void value_scalar(struct value *v, const struct field *f)
{
	struct buf *b = v->b;
	struct addr a;

	switch (f->kind) {
	case FIELD_S64:
	case FIELD_FD:
	case FIELD_PID:
		buf_s64(b, (int64_t)f->v);
		break;
	case FIELD_HEX:
		buf_hex0(b, f->v);
		break;
	case FIELD_ENUM:
	case FIELD_FLAGS:
		value_names(b, f);
		break;
	case FIELD_IFINDEX:
		put_ifindex(v->c, b, (uint32_t)f->v);
		break;
	case FIELD_IN_ADDR:
		a = addr_of_in(f->p, 0);
		addr_put_host(b, &a);
		break;
	case FIELD_IN6_ADDR:
		a = addr_of_in6(f->p, 0, 0);
		addr_put_host(b, &a);
		break;
	case FIELD_SOCKADDR:
		a = addr_of(f->p, f->len);
		addr_put(b, &a);
		break;
	case FIELD_STRING:
		buf_char(b, '"');
		buf_escaped(b, f->p, f->len);
		buf_char(b, '"');
		break;
	case FIELD_BYTES:
		buf_hexbytes(b, f->p, f->len < BYTES_MAX ? f->len : BYTES_MAX);
		break;
	default:
		buf_u64(b, f->v);
	}
}

static void value_field(struct emit *e, const struct field *f)
{
	struct value *v = (struct value *)e;

	if (f->kind == FIELD_COMMENT || v->b->len > VALUE_MAX)
		return;
	if (f->kind == FIELD_END) {
		if (v->depth)
			buf_char(v->b, v->open[--v->depth]);
		v->comma = true;
		return;
	}
	if (v->comma)
		buf_lit(v->b, ", ");
	v->comma = true;
	if (f->name) {
		buf_str(v->b, f->name);
		buf_char(v->b, '=');
	}
	if (f->kind != FIELD_STRUCT && f->kind != FIELD_ARRAY) {
		value_scalar(v, f);
		return;
	}
	buf_char(v->b, f->kind == FIELD_STRUCT ? '{' : '[');
	if (v->depth < sizeof(v->open))
		v->open[v->depth++] = f->kind == FIELD_STRUCT ? '}' : ']';
	v->comma = false;
}

const char *say_value(struct check *c, const struct cmsg_type *row, const struct cmsg *cm)
{
	if (!row || !row->decode || cm->data_len < row->size)
		return say_bytes(c, cm->data, cm->data_len);

	struct cmsg view = *cm;
	struct buf out = { 0 };
	struct value v = {
		.emit = { .field = value_field, .ev = c->msg.ev, .ask = c->ask },
		.c = c,
		.b = &out,
	};

	/* the decoder reads the payload as that type, whatever its header says */
	view.row = row;
	view.level = row->level;
	view.type = row->type;
	row->decode(&v.emit, &view);
	while (v.depth)
		buf_char(&out, v.open[--v.depth]);

	const char *text = arena_strndup(&c->arena, out.p ? out.p : "", out.len);

	buf_free(&out);
	return text;
}
