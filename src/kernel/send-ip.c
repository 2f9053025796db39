// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_IP on send, and the route lookup's checks of it.  Pure.  Kernel: net/ipv4/ip_sockglue.c, route.c. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>

#include "kernel/judge.h"

enum { OPTIONS_MAX = 40 };

#define UDP4 (KIND(UDP4) | KIND(UDP6) | KIND(UDPLITE4) | KIND(UDPLITE6))

static const char route_c[] = "net/ipv4/route.c ip_route_output_key_hash_rcu()";

static void take_source(struct judge *j, const unsigned char *in_addr, uint32_t ifindex)
{
	uint32_t host;

	memcpy(&host, in_addr, sizeof(host));
	j->source_by = (int)j->i;
	j->out->has_source_cmsg = true;
	j->out->source = host ? addr_of_in(in_addr, 0) : (struct addr){ .len = 0 };
	if (ifindex) { /* a zero one leaves that of an earlier message alone */
		j->oif_by = (int)j->i;
		j->out->oif = ifindex;
	}
}

static void pktinfo_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 12);
	uint32_t ifindex, spec_dst;

	if (!d)
		return;
	memcpy(&ifindex, d, 4);
	memcpy(&spec_dst, d + 4, 4);
	take_source(j, d + 4, ifindex);
	if (!spec_dst)
		j->v->why = ifindex ? "chooses the interface; ipi_spec_dst is 0, so the source is "
				      "automatic (ipi_addr is never read)"
				    : "ipi_spec_dst is 0, so the source is automatic "
				      "(ipi_addr is never read)";
	else if (ifindex)
		j->v->why = "sets the source address and the interface";
}

static void mapped_pktinfo_check(struct judge *j)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *d = judge_data(j, 20);
	uint32_t ifindex;

	if (!d)
		return;
	if (memcmp(d, prefix, sizeof(prefix))) {
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "towards an IPv4 peer ipi6_addr has to be v4-mapped (::ffff:a.b.c.d)");
		return;
	}
	memcpy(&ifindex, d + 16, 4);
	take_source(j, d + 12, ifindex);
}

static void retopts_check(struct judge *j)
{
	unsigned int len = j->payload > OPTIONS_MAX ? OPTIONS_MAX : (unsigned int)j->payload;
	const unsigned char *d = judge_data(j, len);

	if (!d && len)
		return;

	struct options_check o = ip_options_check(d, len, judge_net_capable(j, CAPABILITY_NET_RAW));

	j->srr = o.source_route;
	if (o.err < 0)
		judge_unknown(j, o.why);
	else if (o.err && (o.err != EPERM || judge_since(j, KERNEL_RELEASE(6, 18, 0))))
		judge_reject(j, o.check, o.err, o.why);
	if (judge_passed(j)) {
		j->options_by = (int)j->i;
		if (j->payload > OPTIONS_MAX)
			j->v->why = "sends the first 40 bytes as IP options; the rest is dropped";
	}
}

static void protocol_check(struct judge *j)
{
	if (j->kind == SOCK_KIND_RAW4 && judge_opt(j, OPT_IP_HDRINCL) != YES)
		judge_ignore(j, WHY_NO_EFFECT, "only a socket with IP_HDRINCL uses it");
}

static const struct row rows[] = {
	{ .type = 1, /* IP_TOS */
	  .size = 4,
	  .size_also = 1,
	  .slot = SLOT_TOS,
	  .ranged = true,
	  .lo = 0,
	  .hi = 255,
	  .since = KERNEL_RELEASE(3, 13, 0),
	  .effect = "sets the packet's TOS byte (DSCP and ECN) and the priority that goes with it",
	  .size_why = "IP_TOS takes an int or one byte",
	  .range_why = "IP_TOS is 0 ... 255" },
	{ .type = 2, /* IP_TTL */
	  .size = 4,
	  .slot = SLOT_TTL,
	  .ranged = true,
	  .lo = 1,
	  .hi = 255,
	  .since = KERNEL_RELEASE(3, 13, 0),
	  .effect = "sets the packet's TTL",
	  .size_why = "IP_TTL takes an int, 4 bytes",
	  .range_why = "IP_TTL is 1 ... 255" },
	{ .type = 7, /* IP_RETOPTS */
	  .size_max = ROW_LONGER,
	  .slot = SLOT_OPTIONS,
	  .effect = "sends these IP options",
	  .check = retopts_check },
	{ .type = 8, /* IP_PKTINFO */
	  .size = 12,
	  .slot = SLOT_PKTINFO,
	  .effect = "sets the source address",
	  .size_why = "ip_cmsg_send() takes a 12-byte in_pktinfo only",
	  .check = pktinfo_check },
	{ .type = 52, /* IP_PROTOCOL */
	  .size = 4,
	  .slot = SLOT_PROTOCOL,
	  .ranged = true,
	  .lo = 1,
	  .hi = 255,
	  .since = KERNEL_RELEASE(6, 4, 0),
	  .effect = "takes part in the route lookup as the protocol",
	  .size_why = "IP_PROTOCOL takes an int, 4 bytes",
	  .range_why = "IP_PROTOCOL is 1 ... 255",
	  .idle = UDP4 | KIND(PING4),
	  .idle_why = "only a raw socket with IP_HDRINCL uses it",
	  .check = protocol_check },
};

