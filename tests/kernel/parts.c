// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the oracle sends: all levels and types, lengths, edge values, malformed, several, random lists. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"

bool sweep_all;

/* What doesn't depend on who sends is swept in full by root alone, unless all is asked for. */
static bool in_full(const struct bench *b)
{
	return sweep_all || (!b->id->uid && !b->blame);
}

uint64_t oracle_seed;
unsigned int rounds = 1;

static const int odd_levels[] = { 301, 65535, 65536, 65537, 65577, 0x7fffffff, -1, -2 };

/* ---- parts ---- */

static void fire(struct bench *b, struct subject *s, const struct list *l, struct count *c)
{
	const uint64_t refused = c->refused;

	shoot(b, s, l, c);
	if (b->blame && c->refused != refused && b->msg.outcome->err)
		perturb(b, s, l, b->blame);
}

static void one(struct bench *b, struct subject *s, struct count *c, int level, int type,
		const void *payload, size_t len)
{
	struct list l = list_begin();

	list_add(b, &l, level, type, payload, len, UINT64_MAX);
	fire(b, s, &l, c);
}

static void part_levels(struct bench *b, struct subject *s, struct count *c)
{
	static const unsigned char zeros[16];
	const bool all = sweep_all || (!b->id->uid && !b->abi->compat);

	for (unsigned int i = 0; i <= 300 + sizeof(odd_levels) / sizeof(odd_levels[0]); i++) {
		int level = i <= 300 ? (int)i : odd_levels[i - 301];

		if (!all && level > 42 && i % 16)
			continue;
		for (int type = 0; type < 256; type++) {
			if (all || type % (b->blame ? 25 : 5) == 0)
				one(b, s, c, level, type, zeros, 4);
			if (sweep_all)
				one(b, s, c, level, type, zeros, 0);
		}
		one(b, s, c, level, 65536, zeros, 4);
		one(b, s, c, level, 0x7fffffff, zeros, 4);
		one(b, s, c, level, -1, zeros, 4);
	}
}

static const int read_levels[] = { 0, 1, 17, 41 };

/* The family's own level, by all its types. */
static void own_level(struct bench *b, struct subject *s, struct count *c)
{
	unsigned char payload[96];
	static const unsigned char fill[] = { 0, 1, 2, 0x10 };

	for (unsigned int f = 0; s->level && f < sizeof(fill); f++) {
		for (int type = 0; type < 16; type++) {
			for (size_t len = 0; len <= sizeof(payload); len++) {
				memset(payload, 0, sizeof(payload));
				payload[0] = fill[f];
				one(b, s, c, s->level, type, payload, len);
			}
		}
	}
}

static void part_lengths(struct bench *b, struct subject *s, struct count *c)
{
	unsigned char payload[1100];
	static const unsigned char fill[] = { 0, 1, 0xff };

	own_level(b, s, c);
	for (unsigned int f = 0; f < (b->blame && !sweep_all ? 1 : sizeof(fill)); f++) {
		memset(payload, fill[f], sizeof(payload));
		for (unsigned int i = 0; i < 4; i++) {
			for (int type = 0; type < (sweep_all ? 256 : 84); type++) {
				for (size_t len = 0; len <= 64; len++) {
					if (!sweep_all && (f || !in_full(b) || b->abi->compat) &&
					    type % 4 != (int)f)
						continue;
					one(b, s, c, read_levels[i], type, payload, len);
				}
			}
			for (size_t len = 1000; len < 1030; len++)
				one(b, s, c, read_levels[i], 1, payload, len);
		}
	}
}

