// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any sequence of calls on a few sockets, walked, judged and checked by every rule, keeps
 * the engine's promises: findings are complete, printable, bounded, and told once.
 *
 * tests/fuzz/run builds it for libFuzzer (FUZZING_ENGINE); without that it has a main() that replays
 * sequences of its own, from a fixed seed, for make check.
 *
 * Input: records of struct head, each followed by its control data.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "cmsg/cmsg.h"
#include "kernel/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct head {
	uint8_t call, socket, result, flags;
	uint8_t peer, local, control, total;
	uint8_t options, missing, vlen, spare;
};

enum { EVENTS_MAX = 24, MESSAGES_MAX = 4 };

static const struct {
	int domain, type, protocol;
} sockets[] = {
	{ AF_INET, SOCK_DGRAM, 17 },   { AF_INET6, SOCK_DGRAM, 17 }, { AF_INET6, SOCK_DGRAM, 136 },
	{ AF_INET, SOCK_STREAM, 6 },   { AF_UNIX, SOCK_STREAM, 0 },  { AF_UNIX, SOCK_DGRAM, 0 },
	{ AF_NETLINK, SOCK_RAW, 0 },   { AF_INET6, SOCK_RAW, 58 },   { AF_INET, SOCK_DGRAM, 1 },
	{ AF_INET, SOCK_STREAM, 262 },
};

static const char *const hosts[] = { "\0\0\0\0", "\177\0\0\1", "\177\0\0\2", "\306\63\144\7",
				     "\340\0\0\373" };

/* One of a few addresses, so that calls meet each other's peers. */
static struct addr address(uint8_t pick, int domain)
{
	const char *host = hosts[pick % (sizeof(hosts) / sizeof(hosts[0]))];
	uint8_t in6[16] = { 0 };

	if (pick & 0x80)
		return addr_of(NULL, 0);
	if (domain == AF_INET)
		return addr_of_in(host, 4000 + (pick >> 5 & 1));
	if (domain != AF_INET6)
		return addr_of("\1\0/tmp/wayland-0", 16);
	if (!(pick & 0x40))
		memset(in6 + 10, 0xff, 2);
	memcpy(in6 + 12, host, 4);
	return addr_of_in6(in6, 4000 + (pick >> 5 & 1), pick >> 4 & 1);
}

static bool ask_answer(void *ctx, const struct event *ev, const struct question *q,
		       struct answer *a)
{
	const uint8_t how = *(uint8_t *)ctx;

	(void)ev;
	a->late = how & 16;
	switch (q->kind) {
	case ASK_ROUTE:
		a->result = how & 1 ? -EPERM : 0;
		a->route = (struct route_fact){ .have = true,
						.oif = q->oif + 1,
						.candidates = q->oif + 2 };
		a->route.source = how & 2 ? addr_of(NULL, 0) : address(1, q->addr.family);
		return true;
	case ASK_IS_LOCAL:
		a->result = how & 4 ? -EPERM : (int)(addr_hash(&q->addr) & 1);
		return true;
	default:
		a->result = (int)(q->number & 1);
		return how & 32;
	}
}

static struct bytes slice(struct event *ev, const void *p, size_t len, bool cut)
{
	return (struct bytes){
		.p = len ? arena_memdup(&ev->arena, p, len) : NULL,
		.len = len,
		.claimed = len + (cut ? 100 : 0),
		.why = cut ? BYTES_FAULT : BYTES_WHOLE,
	};
}

static void fill_hdr(struct event *ev, const struct head *h, struct hdr *out,
		     const uint8_t *control)
{
	struct addr name = address(h->peer, ev->sock ? ev->sock->domain : AF_INET);

	out->have = !(h->missing & 8);
	out->name_ptr = name.len ? 0x1000 : 0;
	out->namelen = name.len;
	out->name = slice(ev, &name.ss, name.len, false);
	out->control_ptr = 0x2000 + (h->spare & 3);
	out->control = slice(ev, control, h->control, h->missing & 16);
	out->controllen = out->control.claimed | (h->missing & 32 ? 1ULL << 40 : 0);
	out->iovlen = 1 | (h->missing & 64 ? 1ULL << 40 : 0);
	out->flags = h->flags & 0xf8;
}

