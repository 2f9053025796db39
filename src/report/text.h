/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text report: strace's line, byte for byte where strace decodes, and our findings.  What event() is given
 * as ask must stay valid until the source's end: broken lines are named by it.
 */
#ifndef CMSGTRACE_REPORT_TEXT_H
#define CMSGTRACE_REPORT_TEXT_H

#include "report/report.h"

/* Digits after the second; the default is each option's own. */
enum text_precision { PRECISION_DEFAULT, PRECISION_S, PRECISION_MS, PRECISION_US, PRECISION_NS };

struct text_opts {
	/* -ff: the stream for one task, flushed by whoever made it; NULL: the report's for all */
	struct stream *(*out_for)(void *ctx, int tid);
	void *out_ctx;
	bool to_file;    /* -o: with follow, pids are columns ("%-5d "), not "[pid N]" */
	bool follow;     /* -f */
	bool always_pid; /* before each line, of a single task too */
	int stamp;       /* -t: 1, -tt: 2, -ttt: 3; 0 none */
	bool relative;   /* -r */
	bool spent;      /* -T */
	bool event_numbers; /* "[event 12]" behind each call: what findings and recordings name it by */
	enum text_precision stamp_precision, relative_precision, spent_precision;
	unsigned int strsize; /* -s */
	bool verbose;         /* -v: nothing abbreviated */
	int hex;              /* -x: 1 non-ASCII strings, -xx: 2 all strings */
	int paths;            /* -y: 1, -yy: 2 */
	unsigned int column;  /* -a, default 40 */
	int quiet;            /* -q: 1, -qq: 2, -qqq: 3 */
	bool color;
	unsigned int width; /* of the terminal, 0: none: notes are wrapped to it */
	bool links;         /* it shows OSC 8 hyperlinks */
	int stacks;         /* -k: 1, -kk: 2 */
	bool findings_only;
	bool summary_only;         /* -c: nothing but the summary */
	bool only_ok, only_failed; /* -z, -Z */
	bool summary;              /* print the summary at the end */
	/*
	 * Appends the lines of a source file around line, as they are, and sets *first to the number of the first;
	 * false where they can't be read.  NULL: nobody reads any.
	 */
	bool (*source)(const char *file, uint32_t line, struct buf *lines, uint32_t *first);
};

#endif
