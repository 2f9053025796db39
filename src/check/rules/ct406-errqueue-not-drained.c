// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT406: errors that pile up in an error queue that nobody reads. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "uapi/uapi.h"

enum {
	ERRORS_MAX = 8, /* calls that failed */
	EMPTY_MAX =
		16, /* receives in a row that found nothing, while the error queue held something */
};

/* Of a socket, since its error queue was read. */
struct state {
	uint32_t errors_unread;  /* calls that failed with what is in it */
	uint32_t notices_unread; /* sends that leave a timestamp or a completion in it */
	uint32_t empty_receives; /* in a row */
	uint32_t slot;           /* of struct run, from 1; 0: it has none, or nothing more to say */
	bool done;               /* its error queue was read once, or it was told */
};

/* Of the run: sockets whose sends left something in an error queue that was never read. */
struct run {
	unsigned int n;
	struct unread {
		char comm[17];
		const char *option;
		uint64_t notices, event; /* how many sends; the first of them */
	} v[256];
};

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

static bool is_inet(enum sock_kind k)
{
	switch (k) {
	case SOCK_KIND_RAW4:
	case SOCK_KIND_RAW6:
	case SOCK_KIND_PING4:
	case SOCK_KIND_PING6:
	case SOCK_KIND_TCP4:
	case SOCK_KIND_TCP6:
	case SOCK_KIND_PACKET:
		return true;
	default:
		return sock_kind_is_udp(k);
	}
}

/* The option that fills the error queue, as the program knows it; NULL: none is on. */
static const char *filled_by(const struct sock *s, enum sock_kind kind)
{
	bool tcp = kind == SOCK_KIND_TCP4 || kind == SOCK_KIND_TCP6;

	if (!tcp && sock_opt(s, OPT_IP_RECVERR))
		return "IP_RECVERR";
	if (!tcp && sock_opt(s, OPT_IPV6_RECVERR))
		return "IPV6_RECVERR";
	if (sock_opt(s, OPT_SO_TIMESTAMPING) & SOF_TX_RECORD)
		return "SO_TIMESTAMPING (transmit)";
	return sock_opt(s, OPT_SO_ZEROCOPY) ? "SO_ZEROCOPY" : NULL;
}

/* Does this send leave something in the error queue, a timestamp or a notice of completion? */
static bool leaves_notice(const struct event *ev)
{
	if (!call_sends(ev->call) || ev->result < 0)
		return false;
	return (sock_opt(ev->sock, OPT_SO_TIMESTAMPING) & SOF_TX_RECORD) ||
	       ((ev->flags & F_ZEROCOPY) && sock_opt(ev->sock, OPT_SO_ZEROCOPY));
}

/* The socket's error queue was read, or is told of: nothing is left for the end. */
static void forget(struct check *c, struct state *s)
{
	struct run *run = rule_run(c);

	if (s->slot)
		run->v[s->slot - 1].notices = 0;
	s->slot = 0;
	s->done = true;
}

static void remember(struct check *c, const struct rule *r, struct state *s, const struct event *ev,
		     const char *option)
{
	struct run *run = rule_run(c);
	struct unread *u;

	if (s->done)
		return;
	if (!s->slot) {
		if (run->n == sizeof(run->v) / sizeof(run->v[0])) {
			rule_skipped(c, r, "too many sockets to keep account of");
			s->done = true;
			return;
		}
		s->slot = ++run->n;
		u = &run->v[s->slot - 1];
		u->event = ev->no;
		u->option = option;
		for (size_t i = 0; i < sizeof(ev->comm) && ev->comm[i]; i++)
			u->comm[i] = ev->comm[i] < ' ' || ev->comm[i] > '~' ? '?' : ev->comm[i];
	}
	run->v[s->slot - 1].notices++;
}

