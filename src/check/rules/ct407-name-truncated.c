// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT407: a peer's address that did not fit into msg_name. */
#include "config.h"

#include "check/check.h"
#include "check/say.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!m->in.have || !m->out.have || !m->in.name_ptr || m->in.namelen < 0 ||
	    m->out.namelen <= m->in.namelen)
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f, "the peer's address has %lld bytes, and %lld were offered: it is cut",
			(long long)m->out.namelen, (long long)m->in.namelen);
	finding_note(
		c, f,
		"%s returns the true length in its length argument, and writes no more than was "
		"offered",
		say_call(ev));
	finding_note(
		c, f,
		"remedy: offer a struct sockaddr_storage, and set the length before each call");
	finding_note(c, f, "kernel: net/socket.c move_addr_to_user()");
	finding_done(c, f);
}

const struct rule ct407 = {
	.id = "CT407",
	.name = "name-truncated",
	.severity = SEVERITY_WARNING,
	.title = "the peer's address was cut: msg_namelen came back larger than offered",
	.explains = EXPLAINS_NAME,
	.what = "A receive offered less room for the peer's address than it has.",
	.why = "A struct sockaddr_in for an IPv6 peer holds half of its address: the reply goes nowhere, or\n"
	       "to somebody else. msg_namelen is in-out: a loop that does not reset it gets here too.",
	.kernel =
		"net/socket.c move_addr_to_user(): copies at most the offered length and returns the true one.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, void *data, size_t size, struct sockaddr_in *peer) /* fd is AF_INET6 */\n"
	       "{\n"
	       "	socklen_t len = sizeof(*peer);\n"
	       "\n"
	       "	return recvfrom(fd, data, size, 0, (struct sockaddr *)peer, &len);\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"long receive(int fd, void *data, size_t size, struct sockaddr_storage *peer)\n"
		"{\n"
		"	socklen_t len = sizeof(*peer);\n"
		"\n"
		"	return recvfrom(fd, data, size, 0, (struct sockaddr *)peer, &len);\n"
		"}\n",
	.remedy = "Use struct sockaddr_storage; set the length before each receive.",
	.recv = check,
};
