/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets of a network namespace: a packet socket made inside it, with a filter for just some ports. */
#ifndef CMSGTRACE_SOCK_TAP_H
#define CMSGTRACE_SOCK_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/datagram.h"

struct event;
struct spaces;
struct netns;

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

#endif
