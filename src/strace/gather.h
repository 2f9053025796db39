/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a log's lines tell, before anybody thinks of tasks and sockets: calls as text, and of messages as events where
 * there is time for it, ends, notes, in their order.
 */
#ifndef CMSGTRACE_STRACE_GATHER_H
#define CMSGTRACE_STRACE_GATHER_H

#include "base/buf.h"
#include "base/lines.h"
#include "base/map.h"
#include "event/source.h"
#include "strace/call.h"
#include "strace/early.h"
#include "strace/unwrap.h"

enum told_kind {
	TOLD_NOTE, /* something for the user about this line */
	TOLD_TASK, /* the task did something: it exists */
	TOLD_COMM, /* its name */
	TOLD_CLONING,
	TOLD_CALL,
	TOLD_END,
	TOLD_MODE, /* its ABI; the tid is 0 in a log of one process */
};

struct told_call {
	unsigned int call; /* enum call or enum strace_call */
	const char *name;  /* the text: name, "(", arguments, ")", result, and a NUL */
	size_t name_len, len;
	size_t close; /* offset of the closing parenthesis; 0: there is none, or nobody looked */
	bool looked;  /* it may be none that closes where its arguments end */
	struct strace_early *early; /* or NULL */
	struct frame *frames;
	unsigned int nframes;
};

struct told {
	struct batch_item item;
	enum told_kind kind;
	int tid;
	uint64_t line, stamp_ns;
	union {
		const char *note; /* static */
		char comm[16];
		const struct abi *abi;
		struct {
			bool sharing, thread;
		} cloning;
		struct {
			enum event_kind kind;
			int num; /* status, signal, pid */
			bool core;
		} end;
		struct told_call call;
	};
};

enum { HELD_FRAMES = 64 };

/* A call whose line is there but may go on: by being wrapped, or with its stack. */
struct held {
	bool active;
	bool looked, complete; /* is it known whether it may go on, and may it not? */
	struct buf text;       /* name, "(", the rest */
	size_t name_len;
	size_t close; /* offset of the closing parenthesis; 0: there is none, or nobody looked */
	unsigned int call, wraps;
	int tid;
	uint64_t line, stamp_ns;
	size_t foreign;     /* length of the foreign prefix of its first line … */
	char prefix[128];   /* … and its beginning */
	struct arena arena; /* the frames' */
	struct frame frames[HELD_FRAMES];
	unsigned int nframes;
};

struct strace_gather {
	struct lines *lines;
	struct batch *batch; /* that is being filled */
	struct held held;
	struct arena values; /* of one call */
	struct strace_unwrap unwrap;
	struct map pending; /* tid -> a call that was interrupted */
	uint64_t known;     /* lines that are strace's */
	uint64_t binary;    /* lines that are no text */
};

/* As gather() of struct source. */
bool strace_gather(struct strace_gather *g, struct batch *b);
void strace_gather_free(struct strace_gather *g);

#endif
