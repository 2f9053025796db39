/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inputs that are neither a recording nor a log, told by how they begin. */
#ifndef CMSGTRACE_SNIFF_H
#define CMSGTRACE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { SNIFF_BYTES = 512 }; /* that are worth looking at */

/*
 * true: these bytes begin something else, and why is what it is and what to do about it, in one clause.
 * name is the file's, "-" for standard input.
 */
bool sniff_foreign(const char *p, size_t len, const char *name, struct buf *why);

/* Is it compressed, so that "TOOL -dc" makes text of it? */
bool sniff_packed(const char *p, size_t len, char tool[16]);
/* Is it UTF-16, with its mark or without? big: the high byte of each character comes first. */
bool sniff_wide(const char *p, size_t len, bool *big);

/* Bytes of a UTF-8 byte order mark at p: 3 or 0. */
size_t sniff_bom(const char *p, size_t len);

#endif
