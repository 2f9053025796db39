// SPDX-License-Identifier: LGPL-2.1-or-later
/* Source lines and inlined functions by DWARF: DWARF 5, 2.17, 3.3.8 and 6.2. */
#include "config.h"

#include "stack/dwarf-lines.h"

#include <dwarf.h>
#include <stdlib.h>

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

/* From the innermost inlined function outwards; v[0] has the line already.  How many there are in all. */
static unsigned int inlined(Dwarf_Die *unit, uint64_t vaddr, struct elf_source v[ELF_SOURCES_MAX])
{
	Dwarf_Die *at, *scopes;
	Dwarf_Files *names;
	Dwarf_Addr entry;
	unsigned int got = 0;
	size_t n;
	int scope = dwarf_getscopes(unit, vaddr, &at);

	if (scope <= 0)
		return 1;
	scope = dwarf_getscopes_die(&at[0], &scopes);
	free(at);
	for (int i = 0; i < scope && got < ELF_SOURCES_MAX - 1; i++) {
		if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram)
			break;
		if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine)
			continue;
		v[got].symbol = symbol_of(&scopes[i]);
		if (!v[got].symbol)
			break;
		if (dwarf_entrypc(&scopes[i], &entry) == 0 && entry <= vaddr)
			v[got].off = vaddr - entry;
		v[++got].line = (uint32_t)number_of(&scopes[i], DW_AT_call_line);
		if (dwarf_getsrcfiles(unit, &names, &n) == 0)
			v[got].file = dwarf_filesrc(names, number_of(&scopes[i], DW_AT_call_file),
						    NULL, NULL);
	}
	if (scope > 0)
		free(scopes);
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
