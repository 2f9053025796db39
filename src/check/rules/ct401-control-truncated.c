// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT401: a control buffer too small for what the socket's options bring. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/recv.h"
#include "uapi/uapi.h"

enum { LIST_MAX = 600 };

static enum recv_packet packet_of(const struct event *ev, const struct msg *m)
{
	struct addr from = addr_of(m->out.name.p, m->out.name.len);

	if ((ev->flags & F_ERRQUEUE) || (m->out.flags & F_ERRQUEUE))
		return RECV_ERRORS;
	if (!addr_is_inet(&from))
		return RECV_ANY;
	return addr_is_v4(&from) ? RECV_V4 : RECV_V6;
}

static bool complete(const struct msg *m, const struct recv_expect *e)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == e->level && m->cmsg[i].type == e->type)
			return m->cmsg[i].data_len >= e->size && !m->cmsg[i].faults;
	}
	return false;
}

static void note_lost(struct check *c, struct finding *f, const struct recv_expect *v,
		      unsigned int n, bool *named)
{
	const struct check_msg *cur = check_msg(c);

	*named = false;
	for (unsigned int i = 0; i < n; i++) {
		if (!v[i].always || complete(cur->m, &v[i]))
			continue;
		finding_note(c, f, "lost or cut: %s (CMSG_SPACE(%u) = %llu)", v[i].name, v[i].size,
			     (unsigned long long)cmsg_space_of(cur->ev->abi, v[i].size));
		*named = true;
		break; /* all after it are lost too: the list shows them */
	}
}

/* "IP_PKTINFO 32 + IP_TTL 24 = 56". */
static void note_sum(struct check *c, struct finding *f, const struct recv_expect *v,
		     unsigned int n)
{
	const struct abi *abi = check_msg(c)->ev->abi;
	char list[LIST_MAX] = "";
	size_t used = 0;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n && used < sizeof(list) - 1; i++) {
		uint64_t space = cmsg_space_of(abi, v[i].size);

		sum += space;
		used += (size_t)snprintf(
			list + used, sizeof(list) - used, "%s%s%s %llu", used ? " + " : "",
			v[i].name, v[i].always ? "" : " (at times)", (unsigned long long)space);
	}
	if (sum)
		finding_note(
			c, f,
			"the options that are on bring: %s = %llu bytes; msg_controllen was %llu",
			list, (unsigned long long)sum,
			(unsigned long long)check_msg(c)->m->in.controllen);
}

/* Room for all that the options may bring, but for padding behind the last; nothing: 0. */
static uint64_t needs(const struct abi *abi, const struct recv_expect *v, unsigned int n)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += cmsg_space_of(abi, v[i].size);
	return sum ? sum - (abi->word - 1) : 0;
}

/* CT301 speaks of descriptors: nothing else could have been cut. */
static bool only_fds(const struct check_msg *cur)
{
	const struct sock *s = cur->ev->sock;

	return sock_kind_is_unix(cur->kind) && sock_opt_known(s, OPT_SO_PASSCRED) &&
	       !sock_opt(s, OPT_SO_PASSCRED) && !sock_opt(s, OPT_SO_PASSPIDFD) &&
	       !sock_opt(s, OPT_SO_PASSSEC);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool cut = m->out.flags & F_CTRUNC, sure = true, named;
	bool unseen = m->in.unseen & HDR_UNSEEN_ROOM;
	bool nowhere = m->in.controllen && !m->in.control_ptr && !unseen;
	struct recv_expect v[RECV_EXPECT_MAX];

	if (m->made_up || !m->out.have || (!cut && !m->in.controllen && !unseen))
		return;
	if (!known_kind(c, r) || !ev->sock || only_fds(cur) ||
	    (!cut && sock_kind_is_unix(cur->kind)))
		return;

	unsigned int n =
		recv_expected(ev->sock, ev->abi, packet_of(ev, m), check_release(c), v, &sure);

	/* a receive never returns more than it was offered */
	if (!cut && (!sure || m->out.controllen >= needs(ev->abi, v, n) || !known_room(c, r) ||
		     m->in.controllen >= needs(ev->abi, v, n)))
		return;

	struct finding *f =
		finding_start(c, r, r->severity, (int)cur->index, -1, cut ? "cut" : "ahead");

	if (!f)
		return;
	if (cut && nowhere)
		finding_message(c, f,
				"MSG_CTRUNC: msg_control is NULL, so there is no room for control "
				"data, though msg_controllen is %llu",
				(unsigned long long)m->in.controllen);
	else if (cut && unseen)
		finding_message(c, f, "MSG_CTRUNC: the control data did not fit");
	else if (cut)
		finding_message(c, f, "MSG_CTRUNC: the control data did not fit into %llu bytes",
				(unsigned long long)m->in.controllen);
	else
		finding_message(
			c, f,
			"msg_controllen is %llu, less than the socket's options may bring: some "
			"messages will be cut",
			(unsigned long long)m->in.controllen);
	if (cut)
		note_lost(c, f, v, n, &named);
	note_sum(c, f, v, n);
	if (!sure)
		finding_note(c, f, "other options may be on: not all of them are known");
	finding_note(c, f, "kernel: net/core/scm.c put_cmsg()");
	finding_done(c, f);
}

const struct rule ct401 = {
	.id = "CT401",
	.name = "control-truncated",
	.severity = SEVERITY_WARNING,
	.title = "the control buffer is too small for what the socket's options bring",
	.what = "A receive came back with MSG_CTRUNC. The finding says which control message was lost or cut,\n"
		"which options are on, the CMSG_SPACE of each and the sum that the buffer needs. It says\n"
		"the same ahead of time, where the buffer holds what came but not all that may come.",
	.why = "A cut message looks whole: its cmsg_len is what was left, so an IP_PKTINFO may hold four\n"
	       "bytes. Messages that come later in the kernel's order are gone. An option that a library\n"
	       "switched on is enough to push out the one that the program needs.",
	.kernel =
		"net/core/scm.c put_cmsg(): what does not fit is cut, MSG_CTRUNC set. Order: timestamps first,\n"
		"then the address family's, the error queue's IP_RECVERR last.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, struct iovec *iov) /* IP_PKTINFO and IP_RECVTTL are on */\n"
	       "{\n"
	       "	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];\n"
	       "	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
	       "		.msg_control = control, .msg_controllen = sizeof(control) };\n"
	       "\n"
	       "	return recvmsg(fd, &m, 0);\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"long receive(int fd, struct iovec *iov)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo)) +\n"
		"					      CMSG_SPACE(sizeof(int))];\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
		"		.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	long n = recvmsg(fd, &m, 0);\n"
		"\n"
		"	return n >= 0 && (m.msg_flags & MSG_CTRUNC) ? -1 : n;\n"
		"}\n",
	.remedy =
		"Offer the sum of CMSG_SPACE of all options that are on (the finding shows it), set\n"
		"msg_controllen before each receive, and treat MSG_CTRUNC as an error.",
	.recv = check,
};
