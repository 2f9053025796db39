/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fields of a decoder as text in strace's grammar: {a=1, b=[2, 3]}.  Appends to the buffer of its
 * context; owns nothing.
 */
#ifndef CMSGTRACE_REPORT_FIELDS_TEXT_H
#define CMSGTRACE_REPORT_FIELDS_TEXT_H

#include "cmsg/emit.h"
#include "report/text-impl.h"

enum { FIELDS_DEPTH = 16 };

struct text_fields {
	struct emit emit; /* hand &fields.emit to a decoder */
	struct text_ctx *x;
	unsigned int depth;             /* structs and arrays that are open */
	uint32_t count[FIELDS_DEPTH];   /* elements so far, per depth */
	bool array[FIELDS_DEPTH];       /* that depth is an array */
	uint32_t skipped[FIELDS_DEPTH]; /* elements that -s cut off */
};

void text_fields_init(struct text_fields *f, struct text_ctx *x);

/* Closes what a decoder left open. */
void text_fields_end(struct text_fields *f);

#endif
