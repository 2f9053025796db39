/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine: runs the rules over events, keeps conversations, removes repetitions, counts.
 */
#ifndef CMSGTRACE_CHECK_CHECK_H
#define CMSGTRACE_CHECK_CHECK_H

#include "check/convo.h"
#include "check/finding.h"
#include "check/rule.h"
#include "event/ask.h"
#include "event/event.h"

struct check_opts {
	uint32_t release;  /* judge as this kernel: KERNEL_RELEASE() */
	bool other_kernel; /* the calls are known to have run on a kernel of another series */
	/* NULL: every rule.  Else false for rules that -e check= switched off. */
	bool (*wanted)(void *ctx, const struct rule *r);
	void *wanted_ctx;
	/* Whose remedies check_amend() puts into practice; NULL: none. */
	bool (*tries)(void *ctx, const struct rule *r);
	void *tries_ctx;
	enum severity level; /* findings below are dropped */
	/* Asked for each finding before it is listed: sets suppressed and known.  Or NULL. */
	void (*mark)(void *ctx, struct finding *f);
	void *mark_ctx;
};

struct check *check_new(const struct check_opts *o);
/* What the wanted rules need of whoever makes the events: enum rule_needs. */
unsigned int check_needs(const struct check *c);
void check_free(struct check *c);

/*
 * Judges and checks a call that ended; cmsg_walk_event() must have run.  The returned list is valid
 * until the next check_event() and holds each finding once: a repetition at the same place is only
 * counted, and isn't listed.  ask may be NULL; what it answers is kept in the event for recordings
 * (event/ask.h).
 */
const struct finding *check_event(struct check *c, struct event *ev, const struct ask *ask);
/*
 * --try-fix: fills tried of the message of ev, a send that is about to be made, where a remedy would change it.
 * A vector's messages are taken as one: its first that would be changed says so.
 */
void check_amend(struct check *c, struct event *ev, const struct ask *ask);
/* A task ended: with its leader a process ends, and what rules keep of it. */
void check_ended(struct check *c, const struct event *ev);
/* Rules that speak at the end. */
const struct finding *check_end(struct check *c);

/* Totals for the summary and the exit status. */
struct check_place {
	const struct rule *rule;
	enum severity severity;
	char *where; /* "func (file.c:12)" or "sendmsg on udp6" */
	char fingerprint[17];
	uint64_t count;
	bool suppressed, known; /* as marked: not in check_count() */
};
/* In the order of their first findings. */
const struct check_place *const *check_places(const struct check *c, size_t *n);
/* Findings at places beyond those that are told apart: in check_count(), but named nowhere and never accepted. */
uint64_t check_unlisted(const struct check *c);
/* Findings at or above a severity, repetitions counted, without suppressed and known ones. */
uint64_t check_count(const struct check *c, enum severity at_least);
/* Rules that could not run, with the reason and how often. */
struct check_skip {
	const struct rule *rule;
	const char *reason;
	uint64_t count;
};
const struct check_skip *check_skips(const struct check *c, size_t *n);
/* What --try-fix did, and what the peers did then. */
struct check_tried {
	uint64_t changed, failed; /* messages */
	const char *why;          /* the first that failed: static text */
	uint64_t peers;           /* who got one that was changed */
	uint64_t went_on, again;  /* then another request came, or the same once more */
	uint64_t
		again_before; /* the same request came once more after a reply that was left as it was */
};
const struct check_tried *check_tried(const struct check *c);
/* Conversations, for the summary: per socket what was asked and answered. */
const struct convo_table *check_convos(const struct check *c);

/* ---- for rules ---- */

/*
 * Starts a finding about the call under way (message msg, control message cmsg; -1: none).  key tells
 * several kinds at one place apart (it need not outlive the call), or is NULL.  NULL is returned where
 * there is nothing to write: it was said before at this place and is counted now, it is below the level
 * asked for, or another rule explained the same of this message (struct rule.explains).
 */
