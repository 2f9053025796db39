/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule: its metadata and its hook.  One file each in check/rules/; registered in rule-table.c. */
#ifndef CMSGTRACE_CHECK_RULE_H
#define CMSGTRACE_CHECK_RULE_H

#include "check/finding.h"
#include "event/event.h"

struct check;

enum rule_on {
	RULE_ON_SEND = 1, /* once for each message that a send call handed to the kernel */
	RULE_ON_RECV = 2, /* once for each message of a successful receive call */
	RULE_ON_CALL = 4, /* once for each call of any kind */
	RULE_AT_END = 8,  /* once, at the end of the run */
};

struct rule {
	const char *id;         /* "CT101", for ever */
	const char *name;       /* "cmsg-ignored" */
	enum severity severity; /* the default; a finding may have a lower one */
	unsigned int on;        /* enum rule_on */
	const char *title;      /* one line: what it says */
	/* for --explain and cmsgtrace-rules(7); plain text, lines separated by \n */
	const char *what, *why, *kernel;
	/* C that compiles as it stands (one translation unit each): the mistake, and it done right */
	const char *bad, *good;
	const char *remedy; /* what to do, also in Go, Python and Rust where that differs */
	/* m is NULL, and msg 0, for RULE_ON_CALL; ev too for RULE_AT_END. */
	void (*check)(struct check *c, const struct rule *r, struct event *ev, struct msg *m);
};

extern const struct rule *const rules[]; /* NULL at the end, ascending by id */

/* By id ("CT101", any case) or name ("cmsg-ignored"); NULL: there is none. */
const struct rule *rule_find(const char *id_or_name);

#endif
