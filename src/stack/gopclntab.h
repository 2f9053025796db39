/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Go's table of functions, files and lines, which stripping leaves in a program.  Of any content: all offsets
 * are checked.  PURE: takes bytes.
 */
#ifndef CMSGTRACE_STACK_GOPCLNTAB_H
#define CMSGTRACE_STACK_GOPCLNTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gopclntab {
	const unsigned char *p; /* borrowed; NULL: there is none */
	size_t len;
	unsigned int version, word, quantum;
	uint64_t text; /* where its code starts */
	uint64_t nfunc, names, units, files, values, functions;
};

struct go_place {
	const char *function, *file; /* in the table; file may be NULL */
	uint64_t entry;              /* of the function */
	uint32_t line;
};

/* From the whole table; text: where the program's code starts, for tables that don't say it.  False: a form that we don't know. */
bool gopclntab_init(struct gopclntab *t, const void *p, size_t len, uint64_t text);
/* What is known of the instruction at pc; false where no function of Go has it. */
bool gopclntab_find(const struct gopclntab *t, uint64_t pc, struct go_place *place);

#endif
