/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live source: what an engine sees of running tasks becomes events. */
#ifndef CMSGTRACE_LIVE_LIVE_H
#define CMSGTRACE_LIVE_LIVE_H

#include <stdbool.h>

#include "event/source.h"
#include "live/opts.h"

struct engine;
struct live;

/*
 * Checks and prepares, by the engine of src/engines.h; nothing runs yet.  Never NULL.  Call it before signal handlers are installed and signals ignored: the command gets the
 * dispositions that it finds.
 */
struct live *live_new(const struct live_opts *o, const struct engine *engine);
/*
 * Runs to the end (the command ended, all detached, or consumer->enough()).  0, or negative errno
 * where nothing could be started or attached: then say() told why and what to do.  With -D it returns
 * in another process, the tracer; the one that called it has become the command.  Children that the
 * caller had before are reaped if they end meanwhile.
 */
int live_run(struct live *l, const struct consumer *c);
/*
 * After live_run(): how the wrapped command ended, as wait(2) encodes it; -1 where there was none,
 * 127 << 8 and 126 << 8 where it could not be found or executed (already told).
 */
int live_wait_status(const struct live *l);
/*
 * Ends tracing at the next chance; callable from a signal handler.  Attached processes are let go and run
 * on.  A wrapped command gets the signal, unless the terminal gave it to the command too, and tracing goes
 * on until the command ends or this is called again.  Where the end comes by time or by
 * consumer->enough(), it gets SIGTERM.  With a seccomp filter, which nobody survives without tracer, what
 * is left then may take two seconds to end before it is killed; without one it is let go.
 */
void live_interrupt(struct live *l, int sig);
void live_free(struct live *l);

/* With --wire: puts a line beside a packet in the pcapng file. */
void live_comment(struct live *l, const struct wire_fact *packet, const char *text);

/* /proc is of our pid namespace. */
bool live_proc_is_ours(void);

#endif
