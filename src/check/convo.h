/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conversations: per socket (its cookie) and peer, which local addresses the last requests were sent to
 * and what replies carried.  Bounded: the least recently used peers go first, and the summary says so.
 */
#ifndef CMSGTRACE_CHECK_CONVO_H
#define CMSGTRACE_CHECK_CONVO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lru.h"
#include "check/inet.h"
#include "check/tally.h"
#include "event/event.h"
#include "kernel/model.h"

/* One local address that a peer sent requests to. */
struct asked {
	struct inet local;
	uint64_t event;      /* number of the last such request */
	uint32_t ifindex;    /* where it arrived; 0 unknown */
	uint8_t call;        /* enum call */
	bool indirect;       /* broadcast or multicast: a reply can't leave from it */
	bool by_cmsg;        /* a control message told it … */
	bool by_wire;        /* … or its packet; else the socket's bound address did */
	bool on_wire;        /* whatever told it: its packet was seen, and says the same … */
	uint64_t packet;     /* … that one, … */
	const char *capture; /* … of this file; NULL: captured live */
};

enum { CONVO_ASKED = 4 };

struct convo {
	uint64_t key;
	struct inet peer;
	struct asked asked[CONVO_ASKED]; /* most recent first, distinct; family 0: unused */
	uint64_t requests, replies;
	uint64_t last_event; /* request */
	uint32_t unanswered; /* requests since the last reply */
	bool mixed;          /* those went to different addresses */
	bool ours;           /* we wrote first: a client's, as far as we saw */
	bool guessed;      /* … or so it seems: not to this very peer, but to its host or group */
	bool peeked;       /* the last request was only shown by MSG_PEEK */
	bool nameless;     /* its last request came without a name: it may be another's */
	struct inet wrote; /* ours: what we wrote left from there; family 0 unknown */
	bool doubt;        /* peers of this socket were forgotten: it may be ours, or not */
	bool elsewhere;    /* ours, to answer what the peer asked another socket */
	bool unknown_asked;    /* the last request told no address … */
	bool unseen_asked;     /* … that we could read: its control data did */
	bool asked_what_known; /* asked_what is there … */
	uint64_t
		asked_what; /* … of the last request: a hash of its length and its payload's start … */
	enum convo_answer {
		CONVO_UNANSWERED,
		CONVO_ANSWERED, /* … and whether it was answered, as the program would have it … */
		CONVO_AMENDED, /* … or as --try-fix has it */
	} answer;
	bool amended;          /* some were */
	uint8_t last_call;     /* enum call that received it */
	uint64_t control_ptr;  /* where the last request's control data lay … */
	uint64_t control_hash; /* … and what it was */
};

/* The last socket that a peer wrote to, whosever it is: for answers from another socket. */
struct convo_peer {
	uint64_t netns;
	struct inet peer;
	uint64_t sock; /* its key */
	struct asked asked;
	bool told;         /* asked is known */
	uint64_t enter_ns; /* when; 0 unknown */
};

/* What is kept for each socket. */
struct convo_sock {
	uint64_t key;
	uint64_t forgotten;     /* conversations that made room for others */
	uint64_t ours;          /* conversations that we began */
	uint8_t kind;           /* enum sock_kind */
	bool has_cookie;        /* key is it */
	bool was_wildcard;      /* it was seen bound to no address */
	bool bound, bound_port; /* bind() was seen; it named a port */
	struct inet peeked;     /* who sent what MSG_PEEK showed, which waits to be received */
	struct asked nameless;  /* to which address the last request without a name was sent … */
	bool nameless_waits;    /* … and nothing was sent since */
	struct inet began;      /* a client's: the host that it wrote to last, unasked … */
	bool began_all;         /* … or a group of hosts … */
	uint64_t began_ns;      /* … and when */
	struct inet local;      /* as last seen; family 0 unknown */
	int tgid, fd;           /* of the last call */
	char comm[16];          /* … */
	struct tally tally;
	uint8_t pending; /* enum model_pending */
};

struct convo_table {
	struct lru convos;
	struct lru socks;
	struct lru peers;
};

enum { CONVO_MAX = 65536, CONVO_SOCKS_MAX = 8192, CONVO_PEERS_MAX = 16384 };

