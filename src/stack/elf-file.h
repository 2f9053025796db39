/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF files that traced processes have mapped: all that is kept of one, once for all processes.  Reference
 * counted; strings belong to the file.  Nothing asks the network.
 */
#ifndef CMSGTRACE_STACK_ELF_FILE_H
#define CMSGTRACE_STACK_ELF_FILE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/elf-source.h"
#include "stack/elf-symbols.h"

struct elf_file;

/* What is mapped, as /proc/TID/maps has it. */
struct elf_mapping {
	const char *path;
	uint64_t start, end; /* of the mapping */
	uint64_t dev, inode; /* dev: major << 32 | minor */
};

/* The very file that is mapped, whatever lies at its path now.  NULL: no ELF file, or it can't be read. */
struct elf_file *elf_file_open(int tid, const struct elf_mapping *m);
/* From its image, which it frees in the end. */
struct elf_file *elf_file_of_memory(void *p, size_t len);
void elf_file_put(struct elf_file *f);
/* Frees those that nobody holds. */
void elf_files_free(void);

/* The functions of n addresses (as the file has them), at most ELF_ASK_MAX, for the task: names are the caller's to free. */
void elf_file_functions(struct elf_file *f, int tid, struct elf_function *v, unsigned int n);
/* Where the file has two symbols of a Python interpreter; 0 and 0: it is none. */
void elf_file_python(const struct elf_file *f, uint64_t *runtime, uint64_t *version);
/* Call frame information that libunwind can't take: of 32-bit files, and without a search table.  Or NULL. */
Dwarf_CFI *elf_file_cfi(const struct elf_file *f);
/*
 * Where vaddr is in the source, if the debug information is on this machine: inlined functions first, innermost
 * first.  How many; 50 ms and more at the first use of a file: for findings.
 */
unsigned int elf_file_sources(struct elf_file *f, int tid, uint64_t vaddr,
			      struct elf_source v[ELF_SOURCES_MAX]);

#endif
