// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The source that the kernel chooses for a reply, compared with the address that was asked.  The choice
 * is the routing table's (net/ipv4/udp.c udp_sendmsg(), net/ipv6/ip6_output.c ip6_dst_lookup_tail()).
 */
#include "config.h"

#include "check/reply.h"

#include <string.h>

#include "check/internal.h"
#include "check/meant.h"
#include "check/say.h"
#include "uapi/uapi.h"

bool reply_wildcard(const struct check *c)
{
	const struct sock *s = c->msg.ev->sock;

	return s && addr_is_inet(&s->local) && addr_is_wildcard(&s->local);
}

/* Nobody fills in ipi_addr who makes the message himself: the kernel doesn't read it. */
static bool is_copied(const struct msg *m)
{
	uint32_t addr = 0;

	for (uint32_t i = 0; i < m->ncmsg && !addr; i++) {
		if (m->cmsg[i].level == L_IP && m->cmsg[i].type == T_IP_PKTINFO &&
		    m->cmsg[i].data_len >= PKTINFO_SIZE)
			memcpy(&addr, m->cmsg[i].data + 8, sizeof(addr));
	}
	return addr;
}

bool reply_echoes(const struct check *c)
{
	const struct convo *v = c->msg.convo;
	const struct msg *m = c->msg.m;

	return v && m->ncmsg && v->control_ptr &&
	       convo_control_hash(&m->in.control) == v->control_hash &&
	       (v->control_ptr == m->in.control_ptr || is_copied(m));
}

struct addr reply_from(const struct check *c, const struct addr *otherwise)
{
	struct inet seen = inet_of(&c->msg.m->wire.local);

	/* a packet shows what --try-fix made of the message */
	if (!c->msg.m->wire.have || !seen.family || msg_was_changed(c->msg.m))
		return *otherwise;
	seen.port = 0;
	return inet_addr_of(&seen);
}

/* " (packet 12 of a.pcap)", where a file has it. */
static const char *packet_text(struct check *c, const char *capture, uint64_t packet)
{
	return capture ? arena_printf(&c->arena, " (packet %llu of %s)", (unsigned long long)packet,
				      capture)
		       : "";
}

void reply_note_wire(struct check *c, struct finding *f, const struct asked *asked)
{
	const struct wire_fact *w = c->msg.m ? &c->msg.m->wire : NULL;
	bool left = w && w->have && !msg_was_changed(c->msg.m), came = asked && asked->on_wire;
	const char *out = left ? packet_text(c, w->capture, w->packet) : "";
	const char *in = came ? packet_text(c, asked->capture, asked->packet) : "";

	if (left && came && *in)
		finding_note(c, f, "seen on the wire: the request's packet%s and the reply's%s", in,
			     out);
	else if (left && came)
		finding_note(c, f, "seen on the wire: both addresses are their packets' own");
	else if (left)
		finding_note(c, f, "seen on the wire: the source of its packet%s", out);
	else if (came)
		finding_note(c, f, "seen on the wire: the destination of the request's packet%s",
			     in);
}

void reply_note_unrouted(struct check *c, struct finding *f)
{
	finding_note(c, f,
		     "whether it is the same is not known: what ip addr, ip route and ip rule "
		     "print (--net), or a capture (--pcap), settles it");
}

struct addr reply_asked_addr(const struct asked *a)
{
	return a ? inet_addr_of(&a->local) : addr_of(NULL, 0);
}

const char *reply_asked_text(struct check *c, const struct asked *a)
{
	return arena_printf(&c->arena, "asked at %s (%s, event %llu)", say_inet(c, &a->local),
			    call_rows[a->call].name, (unsigned long long)a->event);
}

bool reply_asked_is_ours(struct check *c, const struct asked *a)
{
	struct addr addr = inet_addr_of(&a->local);

	if (a->indirect)
		return false;
	return check_is_local(c, &addr) != 0;
}

