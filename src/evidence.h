/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --net, --pcap: what files tell of a run beside its log or recording, put into its events. */
#ifndef CMSGTRACE_EVIDENCE_H
#define CMSGTRACE_EVIDENCE_H

#include "event/source.h"
#include "options.h"

struct evidence;

/* Reads the files.  NULL after complaining. */
struct evidence *evidence_open(const struct options *o);
/* The consumer to hand to a source, in place of inner, which gets all events with what the files add. */
struct consumer evidence_consumer(struct evidence *e, const struct consumer *inner);
/* Says what of the files was used and what they lacked.  NULL passes. */
void evidence_free(struct evidence *e);

#endif
