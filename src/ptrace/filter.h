/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The seccomp filter of a wrapped command: only calls of interest stop, all others run at full speed. */
#ifndef CMSGTRACE_PTRACE_FILTER_H
#define CMSGTRACE_PTRACE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "live/calls.h"

/* What tells our stops from those of a program's own SECCOMP_RET_TRACE: 16 bits of data, the call in the low ones. */
enum { FILTER_MARK = 0xc500, FILTER_CALL = 0xff };

struct filter {
	struct sock_fprog prog; /* owned */
};

/*
 * Builds the program for every ABI of the machine, and verifies by running it over every number of every
 * table that it stops where the tables say so and nowhere else.  0 or negative errno.
 */
int filter_build(struct filter *f, const struct calls *c);
void filter_free(struct filter *f);

/*
 * Installs it in the calling process, for ever.  Unprivileged callers set no_new_privs first; that takes
 * nothing from them which being traced by an unprivileged tracer would not take too.  Calls only system
 * calls: good between fork and execve.  0 or negative errno.
 */
int filter_install(const struct filter *f);
/* Whether the kernel would let us: 0 or negative errno. */
int filter_probe(void);

/* What the program answers (SECCOMP_RET_*) for a call; args may be NULL: all zero.  For tests too. */
uint32_t filter_eval(const struct filter *f, uint32_t audit_arch, uint32_t nr,
		     const uint64_t *args);

#endif
