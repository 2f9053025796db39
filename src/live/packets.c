// SPDX-License-Identifier: LGPL-2.1-or-later
/* --wire: when to listen for a socket's packets, and which messages they are looked up for. */
#include "config.h"

#include <netinet/in.h>
#include <linux/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "cmsg/cmsg.h"
#include "sock/wire.h"
#include "ptrace/state.h"

void packets_start(struct trace *t)
{
	if (!t->o.wire && !t->o.pcapng)
		return;
	t->wire = wire_new(t->facts, t->o.pcapng);
	if (t->o.pcapng)
		fflush(t->o.pcapng); /* before anything forks */
}

/* This send gives its socket a port, and its packet is out before anybody can know which. */
static bool unbound(const struct trace *t, const struct event *ev)
{
	return t->wire && call_sends(ev->call) && sock_kind_is_udp(sock_kind(ev->sock)) &&
	       !addr_port(&ev->sock->local);
}

void packets_watch(struct trace *t, const struct event *ev)
{
	if (unbound(t, ev))
		wire_hear(t->wire, ev, true);
	else if (t->wire && ev->sock &&
		 (call_sends(ev->call) || call_receives(ev->call) || ev->call == CALL_BIND))
		wire_watch(t->wire, ev); /* a refusal is among facts_missing() */
}

bool packets_watch_first(const struct trace *t, const struct event *ev)
{
	return t->wire && (call_sends(ev->call) || ev->call == CALL_BIND);
}

void packets_unmatched(struct trace *t, const struct event *ev)
{
	if (unbound(t, ev))
		wire_hear(t->wire, ev, false);
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
static bool may_bind(const struct trace *t, const struct event *ev)
{
	return ev->call == CALL_BIND || ev->call == CALL_CONNECT || unbound(t, ev);
}

static void watch_anew(struct trace *t, struct event *ev)
{
	struct sock *before = ev->sock;

	ev->sock = facts_sock(t->facts, ev->tgid, ev->fd, NULL);
	wire_watch(t->wire, ev);
	sock_unref(ev->sock);
	ev->sock = before;
}

/* What UDP_SEGMENT asks for: by a control message, else by the socket's option.  net/ipv4/udp.c */
static uint32_t segment_of(struct event *ev, struct msg *m)
{
	int32_t option = sock_opt(ev->sock, OPT_UDP_SEGMENT);
	uint16_t size;

	if (!call_sends(ev->call))
		return 0;
	if (m->in.control.len)
		cmsg_walk(ev, m);
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];

		if (c->level != IPPROTO_UDP || c->type != UDP_SEGMENT || c->data_len < sizeof(size))
			continue;
		memcpy(&size, c->data, sizeof(size));
		return size;
	}
	return option > 0 ? (uint32_t)option : 0;
}

static void match(struct trace *t, struct event *ev)
{
	if (may_bind(t, ev))
		watch_anew(t, ev);
	if (ev->flags & MSG_ERRQUEUE) /* what comes back is one that we sent */
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (m->have_len)
			wire_match(t->wire, ev, m, segment_of(ev, m), &m->wire);
	}
}

void packets_match(struct trace *t, struct event *ev)
{
	if (!t->wire || !sock_kind_is_udp(sock_kind(ev->sock)))
		return;
	if (ev->result >= 0)
		match(t, ev);
	packets_unmatched(t, ev);
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
	if (s.unseen)
		trace_say(
			t,
			"--wire: %llu packets left from these ports by calls that were not seen: "
			"write(2) (--engine=syscall shows it), io_uring, or a process that is not "
			"traced",
			(unsigned long long)s.unseen);
}

void trace_comment(struct trace *t, const struct wire_fact *packet, const char *text)
{
	if (t->wire)
		wire_comment(t->wire, packet, text);
}
