/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of functions and source lines of ELF files.  Nothing asks the network.
 */
#ifndef CMSGTRACE_STACK_SYMBOLS_H
#define CMSGTRACE_STACK_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/* The functions of one ELF file; shared by all processes that map it, reference counted. */
struct symtab;

/* NULL where the file has none or can't be read.  path as in /proc/TID/maps. */
struct symtab *symtab_of_file(int tid, const char *path);
/* From an image of the file; it is not kept. */
struct symtab *symtab_of_memory(const void *p, size_t len);
void symtab_unref(struct symtab *t);
/* The function that holds vaddr (an address as the file has it), or NULL; *off: bytes into it. */
const char *symtab_find(const struct symtab *t, uint64_t vaddr, uint64_t *off);

/* Frees those that nobody holds. */
void symtab_forget(void);

/*
 * Fills f->file and f->line, if the file's debug information is on this machine.  50 ms and more at the
 * first use of a file: for findings.  Without elfutils it does nothing.
 */
void symbols_resolve(struct event *ev, struct frame *f);
/* Forgets all files. */
void symbols_free(void);

#endif