/* sock_state, peer_state: bytes that rules keep behind a struct convo_sock and a struct convo. */
void convo_table_init(struct convo_table *t, size_t sock_state, size_t peer_state);
void convo_table_free(struct convo_table *t);

/* What tells sockets apart: the cookie, else (logs) process and descriptor. */
uint64_t convo_sock_key(const struct event *ev);
struct convo_sock *convo_sock_find(struct convo_table *t, const struct event *ev);
struct convo_sock *convo_sock_get(struct convo_table *t, const struct event *ev); /* or a new one */

/* The conversation of ev's socket with peer, or NULL: it never wrote to this socket. */
struct convo *convo_find(struct convo_table *t, const struct event *ev, const struct addr *peer);
/* For those who only look: what is known of ev's socket, of its conversation with peer; or NULL. */
const struct convo_sock *convo_peek_sock(const struct convo_table *t, const struct event *ev);
const struct convo *convo_peek(const struct convo_table *t, const struct event *ev,
			       const struct inet *peer);

/* Who sent message m of a receive call; family 0: not known, or it came from the error queue. */
struct inet convo_sender(const struct event *ev, const struct msg *m);
/* To which address it was sent: local.family 0 where nothing told … */
struct asked convo_learn_asked(const struct event *ev, const struct msg *m);
/* … and whether a control message told, whose payload is not known. */
bool convo_unseen_asked(const struct msg *m);
/*
 * Where message m of a receive call may answer what we wrote, and says to which address it was sent: who
 * sent it.  What answers us was sent to where we wrote from: convo_received() wants to know that.
 * Family 0: nothing hangs on it.
 */
struct inet convo_answers(struct convo_table *t, const struct event *ev, const struct msg *m);
/*
 * Message m of a receive call came in: learns who asked which address.  cmsg_walk() must have run.  from:
 * what we write to its sender leaves from there (family 0 unknown).
 */
void convo_received(struct convo_table *t, const struct event *ev, const struct msg *m,
		    const struct inet *from);
/*
 * The conversation with the peer of a message that is about to leave, of whom nothing was received: it
 * answers the last request that was received without its sender's name.  NULL where there is none, or
 * the socket is a client's.
 */
struct convo *convo_of_nameless(struct convo_table *t, const struct event *ev,
				const struct addr *peer);
/*
 * Message m to a peer left that never wrote to this socket: the conversation is ours, a client's, or it
 * answers what another socket was asked.
 */
void convo_began(struct convo_table *t, const struct event *ev, const struct msg *m,
		 const struct addr *peer);
/* A call that changes a socket's facts: remembers what it was before. */
void convo_changed(struct convo_table *t, const struct event *ev);
/* UDP: does data wait on ev's socket for more (UDP_CORK, MSG_MORE), as far as the calls before tell? */
enum model_pending convo_pending(struct convo_table *t, const struct event *ev);
/* A message of ev's went out, or (taken false) failed. */
void convo_sent(struct convo_table *t, const struct event *ev, bool taken);
/*
 * Which other socket of ev's network namespace peer asked last, not long ago, so that what is sent to it
 * from ev's socket, to which it never wrote, answers that (as TFTP does); or NULL.
 */
const struct convo_peer *convo_elsewhere(struct convo_table *t, const struct event *ev,
					 const struct addr *peer);
/* Did p have no answer from the socket that it wrote to? */
bool convo_peer_waits(struct convo_table *t, const struct convo_peer *p);
/* A hash over a control block, for comparison. */
uint64_t convo_control_hash(const struct bytes *control);
/* Message m to v's peer left. */
void convo_replied(struct convo_table *t, const struct event *ev, const struct msg *m,
		   struct convo *v);

/* May what is sent to this peer be our question, and not a reply? */
static inline bool convo_ours(const struct convo *v)
{
	return v->ours || v->doubt;
}

/* The address that the request under way was sent to; NULL: nothing told it. */
const struct asked *convo_asked(const struct convo *v);
/* Did this peer ever ask at that address (the last CONVO_ASKED are remembered)? */
bool convo_asked_at(const struct convo *v, const struct addr *local);
/*
 * All requests that wait for an answer went to convo_asked(), and there is one: what is sent now
 * answers it.
 */
bool convo_certain(const struct convo *v);

#endif
