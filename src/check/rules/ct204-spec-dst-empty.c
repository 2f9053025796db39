// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT204: an IP_PKTINFO whose address stands in the field that is never read on send. */
#include "config.h"

#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

static bool carries_source(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (meant_is_source(m->cmsg[i].row))
			return true;
	}
	return false;
}

static bool bound(const struct event *ev)
{
	return ev->sock && addr_is_inet(&ev->sock->local) && !addr_is_wildcard(&ev->sock->local);
}

/* What the kernel chooses now; len 0: not known. */
static struct addr automatic(struct check *c)
{
	const struct route_fact *route = check_route(c, NULL);

	return route ? route->source : addr_of(NULL, 0);
}

static void tell(struct check *c, const struct rule *r, struct event *ev, int i,
		 const struct addr *meant, bool replaces)
{
	const struct check_msg *cur = check_msg(c);
	struct addr from = automatic(c);
	bool luck = from.len && addr_same_host(&from, meant);
	struct finding *f = finding_start(c, r, luck ? SEVERITY_WARNING : SEVERITY_ERROR,
					  (int)cur->index, i, replaces ? "bound" : "ipi_addr");

	if (!f)
		return;
	f->from = from;
	if (replaces) {
		finding_message(c, f,
				"%s replaces the socket's bound address %s by an automatic one: "
				"its ipi_spec_dst is 0.0.0.0",
				say_which(c, (uint32_t)i), say_host(c, meant));
	} else {
		finding_message(c, f,
				"%s does not set the source: its ipi_spec_dst is 0.0.0.0, and "
				"ipi_addr (%s) is never read on send",
				say_which(c, (uint32_t)i), say_host(c, meant));
		finding_note(c, f, "meant: IP_PKTINFO {ipi_ifindex=0, ipi_spec_dst=%s}",
			     say_host(c, meant));
	}
	finding_note(c, f, "holds: %s %s", cur->m->cmsg[i].row ? cur->m->cmsg[i].row->name : "",
		     say_value(c, cur->m->cmsg[i].row, &cur->m->cmsg[i]));

	const struct asked *asked = cur->convo ? convo_asked(cur->convo) : NULL;

	if (asked && !asked->indirect) {
		f->asked = reply_asked_addr(asked);
		f->asked_event = asked->event;
	}
	if (from.len && asked && !addr_same_host(&from, &f->asked) && !asked->indirect)
		finding_note(c, f, "so this reply to %s leaves from %s, but it was %s",
			     say_addr(c, &cur->dest), say_host(c, &from),
			     reply_asked_text(c, asked));
	else if (from.len)
		finding_note(c, f, "so this message to %s leaves from %s%s",
			     say_addr(c, &cur->dest), say_host(c, &from),
			     luck ? ": right today, by luck" : "");
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
					       : "net/ipv4/ip_sockglue.c ip_cmsg_send()");
	finding_done(c, f);
	(void)ev;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || !carries_source(m) || !known_outcome(c, r))
		return;
	if (!m->outcome->has_source_cmsg || m->outcome->source.len || m->outcome->err)
		return;

	int i = reply_source_cmsg(m);

	if (i < 0 || (m->cmsg[i].level != L_IP && !cur->mapped))
		return;

	struct addr unread = reply_unread_addr(&m->cmsg[i]);

	if (!addr_is_wildcard(&unread)) {
		/* a request to a broadcast or multicast address: no source could be made of that */
		if (addr_is_multicast(&unread) || addr_is_broadcast(&unread) ||
		    check_is_local(c, &unread) == 0)
			return;
		tell(c, r, ev, i, &unread, false);
		return;
	}
	if (!bound(ev) || addr_is_multicast(&ev->sock->local))
		return; /* only an interface is asked for: the choice is the point */
	tell(c, r, ev, i, &ev->sock->local, true);
}

const struct rule ct204 = {
	.id = "CT204",
	.name = "spec-dst-empty",
	.severity = SEVERITY_ERROR,
	.title = "IP_PKTINFO with ipi_spec_dst 0: ipi_addr is never read on send",
	.explains = EXPLAINS_SOURCE,
	.what = "An IP_PKTINFO was sent whose ipi_spec_dst is 0.0.0.0 while ipi_addr holds an address,\n"
		"or on a socket that is bound (or connected). Only ipi_spec_dst is the source.",
	.why = "On receive the asked address stands in ipi_addr, on send it is read from ipi_spec_dst.\n"
	       "A program that fills the same field in both directions gets an automatic source without\n"
	       "an error. On a bound or connected socket an empty ipi_spec_dst does not mean \"keep\":\n"
	       "the bound source is replaced by an automatic one.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(): ipc->addr = info->ipi_spec_dst.s_addr, always;\n"
		"net/ipv4/udp.c udp_sendmsg() takes it instead of inet->inet_saddr.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <netinet/in.h>\n"
	       "\n"
	       "struct in_pktinfo source(struct in_addr asked)\n"
	       "{\n"
	       "	return (struct in_pktinfo){ .ipi_addr = asked }; /* never read on send */\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"\n"
		"struct in_pktinfo source(struct in_addr asked)\n"
		"{\n"
		"	return (struct in_pktinfo){ .ipi_spec_dst = asked };\n"
		"}\n",
	.remedy =
		"Put the source into ipi_spec_dst; leave ipi_addr alone.\n"
		"C: info.ipi_spec_dst = received.ipi_addr (or received.ipi_spec_dst, which is right for\n"
		"   broadcast and multicast requests too).\n"
		"Go: ipv4.ControlMessage{Src: ip}; by hand unix.Inet4Pktinfo{Spec_dst: ip}, not Addr.\n"
		"Python: struct.pack('@I4s4s', 0, socket.inet_aton(source), bytes(4)): source comes second.\n"
		"Rust: libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst, ipi_addr: zeroed }.",
	.send = check,
};
