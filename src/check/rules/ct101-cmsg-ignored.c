// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT101: the call succeeds and the control message does nothing, for nobody reads its level. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* What the mistake leads to, where it was meant to give a reply its source. */
static void note_consequence(struct check *c, struct finding *f)
{
	const struct check_msg *m = check_msg(c);
	struct reply reply = reply_automatic(c, NULL);
	const char *peer = say_addr(c, &m->dest);

	if (reply.asked) {
		f->asked = reply_asked_addr(reply.asked);
		f->asked_event = reply.asked->event;
	}
	f->from = reply.from;
	switch (reply.fate) {
	case REPLY_WRONG:
	case REPLY_UNSURE:
		finding_note(c, f, "so this reply to %s leaves from %s, but it was %s", peer,
			     say_host(c, &reply.from), reply_asked_text(c, reply.asked));
		break;
	case REPLY_LUCKY:
	case REPLY_SINGLE:
		finding_note(c, f,
			     "so this reply to %s leaves from %s because the routing table chose "
			     "it, not because the program did",
			     peer, say_host(c, &reply.from));
		break;
	case REPLY_UNTOLD:
		finding_note(c, f, "so this reply to %s leaves from %s, as the routing table chose",
			     peer, say_host(c, &reply.from));
		break;
	case REPLY_UNROUTED:
		finding_note(c, f,
			     "so the routing table chooses what this reply to %s leaves from; it "
			     "was %s",
			     peer, reply_asked_text(c, reply.asked));
		break;
	case REPLY_NONE:
		return;
	}
	reply_note_wire(c, f, reply.asked);
}

/* TCP takes nothing of IP per message: what a person could mean is the socket's option; NULL: there is none. */
static const char *meant_setting(const struct check_msg *m, const struct cmsg *cm)
{
	if (m->kind != SOCK_KIND_TCP4 && m->kind != SOCK_KIND_TCP6 && m->kind != SOCK_KIND_MPTCP)
		return NULL;
	if (cm->level == L_IP)
		return cm->type == T_IP_TOS   ? "SOL_IP, IP_TOS"
		       : cm->type == T_IP_TTL ? "SOL_IP, IP_TTL"
					      : NULL;
	if (cm->level != L_IPV6)
		return NULL;
	return cm->type == T_IPV6_TCLASS     ? "SOL_IPV6, IPV6_TCLASS"
	       : cm->type == T_IPV6_HOPLIMIT ? "SOL_IPV6, IPV6_UNICAST_HOPS"
					     : NULL;
}

static void note_meant(struct check *c, struct finding *f, const struct cmsg *cm)
{
	uint32_t size = sizes_payload(check_msg(c)->ev, cm);
	bool known = cm->data_len != 0; /* a log may not hold the payload */
	const char *setting = meant_setting(check_msg(c), cm);
	struct meant meant;

	if (setting) {
		finding_note(c, f, "meant: setsockopt(%s): it holds for the whole connection",
			     setting);
		return;
	}
	if (meant_of(c, cm, &meant) && meant.shifted) {
		finding_note(c, f, "meant: cmsg_level=%s, cmsg_type=%s (%s)",
			     say_level(c, meant.row->level), meant.row->name, meant.how);
		return;
	}
	if (meant.row) {
		finding_note(c, f, "meant: cmsg_level=%s, cmsg_type=%s%s%s (%s, %s)",
			     say_level(c, meant.row->level), meant.row->name, known ? " " : "",
			     known ? say_value(c, meant.row, cm) : "", meant.how,
			     say_count(c, size, "byte"));
		return;
	}
	finding_note(c, f, "holds: cmsg_level=%s, cmsg_type=%s, %s%s%s", say_level(c, cm->level),
		     say_type(c, cm), say_count(c, size, "byte"), known ? ": " : "",
		     known ? say_value(c, cm->row, cm) : "");
}

/* Is control message i one that this rule speaks of? */
static bool is_ignored(struct check *c, const struct rule *r, const struct msg *m, uint32_t i)
{
	const struct verdict *v = &m->verdict[i];

	return known_level(c, r, i) && v->what == VERDICT_IGNORE &&
	       (v->ignored == WHY_LEVEL || v->ignored == WHY_FAMILY) &&
	       !meant_other_family(check_msg(c), m->cmsg[i].level);
}

