/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP datagram as a capture shows it. Pure: bytes come from whoever captured them. */
#ifndef CMSGTRACE_NET_DATAGRAM_H
#define CMSGTRACE_NET_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/* One UDP datagram as it passed an interface; data is valid inside the callback only. */
struct tap_packet {
	bool out;             /* it left; else it came in */
	bool watched;         /* it is of a port that we listen for */
	struct addr src, dst; /* with ports */
	uint32_t ifindex;
	uint64_t ns;                 /* CLOCK_REALTIME */
	const unsigned char *packet; /* from the IP header on */
	size_t packet_len, packet_claimed;
	const unsigned char *payload; /* within packet */
	size_t payload_len;           /* bytes that were captured of it … */
	size_t payload_claimed;       /* … and that the UDP header says */
};

/* False where it is no whole header of UDP, or a later fragment.  Fills all but out, watched, ifindex, ns. */
bool tap_parse(struct tap_packet *p, const unsigned char *data, size_t len, size_t claimed);

enum link_way { LINK_WAY_UNKNOWN, LINK_WAY_IN, LINK_WAY_OUT, LINK_WAY_OTHER };

/*
 * Where in a frame of that link type (LINKTYPE_*, as libpcap's DLT_* are on Linux) the IP header begins, VLAN tags and
 * PPPoE passed over; 0 <= result <= len.  -1: it carries no IP, or the type isn't known (link_known()).
 */
long link_ip(int type, const unsigned char *p, size_t len, enum link_way *way);
bool link_known(int type);

/* The end of a flow, small; compared as bytes. */
struct wire_end {
	uint8_t family, bytes[16];
	uint16_t port;
};

struct wire_end wire_end_of(const struct addr *a);
struct addr wire_end_addr(const struct wire_end *e);

/* The first bytes of what a message moved, up to max; how many. */
size_t wire_gather(const struct msg *m, uint8_t *to, size_t max);
/* Who sent it, or whom it went to; len 0 unknown. */
struct addr wire_peer(const struct event *ev, const struct msg *m, bool out);

#endif
