// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What Go's own stack traces are made of, in an ELF file: pclntab, which has a section of this name, and what describes
 * inlined functions, which only the runtime's moduledata tells the address of (src/runtime/symtab.go, as it was from
 * 1.16 to 1.27; cmd/link writes both).
 */
#include "config.h"

#include "stack/elf-go.h"

#include <string.h>

enum {
	SECTION_MAX = 256 * 1024 * 1024,
	DATA_MAX = 32 * 1024 *
		   1024, /* of what describes inlined functions: 1.5 MiB of a program of 50 */
	/* Words of moduledata.  Six slices of three words stand between the first two and the third. */
	MODULE_TABLE = 0,
	MODULE_NAMES = 1,
	MODULE_TEXT = 22,
	MODULE_DATA_1_18 = 38,
	MODULE_DATA_1_20 = 40,
	MODULE_DATA_1_27 = 43,
	MODULE_WORDS = 45,
};

Elf_Scn *elf_section(Elf *elf, const char *end, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name =
			gelf_getshdr(scn, sh) ? elf_strptr(elf, names, sh->sh_name) : NULL;
		size_t len = name ? strlen(name) : 0;

		if (len >= strlen(end) && !strcmp(name + len - strlen(end), end))
			return sh->sh_size <= SECTION_MAX ? scn : NULL;
	}
	return NULL;
}

/* The moduledata of the table at that address, in a section. */
static bool module_in(Elf_Scn *scn, const struct gopclntab *t, uint64_t table,
		      uint64_t module[MODULE_WORDS])
{
	const Elf_Data *data = elf_rawdata(scn, NULL);
	const unsigned char *p = data ? data->d_buf : NULL;

	for (size_t at = 0; p && at + (size_t)MODULE_WORDS * t->word <= data->d_size;
	     at += t->word) {
		for (unsigned int i = 0; i < MODULE_WORDS; i++) {
			module[i] = 0;
			memcpy(&module[i], p + at + (size_t)i * t->word,
			       t->word); /* little endian */
			if (i == MODULE_NAMES && (module[MODULE_TABLE] != table ||
						  module[MODULE_NAMES] != table + t->names))
				break;
			if (i == MODULE_WORDS - 1)
				return true;
		}
	}
	return false;
}

/* Where the data of functions starts; since 1.26 it ends with the table. */
static uint64_t data_of(const struct gopclntab *t, uint64_t table,
			const uint64_t module[MODULE_WORDS])
{
	if (!gopclntab_since_1_20(t))
		return module[MODULE_DATA_1_18];
	if (module[MODULE_DATA_1_27 + 1] == table + t->len)
		return module[MODULE_DATA_1_27];
	return module[MODULE_DATA_1_20];
}

/* What is in the file of the section that holds addr, from there on. */
static const Elf_Data *data_at(Elf *elf, uint64_t addr, uint64_t limit)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	if (limit > DATA_MAX)
		limit = DATA_MAX;
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) ||
		    sh.sh_type != SHT_PROGBITS || addr < sh.sh_addr ||
		    addr - sh.sh_addr >= sh.sh_size)
			continue;
		sh.sh_size -= addr - sh.sh_addr;
		return elf_getdata_rawchunk(elf, (int64_t)(sh.sh_offset + (addr - sh.sh_addr)),
					    sh.sh_size < limit ? sh.sh_size : limit, ELF_T_BYTE);
	}
	return NULL;
}

/* 1.16 and 1.17 have addresses in their tables: all of ".rodata" is looked at. */
static uint64_t load_inlined(Elf *elf, struct gopclntab *t, uint64_t table, uint64_t limit)
{
	static const char *const places[] = { ".go.module", ".noptrdata" };
	uint64_t module[MODULE_WORDS], addr = 0;
	const Elf_Data *data;
	GElf_Shdr sh;
	Elf_Scn *scn;

	if (gopclntab_has_addresses(t)) {
		if (elf_section(elf, ".rodata", &sh))
			addr = sh.sh_addr;
	} else {
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !addr; i++) {
			scn = elf_section(elf, places[i], &sh);
			if (!scn || sh.sh_size > limit || !module_in(scn, t, table, module))
				continue;
			if (module[MODULE_TEXT])
				t->text = module[MODULE_TEXT];
			addr = data_of(t, table, module);
		}
	}
	data = addr ? data_at(elf, addr, limit) : NULL;
	if (!data || !data->d_buf)
		return 0;
	t->data = (struct go_data){ data->d_buf, data->d_size, addr,
				    gopclntab_has_addresses(t) ? 0 : addr };
	return data->d_size;
}

uint64_t elf_go_load(Elf *elf, struct gopclntab *t, uint64_t limit)
{
	GElf_Shdr sh;
	Elf_Scn *text = elf_section(elf, ".text", &sh);
	uint64_t start = text ? sh.sh_addr : 0;
	/* ".data.rel.ro.gopclntab" where the program is position-independent. */
	Elf_Scn *scn = elf_section(elf, ".gopclntab", &sh);
	const Elf_Data *data = scn && sh.sh_size <= limit ? elf_rawdata(scn, NULL) : NULL;

	memset(t, 0, sizeof(*t));
	if (!data || !data->d_buf || !gopclntab_init(t, data->d_buf, data->d_size, start))
		return 0;
	return data->d_size + load_inlined(elf, t, sh.sh_addr, limit - data->d_size);
}

unsigned int elf_go_sources(const struct gopclntab *t, uint64_t vaddr,
			    struct elf_source v[ELF_SOURCES_MAX])
{
	struct go_place go;
	unsigned int n = 0;

	while (n < ELF_SOURCES_MAX && gopclntab_find(t, vaddr, &go) && go.file) {
		v[n].symbol = go.inlined;
		v[n].file = go.file;
		v[n++].line = go.line;
		if (!go.inlined)
			break;
		vaddr = go.caller;
	}
	if (n)
		v[n - 1].symbol = NULL;
	return n;
}