static const struct {
	int level, type;
} known[] = {
	{ 1, 1 },     { 1, 2 },    { 1, 3 },    { 1, 4 },   { 1, 12 },  { 1, 29 },  { 1, 36 },
	{ 1, 37 },    { 1, 61 },   { 1, 65 },   { 1, 79 },  { 1, 81 },  { 1, 84 },  { 0, 1 },
	{ 0, 2 },     { 0, 4 },    { 0, 6 },    { 0, 7 },   { 0, 8 },   { 0, 12 },  { 0, 13 },
	{ 0, 52 },    { 17, 103 }, { 17, 104 }, { 41, 2 },  { 41, 3 },  { 41, 4 },  { 41, 5 },
	{ 41, 8 },    { 41, 11 },  { 41, 16 },  { 41, 49 }, { 41, 50 }, { 41, 52 }, { 41, 54 },
	{ 41, 55 },   { 41, 57 },  { 41, 59 },  { 41, 62 }, { 41, 66 }, { 41, 67 }, { 6, 8 },
	{ 136, 103 },
};

enum { NKNOWN = sizeof(known) / sizeof(known[0]) };

static const int edges[] = { 0,       1,       2,     3,     4,          6,
			     7,       8,       63,    64,    127,        128,
			     254,     255,     256,   257,   -1,         -2,
			     -128,    -255,    -256,  32767, 32768,      65535,
			     65536,   65537,   65543, 65791, 65792,      0x303,
			     0x40003, 0x80000, 512,   1024,  0x7fffffff, -0x7fffffff - 1 };

static const char *const v4_addresses[] = { "0.0.0.0",         "127.0.0.1",       "127.0.0.5",
					    "127.255.255.255", "224.0.0.1",       "239.1.2.3",
					    "192.0.2.1",       "255.255.255.255", "0.0.0.1",
					    "240.0.0.1" };
static const char *const v6_addresses[] = { "::",
					    "::1",
					    "::2",
					    "fe80::1",
					    "ff02::1",
					    "2001:db8::1",
					    "::127.0.0.1",
					    "::ffff:0.0.0.0",
					    "::ffff:127.0.0.1",
					    "::ffff:127.0.0.5",
					    "::ffff:192.0.2.1",
					    "ff05::2",
					    "::ffff:224.0.0.1",
					    "fec0::1" };
static const int interfaces[] = { 0, 1, 2, 9999, -1, 0x7fffffff };

enum {
	N4 = sizeof(v4_addresses) / sizeof(v4_addresses[0]),
	N6 = sizeof(v6_addresses) / sizeof(v6_addresses[0]),
	NIF = sizeof(interfaces) / sizeof(interfaces[0]),
	NEDGES = sizeof(edges) / sizeof(edges[0]),
};

static size_t make_pktinfo(unsigned char *p, unsigned int i, unsigned int a)
{
	memcpy(p, &interfaces[i % NIF], 4);
	inet_pton(AF_INET, v4_addresses[a % N4], p + 4);
	inet_pton(AF_INET, v4_addresses[(a / N4) % N4], p + 8);
	return 12;
}

static size_t make_pktinfo6(unsigned char *p, unsigned int i, unsigned int a)
{
	inet_pton(AF_INET6, v6_addresses[a % N6], p);
	memcpy(p + 16, &interfaces[i % NIF], 4);
	return 20;
}

static const int pids[] = { 0, 1, -2, -1, 4194305, 0x7fffffff };
static const unsigned int ids[] = { 0, 65534, 1000, UINT32_MAX };

static size_t make_ucred(unsigned char *p, unsigned int pid, unsigned int uid, unsigned int gid)
{
	int v = pids[pid % 6];

	if (v == -2)
		v = getpid();
	memcpy(p, &v, 4);
	memcpy(p + 4, &ids[uid % 4], 4);
	memcpy(p + 8, &ids[gid % 4], 4);
	return 12;
}

