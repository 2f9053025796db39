// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: what a control message does on the wire is what its verdict says, accepted or ignored:
 * source, interface, TOS and traffic class, TTL and hop limit, flow label, options and extension
 * headers, mark, priority, the number of segments; over a veth pair between namespaces of its own.
 * effects [seed] [lists per socket]
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "effects.h"

enum { PORT = 7777, PROTO_EXPERIMENT = 253, PAYLOAD = 64 };

static unsigned int tests;
static bool failed;

void tap_result(bool ok, const char *name, const char *detail)
{
	failed |= !ok;
	printf("%sok %u - %s\n", ok ? "" : "not ", ++tests, name);
	if (!ok && detail)
		printf("# %s\n", detail);
}

void tap_skipped(const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tests, name, why);
}

struct target *target_find(struct stage *st, const char *name)
{
	for (unsigned int i = 0; i < st->n; i++) {
		if (!strcmp(st->t[i].s->name, name))
			return &st->t[i];
	}
	return NULL;
}

/* ---- what should be seen ---- */

/* Of rt_tos2priority(): by four bits of the TOS byte. */
static uint32_t tos_priority(uint8_t tos)
{
	static const uint8_t table[16] = { 0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4 };

	return table[(tos & 0x1e) >> 1];
}

static void apply_ip(const struct target *t, const struct cmsg *c, struct seen *want)
{
	int v = 0;

	memcpy(&v, c->data, c->data_len < 4 ? c->data_len : 4);
	switch (c->type) {
	case 1:
		want->tos = c->data_len == 1 ? c->data[0] : (uint8_t)v;
		want->priority = tos_priority(want->tos);
		break;
	case 2:
		want->ttl = (uint8_t)v;
		break;
	case 7:
		want->ip_options = c->data_len > 0;
		break;
	case 8:
		want->source.len = 0;
		break;
	default:
		break;
	}
	(void)t;
}

static void apply_ipv6(const struct cmsg *c, struct seen *want)
{
	int v = 0;

	memcpy(&v, c->data, c->data_len < 4 ? c->data_len : 4);
	switch (c->type) {
	case 8:
	case 52:
		if ((int16_t)v >= 0)
			want->ttl = (uint8_t)v;
		else
			want->ttl = 64;
		break;
	case 67:
		want->tos = (uint8_t)v;
		break;
	case 11:
		want->label = ntohl((uint32_t)v) & 0xfffff;
		break;
	case 3:
	case 54:
		want->hopopts = true;
		break;
	case 4:
	case 59:
		want->dstopts = true;
		break;
	default:
		break;
	}
}

static void apply(struct stage *st, const struct target *t, const struct msg *m, struct seen *want)
{
	const struct outcome *o = m->outcome;

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];

		if (m->verdict[i].what != VERDICT_ACCEPT)
			continue;
		if (c->level == 0)
			apply_ip(t, c, want);
		else if (c->level == 41 && !(c->type == 50 && !t->v6))
			apply_ipv6(c, want);
		else if (c->level == 1 && c->type == 36)
			memcpy(&want->mark, c->data, 4);
		else if (c->level == 1 && c->type == 12)
			memcpy(&want->priority, c->data, 4);
	}
	if (o->oif && !o->oif_hint)
		want->oif = o->oif;
	if (o->gso > 0 && (uint64_t)o->gso < m->total)
		want->arrived = (unsigned int)((m->total + (unsigned int)o->gso - 1) /
					       (unsigned int)o->gso);
	if (o->source.len) {
		want->source = o->source;
	} else if (!t->v6 && o->has_source_cmsg) { /* a zero one: automatic, bound or not */
		struct in_addr a;

		inet_pton(AF_INET, want->oif == st->wire.wa ? "10.78.0.1" : "10.77.0.1", &a);
		want->source = addr_of_in(&a, 0);
	} else if (want->oif != t->base.oif && !t->bound) {
		want->source.len = 0; /* by RFC 6724: not the model's */
	}
}

