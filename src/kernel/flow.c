// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel looks a message's route up with: its socket's options, and what its control messages
 * change of them.  Pure.
 * Kernel: net/ipv4/udp.c udp_sendmsg(), net/ipv6/udp.c udpv6_sendmsg(), net/ipv6/datagram.c
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "kernel/model.h"
#include "uapi/uapi.h"

enum { NO_ECN = 0xfc }; /* of a TOS or a traffic class, what lookups see */

/* What the message's own control messages change of the lookup. */
struct wishes {
	bool no_source; /* an IPv4 pktinfo without an address takes the socket's own away */
	bool has_mark, has_tos;
	uint32_t mark;
	int32_t tos;
};

/* Only what the kernel takes: a refused or ignored one changes nothing. */
static struct wishes wishes_of(const struct msg *m, bool v4)
{
	struct wishes w = { 0 };

	if (!m || !m->outcome)
		return w;
	w.no_source = v4 && m->outcome->has_source_cmsg &&
		      (!m->outcome->source.len || addr_is_wildcard(&m->outcome->source));
	for (uint32_t i = 0; m->verdict && i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];
		int32_t v = 0;

		if (m->verdict[i].what != VERDICT_ACCEPT)
			continue;
		if (c->data_len >= sizeof(v))
			memcpy(&v, c->data, sizeof(v));
		else if (c->data_len)
			v = c->data[0];
		if (c->level == L_SOCKET && c->type == T_MARK) {
			w.has_mark = true;
			w.mark = (uint32_t)v;
		} else if (v4 ? c->level == L_IP && c->type == T_IP_TOS
			      : c->level == L_IPV6 && c->type == T_IPV6_TCLASS) {
			w.has_tos = true;
			w.tos = v;
		}
	}
	return w;
}

static uint32_t scope_id(const struct addr *a)
{
	if (a->family != AF_INET6 || a->len < sizeof(struct sockaddr_in6))
		return 0;
	return ((const struct sockaddr_in6 *)&a->ss)->sin6_scope_id;
}

/* An empty destination means this host (ip_route_output_key_hash_rcu(), udpv6_sendmsg()). */
static struct addr real_dest(const struct addr *dest)
{
	struct addr d = addr_unmapped(dest);
	static const struct in6_addr lo6 = IN6ADDR_LOOPBACK_INIT;
	const struct in_addr lo4 = { htonl(INADDR_LOOPBACK) };

	if (!addr_is_wildcard(&d))
		return d;
	if (d.family == AF_INET)
		return addr_of_in(&lo4, addr_port(&d));
	return addr_of_in6(&lo6, addr_port(&d), 0);
}

/* The interface that the lookup is bound to; oif: by a control message. */
static void fill_oif(struct flow *f, const struct sock *s, uint32_t oif)
{
	const bool many = addr_is_multicast(&f->dest);
	uint32_t bound = (uint32_t)sock_opt(s, OPT_SO_BINDTODEVICE);

	f->oif = oif ? oif : bound;
	if (f->dest.family == AF_INET6) {
		if ((addr_is_linklocal(&f->dest) || many) && scope_id(&f->dest))
			f->oif = scope_id(&f->dest);
		else if (!f->oif)
			f->oif = (uint32_t)sock_opt(s, many ? OPT_IPV6_MULTICAST_IF
							    : OPT_IPV6_UNICAST_IF);
	} else if (!f->oif && many) {
		/* one that is set by index (ip_mreqn) can't be read back, only an address */
		f->oif_unknown = !sock_opt(s, OPT_IP_MULTICAST_IF);
	} else if (!f->oif) {
		f->oif = (uint32_t)sock_opt(s, OPT_IP_UNICAST_IF);
	}
}

static struct addr bound_to(const struct sock *s, const struct wishes *w)
{
	struct addr local = addr_unmapped(&s->local);

	return w->no_source ? addr_of_in(&(struct in_addr){ 0 }, addr_port(&local)) : local;
}

/* The owner of the socket, else who sends. */
static uint32_t uid_of(const struct event *ev)
{
	if (ev->sock->has & SOCK_HAS_UID)
		return ev->sock->uid;
	return ev->proc && ev->proc->has & PROC_HAS_IDS ? ev->proc->euid : UINT32_MAX;
}

struct question model_route(const struct event *ev, const struct msg *m, const struct addr *dest,
			    uint32_t oif)
{
	struct question q = { .kind = ASK_ROUTE, .addr = *dest, .oif = oif };
	const struct sock *s = ev->sock;
	struct flow *f = &q.flow;

	f->uid = UINT32_MAX;
	f->dest = real_dest(dest);
	if (!s || !addr_is_inet(&f->dest))
		return q;

	const bool v4 = f->dest.family == AF_INET;
	const struct wishes w = wishes_of(m, v4);
	const int32_t tos = w.has_tos ? w.tos : sock_opt(s, v4 ? OPT_IP_TOS : OPT_IPV6_TCLASS);

	f->have = true;
	f->source = bound_to(s, &w);
	fill_oif(f, s, oif);
	f->mark = w.has_mark ? w.mark : (uint32_t)sock_opt(s, OPT_SO_MARK);
	f->tos = tos < 0 ? 0 : tos & NO_ECN;
	f->uid = uid_of(ev);
	if (s->has & SOCK_HAS_PROTOCOL && s->protocol > 0 && s->protocol <= UINT8_MAX)
		f->protocol = (uint8_t)s->protocol;
	return q;
}