const struct level level_ip = {
	.level = L_IP,
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send()",
	.unknown = "no such SOL_IP message can be sent",
};

static const struct row mapped_rows[] = {
	{ .type = 50, /* IPV6_PKTINFO */
	  .size = 20,
	  .size_max = ROW_LONGER,
	  .slot = SLOT_PKTINFO,
	  .effect = "sets the source address",
	  .size_why = "IPV6_PKTINFO takes at least the 20 bytes of an in6_pktinfo",
	  .check = mapped_pktinfo_check },
};

const struct level level_ipv6_mapped = {
	.level = L_IPV6,
	.since = KERNEL_RELEASE(3, 15, 0),
	.rows = mapped_rows,
	.n = 1,
	.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send()",
	.skips_unknown = true,
	.unknown = "towards an IPv4 peer IPV6_PKTINFO is the only SOL_IPV6 message that is read",
};

static bool hdrincl(const struct judge *j)
{
	return j->kind == SOCK_KIND_RAW4 && judge_opt(j, OPT_IP_HDRINCL) == YES;
}

/* The source of a packet has to be the host's own, and never a group. */
static bool source_late(struct judge *j)
{
	const struct addr *source = &j->out->source;
	uint32_t v;

	memcpy(&v, &((const struct sockaddr_in *)&source->ss)->sin_addr, sizeof(v));
	v = ntohl(v);
	if (addr_is_multicast(source) || v == INADDR_BROADCAST) {
		judge_reject_late(j, j->source_by, CHECK_ADDRESS, EINVAL,
				  "a multicast or broadcast address can't be the source", route_c);
		return false;
	}

	enum truth any = judge_opt(j, OPT_IP_TRANSPARENT);
	bool group = addr_is_multicast(&j->dest) || addr_is_broadcast(&j->dest);

	if (!(group && !j->out->oif)) {
		if (any == YES || hdrincl(j))
			return true;
	}
	switch (judge_is_local(j, source)) {
	case YES:
		return true;
	case NO:
		if (any == MAYBE && !group) {
			judge_assume(j, "IP_TRANSPARENT is off");
		}
		judge_reject_late(j, j->source_by, CHECK_ADDRESS, ENETUNREACH,
				  "the source address is not one of this host's", route_c);
		return false;
	case MAYBE:
		judge_assume(j, "the source address is the host's own");
		return true;
	}
	return true;
}

void judge_ipv4_late(struct judge *j)
{
	if (j->options_by >= 0 && hdrincl(j)) {
		judge_reject_late(j, j->options_by, CHECK_STATE, EINVAL,
				  "a socket with IP_HDRINCL brings its own IP options",
				  "net/ipv4/raw.c raw_sendmsg()");
		return;
	}
	if (j->options_by >= 0 && j->srr && addr_is_wildcard(&j->dest)) {
		judge_reject_late(j, j->options_by, CHECK_VALUE, EINVAL,
				  "a source route needs a destination address",
				  "net/ipv4/udp.c udp_sendmsg()");
		return;
	}
	if (j->out->source.len && !source_late(j))
		return;
	if (j->oif_by >= 0) {
		switch (judge_ifindex(j, j->out->oif)) {
		case NO:
			judge_reject_late(j, j->oif_by, CHECK_ADDRESS, ENODEV,
					  "there is no interface of that index", route_c);
			return;
		case MAYBE:
			judge_assume(j, "the interface exists and is up");
			break;
		case YES:
			break;
		}
	}
	judge_segment_late(j);
}