/* ---- what was seen ---- */

static const char *differs(const struct seen *want, const struct seen *got, bool receiver)
{
	static char text[200];
	struct buf a = { 0 }, b = { 0 };

#define SAME(field)                                                                                \
	do {                                                                                       \
		if (want->field != got->field) {                                                   \
			snprintf(text, sizeof(text), #field " is %u, predicted %u",                \
				 (unsigned int)got->field, (unsigned int)want->field);             \
			return text;                                                               \
		}                                                                                  \
	} while (0)

	if (!got->left)
		return "no packet left";
	SAME(tos);
	SAME(ttl);
	SAME(label);
	SAME(ip_options);
	SAME(hopopts);
	SAME(dstopts);
	SAME(oif);
	SAME(mark);
	SAME(priority);
	if (receiver)
		SAME(arrived);
#undef SAME
	if (!want->source.len || addr_same_host(&want->source, &got->source))
		return NULL;
	addr_put_host(&a, &got->source);
	addr_put_host(&b, &want->source);
	snprintf(text, sizeof(text), "source is %s, predicted %s", buf_cstr(&a), buf_cstr(&b));
	buf_free(&a);
	buf_free(&b);
	return text;
}

bool effect_is_known(const struct stage *st, int level, int type)
{
	const struct cmsg_type *t = cmsg_type_find(level, type, SOCK_KIND_UDP4);

	return !t || !cmsg_type_sent(t) ||
	       release_has(st->bench.env.release, t->send.since ? t->send.since : t->since,
			   t->stable);
}

const char *effect_check(struct stage *st, struct target *t, const struct list *l,
			 struct seen *seen)
{
	static char text[120];
	const struct outcome *o;
	struct seen want = t->base, got;
	int err, predicted;

	wire_clear(&st->wire, t->receiver);
	o = shoot_model(&st->bench, t->s, l);
	if (!o->known)
		return "the model doesn't know";
	predicted = o->err;
	apply(st, t, &st->bench.msg, &want);
	if (!st->wire.tells_priority)
		want.priority = 0;
	err = shoot_blind(&st->bench, t->s, l);
	if (err != predicted) {
		snprintf(text, sizeof(text), "errno is %d, predicted %d (%s)", err, predicted,
			 o->why ? o->why : "-");
		return text;
	}
	if (err)
		return NULL;
	if (t->receiver < 0)
		want.arrived = 0;
	wire_look(&st->wire, t->dest, t->protocol, t->receiver, want.arrived, &got);
	if (seen)
		*seen = got;
	return differs(&want, &got, t->receiver >= 0);
}

/* ---- random lists ---- */

static size_t fill_int(unsigned char *p, int v)
{
	memcpy(p, &v, 4);
	return 4;
}

