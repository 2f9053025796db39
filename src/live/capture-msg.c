// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages of a stopped tracee.  Layouts: struct user_msghdr and mmsghdr of include/linux/socket.h, their
 * 32-bit twins of include/net/compat.h; lengths as ___sys_sendmsg() and ____sys_recvmsg() in
 * net/socket.c take them.  Reads through capture-fetch only, and optmem_max of /proc/sys once.
 */
#include "config.h"

#include "procfs/procfs.h"
#include "live/capture-msg.h"

#include <errno.h>
#include <stdlib.h>

enum {
	NAME_MAX_LEN = 128, /* sizeof(struct sockaddr_storage): the kernel takes no more */
	/*
	 * Control data: the kernel refuses optmem_max and more; a text line ends there too.  Where the
	 * sysctl can't be read its default since Linux 6.8 serves.
	 */
	CONTROL_DEFAULT = 128 * 1024,
	CONTROL_GUESS = 256, /* of a receive's buffer, before it is known how much was filled */
	CONTROL_TOTAL = 256 * 1024,
};

/* What one event may hold. A frugal one has room for 253 descriptors still (SCM_MAX_FD). */
static const struct limits {
	uint32_t control, payload; /* bytes */
	uint32_t iov;              /* elements of all its messages */
	uint32_t vector;           /* messages */
	uint32_t slack;            /* bytes read only because what is wanted lies around them */
} ample = { CONTROL_TOTAL, 16 << 20, 4096, CAPTURE_VECTOR_MAX, 256 << 10 },
  few = { 2048, 1024, 32, 4, 1024 };

static uint64_t control_max(void)
{
	static uint64_t max;

	if (!max) {
		char text[24];
		unsigned long long v = 0;

		if (procfs_read("/proc/sys/net/core/optmem_max", text, sizeof(text)) > 0)
			v = strtoull(text, NULL, 10);
		max = !v ? CONTROL_DEFAULT : v < CONTROL_TOTAL ? v : CONTROL_TOTAL;
	}
	return max;
}

void capture_init(struct capture *c, size_t strsize, bool frugal, struct event *ev,
		  const struct memory *mem)
{
	const struct limits *l = frugal ? &few : &ample;

	c->ev = ev;
	fetch_init(&c->f, mem, &ev->arena, l->slack);
	c->strsize = strsize;
	c->control_left = l->control;
	c->payload_left = l->payload;
	c->iov_left = l->iov;
	c->vector_max = l->vector;
	c->frugal = frugal;
}

size_t capture_hdr_size(const struct abi *abi)
{
	return abi->word == 8 ? 56 : 28;
}

size_t capture_stride(const struct event *ev)
{
	size_t hdr = capture_hdr_size(ev->abi);

	if (!(call_rows[ev->call].flags & CALL_VECTOR))
		return hdr;
	return ev->abi->word == 8 ? hdr + 8 : hdr + 4;
}

size_t capture_iovec_size(const struct abi *abi)
{
	return 2 * (size_t)abi->word;
}

static uint64_t read_word(const struct abi *abi, struct reader *r)
{
	return abi->word == 8 ? read_u64(r) : read_u32(r);
}

void capture_parse_hdr(const struct abi *abi, const unsigned char *p, struct hdr *h)
{
	struct reader r = reader_of(p, capture_hdr_size(abi));

	h->have = true;
	h->name_ptr = read_word(abi, &r);
	h->namelen = read_s32(&r);
	if (abi->word == 8)
		read_u32(&r);
	h->iov_ptr = read_word(abi, &r);
	h->iovlen = read_word(abi, &r);
	h->control_ptr = read_word(abi, &r);
	h->controllen = read_word(abi, &r);
	h->flags = read_u32(&r);
}

static uint64_t take(uint64_t *left, uint64_t claimed, uint64_t limit)
{
	uint64_t n = claimed < limit ? claimed : limit;

	if (n > *left)
		n = *left;
	*left -= n;
	return n;
}

