/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside the model: the kernel's parsers, and the checks around them.  Only src/kernel includes this. */
#ifndef CMSGTRACE_KERNEL_PARSER_H
#define CMSGTRACE_KERNEL_PARSER_H

#include "cmsg/judge.h"
#include "kernel/model.h"

/* A level that a parser reads. */
struct level {
	int32_t level;
	enum cmsg_parser by; /* whose sends the rows of the level tell */
	uint32_t since;
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

/* NULL: the kind is not known.  ulp: OPT_TCP_ULP; flags: MSG_* of the call. */
const struct parser *parser_of(enum sock_kind kind, enum model_path path, int ulp,
			       unsigned int flags);

/* Checks of the msghdr and the destination, before any parser: false ended the call. */
bool judge_header(struct judge *j);
bool judge_dest(struct judge *j);
void judge_tcp_state(struct judge *j);

/* Parsers' late checks: after all messages passed. */
void late_ipv4(struct judge *j);
void late_ipv6(struct judge *j);
void late_segment(struct judge *j);
void late_tcp(struct judge *j);
void late_tls(struct judge *j);
void late_espintcp(struct judge *j);
void late_alg(struct judge *j);
void late_rxrpc(struct judge *j);

#endif
