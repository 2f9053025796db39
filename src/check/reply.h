/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the reply under check leaves from, against where its request was sent to. */
#ifndef CMSGTRACE_CHECK_REPLY_H
#define CMSGTRACE_CHECK_REPLY_H

#include "check/check.h"

enum reply_fate {
	REPLY_NONE, /* no reply, or one whose address is not the kernel's choice, or can't matter */
	REPLY_WRONG,    /* leaves from another address than was asked */
	REPLY_UNSURE,   /* this peer asked at several addresses: some of its replies are wrong */
	REPLY_LUCKY,    /* the right one, of several */
	REPLY_SINGLE,   /* the right one, or the only one */
	REPLY_UNTOLD,   /* several candidates, and nothing told which one was asked */
	REPLY_UNROUTED, /* nobody can tell what the routing table chooses: from has len 0 */
};

struct reply {
	enum reply_fate fate;
	const struct asked *asked; /* NULL: nothing told it */
	struct addr from;          /* the kernel's choice; len 0 unknown */
};

/*
 * Judges the send under check as if its control messages gave no source.  Rule r is counted as skipped
 * where a fact is missing (then REPLY_NONE).
 */
struct reply reply_automatic(struct check *c, const struct rule *r);

/* Is the socket under check bound to no particular address?  false also where that is unknown. */
bool reply_wildcard(const struct check *c);
/* Does the send give back the very control block that its request came with? */
bool reply_echoes(const struct check *c);
/*
 * The control message that takes effect and could have named m's source: its index, or -1.  Where the
 * outcome has no source it names none.
 */
int reply_source_cmsg(const struct msg *m);
/* An IP_PKTINFO's ipi_addr, which is never read on send; a wildcard where it holds nothing else. */
struct addr reply_unread_addr(const struct cmsg *cm);
/* Where the message under check left from: as its packet shows, else as otherwise says. */
struct addr reply_from(const struct check *c, const struct addr *otherwise);
/* Notes what of that was seen on the wire, if anything was. */
void reply_note_wire(struct check *c, struct finding *f, const struct asked *asked);
/* Notes what would tell which address the kernel chose. */
void reply_note_unrouted(struct check *c, struct finding *f);
/*
 * Is the address asked one of this host's own, which a reply can leave from?  Unknown counts as yes.
 * Broadcast and multicast ones are not; a broadcast address of a subnet looks like any other, but the
 * namespace knows.
 */
bool reply_asked_is_ours(struct check *c, const struct asked *a);
/* The address asked, as a finding keeps it. */
struct addr reply_asked_addr(const struct asked *a);
/* "asked at 198.51.100.53 (recvmsg, event 41)". */
const char *reply_asked_text(struct check *c, const struct asked *a);

#endif
