/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets of captures that were made beside a run, and which of them a message was.  Unlike a live capture's
 * (sock/wire.h) they are all there before the first message, clocks may differ, and nothing tells namespaces
 * apart: what several packets could be, that differ in what is asked of them, is none.  Pure.
 *
 *	struct joined *j = joined_new();
 *	joined_add(j, &packet, way, frame, "a.pcap");     each packet, of all files
 *	joined_find(j, ev, m, &fact);                     each message, in their order
 *	joined_free(j);
 */
#ifndef CMSGTRACE_NET_JOINED_H
#define CMSGTRACE_NET_JOINED_H

#include "net/datagram.h"

struct joined;

struct joined_stats {
	uint64_t packets;   /* UDP datagrams */
	uint64_t left_out;  /* beyond what is kept */
	uint64_t matched;   /* messages whose packet was found */
	uint64_t ambiguous; /* … that could be several, which differ */
	uint64_t unmatched; /* … that are none of them */
	uint64_t unused;    /* packets of which no message is known */
};

struct joined *joined_new(void);
void joined_free(struct joined *j);
/* frame: its number within capture, a name that outlives j.  way: LINK_WAY_UNKNOWN may be both. */
void joined_add(struct joined *j, const struct tap_packet *p, enum link_way way, uint64_t frame,
		const char *capture);
/*
 * The packet of message m, which was sent or received, of a UDP socket.  Where its port isn't known (the kernel chose it) its
 * first packet by peer, length and bytes tells it; a receive that filled its room may have cut a longer datagram.
 */
bool joined_find(struct joined *j, const struct event *ev, const struct msg *m,
		 struct wire_fact *out);
struct joined_stats joined_stats(const struct joined *j);

#endif
