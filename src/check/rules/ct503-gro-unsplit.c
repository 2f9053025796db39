// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT503: UDP_GRO is on, and the receive has no room to be told. */
#include "config.h"

#include "check/check.h"
#include "check/cut.h"
#include "check/known.h"
#include "check/say.h"
#include "uapi/uapi.h"

static bool gave_size(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == L_UDP && m->cmsg[i].type == T_UDP_GRO)
			return m->cmsg[i].data_len >= sizeof(int);
	}
	return false;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	uint64_t room = m->made_up ? 0 : m->in.controllen;
	struct cut cut;

	if (!m->in.have || !ev->abi || room >= cmsg_len_of(ev->abi, sizeof(int)) || gave_size(m) ||
	    !known_kind(c, r) || !sock_kind_is_udp(cur->kind) || !known_opt(c, r, OPT_UDP_GRO) ||
	    !sock_opt(ev->sock, OPT_UDP_GRO) || (!m->made_up && !known_room(c, r)))
		return;
	/* a look at the length, or another queue: the read that takes the data comes yet */
	if ((ev->flags & (F_PEEK | F_ERRQUEUE)) || (m->out.flags & F_ERRQUEUE))
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	if (m->made_up)
		finding_message(c, f,
				"UDP_GRO is on, and %s has no control data: several datagrams come "
				"back as one, and nothing tells their size",
				say_call(ev));
	else
		finding_message(
			c, f,
			"UDP_GRO is on, and msg_controllen is %llu: several datagrams come back "
			"as one, and nothing tells their size",
			(unsigned long long)room);
	if (m->have_len)
		finding_note(c, f, "this receive returned %u bytes", m->len);
	if (!m->made_up) {
		cut_look(c, &cut);
		if (m->out.flags & F_CTRUNC)
			cut_note_lost(c, f, &cut);
		cut_note_room(c, f, &cut);
	}
	finding_note(c, f,
		     "remedy: recvmsg with room for what the socket's options bring, "
		     "CMSG_SPACE(sizeof(int)) of it for UDP_GRO, and cut the data by the int in "
		     "SOL_UDP/UDP_GRO; or switch UDP_GRO off");
	finding_note(c, f, "kernel: net/ipv4/udp.c udp_cmsg_recv()");
	finding_done(c, f);
}

const struct rule ct503 = {
	.id = "CT503",
	.name = "gro-unsplit",
	.severity = SEVERITY_ERROR,
	.title = "UDP_GRO is on and there is no room for its control message",
	.explains = EXPLAINS_CUT,
	.what = "The socket has UDP_GRO on, and a receive offers no room for the control message that\n"
		"tells the size of the datagrams that were put together.",
	.why = "Datagrams of one sender that arrive together come back as one long buffer. A program that\n"
	       "takes it for one datagram reads garbage behind the first, but only under load.",
	.kernel =
		"net/ipv4/udp.c udp_recvmsg(): udp_cmsg_recv() gives SOL_UDP/UDP_GRO, an int, where\n"
		"datagrams were coalesced.",
	.bad = "#include <netinet/udp.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, void *data, size_t size) /* UDP_GRO is on */\n"
	       "{\n"
	       "	return recv(fd, data, size, 0);\n"
	       "}\n",
	.good = "#include <netinet/udp.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"#ifndef UDP_GRO\n"
		"#define UDP_GRO 104\n"
		"#endif\n"
		"\n"
		"long receive(int fd, void *data, size_t size, int *each)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];\n"
		"	struct iovec iov = { data, size };\n"
		"	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"
		"		.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	long n = recvmsg(fd, &m, 0);\n"
		"\n"
		"	*each = (int)n;\n"
		"	if (n < 0)\n"
		"		return n;\n"
		"	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {\n"
		"		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)\n"
		"			memcpy(each, CMSG_DATA(c), sizeof(*each));\n"
		"	}\n"
		"	return n;\n"
		"}\n",
	.remedy =
		"Receive with recvmsg and room for SOL_UDP/UDP_GRO (an int, not a uint16_t), and cut the\n"
		"data into pieces of that size. Without that, don't switch UDP_GRO on.",
	.recv = check,
};
