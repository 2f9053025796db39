// SPDX-License-Identifier: LGPL-2.1-or-later
/* --wire: when to listen for a socket's packets, and which messages they are looked up for. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "sock/wire.h"
#include "trace/state.h"

void packets_start(struct trace *t)
{
	if (!t->o.wire && !t->o.pcapng)
		return;
	t->wire = wire_new(t->facts, t->o.pcapng);
	if (t->o.pcapng)
		fflush(t->o.pcapng); /* before anything forks */
}

void packets_watch(struct trace *t, const struct event *ev)
{
	if (t->wire && ev->sock && (call_sends(ev->call) || call_receives(ev->call)))
		wire_watch(t->wire, ev); /* a refusal is among facts_missing() */
}

void packets_watch_fd(struct trace *t, int tgid, int fd, struct sock *s)
{
	struct event *ev;

	if (!t->wire || !sock_kind_is_udp(sock_kind(s)))
		return;
	ev = event_new();
	ev->tid = ev->tgid = tgid;
	ev->fd = fd;
	ev->sock = sock_ref(s);
	wire_watch(t->wire, ev);
	event_free(ev);
}

/* The port is new once this call has returned: the facts from its entry don't know it. */
static bool may_bind(const struct event *ev)
{
	return ev->call == CALL_BIND || ev->call == CALL_CONNECT ||
	       (call_sends(ev->call) && !addr_port(&ev->sock->local));
}

static void watch_anew(struct trace *t, struct event *ev)
{
	struct sock *before = ev->sock;

	ev->sock = facts_sock(t->facts, ev->tgid, ev->fd, NULL);
	wire_watch(t->wire, ev);
	sock_unref(ev->sock);
	ev->sock = before;
}

void packets_match(struct trace *t, struct event *ev)
{
	if (!t->wire || !sock_kind_is_udp(sock_kind(ev->sock)) || ev->result < 0)
		return;
	if (may_bind(ev))
		watch_anew(t, ev);
	if (ev->flags & MSG_ERRQUEUE) /* what comes back is one that we sent */
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (m->have_len)
			wire_match(t->wire, ev, m, &m->wire);
	}
}

void packets_idle(struct trace *t)
{
	if (t->wire)
		wire_poll(t->wire);
}

void packets_told(struct trace *t)
{
	struct wire_stats s;

	if (!t->wire)
		return;
	wire_poll(t->wire);
	s = wire_stats(t->wire);
	trace_say(
		t,
		"--wire: %llu packets captured, %llu dropped; of the messages, %llu matched theirs, "
		"%llu did not",
		(unsigned long long)s.packets, (unsigned long long)s.dropped,
		(unsigned long long)s.matched, (unsigned long long)s.unmatched);
}

void trace_comment(struct trace *t, const struct wire_fact *packet, const char *text)
{
	if (t->wire)
		wire_comment(t->wire, packet, text);
}
