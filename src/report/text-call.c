// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls and their arguments as strace prints them: what is known when a call begins, and the rest.  The
 * split matters for lines that another one interrupts ("<unfinished ...>").  Pure.
 */
#include "config.h"

#include <sys/socket.h>

#include "report/text-impl.h"

#include "event/names.h"
#include "report/text-names.h"

/* A word as put prints it, where it is known. */
static bool put_unknown(struct text_ctx *x, uint64_t v)
{
	if (v != WORD_UNKNOWN)
		return false;
	buf_char(x->b, '?');
	return true;
}

static void put_flags(struct text_ctx *x, uint64_t flags)
{
	if (!put_unknown(x, flags))
		text_flags(x->b, &names_msg_flags, flags);
}

static void put_size(struct text_ctx *x, uint64_t size)
{
	if (!put_unknown(x, size))
		buf_u64(x->b, size);
}

static void put_fd(struct text_ctx *x, uint64_t fd)
{
	if (!put_unknown(x, fd))
		text_fd(x, (int)fd);
}

static void next(struct text_ctx *x)
{
	buf_lit(x->b, ", ");
}

static bool failed(const struct event *ev)
{
	return ev->end == CALL_RETURNED && ev->result < 0 && ev->result >= -4095;
}

/* Buffer of a call without msghdr: of size bytes at args[1]. */
static void put_buffer(struct text_ctx *x, uint64_t size)
{
	const struct event *ev = x->ev;
	struct bytes none = { .why = BYTES_FAULT };
	const struct bytes *data = ev->nmsg && ev->msg[0].niov ? &ev->msg[0].iov[0].data : &none;
	bool netlink =
		ev->sock && (ev->sock->has & SOCK_HAS_DOMAIN) && ev->sock->domain == AF_NETLINK;

	if (netlink)
		text_netlink(x, data, ev->args[1], size);
	else
		text_string(x, data, ev->args[1], size, x->hex);
}

static bool begin_sendmsg(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	next(x);
	if (ev->nmsg && ev->msg[0].in.have)
		text_msg(x, &ev->msg[0], &ev->msg[0].in, false, UINT64_MAX);
	else
		text_addr(x->b, ev->args[1]);
	next(x);
	put_flags(x, ev->args[2]);
	return true;
}

static bool begin_recvmsg(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	next(x);
	if (text_recvmsg_known(ev))
		return false;
	text_addr(x->b, ev->args[1]);
	next(x);
	put_flags(x, ev->args[2]);
	return true;
}

static void rest_recvmsg(struct text_ctx *x)
{
	const struct event *ev = x->ev;
	const struct msg *m = ev->msg;

	if (failed(ev)) {
		buf_lit(x->b, "{msg_namelen=");
		buf_s64(x->b, (int32_t)m->in.namelen);
		buf_char(x->b, '}');
	} else if (m->out.have) {
		text_msg(x, m, &m->out, true, (uint64_t)ev->result);
	} else {
		text_addr(x->b, ev->args[1]);
	}
	next(x);
	put_flags(x, ev->args[2]);
}

static bool begin_send(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	next(x);
	put_buffer(x, ev->args[2]);
	next(x);
	put_size(x, ev->args[2]);
	if (ev->call == CALL_WRITE)
		return true;
	next(x);
	put_flags(x, ev->args[3]);
	if (ev->call == CALL_SEND)
		return true;
	next(x);
	if (ev->nmsg)
		text_name(x, &ev->msg[0].in, (int32_t)ev->args[5]);
	else
		text_addr(x->b, ev->args[4]);
	next(x);
	if (!put_unknown(x, ev->args[5]))
		buf_s64(x->b, (int32_t)ev->args[5]);
	return true;
}

static bool begin_fd(struct text_ctx *x)
{
	next(x);
	return false;
}

