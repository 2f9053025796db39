// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Source lines by elfutils' libdw.  Opens files of traced processes, and debug information under
 * /usr/lib/debug.  libdw's own search asks debuginfod servers when DEBUGINFOD_URLS is set; ours doesn't: what
 * a tracer tells must not depend on the network, nor tell the network what runs here.
 */
#include "config.h"

#include "stack/symbols.h"

#include "stack/open.h"

#ifdef HAVE_LIBDW

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define DEBUG_ROOT "/usr/lib/debug/"

enum { FILES_MAX = 32, BUILD_ID_MAX = 64 };

/* A file with its debug information, which libdw reads bit by bit. */
struct source_file {
	struct source_file *next;
	dev_t dev;
	ino_t ino;
	struct timespec mtime;
	Dwfl *dwfl;          /* NULL: not an ELF file, or none that libdw takes */
	Dwfl_Module *module; /* its only one */
};

static struct source_file *files;
static unsigned int nfiles;

static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		    char **file, Elf **elf)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)elf;
	return -1; /* only what we report is looked at */
}

static int open_debug(const char *path, char **name)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		*name = strdup(path); /* libdw frees it */
	return fd;
}

static int find_by_build_id(Dwfl_Module *mod, char **name)
{
	const unsigned char *id;
	GElf_Addr where;
	int n = dwfl_module_build_id(mod, &id, &where);
	char path[sizeof(DEBUG_ROOT) + 2 * BUILD_ID_MAX + 32];

	if (n < 2 || n > BUILD_ID_MAX)
		return -1;

	int len = sprintf(path, DEBUG_ROOT ".build-id/%02x/", id[0]);

	for (int i = 1; i < n; i++)
		len += sprintf(path + len, "%02x", id[i]);
	memcpy(path + len, ".debug", sizeof(".debug"));
	return open_debug(path, name);
}

/* What several debug files share (dwz): named relative to the one that refers to it. */
static int find_shared(const char *from, const char *link, char **name)
{
	char path[PATH_MAX], real[PATH_MAX];
	const char *slash = from ? strrchr(from, '/') : NULL;
	int n = link[0] == '/' || !slash ? snprintf(path, sizeof(path), "%s", link)
					 : snprintf(path, sizeof(path), "%.*s%s",
						    (int)(slash + 1 - from), from, link);

	if (n >= (int)sizeof(path) || !realpath(path, real) ||
	    strncmp(real, DEBUG_ROOT, strlen(DEBUG_ROOT)) != 0)
		return -1;
	return open_debug(real, name);
}

static int find_debuginfo(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			  const char *file, const char *link, GElf_Word crc, char **name)
{
	(void)userdata;
	(void)modname;
	(void)base;
	(void)crc;
	/* A debuglink is a bare file name; the name of shared information has folders. */
	if (link && strchr(link, '/'))
		return find_shared(file, link, name);
	return find_by_build_id(mod, name);
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void drop_files(void)
{
	while (files) {
		struct source_file *s = files;

		files = s->next;
		if (s->dwfl)
			dwfl_end(s->dwfl);
		alloc_free(s);
	}
	nfiles = 0;
}

static void load(struct source_file *s, int fd, const char *path)
{
	s->dwfl = dwfl_begin(&callbacks);
	if (!s->dwfl) {
		close(fd);
		return;
	}
	dwfl_report_begin(s->dwfl);
	s->module = dwfl_report_offline(s->dwfl, path, path, fd); /* takes fd if it succeeds */
	dwfl_report_end(s->dwfl, NULL, NULL);
	if (s->module)
		return;
	close(fd);
	dwfl_end(s->dwfl);
	s->dwfl = NULL;
}

static struct source_file *file_of(int tid, const char *path)
{
	struct stat st;
	int fd = open_mapped(tid, path);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return NULL;
	}
	for (struct source_file *s = files; s; s = s->next) {
		if (s->dev == st.st_dev && s->ino == st.st_ino &&
		    s->mtime.tv_sec == st.st_mtim.tv_sec &&
		    s->mtime.tv_nsec == st.st_mtim.tv_nsec) {
			close(fd);
			return s;
		}
	}
	if (nfiles == FILES_MAX)
		drop_files();
	nfiles++;

	struct source_file *s = alloc_zeroed(1, sizeof(*s));

	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->mtime = st.st_mtim;
	s->next = files;
	files = s;
	load(s, fd, path);
	return s;
}

/* Offset in the file -> address as libdw has laid the module out. */
static bool address_of(Dwfl_Module *mod, uint64_t off, GElf_Addr *addr)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(mod, &bias);
	size_t n;

	if (!elf || elf_getphdrnum(elf, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD || off < p.p_offset ||
		    off - p.p_offset >= p.p_filesz)
			continue;
		*addr = p.p_vaddr + (off - p.p_offset) + bias;
		return true;
	}
	return false;
}

/* clang and Go write no .debug_aranges, from which libdw finds the compilation unit at once. */
static const char *search_units(Dwfl_Module *mod, GElf_Addr addr, int *number)
{
	Dwarf_Addr bias;

	for (Dwarf_Die *cu = NULL; (cu = dwfl_module_nextcu(mod, cu, &bias));) {
		if (dwarf_haspc(cu, addr - bias) != 1)
			continue;

		Dwarf_Line *line = dwarf_getsrc_die(cu, addr - bias);

		if (line && dwarf_lineno(line, number) == 0)
			return dwarf_linesrc(line, NULL, NULL);
	}
	return NULL;
}

static const char *line_at(Dwfl_Module *mod, GElf_Addr addr, int *number)
{
	Dwfl_Line *line = dwfl_module_getsrc(mod, addr);

	return line ? dwfl_lineinfo(line, NULL, number, NULL, NULL, NULL)
		    : search_units(mod, addr, number);
}

void symbols_resolve(struct event *ev, struct frame *f)
{
	if (f->file || !f->module || !f->module_off)
		return;

	struct source_file *s = file_of(ev->tid, f->module);
	/* A return address is behind the call: the line is that of the byte before. */
	bool exact = ev->stack.n && f == &ev->stack.frames[0];
	GElf_Addr addr;

	if (!s || !s->module || !address_of(s->module, f->module_off - !exact, &addr))
		return;

	int number = 0;
	const char *file = line_at(s->module, addr, &number);

	if (!file)
		return;
	f->file = arena_strdup(&ev->arena, file);
	f->line = number > 0 ? (uint32_t)number : 0;
}

void symbols_free(void)
{
	drop_files();
	symtab_forget();
}

#else

void symbols_resolve(struct event *ev, struct frame *f)
{
	(void)ev;
	(void)f;
}

void symbols_free(void)
{
	symtab_forget();
}

#endif