int reply_source_cmsg(const struct msg *m)
{
	for (uint32_t i = m->ncmsg; i-- > 0;) {
		if (m->verdict[i].what == VERDICT_ACCEPT && meant_is_source(m->cmsg[i].row))
			return (int)i;
	}
	return -1;
}

struct addr reply_unread_addr(const struct cmsg *cm)
{
	static const unsigned char none[4];
	bool v4 = cm->level == L_IP && cm->type == T_IP_PKTINFO && cm->data_len >= 12;

	return addr_of_in(v4 ? cm->data + 8 : none, 0);
}

/*
 * We wrote to this peer, or to its host, first.  What comes to the address that we wrote from answers us, and
 * what we send then is our next question; where nothing tells to which address it came, it may be one.
 */
static bool is_our_question(struct check *c, const struct rule *r, const struct asked *asked,
			    const struct route_fact *route)
{
	const struct convo *v = c->msg.convo;

	if (asked)
		return asked->by_wire ||
		       (v->wrote.family && inet_same_host(&v->wrote, &asked->local));
	if (v->guessed && route && route->candidates > 1)
		rule_skipped(c, r, "it may be a question of ours: we wrote to that host first");
	return true;
}

/*
 * Nobody can tell what the kernel chooses.  That the program leaves the choice to it is a fact all the same,
 * where another address than the peer's own was asked, which local routes would give.
 */
static enum reply_fate fate_unrouted(struct check *c, const struct rule *r,
				     const struct asked *asked)
{
	const struct convo *v = c->msg.convo;
	const struct inet dest = inet_of(&c->msg.dest);

	if (c->msg.m->route.have || convo_ours(v) || v->nameless ||
	    (asked && inet_same_host(&dest, &asked->local))) {
		check_route(c, r);
		return REPLY_NONE;
	}
	if (asked)
		return REPLY_UNROUTED;
	rule_skipped(c, r,
		     "neither the address that was asked nor the routing table's choice is known");
	return REPLY_NONE;
}

struct reply reply_automatic(struct check *c, const struct rule *r)
{
	const struct check_msg *m = &c->msg;
	struct reply out = { .fate = REPLY_NONE };

	if (!m->convo)
		return out;
	if (!m->ev->sock || !m->ev->sock->local.len) {
		/* connect() bound it to an address, whichever: CT205 */
		if (m->ev->sock && m->ev->sock->peer.len && m->sock && m->sock->was_wildcard)
			return out;
		rule_skipped(c, r, "the socket's bound address is not known");
		return out;
	}
	if (!reply_wildcard(c))
		return out;
	if (m->m->in.unseen & HDR_UNSEEN_ROOM) {
		rule_skipped(c, r, "not all of its control messages are known");
		return out;
	}
	out.asked = convo_asked(m->convo);
	if (out.asked && !reply_asked_is_ours(c, out.asked))
		return out;
	if (!out.asked && m->convo->unseen_asked) {
		rule_skipped(c, r, "the address that was asked is not known");
		return out;
	}

	/* where both packets were seen the table only tells whether it could have been another way */
	bool seen = m->m->wire.have && out.asked && !msg_was_changed(m->m);
	const struct route_fact *route = check_route(c, NULL);

	if (!route && !seen) {
		out.fate = fate_unrouted(c, r, out.asked);
		return out;
	}
	out.from = reply_from(c, route ? &route->source : &m->m->wire.local);
	if (convo_ours(m->convo) && is_our_question(c, r, out.asked, route))
		return out;
	if (!out.asked) {
		out.fate = route->candidates > 1 ? REPLY_UNTOLD : REPLY_SINGLE;
		return out;
	}

	struct inet from = inet_of(&out.from);

	if (inet_same_host(&from, &out.asked->local))
		out.fate = route && route->candidates > 1 && !convo_ours(m->convo) ? REPLY_LUCKY
										   : REPLY_SINGLE;
	else if (!m->convo->nameless &&
		 (!convo_asked_at(m->convo, &out.from) || convo_certain(m->convo)))
		out.fate = REPLY_WRONG;
	else
		out.fate = REPLY_UNSURE;
	return out;
}