/* IP options, by hand: name the RFC 791 octets. */
static const struct {
	unsigned char len, p[44];
} ip_opts[] = {
	{ 0, { 0 } },
	{ 1, { 0 } },
	{ 1, { 1 } },
	{ 1, { 7 } },
	{ 2, { 7, 2 } },
	{ 3, { 7, 3, 4 } },
	{ 7, { 7, 7, 4 } },
	{ 11, { 7, 11, 4 } },
	{ 14, { 7, 7, 4, 0, 0, 0, 0, 7, 7, 4 } },
	{ 7, { 131, 7, 4, 127, 0, 0, 1 } },
	{ 7, { 137, 7, 4, 127, 0, 0, 1 } },
	{ 11, { 131, 11, 4, 127, 0, 0, 1, 127, 0, 0, 1 } },
	{ 8, { 131, 8, 4, 127, 0, 0, 1, 0 } },
	{ 7, { 131, 7, 8, 127, 0, 0, 1 } },
	{ 14, { 131, 7, 4, 127, 0, 0, 1, 137, 7, 4, 127, 0, 0, 1 } },
	{ 8, { 68, 8, 5, 0, 0, 0, 0, 0 } },
	{ 12, { 68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ 12, { 68, 12, 5, 3, 127, 0, 0, 1, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 5, 1, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 5, 7, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 9, 0xf0, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 9, 0xe0, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 9, 0xf3, 0, 0, 0, 0 } },
	{ 8, { 68, 8, 4, 0, 0, 0, 0, 0 } },
	{ 4, { 148, 4, 0, 0 } },
	{ 3, { 148, 3, 0 } },
	{ 4, { 148, 4, 1, 0 } },
	{ 11, { 130, 11, 0 } },
	{ 4, { 136, 4, 1, 2 } },
	{ 2, { 200, 2 } },
	{ 2, { 200, 1 } },
	{ 2, { 200, 3 } },
	{ 4, { 200, 5, 0, 0 } },
	{ 41, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 7 } },
	{ 44, { 1 } },
};

enum { NIPOPTS = sizeof(ip_opts) / sizeof(ip_opts[0]) };

static size_t make_ext(unsigned char *p, unsigned int hdrlen, size_t len)
{
	memset(p, 0, len);
	if (len > 1)
		p[1] = (unsigned char)hdrlen;
	if (len > 2) { /* one PadN option over the rest */
		p[2] = 1;
		p[3] = len > 4 ? (unsigned char)(len - 4) : 0;
	}
	return len;
}

static void values_by_type(struct bench *b, struct subject *s, struct count *c)
{
	unsigned char p[64];

	for (unsigned int k = 0; k < NKNOWN; k++) {
		for (unsigned int e = 0; e < NEDGES; e++) {
			const int v[2] = { edges[e], edges[(e * 7) % NEDGES] };

			one(b, s, c, known[k].level, known[k].type, v, 4);
			if (e % 4)
				continue;
			one(b, s, c, known[k].level, known[k].type, v, 8);
			one(b, s, c, known[k].level, known[k].type, v, 2);
			one(b, s, c, known[k].level, known[k].type, v, 1);
		}
	}
	for (unsigned int i = 0; i < NIF; i++) {
		for (unsigned int a = 0; a < N4 * N4; a++)
			one(b, s, c, 0, 8, p, make_pktinfo(p, i, a));
		for (unsigned int a = 0; a < N6; a++) {
			make_pktinfo6(p, i, a);
			one(b, s, c, 41, 50, p, 20);
			one(b, s, c, 41, 2, p, 20);
			memset(p + 20, 0xff, 8);
			one(b, s, c, 41, 50, p, 28);
		}
	}
	for (unsigned int pid = 0; pid < 6; pid++) {
		for (unsigned int id = 0; id < 16; id++)
			one(b, s, c, 1, 2, p, make_ucred(p, pid, id, id / 4));
	}
	for (unsigned int i = 0; i < NIPOPTS; i++)
		one(b, s, c, 0, 7, ip_opts[i].p, ip_opts[i].len);
}

static void values_of_headers(struct bench *b, struct subject *s, struct count *c)
{
	static const int types[] = { 3, 4, 5, 54, 55, 57, 59 };
	unsigned char p[64];

	for (unsigned int t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		for (unsigned int hdrlen = 0; hdrlen < 8; hdrlen++) {
			for (size_t len = 0; len <= 64; len += len % 8 ? 1 : 7)
				one(b, s, c, 41, types[t], p, make_ext(p, hdrlen, len));
		}
		one(b, s, c, 41, types[t], p, make_ext(p, 255, 64));
	}
}