static size_t random_effect(const struct stage *st, uint64_t r, int *level, int *type,
			    unsigned char *p)
{
	static const char *const v4[] = { "0.0.0.0", "10.77.0.1", "10.77.0.11", "10.78.0.1" };
	static const char *const v6[] = { "::", "fd77::1", "fd77::11", "fd78::1" };
	static const char *const mapped[] = { "::ffff:0.0.0.0", "::ffff:10.77.0.1",
					      "::ffff:10.77.0.11", "::ffff:10.78.0.1" };
	const uint32_t oifs[] = { 0, 0, st->wire.va, st->wire.wa };
	const unsigned int a = (unsigned int)(r >> 32);
	static const struct {
		int level, type;
	} kinds[] = { { 0, 1 },   { 0, 1 },   { 0, 2 },   { 0, 7 },    { 0, 8 },   { 0, 8 },
		      { 0, 52 },  { 1, 12 },  { 1, 36 },  { 17, 103 }, { 41, 2 },  { 41, 50 },
		      { 41, 50 }, { 41, 52 }, { 41, 8 },  { 41, 67 },  { 41, 11 }, { 41, 54 },
		      { 41, 59 }, { 41, 55 }, { 41, 62 }, { 6, 1 },    { 6, 8 },   { 255, 2 } };
	const unsigned int k = (unsigned int)(r % (sizeof(kinds) / sizeof(kinds[0])));

	*level = kinds[k].level;
	*type = kinds[k].type;
	memset(p, 0, 64);
	if (*type == 50 || (*level == 41 && *type == 2)) {
		inet_pton(AF_INET6, (a >> 8 & 1 ? mapped : v6)[a % 4], p);
		memcpy(p + 16, &oifs[a >> 4 & 3], 4);
		return 20;
	}
	if (*type == 8 && *level != 41) {
		memcpy(p, &oifs[a >> 4 & 3], 4);
		inet_pton(AF_INET, v4[a % 4], p + 4);
		inet_pton(AF_INET, v4[a / 4 % 4], p + 8);
		return 12;
	}
	if (*level == 41 && *type >= 54 && *type <= 59) {
		p[2] = 1; /* PadN */
		p[3] = 4;
		return 8;
	}
	if (*level == 0 && *type == 7) {
		memset(p, 1, 8); /* NOOP */
		return a % 3 ? 4 : 8;
	}
	if (*level == 17) {
		fill_int(p, (int)(a % 70));
		return 2;
	}
	if (*level == 41 && *type == 11)
		return fill_int(p, (int)htonl(a & 0xfffffff));
	if (*level == 41 && *type == 62)
		return fill_int(p, (int)(a & 1));
	if (*level == 1)
		return fill_int(p, (int)(*type == 12 ? a % 9 : 8 + a % 100));
	if (*level == 41 && *type == 67)
		return fill_int(p, (int)(a % 257) - 1);
	if (*level == 41)
		return fill_int(p, a % 5 ? (int)(a % 254) + 1 : 65536 + (int)(a % 200) + 1);
	fill_int(p, (int)(a % 255) + 1);
	return *type == 1 && a & 0x100 ? 1 : 4;
}

static void random_effects(struct stage *st, struct target *t, uint64_t seed, unsigned int lists)
{
	unsigned int wrong = 0, sent = 0;
	uint64_t rng = seed ^ (uint64_t)t->protocol << 32;
	char name[160];

	for (unsigned int i = 0; i < lists; i++) {
		struct list l = list_begin();
		unsigned int n = 1 + (unsigned int)(random_next(&rng) % 4);
		unsigned char p[64];
		const char *why;

		while (n--) {
			int level, type;
			size_t len = random_effect(st, random_next(&rng), &level, &type, p);

			list_add(&st->bench, &l, level, type, p, len, UINT64_MAX);
		}
		why = effect_check(st, t, &l, NULL);
		sent++;
		if (!why)
			continue;
		if (wrong++ >= 5)
			continue;
		printf("# %s: %s; list", t->s->name, why);
		for (size_t k = 0; k < l.len; k++)
			printf("%s%02x", k % 4 ? "" : " ", control_block()[k]);
		putchar('\n');
	}
	snprintf(name, sizeof(name), "%s: effects of random lists (%u sent, %u agreed)", t->s->name,
		 sent, sent - wrong);
	tap_result(!wrong, name, NULL);
}

/* ---- the stage ---- */

