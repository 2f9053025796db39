// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is checked of SOL_IPV6 when it is sent.  Pure.
 * RFC 3542, RFC 2292; kernel: net/ipv6/datagram.c ip6_datagram_send_ctl().
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "cmsg/ipv6-send.h"

enum { FLOWINFO_MASK = 0x0fffffff, FLOWLABEL_MASK = 0x000fffff, LOOPBACK_IFINDEX = 1 };

/* The interface that is fixed before any message: scope id, binding. */
static enum truth oif_before(struct judge *j, uint32_t *oif)
{
	const struct sockaddr_in6 *to = (const struct sockaddr_in6 *)&j->dest.ss;

	if (addr_family(&j->dest) == AF_INET6 && j->dest.len >= sizeof(*to) && to->sin6_scope_id &&
	    (addr_is_linklocal(&j->dest) || addr_is_multicast(&j->dest))) {
		*oif = to->sin6_scope_id;
		return YES;
	}
	if (!sock_opt_known(j->sk, OPT_SO_BINDTODEVICE))
		return MAYBE;
	*oif = (uint32_t)sock_opt(j->sk, OPT_SO_BINDTODEVICE);
	return *oif ? YES : NO;
}

static bool oif_check(struct judge *j, uint32_t ifindex)
{
	if (j->oif_by < 0 && !j->oif) {
		j->oif_set = oif_before(j, &j->oif);
		if (j->oif_set != YES)
			j->oif = 0;
	}
	if (ifindex) {
		if (j->oif && j->oif != ifindex) {
			/* A VRF and its members may differ: nothing here tells them. */
			judge_reject(
				j, CHECK_ADDRESS, EINVAL,
				"another interface is fixed already (scope id, SO_BINDTODEVICE "
				"or an earlier message)");
			return false;
		}
		if (!j->oif && j->oif_set == MAYBE)
			judge_assume(j, "the socket is not bound to another interface");
		j->oif = ifindex;
	}
	if (!j->oif)
		return true;
	switch (judge_ifindex(j, j->oif)) {
	case NO:
		judge_reject(j, CHECK_ADDRESS, ENODEV, "there is no interface of that index");
		return false;
	case MAYBE:
		judge_assume(j, "the interface exists");
		break;
	case YES:
		break;
	}
	return true;
}

/* Link-local addresses and ::1 count only on the interface that is fixed; others on any. */
static enum truth is_local_here(const struct judge *j, const struct addr *source)
{
	if (addr_is_mapped(source)) /* no IPv6 address list has those */
		return NO;
	if (addr_is_loopback(source) && j->oif)
		return j->oif == LOOPBACK_IFINDEX ? YES : NO;
	if (addr_is_linklocal(source)) {
		const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)&source->ss;
		struct addr scoped = addr_of_in6(&sin6->sin6_addr, 0, j->oif);

		return judge_is_local(j, &scoped);
	}
	return judge_is_local(j, source);
}

/* Why the address lists don't have it; NULL: they have, or it is not known. */
static const char *source_refused(struct judge *j, const struct addr *source)
{
	const struct question q = { .kind = ASK_SOURCE6, .addr = *source, .oif = j->oif };

	if (addr_is_mapped(source))
		return NULL;
	switch (judge_ask(j, &q)) {
	case SOURCE6_TENTATIVE:
		return "the source address is tentative: duplicate address detection has not ended, or "
		       "found one";
	case SOURCE6_ELSEWHERE:
		return "the source address is link-local, and another interface's";
	case SOURCE6_ROUTED:
		return "the source address is local by a route alone, and no interface's: that takes "
		       "IPV6_FREEBIND";
	default:
		return NULL;
	}
}

static bool source_check(struct judge *j, const struct addr *source)
{
	const char *refused;

	enum truth any = truth_or(
		truth_or(judge_opt(j, OPT_IPV6_FREEBIND), judge_opt(j, OPT_IPV6_TRANSPARENT)),
		truth_or(judge_opt(j, OPT_IP_FREEBIND), judge_opt(j, OPT_IP_TRANSPARENT)));

	if (any == YES)
		return true;
	refused = source_refused(j, source);
	if (refused) {
		if (any == MAYBE)
			judge_assume(j, "neither IPV6_FREEBIND nor IPV6_TRANSPARENT is on");
		judge_reject(j, CHECK_ADDRESS, EINVAL, refused);
		return false;
	}
	switch (is_local_here(j, source)) {
	case YES:
		return true;
	case MAYBE:
		judge_assume(j, "the source address is the host's own");
		return true;
	case NO:
		break;
	}
	if (any == MAYBE)
		judge_assume(j, "neither IPV6_FREEBIND nor IPV6_TRANSPARENT is on");
	judge_reject(j, CHECK_ADDRESS, EINVAL, "the source address is not one of this host's");
	return false;
}