static void values_of_rights(struct bench *b, struct subject *s, struct count *c)
{
	static const int fds[] = { 0, 1, -1, 1000000, 0x7fffffff };
	int v[300];

	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		for (unsigned int k = 0; k < 300; k++)
			v[k] = 1;
		for (size_t n = 0; n < 5; n++) {
			v[n] = fds[i];
			for (size_t extra = 0; extra < 4; extra++)
				one(b, s, c, 1, 1, v, n * 4 + extra);
		}
	}
	for (unsigned int k = 0; k < 300; k++)
		v[k] = 1;
	for (size_t n = 250; n < 258; n++)
		one(b, s, c, 1, 1, v, n * 4);
	for (size_t n = 126; n < 129; n++) { /* two that add up */
		struct list l = list_begin();

		list_add(b, &l, 1, 1, v, n * 4, UINT64_MAX);
		list_add(b, &l, 1, 1, v, 126 * 4, UINT64_MAX);
		fire(b, s, &l, c);
	}
}

static void part_values(struct bench *b, struct subject *s, struct count *c)
{
	values_by_type(b, s, c);
	values_of_headers(b, s, c);
	values_of_rights(b, s, c);
}

static void malformed_lengths(struct bench *b, struct subject *s, struct count *c)
{
	static const uint64_t lens[] = { 0,
					 1,
					 4,
					 8,
					 11,
					 12,
					 13,
					 14,
					 15,
					 16,
					 17,
					 19,
					 20,
					 21,
					 23,
					 24,
					 25,
					 28,
					 31,
					 32,
					 33,
					 40,
					 64,
					 1ULL << 31,
					 (1ULL << 31) - 1,
					 UINT32_MAX,
					 UINT32_MAX - 7,
					 1ULL << 32,
					 UINT64_MAX - 1,
					 UINT64_MAX - 7,
					 UINT64_MAX - 15,
					 INT64_MAX };
	static const int levels[] = { 0, 1, 6, 17, 41, 9999 };
	static const int zero;

	for (unsigned int i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (unsigned int k = 0; k < 6; k++) {
			for (size_t claim = 0; claim <= 72; claim++) {
				if (!in_full(b) && claim % 9)
					continue;

				struct list l = list_begin();

				list_add(b, &l, levels[k], 1, &zero, 4, lens[i]);
				list_add(b, &l, levels[(k + 1) % 6], 1, &zero, 4, UINT64_MAX);
				memset(control_block() + l.len, 0, 32);
				l.claim = claim;
				fire(b, s, &l, c);
			}
		}
	}
}

static void malformed_blocks(struct bench *b, struct subject *s, struct count *c)
{
	static const unsigned char fill[] = { 0, 1, 0xff, 0x10, 0x18 };
	static const int zero;
	static const size_t sizes[] = { 36,         37,          40,        1024,
					131064,     131071,      131072,    131073,
					199000,     1 << 20,     INT32_MAX, (size_t)INT32_MAX + 1,
					UINT32_MAX, SIZE_MAX - 1 };

	for (unsigned int f = 0; f < sizeof(fill); f++) {
		for (size_t claim = 0; claim <= 64; claim++) {
			struct list l = list_begin();

			memset(control_block(), fill[f], 64);
			l.claim = claim;
			fire(b, s, &l, c);
			/* after a good one */
			list_add(b, &l, 0, 2, &(int){ 64 }, 4, UINT64_MAX);
			memset(control_block() + l.len, fill[f], 64);
			l.claim = l.len + claim;
			fire(b, s, &l, c);
		}
	}
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct list l = list_begin();

		if (b->abi->word == 4 && sizes[i] > UINT32_MAX)
			continue;
		l.claim = sizes[i];
		l.null = true;
		fire(b, s, &l, c);
		l.null = false;
		l.bad = true;
		fire(b, s, &l, c);
		l.bad = false;
		if (sizes[i] > CONTROL_MAX)
			continue;
		list_add(b, &l, 6, 1, &zero, 0, sizes[i]); /* one message, all of it */
		memset(control_block() + l.len, 0, 64);
		fire(b, s, &l, c);
	}
	for (size_t claim = 0; claim < 24; claim++) {
		struct list l = list_begin();

		l.claim = claim;
		l.null = true;
		fire(b, s, &l, c);
		l.null = false;
		l.bad = true;
		fire(b, s, &l, c);
	}
}