static void rest_recv(struct text_ctx *x)
{
	const struct event *ev = x->ev;
	const struct msg *m = ev->nmsg ? ev->msg : NULL;
	uint64_t got = (uint64_t)ev->result < ev->args[2] ? (uint64_t)ev->result : ev->args[2];

	if (failed(ev))
		text_addr(x->b, ev->args[1]);
	else
		put_buffer(x, got);
	next(x);
	put_size(x, ev->args[2]);
	if (ev->call == CALL_READ)
		return;
	next(x);
	put_flags(x, ev->args[3]);
	if (ev->call == CALL_RECV)
		return;
	next(x);
	if (!ev->args[4] || !ev->args[5] || !m || !m->in.have || (!failed(ev) && !m->out.have)) {
		text_addr(x->b, ev->args[4]);
		next(x);
		text_addr(x->b, ev->args[5]);
		return;
	}

	int32_t room = (int32_t)m->in.namelen, len = (int32_t)m->out.namelen;

	if (failed(ev)) {
		text_addr(x->b, ev->args[4]);
		len = room;
	} else {
		text_name(x, &m->out, room > len ? len : room);
	}
	buf_lit(x->b, ", [");
	if (room != len) {
		buf_s64(x->b, room);
		buf_lit(x->b, " => ");
	}
	buf_s64(x->b, len);
	buf_char(x->b, ']');
}

/* The vector of sendmmsg and recvmmsg: n elements of which the kernel handled the first done. */
static void put_vector(struct text_ctx *x, uint64_t n, uint64_t done, bool returned)
{
	enum { VECTOR_MAX = 1024 }; /* UIO_MAXIOV: the kernel takes no more */
	const struct event *ev = x->ev;
	uint32_t size = ev->abi->word == 8 ? 64 : 32; /* struct mmsghdr */
	bool more;
	uint64_t shown = text_array_shown(x, n, &more);

	if (!n) {
		buf_str(x->b, ev->args[1] ? "[]" : "NULL");
		return;
	}
	if (!ev->nmsg || !(returned ? ev->msg->out.have : ev->msg->in.have)) {
		text_addr(x->b, ev->args[1]);
		return;
	}
	for (uint64_t i = 0; i < shown; i++) {
		const struct msg *m = i < ev->nmsg ? &ev->msg[i] : NULL;
		const struct hdr *h = m ? returned ? &m->out : &m->in : NULL;

		buf_str(x->b, i ? ", " : "[");
		if (i == VECTOR_MAX) {
			more = false;
			buf_lit(x->b, "...");
			break;
		}
		if (!h || !h->have) {
			more = false;
			buf_lit(x->b, "...");
			if (ev->args[1] == WORD_UNKNOWN)
				break;
			buf_lit(x->b, " /* ");
			buf_hex(x->b, ev->args[1] + i * size);
			buf_lit(x->b, " */");
			break;
		}
		buf_lit(x->b, "{msg_hdr=");
		text_msg(x, m, h, returned, returned ? m->len : UINT64_MAX);
		if (i < done) {
			buf_lit(x->b, ", msg_len=");
			buf_u64(x->b, m->len);
		}
		buf_char(x->b, '}');
	}
	if (more)
		buf_str(x->b, shown ? ", ..." : "[...");
	buf_char(x->b, ']');
}

static void rest_sendmmsg(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	put_vector(x, (uint32_t)ev->args[2], failed(ev) ? 0 : (uint64_t)ev->result, false);
	next(x);
	put_size(x, ev->args[2] == WORD_UNKNOWN ? ev->args[2] : (uint32_t)ev->args[2]);
	next(x);
	put_flags(x, ev->args[3]);
}

static void put_timespec(struct buf *b, const struct timeout_arg *t)
{
	buf_lit(b, "{tv_sec=");
	buf_s64(b, t->sec);
	buf_lit(b, ", tv_nsec=");
	buf_u64(b, (uint64_t)t->nsec);
	buf_char(b, '}');
}

static void rest_recvmmsg(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	if (failed(ev))
		text_addr(x->b, ev->args[1]);
	else
		put_vector(x, (uint64_t)ev->result, (uint64_t)ev->result, true);
	next(x);
	put_size(x, ev->args[2] == WORD_UNKNOWN ? ev->args[2] : (uint32_t)ev->args[2]);
	next(x);
	put_flags(x, ev->args[3]);
	next(x);
	if (ev->timeout_in.have)
		put_timespec(x->b, &ev->timeout_in);
	else
		text_addr(x->b, ev->args[4]);
}

static bool begin_address(struct text_ctx *x)
{
	next(x);
	text_args_address(x);
	return true;
}

static bool begin_setsockopt(struct text_ctx *x)
{
	next(x);
	text_args_setsockopt(x);
	return true;
}