static struct event *make_event(const struct head *h, uint64_t no, const uint8_t *control)
{
	struct event *ev = event_new();
	size_t kind = h->socket % (sizeof(sockets) / sizeof(sockets[0]) + 1);

	ev->kind = EVENT_CALL;
	ev->no = no;
	ev->tgid = ev->tid = 7;
	ev->abi = h->missing & 128 ? abi_by_name("i386") : abi_native();
	if (!ev->abi)
		ev->abi = abi_native();
	ev->call = h->call % CALL_COUNT;
	ev->name = call_rows[ev->call].name;
	ev->end = CALL_RETURNED;
	ev->result = h->result & 0x80 ? -(int64_t)(h->result & 0x7f) : h->result % 6;
	ev->fd = 3;
	ev->args[1] = 0x7000;
	ev->flags = (uint32_t)(h->flags & 0x22) | (h->flags & 1 ? 0x2000U : 0);
	if (kind < sizeof(sockets) / sizeof(sockets[0])) {
		struct sock *s = ev->sock = sock_new();

		s->domain = sockets[kind].domain;
		s->type = sockets[kind].type;
		s->protocol = sockets[kind].protocol;
		s->cookie = h->socket >> 6;
		s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL |
			 (h->missing & 1 ? 0 : SOCK_HAS_COOKIE) |
			 (h->missing & 2 ? 0 : SOCK_HAS_PEER);
		s->local = address(h->local, s->domain);
		if (h->missing & 4)
			s->peer = address(h->peer, s->domain);
		for (unsigned int o = 0; o < OPT_COUNT; o++)
			sock_opt_set(s, o, h->options >> o % 8 & 1);
		sock_derive(s);
	}
	if (!call_sends(ev->call) && !call_receives(ev->call))
		return ev;
	ev->nmsg = call_rows[ev->call].flags & CALL_VECTOR ? h->vlen % (MESSAGES_MAX + 1) : 1;
	ev->vlen = ev->nmsg;
	ev->msg = arena_array(&ev->arena, struct msg, ev->nmsg);
	for (unsigned int i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		fill_hdr(ev, h, &m->in, control);
		if (call_receives(ev->call))
			fill_hdr(ev, h, &m->out, control);
		m->made_up = !(call_rows[ev->call].flags & CALL_MSGHDR);
		m->sent = (int64_t)i < ev->result;
		m->have_len = h->spare & 4;
		m->len = h->total;
		m->total = (uint64_t)h->total << (h->spare >> 4);
	}
	return ev;
}

static void must_be_text(const char *s)
{
	MUST(s && *s && strlen(s) < 4096);
	for (; *s; s++)
		MUST((unsigned char)*s >= ' ' && *s != 0x7f);
}

