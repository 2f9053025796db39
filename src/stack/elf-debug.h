/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug information that is in a file of its own: which one, and where. */
#ifndef CMSGTRACE_STACK_ELF_DEBUG_H
#define CMSGTRACE_STACK_ELF_DEBUG_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_DEBUG_ROOT "/usr/lib/debug/"

enum { ELF_BUILD_ID_MAX = 64 };

/* What a file says of its debug information. */
struct elf_link {
	unsigned char id[ELF_BUILD_ID_MAX];
	size_t id_len; /* 0: it has no build id */
	char *name;    /* owned; NULL: no link */
	uint32_t crc;  /* of the file that is linked to */
};

/* Opens it, as task tid or we see it, for the file at that path of task tid.  A descriptor, path filled; or negative. */
int elf_debug_open(const struct elf_link *l, const char *file, int tid, char path[PATH_MAX]);

#endif
