// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT113: a message's ECN bits take the DSCP away that its socket has. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum { ECN = 0x03, DSCP = 0xfc };

/* The byte that the message sets; -1: it sets none. */
static int given(const struct cmsg *cm)
{
	int32_t v;

	if (cm->data_len == 1)
		return cm->data[0];
	if (cm->data_len != sizeof(v))
		return -1;
	memcpy(&v, cm->data, sizeof(v));
	return v < 0 || v > 0xff ? -1 : v;
}

/* The option whose value message cm replaces; OPT_COUNT: none. */
static enum sock_opt replaced(const struct cmsg *cm)
{
	if (cm->level == L_IP && cm->type == T_IP_TOS)
		return OPT_IP_TOS;
	if (cm->level == L_IPV6 && cm->type == T_IPV6_TCLASS)
		return OPT_IPV6_TCLASS;
	return OPT_COUNT;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		enum sock_opt o = replaced(cm);
		int v = o != OPT_COUNT && known_payload(c, r, cm) ? given(cm) : -1;

		/* 0 may be meant: it sets all back */
		if (v < 0 || v & DSCP || !(v & ECN) || m->verdict[i].what != VERDICT_ACCEPT ||
		    !known_opt(c, r, o) || !(sock_opt(ev->sock, o) & DSCP))
			continue;

		struct finding *f =
			finding_start(c, r, r->severity, (int)cur->index, (int)i, cm->row->name);

		if (!f)
			continue;
		finding_message(
			c, f,
			"%s (%s 0x%02x) replaces the socket's 0x%02x: it sets the ECN bits, "
			"and the DSCP is lost",
			say_which(c, i), say_type(c, cm), (unsigned int)v,
			(unsigned int)sock_opt(ev->sock, o));
		finding_note(c, f, "remedy: send 0x%02x, the socket's DSCP with these ECN bits",
			     (unsigned int)((sock_opt(ev->sock, o) & DSCP) | v));
		if (m->verdict[i].kernel)
			finding_note(c, f, "kernel: %s", m->verdict[i].kernel);
		finding_done(c, f);
	}
}

const struct rule ct113 = {
	.id = "CT113",
	.name = "socket-option-replaced",
	.severity = SEVERITY_WARNING,
	.title = "the message's ECN bits replace the socket's whole class: its DSCP is lost",
	.what = "The socket has a DSCP, set with IP_TOS or IPV6_TCLASS, and a message carries the same type\n"
		"with an ECN codepoint and DSCP 0. The message's byte replaces the socket's as a whole.",
	.why = "QUIC and other transports set ECN for each packet; the traffic class that the application\n"
	       "chose for the socket then never leaves the host.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl(): the\n"
		"message's value is taken in place of inet->tos or np->tclass.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <netinet/ip.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "/* on a socket with setsockopt(IP_TOS, 0xb8) */\n"
	       "void set_ecn(struct cmsghdr *c)\n"
	       "{\n"
	       "	int tos = IPTOS_ECN_ECT0;\n"
	       "\n"
	       "	c->cmsg_level = IPPROTO_IP;\n"
	       "	c->cmsg_type = IP_TOS;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(tos));\n"
	       "	memcpy(CMSG_DATA(c), &tos, sizeof(tos));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <netinet/ip.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void set_ecn(struct cmsghdr *c, int tos_of_socket)\n"
		"{\n"
		"	int tos = (tos_of_socket & ~IPTOS_ECN_MASK) | IPTOS_ECN_ECT0;\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_TOS;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(tos));\n"
		"	memcpy(CMSG_DATA(c), &tos, sizeof(tos));\n"
		"}\n",
	.remedy = "Combine the socket's DSCP (getsockopt) with the ECN bits of the packet.",
	.send = check,
};
