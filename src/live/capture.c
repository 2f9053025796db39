// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a system call offers and returns, read out of a stopped tracee.  Arguments as in net/socket.c,
 * net/compat.c and fs/read_write.c.  Reads the tracee by a struct memory only.
 *
 * Sends are read before the kernel copies them: another thread of the tracee can change the memory
 * between our look and the kernel's.  Receives are read after the kernel wrote; the same holds.
 */
#include "config.h"

#include "live/capture.h"

#include <errno.h>
#include <string.h>

#include "live/capture-msg.h"

enum {
	OPT_MAX = 4096, /* bytes of a setsockopt value */
	ADDR_MAX = 128, /* of bind's and connect's address: sizeof(struct sockaddr_storage) */
	AROUND = 512,   /* first look at a msghdr: its parts often lie beside it on the stack */
	PAGE = 4096,
};

/* A recvmmsg's vector as it was offered. */
struct offered {
	const unsigned char *raw;
	uint32_t n; /* whole elements of it */
	bool cut;   /* the vector couldn't be read further */
};

static void resolve_socketcall(struct event *ev, const struct memory *mem)
{
	const struct socketcall *s = socketcall_find((uint32_t)ev->args[0]);
	uint32_t words[6] = { 0 };
	size_t len = s ? s->nargs * sizeof(words[0]) : 0;

	ev->call = CALL_OTHER;
	if (!s)
		return;
	if (memory_read(mem, (uint32_t)ev->args[1], words, len) != (ssize_t)len)
		return;
	ev->call = s->call;
	ev->name = s->name;
	ev->socketcall = true;
	for (unsigned int i = 0; i < 6; i++)
		ev->args[i] = words[i];
}

static void set_fd_and_flags(struct event *ev)
{
	static const signed char flags_arg[CALL_COUNT] = {
		[CALL_SENDMSG] = 2, [CALL_RECVMSG] = 2,  [CALL_SENDMMSG] = 3, [CALL_RECVMMSG] = 3,
		[CALL_SENDTO] = 3,  [CALL_RECVFROM] = 3, [CALL_SEND] = 3,     [CALL_RECV] = 3,
	};

	ev->fd = -1;
	switch (ev->call) {
	case CALL_OTHER:
	case CALL_SOCKET:
	case CALL_SOCKETCALL:
	case CALL_IO_URING_SETUP:
	case CALL_EXECVE:
	case CALL_COUNT:
		return;
	default:
		ev->fd = (int)ev->args[0];
		if (flags_arg[ev->call])
			ev->flags = (uint32_t)ev->args[flags_arg[ev->call]];
	}
}

/* Address and the length beside it in args: sendto and recvfrom only. */
static bool call_has_name(enum call c)
{
	return c == CALL_SENDTO || c == CALL_RECVFROM;
}

/* A message made of the call's arguments. */
static struct msg *made_up(struct capture *c)
{
	struct event *ev = c->ev;
	struct msg *m = arena_new(&ev->arena, struct msg);

	m->made_up = true;
	m->in.have = true;
	if (ev->call == CALL_WRITEV || ev->call == CALL_READV) {
		m->in.iov_ptr = ev->args[1];
		m->in.iovlen = ev->args[2];
	} else {
		m->in.iovlen = 1;
		capture_single_iov(c, m, ev->args[1], ev->args[2]);
	}
	if (call_has_name(ev->call))
		m->in.name_ptr = ev->args[4];
	if (ev->call == CALL_SENDTO)
		m->in.namelen = (int32_t)ev->args[5];
	ev->msg = m;
	ev->nmsg = 1;
	return m;
}

/* recvfrom's length of the address buffer, read and written by the kernel as an int. */
static bool read_addrlen(struct capture *c, int64_t *len)
{
	const struct event *ev = c->ev;
	int32_t v;

	if (ev->call != CALL_RECVFROM || !ev->args[4])
		return true;

	const unsigned char *p = fetch_need(&c->f, ev->args[5], sizeof(v));

	if (!p)
		return false;
	memcpy(&v, p, sizeof(v));
	*len = v;
	return true;
}

