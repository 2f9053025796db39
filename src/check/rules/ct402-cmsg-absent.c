// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT402: an option that is on and brings nothing here. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "kernel/recv.h"
#include "uapi/uapi.h"

/* What of one family's packets brings, and what of the other's; two options for one piece of news. */
static const struct twin {
	enum sock_opt v6, v4;
	const char *message6, *message4; /* NULL: it comes with packets of both */
} twins[] = {
	{ OPT_IPV6_RECVPKTINFO, OPT_IP_PKTINFO, NULL, "IP_PKTINFO" },
	{ OPT_IPV6_RECVHOPLIMIT, OPT_IP_RECVTTL, "IPV6_HOPLIMIT", "IP_TTL" },
	{ OPT_IPV6_RECVTCLASS, OPT_IP_RECVTOS, "IPV6_TCLASS", "IP_TOS" },
	{ OPT_IPV6_RECVORIGDSTADDR, OPT_IP_RECVORIGDSTADDR, "IPV6_ORIGDSTADDR", "IP_ORIGDSTADDR" },
};

/* A program that offers no room expects no control message. */
static bool offered(struct check *c, const struct rule *r)
{
	const struct msg *m = check_msg(c)->m;

	return m->out.controllen || (known_room(c, r) && m->in.controllen);
}

static void tell_vain(struct check *c, const struct rule *r, enum sock_opt o, const char *why)
{
	const char *name = cmsg_opt_row(o)->name;
	struct finding *f = finding_start(c, r, r->severity, (int)check_msg(c)->index, -1, name);

	if (!f)
		return;
	finding_message(c, f, "%s is on and brings no control message on %s", name,
			say_kind(check_msg(c)->kind));
	finding_note(c, f, "%s", why);
	finding_done(c, f);
}

/* An IPv4 (else IPv6) packet came without message, which only the other family's bring. */
static void tell_twin(struct check *c, const struct rule *r, bool v4, const char *message,
		      enum sock_opt on, enum sock_opt off)
{
	const char *name = sock_opt_rows[on].name;
	struct finding *f = finding_start(c, r, r->severity, (int)check_msg(c)->index, -1, name);

	if (!f)
		return;
	finding_message(c, f,
			"an %s packet came without %s, though %s is on: it is for %s packets only",
			v4 ? "IPv4" : "IPv6", message, name, v4 ? "IPv6" : "IPv4");
	finding_note(c, f, "remedy: switch %s (%s) on as well, on the same socket",
		     sock_opt_rows[off].name, v4 ? "SOL_IP" : "SOL_IPV6");
	finding_note(c, f,
		     "kernel: net/ipv6/datagram.c ip6_datagram_recv_ctl(), net/ipv4/ip_sockglue.c "
		     "ip_cmsg_recv_offset()");
	finding_done(c, f);
}

static void check_twins(struct check *c, const struct rule *r, const struct event *ev,
			const struct msg *m)
{
	struct addr from = addr_of(m->out.name.p, m->out.name.len);
	bool v4 = addr_is_v4(&from);

	if (!addr_is_inet(&from))
		return;
	for (unsigned int i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		const struct twin *t = &twins[i];
		enum sock_opt on = v4 ? t->v6 : t->v4, off = v4 ? t->v4 : t->v6;
		const char *message = v4 ? t->message6 : t->message4;

		if (message && known_opt(c, r, on) && sock_opt(ev->sock, on) &&
		    known_opt(c, r, off) && !sock_opt(ev->sock, off) && offered(c, r))
			tell_twin(c, r, v4, message, on, off);
	}
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || (ev->flags & F_ERRQUEUE) ||
	    (!m->in.controllen && !(m->in.unseen & HDR_UNSEEN_ROOM)) || !known_kind(c, r) ||
	    !ev->sock)
		return;
	if (cur->kind == SOCK_KIND_UDP6 || cur->kind == SOCK_KIND_UDPLITE6) {
		check_twins(c, r, ev, m);
		return;
	}
	for (unsigned int o = 0; o < cmsg_opt_count(); o++) {
		/* IP_RECVERR has another purpose on TCP: errors that are told at once */
		const char *why = sock_opt(ev->sock, (enum sock_opt)o) && o != OPT_IP_RECVERR &&
						  o != OPT_IPV6_RECVERR
					  ? recv_in_vain(ev->sock, (enum sock_opt)o)
					  : NULL;

		if (why && offered(c, r))
			tell_vain(c, r, (enum sock_opt)o, why);
	}
}

const struct rule ct402 = {
	.id = "CT402",
	.name = "cmsg-absent",
	.severity = SEVERITY_NOTE,
	.title = "an option is on and its control message does not come here",
	.what = "The program asked for a control message that this socket (TCP and its like) or this packet\n"
		"(on a dual-stack socket: IPv4 where the option is IPv6's, and the reverse) never brings.\n"
		"setsockopt succeeded.",
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
	.recv = check,
};
