// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: whatever stands in the records of the eBPF engine's ring, it reads nothing beyond them, and ends.
 *
 * Input: records, each behind its size in four bytes.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz-source.h"

#define FUZZ_CORPUS "corpus-bpf"
#include "fuzz/fuzz-main.h"

#include "bpf/state.h"
#include "bpf/watcher.h"
#include "live/live.h"

enum {
	NOBODY = 50000000, /* above the kernel's PID_MAX_LIMIT: no task has such a number */
	TASKS = 8
};

static struct fuzz_run run;

static int begin(void *e)
{
	(void)e;
	return 0;
}

/* Of tasks that there are not: the machine's own are left alone. */
static void pretend(void *record, size_t size)
{
	struct rec_head *h = record;
	struct rec_task *t = record;

	if (size < sizeof(*h))
		return;
	h->tgid = NOBODY + h->tgid % TASKS;
	h->tid = NOBODY + h->tid % TASKS;
	if (size < sizeof(*t) || h->type < REC_FORK || h->type > REC_UNSEEN)
		return;
	if (h->type == REC_FORK || h->type == REC_EXEC)
		t->child = NOBODY + t->child % TASKS;
	t->child_tgid = NOBODY + t->child_tgid % TASKS;
}

static void tell(void *e)
{
	struct watcher *w = e;
	uint32_t size;

	while (fuzz_read(&run, (char *)&size, sizeof(size)) == sizeof(size)) {
		char *record; /* of its own: so that a byte too far is seen */

		if (size > run.left)
			size = (uint32_t)run.left;
		record = malloc(size ? size : 1);
		if (!record)
			abort();
		fuzz_read(&run, record, size);
		pretend(record, size);
		watcher_record(w, record, size);
		free(record);
	}
	while (live_tasks(w->live)->n)
		live_task_left(w->live, live_tasks(w->live)->v[0]);
}

static bool prints(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct live_opts o = {
		.follow = true,
		.strsize = 64,
		.received = true,
		.quiet = 2,
		.stacks = size && data[size - 1] & 1,
		.prints = prints,
		.say = fuzz_say,
	};
	struct engine engine = engine_bpf;
	const struct consumer c = { .ctx = &run, .judge = fuzz_judge, .emit = fuzz_emit };
	struct live *live;

	engine.start = begin;
	engine.run = tell;
	fuzz_start(&run, data, size);
	live = live_new(&o, &engine);
	live_run(live, &c);
	live_free(live);
	fuzz_end(&run);
	return 0;
}