static struct target *target_add(struct stage *st, const char *name, int domain, int type,
				 int protocol, const char *dest, const char *bound)
{
	struct subject *s = &subjects[nsubjects++];
	struct target *t = &st->t[st->n++];
	struct sockaddr_in *sin = (struct sockaddr_in *)&s->to;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&s->to;
	const uint16_t port = htons(type == SOCK_DGRAM && protocol == IPPROTO_UDP ? PORT : 0);

	*s = (struct subject){ .name = name,
			       .fd = socket(domain, type | SOCK_CLOEXEC, protocol),
			       .peer = -1,
			       .len = PAYLOAD };
	*t = (struct target){ .s = s,
			      .dest = strncmp(dest, "::ffff:", 7) ? dest : dest + 7,
			      .protocol = (uint8_t)protocol,
			      .receiver = -1,
			      .bound = bound };
	t->v6 = strchr(t->dest, ':');
	if (domain == AF_INET6) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = port;
		inet_pton(AF_INET6, dest, &sin6->sin6_addr);
		s->tolen = sizeof(*sin6);
	} else {
		sin->sin_family = AF_INET;
		sin->sin_port = port;
		inet_pton(AF_INET, dest, &sin->sin_addr);
		s->tolen = sizeof(*sin);
	}
	if (bound) {
		struct sockaddr_storage from = s->to;

		inet_pton(domain, bound,
			  domain == AF_INET ? (void *)&((struct sockaddr_in *)&from)->sin_addr
					    : (void *)&((struct sockaddr_in6 *)&from)->sin6_addr);
		if (bind(s->fd, (struct sockaddr *)&from, s->tolen))
			printf("# %s can't be bound: %s\n", name, strerror(errno));
	}
	return t;
}

static const char *stage_targets(struct stage *st)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	const int room = 1 << 20;
	int udp = wire_socket_there(&st->wire, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	int raw4 = wire_socket_there(&st->wire, AF_INET, SOCK_RAW, PROTO_EXPERIMENT);
	int raw6 = wire_socket_there(&st->wire, AF_INET6, SOCK_RAW, PROTO_EXPERIMENT);
	struct target *t;

	if (udp < 0 || bind(udp, (struct sockaddr *)&any, sizeof(any)))
		return "the receiver can't be made";
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	target_add(st, "udp4", AF_INET, SOCK_DGRAM, IPPROTO_UDP, "10.77.0.100", NULL)->receiver =
		udp;
	target_add(st, "udp4 bound", AF_INET, SOCK_DGRAM, IPPROTO_UDP, "10.77.0.100", "10.77.0.11")
		->receiver = udp;
	target_add(st, "udp6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "fd77::100", NULL)->receiver =
		udp;
	target_add(st, "udp6 bound", AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "fd77::100", "fd77::11")
		->receiver = udp;
	target_add(st, "udp6 to mapped", AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "::ffff:10.77.0.100",
		   NULL)
		->receiver = udp;
	target_add(st, "raw4", AF_INET, SOCK_RAW, PROTO_EXPERIMENT, "10.77.0.100", NULL)->receiver =
		raw4;
	target_add(st, "raw6", AF_INET6, SOCK_RAW, PROTO_EXPERIMENT, "fd77::100", NULL)->receiver =
		raw6;
	t = target_add(st, "ping4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "10.77.0.100", NULL);
	t->s->payload[0] = 8;
	t = target_add(st, "ping6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, "fd77::100", NULL);
	t->s->payload[0] = 128;
	return NULL;
}

static void stage_bases(struct stage *st)
{
	for (unsigned int i = 0; i < st->n; i++) {
		struct target *t = &st->t[i];
		struct list none = list_begin();

		wire_clear(&st->wire, t->receiver);
		shoot_blind(&st->bench, t->s, &none);
		wire_look(&st->wire, t->dest, t->protocol, t->receiver, 1, &t->base);
	}
}

int main(int argc, char **argv)
{
	static struct stage st;
	const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	const unsigned int lists = argc > 2 ? (unsigned int)atoi(argv[2]) : 300;
	const char *why = arena_enter();

	setvbuf(stdout, NULL, _IOLBF, 4096);
	if (!why)
		why = wire_open(&st.wire);
	if (!why)
		why = stage_targets(&st);
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	bench_begin(&st.bench, &identities[0], NULL);
	stage_bases(&st);
	for (unsigned int i = 0; i < st.n; i++)
		random_effects(&st, &st.t[i], seed, lists);
	conditions_run(&st);
	conditions_unix(&st);
	silent_run(&st);
	arrive_run(&st);
	printf("1..%u\n", tests);
	return failed;
}
