// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT208: a source address that the kernel refuses, or that can't work. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum { LO_IFINDEX = 1 }; /* in every network namespace */

/*
 * A loopback source on another interface.  IPv4 refuses it with EINVAL (net/ipv4/route.c
 * __mkroute_output()): what left went over lo, towards one of our own addresses or a group that was joined
 * there.  IPv6 lets it leave, and the receiver drops it.
 */
static bool astray(struct check *c, const struct rule *r, const struct addr *a, uint32_t ifindex)
{
	const struct check_msg *cur = check_msg(c);
	int local;

	if (!addr_is_loopback(a) || addr_is_loopback(&cur->dest) || ifindex == LO_IFINDEX)
		return false;
	if (addr_is_v4(a))
		return !cur->left && event_error(cur->ev) == -EINVAL;
	if (!cur->left)
		return false;
	if (addr_is_multicast(&cur->dest))
		return ifindex != 0;
	local = check_is_local(c, &cur->dest);
	if (local < 0)
		rule_skipped(c, r, "the addresses of the host are not known");
	return local == 0;
}

/* What is wrong with giving a as source; NULL: nothing that is known. */
static const char *problem(struct check *c, const struct rule *r, const struct addr *a,
			   uint32_t ifindex, const struct verdict *v)
{
	static const char said[] = "the source address ";
	const struct check_msg *cur = check_msg(c);

	if (addr_is_multicast(a))
		return "is a multicast address";
	if (addr_is_broadcast(a))
		return "is the broadcast address";
	if (astray(c, r, a, ifindex))
		return "is a loopback address, and the peer is outside";
	if (addr_is_linklocal(a) && !addr_is_v4(a) && !ifindex && !cur->left)
		return "is link-local, and no interface is given";
	if (cur->left)
		return NULL;
	if (v->what == VERDICT_REJECT && v->check == CHECK_ADDRESS &&
	    !strncmp(v->why, said, sizeof(said) - 1) &&
	    strncmp(v->why, "the source address is not", 25))
		return v->why + sizeof(said) - 1;

	int local = check_is_local(c, a);

	if (local < 0)
		rule_skipped(c, r, "the addresses of the host are not known");
	if (local == 0)
		return "is none of this host's addresses (or a subnet's broadcast address)";
	return NULL;
}

static uint32_t index_of(const struct cmsg *cm)
{
	const unsigned char *p = cm->data + (cm->level == L_IP ? 0 : 16);

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void tell(struct check *c, const struct rule *r, uint32_t i, const struct addr *a,
		 const char *why)
{
	const struct check_msg *cur = check_msg(c);
	const struct event *ev = cur->ev;
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, why);

	if (!f)
		return;
	f->from = *a;
	if (cur->left)
		finding_message(c, f, "%s gives %s as the source of a message to %s: it %s",
				say_which(c, i), say_host(c, a), say_addr(c, &cur->dest), why);
	else
		finding_message(c, f, "%s fails with %s: %s gives %s as the source, which %s",
				say_call(ev), say_errno((int)ev->result), say_which(c, i),
				say_host(c, a), why);
	if (cur->left)
		finding_note(c, f, "the call succeeds, and the packet is dropped on its way");
	if (cur->convo && convo_asked(cur->convo) && convo_asked(cur->convo)->indirect)
		finding_note(
			c, f,
			"the request was sent to that address: answer from ipi_spec_dst (IPv4), or "
			"without a source");
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
		     : addr_is_v4(&cur->dest)  ? "net/ipv4/route.c ip_route_output_key_hash_rcu()"
					       : "net/ipv6/datagram.c ip6_datagram_send_ctl()");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int err = -event_error(ev);

	if (!cur->left && err != EINVAL && err != ENETUNREACH && err != EADDRNOTAVAIL)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		enum verdict_what what = m->verdict[i].what;

		if (!meant_is_source(cm->row) || what == VERDICT_IGNORE ||
		    what == VERDICT_NOT_REACHED ||
		    (m->outcome && m->outcome->known && m->outcome->err &&
		     m->outcome->cmsg != (int)i))
			continue;

		if (!known_payload(c, r, cm))
			continue;

		struct addr a = meant_source(cm->row, cm);

		/* CT103 speaks of an IPv6 address towards an IPv4 peer */
		if (!a.len || (cur->mapped && !addr_is_v4(&a)))
			continue;

		const char *why = problem(c, r, &a, index_of(cm), &m->verdict[i]);

		if (why)
			tell(c, r, i, &a, why);
	}
}

const struct rule ct208 = {
	.id = "CT208",
	.name = "source-unusable",
	.severity = SEVERITY_ERROR,
	.title = "the source address given can't be used",
	.explains = EXPLAINS_REFUSAL | EXPLAINS_SOURCE,
	.what = "A control message gives a source that the kernel refuses or that can't work: a broadcast or\n"
		"multicast address, an address that is not the host's own, a loopback address towards the\n"
		"outside, an IPv6 link-local address without an interface. It is told once, also where the\n"
		"program tries again without it.",
	.why = "A server that gives back the asked address verbatim fails for requests to broadcast and\n"
	       "multicast addresses, with EINVAL or ENETUNREACH, which reads like a routing problem.",
	.kernel =
		"net/ipv4/route.c ip_route_output_key_hash_rcu(): EINVAL for multicast, broadcast and zeronet\n"
		"sources, ENETUNREACH where the address is not local; net/ipv6/datagram.c\n"
		"ip6_datagram_send_ctl(): EINVAL where it is not.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <netinet/in.h>\n"
	       "\n"
	       "/* ipi_addr is 192.0.2.255 or 224.0.0.251 where the request was not unicast */\n"
	       "struct in_pktinfo source(const struct in_pktinfo *received)\n"
	       "{\n"
	       "	return (struct in_pktinfo){ .ipi_spec_dst = received->ipi_addr };\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"\n"
		"/* ipi_spec_dst: the local address to answer from, also for broadcast and multicast */\n"
		"struct in_pktinfo source(const struct in_pktinfo *received)\n"
		"{\n"
		"	return (struct in_pktinfo){ .ipi_spec_dst = received->ipi_spec_dst };\n"
		"}\n",
	.remedy =
		"IPv4: answer from the received ipi_spec_dst, which the kernel fills with a usable address.\n"
		"IPv6: where ipi6_addr is multicast, leave it :: and give the interface.\n"
		"Sources that are not the host's own need IP_TRANSPARENT (IP_FREEBIND is not enough on IPv4),\n"
		"IPv6 ones IPV6_FREEBIND or IPV6_TRANSPARENT.",
	.send = check,
};
