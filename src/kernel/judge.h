/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the model: the tables that say what each of the kernel's parsers does, and the state of one
 * message's judgement.  Only src/kernel includes this.
 */
#ifndef CMSGTRACE_KERNEL_JUDGE_H
#define CMSGTRACE_KERNEL_JUDGE_H

#include "kernel/model.h"
#include "uapi/uapi.h"

enum truth { NO, YES, MAYBE };

/* What a later message of the same kind replaces. */
enum slot {
	SLOT_NONE, /* adds up, or is refused the second time */
	SLOT_PKTINFO,
	SLOT_TOS,
	SLOT_TTL,
	SLOT_OPTIONS,
	SLOT_PROTOCOL,
	SLOT_MARK,
	SLOT_PRIORITY,
	SLOT_TIMESTAMPING,
	SLOT_TXTIME,
	SLOT_DMABUF,
	SLOT_TS_ID,
	SLOT_CREDENTIALS,
	SLOT_SEGMENT,
	SLOT_FLOWINFO,
	SLOT_HOPLIMIT,
	SLOT_TCLASS,
	SLOT_DONTFRAG,
	SLOT_DSTOPTS,
	SLOT_RTHDRDSTOPTS,
	SLOT_RTHDR,
	SLOT_OTHER_A, /* levels that stand alone in their parser number their own */
	SLOT_OTHER_B,
	SLOT_OTHER_C,
	SLOT_OTHER_D,
	SLOT_OTHER_E,
};

struct judge;

/* What a parser does with one type of a level it reads. */
enum { ROW_LONGER = 0xffff };

struct row {
	int32_t type;
	uint16_t size;      /* payload bytes */
	uint16_t size_max;  /* 0: exactly size; ROW_LONGER: size or longer */
	uint16_t size_also; /* another exact size; 0: none */
	uint8_t slot;       /* enum slot */
	bool ranged; /* its value (an int, or a u8 where one byte long) is within lo … hi */
	int32_t lo, hi;
	uint32_t since,
		until; /* first release that knows it; first that no longer does; 0: always */
	const char *effect;
	const char *size_why, *range_why; /* the checks, when they refuse */
	uint64_t idle;                    /* 1 << enum sock_kind: checked there, and never used */
	const char *idle_why;
	void (*before)(struct judge *j); /* checks that come before that of the length */
	void (*check)(struct judge *j);  /* all that the members above can't say */
};

/* A level that a parser reads. */
struct level {
	int32_t level;
	uint32_t since;
	const struct row *rows;
	unsigned int n;
	const char *kernel;
	const char *unknown; /* why an unknown type of this level is refused */
	bool skips_unknown;  /* … or isn't: other types of this level are skipped */
	bool unsure;         /* it depends on a fact that is missing whether it is read */
};

/* One loop of the kernel over all messages. */
struct pass {
	const char *kernel;
	const struct level *const *levels; /* NULL at the end */
};

struct parser {
	const struct pass *passes; /* npasses 0: nobody looks at control messages */
	unsigned int npasses;
	const char *ignores;    /* why another level is ignored */
	int32_t family;         /* a level that is ignored for the address family's sake … */
	const char *family_why; /* … and why; NULL: there is none */
	uint32_t since;         /* before, it looked at no control messages */
	/* after the last pass, where that let all pass: checks of the whole, in the kernel's order */
	void (*late)(struct judge *j);
	/* after them, in any case: a state that is looked at only then */
	void (*state)(struct judge *j);
};

const struct parser *parser_of(enum sock_kind kind, enum model_path path, int ulp);

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
	unsigned int found; /* own use of a parser: SOL_TLS seen, RXRPC's call id … */
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
static inline bool judge_since(const struct judge *j, uint32_t release)
{
	return j->release >= release;
}

/* Checks of the msghdr and the destination, before any parser: false ended the call. */
bool judge_header(struct judge *j);
bool judge_dest(struct judge *j);
void judge_tcp_state(struct judge *j);

/* IP options as IP_RETOPTS takes them. */
struct options_check {
	int err; /* 0, EINVAL, EPERM (source routes: since 6.18), or -1: it can't be told */
	enum verdict_check check;
	bool source_route;
	const char *why;
};

struct options_check ip_options_check(const unsigned char *p, unsigned int len, enum truth net_raw);

extern const struct level level_socket, level_scm_unix, level_scm_netlink, level_ip, level_ipv6,
	level_ipv6_mapped, level_udp;
extern const struct parser parser_tls, parser_espintcp, parser_alg, parser_sctp, parser_rds,
	parser_rxrpc, parser_iucv, parser_dccp;
/* Checks of the IPv4 route lookup and of UDP segmentation that control messages can fail. */
void judge_ipv4_late(struct judge *j);
void judge_ipv6_late(struct judge *j);
void judge_segment_late(struct judge *j);

#define KIND(k) (1ULL << SOCK_KIND_##k)

#endif
