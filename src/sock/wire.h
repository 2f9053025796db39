/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --wire: which packet was this message?  Captures in the sockets' own namespaces, for their ports only,
 * and finds the packet of each traced message by addresses, ports, length, payload and time.  Then the
 * local address is a fact: the source that it left from, the destination that it came to.
 * Needs libpcap at build time and CAP_NET_RAW; UDP only.
 */
#ifndef CMSGTRACE_SOCK_WIRE_H
#define CMSGTRACE_SOCK_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event/event.h"
#include "sock/facts.h"

struct wire;

struct wire_stats {
	uint64_t packets; /* captured */
	uint64_t dropped; /* lost by the kernel for want of room: messages may miss their packet */
	uint64_t matched; /* messages whose packet was found */
	uint64_t unmatched; /* messages whose packet was not */
	uint64_t unseen;    /* packets that left, of which no message can have been */
};

/* pcapng: where packets are written too, or NULL; the caller closes it after wire_free().  Never NULL. */
struct wire *wire_new(struct facts *f, FILE *pcapng);
/* Writes what is still held. Before facts_free(). */
void wire_free(struct wire *w);

/*
 * Hears of ev's socket from now on; to be called when its port may be new (bind, the first message): of a
 * bind() before it runs, since who waits for the port to open may be there at once.
 * 0, or -errno: -ENOSYS built without libpcap, -EAFNOSUPPORT no UDP socket, -EAGAIN no port yet, -EPERM …
 * said once in facts_missing().
 */
int wire_watch(struct wire *w, const struct event *ev);

/*
 * all: a send is under way on ev's socket, which has no port before it: until the same is said
 * without all, every port in its namespace is heard.
 */
void wire_hear(struct wire *w, const struct event *ev, bool all);

/* Takes what has come in: when idle, so that the kernel needn't drop. */
void wire_poll(struct wire *w);

/*
 * The packet of message m of ev, a send or receive call that succeeded, of whose socket wire_watch()
 * was told.  False where none fits.  Each packet answers for one message only, but for MSG_PEEK and
 * where it held several datagrams; a message that left in segments has several.  segment: the payload
 * bytes of each, 0: none were asked for.
 */
bool wire_match(struct wire *w, const struct event *ev, const struct msg *m, uint32_t segment,
		struct wire_fact *out);

/* A line for the packet in the pcapng file, beside those it has. */
void wire_comment(struct wire *w, const struct wire_fact *fact, const char *text);

struct wire_stats wire_stats(const struct wire *w);

#endif
