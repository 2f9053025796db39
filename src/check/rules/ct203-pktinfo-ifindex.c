// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT203: an interface index in a pktinfo that overrides routing. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* The interface index that control message i gives; 0 none. */
static bool is_pktinfo(const struct cmsg *cm)
{
	return (cm->level == L_IP && cm->type == T_IP_PKTINFO) || meant_is_source(cm->row);
}

static uint32_t index_of(const struct cmsg *cm)
{
	uint32_t index = 0;

	if (cm->level == L_IP && cm->type == T_IP_PKTINFO && cm->data_len >= PKTINFO_SIZE)
		memcpy(&index, cm->data, 4);
	else if (meant_is_source(cm->row) && cm->data_len >= PKTINFO6_SIZE)
		memcpy(&index, cm->data + 16, 4);
	return index;
}

/* ENODEV: no such interface. */
static void tell_absent(struct check *c, const struct rule *r, uint32_t i, uint32_t index)
{
	const struct check_msg *cur = check_msg(c);
	uint32_t swapped = __builtin_bswap32(index);
	const char *name = check_ifname(c, swapped);
	struct finding *f = finding_start(c, r, SEVERITY_ERROR, (int)cur->index, (int)i, "absent");

	if (!f)
		return;
	finding_message(c, f,
			"%s asks for interface %u, and there is none in the socket's network "
			"namespace: the send fails with ENODEV",
			say_which(c, i), index);
	if (swapped <= 0xffff && name && *name)
		finding_note(
			c, f,
			"meant: %s: the bytes are swapped, an interface index is in host order",
			say_ifindex(c, swapped));
	else
		finding_note(c, f,
			     "the index may be from another namespace, or the interface is gone");
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
					       : "net/ipv4/route.c ip_route_output_key_hash_rcu()");
	finding_done(c, f);
}

static void tell_bound(struct check *c, const struct rule *r, uint32_t i, uint32_t index,
		       uint32_t bound)
{
	const struct check_msg *cur = check_msg(c);
	struct finding *f = finding_start(c, r, SEVERITY_WARNING, (int)cur->index, (int)i, "bound");

	if (!f)
		return;
	finding_message(c, f, "%s asks for interface %s, and the socket is bound to %s: %s%s",
			say_which(c, i), say_ifindex(c, index), say_ifindex(c, bound),
			cur->left ? "the message leaves by the former" : "the send fails with ",
			cur->left ? "" : say_errno(cur->m->verdict[i].err));
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
					       : "net/ipv4/ip_sockglue.c ip_cmsg_send()");
	finding_done(c, f);
}

/* Which interface would routing take without the index?  0: not known. */
static uint32_t routed(struct check *c, const struct rule *r)
{
	const struct check_msg *cur = check_msg(c);
	const struct question q = model_route(cur->ev, cur->m, &cur->dest, 0);
	const struct answer *a = check_ask(c, &q);

	if (!a || a->result) {
		rule_skipped(c, r, "the routing table could not be asked");
		return 0;
	}
	return a->route.err ? 0 : a->route.oif;
}

static void tell_overrides(struct check *c, const struct rule *r, uint32_t i, uint32_t index)
{
	const struct check_msg *cur = check_msg(c);
	uint32_t oif = routed(c, r);

	if (!oif || oif == index)
		return;

	struct finding *f =
		finding_start(c, r, SEVERITY_NOTE, (int)cur->index, (int)i, "overrides");

	if (!f)
		return;
	finding_message(c, f, "%s sends to %s by interface %s, where routing takes %s",
			say_which(c, i), say_addr(c, &cur->dest), say_ifindex(c, index),
			say_ifindex(c, oif));
	finding_note(
		c, f,
		"a reply usually needs only the source address: leave the interface 0 and routing "
		"(policy rules, a better path, a tunnel) decides");
	if (addr_is_v4(&cur->dest))
		finding_note(
			c, f,
			"where that interface has no route to it, the peer is taken to be on its "
			"link, and the packet is lost without an error");
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
					       : "net/ipv4/ip_sockglue.c ip_cmsg_send()");
	finding_done(c, f);
}

static bool routable(const struct addr *a)
{
	return addr_is_inet(a) && !addr_is_multicast(a) && !addr_is_broadcast(a) &&
	       !addr_is_linklocal(a) && !addr_is_loopback(a) && !addr_is_wildcard(a);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	uint32_t bound = (uint32_t)sock_opt(ev->sock, OPT_SO_BINDTODEVICE);

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		uint32_t index = index_of(&m->cmsg[i]);
		enum verdict_what what = m->verdict[i].what;

		if (what == VERDICT_IGNORE || what == VERDICT_NOT_REACHED)
			continue;
		if (is_pktinfo(&m->cmsg[i]) && !known_payload(c, r, &m->cmsg[i]))
			continue;
		if (!index)
			continue;
		if (ev->result == -ENODEV && (!m->outcome || m->outcome->err == ENODEV ||
					      what == VERDICT_REJECT || m->ncmsg == 1))
			tell_absent(c, r, i, index);
		else if (!known_opt(c, r, OPT_SO_BINDTODEVICE))
			continue;
		else if (bound && bound != index && (cur->left || what == VERDICT_REJECT))
			tell_bound(c, r, i, index, bound);
		else if (!bound && cur->left && routable(&cur->dest) && !reply_echoes(c))
			tell_overrides(c, r, i, index);
	}
}

const struct rule ct203 = {
	.id = "CT203",
	.name = "pktinfo-ifindex",
	.severity = SEVERITY_NOTE,
	.title = "the interface index of a pktinfo overrides routing, or is wrong",
	.explains = EXPLAINS_REFUSAL,
	.what = "An IP_PKTINFO or IPV6_PKTINFO was sent with an interface index.\n"
		"note: the peer is routable and routing would take another interface; some daemons do it on\n"
		"purpose. warning: the socket is bound to another interface (SO_BINDTODEVICE). error: there\n"
		"is no such interface in the socket's namespace (ENODEV): byte-swapped, gone, or from another\n"
		"namespace.",
	.why = "Answering by the interface that the request came in on is not the same as giving the source\n"
	       "address: it bypasses policy routing, tunnels and the better path, and on a host with\n"
	       "asymmetric routes the packet is lost without an error.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(): ipc->oif; it replaces even SO_BINDTODEVICE's\n"
		"interface. net/ipv6/datagram.c ip6_datagram_send_ctl(): a conflict is EINVAL.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <netinet/in.h>\n"
	       "\n"
	       "struct in_pktinfo source(const struct in_pktinfo *received)\n"
	       "{\n"
	       "	return (struct in_pktinfo){\n"
	       "		.ipi_ifindex = received->ipi_ifindex, /* by the way it came */\n"
	       "		.ipi_spec_dst = received->ipi_spec_dst,\n"
	       "	};\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"\n"
		"struct in_pktinfo source(const struct in_pktinfo *received)\n"
		"{\n"
		"	return (struct in_pktinfo){ .ipi_spec_dst = received->ipi_spec_dst };\n"
		"}\n",
	.remedy =
		"Leave the index 0 for routable peers; give it for link-local and multicast ones only.\n"
		"C: if_nametoindex() gives host order: no htonl().\n"
		"Go: ipv4.ControlMessage{Src: ip} with IfIndex 0.",
	.send = check,
};
