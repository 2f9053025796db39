// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT201: a reply whose source address the routing table chooses, not the one who was asked. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* Nothing gives this message a source: no effective control message. */
static bool gives_no_source(struct check *c, const struct rule *r, const struct msg *m)
{
	if (!m->ncmsg && !m->in.controllen)
		return !m->outcome || !m->outcome->has_source_cmsg;
	if (!known_outcome(c, r))
		return false;
	return !m->outcome->source.len;
}

static void note_cause(struct check *c, struct finding *f, int ignored, int empty)
{
	const struct check_msg *m = check_msg(c);

	if (ignored >= 0) {
		finding_note(c, f, "because %s is ignored (%s)", say_which(c, (uint32_t)ignored),
			     meant_other_family(m, m->m->cmsg[ignored].level) ? "CT103" : "CT101");
		return;
	}
	if (empty >= 0) {
		finding_note(c, f, "because %s gives no address: the routing table chose",
			     say_which(c, (uint32_t)empty));
		return;
	}
	finding_note(c, f,
		     "because the socket is bound to no address and the reply gives none: the "
		     "routing table chose");
}

/* In what the address is given back … */
static const char *back_in(const struct check *c, bool as_it_came)
{
	if (!addr_is_v4(&check_msg(c)->dest))
		return "IPV6_PKTINFO's ipi6_addr";
	return as_it_came
		       ? "IPV6_PKTINFO's ipi6_addr, v4-mapped as it came, or its last 4 bytes in "
			 "IP_PKTINFO's ipi_spec_dst"
		       : "IP_PKTINFO's ipi_spec_dst";
}

/* … and what this program's call can't do. */
static const char *back_by(const struct check *c)
{
	enum call call = check_msg(c)->ev->call;

	return call == CALL_SENDMSG || call == CALL_SENDMMSG ? "" : ", with sendmsg";
}

/* What is missing: the option, or the room that the last receive had for what it brings. */
static void note_help(struct check *c, struct finding *f, const struct reply *reply)
{
	const struct check_msg *m = check_msg(c);
	const struct sock *s = m->ev->sock;
	bool v6 = m->kind == SOCK_KIND_UDP6 || m->kind == SOCK_KIND_UDPLITE6;
	bool mapped = v6 && addr_is_v4(&m->dest), own = sock_opt(s, OPT_IP_PKTINFO);
	bool on = v6 && !(mapped && own) ? sock_opt(s, OPT_IPV6_RECVPKTINFO) : own;
	const char *option = v6 && !(mapped && own) ? "IPV6_RECVPKTINFO" : "IP_PKTINFO";
	enum call call = m->convo ? (enum call)m->convo->last_call : CALL_OTHER;
	bool with_control = call == CALL_RECVMSG || call == CALL_RECVMMSG;

	if (reply->asked && reply->asked->by_cmsg)
		finding_note(c, f, "remedy: send %s back in %s%s, or bind one socket per address",
			     say_inet(c, &reply->asked->local), back_in(c, mapped && !own),
			     back_by(c));
	else if (on && call_receives(call))
		finding_note(c, f,
			     "remedy: %s is on, but %s %s: receive with %s, and send the address "
			     "back in %s%s; or bind one socket per address",
			     option, call_rows[call].name,
			     with_control ? "had no room for what it brings"
					  : "throws away what it brings",
			     with_control ? "a msg_control that has room" : "recvmsg",
			     back_in(c, mapped && !own), back_by(c));
	else
		finding_note(
			c, f,
			"remedy: enable %s, receive with recvmsg, and send the address back in %s%s; or "
			"bind one socket per address",
			option, back_in(c, mapped && !own), back_by(c));
}

static void message(struct check *c, struct finding *f, const struct reply *reply)
{
	const char *to = say_addr(c, &check_msg(c)->dest);
	const char *from = say_host(c, &reply->from);

	switch (reply->fate) {
	case REPLY_UNROUTED:
		finding_message(
			c, f,
			"this reply to %s leaves from what the routing table chooses, but it was "
			"%s",
			to, reply_asked_text(c, reply->asked));
		break;
	case REPLY_WRONG:
		finding_message(c, f, "this reply to %s leaves from %s, but it was %s", to, from,
				reply_asked_text(c, reply->asked));
		break;
	case REPLY_UNSURE:
		finding_message(c, f,
				"this reply to %s leaves from %s, whichever of its addresses was "
				"asked (last: %s)",
				to, from, reply_asked_text(c, reply->asked));
		break;
	case REPLY_UNTOLD:
		finding_message(
			c, f,
			"this reply to %s leaves from %s, whichever of the host's addresses "
			"was asked",
			to, from);
		break;
	default:
		finding_message(
			c, f,
			"this reply to %s leaves from %s, as it was asked, only because the "
			"routing table prefers that address",
			to, from);
	}
}

