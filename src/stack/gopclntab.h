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

/* What inlined functions are described in: borrowed, filled by whoever finds it; p NULL: unknown. */
struct go_data {
	const unsigned char *p;
	size_t len;
	uint64_t addr, base; /* of p; what the table counts from */
};

struct gopclntab {
	const unsigned char *p; /* borrowed; NULL: there is none */
	size_t len;
	unsigned int version, word, quantum;
	uint64_t text; /* where its code starts */
	uint64_t nfunc, names, units, files, values, functions;
	struct go_data data;
};

struct go_place {
	const char *function, *file; /* in the table; file may be NULL */
	uint64_t entry;              /* of the function */
	uint32_t line;
	const char *
		inlined; /* the function in whose source this is, where it stands in the other's code; or NULL */
	uint64_t caller; /* the pc to ask for next: who called that one */
};

/* From the whole table; text: where the program's code starts, for tables that don't say it.  False: a form that we don't know. */
bool gopclntab_init(struct gopclntab *t, const void *p, size_t len, uint64_t text);
/* What is known of the instruction at pc; false where no function of Go has it. */
bool gopclntab_find(const struct gopclntab *t, uint64_t pc, struct go_place *place);

/* Tables of 1.16 and 1.17: with addresses, not with distances from the start of the code and the data. */
bool gopclntab_has_addresses(const struct gopclntab *t);
bool gopclntab_since_1_20(const struct gopclntab *t);

#endif
