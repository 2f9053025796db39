// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT205: a connected or new socket whose source the kernel pinned to the route's address. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "check/check.h"
#include "check/known.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum how {
	CONNECTS,  /* the call under way connects the asked socket */
	CONNECTED, /* the asked socket was connected before */
	ELSEWHERE, /* another socket was asked */
};

/* Of a socket. */
struct state {
	bool pin_told;      /* said when it was connected */
	uint64_t connected; /* number of the connect() that pinned its source; 0: none did */
};

static void note_cause(struct check *c, struct finding *f, enum how how, const struct asked *asked)
{
	if (how == ELSEWHERE)
		finding_note(
			c, f,
			"because it is sent from another socket than was asked, and that one is "
			"bound to no address");
	else if (asked)
		finding_note(c, f,
			     "because connect() on a socket that was bound to no address pins the "
			     "route's address as its source");
	else
		finding_note(c, f,
			     "because the socket was bound to no address, and the request was "
			     "received without the address that it was sent to");
	if (asked && asked->by_cmsg)
		finding_note(c, f,
			     "remedy: bind the answering socket to the asked address before "
			     "connect() or the first send");
	else
		finding_note(c, f,
			     "remedy: receive with %s enabled, and bind a socket to the asked "
			     "address before connect() or the first send; or bind one socket per "
			     "address",
			     check_msg(c)->ev->sock->domain == AF_INET ? "IP_PKTINFO"
								       : "IPV6_RECVPKTINFO");
}

/* from NULL: nobody can tell what the kernel chose. */
static void tell(struct check *c, const struct rule *r, enum severity s, enum how how,
		 const struct asked *asked, const struct addr *from)
{
	static const char *const keys[][2] = {
		[CONNECTS] = { "connects v6", "connects v4" },
		[CONNECTED] = { "connected v6", "connected v4" },
		[ELSEWHERE] = { "elsewhere v6", "elsewhere v4" },
	};
	const struct check_msg *cur = check_msg(c);
	bool v4 = addr_is_v4(&cur->dest);
	struct finding *f =
		finding_start(c, r, s, how == CONNECTS ? -1 : (int)cur->index, -1, keys[how][v4]);

	if (!f)
		return;
	if (from)
		f->from = *from;
	if (asked) {
		f->asked = reply_asked_addr(asked);
		f->asked_event = asked->event;
	}

	const char *to = say_addr(c, &cur->dest);
	const char *host = from ? say_host(c, from) : "what the routing table chooses";
	const char *but = asked ? "but it was " : "whichever of the host's addresses was asked";
	const char *at = asked ? reply_asked_text(c, asked) : "";

	if (how == CONNECTS)
		finding_message(c, f, "connect() pins %s as the source of the replies to %s, %s%s",
				host, to, but, at);
	else
		finding_message(c, f, "this reply to %s leaves from %s, %s%s", to, host, but, at);
	reply_note_wire(c, f, asked);
	if (!from)
		reply_note_unrouted(c, f);
	note_cause(c, f, how, asked);
	finding_note(c, f, "kernel: %s",
		     v4 ? "net/ipv4/datagram.c __ip4_datagram_connect()"
			: "net/ipv6/datagram.c __ip6_datagram_connect()");
	finding_done(c, f);
}

/*
 * Where nobody can tell what the kernel chose it is a fact that the program left the choice to it; but local routes
 * give the peer's own address.
 */
static void tell_unrouted(struct check *c, const struct rule *r, enum how how,
			  const struct asked *asked)
{
	const struct inet dest = inet_of(&check_msg(c)->dest);

	if (!inet_same_host(&dest, &asked->local) && reply_asked_is_ours(c, asked))
		tell(c, r, SEVERITY_WARNING, how, asked, NULL);
}

/* It is not known what address connect() gave the socket: a request that came before was not sent there for it. */
static void check_unknown(struct check *c, const struct rule *r)
{
	const struct check_msg *cur = check_msg(c);
	const struct convo *v = cur->convo && cur->convo->requests ? cur->convo : NULL;
	const struct convo_peer *p = v ? NULL : check_elsewhere(c);
	const struct asked *asked = v ? convo_asked(v) : p && p->told ? &p->asked : NULL;
	const struct state *s = cur->sock ? rule_sock_known(c) : NULL;

	if (!s || !s->connected || !asked ||
	    (v && (v->last_event > s->connected || convo_ours(v) || v->nameless))) {
		rule_skipped(c, r, "the socket's bound address is not known");
		return;
	}
	tell_unrouted(c, r, v ? CONNECTED : ELSEWHERE, asked);
}