static enum severity severity_of(enum reply_fate fate)
{
	switch (fate) {
	case REPLY_WRONG:
		return SEVERITY_ERROR;
	case REPLY_UNSURE:
	case REPLY_UNTOLD:
	case REPLY_UNROUTED:
		return SEVERITY_WARNING;
	default:
		return SEVERITY_NOTE;
	}
}

/* The address that was asked, in a control message behind those that are there. */
static void remedied(struct check *c, const struct rule *r, struct msg *m, struct remedy *to)
{
	const struct check_msg *cur = check_msg(c);
	const struct abi *abi = cur->ev->abi;
	unsigned char info[20] = { 0 }; /* struct in6_pktinfo; in_pktinfo has 12 */
	bool v4 = addr_is_v4(&cur->dest);
	uint32_t len = v4 ? 12 : sizeof(info), hdr = cmsg_hdr_size(abi);
	int32_t is[2] = { v4 ? L_IP : L_IPV6, v4 ? T_IP_PKTINFO : T_IPV6_PKTINFO };
	uint64_t size = hdr + len;
	struct reply reply;

	if (to->source.len || m->tail_len || !cur->convo || !known_dest(c, NULL) ||
	    !gives_no_source(c, NULL, m))
		return;
	reply = reply_automatic(c, NULL);
	if (!reply.asked || reply.asked->local.family != (v4 ? AF_INET : AF_INET6) ||
	    (reply.fate != REPLY_WRONG && reply.fate != REPLY_UNSURE &&
	     reply.fate != REPLY_UNROUTED))
		return;
	to->source = reply_asked_addr(reply.asked);
	if (v4) /* ipi_ifindex 0, ipi_spec_dst */
		memcpy(info + 4, reply.asked->local.a, 4);
	else
		memcpy(info, reply.asked->local.a, 16);
	if (!v4 && info[0] == 0xfe && (info[1] & 0xc0) == 0x80) /* link-local: on its interface */
		memcpy(info + 16, &reply.asked->ifindex, sizeof(reply.asked->ifindex));
	buf_pad(to->control, '\0', cmsg_align(abi, to->control->len) - to->control->len);
	buf_add(to->control, &size, abi->word); /* little-endian machines: the low half of a word */
	buf_add(to->control, is, sizeof(is));
	buf_add(to->control, info, len);
	buf_pad(to->control, '\0', cmsg_align(abi, size) - size);
	buf_printf(to->what, "%s%s with %s (%s)", to->what->len ? "; " : "",
		   v4 ? "IP_PKTINFO" : "IPV6_PKTINFO", say_inet(c, &reply.asked->local), r->id);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	struct meant meant;

	if (!cur->left || !known_dest(c, r) || !cur->convo || !gives_no_source(c, r, m))
		return;

	struct reply reply = reply_automatic(c, r);

	if (reply.fate == REPLY_NONE || reply.fate == REPLY_SINGLE)
		return;

	int ignored = meant_ignored_source(c, m, &meant);

	if (ignored >= 0 && reply.fate != REPLY_WRONG && reply.fate != REPLY_UNROUTED)
		return; /* CT101 and CT103 say it */

	int empty = ignored >= 0 ? -1 : reply_source_cmsg(m);

	if (empty >= 0) {
		struct addr unread = reply_unread_addr(&m->cmsg[empty]);

		/* CT204 says it; and one that only names an interface may mean just that */
		if (!addr_is_wildcard(&unread) || reply.fate != REPLY_WRONG)
			return;
	}

	char key[64];

	snprintf(key, sizeof(key), "%s %s %s", sock_kind_name(cur->kind),
		 addr_is_v4(&cur->dest) ? "v4" : "v6",
		 ignored >= 0 ? "ignored"
		 : empty >= 0 ? "empty"
			      : "none");

	struct finding *f = finding_start(c, r, severity_of(reply.fate), (int)cur->index,
					  ignored >= 0 ? ignored : empty, key);

	if (!f)
		return;
	f->from = reply.from;
	if (reply.asked) {
		f->asked = reply_asked_addr(reply.asked);
		f->asked_event = reply.asked->event;
	}
	message(c, f, &reply);
	reply_note_wire(c, f, reply.asked);
	if (reply.fate == REPLY_UNROUTED)
		reply_note_unrouted(c, f);
	note_cause(c, f, ignored, empty);
	if (ignored < 0)
		note_help(c, f, &reply);
	finding_note(c, f, "kernel: %s",
		     addr_is_v4(&cur->dest) ? "net/ipv4/route.c ip_route_output_key_hash_rcu()"
					    : "net/ipv6/ip6_output.c ip6_dst_lookup_tail()");
	finding_done(c, f);
	(void)ev;
}