static void enter_made_up(struct capture *c, struct capture_hint *hint)
{
	struct msg *m = made_up(c);

	if (call_receives(c->ev->call)) {
		m->in.have = read_addrlen(c, &m->in.namelen);
		return;
	}
	if (!m->in.iov_ptr) {
		capture_parts(c, m, 1, false);
		return;
	}
	fetch_hint_want(&c->f, hint, m->in.iov_ptr);
	capture_parts(c, m, 1, false);
	fetch_hint_save(&c->f, hint, m->in.iov_ptr);
}

/* How much there is of a call's message or vector. */
static uint32_t elements(struct event *ev)
{
	if (!(call_rows[ev->call].flags & CALL_VECTOR))
		return 1;
	ev->vlen = (uint32_t)ev->args[2];
	return ev->vlen < CAPTURE_VECTOR_MAX ? (uint32_t)ev->vlen : CAPTURE_VECTOR_MAX;
}

/*
 * The vector's first n elements: whole ones that could be read, and where the first of them lies.  In the
 * good case that is what a fetch already holds.
 */
static const unsigned char *read_vector(struct capture *c, uint32_t *n)
{
	size_t stride = capture_stride(c->ev);
	struct bytes raw = fetch_plan(c->ev->args[1], *n * stride, *n * stride);

	fetch_fill(&c->f, &raw);
	*n = (uint32_t)(raw.len / stride);
	return raw.p;
}

static void parse_vector(struct capture *c, const unsigned char *raw, uint32_t n, struct msg *v,
			 bool out)
{
	size_t stride = capture_stride(c->ev);

	for (uint32_t i = 0; i < n; i++)
		capture_parse_hdr(c->ev->abi, raw + i * stride, out ? &v[i].out : &v[i].in);
}

/* Where nothing is known yet of the place: the header, and what lies in its page around it. */
static void want_around(struct capture *c, uint64_t addr, size_t len)
{
	uint64_t lo = addr - addr % PAGE, hi = addr + len;

	if (!addr || len > UINT64_MAX - addr)
		return;
	if (addr - lo > AROUND)
		lo = addr - AROUND;
	hi += PAGE - 1 - (hi - 1) % PAGE;
	if (hi - addr - len > AROUND)
		hi = addr + len + AROUND;
	fetch_want(&c->f, lo, (size_t)(hi - lo));
}

/* n elements and, where the vector was cut short, one more that stands for the rest. */
static void new_messages(struct event *ev, uint32_t n, bool cut)
{
	ev->nmsg = n + cut;
	ev->msg = ev->nmsg ? arena_array(&ev->arena, struct msg, ev->nmsg) : NULL;
}

static void enter_send(struct capture *c, struct capture_hint *hint)
{
	struct event *ev = c->ev;
	uint64_t addr = ev->args[1];
	uint32_t all = elements(ev), n = all < c->vector_max ? all : c->vector_max;
	size_t len = n * capture_stride(ev);

	if (fetch_hint_want(&c->f, hint, addr))
		fetch_want(&c->f, addr, len);
	else
		want_around(c, addr, len);
	fetch_now(&c->f);

	const unsigned char *raw = read_vector(c, &n);

	new_messages(ev, n, n < all);
	parse_vector(c, raw, n, ev->msg, false);
	capture_parts(c, ev->msg, n, false);
	fetch_hint_save(&c->f, hint, addr);
}

/* recvmmsg's timespec: x32 and the _time64 call have 64-bit members. */
static size_t timeout_size(const struct event *ev)
{
	bool wide = ev->abi->kword == 8 || (ev->name && !strcmp(ev->name, "recvmmsg_time64"));

	return wide ? 16 : 8;
}

static void read_timeout(struct capture *c, struct timeout_arg *t)
{
	const struct event *ev = c->ev;
	size_t size = timeout_size(ev);
	bool wide = size == 16;
	const unsigned char *p = fetch_need(&c->f, ev->args[4], size);

	if (!p)
		return;

	struct reader r = reader_of(p, size);

	t->have = true;
	t->sec = wide ? read_s64(&r) : read_s32(&r);
	t->nsec = wide ? read_s64(&r) : read_s32(&r);
	if (wide && ev->abi->compat) /* get_timespec64() ignores the upper half there */
		t->nsec &= UINT32_MAX;
}