/* The level and type that were meant, in the header that is there. */
static void remedied(struct check *c, const struct rule *r, struct msg *m, struct remedy *to)
{
	uint32_t hdr = cmsg_hdr_size(check_msg(c)->ev->abi);

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		struct meant meant;
		int32_t is[2];

		if (!is_ignored(c, NULL, m, i) || !meant_of(c, cm, &meant) || meant.shifted)
			continue;
		is[0] = meant.row->level;
		is[1] = meant.row->type;
		memcpy(to->control->p + cm->offset + hdr - sizeof(is), is, sizeof(is));
		buf_printf(to->what, "%scmsg %u as %s, %s (%s)", to->what->len ? "; " : "", i,
			   say_level(c, is[0]), meant.row->name, r->id);
		if (meant_is_source(meant.row))
			to->source = meant_source(meant.row, cm);
	}
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		const struct verdict *v = &m->verdict[i];
		struct meant meant;

		if (!is_ignored(c, r, m, i))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i,
						  sock_kind_name(cur->kind));

		if (!f)
			continue;
		finding_message(c, f, "%s is ignored: %s never reads %s", say_which(c, i),
				say_kind(cur->kind), say_level(c, cm->level));
		note_meant(c, f, cm);
		if (meant_ignored_source(c, m, &meant) == (int)i)
			note_consequence(c, f);
		if (v->kernel)
			finding_note(c, f, "kernel: %s", v->kernel);
		finding_done(c, f);
	}
}

const struct rule ct101 = {
	.id = "CT101",
	.name = "cmsg-ignored",
	.severity = SEVERITY_ERROR,
	.title = "the socket's protocol never reads this level: the control message has no effect",
	.what = "A control message of a send has a level that the socket's protocol never looks at.\n"
		"The kernel steps over it, the call succeeds, and what it asked for does not happen.\n"
		"The finding names what was most likely meant, where exactly one type fits the type\n"
		"number, the payload's size and the socket: the same type at another level, level and\n"
		"type swapped, or the number that another system gives SOL_SOCKET (0xffff).",
	.why = "Nothing tells the program: no errno, no count, no log line. A reply meant to leave\n"
	       "from the address that was asked leaves from another, and the client drops it; a mark,\n"
	       "a class or a hop limit is not set. It is found only on the wire, at another machine.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl(),\n"
		"net/core/sock.c sock_cmsg_send(), net/core/scm.c __scm_send(): each compares\n"
		"cmsg_level first and goes on to the next message where it is not its own.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <netinet/tcp.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void set_source(struct msghdr *m, struct in_addr from)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "	struct in_pktinfo info = { .ipi_spec_dst = from };\n"
	       "\n"
	       "	c->cmsg_level = SOL_TCP; /* a UDP socket never reads it */\n"
	       "	c->cmsg_type = IP_PKTINFO;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(info));\n"
	       "	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void set_source(struct msghdr *m, struct in_addr from)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"	struct in_pktinfo info = { .ipi_spec_dst = from };\n"
		"\n"
		"	c->cmsg_level = SOL_IP;\n"
		"	c->cmsg_type = IP_PKTINFO;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(info));\n"
		"	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"}\n",
	.remedy =
		"Use the level that the type belongs to (cmsgtrace --list-cmsgs shows it).\n"
		"C: SOL_IP with IP_*, SOL_IPV6 with IPV6_*, SOL_UDP with UDP_*, SOL_SOCKET with\n"
		"   SO_* and SCM_*. A level and its type share the prefix.\n"
		"Go: golang.org/x/net/ipv4.ControlMessage.Marshal() and ipv6.ControlMessage.Marshal()\n"
		"   set it; by hand it is unix.SOL_IP (0), not unix.SOL_TCP or syscall.SOL_SOCKET.\n"
		"Python: sock.sendmsg([data], [(socket.IPPROTO_IP, socket.IP_PKTINFO, info)]).\n"
		"Rust: nix::sys::socket::ControlMessage::Ipv4PacketInfo(&info) sets it; with libc,\n"
		"   cmsg_level = libc::IPPROTO_IP.",
	.send = check,
	.remedied = remedied,
};
