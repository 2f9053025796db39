// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT402: an option that is on and brings nothing here. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/numbers.h"
#include "check/rules/rules.h"
#include "check/say.h"
#include "kernel/recv.h"

static const enum sock_opt asked_for[] = {
	OPT_IP_PKTINFO,       OPT_IP_RECVTTL,        OPT_IP_RECVTOS,
	OPT_IPV6_RECVPKTINFO, OPT_IPV6_RECVHOPLIMIT, OPT_IPV6_RECVTCLASS,
};

/* On a dual-stack socket IPv4 packets bring the IPv4 options' messages only. */
static const struct {
	enum sock_opt v6, v4;
	const char *message;
} twins[] = {
	{ OPT_IPV6_RECVHOPLIMIT, OPT_IP_RECVTTL, "IPV6_HOPLIMIT" },
	{ OPT_IPV6_RECVTCLASS, OPT_IP_RECVTOS, "IPV6_TCLASS" },
	{ OPT_IPV6_RECVORIGDSTADDR, OPT_IP_RECVORIGDSTADDR, "IPV6_ORIGDSTADDR" },
};

/* A program that offers no room expects no control message. */
static bool offered(struct check *c, const struct rule *r)
{
	const struct msg *m = check_msg(c)->m;

	return m->out.controllen || (known_room(c, r) && m->in.controllen);
}

static void tell_vain(struct check *c, const struct rule *r, enum sock_opt o, const char *why)
{
	const char *name = sock_opt_rows[o].name;
	struct finding *f = finding_start(c, r, r->severity, (int)check_msg(c)->index, -1, name);

	if (!f)
		return;
	finding_message(c, f, "%s is on and brings no control message on %s", name,
			say_kind(check_msg(c)->kind));
	finding_note(c, f, "%s", why);
	finding_done(c, f);
}

static void tell_twin(struct check *c, const struct rule *r, unsigned int i)
{
	const char *v6 = sock_opt_rows[twins[i].v6].name, *v4 = sock_opt_rows[twins[i].v4].name;
	struct finding *f = finding_start(c, r, r->severity, (int)check_msg(c)->index, -1, v6);

	if (!f)
		return;
	finding_message(
		c, f,
		"an IPv4 packet came without %s, though %s is on: it is for IPv6 packets only",
		twins[i].message, v6);
	finding_note(c, f, "remedy: switch %s (SOL_IP) on as well, on the same socket", v4);
	finding_note(c, f,
		     "kernel: net/ipv6/datagram.c ip6_datagram_recv_ctl(), net/ipv4/ip_sockglue.c "
		     "ip_cmsg_recv_offset()");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || (ev->flags & F_ERRQUEUE) ||
	    (!m->in.controllen && !(m->in.unseen & HDR_UNSEEN_ROOM)) || !known_kind(c, r) ||
	    !ev->sock)
		return;
	if (cur->kind == SOCK_KIND_TCP4 || cur->kind == SOCK_KIND_TCP6 ||
	    cur->kind == SOCK_KIND_MPTCP) {
		for (unsigned int i = 0; i < sizeof(asked_for) / sizeof(asked_for[0]); i++) {
			const char *why = sock_opt(ev->sock, asked_for[i])
						  ? recv_in_vain(ev->sock, asked_for[i])
						  : NULL;

			if (why && offered(c, r))
				tell_vain(c, r, asked_for[i], why);
		}
		return;
	}
	if (cur->kind != SOCK_KIND_UDP6 && cur->kind != SOCK_KIND_UDPLITE6)
		return;

	struct addr from = addr_of(m->out.name.p, m->out.name.len);

	if (!addr_is_v4(&from))
		return;
	for (unsigned int i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		if (known_opt(c, r, twins[i].v6) && sock_opt(ev->sock, twins[i].v6) &&
		    known_opt(c, r, twins[i].v4) && !sock_opt(ev->sock, twins[i].v4) &&
		    offered(c, r))
			tell_twin(c, r, i);
	}
}

const struct rule ct402 = {
	.id = "CT402",
	.name = "cmsg-absent",
	.severity = SEVERITY_NOTE,
	.on = RULE_ON_RECV,
	.title = "an option is on and its control message does not come here",
	.what = "The program asked for a control message that this socket (TCP) or this packet (IPv4 on a\n"
		"dual-stack socket) never brings. setsockopt succeeded.",
	.why = "The code that waits for the message is never reached: the class or the hop count of IPv4\n"
	       "peers stays unknown, or the default is taken for the truth.",
	.kernel = "net/ipv6/datagram.c ip6_datagram_recv_ctl(): IPv6 packets only; net/ipv4/tcp.c\n"
		  "tcp_recvmsg(): none of the IP layer's messages.",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "int want_class(int fd) /* IPv6, dual stack */\n"
	       "{\n"
	       "	return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &(int){ 1 }, sizeof(int));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"int want_class(int fd)\n"
		"{\n"
		"	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &(int){ 1 }, sizeof(int)))\n"
		"		return -1;\n"
		"	return setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &(int){ 1 }, sizeof(int)); /* one byte */\n"
		"}\n",
	.remedy =
		"On dual-stack sockets switch on both: IP_RECVTOS (comes as one byte) with IPV6_RECVTCLASS (an\n"
		"int), IP_RECVTTL with IPV6_RECVHOPLIMIT, IP_RECVORIGDSTADDR with IPV6_RECVORIGDSTADDR.\n"
		"On TCP ask with getsockopt.",
	.check = check,
};
