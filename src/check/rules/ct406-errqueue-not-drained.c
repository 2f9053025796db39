// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT406: errors that pile up in an error queue that nobody reads. */
#include "config.h"

#include <errno.h>

#include "check/check.h"
#include "check/known.h"
#include "check/numbers.h"
#include "check/rules/rules.h"
#include "check/say.h"

enum { ERRORS_MAX = 8 };

/* Errors that the queue holds the reason of. */
static bool queued(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EMSGSIZE:
	case EPROTO:
	case EACCES:
	case EHOSTDOWN:
	case ENOPROTOOPT:
		return true;
	default:
		return false;
	}
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool on = sock_opt(ev->sock, OPT_IP_RECVERR) || sock_opt(ev->sock, OPT_IPV6_RECVERR);
	int err = -event_error(ev);

	(void)m;
	if (queued(err) && sock_kind_is_udp(cur->kind) && !on)
		known_opt(c, r, OPT_IP_RECVERR);
	if (!on || !sock_kind_is_udp(cur->kind) ||
	    !(call_sends(ev->call) || call_receives(ev->call)))
		return;
	if (ev->flags & F_ERRQUEUE) {
		check_sock(c)->errors_unread = 0;
		return;
	}
	if (!queued(err))
		return;

	struct convo_sock *s = check_sock(c);

	if (++s->errors_unread < ERRORS_MAX)
		return;

	struct finding *f = finding_start(c, r, r->severity, -1, -1, NULL);

	if (!f)
		return;
	finding_message(
		c, f,
		"%u calls failed on this socket (now with %s) and nobody read its error queue, "
		"though %s is on",
		s->errors_unread, say_errno(err),
		sock_opt(ev->sock, OPT_IP_RECVERR) ? "IP_RECVERR" : "IPV6_RECVERR");
	finding_note(
		c, f,
		"poll() reports POLLERR until the queue is empty; it takes memory from the receive "
		"buffer");
	finding_note(c, f,
		     "remedy: on POLLERR (and after such an errno) recvmsg(MSG_ERRQUEUE | "
		     "MSG_DONTWAIT) until EAGAIN");
	finding_note(c, f, "kernel: net/ipv4/ip_sockglue.c ip_icmp_error(), ip_recv_error()");
	finding_done(c, f);
}

const struct rule ct406 = {
	.id = "CT406",
	.name = "errqueue-not-drained",
	.severity = SEVERITY_WARNING,
	.on = RULE_ON_CALL,
	.title = "the error queue is on and nobody reads it",
	.what = "IP_RECVERR or IPV6_RECVERR is on, calls on the socket keep failing with errors that the\n"
		"queue holds the reason of, and no receive with MSG_ERRQUEUE follows.",
	.why = "With the option each ICMP error is queued and reported: poll() wakes with POLLERR for ever,\n"
	       "a loop spins, and the queue takes the memory that requests need.",
	.kernel = "net/ipv4/ip_sockglue.c ip_icmp_error() queues, ip_recv_error() takes one out.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "int set_up(int fd) /* and nobody reads with MSG_ERRQUEUE */\n"
	       "{\n"
	       "	return setsockopt(fd, IPPROTO_IP, IP_RECVERR, &(int){ 1 }, sizeof(int));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void drain(int fd) /* on POLLERR, and after ECONNREFUSED and the like */\n"
		"{\n"
		"	char data[512];\n"
		"	_Alignas(struct cmsghdr) char control[512];\n"
		"	struct iovec iov = { data, sizeof(data) };\n"
		"	struct msghdr m;\n"
		"\n"
		"	do {\n"
		"		m = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,\n"
		"			.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	} while (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);\n"
		"}\n",
	.remedy =
		"Read the queue until EAGAIN whenever poll() says POLLERR, or leave the option off.",
	.check = check,
};
