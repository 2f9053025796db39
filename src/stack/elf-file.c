// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ELF files of traced processes, by elfutils: elf(5).  Opens them, in the process's own root, and debug
 * information under /usr/lib/debug of ours, as the root of a container seldom has any.  Names are read by
 * read(2): a mapped file could be truncated under us.
 */
#include "config.h"

#include "stack/elf-file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"

#define DEBUG_ROOT "/usr/lib/debug/"

enum {
	TABLE_MAX = 256 * 1024 * 1024, /* bytes of a symbol or string table */
	KEEP_MAX = 64,                 /* files that nobody uses are kept up to this number */
	BACK_MAX = 16,                 /* functions that may lie inside another one */
	BUILD_ID_MAX = 64,
	DEBUG_PATH = 192, /* of a file that is named by a build id */
	OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
};

struct symbol {
	uint64_t addr;
	uint32_t size;
	uint32_t rank; /* of several names for one address the lowest counts */
	const char *name;
};

struct elf_file {
	struct elf_file *next;
	unsigned int refs;
	struct stat st; /* its identity; zeroed: an image in memory */
	char *path;
	void *image;
	Elf *elf, *debug; /* what the symbols' names are in */
	unsigned char id[BUILD_ID_MAX];
	size_t id_len;
	struct symbol *symbol;
	size_t n;
	Dwarf_CFI *cfi;
	bool looked; /* for what follows */
	Dwarf *dwarf, *shared;
};

static struct elf_file *files;

/* --- opening --- */

