// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of engines: a new one is a row. */
#include "config.h"

#include "engines.h"

#include <string.h>

#include "bpf/watcher.h"
#include "live/live.h"
#include "ptrace/ptrace.h"

const struct engine *const engines[] = {
	&engine_seccomp,
	&engine_syscall,
	&engine_bpf,
	NULL,
};

const struct engine *engine_find(const char *name)
{
	for (unsigned int i = 0; engines[i]; i++) {
		if (!strcmp(engines[i]->name, name))
			return engines[i];
	}
	return NULL;
}

const struct engine *engine_ptrace(const struct live_opts *o)
{
	/* an untraced child would inherit the filter, and who is attached to has none */
	return o->argv && o->follow && !o->npids && !o->detach_on_execve ? &engine_seccomp
									 : &engine_syscall;
}

const struct engine *engine_auto(const struct live_opts *o, const char **why)
{
	*why = NULL;
	if (o->all)
		return &engine_bpf;
	if (!o->npids)
		return engine_ptrace(o);
	if (engine_bpf.lacks)
		*why = engine_bpf.lacks(o);
	if (!*why)
		*why = engine_bpf.refusal();
	return *why ? engine_ptrace(o) : &engine_bpf;
}
