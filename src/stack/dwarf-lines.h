/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where an address is in the source, by debug information that is open. */
#ifndef CMSGTRACE_STACK_DWARF_LINES_H
#define CMSGTRACE_STACK_DWARF_LINES_H

#include <elfutils/libdw.h>

#include "stack/elf-source.h"

/* As elf_file_sources(); v is zeroed.  Strings belong to d. */
unsigned int dwarf_lines(Dwarf *d, uint64_t vaddr, struct elf_source v[ELF_SOURCES_MAX]);

#endif
