// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves by name: each row of the send tables and each mistake that the kernel accepts silently, as
 * far as this machine can show it.  The verdict is the named one, and the wire agrees with it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "effects.h"

struct item {
	int level, type;
	unsigned char len;
	const char *hex; /* payload; "HERE" and "OTHER" become interface indices */
};

struct condition {
	const char *name;
	const char *target;
	struct item item[3];
	enum verdict_what what; /* of the item `of` */
	unsigned int of;
	enum verdict_why ignored;
	int err;
	bool (*also)(const struct stage *st, const struct seen *seen);
	uint32_t since; /* a release that does so; an older one (6.1) does not */
};

#define V4_1 "0a4d0001"  /* 10.77.0.1, automatic */
#define V4_11 "0a4d000b" /* 10.77.0.11 */
#define ZERO "00000000"
#define INT(hex8) 4, hex8
#define V6_11 "fd770000000000000000000000000011"
#define V6_ANY "00000000000000000000000000000000"
#define MAPPED_11 "00000000000000000000ffff0a4d000b"
#define MAPPED_ANY "00000000000000000000ffff00000000"
#define EXT "0000010400000000"
#define ACCEPT .what = VERDICT_ACCEPT
#define REJECT(e) .what = VERDICT_REJECT, .err = (e)
#define IGNORE(w) .what = VERDICT_IGNORE, .ignored = WHY_##w

static bool from_v4(const struct seen *seen, const char *addr)
{
	struct in_addr a;
	struct addr want;

	inet_pton(AF_INET, addr, &a);
	want = addr_of_in(&a, 0);
	return addr_same_host(&want, &seen->source);
}

static bool from_1(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return from_v4(seen, "10.77.0.1");
}

static bool from_11(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return from_v4(seen, "10.77.0.11") && addr_is_v4(&seen->arrived_from) &&
	       addr_same_host(&seen->source, &seen->arrived_from);
}

static bool over_wa(const struct stage *st, const struct seen *seen)
{
	return seen->oif == st->wire.wa;
}

static bool over_va(const struct stage *st, const struct seen *seen)
{
	return seen->oif == st->wire.va;
}

static bool from_v6_11(const struct stage *st, const struct seen *seen)
{
	struct in6_addr a;
	struct addr want;

	(void)st;
	inet_pton(AF_INET6, "fd77::11", &a);
	want = addr_of_in6(&a, 0, 0);
	return addr_same_host(&want, &seen->arrived_from);
}

static bool tclass_ff(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return seen->tos == 0xff;
}

static bool hops_7(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return seen->ttl == 7;
}

static bool segments_4(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return seen->arrived == 4 && seen->arrived_len == 16;
}

static bool one_datagram(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return seen->arrived == 1 && seen->arrived_len == 64;
}

static bool label_only(const struct stage *st, const struct seen *seen)
{
	(void)st;
	return seen->label == 0x12345 && seen->tos == 0;
}

