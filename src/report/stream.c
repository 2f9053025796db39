// SPDX-License-Identifier: LGPL-2.1-or-later
/* A buffered output: writes to its own descriptor only. */
#include "config.h"

#include "report/stream.h"

#include <errno.h>
#include <unistd.h>

void stream_flush(struct stream *s)
{
	size_t off = 0;

	if (s->before && s->buf.len && !s->err)
		s->before(s->before_ctx);
	while (!s->err && off < s->buf.len) {
		ssize_t n = write(s->fd, s->buf.p + off, s->buf.len - off);

		if (n >= 0)
			off += (size_t)n;
		else if (errno != EINTR)
			s->err = errno;
	}
	/* After an error the run goes on, but what it says is lost: nothing may pile up. */
	buf_clear(&s->buf);
}
