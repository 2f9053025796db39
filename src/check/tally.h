/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the requests and replies of one socket add up to, for the summary: at which local addresses it
 * was asked, from which it answered, and what gave that source.  Of a fixed size, whatever the peers do.
 */
#ifndef CMSGTRACE_CHECK_TALLY_H
#define CMSGTRACE_CHECK_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "check/inet.h"
#include "event/event.h"

struct rule;

enum { TALLY_ADDRS = 8, TALLY_RULES = 8 };

struct tally_addrs {
	struct {
		struct inet addr; /* port 0; family 0: free, and so are those behind it */
		uint64_t n;       /* messages */
	} v[TALLY_ADDRS];         /* the first that were met */
	uint64_t others;          /* messages of more addresses than these */
	uint64_t unknown;         /* nothing told the address */
};

/* What gave a reply its source address. */
enum tally_by {
	TALLY_BY_UNKNOWN,
	TALLY_BY_CMSG, /* a control message */
	TALLY_BY_BIND, /* the address that the socket was bound to */
	TALLY_BY_CONNECT, /* connect() on a socket bound to no address: pinned then, by the routing table */
	TALLY_BY_ROUTE, /* the routing table, anew for each message */
	TALLY_BY_COUNT,
};

/* Where the socket was bound when it was last seen unconnected. */
enum tally_bound { TALLY_BOUND_UNKNOWN, TALLY_BOUND_NOWHERE, TALLY_BOUND };

struct tally {
	uint64_t peers;    /* that asked; one that was forgotten and came again counts twice */
	uint64_t requests; /* received from them */
	uint64_t nameless; /* of those, received without their sender's name */
	uint64_t replies;  /* sent to them */
	struct tally_addrs asked;     /* of the requests */
	struct tally_addrs elsewhere; /* of requests to another socket that were answered here */
	struct tally_addrs answered;  /* of the replies */
	uint64_t by[TALLY_BY_COUNT];  /* the replies */
	struct {
		const struct rule *rule; /* NULL: free, and so are those behind it */
		uint64_t n;
	} rules[TALLY_RULES];    /* findings about this socket, accepted ones not counted */
	uint64_t other_findings; /* by more rules than these */
	enum tally_bound bound;
};

/* Facts of the socket as an event had them: how it is bound. */
void tally_saw(struct tally *t, const struct sock *s);
/* A request to addr (family 0: unknown) came in. */
void tally_asked(struct tally *t, const struct inet *addr);
/* The address of one that was counted as unknown. */
void tally_asked_at(struct tally *t, const struct inet *addr);
/* A reply is about to be counted whose request another socket got, at addr. */
void tally_asked_elsewhere(struct tally *t, const struct inet *addr);
/* Reply m of ev left.  The model must have judged it. */
void tally_replied(struct tally *t, const struct event *ev, const struct msg *m);
/* Where m of ev leaves from, as far as that is known without asking; family 0: it isn't. */
struct inet tally_source(const struct tally *t, const struct event *ev, const struct msg *m);
/* A finding of r, or (told false) one of before that turned out to be accepted by the user. */
void tally_found(struct tally *t, const struct rule *r, bool told);

const char *tally_by_name(enum tally_by by); /* "cmsg", "route"; "?" where unknown */

#endif