/* The asked socket itself was connected to its peer. */
static void check_connected(struct check *c, const struct rule *r, const struct event *ev)
{
	const struct check_msg *cur = check_msg(c);
	const struct asked *asked = NULL;
	struct addr from = reply_from(c, &ev->sock->local);
	struct inet local = inet_of(&from);

	if (!cur->sock || !cur->sock->was_wildcard ||
	    ((const struct state *)rule_sock_known(c))->pin_told)
		return;
	/* asked once more, at the pinned address */
	if (convo_certain(cur->convo) && inet_same_host(&convo_asked(cur->convo)->local, &local))
		return;
	/* requests before connect() told it; those after are at the pinned address */
	for (unsigned int i = 0; i < CONVO_ASKED && cur->convo->asked[i].local.family; i++) {
		const struct asked *a = &cur->convo->asked[i];

		if ((a->by_cmsg || a->by_wire) && !inet_same_host(&a->local, &local) &&
		    reply_asked_is_ours(c, a)) {
			asked = a;
			break;
		}
	}
	if (asked)
		tell(c, r, SEVERITY_ERROR, CONNECTED, asked, &from);
}

/* A new socket answers whom another one was asked by (as TFTP does). */
static void check_elsewhere_asked(struct check *c, const struct rule *r, const struct event *ev)
{
	const struct check_msg *cur = check_msg(c);
	const struct convo_peer *p = check_elsewhere(c);
	bool pinned = ev->sock->peer.len && cur->sock && cur->sock->was_wildcard;
	struct addr from;

	if (!p)
		return;
	if (!reply_wildcard(c) && !pinned)
		return; /* bound to an address on purpose */
	if (pinned && !p->told && !check_elsewhere_waits(c, p))
		return;         /* its answer is gone, and this is something else */
	from = ev->sock->local; /* unknown in a log, where a packet tells it */
	if (!pinned || !p->told) {
		const struct route_fact *route = check_route(c, p->told ? NULL : r);

		if (!route && p->told && !cur->m->route.have)
			tell_unrouted(c, r, ELSEWHERE, &p->asked);
		if (!route || (!p->told && route->candidates <= 1))
			return;
		from = route->source;
	}
	from = reply_from(c, &from);

	struct inet i = inet_of(&from);

	if (!p->told)
		tell(c, r, SEVERITY_WARNING, ELSEWHERE, NULL, &from);
	else if (!inet_same_host(&i, &p->asked.local) && reply_asked_is_ours(c, &p->asked))
		tell(c, r, SEVERITY_ERROR, ELSEWHERE, &p->asked, &from);
}

/*
 * Did the peer that the socket is being connected to write to it?  *asked: at which address, if a control
 * message or a packet told; NULL where nothing did.  MSG_PEEK shows it too.
 */
static bool peer_asked(struct check *c, const struct asked **asked)
{
	const struct convo *v = check_msg(c)->convo;

	if (!v || !v->requests || convo_ours(v) || v->unseen_asked)
		return false;
	*asked = convo_asked(v);
	/* who received it in a control message may answer with one: that will show */
	if (*asked && (*asked)->by_cmsg && !v->peeked)
		return false;
	return !*asked || (*asked)->by_cmsg || (*asked)->by_wire;
}

