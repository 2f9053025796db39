/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for XML and HTML: whatever it holds, it stays text.  Appends to a buffer; owns nothing. */
#ifndef CMSGTRACE_REPORT_MARKUP_H
#define CMSGTRACE_REPORT_MARKUP_H

#include "base/buf.h"

/* As an element's content, or between double quotes.  A line feed stays one; what can't be shown is spelled \x01. */
void markup_put(struct buf *b, const char *s, size_t len);
void markup_str(struct buf *b, const char *s);
/* A space and name="value". */
void markup_attr(struct buf *b, const char *name, const char *value, size_t len);
/* A path as a URI reference (RFC 3986), in plain characters alone. */
void markup_uri(struct buf *b, const char *path);

#endif
