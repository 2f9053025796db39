// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT504: a time to leave at, and no queue that waits for it. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

/* Of a socket: the interface that was asked about last, and the answer. */
struct state {
	uint32_t oif;
	bool kept;
};

static int find_txtime(struct check *c, const struct rule *r, const struct msg *m)
{
	uint64_t at;

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level != L_SOCKET || cm->type != T_TXTIME || !known_payload(c, r, cm) ||
		    cm->data_len != sizeof(at))
			continue;
		memcpy(&at, cm->data, sizeof(at));
		return at ? (int)i : -1; /* 0: no time at all */
	}
	return -1;
}

static void tell(struct check *c, const struct rule *r, int i, uint32_t oif, const char *queue)
{
	struct finding *f = finding_start(c, r, r->severity, (int)check_msg(c)->index, i, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"%s (SCM_TXTIME) asks for a time to leave at, and no queue of interface %s "
			"keeps it: the packet leaves at once",
			say_which(c, (uint32_t)i), say_ifindex(c, oif));
	finding_note(c, f, "its queueing discipline is %s; fq and etf look at the time", queue);
	finding_note(
		c, f,
		"remedy: tc qdisc replace dev %s root fq (for CLOCK_MONOTONIC), or etf with the "
		"clock that SO_TXTIME chose",
		check_ifname(c, oif) && *check_ifname(c, oif) ? check_ifname(c, oif) : "…");
	finding_note(c, f, "kernel: net/sched/sch_fq.c fq_enqueue(), net/sched/sch_etf.c");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int i = find_txtime(c, r, m);

	if (i < 0 || !cur->left || !known_kind(c, r) || !addr_is_inet(&cur->dest) ||
	    !known_opt(c, r, OPT_SO_TXTIME) || !sock_opt(ev->sock, OPT_SO_TXTIME) || !m->verdict ||
	    m->verdict[i].what != VERDICT_ACCEPT)
		return;

	const struct route_fact *route = check_route(c, r);
	struct state *s = rule_sock(c);

	if (!route || !route->oif || (s->oif == route->oif && s->kept))
		return;

	const struct question q = { .kind = ASK_KEEPS_TXTIME, .number = route->oif };
	const struct answer *a = check_ask(c, &q);

	if (!a || a->result < 0) {
		rule_skipped(c, r, "the interface's queueing disciplines are not known");
		return;
	}
	*s = (struct state){ .oif = route->oif, .kept = a->result };
	if (!s->kept)
		tell(c, r, i, route->oif, a->name);
}

const struct rule ct504 = {
	.id = "CT504",
	.name = "txtime-not-kept",
	.severity = SEVERITY_WARNING,
	.title = "SCM_TXTIME where no queue keeps the packet until its time",
	.what = "A datagram carries the time at which it is to leave, and the interface that its route chooses\n"
		"has no queueing discipline that looks at it. The rule is silent where another interface\n"
		"below that one (a bond, a VLAN, a tunnel), or a discipline that is not known, may do so.",
	.why = "sendmsg() and setsockopt(SO_TXTIME) succeed, and the packets leave in a burst: pacing that was\n"
	       "taken out of the program happens nowhere, and routers and receivers drop.",
	.kernel =
		"net/core/sock.c __sock_cmsg_send() only puts the time into the packet; net/sched/sch_fq.c and\n"
		"sch_etf.c are who waits.",
	.bad = "#include <stdint.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "#ifndef SCM_TXTIME\n"
	       "#define SCM_TXTIME 61\n"
	       "#endif\n"
	       "\n"
	       "void leave_at(struct msghdr *m, uint64_t ns) /* and eth0 has pfifo_fast */\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_SOCKET;\n"
	       "	c->cmsg_type = SCM_TXTIME;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(ns));\n"
	       "	memcpy(CMSG_DATA(c), &ns, sizeof(ns));\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"#include <time.h>\n"
		"\n"
		"/* where nothing is known of the interface's queues */\n"
		"long send_at(int fd, const struct msghdr *m, const struct timespec *at)\n"
		"{\n"
		"	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);\n"
		"	return sendmsg(fd, m, 0);\n"
		"}\n",
	.remedy =
		"Give the interface fq (it takes CLOCK_MONOTONIC) or etf, or pace in the program.\n"
		"quic-go, quiche and others take SO_TXTIME where they find it: the operator must know.",
	.sock_state = sizeof(struct state),
	.send = check,
};
