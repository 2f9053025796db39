/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of one message's judgement: what the check functions of rows may ask, and say.  The walk
 * over the messages, and what belongs to a protocol, is in src/kernel.
 */
#ifndef CMSGTRACE_CMSG_JUDGE_H
#define CMSGTRACE_CMSG_JUDGE_H

#include "cmsg/cmsg.h"
#include "cmsg/verdict.h"
#include "event/ask.h"
#include "uapi/uapi.h"

enum truth { NO, YES, MAYBE };

/* What a message of a call says to later ones, and to the end: judge.found. */
enum judge_found {
	FOUND_ONE = 1,
	FOUND_CALL_ID = 2,
	FOUND_LENGTH = 4,
	FOUND_OP = 8,
	FOUND_MAP = 16,
	FOUND_RDMA = 32,
};

/* The state of one judgement. */
struct judge {
	struct event *ev;
	struct msg *m;
	const struct sock *sk;
	enum sock_kind kind;
	enum model_path path;
	struct addr dest;
	const struct model_env *env;
	uint32_t release;
	struct outcome *out;
	bool doubt; /* something that could end the call could not be decided */

	/* the message being judged */
	uint32_t i;
	const struct cmsg *c;
	struct verdict *v;
	uint64_t payload; /* its length */
	const char *kernel;

	/* what the messages so far have set; indices are -1 where none did */
	int source_by, oif_by, gso_by, options_by, flow_by, dmabuf_by, txtime_by;
	int hopopts_by, dst0_by, dst1_by, rthdr_by;
	bool srr;           /* IP options with a source route */
	uint32_t oif;       /* IPv6: fixed so far, by scope id, binding or a message */
	enum truth oif_set; /* is it? */
	uint32_t flowinfo;  /* host order, as stored by the kernel */
	uint32_t fds;       /* descriptors so far */
	unsigned int found; /* enum judge_found */
};

/* Verdicts on the current message; the strings are static. */
void judge_reject(struct judge *j, enum verdict_check check, int err, const char *why);
void judge_ignore(struct judge *j, enum verdict_why ignored, const char *why);
void judge_unknown(struct judge *j, const char *why);
static inline bool judge_passed(const struct judge *j)
{
	return j->v->what != VERDICT_REJECT && j->v->what != VERDICT_UNKNOWN;
}
/* A verdict on message i after all were parsed. */
void judge_reject_late(struct judge *j, int i, enum verdict_check check, int err, const char *why,
		       const char *kernel);
/* The call fails, and no control message is to blame. */
void judge_fail(struct judge *j, int err, const char *why, const char *kernel);
/* The outcome holds if this does, too. */
void judge_assume(struct judge *j, const char *what);

/* The current message gives an IPv4 source (0: automatic), and an interface unless that is 0. */
void judge_source4(struct judge *j, const unsigned char *in_addr, uint32_t ifindex);

/* The payload's bytes; NULL where fewer than n were captured (then the verdict is unknown). */
const unsigned char *judge_data(struct judge *j, uint32_t n);
bool judge_int(struct judge *j, int32_t *v);

enum truth judge_net_capable(const struct judge *j, unsigned int cap);
enum truth judge_capable(const struct judge *j, unsigned int cap);
static inline enum truth truth_or(enum truth a, enum truth b)
{
	if (a == YES || b == YES)
		return YES;
	return a == MAYBE || b == MAYBE ? MAYBE : NO;
}
enum truth judge_opt(const struct judge *j, enum sock_opt o);
enum truth judge_ifindex(const struct judge *j, uint32_t index);
enum truth judge_is_local(const struct judge *j, const struct addr *a);
/* The answer's result; -1 where it isn't known. */
int judge_ask(const struct judge *j, const struct question *q);
static inline bool judge_since(const struct judge *j, uint32_t release)
{
	return j->release >= release;
}

/* IP options as IP_RETOPTS takes them. */
struct options_check {
	int err; /* 0, EINVAL, EPERM (source routes; not all releases), -1: it can't be told */
	enum verdict_check check;
	bool source_route;
	const char *why;
};

struct options_check ip_options_check(const unsigned char *p, unsigned int len, enum truth net_raw);

#endif