static const struct condition conditions[] = {
	/* 1.3 SOL_SOCKET */
	{ "1.3 SCM_RIGHTS is ignored by UDP, closed descriptors too",
	  "udp4",
	  { { 1, 1, INT("0fffffff") } },
	  IGNORE(NO_EFFECT) },
	{ "1.3 SCM_CREDENTIALS is ignored by UDP",
	  "udp4",
	  { { 1, 2, INT(ZERO) } },
	  IGNORE(NO_EFFECT) },
	{ "1.3 SO_PRIORITY sets the priority", "udp4", { { 1, 12, INT("05000000") } }, ACCEPT },
	{ "1.3 SO_MARK sets the mark and the route",
	  "udp4",
	  { { 1, 36, INT("07000000") } },
	  ACCEPT,
	  .also = over_wa },
	{ "1.3 SO_MARK of 2 bytes is refused", "udp4", { { 1, 36, 2, "0700" } }, REJECT(EINVAL) },
	{ "1.3 SO_TIMESTAMPING takes TX_SOFTWARE", "udp4", { { 1, 37, INT("02000000") } }, ACCEPT },
	{ "1.3 SO_TIMESTAMPING refuses RX_SOFTWARE",
	  "udp4",
	  { { 1, 37, INT("08000000") } },
	  REJECT(EINVAL) },
	{ "1.3 SO_TIMESTAMPING_NEW takes TX_ACK", "udp6", { { 1, 65, INT("00020000") } }, ACCEPT },
	{ "1.3 SCM_TXTIME without SO_TXTIME is refused",
	  "udp4",
	  { { 1, 61, 8, "0000000000000000" } },
	  REJECT(EINVAL) },
	{ "1.3 SCM_TS_OPT_ID without OPT_ID is refused",
	  "udp4",
	  { { 1, 81, INT(ZERO) } },
	  REJECT(EINVAL) },
	{ "1.3 SCM_DEVMEM_DMABUF has no effect on UDP (4.14)",
	  "udp4",
	  { { 1, 79, INT("01000000") } },
	  IGNORE(NO_EFFECT) },
	{ "1.3 SCM_SECURITY can't be sent", "udp4", { { 1, 3, INT(ZERO) } }, REJECT(EINVAL) },
	{ "1.3 SO_TIMESTAMP can't be sent", "udp4", { { 1, 29, INT(ZERO) } }, REJECT(EINVAL) },

	/* 1.4 SOL_IP */
	{ "1.4 IP_TOS as an int, ECN bits included",
	  "udp4",
	  { { 0, 1, INT("b9000000") } },
	  ACCEPT },
	{ "1.4 IP_TOS as one byte", "udp4", { { 0, 1, 1, "b9" } }, ACCEPT },
	{ "1.4 IP_TOS of 2 bytes is refused", "udp4", { { 0, 1, 2, "b900" } }, REJECT(EINVAL) },
	{ "1.4 IP_TOS 256 is refused", "udp4", { { 0, 1, INT("00010000") } }, REJECT(EINVAL) },
	{ "1.4 IP_TTL sets the TTL",
	  "udp4",
	  { { 0, 2, INT("07000000") } },
	  ACCEPT,
	  .also = hops_7 },
	{ "1.4 IP_TTL 0 is refused", "udp4", { { 0, 2, INT(ZERO) } }, REJECT(EINVAL) },
	{ "1.4 IP_RETOPTS sends options", "udp4", { { 0, 7, 4, "01010101" } }, ACCEPT },
	{ "1.4 IP_RETOPTS with a bad option is refused",
	  "udp4",
	  { { 0, 7, 4, "07010000" } },
	  REJECT(EINVAL) },
	{ "1.4 IP_OPTIONS can't be sent", "udp4", { { 0, 4, 4, "01010101" } }, REJECT(EINVAL) },
	{ "1.4 IP_PKTINFO sets the source",
	  "udp4",
	  { { 0, 8, 12, ZERO V4_11 ZERO } },
	  ACCEPT,
	  .also = from_11 },
	{ "1.4 IP_PKTINFO's ifindex chooses the interface, the source stays",
	  "udp4",
	  { { 0, 8, 12, "OTHER" V4_11 ZERO } },
	  ACCEPT,
	  .also = over_wa },
	{ "1.4 IP_PKTINFO of 16 bytes is refused",
	  "udp4",
	  { { 0, 8, 16, ZERO V4_11 ZERO ZERO } },
	  REJECT(EINVAL) },
	{ "1.4 IP_PKTINFO of an unknown interface is ENODEV",
	  "udp4",
	  { { 0, 8, 12, "0f270000" ZERO ZERO } },
	  REJECT(ENODEV) },
	{ "1.4 IP_PKTINFO of a foreign source is ENETUNREACH",
	  "udp4",
	  { { 0, 8, 12, ZERO "c0000201" ZERO } },
	  REJECT(ENETUNREACH) },
	{ "1.4 IP_PKTINFO of a multicast source is EINVAL",
	  "udp4",
	  { { 0, 8, 12, ZERO "e0000001" ZERO } },
	  REJECT(EINVAL) },
	{ "1.4 IP_PROTOCOL has no effect on UDP (4.13)",
	  "udp4",
	  { { 0, 52, INT("06000000") } },
	  IGNORE(NO_EFFECT) },
	{ "1.4 IP_PROTOCOL has no effect on a plain raw socket (4.13)",
	  "raw4",
	  { { 0, 52, INT("06000000") } },
	  IGNORE(NO_EFFECT) },
	{ "1.4 IP_PROTOCOL has no effect on a ping socket (4.13)",
	  "ping4",
	  { { 0, 52, INT("06000000") } },
	  IGNORE(NO_EFFECT) },
	{ "1.4 IP_RECVTTL can't be sent", "udp4", { { 0, 12, INT("07000000") } }, REJECT(EINVAL) },
	{ "1.4 IPV6_PKTINFO of a mapped address towards IPv4",
	  "udp6 to mapped",
	  { { 41, 50, 20, MAPPED_11 ZERO } },
	  ACCEPT,
	  .also = from_11 },
	{ "1.4 IPV6_PKTINFO of :: towards IPv4 is refused",
	  "udp6 to mapped",
	  { { 41, 50, 20, V6_ANY ZERO } },
	  REJECT(EINVAL) },

	/* 1.5 SOL_IPV6 */
	{ "1.5 IPV6_PKTINFO sets the source",
	  "udp6",
	  { { 41, 50, 20, V6_11 ZERO } },
	  ACCEPT,
	  .also = from_v6_11 },
	{ "1.5 IPV6_2292PKTINFO sets the source",
	  "udp6",
	  { { 41, 2, 20, V6_11 ZERO } },
	  ACCEPT,
	  .also = from_v6_11 },
	{ "1.5 IPV6_PKTINFO of :: keeps the bound source",
	  "udp6 bound",
	  { { 41, 50, 20, V6_ANY ZERO } },
	  ACCEPT,
	  .also = from_v6_11 },
	{ "1.5 IPV6_PKTINFO's ifindex alone chooses the interface",
	  "udp6",
	  { { 41, 50, 20, V6_ANY "OTHER" } },
	  ACCEPT,
	  .also = over_wa },
	{ "1.5 IPV6_PKTINFO's ifindex beside a source is only preferred",
	  "udp6",
	  { { 41, 50, 20, V6_11 "OTHER" } },
	  ACCEPT,
	  .also = over_va },
	{ "1.5 IPV6_PKTINFO of a foreign source is EINVAL",
	  "udp6",
	  { { 41, 50, 20, "20010db8000000000000000000000001" ZERO } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_PKTINFO of an unknown interface is ENODEV",
	  "udp6",
	  { { 41, 50, 20, V6_ANY "0f270000" } },
	  REJECT(ENODEV) },
	{ "1.5 IPV6_PKTINFO, link-local without interface is EINVAL",
	  "udp6",
	  { { 41, 50, 20, "fe800000000000000000000000000001" ZERO } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_FLOWINFO sends the label, not the class (4.17)",
	  "udp6",
	  { { 41, 11, 4, "0bb12345" } },
	  ACCEPT,
	  .also = label_only },
	{ "1.5 IPV6_HOPOPTS are sent", "udp6", { { 41, 54, 8, EXT } }, ACCEPT },
	{ "1.5 IPV6_HOPOPTS twice is refused",
	  "udp6",
	  { { 41, 54, 8, EXT }, { 41, 3, 8, EXT } },
	  REJECT(EINVAL),
	  .of = 1 },
	{ "1.5 IPV6_DSTOPTS are sent", "udp6", { { 41, 59, 8, EXT } }, ACCEPT },
	{ "1.5 IPV6_DSTOPTS twice: the last wins",
	  "udp6",
	  { { 41, 59, 8, EXT }, { 41, 59, 8, EXT } },
	  IGNORE(OVERRIDDEN) },
	{ "1.5 IPV6_2292DSTOPTS twice is refused",
	  "udp6",
	  { { 41, 4, 8, EXT }, { 41, 4, 8, EXT } },
	  REJECT(EINVAL),
	  .of = 1 },
	{ "1.5 IPV6_RTHDRDSTOPTS without a routing header is dropped (4.16)",
	  "udp6",
	  { { 41, 55, 8, EXT } },
	  IGNORE(NO_EFFECT) },
	{ "1.5 IPV6_RTHDR of type 0 is refused",
	  "udp6",
	  { { 41, 57, 8, "0000000000000000" } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_RTHDR of type 4 is refused",
	  "udp6",
	  { { 41, 57, 8, "0000040000000000" } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_HOPLIMIT sets the hop limit",
	  "udp6",
	  { { 41, 52, INT("07000000") } },
	  ACCEPT,
	  .also = hops_7 },
	{ "1.5 IPV6_HOPLIMIT 65543 is sent as 7 (4.19)",
	  "udp6",
	  { { 41, 52, INT("07000100") } },
	  ACCEPT,
	  .also = hops_7 },
	{ "1.5 IPV6_HOPLIMIT 256 is refused",
	  "udp6",
	  { { 41, 52, INT("00010000") } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_HOPLIMIT of one byte is refused",
	  "udp6",
	  { { 41, 52, 1, "07" } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_2292HOPLIMIT sets the hop limit",
	  "udp6",
	  { { 41, 8, INT("07000000") } },
	  ACCEPT,
	  .also = hops_7 },
	{ "1.5 IPV6_TCLASS sets the class", "udp6", { { 41, 67, INT("b9000000") } }, ACCEPT },
	{ "1.5 IPV6_TCLASS -1 is sent as 0xff by UDP (4.18)",
	  "udp6",
	  { { 41, 67, INT("ffffffff") } },
	  ACCEPT,
	  .also = tclass_ff,
	  .since = KERNEL_RELEASE(6, 12, 0) },
	{ "1.5 IPV6_TCLASS -1 is sent as 0xff by raw sockets (4.18)",
	  "raw6",
	  { { 41, 67, INT("ffffffff") } },
	  ACCEPT,
	  .also = tclass_ff,
	  .since = KERNEL_RELEASE(6, 12, 0) },
	{ "1.5 IPV6_TCLASS -1 is sent as 0xff by ping sockets (4.18)",
	  "ping6",
	  { { 41, 67, INT("ffffffff") } },
	  ACCEPT,
	  .also = tclass_ff },
	{ "1.5 IPV6_TCLASS 256 is refused",
	  "udp6",
	  { { 41, 67, INT("00010000") } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_DONTFRAG 1 is taken", "udp6", { { 41, 62, INT("01000000") } }, ACCEPT },
	{ "1.5 IPV6_DONTFRAG 2 is refused",
	  "udp6",
	  { { 41, 62, INT("02000000") } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_UNICAST_HOPS can't be sent",
	  "udp6",
	  { { 41, 16, INT("07000000") } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_RECVPKTINFO can't be sent",
	  "udp6",
	  { { 41, 49, 20, V6_11 ZERO } },
	  REJECT(EINVAL) },
	{ "1.5 IPV6_RECVTCLASS can't be sent",
	  "udp6",
	  { { 41, 66, INT("07000000") } },
	  REJECT(EINVAL) },

	/* 1.6 SOL_UDP */
	{ "1.6 UDP_SEGMENT cuts", "udp4", { { 17, 103, 2, "1000" } }, ACCEPT, .also = segments_4 },
	{ "1.6 UDP_SEGMENT cuts on IPv6",
	  "udp6",
	  { { 17, 103, 2, "1000" } },
	  ACCEPT,
	  .also = segments_4 },
	{ "1.6 UDP_SEGMENT as an int is refused",
	  "udp4",
	  { { 17, 103, INT("10000000") } },
	  REJECT(EINVAL) },
	{ "1.6 UDP_SEGMENT 0 cuts nothing (4.12)",
	  "udp4",
	  { { 17, 103, 2, "0000" } },
	  ACCEPT,
	  .also = one_datagram },
	{ "1.6 UDP_SEGMENT of the payload's length cuts nothing (4.12)",
	  "udp4",
	  { { 17, 103, 2, "4000" } },
	  IGNORE(NO_EFFECT),
	  .also = one_datagram },
	{ "1.6 UDP_GRO can't be sent", "udp4", { { 17, 104, 2, "1000" } }, REJECT(EINVAL) },
	{ "1.6 UDP_SEGMENT at SOL_IP is refused",
	  "udp4",
	  { { 0, 103, 2, "1000" } },
	  REJECT(EINVAL) },
	{ "1.6 UDP_SEGMENT at SOL_SOCKET is refused",
	  "udp4",
	  { { 1, 103, 2, "1000" } },
	  REJECT(EINVAL) },
	{ "1.6 UDP_SEGMENT at SOL_UDPLITE is ignored (4.12)",
	  "udp4",
	  { { 136, 103, 2, "1000" } },
	  IGNORE(LEVEL),
	  .also = one_datagram },

	/* 4: accepted silently */
	{ "4.1 IP_PKTINFO with ipi_addr alone: automatic source",
	  "udp4",
	  { { 0, 8, 12, ZERO ZERO V4_11 } },
	  ACCEPT,
	  .also = from_1 },
	{ "4.2 IP_PKTINFO without source replaces the bound one",
	  "udp4 bound",
	  { { 0, 8, 12, ZERO ZERO ZERO } },
	  ACCEPT,
	  .also = from_1 },
	{ "4.3 SOL_IP towards IPv6 is never read",
	  "udp6",
	  { { 0, 8, 12, ZERO V4_11 ZERO } },
	  IGNORE(FAMILY) },
	{ "4.3 SOL_IP garbage towards IPv6 is never read",
	  "udp6",
	  { { 0, 99, 3, "ffffff" } },
	  IGNORE(FAMILY) },
	{ "4.3 SOL_IP on a raw IPv6 socket is never read",
	  "raw6",
	  { { 0, 1, INT("b9000000") } },
	  IGNORE(FAMILY) },
	{ "4.3 SOL_IP on an IPv6 ping socket is never read",
	  "ping6",
	  { { 0, 1, INT("b9000000") } },
	  IGNORE(FAMILY) },
	{ "4.4 SOL_IPV6 on AF_INET is never read",
	  "udp4",
	  { { 41, 67, INT("b9000000") } },
	  IGNORE(FAMILY) },
	{ "4.4 IPV6_TCLASS towards a mapped address is never read",
	  "udp6 to mapped",
	  { { 41, 67, INT("b9000000") } },
	  IGNORE(FAMILY) },
	{ "4.4 IPV6_HOPLIMIT towards a mapped address is never read",
	  "udp6 to mapped",
	  { { 41, 52, INT("07000000") } },
	  IGNORE(FAMILY) },
	{ "4.4 IPV6_2292PKTINFO towards a mapped address is never read",
	  "udp6 to mapped",
	  { { 41, 2, 20, MAPPED_11 ZERO } },
	  IGNORE(FAMILY) },
	{ "4.12 SOL_UDP on a raw socket is never read",
	  "raw4",
	  { { 17, 103, 2, "1000" } },
	  IGNORE(LEVEL) },
	{ "4.12 SOL_UDP on a ping socket is never read",
	  "ping4",
	  { { 17, 103, 2, "1000" } },
	  IGNORE(LEVEL) },
	{ "4.15 IPV6_PKTINFO's address on a ping socket is dropped",
	  "ping6",
	  { { 41, 50, 20, V6_11 ZERO } },
	  IGNORE(NO_EFFECT) },
	{ "4.15 IPV6_HOPOPTS on a ping socket are dropped",
	  "ping6",
	  { { 41, 54, 8, EXT } },
	  IGNORE(NO_EFFECT) },
	{ "4.21 IPV6_PKTINFO longer than needed",
	  "udp6",
	  { { 41, 50, 24, V6_11 ZERO ZERO } },
	  ACCEPT,
	  .also = from_v6_11 },
	{ "4.29 IPPROTO_ICMP is SOL_SOCKET", "raw4", { { 1, 8, INT(ZERO) } }, REJECT(EINVAL) },
	{ "order: a bad SOL_UDP message is told before an earlier bad IP_TTL",
	  "udp4",
	  { { 0, 2, INT(ZERO) }, { 17, 103, INT(ZERO) } },
	  REJECT(EINVAL),
	  .of = 1 },
	{ "order: the last source wins, mapped",
	  "udp6 to mapped",
	  { { 41, 50, 20, MAPPED_ANY ZERO }, { 0, 8, 12, ZERO V4_11 ZERO } },
	  ACCEPT,
	  .of = 1,
	  .also = from_11 },
	{ "order: an earlier interface stays where the last has none",
	  "udp4",
	  { { 0, 8, 12, "OTHER" V4_1 ZERO }, { 0, 8, 12, ZERO V4_11 ZERO } },
	  ACCEPT,
	  .of = 0,
	  .also = over_wa },
};

static void put_hex(const struct stage *st, const char *hex, unsigned char *p, size_t room)
{
	size_t n = 0;

	while (*hex && n + 4 <= room) {
		unsigned int byte;

		if (!strncmp(hex, "OTHER", 5)) {
			memcpy(p + n, &st->wire.wa, 4);
			n += 4;
			hex += 5;
		} else if (sscanf(hex, "%2x", &byte) == 1) {
			p[n++] = (unsigned char)byte;
			hex += 2;
		} else {
			return;
		}
	}
}

static const char *check_condition(struct stage *st, const struct condition *k)
{
	struct target *t = target_find(st, k->target);
	struct list l = list_begin();
	struct seen seen = { 0 };
	const struct verdict *v;
	const char *why;

	if (!t)
		return "no such socket";
	for (unsigned int i = 0; i < 3 && k->item[i].hex; i++) {
		unsigned char p[64] = { 0 };

		put_hex(st, k->item[i].hex, p, sizeof(p));
		list_add(&st->bench, &l, k->item[i].level, k->item[i].type, p, k->item[i].len,
			 UINT64_MAX);
	}
	if (k->also == over_wa && k->item[0].type == 36) { /* the model has no routing table */
		wire_clear(&st->wire, t->receiver);
		if (shoot_blind(&st->bench, t->s, &l))
			return "it can't be sent";
		wire_look(&st->wire, t->dest, t->protocol, t->receiver, 1, &seen);
		shoot_model(&st->bench, t->s, &l);
	} else {
		why = effect_check(st, t, &l, &seen);
		if (why)
			return why;
	}
	v = &st->bench.msg.verdict[k->of];
	if (v->what != k->what || v->ignored != k->ignored || v->err != k->err)
		return v->why;
	if (k->err && (st->bench.msg.outcome->cmsg != (int)k->of || !v->kernel || !v->check))
		return "the blame lies elsewhere";
	if (k->also && !k->also(st, &seen))
		return "the packet is not as named";
	return NULL;
}

static bool is_of_this_kernel(const struct stage *st, const struct condition *c)
{
	for (unsigned int i = 0; i < sizeof(c->item) / sizeof(c->item[0]); i++) {
		if (c->item[i].len && c->what != VERDICT_REJECT &&
		    !effect_is_known(st, c->item[i].level, c->item[i].type))
			return false;
	}
	return st->bench.env.release >= c->since;
}

void conditions_run(struct stage *st)
{
	for (unsigned int i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		const struct condition *c = &conditions[i];
		const char *why;

		if (!is_of_this_kernel(st, c)) {
			tap_skipped(c->name, "this kernel is older than that");
			continue;
		}
		why = check_condition(st, c);
		tap_result(!why, c->name, why);
	}
}