/* The asked socket is being connected to its peer: what follows may be written where we don't see it. */
static void check_connect(struct check *c, const struct rule *r, const struct event *ev)
{
	const struct check_msg *cur = check_msg(c);
	const struct question q = model_route(ev, NULL, &cur->dest, 0);
	const struct answer *answer;
	const struct asked *asked;
	struct route_fact route;
	struct inet from;

	if (ev->result || !cur->sock || !cur->sock->was_wildcard || !peer_asked(c, &asked))
		return;
	answer = check_ask(c, &q);
	if (!answer || answer->result < 0 || answer->route.err ||
	    !addr_is_inet(&answer->route.source)) {
		rule_skipped(c, r, "the routing table can't be asked");
		return;
	}
	route = answer->route;
	if (ev->sock->peer.len && !addr_is_wildcard(&ev->sock->local))
		route.source = ev->sock->local;
	from = inet_of(&route.source);
	if (asked ? inet_same_host(&from, &asked->local) || !reply_asked_is_ours(c, asked)
		  : route.candidates <= 1)
		return;
	((struct state *)rule_sock(c))->pin_told = true;
	tell(c, r, asked ? SEVERITY_ERROR : SEVERITY_WARNING, CONNECTS, asked, &route.source);
}

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	const struct check_msg *cur = check_msg(c);

	if (ev->call != CALL_CONNECT || !sock_kind_is_udp(cur->kind))
		return;
	if (!ev->result && cur->sock && cur->sock->was_wildcard)
		((struct state *)rule_sock(c))->connected = addr_is_inet(&cur->dest) ? ev->no : 0;
	check_connect(c, r, ev);
}

static void on_send(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || !known_dest(c, r) || !sock_kind_is_udp(cur->kind) || !ev->sock ||
	    !cur->dest.len)
		return;
	if (!cur->convo && !check_elsewhere(c))
		return;
	if ((m->ncmsg && !known_outcome(c, r)) || (m->outcome && m->outcome->has_source_cmsg))
		return;
	if (!ev->sock->local.len && !m->wire.have)
		check_unknown(c, r);
	else if (!cur->convo || !cur->convo->requests)
		check_elsewhere_asked(c, r, ev);
	else if (ev->sock->peer.len && !addr_is_wildcard(&ev->sock->local))
		check_connected(c, r, ev);
}

const struct rule ct205 = {
	.id = "CT205",
	.name = "connect-pins-source",
	.severity = SEVERITY_ERROR,
	.title = "connect() or a new socket lets the kernel choose the reply's source",
	.explains = EXPLAINS_SOURCE,
	.what = "A wildcard-bound UDP socket was connected to the peer that had asked it, or a new, unbound\n"
		"socket answers a peer that had asked another one (as TFTP servers do). The kernel pins the\n"
		"route's preferred address as the source.\n"
		"error: it is not the address that was asked. warning: the host has several, and nothing told\n"
		"which one was asked; or nothing told what the table chooses, as of a log alone: --net or\n"
		"--pcap does.",
	.why = "A connected socket looks as if it knew its peer and itself, and sends no control message;\n"
	       "the source was chosen at connect() by the routing table. The client drops what comes from\n"
	       "another address than it asked.",
	.kernel =
		"net/ipv4/datagram.c __ip4_datagram_connect(): inet_saddr and inet_rcv_saddr become the\n"
		"route's source where they were unset; net/ipv6/datagram.c __ip6_datagram_connect().",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "int session(const struct sockaddr *peer, socklen_t len)\n"
	       "{\n"
	       "	int fd = socket(peer->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);\n"
	       "\n"
	       "	if (fd >= 0)\n"
	       "		connect(fd, peer, len); /* pins the route's address */\n"
	       "	return fd;\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"/* asked: from the request's IP_PKTINFO (ipi_spec_dst) */\n"
		"int session(const struct sockaddr_in *peer, struct in_addr asked)\n"
		"{\n"
		"	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);\n"
		"	struct sockaddr_in me = { .sin_family = AF_INET, .sin_addr = asked };\n"
		"\n"
		"	if (fd >= 0) {\n"
		"		bind(fd, (struct sockaddr *)&me, sizeof(me));\n"
		"		connect(fd, (const struct sockaddr *)peer, sizeof(*peer));\n"
		"	}\n"
		"	return fd;\n"
		"}\n",
	.remedy =
		"Learn the asked address with the request (IP_PKTINFO, IPV6_RECVPKTINFO) and bind the\n"
		"answering socket to it before connect().\n"
		"Go: net.DialUDP(\"udp\", &net.UDPAddr{IP: asked}, peer), not DialUDP(\"udp\", nil, peer).\n"
		"Python: s.bind((asked, 0)); s.connect(peer).",
	.call = on_call,
	.sock_state = sizeof(struct state),
	.send = on_send,
};
