// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT408: a datagram that was longer than the buffer. */
#include "config.h"

#include <sys/socket.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "uapi/uapi.h"

static bool keeps_boundaries(const struct event *ev)
{
	const struct sock *s = ev->sock;

	return s && (s->has & SOCK_HAS_TYPE) && s->type != SOCK_STREAM;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	/* no bytes offered: it is thrown away on purpose; of packets often only the headers are wanted */
	if (m->made_up || !m->total || cur->kind == SOCK_KIND_PACKET || !(m->out.flags & F_TRUNC) ||
	    (ev->flags & (F_PEEK | F_TRUNC | F_ERRQUEUE)) || (m->out.flags & F_ERRQUEUE) ||
	    !known_kind(c, r) || !keeps_boundaries(ev))
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(
		c, f,
		"MSG_TRUNC: the datagram was longer than the %llu bytes offered, and the rest is "
		"gone",
		(unsigned long long)m->total);
	finding_note(
		c, f,
		"remedy: a larger buffer; with the flag MSG_TRUNC the call returns the true length");
	if (cur->kind == SOCK_KIND_NETLINK)
		finding_note(
			c, f,
			"netlink: messages of a dump need 32 KiB, or a look with MSG_PEEK | MSG_TRUNC "
			"first");
	finding_done(c, f);
}

const struct rule ct408 = {
	.id = "CT408",
	.name = "data-truncated",
	.severity = SEVERITY_WARNING,
	.title = "the datagram was longer than the buffer",
	.what = "A receive came back with MSG_TRUNC: what did not fit into the buffer is lost. A receive of no\n"
		"bytes, which throws a datagram away, and packet sockets, of which many read headers only,\n"
		"are left out.",
	.why = "The rest of a datagram can't be read later. What was read parses as a shorter message, or\n"
	       "not at all.",
	.kernel =
		"net/ipv4/udp.c udp_recvmsg(), net/core/datagram.c: MSG_TRUNC where the copy is shorter than\n"
		"the datagram.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, char data[512]) /* datagrams may have 1232 bytes */\n"
	       "{\n"
	       "	return recv(fd, data, 512, 0);\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"long receive(int fd, char *data, size_t size)\n"
		"{\n"
		"	long n = recv(fd, data, size, MSG_TRUNC); /* the true length */\n"
		"\n"
		"	return n > (long)size ? -1 : n;\n"
		"}\n",
	.remedy =
		"Offer as much as the protocol allows (65535 for UDP), and treat MSG_TRUNC as an error.",
	.recv = check,
};
