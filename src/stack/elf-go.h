/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Go's tables in an ELF file, stripped or not. */
#ifndef CMSGTRACE_STACK_ELF_GO_H
#define CMSGTRACE_STACK_ELF_GO_H

#include <gelf.h>

#include "stack/elf-source.h"
#include "stack/gopclntab.h"

/* The section whose name ends so, where it is of a size to be read (256 MiB), its header in *sh; or NULL. */
Elf_Scn *elf_section(Elf *elf, const char *end, GElf_Shdr *sh);

/* Reads the tables, at most limit bytes, into t, zeroed where there are none.  How much: it is kept as long as elf. */
uint64_t elf_go_load(Elf *elf, struct gopclntab *t, uint64_t limit);
/* As elf_file_sources(); 0 where no function of Go has vaddr. */
unsigned int elf_go_sources(const struct gopclntab *t, uint64_t vaddr,
			    struct elf_source v[ELF_SOURCES_MAX]);

#endif
