// SPDX-License-Identifier: LGPL-2.1-or-later
/* Source lines and inlined functions by DWARF: DWARF 5, 2.17, 3.3.8 and 6.2. */
#include "config.h"

#include "stack/dwarf-lines.h"

#include <dwarf.h>

enum { DEPTH_MAX = 256 }; /* entries within each other */

static bool unit_of(Dwarf *d, uint64_t vaddr, Dwarf_Die *unit)
{
	Dwarf_Off at = 0, next;
	size_t header;

	if (dwarf_addrdie(d, vaddr, unit))
		return true;
	/* clang and Go write no .debug_aranges, from which libdw finds the unit at once. */
	for (; dwarf_nextcu(d, at, &next, &header, NULL, NULL, NULL) == 0; at = next) {
		if (dwarf_offdie(d, at + header, unit) && dwarf_haspc(unit, vaddr) == 1)
			return true;
	}
	return false;
}

static const char *symbol_of(Dwarf_Die *die)
{
	static const unsigned int names[] = { DW_AT_linkage_name, DW_AT_MIPS_linkage_name,
					      DW_AT_name };
	Dwarf_Attribute at;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (dwarf_attr_integrate(die, names[i], &at))
			return dwarf_formstring(&at);
	}
	return NULL;
}

static uint64_t number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute at;
	Dwarf_Word v;

	return dwarf_attr(die, name, &at) && dwarf_formudata(&at, &v) == 0 ? v : 0;
}

/* Has this entry vaddr's code, or may what stands in it?  MAYBE: it has no addresses of its own. */
enum has { NO, MAYBE, YES };

static enum has has(Dwarf_Die *die, uint64_t vaddr)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return dwarf_haspc(die, vaddr) == 1 ? YES : NO;
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return MAYBE;
	default:
		return NO;
	}
}

/* To the first entry below the one at path[*depth], or behind it and what it stands in but path[top]; false: there is none. */
static bool go_on(Dwarf_Die *path, int *depth, int top, bool down)
{
	if (down && *depth + 1 < DEPTH_MAX && dwarf_child(&path[*depth], &path[*depth + 1]) == 0) {
		++*depth;
		return true;
	}
	for (; *depth > top; --*depth) {
		if (dwarf_siblingof(&path[*depth], &path[*depth]) == 0)
			return true;
	}
	return false;
}

/*
 * The functions that vaddr is in, outermost first, those of classes and namespaces too.  Not by dwarf_getscopes(3), which looks into
 * no entry without addresses, and calls itself for each level, of which a file can have as many as it likes.
 */
static unsigned int functions_at(Dwarf_Die *unit, uint64_t vaddr, Dwarf_Die v[DEPTH_MAX])
{
	Dwarf_Die path[DEPTH_MAX] = { *unit };
	int depth = 0, top = 0;
	enum has has_it = YES;
	unsigned int n = 0;

	while (go_on(path, &depth, top, has_it != NO)) {
		has_it = has(&path[depth], vaddr);
		if (has_it != YES)
			continue;
		/* nothing beside it has it, too */
		top = depth;
		if (dwarf_tag(&path[depth]) == DW_TAG_subprogram)
			n = 0;
		if (dwarf_tag(&path[depth]) == DW_TAG_subprogram ||
		    dwarf_tag(&path[depth]) == DW_TAG_inlined_subroutine)
			v[n++] = path[depth];
	}
	return n;
}

/* From the innermost inlined function outwards; v[0] has the line already.  How many there are in all. */
static unsigned int inlined(Dwarf_Die *unit, uint64_t vaddr, struct elf_source v[ELF_SOURCES_MAX])
{
	Dwarf_Die functions[DEPTH_MAX];
	unsigned int got = 0, i = functions_at(unit, vaddr, functions);
	Dwarf_Files *names;
	Dwarf_Addr entry;
	size_t n;

	while (i-- > 0 && got < ELF_SOURCES_MAX - 1 &&
	       dwarf_tag(&functions[i]) == DW_TAG_inlined_subroutine) {
		v[got].symbol = symbol_of(&functions[i]);
		if (!v[got].symbol)
			break;
		if (dwarf_entrypc(&functions[i], &entry) == 0 && entry <= vaddr)
			v[got].off = vaddr - entry;
		v[++got].line = (uint32_t)number_of(&functions[i], DW_AT_call_line);
		if (dwarf_getsrcfiles(unit, &names, &n) == 0)
			v[got].file = dwarf_filesrc(
				names, number_of(&functions[i], DW_AT_call_file), NULL, NULL);
	}
	v[got].symbol = NULL;
	return got + 1;
}

unsigned int dwarf_lines(Dwarf *d, uint64_t vaddr, struct elf_source v[ELF_SOURCES_MAX])
{
	Dwarf_Line *at;
	Dwarf_Die unit;
	int number = 0;

	if (!unit_of(d, vaddr, &unit))
		return 0;
	at = dwarf_getsrc_die(&unit, vaddr);
	if (!at)
		return 0;
	dwarf_lineno(at, &number);
	v[0].line = number > 0 ? (uint32_t)number : 0;
	v[0].file = dwarf_linesrc(at, NULL, NULL);
	return inlined(&unit, vaddr, v);
}