static void enter_receive(struct capture *c)
{
	struct event *ev = c->ev;
	bool vector = call_rows[ev->call].flags & CALL_VECTOR;
	uint32_t all = elements(ev), n;

	if (vector && c->frugal)
		all = 0;
	n = all;
	fetch_want(&c->f, ev->args[1], all * capture_stride(ev));
	if (vector)
		fetch_want(&c->f, ev->args[4], timeout_size(ev));
	fetch_now(&c->f);

	const unsigned char *raw = read_vector(c, &n);

	if (!vector) {
		new_messages(ev, n, n < all);
		parse_vector(c, raw, n, ev->msg, false);
		return;
	}
	read_timeout(c, &ev->timeout_in);
	if (c->frugal) /* its messages are known by what comes back */
		return;

	/* Most of a long vector stays empty: its messages are made at exit. */
	struct offered *o = arena_new(&ev->arena, struct offered);

	*o = (struct offered){ raw, n, n < all };
	ev->capture_data = o;
}

static void read_opt(struct capture *c, uint64_t addr, int64_t len, size_t limit)
{
	struct event *ev = c->ev;

	ev->opt = fetch_plan(addr, len < 0 ? 0 : (uint64_t)len, limit);
	fetch_fill(&c->f, &ev->opt);
}

static void enter(struct capture *c, struct capture_hint *hint)
{
	struct event *ev = c->ev;
	unsigned int flags = call_rows[ev->call].flags;

	if ((flags & CALL_MSGHDR) && (flags & CALL_SENDS))
		enter_send(c, hint);
	else if (flags & CALL_MSGHDR)
		enter_receive(c);
	else if (flags & (CALL_SENDS | CALL_RECEIVES))
		enter_made_up(c, hint);
	else if (ev->call == CALL_SETSOCKOPT)
		read_opt(c, ev->args[3], (int32_t)ev->args[4], OPT_MAX);
	else if (ev->call == CALL_BIND || ev->call == CALL_CONNECT)
		read_opt(c, ev->args[1], (int32_t)ev->args[2], ADDR_MAX);
}

void capture_enter(const struct capture_opts *o, struct event *ev, const struct memory *mem,
		   struct capture_hint *hint)
{
	struct capture c;

	if (ev->abi->kword == 4) {
		for (unsigned int i = 0; i < 6; i++)
			ev->args[i] = (uint32_t)ev->args[i];
	}
	if (ev->call == CALL_SOCKETCALL)
		resolve_socketcall(ev, mem);
	set_fd_and_flags(ev);
	capture_init(&c, o->strsize, o->frugal, ev, mem);
	enter(&c, o->frugal ? NULL : hint);
}

/*
 * The kernel could not read something that a quick look shows all the same: what was offered is read
 * again the way the kernel does, with the task's own rights.
 */
static void enter_again(const struct capture_opts *o, struct event *ev, const struct memory *mem)
{
	struct capture c;

	ev->msg = NULL;
	ev->nmsg = 0;
	capture_init(&c, o->strsize, o->frugal, ev, mem);
	c.f.exact = true;
	enter(&c, NULL);
}

