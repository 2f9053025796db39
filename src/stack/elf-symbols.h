/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symbol tables of an ELF file: elf(5).  They are read in pieces each time that something is asked, since to hold one costs
 * more than to read it once (a page fault for each 4 KiB, and that of node has 10 MB with its names); the functions
 * of a file that is asked often are kept, sorted.
 */
#ifndef CMSGTRACE_STACK_ELF_SYMBOLS_H
#define CMSGTRACE_STACK_ELF_SYMBOLS_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a file's bytes are. */
struct elf_bytes {
	const unsigned char *image; /* not owned; NULL: read from fd */
	size_t len;
	int fd; /* not owned; negative: nothing can be read now */
};

struct symbol_table {
	const struct elf_bytes *from;
	uint64_t at, len;          /* of the symbols in the file, in bytes */
	uint64_t names, names_len; /* and of their names */
	size_t entry;              /* bytes of a symbol */
};

struct symbol {
	uint64_t addr;
	uint32_t size;
	uint32_t at; /* which one of its table, and in the highest bit which table */
};

/* Zeroed: there are none. */
struct elf_symbols {
	struct symbol_table table[2];
	unsigned int n;
	bool both; /* the second table has others, else it is read where the first has no functions */
	unsigned int passes; /* over them, until they are sorted */
	struct symbol *sorted;
	size_t nsorted;
};

struct elf_function {
	uint64_t vaddr; /* what is asked */
	char *name; /* of the function that holds it, without the symbol's version; owned; NULL: none does */
	uint64_t off; /* bytes into it */
};

/* Adds elf's table of that type, whose bytes from has; false: there is none that can be read. */
bool elf_symbols_add(struct elf_symbols *s, Elf *elf, const struct elf_bytes *from, GElf_Word type);
/* Finds the functions of n addresses, at most ELF_ASK_MAX, that have no name yet.  May keep up to limit bytes: how much. */
uint64_t elf_symbols_find(struct elf_symbols *s, struct elf_function *v, unsigned int n,
			  uint64_t limit);
/* The values of n variables by their names; 0: there is none. */
void elf_symbols_values(const struct elf_symbols *s, const char *const *names, uint64_t *v,
			unsigned int n);
void elf_symbols_free(struct elf_symbols *s);

enum { ELF_ASK_MAX = 64 };

#endif
