/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where code is in the source, as far as a file tells. */
#ifndef CMSGTRACE_STACK_ELF_SOURCE_H
#define CMSGTRACE_STACK_ELF_SOURCE_H

#include <stdint.h>

enum { ELF_SOURCES_MAX = 64 };

/* A function that stands in another one's code, or that one. */
struct elf_source {
	const char
		*symbol; /* of an inlined function; NULL: the one that elf_file_functions() tells */
	uint64_t off;    /* bytes into it */
	const char *file;
	uint32_t line;
};

#endif
