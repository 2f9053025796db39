// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT206: a reply that gives a source address, but not the one that was asked. */
#include "config.h"

#include "check/known.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || !m->ncmsg || !known_dest(c, r) || !cur->convo || !known_outcome(c, r) ||
	    !m->outcome->source.len)
		return;
	if (cur->convo->unseen_asked) {
		rule_skipped(c, r, "the address that was asked is not known");
		return;
	}

	const struct asked *asked = convo_asked(cur->convo);

	struct addr from = reply_from(c, &m->outcome->source);

	if (!asked || convo_asked_at(cur->convo, &from) || !reply_asked_is_ours(c, asked))
		return;

	/* a bound socket that gives another address does it on purpose: the protocol may ask for it */
	bool wildcard = reply_wildcard(c);
	struct finding *f =
		finding_start(c, r, wildcard ? SEVERITY_ERROR : SEVERITY_WARNING, (int)cur->index,
			      m->outcome->cmsg, sock_kind_name(cur->kind));

	if (!f)
		return;
	f->asked = reply_asked_addr(asked);
	f->asked_event = asked->event;
	f->from = from;
	finding_message(c, f, "this reply to %s gives %s as its source, but it was %s",
			say_addr(c, &cur->dest), say_host(c, &from), reply_asked_text(c, asked));
	reply_note_wire(c, f, asked);
	finding_note(c, f, "remedy: give the address that came with the request it answers (%s)",
		     say_inet(c, &asked->local));
	if (!wildcard)
		finding_note(c, f, "the socket is bound to %s", say_host(c, &ev->sock->local));
	finding_note(c, f, "kernel: %s",
		     addr_is_v4(&cur->dest) ? "net/ipv4/ip_sockglue.c ip_cmsg_send()"
					    : "net/ipv6/datagram.c ip6_datagram_send_ctl()");
	finding_done(c, f);
}

const struct rule ct206 = {
	.id = "CT206",
	.name = "reply-source-differs",
	.severity = SEVERITY_ERROR,
	.title = "the reply carries a source, but not the address its request was sent to",
	.explains = EXPLAINS_SOURCE,
	.what = "A reply gave its source address by a control message, and the peer had sent its\n"
		"requests to another address of this host. The last addresses that the peer asked are\n"
		"remembered, so an answer that is late is not reported. Requests to broadcast and\n"
		"multicast addresses are answered from any address.",
	.why = "The client waits for an answer from the address it asked and drops this one. Usual\n"
	       "causes: one address kept for all clients, ipi_spec_dst taken from another request, the\n"
	       "first address of an interface, a worker that answers with another worker's message.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl():\n"
		"the source given is taken as it is, if it is one of the host's own.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <netinet/in.h>\n"
	       "\n"
	       "static struct in_pktinfo last; /* of whoever asked last */\n"
	       "\n"
	       "void asked(const struct in_pktinfo *i)\n"
	       "{\n"
	       "	last = *i;\n"
	       "}\n"
	       "\n"
	       "struct in_pktinfo source(void)\n"
	       "{\n"
	       "	return (struct in_pktinfo){ .ipi_spec_dst = last.ipi_addr };\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"\n"
		"struct request {\n"
		"	struct sockaddr_in peer;\n"
		"	struct in_addr asked; /* kept with the request it came with */\n"
		"};\n"
		"\n"
		"struct in_pktinfo source(const struct request *r)\n"
		"{\n"
		"	return (struct in_pktinfo){ .ipi_spec_dst = r->asked };\n"
		"}\n",
	.remedy =
		"Keep the asked address beside the peer's address, with the request or the session, and\n"
		"give that one with each reply: retries, probes and errors too.",
	.send = check,
};
