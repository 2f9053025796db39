/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets of a network namespace: a packet socket made inside it, with a filter for just some ports. */
#ifndef CMSGTRACE_SOCK_TAP_H
#define CMSGTRACE_SOCK_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/addr.h"

struct event;
struct spaces;
struct netns;

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

/* Hears of port (host order) in the namespace from now on.  0, or -errno. */
int tap_listen(struct spaces *s, struct netns *ns, const struct event *ev, uint16_t port);

/* Hears of all ports until tap_listen_own() was called as often. */
int tap_listen_all(struct spaces *s, struct netns *ns, const struct event *ev);
void tap_listen_own(struct netns *ns);

/*
 * Gives each packet that has come since to each(), oldest first; never waits, and ends some time also
 * where they come faster.  Returns how many.  *dropped grows by what the kernel had no room for.
 */
unsigned int tap_read(struct netns *ns, void (*each)(void *ctx, const struct tap_packet *p),
		      void *ctx, uint64_t *dropped);

/* False where it is no whole header of UDP, or a later fragment.  Fills all but out, watched, ifindex, ns. */
bool tap_parse(struct tap_packet *p, const unsigned char *data, size_t len, size_t claimed);

#endif
