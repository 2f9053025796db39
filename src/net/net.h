/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host's addresses, routes and rules as ip(8) printed them, and the kernel's choice of a source worked
 * out of them.  Pure: text comes from the caller.  What the text doesn't hold stays unknown.
 *
 *	struct net *n = net_new();
 *	net_read(n, text, len);                      of each file
 *	net_answer(n, ev, &question, &answer);       event/ask.h
 *	net_free(n);
 */
#ifndef CMSGTRACE_NET_NET_H
#define CMSGTRACE_NET_NET_H

#include "event/ask.h"
#include "event/event.h"

struct net;

struct net *net_new(void);
void net_free(struct net *n);

/*
 * Takes what is understood of text: outputs of ip addr, ip -d link, ip route and ip rule, plain or -json,
 * several in a row, with prompts and other text around.  How many lines (of JSON: objects) were.
 */
unsigned int net_read(struct net *n, const char *text, size_t len);

/* Answers what addresses and routes tell; false: another kind of question. */
bool net_answer(const struct net *n, const struct event *ev, const struct question *q,
		struct answer *a);

/* What answers lacked or took for granted, one line each, in the order of their first need; NULL: no more. */
const char *net_missing(const struct net *n, unsigned int i);

#endif
