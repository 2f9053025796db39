// SPDX-License-Identifier: LGPL-2.1-or-later
/* Heap memory; out of memory ends the program. */
#include "config.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void alloc_failed(void)
{
	fputs("cmsgtrace: out of memory\n", stderr);
	exit(125);
}

void *alloc_bytes(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		alloc_failed();
	return p;
}

void *alloc_zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		alloc_failed();
	return p;
}

void *alloc_resize(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		alloc_failed();
	return p;
}

char *alloc_strdup(const char *s)
{
	char *p = strdup(s);

	if (!p)
		alloc_failed();
	return p;
}

void alloc_free(void *p)
{
	free(p);
}

void alloc_cleanup(void *pp)
{
	free(*(void **)pp);
}
