/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recording (JSON Lines, cmsgtrace-events(5)) as a source of events.
 *
 *	struct lines l;
 *	lines_init(&l, &input);                         input.read is yours
 *	if (record_looks_like(&l)) {                    else: strace_reader_new()
 *		struct source *s = record_reader_new(&l, say, ctx);
 *		if (!s) exit 2;                         say() told why
 *		... record_reader_header(s) for struct run_info, s->run(s, &consumer) ...
 *	}
 *	s->free(s); lines_free(&l);
 *
 * What findings, verdicts and decoded fields the recording holds is not read: the pipeline makes them anew.
 */
#ifndef CMSGTRACE_RECORD_READ_H
#define CMSGTRACE_RECORD_READ_H

#include "base/lines.h"
#include "event/source.h"

struct record_header {
	const char *tool, *kernel, *machine; /* or NULL */
	int argc;
	char **argv; /* NULL-terminated */
	uint64_t started_ns;
};

/* Does it begin with a JSON object? Takes nothing. */
bool record_looks_like(struct lines *l);

/*
 * Reads the header; NULL where it is none, or of a version that we can't read (say() tells).  l is
 * borrowed.  run() returns 0, -EBADMSG where lines had to be skipped (say() told which), or the error
 * of reading.  A recording without an end record is told by say() and record_reader_end().
 */
struct source *record_reader_new(struct lines *l, reader_say *say, void *ctx);
const struct record_header *record_reader_header(const struct source *s);

struct record_end {
	bool have; /* the end record was there: else the recording was cut */
	int exit;  /* status that the recording run returned */
	bool cut;  /* that run was ended early */
	/* That made it; static.  NULL: it was made from a file, or isn't known. */
	const char *engine;
};
/* After run(). */
struct record_end record_reader_end(const struct source *s);

#endif
