/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine: runs the rules over events, keeps conversations, removes repetitions, counts.
 */
#ifndef CMSGTRACE_CHECK_CHECK_H
#define CMSGTRACE_CHECK_CHECK_H

#include "check/convo.h"
#include "check/finding.h"
#include "check/rule.h"
#include "event/event.h"

struct check_opts {
	uint32_t release; /* judge as this kernel: KERNEL_RELEASE() */
	/* NULL: every rule.  Else false for rules that -e check= switched off. */
	bool (*wanted)(void *ctx, const struct rule *r);
	void *wanted_ctx;
	enum severity level; /* findings below are dropped */
};

struct check *check_new(const struct check_opts *o);
void check_free(struct check *c);

/*
 * Walks, judges and checks a call that ended.  The returned list is valid until the next check_event()
 * and holds each finding once: a repetition at the same place is only counted (count > 1 isn't listed).
 * ask may be NULL.
 */
const struct finding *check_event(struct check *c, struct event *ev, const struct ask *ask);
/* Rules that speak at the end. */
const struct finding *check_end(struct check *c);

/* Totals for the summary and the exit status. */
struct check_place {
	const struct rule *rule;
	enum severity severity;
	char *where; /* "func (file.c:12)" or "sendmsg on udp6" */
	char fingerprint[17];
	uint64_t count;
};
const struct check_place *const *check_places(const struct check *c, size_t *n);
uint64_t check_count(const struct check *c, enum severity at_least);
/* Rules that could not run, with the reason and how often. */
struct check_skip {
	const struct rule *rule;
	const char *reason;
	uint64_t count;
};
const struct check_skip *check_skips(const struct check *c, size_t *n);

/* ---- for rules ---- */

/* Starts a finding about ev (message msg, control message cmsg; -1: none). */
struct finding *finding_start(struct check *c, const struct rule *r, struct event *ev, int msg,
			      int cmsg);
void finding_message(struct check *c, struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void finding_note(struct check *c, struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Says it (or counts it, where it was said before at this place). */
void finding_done(struct check *c, struct finding *f);
/* The rule would have had to guess: reason is static text. */
void rule_skipped(struct check *c, const struct rule *r, const char *reason);

const struct ask *check_ask(const struct check *c); /* or NULL */
struct convo_table *check_convos(struct check *c);
uint32_t check_release(const struct check *c);
/* "198.51.100.1:53" in the engine's per-event arena. */
const char *check_addr(struct check *c, const struct addr *a);
const char *check_host(struct check *c, const struct addr *a);
/* "eth0", or "3" where its name is unknown. */
const char *check_ifname(struct check *c, struct event *ev, uint32_t index);

#endif
