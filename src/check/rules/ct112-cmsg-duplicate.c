// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT112: the same type twice in one message. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* A source and an interface, by IP_PKTINFO or by IPV6_PKTINFO with an IPv4 address. */
struct source {
	uint32_t addr, index;
};

static bool source_of(const struct cmsg *cm, struct source *s)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (cm->level == L_IP && cm->type == T_IP_PKTINFO && cm->data_len >= PKTINFO_SIZE) {
		memcpy(&s->index, cm->data, 4);
		memcpy(&s->addr, cm->data + 4, 4);
		return true;
	}
	if (cm->level == L_IPV6 && cm->type == T_IPV6_PKTINFO && cm->data_len >= PKTINFO6_SIZE &&
	    !memcmp(cm->data, mapped, sizeof(mapped))) {
		memcpy(&s->addr, cm->data + 12, 4);
		memcpy(&s->index, cm->data + 16, 4);
		return true;
	}
	return false;
}

/* The later one that wins, of the same type or, where none is, one that names a source, too; i where there is none. */
static uint32_t winner(const struct msg *m, uint32_t i)
{
	struct source one, other;

	for (uint32_t k = m->ncmsg; k-- > i + 1;) {
		if (m->cmsg[k].level == m->cmsg[i].level && m->cmsg[k].type == m->cmsg[i].type)
			return k;
	}
	for (uint32_t k = m->ncmsg; k-- > i + 1 && source_of(&m->cmsg[i], &one);) {
		if (source_of(&m->cmsg[k], &other))
			return k;
	}
	return i;
}

/* A request for both families' types is answered with both: nothing is lost. */
static bool asks_alike(const struct cmsg *a, const struct cmsg *b)
{
	struct source one, other;

	return a->level != b->level && source_of(a, &one) && source_of(b, &other) &&
	       one.addr == other.addr && one.index == other.index;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		const struct verdict *v = &m->verdict[i];

		uint32_t by = winner(m, i);

		if (by != i && !known_verdict(c, r, i))
			continue;
		if (v->what != VERDICT_IGNORE || v->ignored != WHY_OVERRIDDEN ||
		    asks_alike(cm, &m->cmsg[by]))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			continue;
		if (by != i)
			finding_message(
				c, f,
				"%s (%s) is overridden by control message %u, of the same %s: "
				"the last one wins",
				say_which(c, i), say_type(c, cm), by,
				cm->level == m->cmsg[by].level ? "type" : "effect");
		else
			finding_message(c, f,
					"%s (%s) is overridden by a later one of the same kind",
					say_which(c, i), say_type(c, cm));
		finding_note(c, f, "lost: %s", say_value(c, cm->row, cm));
		if (by != i)
			finding_note(c, f, "used: %s", say_value(c, m->cmsg[by].row, &m->cmsg[by]));
		if (v->kernel)
			finding_note(c, f, "kernel: %s", v->kernel);
		finding_done(c, f);
	}
}

const struct rule ct112 = {
	.id = "CT112",
	.name = "cmsg-duplicate",
	.severity = SEVERITY_WARNING,
	.title = "the same type twice: the last one wins",
	.what = "A message carries a type more than once (or IP_PKTINFO and IPV6_PKTINFO towards one IPv4\n"
		"peer). The last one wins. Descriptors add up instead; of two IP_PKTINFO the source is the\n"
		"last one's and the interface that of the last non-zero index.",
	.why = "What the first one asked for is lost without an error. Usual causes: a control block that\n"
	       "grows with each use because its length is not reset, or two layers that both add one.",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl(),\n"
		"net/core/sock.c sock_cmsg_send(): each message overwrites the same field.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "static void add(struct cmsghdr *c, int ttl)\n"
	       "{\n"
	       "	c->cmsg_level = IPPROTO_IP;\n"
	       "	c->cmsg_type = IP_TTL;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
	       "	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
	       "}\n"
	       "\n"
	       "void fill(struct msghdr *m)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	add(c, 1);\n"
	       "	add(CMSG_NXTHDR(m, c), 64); /* wins */\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"static void add(struct cmsghdr *c, int ttl)\n"
		"{\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_TTL;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
		"	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
		"}\n"
		"\n"
		"void fill(struct msghdr *m)\n"
		"{\n"
		"	add(CMSG_FIRSTHDR(m), 1);\n"
		"	m->msg_controllen = CMSG_SPACE(sizeof(int));\n"
		"}\n",
	.remedy = "Send each type once; build the control block anew for each message.",
	.send = check,
};
