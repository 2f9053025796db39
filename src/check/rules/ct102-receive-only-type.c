// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT102: a message type that exists only on receive, or the name of the option that enables one. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		const struct verdict *v = &m->verdict[i];
		struct meant_option meant;

		if ((cm->faults & ~CMSG_FAULT_NOT_READ) || v->what == VERDICT_ACCEPT ||
		    v->what == VERDICT_IGNORE)
			continue;

		bool option = meant_option_of(cm, &meant);
		bool receive_only = cm->row && !cmsg_type_sent(cm->row);

		if ((!option && !receive_only) || !known_verdict(c, r, i) ||
		    v->what != VERDICT_REJECT ||
		    /* SO_TIMESTAMPING is an option and a message: its size or value is wrong */
		    (!receive_only && cm->row && v->check != CHECK_TYPE))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			continue;
		if (option) {
			finding_message(c, f,
					"%s makes the send fail with %s: %s is a socket option, "
					"not a message that can be sent",
					say_which(c, i), say_errno(v->err), meant.name);
			finding_note(c, f, "meant: cmsg_level=%s, cmsg_type=%s",
				     say_level(c, cm->level), meant.message);
		} else {
			finding_message(c, f,
					"%s makes the send fail with %s: %s exists only on receive",
					say_which(c, i), say_errno(v->err), say_row(c, cm->row));
			if (cmsg_type_option(cm->row))
				finding_note(c, f, "it comes with received messages where %s is on",
					     cmsg_type_option(cm->row));
		}
		if (v->kernel)
			finding_note(c, f, "kernel: %s", v->kernel);
		finding_done(c, f);
	}
}

const struct rule ct102 = {
	.id = "CT102",
	.name = "receive-only-type",
	.severity = SEVERITY_ERROR,
	.title = "a type that exists only on receive, or the option that enables it",
	.explains = EXPLAINS_REFUSAL,
	.what = "A send carries a control message whose type the kernel only gives (a timestamp, UDP_GRO,\n"
		"an original destination), or the number of the socket option that enables one:\n"
		"IP_RECVTOS for IP_TOS, IPV6_RECVPKTINFO for IPV6_PKTINFO, UDP_GRO for UDP_SEGMENT.",
	.why = "The send fails with EINVAL and nothing leaves. The names differ by four letters, and for\n"
	       "some types (IP_PKTINFO) the option and the message share one number, so that the mistake\n"
	       "looks right.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl(),\n"
		"net/core/sock.c __sock_cmsg_send(): an unknown type of a level that is read is EINVAL.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void set_tos(struct msghdr *m, int tos)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = IPPROTO_IP;\n"
	       "	c->cmsg_type = IP_RECVTOS; /* the option that enables it on receive */\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(tos));\n"
	       "	memcpy(CMSG_DATA(c), &tos, sizeof(tos));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void set_tos(struct msghdr *m, int tos)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_TOS;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(tos));\n"
		"	memcpy(CMSG_DATA(c), &tos, sizeof(tos));\n"
		"}\n",
	.remedy =
		"Send the message's own type: IP_TOS, IP_TTL, IP_PKTINFO, IPV6_PKTINFO, IPV6_TCLASS,\n"
		"IPV6_HOPLIMIT, UDP_SEGMENT. cmsgtrace --list-cmsgs shows which direction each type has.\n"
		"Time stamps, UDP_GRO and original destinations can't be sent.",
	.send = check,
};