static uint64_t clamp_len(int64_t len)
{
	return len < 0 ? 0 : (uint64_t)len;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The pointers that the kernel uses: those of the entry, as it doesn't read them again. */
static const struct hdr *pointers_of(const struct msg *m)
{
	return m->in.have ? &m->in : &m->out;
}

static void plan_name(struct msg *m, bool received)
{
	const struct hdr *from = pointers_of(m);
	struct hdr *h = received ? &m->out : &m->in;
	uint64_t len = clamp_len(h->namelen);

	/* The kernel says how long the address is; of it the buffer got no more than was offered. */
	if (received && m->in.have && len > clamp_len(m->in.namelen))
		len = clamp_len(m->in.namelen);
	h->name = fetch_plan(from->name_ptr, len, NAME_MAX_LEN);
}

static void plan_control(struct capture *c, struct msg *m, bool received)
{
	const struct hdr *from = pointers_of(m);
	struct hdr *h = received ? &m->out : &m->in;
	uint64_t limit = 0;

	if (from->control_ptr)
		limit = take(&c->control_left, h->controllen, control_max());
	h->control = fetch_plan(from->control_ptr, h->controllen, limit);
}

static void plan_iov(struct capture *c, struct msg *m)
{
	const struct hdr *from = pointers_of(m);
	uint64_t size = capture_iovec_size(c->ev->abi);
	uint64_t n = 0;

	if (m->iov)
		return;
	if (from->iov_ptr)
		n = take(&c->iov_left, from->iovlen, CAPTURE_VECTOR_MAX);
	m->iov_raw = fetch_plan(from->iov_ptr,
				from->iovlen > UINT64_MAX / size ? UINT64_MAX : from->iovlen * size,
				n * size);
}

static void plan_payload(struct capture *c, struct msg *m, bool received)
{
	uint64_t left = received ? m->len : UINT64_MAX;

	for (uint32_t i = 0; i < m->niov; i++) {
		struct iov *v = &m->iov[i];
		uint64_t claimed = v->len < left ? v->len : left;
		uint64_t limit = v->base ? take(&c->payload_left, claimed, c->strsize) : 0;

		left -= claimed;
		v->data = fetch_plan(v->base, claimed, limit);
		fetch_want_bytes(&c->f, &v->data);
	}
}

static void parse_iov(struct capture *c, struct msg *m)
{
	const struct abi *abi = c->ev->abi;
	struct reader r = reader_of(m->iov_raw.p, m->iov_raw.len);

	m->niov = (uint32_t)(m->iov_raw.len / capture_iovec_size(abi));
	if (!m->niov)
		return;
	m->iov = arena_raw(&c->ev->arena, m->niov * sizeof(*m->iov));
	for (uint32_t i = 0; i < m->niov; i++) {
		struct iov *v = &m->iov[i];

		v->base = read_word(abi, &r);
		v->len = read_word(abi, &r);
		m->total = saturating_add(m->total, v->len);
	}
}

void capture_single_iov(struct capture *c, struct msg *m, uint64_t base, uint64_t len)
{
	m->iov = arena_new(&c->ev->arena, struct iov);
	m->niov = 1;
	m->iov->base = base;
	m->iov->len = len;
	m->total = len;
}

void capture_want_offered(struct capture *c, const struct msg *m)
{
	const struct hdr *in = &m->in;
	uint64_t namelen = clamp_len(in->namelen);
	uint64_t iovlen = in->iovlen < CAPTURE_VECTOR_MAX ? in->iovlen : CAPTURE_VECTOR_MAX;

	if (!in->have)
		return;
	fetch_want(&c->f, in->name_ptr, namelen < NAME_MAX_LEN ? namelen : NAME_MAX_LEN);
	fetch_want(&c->f, in->iov_ptr, iovlen * capture_iovec_size(c->ev->abi));
	fetch_want(&c->f, in->control_ptr,
		   in->controllen < CONTROL_GUESS ? in->controllen : CONTROL_GUESS);
}

/*
 * Kind by kind: names, iovs and controls of a vector's elements mostly lie in an array each, and are
 * joined as they come.
 */
void capture_parts(struct capture *c, struct msg *v, uint32_t n, bool received)
{
	struct fetch *f = &c->f;

	for (uint32_t i = 0; i < n; i++) {
		plan_name(&v[i], received);
		fetch_want_bytes(f, received ? &v[i].out.name : &v[i].in.name);
	}
	for (uint32_t i = 0; i < n; i++) {
		plan_iov(c, &v[i]);
		fetch_want_bytes(f, &v[i].iov_raw);
	}
	for (uint32_t i = 0; i < n; i++) {
		plan_control(c, &v[i], received);
		fetch_want_bytes(f, received ? &v[i].out.control : &v[i].in.control);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (v[i].iov)
			plan_payload(c, &v[i], received);
	}
	fetch_now(f);

	for (uint32_t i = 0; i < n; i++) {
		struct hdr *h = received ? &v[i].out : &v[i].in;
		bool known = v[i].iov;

		fetch_fill(f, &h->name);
		fetch_fill(f, &h->control);
		if (known)
			continue;
		fetch_fill(f, &v[i].iov_raw);
		parse_iov(c, &v[i]);
		plan_payload(c, &v[i], received);
	}
	fetch_now(f);
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < v[i].niov; k++)
			fetch_fill(f, &v[i].iov[k].data);
	}
}
