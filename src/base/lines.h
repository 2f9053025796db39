/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of an input of any size, in constant memory.  The bytes come from a callback of the caller, so
 * that the readers open nothing themselves.  A line is handed out in place and is valid until the next
 * call; the reader may change its bytes.
 */
#ifndef CMSGTRACE_BASE_LINES_H
#define CMSGTRACE_BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
	/* Up to n bytes into p; 0: the end; negative errno: it can't be read any further. */
	long (*read)(void *ctx, char *p, size_t n);
	void *ctx;
	const char *name; /* for messages: "FILE", "-" */
};

/* Longer lines are not taken: next() skips them and says LINE_TOO_LONG. */
enum {
	LINE_MAX_BYTES = 64 * 1024 * 1024,
	LINE_PARTS_MAX = 512 * 1024, /* commas and opening brackets */
};

enum line_state {
	LINE_END,
	LINE_WHOLE,
	LINE_CUT,      /* the last one, without newline */
	LINE_TOO_LONG, /* skipped; p and len are its beginning */
};

struct lines {
	struct input in;
	char *buf;
	size_t room, start, len; /* unread bytes: buf[start … start + len) */
	size_t scanned;          /* of them, known to hold no newline */
	bool eof;
	int err;         /* negative errno of read() */
	uint64_t no;     /* number of the line handed out last: 1, 2, 3 … */
	uint64_t offset; /* bytes of the input before the next line */
};

void lines_init(struct lines *l, const struct input *in);
void lines_free(struct lines *l);
/* Without newline; a carriage return stays. */
enum line_state lines_next(struct lines *l, char **p, size_t *len);
/* Is the next line there, so that lines_next() reads nothing? */
bool lines_ready(struct lines *l);
/* The next up to n bytes without taking them, to tell formats apart. */
size_t lines_peek(struct lines *l, const char **p, size_t n);
/* Takes n bytes that lines_peek() showed: they belong to no line. */
void lines_drop(struct lines *l, size_t n);

#endif
