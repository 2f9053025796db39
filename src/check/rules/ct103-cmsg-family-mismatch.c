// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT103: an IPv4 message towards an IPv6 peer, or the other way round. */
#include "config.h"

#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* An IPV6_PKTINFO with a real IPv6 address (or ::) that the IPv4 parser refuses. */
static bool refused_pktinfo(const struct check_msg *cur, const struct cmsg *cm,
			    const struct verdict *v)
{
	if (v->what != VERDICT_REJECT || !cur->mapped || cm->level != L_IPV6 ||
	    cm->type != T_IPV6_PKTINFO || cm->data_len < 20)
		return false;

	struct addr a = addr_of_in6(cm->data, 0, 0);

	return !addr_is_mapped(&a);
}

/* It would be refused if it held no v4-mapped address, and what it holds is not known. */
static bool unsure_pktinfo(const struct check_msg *cur, const struct cmsg *cm,
			   const struct verdict *v)
{
	return v->what == VERDICT_UNKNOWN && cur->mapped && cm->level == L_IPV6 &&
	       cm->type == T_IPV6_PKTINFO;
}

static bool is_inet_level(int32_t level)
{
	return level == L_IP || level == L_IPV6;
}

/* The other family's message of the same effect, but for sources; NULL: it has none. */
static const char *counterpart(const struct cmsg *cm)
{
	static const struct {
		int32_t level, type;
		const char *other;
	} rows[] = { { L_IPV6, T_IPV6_TCLASS, "SOL_IP/IP_TOS" },
		     { L_IPV6, T_IPV6_HOPLIMIT, "SOL_IP/IP_TTL" },
		     { L_IP, T_IP_TOS, "SOL_IPV6/IPV6_TCLASS" },
		     { L_IP, T_IP_TTL, "SOL_IPV6/IPV6_HOPLIMIT" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].level == cm->level && rows[i].type == cm->type)
			return rows[i].other;
	}
	return NULL;
}

static void note_remedy(struct check *c, struct finding *f, const struct cmsg *cm)
{
	const struct check_msg *cur = check_msg(c);
	const char *other = counterpart(cm);
	struct addr from = addr_of(NULL, 0);

	if (other)
		finding_note(c, f, "meant: %s", other);

	if (meant_is_source(cm->row))
		from = meant_source(cm->row, cm);
	if (!from.len) {
		finding_note(c, f, "holds: %s %s", say_row(c, cm->row), say_value(c, cm->row, cm));
		return;
	}
	if (cur->mapped && cm->level == L_IPV6)
		finding_note(c, f,
			     "meant: SOL_IP/IP_PKTINFO, or SOL_IPV6/IPV6_PKTINFO with a v4-mapped "
			     "address (it holds %s)",
			     say_host(c, &from));
	else if (cm->level == L_IP)
		finding_note(c, f, "meant: SOL_IPV6/IPV6_PKTINFO (it holds %s)",
			     say_host(c, &from));
	else
		finding_note(c, f, "meant: SOL_IP/IP_PKTINFO (it holds %s)", say_host(c, &from));
}

static void note_source(struct check *c, struct finding *f)
{
	struct reply reply = reply_automatic(c, NULL);

	f->from = reply.from;
	if (!reply.asked)
		return;
	f->asked = reply_asked_addr(reply.asked);
	f->asked_event = reply.asked->event;
	if (reply.fate == REPLY_WRONG || reply.fate == REPLY_UNSURE)
		finding_note(c, f, "so this reply to %s leaves from %s, but it was %s",
			     say_addr(c, &check_msg(c)->dest), say_host(c, &reply.from),
			     reply_asked_text(c, reply.asked));
}

static void tell(struct check *c, const struct rule *r, const struct msg *m, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct cmsg *cm = &m->cmsg[i];
	const struct verdict *v = &m->verdict[i];
	bool refused = v->what == VERDICT_REJECT;
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i,
					  sock_kind_name(cur->kind));

	if (!f)
		return;
	if (refused)
		finding_message(c, f,
				"%s makes the send fail with %s: towards the IPv4 peer %s only a "
				"v4-mapped IPV6_PKTINFO is taken",
				say_which(c, i), say_errno(v->err), say_addr(c, &cur->dest));
	else if (cur->kind == SOCK_KIND_UDP6 || cur->kind == SOCK_KIND_UDPLITE6)
		finding_message(c, f, "%s is ignored: towards %s the kernel reads %s, not %s",
				say_which(c, i), say_addr(c, &cur->dest),
				cur->mapped ? "SOL_IP" : "SOL_IPV6", say_level(c, cm->level));
	else
		finding_message(c, f, "%s is ignored: %s never reads %s", say_which(c, i),
				say_kind(cur->kind), say_level(c, cm->level));
	if (cm->row)
		note_remedy(c, f, cm);
	if (!refused && meant_is_source(cm->row) && cur->convo)
		note_source(c, f);
	if (v->kernel)
		finding_note(c, f, "kernel: %s", v->kernel);
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct verdict *v = &m->verdict[i];
		bool ignored = v->what == VERDICT_IGNORE &&
			       (v->ignored == WHY_LEVEL || v->ignored == WHY_FAMILY) &&
			       meant_other_family(cur, m->cmsg[i].level);

		if (is_inet_level(m->cmsg[i].level) && !known_level(c, r, i))
			continue;
		if (unsure_pktinfo(cur, &m->cmsg[i], v) && !known_verdict(c, r, i))
			continue;
		if (ignored || refused_pktinfo(cur, &m->cmsg[i], v))
			tell(c, r, m, i);
	}
}

