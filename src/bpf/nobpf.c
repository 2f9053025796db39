// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engine where cmsgtrace was built without libbpf: it says so, and how to get it. */
#include "config.h"

#include <errno.h>

#include "bpf/watcher.h"

static void *absent_new(struct live *l, const struct live_opts *o)
{
	(void)o;
	return l;
}

static int absent_start(void *e)
{
	live_say(e, "this build of cmsgtrace has no eBPF engine: build it with libbpf (./bootstrap "
		    "installs it)");
	return -ENOSYS;
}

static void absent_run(void *e)
{
	(void)e;
}

static void absent_interrupt(void *e, int sig)
{
	(void)e, (void)sig;
}

static int absent_wait_status(const void *e)
{
	(void)e;
	return -1;
}

static const struct memory *absent_memory(void *e, struct task *t)
{
	(void)e, (void)t;
	return NULL;
}

static const char *absent_refusal(void)
{
	return "this build has none: build it with libbpf (./bootstrap installs it)";
}

const struct engine engine_bpf = {
	.name = "bpf",
	.task_size = sizeof(struct task),
	.process_size = sizeof(struct process),
	.new = absent_new,
	.start = absent_start,
	.run = absent_run,
	.interrupt = absent_interrupt,
	.wait_status = absent_wait_status,
	.memory = absent_memory,
	.free = absent_run,
	.refusal = absent_refusal,
	.good_for = "commands, -p and --all: stops nothing",
};
