// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walks a control block with the kernel's steps, never past the captured bytes.
 * Kernel: include/linux/socket.h CMSG_OK() and __cmsg_nxthdr(), net/compat.c
 * cmsghdr_from_user_compat_to_kern().
 */
#include "config.h"

#include <string.h>

#include "cmsg/cmsg.h"

struct walk {
	const struct abi *abi;
	const unsigned char *p;
	const struct hole *hole; /* those that lie ahead */
	uint32_t nholes;
	uint64_t got;     /* bytes captured */
	uint64_t claimed; /* bytes that the block has */
	uint64_t off;     /* of the next header; of the tail once the walk has ended */
	bool ended;       /* a header was malformed */
};

static struct walk walk_of(const struct event *ev, const struct msg *m)
{
	const struct hdr *h = call_receives(ev->call) ? &m->out : &m->in;
	struct walk w = {
		.abi = ev->abi ? ev->abi : abi_native(),
		.p = h->control.p,
		.hole = h->holes,
		.nholes = h->nholes,
		.got = h->control.p ? h->control.len : 0,
		.claimed = h->control.claimed,
	};

	if (w.got > UINT32_MAX) /* offsets are 32 bits wide; the kernel's limit is INT_MAX */
		w.got = UINT32_MAX;
	if (w.claimed < w.got)
		w.claimed = w.got;
	if (w.claimed > INT64_MAX) /* so that sums don't wrap */
		w.claimed = INT64_MAX;
	return w;
}

static uint64_t header_len(const struct walk *w, const unsigned char *p)
{
	uint64_t len = 0;
	uint32_t len32;

	if (w->abi->word == 8) {
		memcpy(&len, p, sizeof(len));
		return len;
	}
	memcpy(&len32, p, sizeof(len32));
	return len32;
}

/* Cuts the payload at off where the first hole begins. */
static void walk_holes(struct walk *w, struct cmsg *c, uint64_t off)
{
	while (w->nholes && (uint64_t)w->hole->off + w->hole->len <= off) {
		w->hole++;
		w->nholes--;
	}
	if (!w->nholes || w->hole->off >= off + c->data_len)
		return;
	c->data_len = w->hole->off > off ? (uint32_t)(w->hole->off - off) : 0;
	c->faults |= CMSG_FAULT_NOT_READ;
}

/* The next view, or false at the end of the block or of what was captured of it. */
static bool walk_next(struct walk *w, struct cmsg *c)
{
	uint32_t hdr = cmsg_hdr_size(w->abi);

	if (w->ended || w->off > w->got || w->got - w->off < hdr)
		return false;

	const unsigned char *p = w->p + w->off;
	uint64_t left = w->claimed - w->off, there = w->got - w->off - hdr;

	*c = (struct cmsg){ .offset = (uint32_t)w->off, .len = header_len(w, p) };
	memcpy(&c->level, p + hdr - 8, sizeof(c->level));
	memcpy(&c->type, p + hdr - 4, sizeof(c->type));
	c->data = p + hdr;
	if (c->len < hdr) {
		c->faults |= CMSG_FAULT_LEN_SHORT;
		w->ended = true;
		w->off += hdr;
		return true;
	}

	uint64_t end = c->len;

	if (c->len > left) {
		c->faults |= CMSG_FAULT_LEN_BEYOND;
		w->ended = true;
		end = left;
	}
	if (end - hdr > there)
		c->faults |= CMSG_FAULT_NOT_READ;
	c->data_len = (uint32_t)(end - hdr < there ? end - hdr : there);
	walk_holes(w, c, w->off + hdr);
	/* end <= left keeps this from overflowing */
	w->off += end < left ? cmsg_align(w->abi, end) : left;
	return true;
}

void cmsg_walk(struct event *ev, struct msg *m)
{
	if (m->walked)
		return;

	struct walk w = walk_of(ev, m), count = w;
	enum sock_kind kind = sock_kind(ev->sock);
	struct cmsg c;
	uint32_t n = 0;

	while (walk_next(&count, &c))
		n++;
	m->walked = true;
	m->ncmsg = n;
	m->cmsg = n ? arena_array(&ev->arena, struct cmsg, n) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		walk_next(&w, &m->cmsg[i]);
		m->cmsg[i].row = cmsg_type_find(m->cmsg[i].level, m->cmsg[i].type, kind);
	}

	bool tail = w.got == w.claimed && w.off < w.got;

	m->tail_off = (uint32_t)(w.off < w.got ? w.off : w.got);
	m->tail_len = tail ? (uint32_t)(w.got - w.off) : 0;
}

void cmsg_walk_event(struct event *ev)
{
	uint32_t n = 0;

	if (ev->kind != EVENT_CALL || ev->end != CALL_RETURNED || event_restarts(ev))
		return;
	if (call_sends(ev->call))
		n = event_attempted(ev);
	else if (call_receives(ev->call))
		n = ev->nmsg;
	for (uint32_t i = 0; i < n; i++) {
		if (call_sends(ev->call) || event_handled(ev, i))
			cmsg_walk(ev, &ev->msg[i]);
	}
}
