/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings kept until the end of the run, for documents that are written in one piece. */
#ifndef CMSGTRACE_REPORT_SAVED_H
#define CMSGTRACE_REPORT_SAVED_H

#include "base/arena.h"
#include "check/check.h"

struct saved {
	struct saved *next;
	const struct rule *rule;
	enum severity severity;
	const char *message;
	const char *const *notes;
	unsigned int nnotes;
	const char *program; /* path, else comm, else "" */
	const char *call;    /* "sendmsg" */
	const char *kind;    /* of the socket: "udp6" */
	uint64_t event;      /* number, 0 none */
	struct stack stack;
	const struct frame *place; /* NULL: not known */
	const char *log;           /* that was read, and the line there; or NULL */
	uint64_t log_line;
	const char *fingerprint;
	const char *suppressed; /* reason, or NULL */
	bool known;
	const struct check_place *at; /* its count, at the end; the engine's */
};

struct saved_list {
	struct arena arena;
	struct saved *first, *last;
	unsigned int n, suppressed, known;
};

/* A copy of what f says. */
const struct saved *saved_add(struct saved_list *l, const struct finding *f);
/* Its place in few words: "writePacket (conn.c:239)", "sendmsg on udp6". */
void saved_put_where(struct buf *b, const struct saved *s);
void saved_free(struct saved_list *l);

#endif
