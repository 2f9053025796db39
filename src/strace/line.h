/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line of a log: what it is, whose it is, where its call begins.  Whatever stands before strace's own
 * words (a CI system's time and job name, a mail's quote marks) is passed over.
 */
#ifndef CMSGTRACE_STRACE_LINE_H
#define CMSGTRACE_STRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum strace_line_kind {
	STRACE_LINE_OTHER,   /* no line of strace, or the rest of one */
	STRACE_LINE_SKIP,    /* strace's, but nothing that we read */
	STRACE_LINE_CALL,    /* one of our calls */
	STRACE_LINE_RESUMED, /* <... recvmsg resumed> */
	STRACE_LINE_EXITED,  /* +++ exited with N +++ */
	STRACE_LINE_KILLED,  /* +++ killed by SIG +++ */
	STRACE_LINE_SUPERSEDED,
	STRACE_LINE_FRAME, /* > module(function+0x1) [0x2]: of the call before */
	STRACE_LINE_MODE,  /* [ Process PID=N runs in 32 bit mode. ] */
};

struct strace_line {
	enum strace_line_kind kind;
	int tid; /* 0: the log has no pids */
	char comm[16];
	uint64_t stamp_ns; /* CLOCK_REALTIME, of -ttt; 0 unknown */
	size_t foreign;    /* bytes before strace's own words */
	unsigned int call; /* enum call or enum strace_call */
	const char *name;  /* of the call; also of one that we don't read */
	size_t name_len;
	const char *rest; /* behind "(", behind "resumed>", or the number of +++ lines */
};

void strace_line_look(const char *p, size_t len, struct strace_line *out);

/*
 * While a call waits for its rest: can this line be that rest, though it looks like a call?  Arguments
 * hold names with parentheses too: inet_pton(…).
 */
bool strace_line_is_rest(const char *p, struct strace_line *l, bool have_pid);

/*
 * Takes away blanks and carriage returns at the end, colour codes and HTML's entities, in place. False: what is
 * left was not printed by strace.
 */
bool strace_line_clean(char *p, size_t *len);

#endif