static uint32_t cut_len(int64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static uint32_t msg_len_at(const struct abi *abi, const unsigned char *element)
{
	uint32_t v;

	memcpy(&v, element + capture_hdr_size(abi), sizeof(v));
	return v;
}

static void exit_send(struct capture *c)
{
	struct event *ev = c->ev;
	size_t stride = capture_stride(ev);
	bool vector = call_rows[ev->call].flags & CALL_VECTOR;
	uint32_t n = ev->nmsg;

	if (ev->result < 0 || !n)
		return;
	if (!vector) {
		ev->msg->sent = ev->msg->have_len = true;
		ev->msg->len = cut_len(ev->result);
		return;
	}
	if (ev->result < n)
		n = (uint32_t)ev->result;
	for (uint32_t i = 0; i < n; i++)
		ev->msg[i].sent = true;
	if (!n)
		return;

	const unsigned char *raw = read_vector(c, &n);

	for (uint32_t i = 0; i < n; i++) {
		ev->msg[i].have_len = true;
		ev->msg[i].len = msg_len_at(ev->abi, raw + i * stride);
	}
}

static void exit_made_up(struct capture *c, struct capture_hint *hint)
{
	struct event *ev = c->ev;
	struct msg *m = ev->msg;

	if (!m) {
		m = made_up(c);
		m->in.have = ev->call != CALL_RECVFROM || !ev->args[4];
	}
	if (ev->result < 0)
		return;
	m->have_len = true;
	m->len = cut_len(ev->result);
	m->out = (struct hdr){
		.name_ptr = m->in.name_ptr,
		.iov_ptr = m->in.iov_ptr,
		.iovlen = m->in.iovlen,
	};
	/* The length goes first into the same fetch as the address and the payload. */
	if (ev->call == CALL_RECVFROM && ev->args[4])
		fetch_want(&c->f, ev->args[5], sizeof(int32_t));
	if (m->in.iov_ptr)
		fetch_hint_want(&c->f, hint, m->in.iov_ptr | 1);
	capture_want_offered(c, m);
	if (m->iov) {
		uint64_t len = m->len < m->iov->len ? m->len : m->iov->len;

		fetch_want(&c->f, m->iov->base, len < c->strsize ? len : c->strsize);
	}
	fetch_now(&c->f);
	m->out.have = read_addrlen(c, &m->out.namelen);
	capture_parts(c, m, 1, true);
	if (m->in.iov_ptr)
		fetch_hint_save(&c->f, hint, m->in.iov_ptr | 1);
}

/* Messages of a recvmmsg: what was offered, for as many as concern the outcome. */
static void messages_of_vector(struct capture *c)
{
	struct event *ev = c->ev;
	const struct offered *o = ev->capture_data;
	bool failed = ev->result < 0;
	uint32_t n = elements(ev);

	if (!o) {
		new_messages(ev, failed ? 0 : ev->result < n ? (uint32_t)ev->result : n, false);
		return;
	}
	if (!failed && ev->result < o->n)
		n = (uint32_t)ev->result;
	else
		n = o->n;
	new_messages(ev, n, failed && o->cut);
	parse_vector(c, o->raw, n, ev->msg, false);
}

static void exit_receive(struct capture *c, struct capture_hint *hint)
{
	struct event *ev = c->ev;
	bool vector = call_rows[ev->call].flags & CALL_VECTOR;
	size_t stride = capture_stride(ev);
	uint64_t key = ev->args[1] | 1;

	if (vector)
		messages_of_vector(c);
	else if (!ev->msg)
		new_messages(ev, 1, false);
	if (ev->result < 0 || !ev->nmsg)
		return;

	uint32_t n = ev->nmsg;

	fetch_hint_want(&c->f, hint, key);
	fetch_want(&c->f, ev->args[1], n * stride);
	if (vector)
		fetch_want(&c->f, ev->args[4], timeout_size(ev));
	for (uint32_t i = 0; i < n; i++)
		capture_want_offered(c, &ev->msg[i]);
	fetch_now(&c->f);

	const unsigned char *raw = read_vector(c, &n);

	parse_vector(c, raw, n, ev->msg, true);
	for (uint32_t i = 0; i < n; i++) {
		ev->msg[i].have_len = true;
		ev->msg[i].len =
			vector ? msg_len_at(ev->abi, raw + i * stride) : cut_len(ev->result);
	}
	if (vector)
		read_timeout(c, &ev->timeout_out);
	capture_parts(c, ev->msg, n, true);
	fetch_hint_save(&c->f, hint, key);
}

void capture_exit(const struct capture_opts *o, struct event *ev, const struct memory *mem,
		  struct capture_hint *hint)
{
	struct capture c;
	unsigned int flags = call_rows[ev->call].flags;

	if (ev->end != CALL_RETURNED || !(flags & (CALL_SENDS | CALL_RECEIVES)))
		return;
	if (ev->result == -EFAULT && mem->quick && (ev->msg || ev->capture_data))
		enter_again(o, ev, mem);
	capture_init(&c, o->strsize, false, ev, mem);
	if (flags & CALL_SENDS)
		exit_send(&c);
	else if (flags & CALL_MSGHDR)
		exit_receive(&c, hint);
	else
		exit_made_up(&c, hint);
}