static void tell(struct check *c, const struct rule *r, const struct state *s, int err,
		 const char *option)
{
	bool spins = s->empty_receives >= EMPTY_MAX;
	struct finding *f = finding_start(c, r, r->severity, -1, -1, spins ? "spins" : NULL);

	if (!f)
		return;
	if (spins)
		finding_message(
			c, f,
			"%u receives in a row found nothing (%s) while the error queue holds "
			"something, and nobody read that: %s is on",
			s->empty_receives, say_errno(err), option);
	else
		finding_message(c, f,
				"%u calls failed on this socket (now with %s) and nobody read its "
				"error queue, though %s is on",
				s->errors_unread, say_errno(err), option);
	finding_note(
		c, f,
		"poll() reports POLLERR until the queue is empty; it takes memory from the receive "
		"buffer");
	finding_note(c, f,
		     "remedy: on POLLERR (and after such an errno) recvmsg(MSG_ERRQUEUE | "
		     "MSG_DONTWAIT) until EAGAIN");
	finding_note(c, f,
		     "kernel: net/ipv4/ip_sockglue.c ip_icmp_error(), ip_recv_error(), "
		     "net/core/skbuff.c sock_queue_err_skb()");
	finding_done(c, f);
}

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	const struct check_msg *cur = check_msg(c);
	int err = -event_error(ev);

	if (!is_inet(cur->kind) || !(call_sends(ev->call) || call_receives(ev->call)))
		return;

	const char *option = filled_by(ev->sock, cur->kind);

	if (!option) {
		if (queued(err) && sock_kind_is_udp(cur->kind))
			known_opt(c, r, OPT_IP_RECVERR);
		return;
	}

	struct state *s = rule_sock(c);

	if (ev->flags & F_ERRQUEUE) {
		s->errors_unread = s->notices_unread = s->empty_receives = 0;
		forget(c, s);
		return;
	}
	if (leaves_notice(ev)) {
		s->notices_unread++;
		remember(c, r, s, ev, option);
	}
	if (err == ENOBUFS && (ev->flags & F_ZEROCOPY))
		forget(c, s); /* CT409 counts them */
	if (call_receives(ev->call) && err == EAGAIN && (s->errors_unread || s->notices_unread))
		s->empty_receives++;
	else if (call_receives(ev->call) && !err)
		s->empty_receives = 0;
	if (sock_kind_is_udp(cur->kind) && queued(err))
		s->errors_unread++;
	else if (err != EAGAIN)
		return;
	if (s->errors_unread >= ERRORS_MAX || s->empty_receives >= EMPTY_MAX)
		tell(c, r, s, err, option);
	if (s->empty_receives >= EMPTY_MAX)
		forget(c, s);
}

/* Adds up what is kept of all sockets of u's program and option, and forgets it. */
static uint64_t take_all(struct run *run, const struct unread *u, uint64_t *socks, uint64_t *first)
{
	uint64_t notices = 0;

	*socks = 0;
	for (unsigned int k = 0; k < run->n; k++) {
		struct unread *same = &run->v[k];

		if (!same->notices || strcmp(same->option, u->option) ||
		    strcmp(same->comm, u->comm))
			continue;
		if (!(*socks)++ || same->event < *first)
			*first = same->event;
		notices += same->notices;
		same->notices = 0;
	}
	return notices;
}

static void on_end(struct check *c, const struct rule *r)
{
	struct run *run = rule_run(c);

	for (unsigned int i = 0; i < run->n; i++) {
		const struct unread u = run->v[i];
		uint64_t socks, first, notices = take_all(run, &u, &socks, &first);
		char key[64];
		struct finding *f;

		snprintf(key, sizeof(key), "%s of %s", u.option, u.comm);
		f = notices ? finding_once(c, r, r->severity, key) : NULL;
		if (!f)
			continue;
		finding_message(
			c, f,
			"%s never read the error queue of %s: %s left a timestamp or a completion "
			"there (%s is on)",
			u.comm, say_count(c, socks, "socket"), say_count(c, notices, "send"),
			u.option);
		finding_note(c, f, "the first of them is event %llu", (unsigned long long)first);
		finding_note(
			c, f,
			"remedy: recvmsg(MSG_ERRQUEUE | MSG_DONTWAIT) until EAGAIN after sends, or "
			"leave the option off");
		finding_note(c, f, "kernel: net/core/skbuff.c sock_queue_err_skb()");
		finding_done(c, f);
	}
}

const struct rule ct406 = {
	.id = "CT406",
	.name = "errqueue-not-drained",
	.severity = SEVERITY_WARNING,
	.title = "the error queue is on and nobody reads it",
	.what = "IP_RECVERR or IPV6_RECVERR is on, calls on the socket keep failing with errors that the\n"
		"queue holds the reason of, and no receive with MSG_ERRQUEUE follows. Or the queue holds such\n"
		"an error, a transmit timestamp (SO_TIMESTAMPING) or a completion (MSG_ZEROCOPY), and receives\n"
		"find nothing (EAGAIN) again and again: a loop that POLLERR wakes. Or the run is over, and\n"
		"nobody ever read what sends had left there.",
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
	.sock_state = sizeof(struct state),
	.run_state = sizeof(struct run),
	.call = on_call,
	.end = on_end,
};
