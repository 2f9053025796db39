/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conversations: per socket (its cookie) and peer, which local address the last request was sent to and
 * what replies carried.  Bounded: the least recently used peers go first, and the summary says so.
 */
#ifndef CMSGTRACE_CHECK_CONVO_H
#define CMSGTRACE_CHECK_CONVO_H

#include <stdbool.h>
#include <stdint.h>

#include "event/addr.h"

struct convo_table;

struct convo {
	struct addr peer;
	struct addr asked;      /* local address of the last request; len 0: nothing told it */
	uint64_t asked_event;   /* event number of that request */
	uint32_t asked_ifindex; /* arrival interface, 0 unknown */
	uint64_t requests, replies;
	bool replied_with_source, replied_without_source;
};

#endif
