// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT115: IPV6_HOPLIMIT 0, which IPv4's IP_TTL would be refused for. */
#include "config.h"

#include <netinet/in.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* A packet to one's own link never meets a router: there 0 may be meant. */
static bool on_link(const struct addr *a)
{
	const unsigned char *p = ((const struct sockaddr_in6 *)&a->ss)->sin6_addr.s6_addr;

	return (p[0] == 0xfe && (p[1] & 0xc0) == 0x80) || (p[0] == 0xff && (p[1] & 0x0f) <= 2);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	if (!cur->left)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		int32_t v;

		if (cm->level != L_IPV6 || cm->type != T_IPV6_HOPLIMIT ||
		    !known_payload(c, r, cm) || cm->data_len != sizeof(v) ||
		    m->verdict[i].what != VERDICT_ACCEPT)
			continue;
		memcpy(&v, cm->data, sizeof(v));
		if (v || !known_dest(c, r) || addr_family(&cur->dest) != AF_INET6 ||
		    on_link(&cur->dest))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			continue;
		finding_message(
			c, f, "%s sets IPV6_HOPLIMIT 0: the packet to %s dies at the first router",
			say_which(c, i), say_host(c, &cur->dest));
		finding_note(c, f,
			     "remedy: -1 leaves the socket's own hop limit, as no message would");
		if (m->verdict[i].kernel)
			finding_note(c, f, "kernel: %s", m->verdict[i].kernel);
		finding_done(c, f);
	}
}

const struct rule ct115 = {
	.id = "CT115",
	.name = "hop-limit-zero",
	.severity = SEVERITY_WARNING,
	.title = "IPV6_HOPLIMIT 0: the packet dies at the first router",
	.what = "A message sets the hop limit of its packet to 0, towards an address that is not on the link\n"
		"only. The kernel takes it: 0 is a hop limit, and -1 stands for the default.",
	.why = "A field that was never filled is 0. On one link everything works; beyond a router nothing\n"
	       "arrives. IPv4's IP_TTL refuses 0, IPv6 does not.",
	.kernel =
		"net/ipv6/datagram.c ip6_datagram_send_ctl(): -1 to 255; net/ipv6/ip6_output.c ip6_forward()\n"
		"drops what comes with less than 2.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "struct options {\n"
	       "	int hop_limit; /* 0: not set */\n"
	       "};\n"
	       "\n"
	       "void fill(struct cmsghdr *c, const struct options *o)\n"
	       "{\n"
	       "	c->cmsg_level = IPPROTO_IPV6;\n"
	       "	c->cmsg_type = IPV6_HOPLIMIT;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(int));\n"
	       "	memcpy(CMSG_DATA(c), &o->hop_limit, sizeof(int));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"struct options {\n"
		"	int hop_limit; /* 0: not set */\n"
		"};\n"
		"\n"
		"void fill(struct cmsghdr *c, const struct options *o)\n"
		"{\n"
		"	int limit = o->hop_limit ? o->hop_limit : -1;\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IPV6;\n"
		"	c->cmsg_type = IPV6_HOPLIMIT;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(int));\n"
		"	memcpy(CMSG_DATA(c), &limit, sizeof(int));\n"
		"}\n",
	.remedy = "Leave the message out, or send -1, where no hop limit was chosen.",
	.send = check,
};
