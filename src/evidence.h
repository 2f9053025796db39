/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --net, --pcap: what files tell of a run beside its log or recording, put into its events. */
#ifndef CMSGTRACE_EVIDENCE_H
#define CMSGTRACE_EVIDENCE_H

#include <stdio.h>

#include "event/source.h"
#include "options.h"

struct evidence;

/* Reads the files.  NULL after complaining. */
struct evidence *evidence_open(const struct options *o);
/* The consumer to hand to a source, in place of inner, which gets all events with what the files add. */
struct consumer evidence_consumer(struct evidence *e, const struct consumer *inner);
/* A line for a packet of --pcap, for evidence_write().  ctx: the evidence. */
void evidence_comment(void *ctx, const struct wire_fact *packet, const char *text);
/* All packets of those captures as pcapng, with the comments. */
void evidence_write(const struct evidence *e, const struct str_list *pcap, FILE *to);
/* Says what of the files was used and what they lacked.  NULL passes. */
void evidence_free(struct evidence *e);

#endif
