/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two network namespaces joined by two veth pairs, and eyes on what leaves and what arrives. */
#ifndef CMSGTRACE_TESTS_WIRE_H
#define CMSGTRACE_TESTS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "event/addr.h"

/*
 * Here: va 10.77.0.1, .11, fd77::1, ::11; wa 10.78.0.1, fd78::1.  There: vb 10.77.0.100, fd77::100;
 * wb 10.78.0.100.  Mark 7 routes over wa.
 */
struct wire {
	int here, there;     /* namespaces */
	int tap;             /* sees what leaves here */
	uint32_t va, wa;     /* interface indices here */
	bool tells_priority; /* of packets: since Linux 6.14 */
};

/* One packet as it left, and how many arrived. */
struct seen {
	unsigned int left, arrived;
	struct addr source;
	uint8_t tos, ttl;
	uint32_t label; /* IPv6 flow label */
	bool ip_options, hopopts, dstopts;
	uint32_t oif, mark, priority;
	uint32_t arrived_len; /* of the first */
	struct addr arrived_from;
};

const char *wire_open(struct wire *w); /* NULL, or why it can't be */
int wire_socket_there(struct wire *w, int domain, int type, int protocol);
/* Forgets what waits at the tap and at receiver (-1: none). */
void wire_clear(struct wire *w, int receiver);
/*
 * What was sent to dest with this IP protocol since; waits a little until want packets have arrived
 * at receiver (-1: until one has left).
 */
void wire_look(struct wire *w, const char *dest, uint8_t protocol, int receiver, unsigned int want,
	       struct seen *seen);

#endif
