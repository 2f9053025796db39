/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C++'s and Rust's names of functions, as their source has them. */
#ifndef CMSGTRACE_STACK_DEMANGLE_H
#define CMSGTRACE_STACK_DEMANGLE_H

#include <stddef.h>

/* From a symbol of len bytes, which comes back as it is where it is no such name.  The caller frees it. */
char *demangle(const char *symbol, size_t len);

#endif
