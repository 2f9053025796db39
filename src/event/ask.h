/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What can be asked of the live system about an event: a question, its answer, and one function.  An answer
 * is remembered in the event under its question, so that a recording can answer the same: who asks can't
 * tell a replay from the run.
 */
#ifndef CMSGTRACE_EVENT_ASK_H
#define CMSGTRACE_EVENT_ASK_H

#include "event/event.h"

enum question_kind {
	/* Which way and with which source would the kernel send?  addr, oif, flow; .route */
	ASK_ROUTE,
	/* Is addr one of the unicast addresses of the event's network namespace?  1, 0 */
	ASK_IS_LOCAL,
	/* Is descriptor number open in the event's process?  1, 0 */
	ASK_FD_OPEN,
	/* Does process or thread number exist, as the event's process numbers them?  1, 0 */
	ASK_PID_EXISTS,
	/* net.core.optmem_max of the event's network namespace; bytes */
	ASK_OPTMEM_MAX,
	/* Has the socket that the event's AF_UNIX socket is connected to SO_PASSCRED on?  1, 0 */
	ASK_PEER_PASSCRED,
	/* Which socket is that?  .inode; 0 none, or not known */
	ASK_UNIX_PEER,
	/* Name of interface number in the event's network namespace: .name.  Ask by event_ifname(). */
	ASK_IFNAME,
	/* Soft RLIMIT_NOFILE of the event's process; at most INT_MAX */
	ASK_NOFILE,
	/* How many of the descriptors 0 … number - 1 are open in the event's process? */
	ASK_FDS_BELOW,
	/* Soft RLIMIT_MEMLOCK of the event's process in bytes; INT_MAX: none */
	ASK_MEMLOCK,
	/* What waits in the event's AF_UNIX socket: of a datagram socket the length of the first … */
	ASK_UNIX_WAITS,
	/* Does interface number keep packets until their SCM_TXTIME?  1, or 0 and .name of its queue */
	ASK_KEEPS_TXTIME,
	/*
	 * Does IPv6 take addr as a message's source, sent by interface oif (0: any)?  1, or an ask_source6 that
	 * says why not.  Nothing is said of IPV6_FREEBIND and the like, which take any.
	 */
	ASK_SOURCE6,
	/* Has id number a mapping in the user namespace of the event's process?  1, 0 */
	ASK_UID_MAPPED,
	ASK_GID_MAPPED,
	/* As ASK_PEER_PASSCRED, of SO_PASSRIGHTS. */
	ASK_PEER_PASSRIGHTS,
	ASK_KINDS,
};

enum ask_source6 {
	SOURCE6_FOREIGN = 0,
	SOURCE6_FITS = 1,
	SOURCE6_TENTATIVE = 2, /* whether another host has it is still being asked, or one has */
	SOURCE6_ELSEWHERE = 3, /* link-local, and another interface's */
	SOURCE6_ROUTED = 4,    /* local by a route alone */
};

extern const char *const question_kinds[ASK_KINDS]; /* as recordings name them */

/*
 * A message as the kernel's route lookup sees it, where its control messages give no source: what they
 * and the socket's options make of the rest.  kernel/model.h model_route() fills it.
 */
struct flow {
	bool have; /* false: not an internet address, or a recording that doesn't tell */
	struct addr
		dest; /* where it really goes: unmapped, never a wildcard; follows from the address */
	struct addr source; /* bound to, unmapped, with its port; a wildcard: the lookup chooses */
	uint32_t oif;       /* 0: any */
	bool oif_unknown;   /* an interface may be set that can't be read back */
	uint32_t mark;
	uint32_t uid;     /* UINT32_MAX: not known */
	uint8_t tos;      /* without the ECN bits */
	uint8_t protocol; /* 0: not known */
};

struct question {
	enum question_kind kind;
	struct addr addr; /* ASK_ROUTE: as the message (or the peer) names it; ASK_IS_LOCAL */
	uint32_t oif;     /* ASK_ROUTE: the interface that the control messages ask for; 0 none */
	int64_t number; /* ASK_FD_OPEN, ASK_PID_EXISTS, ASK_IFNAME: which one; ASK_FDS_BELOW, ASK_KEEPS_TXTIME */
	struct flow flow; /* ASK_ROUTE */
};

struct answer {
	struct answer *next;
	struct question question;
	int result; /* as the question says, 0 where it has an answer of its own; or negative errno */
	/*
	 * Asked too late to tell what the kernel met: the task had run on, or its process has other
	 * threads, and they did.  No proof against what the call returned.
	 */
	bool late;
	struct route_fact route;
	uint64_t inode;
	char name[16]; /* "": there is no such interface */
};

struct ask {
	void *ctx;
	/* Answers q, all of a but its question and next; false: this can't be asked here.  Or NULL. */
	bool (*answer)(void *ctx, const struct event *ev, const struct question *q,
		       struct answer *a);
	/* No questions, since they change the event; both only inside consumer->judge(), or NULL. */
	int (*stack)(void *ctx, struct event *ev); /* fills ev->stack: 0 or negative errno */
	/*
	 * A number for the n innermost frames of ev's stack, which stack() just filled: the same number, the same
	 * frames.  0: there is none.  Or NULL.
	 */
	uint64_t (*stack_number)(void *ctx, const struct event *ev, unsigned int n);
	/* The k-th number, from 0 on, that ev's stack may have, at a small part of stack()'s cost; 0: no more. */
	uint64_t (*stack_guess)(void *ctx, const struct event *ev, unsigned int k);
	void (*lines)(void *ctx,
		      struct event *ev); /* adds source lines to it, where there are any */
};

/*
 * The answer that ev remembers, else ask's, which it then remembers; ask may be NULL.  Owned by ev.
 * NULL: nobody can be asked.
 */
const struct answer *event_ask(struct event *ev, const struct ask *ask, const struct question *q);
/* The answer's result; negative where it isn't known. */
int event_ask_result(struct event *ev, const struct ask *ask, const struct question *q);

/* The remembered answer, or NULL. */
const struct answer *event_answer(const struct event *ev, const struct question *q);
/* Copies a behind those that ev has. */
struct answer *event_add_answer(struct event *ev, const struct answer *a);

#endif
