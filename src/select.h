/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -e QUALIFIER=[!]VALUE,...: which calls, messages, sockets, signals and rules a person asked for.
 * Pure but for libseccomp's table of names.
 */
#ifndef CMSGTRACE_SELECT_H
#define CMSGTRACE_SELECT_H

#include <stdbool.h>

#include "check/rule.h"
#include "event/event.h"

/* One qualifier's set: [!]all|none|a,b,c */
struct select_set {
	bool given;
	bool invert;
	bool all;
	char **v; /* owned */
	unsigned int n;
};

struct select {
	struct select_set trace, fd, signal, status, cmsg, sock, check, path;
	int level; /* enum severity: findings below are not shown */
};

/* QUALIFIER=VALUE, or VALUE alone (trace=).  0, or -EINVAL after complaining. */
int select_add(struct select *s, const char *expr);
/* One qualifier with its value: what --trace=, --signal= and -P use. */
int select_add_to(struct select *s, const char *qualifier, const char *value);
void select_free(struct select *s);

/* For struct trace_opts: is the call of this name printed? ctx is a struct select. */
bool select_prints(void *ctx, const char *name);
/* For struct check_opts. */
bool select_rule(void *ctx, const struct rule *r);
/* Is this event shown?  Filters on what it holds: fd=, status=, signal=, cmsg=, sock=, -P. */
bool select_shows(const struct select *s, const struct event *ev);

#endif
