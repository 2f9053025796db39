/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the rules' table says, as text: --explain, --list-rules, and the manual page's body. */
#ifndef CMSGTRACE_CHECK_EXPLAIN_H
#define CMSGTRACE_CHECK_EXPLAIN_H

#include "base/buf.h"
#include "check/rule.h"

/* One rule in full, with its examples. */
void explain_rule(struct buf *b, const struct rule *r);
/* One line each: id, severity, name, title. */
void explain_list(struct buf *b);
/* cmsgtrace-rules(7), complete, in man(7) macros. */
void explain_man(struct buf *b, const char *version);

#endif