struct finding *finding_start(struct check *c, const struct rule *r, enum severity s, int msg,
			      int cmsg, const char *key);
/* The same of a rule whose findings explain different things: this one these. */
struct finding *finding_start_of(struct check *c, const struct rule *r, unsigned int explains,
				 enum severity s, int msg, int cmsg, const char *key);
/* The same, told once for each key wherever in the program it happens: no stack is taken. */
struct finding *finding_once(struct check *c, const struct rule *r, enum severity s,
			     const char *key);
void finding_message(struct check *c, struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void finding_note(struct check *c, struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Says it: from here on it is in check_event()'s list. */
void finding_done(struct check *c, struct finding *f);
/* The rule would have had to guess: reason is static text.  r NULL: nothing is counted. */
void rule_skipped(struct check *c, const struct rule *r, const char *reason);

/* What is worked out once for each message, before the rules see it. */
struct check_msg {
	struct event *ev;
	struct msg *m; /* NULL in the call hook */
	unsigned int index;
	enum sock_kind kind;
	bool left;        /* the kernel took it: sent, or received */
	int64_t fds_sent; /* received: descriptors that its sender passed; negative: not known */
	const struct rule *explained[EXPLAINS_KINDS]; /* by whom: enum rule_explains */
	/* sends; dest, convo and sock of a connect() of a UDP socket too */
	struct addr dest;        /* len 0: unknown or none */
	bool mapped;             /* an IPv6 socket's message that goes the IPv4 way */
	bool path_known;         /* mapped (or not) is known */
	struct convo *convo;     /* dest wrote to this socket before; else NULL */
	struct convo_sock *sock; /* NULL: nothing is kept of this socket */
};
const struct check_msg *check_msg(const struct check *c);
void check_fds_sent(struct check *c, uint32_t n);

/*
 * What the rule whose hook runs keeps (struct rule says how much), zeroed at first: of the socket
 * of the call under way, made where there was nothing, or (known) NULL then …
 */
void *rule_sock(struct check *c);
void *rule_sock_known(struct check *c);
/* … of the conversation with the message's peer: NULL where there is none (struct check_msg.convo) … */
void *rule_peer(struct check *c);
/*
 * … of the process of the call under way; NULL (and the rule is counted as skipped) where so
 * many are kept that no other fits …
 */
void *rule_process(struct check *c);
/* … of the process that ended (struct rule.exited), where something is kept of it … */
void *rule_process_of(struct check *c, const struct event *ev);
/* … and of the whole run. */
void *rule_run(struct check *c);

/* What is kept of the socket of the call under way, made where there was nothing. */
struct convo_sock *check_sock(struct check *c);
/* The same, or NULL where there was nothing. */
struct convo_sock *check_sock_known(struct check *c);
/* The other socket that the destination of this send wrote to last; or NULL. */
const struct convo_peer *check_elsewhere(struct check *c);
bool check_elsewhere_waits(struct check *c, const struct convo_peer *p); /* convo_peer_waits() */

/*
 * Asks the live system about the event under way, or the event itself (event/ask.h).  NULL: nobody can be
 * asked.  What came too late (answer.late) proves nothing against the call's result.
 */
const struct answer *check_ask(struct check *c, const struct question *q);
/* Is a one of the host's addresses?  1, 0, negative where it isn't known. */
int check_is_local(struct check *c, const struct addr *a);
/* Name of an interface, "" where there is none; NULL not known. */
const char *check_ifname(struct check *c, uint32_t index);
uint32_t check_release(const struct check *c);
/* Did the calls run on another kernel, whose errno that one might not have given? */
bool check_other_kernel(const struct check *c);
/*
 * What the kernel chooses as source where control messages give none: from the message, else asked of
 * the live system and kept in the message.  NULL (and the rule is counted as skipped): not known.
 */
const struct route_fact *check_route(struct check *c, const struct rule *r);

#endif