static void look_at(const struct finding *f)
{
	for (; f; f = f->next) {
		MUST(f->rule && (unsigned int)f->severity <= SEVERITY_ERROR);
		MUST(f->severity <= f->rule->severity || f->rule->severity != SEVERITY_ERROR);
		MUST(f->count == 1 && strlen(f->fingerprint) == 16);
		must_be_text(f->message);
		for (unsigned int i = 0; i < f->nnotes; i++)
			must_be_text(f->notes[i]);
		MUST(!f->event || f->msg < (int)f->event->nmsg);
		MUST(f->cmsg < 0 || (uint32_t)f->cmsg < f->event->msg[f->msg].ncmsg);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct check_opts o = { .release = KERNEL_RELEASE(6, 18, 0) };
	uint8_t answers = size ? data[size - 1] : 0;
	struct ask ask = { .ctx = &answers, .answer = ask_answer };
	struct check *c = check_new(&o);
	uint64_t no = 0, told = 0, counted = 0;
	size_t nplaces;

	while (size >= sizeof(struct head) && no < EVENTS_MAX) {
		struct head h;

		memcpy(&h, data, sizeof(h));
		data += sizeof(h);
		size -= sizeof(h);
		if (h.control > size)
			h.control = (uint8_t)size;

		struct event *ev = make_event(&h, ++no, data);
		const struct finding *f;

		cmsg_walk_event(ev);
		f = check_event(c, ev, answers & 8 ? NULL : &ask);

		look_at(f);
		for (; f; f = f->next)
			told++;
		data += h.control;
		size -= h.control;
		event_free(ev);
	}

	const struct finding *end = check_end(c);

	look_at(end);
	for (; end; end = end->next)
		told++;

	const struct check_place *const *places = check_places(c, &nplaces);

	MUST(told == nplaces); /* each is told once, at its place */
	for (size_t i = 0; i < nplaces; i++)
		counted += places[i]->count;
	MUST(counted == check_count(c, SEVERITY_NOTE));
	check_free(c);
	return 0;
}

#ifndef FUZZING_ENGINE

enum { SEQUENCES = 20000 };

/* xorshift: the same sequences everywhere */
static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Half of the bytes that matter are likely ones, or nothing would ever parse. */
static void make_control(uint64_t *seed, uint8_t *p, uint8_t *len)
{
	static const uint8_t levels[] = { 0, 1, 6, 17, 41 };
	static const uint8_t types[] = { 1, 2, 8, 50, 52, 67, 103, 104, 13, 36 };
	static const uint8_t sizes[] = { 0, 1, 2, 4, 8, 12, 20 };
	unsigned int off = 0;

	for (uint64_t n = next_random(seed) % 4; n && off + 48 < 200; n--) {
		uint64_t size = sizes[next_random(seed) % sizeof(sizes)], cmsg_len = 16 + size;
		int32_t level = levels[next_random(seed) % sizeof(levels)];
		int32_t type = types[next_random(seed) % sizeof(types)];

		memcpy(p + off, &cmsg_len, 8);
		memcpy(p + off + 8, &level, 4);
		memcpy(p + off + 12, &type, 4);
		for (uint64_t i = 0; i < size; i++)
			p[off + 16 + i] = (uint8_t)(next_random(seed) & next_random(seed));
		off += 16 + (unsigned int)((size + 7) & ~7ULL);
	}
	if (next_random(seed) % 8 == 0)
		off += (unsigned int)(next_random(seed) % 24);
	*len = (uint8_t)off;
}

static void random_sequence(uint64_t *seed)
{
	uint8_t block[4096] = { 0 };
	size_t used = 0;

	for (uint64_t n = 1 + next_random(seed) % 8; n; n--) {
		struct head h;
		uint8_t control[256] = { 0 };
		uint64_t r[2] = { next_random(seed), next_random(seed) };

		memcpy(&h, r, sizeof(h));
		if (next_random(seed) % 4)
			h.missing = 0;
		if (next_random(seed) % 2)
			h.socket = next_random(seed) % 2;
		make_control(seed, control, &h.control);
		memcpy(block + used, &h, sizeof(h));
		memcpy(block + used + sizeof(h), control, h.control);
		used += sizeof(h) + h.control;
	}
	block[used++] = (uint8_t)next_random(seed) & (uint8_t)next_random(seed);
	LLVMFuzzerTestOneInput(block, used);
}

int main(void)
{
	uint64_t seed = 0x9e3779b97f4a7c15ULL;

	printf("1..1\n");
	for (int i = 0; i < SEQUENCES; i++)
		random_sequence(&seed);
	event_pool_free();
	printf("ok 1 - %d sequences of calls keep the engine's promises\n", SEQUENCES);
	return 0;
}

#endif
