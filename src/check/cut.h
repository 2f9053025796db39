/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a receive brought of all that the socket's options ask for, and the room that the rest needs: shared
 * by the rules that speak of MSG_CTRUNC.
 */
#ifndef CMSGTRACE_CHECK_CUT_H
#define CMSGTRACE_CHECK_CUT_H

#include "check/check.h"
#include "kernel/recv.h"

enum { CUT_MAX = RECV_EXPECT_MAX + 16 };

enum cut_came {
	CUT_WHOLE,
	CUT_PART, /* or it may be: its length depends on what arrived, and the buffer ends with it */
	CUT_LOST,  /* with MSG_CTRUNC; without it: it did not come */
	CUT_NEVER, /* none is missing, and none takes room */
};

struct cut {
	bool sure; /* else options that are not known may bring more */
	unsigned int n;
	struct cut_row {
		int32_t level, type;
		const char *name;
		bool always;   /* comes with every message such as this */
		uint32_t size; /* payload that it has, or that it may have at most */
		uint32_t least;
		bool with_icmp; /* struct recv_expect */
		bool no_limit;  /* it may be longer than size */
		enum cut_came came;
	} v[CUT_MAX];
};

/* Of message m, received by ev; fds_sent negative: how many its sender passed is not known. */
void cut_of(const struct event *ev, const struct msg *m, uint32_t release, int64_t fds_sent,
	    struct cut *out);
/* Of the received message under check. */
void cut_look(struct check *c, struct cut *out);
bool cut_is_rights(const struct cut_row *row);
/* Does this message need it, or only another one at times? */
bool cut_needed(const struct cut_row *row);

struct cut_room {
	uint64_t sum, padding; /* of CMSG_SPACE; the padding behind the last is part of it */
	bool no_limit;         /* one of them may be longer */
};

/* What this message needs (now), or what others bring at times. */
struct cut_room cut_room(const struct abi *abi, const struct cut *cut, bool now);
/* The room that the least of all that may come takes, but for padding behind the last. */
uint64_t cut_least(const struct abi *abi, const struct cut *cut);

/* Notes: each message that was cut or lost … */
void cut_note_lost(struct check *c, struct finding *f, const struct cut *cut);
/* … and msg_controllen that is enough: for this message, and for what comes at times. */
void cut_note_room(struct check *c, struct finding *f, const struct cut *cut);

#endif