/* Any other call: its arguments as the registers hold them. */
static bool begin_raw(struct text_ctx *x)
{
	const struct event *ev = x->ev;
	unsigned int n = ev->call < CALL_COUNT ? call_rows[ev->call].nargs : 6;

	for (unsigned int i = 0; i < n && i < 6; i++) {
		if (i)
			next(x);
		if (!put_unknown(x, ev->args[i]))
			buf_hex0(x->b, ev->args[i]);
	}
	return true;
}

struct shape {
	bool (*begin)(struct text_ctx *x);
	void (*rest)(struct text_ctx *x); /* NULL: nothing is left */
};

static const struct shape shapes[CALL_COUNT] = {
	[CALL_SENDMSG] = { begin_sendmsg, NULL },
	[CALL_RECVMSG] = { begin_recvmsg, rest_recvmsg },
	[CALL_SENDMMSG] = { begin_fd, rest_sendmmsg },
	[CALL_RECVMMSG] = { begin_fd, rest_recvmmsg },
	[CALL_SENDTO] = { begin_send, NULL },
	[CALL_SEND] = { begin_send, NULL },
	[CALL_RECVFROM] = { begin_fd, rest_recv },
	[CALL_RECV] = { begin_fd, rest_recv },
	[CALL_READ] = { begin_fd, rest_recv },
	[CALL_WRITE] = { begin_send, NULL },
	[CALL_BIND] = { begin_address, NULL },
	[CALL_CONNECT] = { begin_address, NULL },
	[CALL_SETSOCKOPT] = { begin_setsockopt, NULL },
};

static const struct shape *shape_of(const struct event *ev)
{
	/* of a read or write that is of no datagrams nobody kept the bytes */
	if ((ev->call == CALL_READ || ev->call == CALL_WRITE) && !ev->nmsg)
		return NULL;
	return ev->call < CALL_COUNT && shapes[ev->call].begin ? &shapes[ev->call] : NULL;
}

bool text_call_begin(struct text_ctx *x)
{
	const struct shape *s = shape_of(x->ev);

	buf_str(x->b, x->ev->name ? x->ev->name : call_rows[x->ev->call].name);
	buf_char(x->b, '(');
	if (x->ev->call == CALL_SOCKET) {
		text_args_socket(x);
		return true;
	}
	if (!s)
		return begin_raw(x);
	put_fd(x, x->ev->args[0]);
	return s->begin(x);
}

bool text_call_has_rest(const struct event *ev)
{
	/* Receives, and vectors of either kind, show what came back. */
	switch (ev->call) {
	case CALL_RECVMSG:
		return text_recvmsg_known(ev);
	case CALL_SENDMMSG:
	case CALL_RECVMMSG:
	case CALL_RECVFROM:
	case CALL_RECV:
		return true;
	case CALL_READ:
		return ev->nmsg;
	default:
		return false;
	}
}

void text_call_rest(struct text_ctx *x)
{
	const struct shape *s = shape_of(x->ev);

	if (s && s->rest)
		s->rest(x);
}

static void put_error(struct buf *b, int err)
{
	const char *name = text_errno_name(err);

	if (!name) {
		buf_lit(b, "-1 (errno ");
		buf_s64(b, err);
		buf_char(b, ')');
		return;
	}
	buf_str(b, err >= 512 && err <= 516 ? "? " : "-1 ");
	buf_str(b, name);
	buf_lit(b, " (");
	buf_str(b, text_errno_meaning(err));
	buf_char(b, ')');
}

void text_call_result(struct text_ctx *x)
{
	const struct event *ev = x->ev;

	if (failed(ev)) {
		put_error(x->b, (int)-ev->result);
		return;
	}
	if (ev->assumed) {
		buf_char(x->b, '?');
		return;
	}
	if (ev->call == CALL_SOCKET ||
	    (ev->call == CALL_OTHER && ev->name && call_makes_fd(ev->name)))
		text_fd(x, (int)ev->result);
	else
		buf_s64(x->b, ev->result);
	if (ev->call != CALL_RECVMMSG)
		return;
	if (!ev->result) {
		buf_lit(x->b, " (Timeout)");
	} else if (ev->args[4] && (ev->args[4] != WORD_UNKNOWN || ev->timeout_out.have)) {
		buf_lit(x->b, " (left ");
		if (ev->timeout_out.have)
			put_timespec(x->b, &ev->timeout_out);
		else
			text_addr(x->b, ev->args[4]);
		buf_char(x->b, ')');
	}
}