static void part_malformed(struct bench *b, struct subject *s, struct count *c)
{
	malformed_lengths(b, s, c);
	malformed_blocks(b, s, c);
}

/* ---- several ---- */

struct item {
	int level, type;
	size_t len;
	unsigned char p[64];
};

static unsigned int make_items(struct item *v)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < NKNOWN; k++) {
		v[n] = (struct item){ .level = known[k].level, .type = known[k].type, .len = 4 };
		memcpy(v[n++].p, &(int){ 1 }, 4);
	}
	v[n] = (struct item){ .level = 0, .type = 8 };
	v[n].len = make_pktinfo(v[n].p, 0, 1);
	n++;
	v[n] = (struct item){ .level = 0, .type = 8 };
	v[n].len = make_pktinfo(v[n].p, 3, 6);
	n++;
	v[n] = (struct item){ .level = 0, .type = 2, .len = 4 };
	n++;
	v[n] = (struct item){ .level = 0, .type = 7, .len = 7, .p = { 131, 7, 4, 127, 0, 0, 1 } };
	n++;
	v[n] = (struct item){ .level = 41, .type = 50 };
	v[n].len = make_pktinfo6(v[n].p, 1, 1);
	n++;
	v[n] = (struct item){ .level = 41, .type = 50 };
	v[n].len = make_pktinfo6(v[n].p, 0, 8);
	n++;
	v[n] = (struct item){ .level = 41, .type = 2 };
	v[n].len = make_pktinfo6(v[n].p, 2, 5);
	n++;
	v[n] = (struct item){ .level = 41, .type = 54, .len = make_ext(v[n].p, 0, 8) };
	n++;
	v[n] = (struct item){ .level = 41, .type = 3, .len = make_ext(v[n].p, 0, 8) };
	n++;
	v[n] = (struct item){ .level = 41, .type = 4, .len = make_ext(v[n].p, 0, 8) };
	n++;
	v[n] = (struct item){ .level = 41, .type = 59, .len = make_ext(v[n].p, 0, 8) };
	n++;
	v[n] = (struct item){ .level = 41, .type = 11, .len = 4, .p = { 0xf0, 1, 2, 3 } };
	n++;
	v[n] = (struct item){ .level = 1, .type = 1, .len = 8, .p = { 1, 0, 0, 0, 1 } };
	n++;
	v[n] = (struct item){ .level = 1, .type = 2 };
	v[n].len = make_ucred(v[n].p, 2, 0, 0);
	n++;
	v[n] = (struct item){ .level = 17, .type = 103, .len = 2, .p = { 4 } };
	n++;
	v[n] = (struct item){ .level = 6, .type = 1, .len = 3 };
	n++;
	return n;
}

static void add_item(const struct bench *b, struct list *l, const struct item *i)
{
	list_add(b, l, i->level, i->type, i->p, i->len, UINT64_MAX);
}

static void part_several(struct bench *b, struct subject *s, struct count *c)
{
	static struct item v[128];
	const unsigned int n = make_items(v);
	uint64_t rng = oracle_seed;

	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int k = 0; k < n; k++) {
			struct list l = list_begin();

			if (!in_full(b) && (i + k) % (b->id->caps ? 9 : 3))
				continue;
			add_item(b, &l, &v[i]);
			add_item(b, &l, &v[k]);
			fire(b, s, &l, c);
			add_item(b, &l, &v[random_next(&rng) % n]);
			fire(b, s, &l, c);
		}
	}
}

/* ---- random ---- */