static int open_regular(int dir, const char *path)
{
	struct open_how how = { .flags = OPEN_FLAGS, .resolve = RESOLVE_IN_ROOT };
	int fd = dir < 0 ? open(path, OPEN_FLAGS)
			 : (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	struct stat st;

	/* Before Linux 5.6; the paths of a map have no symbolic links in them. */
	if (fd < 0 && dir >= 0 && errno == ENOSYS)
		fd = openat(dir, path + 1, OPEN_FLAGS | O_NOFOLLOW);
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	return -1;
}

/* As the task sees it: never by way of its symbolic links into our root. */
static int open_mapped(int tid, const char *path, struct stat *st)
{
	char root[32];
	int dir, fd;

	if (path[0] != '/')
		return -1;
	snprintf(root, sizeof(root), "/proc/%d/root", tid);
	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	fd = open_regular(dir, path);
	close(dir);
	if (fd < 0 || fstat(fd, st) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Its debug information, if that is installed under its build id. */
static int open_debug(const struct elf_file *f, char path[DEBUG_PATH])
{
	int len = sprintf(path, DEBUG_ROOT ".build-id/");

	if (f->id_len < 2)
		return -1;
	for (size_t i = 0; i < f->id_len; i++)
		len += sprintf(path + len, i == 1 ? "/%02x" : "%02x", f->id[i]);
	memcpy(path + len, ".debug", sizeof(".debug"));
	return open_regular(-1, path);
}

/* --- symbols --- */

/*
 * Which of several names a person knows best: exported before local ones ("kill" before "__GI___kill"), then
 * those with fewer leading underscores, then the file's order.
 */
static uint32_t rank_of(const char *name, unsigned char info, int index)
{
	uint32_t underscores = (uint32_t)strspn(name, "_");

	if (underscores > 7)
		underscores = 7;
	return (uint32_t)(GELF_ST_BIND(info) == STB_LOCAL) << 31 | underscores << 28 |
	       (uint32_t)(index < 1 << 28 ? index : (1 << 28) - 1);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static bool load_symbols(struct elf_file *f, Elf *elf, GElf_Word type)
{
	GElf_Shdr sh, names;
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	GElf_Sym y;

	while ((scn = elf_nextscn(elf, scn)) && (!gelf_getshdr(scn, &sh) || sh.sh_type != type))
		;
	if (!scn || sh.sh_size > TABLE_MAX || !gelf_getshdr(elf_getscn(elf, sh.sh_link), &names) ||
	    names.sh_size > TABLE_MAX || !(data = elf_getdata(scn, NULL)) ||
	    data->d_type != ELF_T_SYM)
		return false;
	f->symbol = alloc_bytes(data->d_size / gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT) *
				sizeof(*f->symbol));
	for (int i = 0; gelf_getsym(data, i, &y); i++) {
		const char *name = elf_strptr(elf, sh.sh_link, y.st_name);

		if (!name || y.st_shndx == SHN_UNDEF ||
		    (GELF_ST_TYPE(y.st_info) != STT_FUNC &&
		     GELF_ST_TYPE(y.st_info) != STT_GNU_IFUNC))
			continue;
		f->symbol[f->n++] = (struct symbol){
			.addr = y.st_value,
			.size = y.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)y.st_size,
			.rank = rank_of(name, y.st_info, i),
			.name = name,
		};
	}
	f->symbol = alloc_resize(f->symbol, f->n * sizeof(*f->symbol));
	qsort(f->symbol, f->n, sizeof(*f->symbol), by_address);
	return true;
}

static bool load_debug_symbols(struct elf_file *f)
{
	char path[DEBUG_PATH];
	int fd = open_debug(f, path);

	if (fd < 0)
		return false;
	f->debug = elf_begin(fd, ELF_C_READ, NULL);

	bool got = f->debug && load_symbols(f, f->debug, SHT_SYMTAB);

	elf_cntl(f->debug, ELF_C_FDDONE);
	close(fd);
	return got;
}

const char *elf_file_function(const struct elf_file *f, uint64_t vaddr, size_t *len, uint64_t *off)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) { /* the first that starts behind vaddr */
		size_t mid = (lo + hi) / 2;

		if (f->symbol[mid].addr <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}

	const struct symbol *best = NULL;

	for (size_t i = lo, steps = 0; i-- > 0 && steps < BACK_MAX; steps++) {
		const struct symbol *s = &f->symbol[i];

		if (best && s->addr != best->addr)
			break;
		/* Assembly often has no size: such a function reaches to the next one. */
		if (s->size ? vaddr - s->addr < s->size : s->addr == f->symbol[lo - 1].addr)
			best = s;
	}
	if (!best)
		return NULL;
	*off = vaddr - best->addr;
	*len = strcspn(best->name, "@"); /* "name@@VERSION" */
	return best->name;
}

/* --- files --- */

static void elf_file_free(struct elf_file *f)
{
	dwarf_cfi_end(f->cfi);
	dwarf_end(f->dwarf);
	dwarf_end(f->shared);
	elf_end(f->debug);
	elf_end(f->elf);
	alloc_free(f->symbol);
	alloc_free(f->image);
	alloc_free(f->path);
	alloc_free(f);
}

/* From f->elf: all but source lines.  f, or NULL where it is no ELF file. */
static struct elf_file *load(struct elf_file *f)
{
	const void *id;
	ssize_t n;

	f->refs = 1;
	if (elf_kind(f->elf) != ELF_K_ELF) {
		elf_file_free(f);
		return NULL;
	}
	n = dwelf_elf_gnu_build_id(f->elf, &id);
	if (n > 0 && n <= BUILD_ID_MAX) {
		memcpy(f->id, id, (size_t)n);
		f->id_len = (size_t)n;
	}
	if (!load_symbols(f, f->elf, SHT_SYMTAB) && !load_debug_symbols(f))
		load_symbols(f, f->elf, SHT_DYNSYM);
	if (gelf_getclass(f->elf) == ELFCLASS32)
		f->cfi = dwarf_getcfi_elf(f->elf);
	elf_cntl(f->elf, ELF_C_FDDONE);
	return f;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Forgets unused files until at most keep are left. */
static void trim(unsigned int keep)
{
	struct elf_file **at = &files;
	unsigned int n = 0;

	while (*at) {
		struct elf_file *f = *at;

		if (++n <= keep || f->refs) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		elf_file_free(f);
	}
}

struct elf_file *elf_file_open(int tid, const char *path)
{
	struct stat st;
	int fd = open_mapped(tid, path, &st);
	struct elf_file *f = files;

	if (fd < 0)
		return NULL;
	while (f && !same_file(&f->st, &st))
		f = f->next;
	if (f) {
		close(fd);
		f->refs++;
		return f;
	}
	f = alloc_zeroed(1, sizeof(*f));
	f->st = st;
	f->path = alloc_strdup(path);
	elf_version(EV_CURRENT);
	f->elf = elf_begin(fd, ELF_C_READ, NULL);
	f = load(f);
	close(fd);
	if (f) {
		f->next = files;
		files = f;
		trim(KEEP_MAX);
	}
	return f;
}

struct elf_file *elf_file_of_memory(void *p, size_t len)
{
	struct elf_file *f = alloc_zeroed(1, sizeof(*f));

	f->image = p;
	elf_version(EV_CURRENT);
	f->elf = elf_memory(p, len);
	return load(f);
}

void elf_file_put(struct elf_file *f)
{
	if (f && !--f->refs && f->image)
		elf_file_free(f);
}

void elf_files_free(void)
{
	trim(0);
}

Dwarf_CFI *elf_file_cfi32(const struct elf_file *f)
{
	return f->cfi;
}

/* --- source lines --- */

static Dwarf *dwarf_of(int fd)
{
	Dwarf *d = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);

	if (d)
		elf_cntl(dwarf_getelf(d), ELF_C_FDDONE);
	if (fd >= 0)
		close(fd);
	return d;
}

/* What several debug files share (dwz): named relative to the one that refers to it, from. */
static Dwarf *shared_of(Dwarf *d, const char *from)
{
	char path[PATH_MAX], real[PATH_MAX];
	const char *name;
	const void *id;

	if (dwelf_dwarf_gnu_debugaltlink(d, &name, &id) <= 0 ||
	    snprintf(path, sizeof(path), "%.*s%s",
		     name[0] == '/' ? 0 : (int)(strrchr(from, '/') + 1 - from), from,
		     name) >= (int)sizeof(path) ||
	    !realpath(path, real) || strncmp(real, DEBUG_ROOT, strlen(DEBUG_ROOT)) != 0)
		return NULL;
	return dwarf_of(open_regular(-1, real));
}

static void look(struct elf_file *f, int tid)
{
	char path[DEBUG_PATH];
	struct stat st;
	int fd = open_mapped(tid, f->path, &st);

	f->looked = true;
	if (fd >= 0 && !same_file(&st, &f->st)) {
		close(fd);
		fd = -1;
	}
	f->dwarf = dwarf_of(fd);
	if (!f->dwarf) {
		f->dwarf = dwarf_of(open_debug(f, path));
		f->shared = f->dwarf ? shared_of(f->dwarf, path) : NULL;
	}
	/* Without one libdw would look for it by itself, anywhere. */
	if (f->dwarf)
		dwarf_setalt(f->dwarf, f->shared ? f->shared : f->dwarf);
}

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

const char *elf_file_source(struct elf_file *f, int tid, uint64_t vaddr, uint32_t *line)
{
	Dwarf_Line *at;
	Dwarf_Die unit;
	int number = 0;

	if (!f->looked && f->path)
		look(f, tid);
	if (!f->dwarf || !unit_of(f->dwarf, vaddr, &unit))
		return NULL;
	at = dwarf_getsrc_die(&unit, vaddr);
	if (!at)
		return NULL;
	dwarf_lineno(at, &number);
	*line = number > 0 ? (uint32_t)number : 0;
	return dwarf_linesrc(at, NULL, NULL);
}
