/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two engines by ptrace(2), which differ in how a call stops: by a seccomp filter, given to a command
 * before it runs, or every one of them.
 */
#ifndef CMSGTRACE_PTRACE_PTRACE_H
#define CMSGTRACE_PTRACE_PTRACE_H

#include "live/engine.h"

extern const struct engine engine_seccomp; /* goes on as the other where it gets no filter */
extern const struct engine engine_syscall;

#endif
