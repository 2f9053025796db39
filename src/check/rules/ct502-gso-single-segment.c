// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT502: a segment size that is not smaller than the payload. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	if (!cur->left)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level == L_UDP && cm->type == T_UDP_SEGMENT &&
		    (!known_kind(c, r) || !known_payload(c, r, cm)))
			return;
	}
	if (!m->outcome || m->outcome->gso <= 0 || m->total > (uint64_t)m->outcome->gso)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level != L_UDP || cm->type != T_UDP_SEGMENT ||
		    m->verdict[i].ignored == WHY_OVERRIDDEN)
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			return;
		finding_message(
			c, f,
			"%s asks for segments of %d bytes, and the payload has %llu: it is sent "
			"as one datagram",
			say_which(c, i), m->outcome->gso, (unsigned long long)m->total);
		finding_note(c, f, "kernel: net/ipv4/udp.c udp_send_skb()");
		finding_done(c, f);
		return;
	}
}

const struct rule ct502 = {
	.id = "CT502",
	.name = "gso-single-segment",
	.severity = SEVERITY_NOTE,
	.title = "UDP_SEGMENT is not smaller than the payload",
	.what = "A message carries UDP_SEGMENT with a size that is no smaller than its payload. It is sent\n"
		"as one datagram; the control message costs time and does nothing.",
	.why = "It is harmless, and a hint: batches that never fill mean that segmentation brings nothing\n"
	       "here.",
	.kernel = "net/ipv4/udp.c udp_send_skb(): skb->len - hlen is compared with gso_size.",
	.bad = "#include <netinet/udp.h>\n"
	       "#include <stdint.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "/* always, also for a single packet */\n"
	       "void cut(struct msghdr *m, uint16_t size)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_UDP;\n"
	       "	c->cmsg_type = UDP_SEGMENT;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(size));\n"
	       "	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
	       "}\n",
	.good = "#include <netinet/udp.h>\n"
		"#include <stdint.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void cut(struct msghdr *m, uint16_t size)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	if (m->msg_iov->iov_len <= size) {\n"
		"		m->msg_control = NULL;\n"
		"		m->msg_controllen = 0;\n"
		"		return;\n"
		"	}\n"
		"	c->cmsg_level = SOL_UDP;\n"
		"	c->cmsg_type = UDP_SEGMENT;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(size));\n"
		"	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
		"}\n",
	.remedy = "Leave UDP_SEGMENT out of messages that hold one datagram.",
	.send = check,
};