void ipv6_pktinfo_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 20);
	uint32_t ifindex;

	if (!d)
		return;
	memcpy(&ifindex, d + 16, 4);

	struct addr source = addr_of_in6(d, 0, 0);

	if (!oif_check(j, ifindex))
		return;
	if (!j->oif && (addr_is_linklocal(&source) || (d[0] == 0xff && (d[1] & 0xf) == 2))) {
		judge_reject(j, CHECK_ADDRESS, EINVAL,
			     "a link-local source address needs an interface");
		return;
	}

	bool any = addr_is_wildcard(&source) && !addr_is_mapped(&source);

	if (!any && !source_check(j, &source))
		return;
	if (ifindex) {
		j->oif_by = (int)j->i;
		j->out->oif = ifindex;
	}
	if (j->kind == SOCK_KIND_PING6) {
		if (!any && !ifindex)
			judge_ignore(j, WHY_NO_EFFECT,
				     "a ping socket checks the address and sends from its own");
		else if (!any)
			j->v->why =
				"chooses the interface; a ping socket sends from its own address";
		return;
	}
	j->out->has_source_cmsg = true;
	if (!any) {
		j->source_by = (int)j->i;
		j->out->source = source;
		if (ifindex)
			j->v->why = "sets the source address; routing prefers the interface";
	} else {
		if (j->source_by < 0)
			j->source_by = (int)j->i;
		j->v->why = ifindex ? "chooses the interface; the source stays the socket's own"
				    : "the address is ::, so the source stays the socket's own";
	}
}

void ipv6_mapped_pktinfo_check(struct judge *j)
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
	judge_source4(j, d + 12, ifindex);
}

void ipv6_flowinfo_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 4);
	uint32_t v;

	if (!d)
		return;
	memcpy(&v, d, 4);
	v = ntohl(v);
	if (j->flowinfo && ((j->flowinfo ^ v) & ~(uint32_t)FLOWINFO_MASK)) {
		judge_reject(j, CHECK_REPEATED, EINVAL,
			     "the first four bits differ from an earlier IPV6_FLOWINFO");
		return;
	}
	j->flowinfo = v & FLOWINFO_MASK;
	if (!(v & FLOWINFO_MASK))
		return;
	if (v & FLOWLABEL_MASK)
		judge_assume(j, "no exclusive flow label is leased in the network namespace");
	else
		judge_ignore(j, WHY_NO_EFFECT,
			     "only the flow label is used, and it is 0; the traffic class is not");
}

/* An extension header's own length in bytes, checked against the payload. */
static bool ext_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 2);

	if (!d)
		return false;
	if (j->payload < (d[1] + 1U) * 8) {
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the header's own length goes beyond the message");
		return false;
	}
	switch (judge_net_capable(j, CAPABILITY_NET_RAW)) {
	case NO:
		judge_reject(j, CHECK_PRIVILEGE, EPERM, "extension headers need CAP_NET_RAW");
		return false;
	case MAYBE:
		judge_unknown(j, "the sender's capabilities are not known");
		return false;
	case YES:
		break;
	}
	return true;
}

void ipv6_hopopts_before(struct judge *j)
{
	if (j->hopopts_by >= 0)
		judge_reject(j, CHECK_REPEATED, EINVAL, "hop-by-hop options are there twice");
}

void ipv6_hopopts_check(struct judge *j)
{
	if (ext_check(j))
		j->hopopts_by = (int)j->i;
}

void ipv6_2292dstopts_check(struct judge *j)
{
	if (!ext_check(j))
		return;
	if (j->dst1_by >= 0)
		judge_reject(j, CHECK_REPEATED, EINVAL, "destination options are there already");
	else
		j->dst1_by = (int)j->i;
}

void ipv6_dstopts_check(struct judge *j)
{
	if (ext_check(j))
		j->dst1_by = (int)j->i;
}

void ipv6_rthdrdstopts_check(struct judge *j)
{
	if (ext_check(j))
		j->dst0_by = (int)j->i;
}

void ipv6_rthdr_check(struct judge *j)
{
	enum { MOBILE_IPV6 = 2 };
	const unsigned char *d = judge_data(j, 4);

	if (!d)
		return;
	if (d[2] != MOBILE_IPV6)
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "type 2 is the only routing header that can be sent");
	else if (d[1] != 2 || d[3] != 1)
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "a type 2 routing header has length 2 and one segment left");
	else if (j->payload < 24)
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "the header's own length goes beyond the message");
	else
		judge_unknown(j, "it depends on the kernel's CONFIG_IPV6_MIP6");
	if (judge_passed(j))
		j->rthdr_by = (int)j->i;
}

void ipv6_hoplimit_check(struct judge *j)
{
	int32_t v;

	if (!judge_int(j, &v))
		return;

	int16_t kept = (int16_t)v; /* the kernel keeps it in 16 bits and looks at the range then */

	if (kept < -1 || kept > 255)
		judge_reject(j, CHECK_VALUE, EINVAL, "IPV6_HOPLIMIT is -1 ... 255");
	else if (kept != v)
		j->v->why = "the value is cut to 16 bits and sent as that hop limit";
	else if (kept == -1)
		j->v->why = "-1 is the default hop limit";
}

void ipv6_tclass_check(struct judge *j)
{
	int32_t v;

	if (!judge_int(j, &v))
		return;
	if (v < -1 || v > 255)
		judge_reject(j, CHECK_VALUE, EINVAL, "IPV6_TCLASS is -1 ... 255");
	else if (v == -1) /* "ipv6: replace ipcm6_init calls with ipcm6_init_sk" */
		j->v->why = release_has(j->release, KERNEL_RELEASE(6, 15, 0),
					(const uint32_t[]){ KERNEL_RELEASE(6, 12, 35), 0 })
				    ? "-1 is sent as traffic class 0xff"
				    : "-1 is the socket's own traffic class";
}
