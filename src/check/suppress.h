/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Suppressions: findings that the user knows and accepts.  One line each:
 *	CT203  fun=server_reply* obj=*dnsmasq sock=udp4 comm=dnsmasq   # why
 * rule id or name (or *), globs (* and ?) that must all match, and a reason, which is mandatory.
 */
#ifndef CMSGTRACE_CHECK_SUPPRESS_H
#define CMSGTRACE_CHECK_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "check/finding.h"

struct suppressions;

struct suppressions *suppress_new(void);
void suppress_free(struct suppressions *s);

/*
 * Takes the text of a file; name is for messages.  Lines that can't be understood are told by say()
 * ("FILE:3: error: …") and left out; false where there was one.
 */
bool suppress_add(struct suppressions *s, const char *name, const char *text, size_t len,
		  void (*say)(void *ctx, const char *text), void *ctx);

/* The reason of the first entry that matches (it counts as used), or NULL. */
const char *suppress_find(struct suppressions *s, const struct finding *f);

/* "FILE:3: …" of the i-th entry that matched nothing, in b; false: no more. */
bool suppress_unused(const struct suppressions *s, size_t *i, struct buf *b);

/* A line that suppresses f, with its message as the reason to be edited. */
void suppress_put(struct buf *b, const struct finding *f);

/* * and ? only; bytes. */
bool glob_matches(const char *glob, const char *s, size_t len);

#endif
