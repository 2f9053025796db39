/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Heap memory; out of memory ends the program with status 125, so that no caller has to check. */
#ifndef CMSGTRACE_BASE_ALLOC_H
#define CMSGTRACE_BASE_ALLOC_H

#include <stddef.h>

void *alloc_bytes(size_t size); /* not zeroed */
void *alloc_zeroed(size_t n, size_t size);
void *alloc_resize(void *p, size_t size);
char *alloc_strdup(const char *s);
void alloc_free(void *p);
_Noreturn void alloc_failed(void);

/* For __attribute__((cleanup(alloc_cleanup))) on a pointer variable. */
void alloc_cleanup(void *pp);
#define auto_free __attribute__((cleanup(alloc_cleanup)))

#endif
