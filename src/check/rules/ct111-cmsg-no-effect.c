// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT111: a control message that is checked and then has no effect here. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* CT305, CT306 and CT502 speak of these. */
static bool others(const struct check_msg *cur, const struct cmsg *cm)
{
	if (cm->level == L_UDP && cm->type == T_UDP_SEGMENT)
		return sock_kind_is_udp(cur->kind);
	return sizes_is_rights(cm) && sock_kind_is_unix(cur->kind);
}

static const char *reason(const struct verdict *v)
{
	if (v->why)
		return v->why;
	switch (v->ignored) {
	case WHY_NO_PARSER:
		return "this protocol looks at no control message";
	case WHY_CORKED:
		return "data is pending (UDP_CORK or MSG_MORE): only its first part's are read";
	default:
		return "it is checked and then not used";
	}
}

/*
 * IPPROTO_ICMP has SOL_SOCKET's number: of what was meant for IP there, the types of IP_TOS and IP_TTL are
 * those of descriptors and credentials, which are not even looked at here.
 */
static void note_collision(struct check *c, struct finding *f, const struct cmsg *cm)
{
	const struct check_msg *cur = check_msg(c);
	bool tos = cm->type == T_RIGHTS, v6 = false;

	switch (cur->kind) {
	case SOCK_KIND_UDP6:
	case SOCK_KIND_UDPLITE6:
		v6 = !cur->mapped;
		break;
	case SOCK_KIND_UDP4:
	case SOCK_KIND_UDPLITE4:
	case SOCK_KIND_RAW4:
	case SOCK_KIND_PING4:
		break;
	default:
		return;
	}
	if (v6 || cm->level != L_SOCKET || (!tos && cm->type != T_CREDENTIALS) ||
	    cm->data_len > sizeof(int))
		return;
	finding_note(c, f,
		     "level 1 is SOL_SOCKET and IPPROTO_ICMP alike; meant, if it is not the one: "
		     "cmsg_level=SOL_IP, cmsg_type=%s",
		     tos ? "IP_TOS" : "IP_TTL");
}

static bool zeros(const struct cmsg *cm)
{
	for (uint32_t i = 0; i < cm->data_len; i++) {
		if (cm->data[i])
			return false;
	}
	return cm->data_len != 0;
}

/*
 * An all-zero pktinfo leaves interface and source to the routing table, as no message would.  On a socket
 * that is bound it replaces the source (CT204), in a reply CT201 says what comes of it.
 */
static bool asks_nothing(const struct check_msg *cur, uint32_t i)
{
	const struct cmsg *cm = &cur->m->cmsg[i];
	const struct sock *s = cur->ev->sock;
	bool v4 = cm->level == L_IP && cm->type == T_IP_PKTINFO;
	bool v6 = cm->level == L_IPV6 && cm->type == T_IPV6_PKTINFO;

	return (v4 || v6) && cur->m->verdict[i].what == VERDICT_ACCEPT && zeros(cm) &&
	       !cur->convo && s && addr_is_inet(&s->local) && addr_is_wildcard(&s->local);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	if (!cur->left)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		const struct verdict *v = &m->verdict[i];

		bool nothing = asks_nothing(cur, i);

		if (others(cur, cm) || !known_verdict(c, r, i) ||
		    (v->what != VERDICT_IGNORE && !nothing) || v->ignored == WHY_LEVEL ||
		    v->ignored == WHY_FAMILY || v->ignored == WHY_OVERRIDDEN)
			continue;

		struct finding *f =
			finding_start(c, r, r->severity, (int)cur->index, (int)i, v->why);

		if (!f)
			continue;
		finding_message(c, f, "%s (%s/%s) has no effect on %s: %s", say_which(c, i),
				say_level(c, cm->level), say_type(c, cm), say_kind(cur->kind),
				nothing ? "it is all zero, and the routing table chooses interface "
					  "and source as without it"
					: reason(v));
		finding_note(c, f, "holds: %s", say_value(c, cm->row, cm));
		note_collision(c, f, cm);
		if (v->kernel)
			finding_note(c, f, "kernel: %s", v->kernel);
		finding_done(c, f);
	}
}

const struct rule ct111 = {
	.id = "CT111",
	.name = "cmsg-no-effect",
	.severity = SEVERITY_WARNING,
	.title = "the control message is checked and then has no effect on this socket",
	.what = "The kernel reads the control message, may even check its size and the caller's\n"
		"privilege, and then does nothing with it on this kind of socket: SO_MARK, SO_PRIORITY and\n"
		"SCM_TXTIME on TCP, IP_PROTOCOL on UDP, SCM_RIGHTS on anything but AF_UNIX, anything at all\n"
		"on MPTCP or on a UDP socket with corked data, the address of IPV6_PKTINFO on a ping socket,\n"
		"IPV6_RTHDRDSTOPTS without a routing header, an all-zero IP_PKTINFO or IPV6_PKTINFO on a socket\n"
		"that is bound to no address.",
	.why = "The call succeeds, and what was asked for does not happen: traffic goes unmarked, a\n"
	       "descriptor is never passed.",
	.kernel =
		"net/core/sock.c __sock_cmsg_send(), net/ipv4/tcp.c tcp_sendmsg_locked(), net/mptcp/protocol.c\n"
		"mptcp_sendmsg(), net/ipv6/ping.c ping_v6_sendmsg(); the finding names the one.",
	.bad = "#include <stdint.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "/* on a TCP socket: checked, and never used */\n"
	       "void set_mark(struct msghdr *m, uint32_t mark)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_SOCKET;\n"
	       "	c->cmsg_type = SO_MARK;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(mark));\n"
	       "	memcpy(CMSG_DATA(c), &mark, sizeof(mark));\n"
	       "}\n",
	.good = "#include <stdint.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"int set_mark(int fd, uint32_t mark)\n"
		"{\n"
		"	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));\n"
		"}\n",
	.remedy =
		"Use the socket option where there is one (SO_MARK, SO_PRIORITY, IP_TOS on TCP); pass\n"
		"descriptors over AF_UNIX; uncork before a message that needs its own control data.",
	.send = check,
};
