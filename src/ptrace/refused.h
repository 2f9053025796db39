/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands between us and ptrace, looked up for messages and --version. */
#ifndef CMSGTRACE_PTRACE_REFUSED_H
#define CMSGTRACE_PTRACE_REFUSED_H

#include <stdbool.h>
#include <stdint.h>

int refused_yama(void);              /* kernel.yama.ptrace_scope, or -1: no Yama */
bool refused_capable(void);          /* CAP_SYS_PTRACE is effective */
uint64_t refused_capabilities(void); /* the effective ones, a bit each */
bool refused_seccomp(void);          /* a filter on ourselves forbids ptrace */

#endif
