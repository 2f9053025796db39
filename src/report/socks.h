/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which sockets the summary speaks of, and in which order. */
#ifndef CMSGTRACE_REPORT_SOCKS_H
#define CMSGTRACE_REPORT_SOCKS_H

#include "check/check.h"

struct socks {
	const struct convo_sock **v; /* the engine's; the array is freed by socks_free() */
	size_t n;
	uint64_t clients; /* UDP sockets that only asked others: not in v */
};

/* UDP sockets that were asked, or that something was found about: those first, then the busiest. */
struct socks socks_of(const struct check *c);
void socks_free(struct socks *s);

/* Entries of t in use; sets order[] to their indexes, most messages first. */
unsigned int socks_order(const struct tally_addrs *t, unsigned int order[TALLY_ADDRS]);

#endif