const struct rule ct103 = {
	.id = "CT103",
	.name = "cmsg-family-mismatch",
	.severity = SEVERITY_ERROR,
	.title = "the control message's family does not fit the destination",
	.explains = EXPLAINS_REFUSAL,
	.what = "SOL_IPV6 on an AF_INET socket, SOL_IP towards a real IPv6 peer, or, on an IPv6\n"
		"socket towards an IPv4 (v4-mapped) peer, anything of SOL_IPV6 other than an\n"
		"IPV6_PKTINFO that holds a v4-mapped address.",
	.why = "A dual-stack socket has two parsers, and the destination chooses. A message for the\n"
	       "other one is stepped over without an error, so that a server works for one family\n"
	       "and answers from the wrong address (or without its traffic class, hop limit …) for\n"
	       "the other. An IPV6_PKTINFO with :: or a real IPv6 address towards a v4-mapped peer\n"
	       "fails with EINVAL.",
	.kernel =
		"net/ipv6/udp.c udpv6_sendmsg() hands v4-mapped destinations to udp_sendmsg(), where\n"
		"net/ipv4/ip_sockglue.c ip_cmsg_send() reads SOL_IP, and of SOL_IPV6 only IPV6_PKTINFO;\n"
		"net/ipv6/datagram.c ip6_datagram_send_ctl() reads SOL_IPV6 only.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "/* fails or is ignored where the peer is ::ffff:192.0.2.7 */\n"
	       "void set_source(struct msghdr *m, const struct in6_addr *from)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "	struct in6_pktinfo info = { .ipi6_addr = *from };\n"
	       "\n"
	       "	c->cmsg_level = IPPROTO_IPV6;\n"
	       "	c->cmsg_type = IPV6_PKTINFO;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(info));\n"
	       "	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"/* from: the address that the request's IPV6_PKTINFO gave, mapped or not */\n"
		"void set_source(struct msghdr *m, const struct in6_addr *from)\n"
		"{\n"
		"	const struct sockaddr_in6 *to = m->msg_name;\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	if (IN6_IS_ADDR_V4MAPPED(&to->sin6_addr)) {\n"
		"		struct in_pktinfo info = { .ipi_ifindex = 0 };\n"
		"\n"
		"		memcpy(&info.ipi_spec_dst, &from->s6_addr[12], 4);\n"
		"		c->cmsg_level = IPPROTO_IP;\n"
		"		c->cmsg_type = IP_PKTINFO;\n"
		"		c->cmsg_len = CMSG_LEN(sizeof(info));\n"
		"		memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"	} else {\n"
		"		struct in6_pktinfo info = { .ipi6_addr = *from };\n"
		"\n"
		"		c->cmsg_level = IPPROTO_IPV6;\n"
		"		c->cmsg_type = IPV6_PKTINFO;\n"
		"		c->cmsg_len = CMSG_LEN(sizeof(info));\n"
		"		memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"	}\n"
		"}\n",
	.remedy =
		"Choose the message by the destination of each send, not by the socket.\n"
		"C: IN6_IS_ADDR_V4MAPPED(&to->sin6_addr) ? SOL_IP/IP_PKTINFO : SOL_IPV6/IPV6_PKTINFO.\n"
		"Go: if addr.Unmap().Is4() use ipv4.ControlMessage, else ipv6.ControlMessage; for other\n"
		"   types unix.IP_TOS and unix.IPV6_TCLASS, unix.IP_TTL and unix.IPV6_HOPLIMIT.\n"
		"Python: ipaddress.ip_address(host).ipv4_mapped is not None decides.\n"
		"Rust: Ipv6Addr::to_ipv4_mapped().is_some() decides.\n"
		"Or use one socket per family, with IPV6_V6ONLY on the IPv6 one.",
	.send = check,
};