const struct rule ct201 = {
	.id = "CT201",
	.name = "reply-without-source",
	.severity = SEVERITY_ERROR,
	.title = "a reply from a wildcard-bound UDP socket carries no source address",
	.explains = EXPLAINS_SOURCE,
	.last = true, /* CT202 knows that the program gives it elsewhere */
	.what = "A UDP socket bound to 0.0.0.0 or :: answered a peer, and nothing told the kernel which\n"
		"of the host's addresses the answer comes from, so the routing table chose.\n"
		"error: the address that it leaves from is not the one that was asked.\n"
		"warning: the host has several candidates, and nothing told which one was asked; or nothing\n"
		"told what the table chooses, as of a log alone: --net or --pcap does.\n"
		"note: right today, because the routing table happens to prefer the asked address.\n"
		"sendto, send, write and sendmmsg count as well: most such programs send no control\n"
		"message at all. It is told once for each place and kind of conversation.",
	.why = "The client asked one address and is answered by another. Its stack (or its NAT, or its\n"
	       "firewall) drops the answer, and it sees a timeout. It works on the developer's machine,\n"
	       "which has one address, and fails with a second address, an alias, a VPN or anycast.",
	.kernel =
		"net/ipv4/udp.c udp_sendmsg() → net/ipv4/route.c ip_route_output_key_hash_rcu(): with no\n"
		"source in the flow it takes the route's preferred source. IPv6:\n"
		"net/ipv6/ip6_output.c ip6_dst_lookup_tail() and RFC 6724's selection.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "void echo(int fd) /* bound to 0.0.0.0 */\n"
	       "{\n"
	       "	struct sockaddr_storage peer;\n"
	       "	socklen_t len = sizeof(peer);\n"
	       "	char data[1500];\n"
	       "	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&peer, &len);\n"
	       "\n"
	       "	if (n >= 0)\n"
	       "		sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&peer, len);\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"/* once: setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &(int){ 1 }, sizeof(int)); */\n"
		"void echo(int fd)\n"
		"{\n"
		"	struct sockaddr_in peer;\n"
		"	char data[1500];\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];\n"
		"	struct iovec iov = { data, sizeof(data) };\n"
		"	struct msghdr m = { .msg_name = &peer, .msg_namelen = sizeof(peer), .msg_iov = &iov,\n"
		"		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	ssize_t n = recvmsg(fd, &m, 0);\n"
		"	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);\n"
		"\n"
		"	if (!c || c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)\n"
		"		return;\n"
		"\n"
		"	struct in_pktinfo info;\n"
		"\n"
		"	memcpy(&info, CMSG_DATA(c), sizeof(info));\n"
		"	info.ipi_ifindex = 0; /* let the routing table choose the way, not the address */\n"
		"	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"	iov.iov_len = (size_t)n;\n"
		"	sendmsg(fd, &m, 0);\n"
		"}\n",
	.remedy =
		"Learn the asked address with each request and give it back with each reply, or bind one\n"
		"socket to each address (and watch addresses come and go).\n"
		"C: setsockopt IP_PKTINFO (IPv6: IPV6_RECVPKTINFO; both on a dual-stack socket), recvmsg,\n"
		"   then sendmsg with IP_PKTINFO's ipi_spec_dst or IPV6_PKTINFO's ipi6_addr.\n"
		"Go: ipv4.NewPacketConn(c).SetControlMessage(ipv4.FlagDst, true); reply with\n"
		"   WriteTo(b, &ipv4.ControlMessage{Src: cm.Dst}, peer). A UDPConn by itself never does.\n"
		"Python: sock.setsockopt(socket.IPPROTO_IP, socket.IP_PKTINFO, 1), recvmsg, sendmsg.\n"
		"Rust: nix recvmsg and sendmsg with ControlMessage::Ipv4PacketInfo; std::net::UdpSocket\n"
		"   alone can't.",
	.send = check,
	.remedied = remedied,
};
