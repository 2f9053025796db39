/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A buffered output.  Whoever opened it (src/streams.c) closes it; reports append to buf and call
 * stream_flush() when a batch is worth a write.  A write error is kept and told once, at the end.
 */
#ifndef CMSGTRACE_REPORT_STREAM_H
#define CMSGTRACE_REPORT_STREAM_H

#include "base/buf.h"

struct stream {
	struct buf buf;
	int fd;
	int err;          /* positive errno of the first failed write; 0 none */
	const char *name; /* for messages: the file's name */
	/* called before each write, or NULL: a terminal may show something that has to go first */
	void (*before)(void *ctx);
	void *before_ctx;
};

enum { STREAM_BATCH = 32 * 1024 };

void stream_flush(struct stream *s);

/* Flushes where a batch has gathered. */
static inline void stream_batch(struct stream *s)
{
	if (s->buf.len >= STREAM_BATCH)
		stream_flush(s);
}

#endif
