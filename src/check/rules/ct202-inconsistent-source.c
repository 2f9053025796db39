// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT202: some replies of a socket give their source and some don't. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/meant.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"

static const char *say_replies(struct check *c, uint64_t n)
{
	return n == 1 ? "an earlier one" : say_count(c, n, "earlier one");
}

/* Of a socket. */
struct state {
	uint64_t with_source; /* replies that carried one */
};

static void note_source(struct check *c, struct finding *f, const struct reply *reply)
{
	if (reply->asked)
		finding_note(c, f, "so it leaves from %s; it was %s",
			     reply->from.len ? say_host(c, &reply->from)
					     : "what the routing table chooses",
			     reply_asked_text(c, reply->asked));
	else
		finding_note(c, f, "so it leaves from %s, as the routing table chose",
			     say_host(c, &reply->from));
	reply_note_wire(c, f, reply->asked);
}

static void check_without(struct check *c, const struct rule *r, const struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	const struct state *s = rule_sock_known(c);

	if (!cur->convo || !cur->left || !s || !s->with_source ||
	    (m->ncmsg && !known_outcome(c, r)) || (m->outcome && m->outcome->has_source_cmsg))
		return;

	struct meant meant;

	if (m->ncmsg && meant_ignored_source(c, m, &meant) >= 0)
		return; /* it gives one that nobody reads: CT101 or CT103 names that */

	struct reply reply = reply_automatic(c, r);

	if (reply.fate == REPLY_NONE || reply.fate == REPLY_SINGLE)
		return;

	struct finding *f =
		finding_start(c, r, reply.fate == REPLY_WRONG ? SEVERITY_ERROR : r->severity,
			      (int)cur->index, -1, sock_kind_name(cur->kind));

	if (!f)
		return;
	f->from = reply.from;
	if (reply.asked) {
		f->asked = reply_asked_addr(reply.asked);
		f->asked_event = reply.asked->event;
	}
	finding_message(
		c, f, "this reply to %s gives no source address, and %s of this socket gave theirs",
		say_addr(c, &cur->dest), say_replies(c, s->with_source));
	note_source(c, f, &reply);
	finding_note(c, f,
		     "remedy: give the source with every packet: retries, probes, version "
		     "negotiation and errors too");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	(void)ev;
	check_without(c, r, m);
	if (cur->convo && cur->left && m->outcome && m->outcome->source.len) {
		struct state *s = rule_sock(c);

		s->with_source++;
	}
}

const struct rule ct202 = {
	.id = "CT202",
	.name = "inconsistent-source",
	.severity = SEVERITY_WARNING,
	.title = "on one socket some replies give their source and some don't",
	.explains = EXPLAINS_SOURCE,
	.what = "A server that knows how to give the source address of its replies sent one without, on\n"
		"the same socket: often a path of its own in the code (a retry, a probe packet, version\n"
		"negotiation, an error).  It speaks in place of CT201, which is for servers that never give it.\n"
		"error: the address that the reply leaves from is not the one that was asked.",
	.why = "The rare packets are those nobody tests with two addresses: the handshake works, and the\n"
	       "retry does not arrive.",
	.kernel =
		"net/ipv4/udp.c udp_sendmsg(): each message stands alone; a source given once is not kept.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "/* replies give IP_PKTINFO; this one was forgotten */\n"
	       "long retry(int fd, const void *data, size_t len, const struct sockaddr *to, socklen_t tolen)\n"
	       "{\n"
	       "	return sendto(fd, data, len, 0, to, tolen);\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"/* one function for every packet that leaves: replies, retries, probes, errors */\n"
		"long reply(int fd, const struct sockaddr_in *to, struct in_addr asked, struct iovec *iov)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };\n"
		"	struct in_pktinfo info = { .ipi_spec_dst = asked };\n"
		"	struct msghdr m = { .msg_name = (void *)to, .msg_namelen = sizeof(*to), .msg_iov = iov,\n"
		"		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(&m);\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_PKTINFO;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(info));\n"
		"	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"	return sendmsg(fd, &m, 0);\n"
		"}\n",
	.remedy =
		"Send everything through one function that takes the asked address with the peer's.",
	.sock_state = sizeof(struct state),
	.send = check,
};
