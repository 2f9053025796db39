// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is checked after a protocol's parser let all its control messages pass: the route lookup's checks
 * of source and interface, segmentation, and what a family's parser says of the whole.  Pure.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "kernel/parser.h"

/* ---- UDP segmentation ---- */

enum { SEGMENTS_OLD = 64, SEGMENTS = 128 };

static bool extension_headers(const struct judge *j)
{
	return j->hopopts_by >= 0 || j->dst1_by >= 0 || j->rthdr_by >= 0;
}

/* udp_send_skb() and udp_v6_send_skb(): after routing, when the datagram is built. */
void late_segment(struct judge *j)
{
	static const char where[] = "net/ipv4/udp.c udp_send_skb()";
	int32_t size = j->out->gso;

	if (j->gso_by < 0 || size <= 0)
		return;

	uint64_t limit = judge_since(j, KERNEL_RELEASE(6, 9, 0)) ? SEGMENTS : SEGMENTS_OLD;

	if (j->m->total > limit * (uint64_t)size) {
		judge_reject_late(j, j->gso_by, CHECK_VALUE, EINVAL,
				  limit == SEGMENTS ? "more than 128 segments"
						    : "more than 64 segments",
				  where);
		return;
	}
	switch (judge_opt(j, OPT_SO_NO_CHECK)) {
	case YES:
		judge_reject_late(j, j->gso_by, CHECK_STATE, EINVAL,
				  "segmentation needs checksums, and SO_NO_CHECK is on", where);
		return;
	case MAYBE:
		judge_assume(j, "SO_NO_CHECK is off");
		break;
	case NO:
		break;
	}
	if (j->kind == SOCK_KIND_UDPLITE4 || j->kind == SOCK_KIND_UDPLITE6) {
		judge_reject_late(j, j->gso_by, CHECK_STATE, EIO, "UDP-Lite can't be segmented",
				  where);
		return;
	}
	/* until then checksums were left to the device only where UDP's header follows IPv6's */
	if (!judge_since(j, KERNEL_RELEASE(6, 11, 0)) && extension_headers(j)) {
		judge_reject_late(j, j->gso_by, CHECK_STATE, EIO,
				  "segmentation together with IPv6 extension headers (until 6.10)",
				  where);
		return;
	}
	judge_assume(j, "a segment fits the route's MTU");
}

/* ---- IPv4 ---- */

static const char route_c[] = "net/ipv4/route.c ip_route_output_key_hash_rcu()";

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

void late_ipv4(struct judge *j)
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
	late_segment(j);
}

/* ---- IPv6 ---- */

/*
 * net/ipv6/route.c ip6_route_output_flags(): the interface binds the lookup only where the source is
 * still open, the socket is bound to a device or the destination has link scope.
 */
static void hint_late(struct judge *j)
{
	const bool bound = j->sk && j->sk->local.len && !addr_is_wildcard(&j->sk->local);

	if (!j->out->oif || sock_opt(j->sk, OPT_SO_BINDTODEVICE) || addr_is_linklocal(&j->dest) ||
	    addr_is_multicast(&j->dest))
		return;
	j->out->oif_hint = j->out->source.len || bound;
}

void late_ipv6(struct judge *j)
{
	hint_late(j);
	if (j->dst0_by >= 0 && j->rthdr_by < 0 && j->kind != SOCK_KIND_PING6) {
		struct verdict *v = &j->m->verdict[j->dst0_by];

		v->what = VERDICT_IGNORE;
		v->ignored = WHY_NO_EFFECT;
		v->why = "without a routing header these options are dropped";
	}
	if (addr_is_mapped(&j->out->source) && !addr_is_wildcard(&j->dest)) {
		judge_reject_late(j, j->source_by, CHECK_ADDRESS, EAFNOSUPPORT,
				  "a v4-mapped source can't reach an IPv6 address",
				  "net/ipv6/ip6_output.c ip6_dst_lookup_tail()");
		return;
	}
	late_segment(j);
}

/* ---- others ---- */

/* tcp_sendmsg_locked(): device memory needs a zerocopy send. */
void late_tcp(struct judge *j)
{
	static const char where[] = "net/ipv4/tcp.c tcp_sendmsg_locked()";

	if (j->dmabuf_by < 0)
		return;
	if (!(j->ev->flags & F_ZEROCOPY) || judge_opt(j, OPT_SO_ZEROCOPY) == NO)
		judge_reject_late(j, j->dmabuf_by, CHECK_STATE, EINVAL,
				  "device memory is sent with MSG_ZEROCOPY and SO_ZEROCOPY only",
				  where);
	else
		judge_assume(j, "SO_ZEROCOPY is on and the dma-buf is bound");
}

void late_tls(struct judge *j)
{
	if (j->m->in.controllen && !(j->found & FOUND_ONE))
		judge_fail(j, EINVAL, "none of the control messages is for SOL_TLS",
			   "net/tls/tls_main.c tls_process_cmsg()");
}

void late_espintcp(struct judge *j)
{
	if (j->m->in.controllen)
		judge_fail(j, EOPNOTSUPP, "a socket with the espintcp ULP takes no control data",
			   "net/xfrm/espintcp.c espintcp_sendmsg()");
}

void late_alg(struct judge *j)
{
	judge_assume(j, "it is a cipher's socket: those of hashes and random numbers read none");
}

void late_rxrpc(struct judge *j)
{
	if (!(j->found & FOUND_CALL_ID))
		judge_fail(j, EINVAL, "there is no RXRPC_USER_CALL_ID",
			   "net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg()");
}
