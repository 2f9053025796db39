// SPDX-License-Identifier: LGPL-2.1-or-later
/* --wire: when to listen for a socket's packets, and which messages they are looked up for. */
#include "config.h"

#include <netinet/in.h>
#include <linux/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "cmsg/cmsg.h"
#include "sock/wire.h"
#include "live/live.h"
#include "live/state.h"

void packets_start(struct live *l)
{
	if (!l->o.wire && !l->o.pcapng)
		return;
	l->wire = wire_new(l->facts, l->o.pcapng);
	if (l->o.pcapng)
		fflush(l->o.pcapng); /* before anything forks */
}

/* This send gives its socket a port, and its packet is out before anybody can know which. */
static bool unbound(const struct live *l, const struct event *ev)
{
	return l->wire && call_sends(ev->call) && sock_kind_is_udp(sock_kind(ev->sock)) &&
	       !addr_port(&ev->sock->local);
}

void packets_watch(struct live *l, const struct event *ev)
{
	if (unbound(l, ev))
		wire_hear(l->wire, ev, true);
	else if (l->wire && ev->sock &&
		 (call_sends(ev->call) || call_receives(ev->call) || ev->call == CALL_BIND))
		wire_watch(l->wire, ev); /* a refusal is among facts_missing() */
}

bool packets_watch_first(const struct live *l, const struct event *ev)
{
	return l->wire && (call_sends(ev->call) || ev->call == CALL_BIND);
}

void packets_unmatched(struct live *l, const struct event *ev)
{
	if (unbound(l, ev))
		wire_hear(l->wire, ev, false);
}

void packets_watch_fd(struct live *l, int tgid, int fd, struct sock *s)
{
	struct event *ev;

	if (!l->wire || !sock_kind_is_udp(sock_kind(s)))
		return;
	ev = event_new();
	ev->tid = ev->tgid = tgid;
	ev->fd = fd;
	ev->sock = sock_ref(s);
	wire_watch(l->wire, ev);
	event_free(ev);
}

/* The port is new once this call has returned: the facts from its entry don't know it. */
static bool may_bind(const struct live *l, const struct event *ev)
{
	return ev->call == CALL_BIND || ev->call == CALL_CONNECT || unbound(l, ev);
}

static void watch_anew(struct live *l, struct event *ev)
{
	struct sock *before = ev->sock;

	ev->sock = facts_sock(l->facts, ev->tgid, ev->fd, NULL);
	wire_watch(l->wire, ev);
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

static void match(struct live *l, struct event *ev)
{
	if (may_bind(l, ev))
		watch_anew(l, ev);
	if (ev->flags & MSG_ERRQUEUE) /* what comes back is one that we sent */
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (m->have_len)
			wire_match(l->wire, ev, m, segment_of(ev, m), &m->wire);
	}
}

void packets_match(struct live *l, struct event *ev)
{
	if (!l->wire || !sock_kind_is_udp(sock_kind(ev->sock)))
		return;
	if (ev->result >= 0)
		match(l, ev);
	packets_unmatched(l, ev);
}

void packets_idle(struct live *l)
{
	if (l->wire)
		wire_poll(l->wire);
}

void packets_told(struct live *l)
{
	struct wire_stats s;

	if (!l->wire)
		return;
	wire_poll(l->wire);
	s = wire_stats(l->wire);
	live_say(
		l,
		"--wire: %llu packets captured, %llu dropped; of the messages, %llu matched theirs, "
		"%llu did not",
		(unsigned long long)s.packets, (unsigned long long)s.dropped,
		(unsigned long long)s.matched, (unsigned long long)s.unmatched);
	if (s.unseen)
		live_say(l,
			 "--wire: %llu packets left from these ports by calls that were not seen: "
			 "write(2) (--engine=syscall shows it), io_uring, or a process that is not "
			 "traced",
			 (unsigned long long)s.unseen);
}

void live_comment(struct live *l, const struct wire_fact *packet, const char *text)
{
	if (l->wire)
		wire_comment(l->wire, packet, text);
}