static size_t random_payload(uint64_t *rng, int level, int type, unsigned char *p)
{
	const uint64_t r = random_next(rng);
	const unsigned int a = (unsigned int)(r >> 32);

	if (level == 0 && type == 8 && r % 4)
		return make_pktinfo(p, (unsigned int)r >> 8, a);
	if (level == 41 && (type == 50 || type == 2) && r % 4)
		return make_pktinfo6(p, (unsigned int)r >> 8, a);
	if (level == 1 && type == 2 && r % 4)
		return make_ucred(p, (unsigned int)r >> 8, a, a >> 8);
	if (level == 0 && type == 7 && r % 4) {
		memcpy(p, ip_opts[a % NIPOPTS].p, ip_opts[a % NIPOPTS].len);
		return ip_opts[a % NIPOPTS].len;
	}
	if (level == 41 && (type <= 5 || (type >= 54 && type <= 59)) && r % 4)
		return make_ext(p, a % 4, 8 * (1 + (a >> 8) % 4));
	if (r % 3) {
		memcpy(p, &edges[a % NEDGES], 4);
		if (level == 17)
			return 2;
		return r % 5 ? 4 : (r >> 8) % 9;
	}
	for (unsigned int i = 0; i < 64; i += 8) {
		uint64_t bits = random_next(rng);

		memcpy(p + i, &bits, 8);
	}
	if (level == 0 && type == 7) /* routed somewhere else, or NetLabel's: not the model's */
		p[0] &= 1;
	return r / 8 % 65;
}

/* The types that a subject's parser reads are drawn more often than others. */
static void random_item(uint64_t *rng, int *level, int *type)
{
	const uint64_t r = random_next(rng);
	const unsigned int a = (unsigned int)(r >> 32);

	if (r % 16 < 14) {
		*level = known[a % NKNOWN].level;
		*type = known[a % NKNOWN].type;
	} else if (r % 16 == 14) {
		*level = read_levels[a % 4];
		*type = (int)(a >> 8) % 100;
	} else {
		*level = (int)a % 300;
		*type = (int)(a >> 16) % 256;
	}
}

static void random_list(struct bench *b, struct list *l, uint64_t *rng)
{
	const uint64_t r = random_next(rng);
	const unsigned int n = 1 + (unsigned int)(r % 8 ? r % 4 : r % 12);
	unsigned char p[64];
	int level, type;

	for (unsigned int i = 0; i < n; i++) {
		const uint64_t q = random_next(rng);
		size_t len;

		random_item(rng, &level, &type);
		memset(p, 0, sizeof(p));
		len = random_payload(rng, level, type, p);
		list_add(b, l, level, type, p, len,
			 q % 64 ? UINT64_MAX : (q >> 8) % (cmsg_hdr_size(b->abi) + len + 8));
	}
	if (r >> 32 & 1)
		return;
	/* somewhat less than what was built, or something after it */
	memset(control_block() + l->len, r >> 33 & 1 ? 0 : 0xff, 32);
	if (r >> 34 & 1)
		l->claim = l->len - (r >> 40) % 16;
	else if (r >> 35 & 1)
		l->claim = l->len + (r >> 40) % 24;
}

static void part_random(struct bench *b, struct subject *s, struct count *c)
{
	const uint64_t n = (uint64_t)rounds * (b->id->uid || b->abi->compat ? 1500 : 5000);
	uint64_t rng = oracle_seed ^ (uint64_t)(s - subjects) << 32 ^ (uint64_t)b->id->caps << 8 ^
		       (uint64_t)b->abi->word;

	for (uint64_t i = 0; i < n; i++) {
		struct list l = list_begin();

		random_list(b, &l, &rng);
		fire(b, s, &l, c);
	}
}

void (*const parts[ASPECTS])(struct bench *b, struct subject *s, struct count *c) = {
	[LEVELS] = part_levels,       [LENGTHS] = part_lengths, [VALUES] = part_values,
	[MALFORMED] = part_malformed, [SEVERAL] = part_several, [RANDOM] = part_random,
};
