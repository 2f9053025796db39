// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ELF files of traced processes, by elfutils: elf(5).  Opens them, and their debug information.  Names are read by
 * read(2): a mapped file could be truncated under us.
 */
#include "config.h"

#include "stack/elf-file.h"

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "procfs/procfs.h"
#include "stack/dwarf-lines.h"
#include "stack/elf-debug.h"
#include "stack/elf-go.h"
#include "stack/open.h"

enum {
	TABLE_MAX = 256 * 1024 * 1024, /* bytes of a symbol or string table */
	TABLES_MAX = 512 * 1024 * 1024, /* … and of those of all files, with what we make of them */
	MINI_MAX = 64 * 1024 * 1024,    /* of unpacked MiniDebugInfo */
	KEEP_MAX = 64,                  /* files that nobody uses are kept up to this number */
	BACK_MAX = 16,                  /* functions that may lie inside another one */
	SORT_AFTER = 64, /* questions: so many passes over a table take as long as to sort it */
};

struct symbol {
	uint64_t addr;
	uint32_t size;
	uint32_t at; /* which one of its table, and in the highest bit which table */
};

struct table {
	Elf *elf;
	Elf_Data *data;
	size_t names; /* the section of its strings */
};

struct elf_file {
	struct elf_file *next;
	unsigned int refs;
	struct stat st; /* its identity; zeroed: an image in memory */
	struct elf_mapping mapping;
	char *path;
	int fd; /* kept where the path doesn't lead to it; else negative */
	void *image, *mini;
	Elf *elf, *debug; /* what the symbols' names are in */
	struct elf_link link;
	struct table table[2]; /* those that have functions */
	unsigned int ntables;
	struct symbol *symbol;
	size_t n;
	unsigned int asked; /* for functions; up to SORT_AFTER: then the symbols are sorted */
	uint64_t spent;     /* on tables */
	struct gopclntab go;
	Dwarf_CFI *cfi;
	bool looked; /* for what follows */
	Dwarf *dwarf, *shared;
};

static struct elf_file *files;

/* --- opening --- */

enum way { BY_PATH_THERE, BY_PATH_HERE, BY_MAPPING, BY_EXE, WAYS };

/* Only what is mapped at all: the path of a map is seen from our root, its file may be another by now. */
static int open_way(enum way way, int tid, const struct elf_mapping *m, struct stat *st)
{
	switch (way) {
	case BY_PATH_THERE:
		return m->path[0] == '/' ? open_in_root(tid, m->path, st) : -1;
	case BY_PATH_HERE:
		return m->path[0] == '/' ? open_regular(-1, m->path, st) : -1;
	case BY_MAPPING: /* needs CAP_CHECKPOINT_RESTORE */
		return open_regular(-1,
				    procfs_path(tid, "map_files/%llx-%llx",
						(unsigned long long)m->start,
						(unsigned long long)m->end)
					    .s,
				    st);
	default:
		return open_regular(-1, procfs_path(tid, "exe").s, st);
	}
}

static int open_mapped(int tid, const struct elf_mapping *m, struct stat *st, enum way *way)
{
	/* Some filesystems (btrfs, overlayfs) have another device for stat() than for maps: the second round. */
	for (unsigned int i = 0; i < 2 * WAYS; i++) {
		*way = i % WAYS;

		int fd = open_way(*way, tid, m, st);

		if (fd < 0)
			continue;
		if (st->st_ino == m->inode && (i >= WAYS || ((uint64_t)major(st->st_dev) << 32 |
							     minor(st->st_dev)) == m->dev))
			return fd;
		close(fd);
	}
	return -1;
}

/* --- MiniDebugInfo: the symbols that were stripped, as a packed ELF file in a section --- */

#ifdef HAVE_LZMA
static Elf *unpack(struct elf_file *f, const Elf_Data *packed)
{
	for (size_t room = 1024 * 1024; room <= MINI_MAX; room *= 4) {
		uint64_t memory = MINI_MAX;
		size_t from = 0, len = 0;

		f->mini = alloc_resize(f->mini, room);
		switch (lzma_stream_buffer_decode(&memory, 0, NULL, packed->d_buf, &from,
						  packed->d_size, f->mini, &len, room)) {
		case LZMA_OK:
			return elf_memory(f->mini, len);
		case LZMA_BUF_ERROR: /* more room */
			continue;
		default:
			return NULL;
		}
	}
	return NULL;
}
#else
static Elf *unpack(struct elf_file *f, const Elf_Data *packed)
{
	(void)f;
	(void)packed;
	return NULL;
}
#endif

static Elf *mini_of(struct elf_file *f)
{
	GElf_Shdr sh;
	Elf_Scn *scn = elf_section(f->elf, ".gnu_debugdata", &sh);
	const Elf_Data *packed = scn ? elf_rawdata(scn, NULL) : NULL;

	return packed && packed->d_buf ? unpack(f, packed) : NULL;
}

/* --- symbols --- */

static const char *symbol_at(const struct elf_file *f, uint32_t at, GElf_Sym *y)
{
	const struct table *t = &f->table[at >> 31];

	if (!gelf_getsym(t->data, (int)(at & INT32_MAX), y))
		return NULL;
	return elf_strptr(t->elf, t->names, y->st_name);
}

/*
 * Which of several names for one address a person knows best, the lowest: exported before local ones ("kill" before
 * "__GI___kill"), then those with fewer leading underscores, then the file's order.
 */
static uint32_t rank_of(const struct elf_file *f, const struct symbol *s)
{
	uint32_t index = s->at & INT32_MAX, underscores = 0;
	GElf_Sym y;
	const char *name = symbol_at(f, s->at, &y);

	if (!name)
		return UINT32_MAX;
	while (underscores < 7 && name[underscores] == '_')
		underscores++;
	return (uint32_t)(GELF_ST_BIND(y.st_info) == STB_LOCAL) << 31 | underscores << 28 |
	       (index < 1U << 28 ? index : (1U << 28) - 1);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static uint64_t spent; /* by all files */

/* False where that much is not left: files whose symbols are read no more are named by their offsets. */
static bool spend(struct elf_file *f, uint64_t bytes)
{
	if (bytes > TABLES_MAX - spent)
		return false;
	f->spent += bytes;
	spent += bytes;
	return true;
}

static bool load_symbols(struct elf_file *f, Elf *elf, GElf_Word type)
{
	size_t before = f->n;
	uint64_t ours;
	GElf_Shdr sh, names;
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	GElf_Sym y;

	while ((scn = elf_nextscn(elf, scn)) && (!gelf_getshdr(scn, &sh) || sh.sh_type != type))
		;
	if (!scn || sh.sh_size > TABLE_MAX || !gelf_getshdr(elf_getscn(elf, sh.sh_link), &names) ||
	    names.sh_size > TABLE_MAX)
		return false;
	ours = sh.sh_size / gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT) * sizeof(*f->symbol);
	if (!spend(f, sh.sh_size + names.sh_size + ours) || !(data = elf_getdata(scn, NULL)) ||
	    data->d_type != ELF_T_SYM)
		return false;
	elf_strptr(elf, sh.sh_link, 0); /* reads the names, too */
	f->symbol = alloc_resize(f->symbol,
				 (f->n + data->d_size / gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT)) *
					 sizeof(*f->symbol));
	for (uint32_t i = 0; gelf_getsym(data, (int)i, &y); i++) {
		if (y.st_shndx == SHN_UNDEF || (GELF_ST_TYPE(y.st_info) != STT_FUNC &&
						GELF_ST_TYPE(y.st_info) != STT_GNU_IFUNC))
			continue;
		f->symbol[f->n++] = (struct symbol){
			.addr = y.st_value,
			.size = y.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)y.st_size,
			.at = i | f->ntables << 31,
		};
	}
	if (f->n > before)
		f->table[f->ntables++] = (struct table){ elf, data, sh.sh_link };
	return true;
}

static void load_all_symbols(struct elf_file *f, int tid)
{
	char path[PATH_MAX];
	int fd = -1;

	if (!load_symbols(f, f->elf, SHT_SYMTAB) && f->path)
		fd = elf_debug_open(&f->link, f->path, tid, path);
	if (fd >= 0) {
		f->debug = elf_begin(fd, ELF_C_READ, NULL);
		load_symbols(f, f->debug, SHT_SYMTAB);
		elf_cntl(f->debug, ELF_C_FDDONE);
		close(fd);
	}
	if (!f->n && (f->debug = f->debug ? f->debug : mini_of(f)))
		load_symbols(f, f->debug, SHT_SYMTAB);
	if (!f->n || f->mini)
		load_symbols(f, f->elf, SHT_DYNSYM);
	f->symbol = alloc_resize(f->symbol, f->n * sizeof(*f->symbol));
}

/* Where in the sorted symbols those end that start at vaddr or before. */
static size_t end_of(const struct elf_file *f, uint64_t vaddr)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->symbol[mid].addr <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Of v the innermost function that has vaddr. */
static const struct symbol *function_in(const struct elf_file *f, const struct symbol *v, size_t n,
					uint64_t vaddr)
{
	const struct symbol *best = NULL;
	uint64_t last = 0; /* start before it */

	for (size_t i = 0; i < n; i++) {
		if (v[i].addr <= vaddr && v[i].addr > last)
			last = v[i].addr;
	}
	for (const struct symbol *s = v; s < v + n; s++) {
		/* Assembly often has no size: such a function reaches to the next one. */
		if (s->addr > vaddr || (s->size ? vaddr - s->addr >= s->size : s->addr != last))
			continue;
		if (!best || s->addr > best->addr ||
		    (s->addr == best->addr && rank_of(f, s) < rank_of(f, best)))
			best = s;
	}
	return best;
}

const char *elf_file_function(struct elf_file *f, uint64_t vaddr, size_t *len, uint64_t *off)
{
	size_t from = 0, to = f->n;
	const struct symbol *best;
	const char *name;
	struct go_place go;
	GElf_Sym y;

	if (gopclntab_find(&f->go, vaddr, &go)) {
		*off = vaddr - go.entry;
		*len = strlen(go.function);
		return go.function;
	}
	if (!f->n)
		return NULL;
	if (f->asked < SORT_AFTER && ++f->asked == SORT_AFTER)
		qsort(f->symbol, f->n, sizeof(*f->symbol), by_address);
	if (f->asked == SORT_AFTER) {
		to = end_of(f, vaddr);
		from = to > BACK_MAX ? to - BACK_MAX : 0;
	}
	best = function_in(f, f->symbol + from, to - from, vaddr);
	name = best ? symbol_at(f, best->at, &y) : NULL;
	if (!name)
		return NULL;
	*off = vaddr - best->addr;
	*len = strcspn(name, "@"); /* "name@@VERSION" */
	return name;
}

/* --- files --- */

static void elf_file_free(struct elf_file *f)
{
	dwarf_cfi_end(f->cfi);
	dwarf_end(f->dwarf);
	dwarf_end(f->shared);
	elf_end(f->debug);
	elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	alloc_free(f->symbol);
	spent -= f->spent;
	alloc_free(f->image);
	alloc_free(f->mini);
	alloc_free(f->link.name);
	alloc_free(f->path);
	alloc_free(f);
}

static bool has_search_table(Elf *elf)
{
	size_t n;
	GElf_Phdr p;

	if (elf_getphdrnum(elf, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_GNU_EH_FRAME)
			return true;
	}
	return false;
}

/* From f->elf: all but source lines.  f, or NULL where it is no ELF file. */
static struct elf_file *load(struct elf_file *f, int tid)
{
	const void *id;
	const char *link;
	ssize_t n;

	f->refs = 1;
	if (elf_kind(f->elf) != ELF_K_ELF) {
		elf_file_free(f);
		return NULL;
	}
	n = dwelf_elf_gnu_build_id(f->elf, &id);
	if (n > 1 && n <= ELF_BUILD_ID_MAX) {
		memcpy(f->link.id, id, (size_t)n);
		f->link.id_len = (size_t)n;
	}
	link = dwelf_elf_gnu_debuglink(f->elf, &f->link.crc);
	if (link && !strchr(link, '/'))
		f->link.name = alloc_strdup(link);
	load_all_symbols(f, tid);
	spend(f, elf_go_load(f->elf, &f->go, TABLES_MAX - spent));
	if (gelf_getclass(f->elf) == ELFCLASS32 || !has_search_table(f->elf))
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

struct elf_file *elf_file_open(int tid, const struct elf_mapping *m)
{
	struct stat st;
	enum way way;
	int fd = open_mapped(tid, m, &st, &way);
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
	f->mapping = *m;
	f->mapping.path = f->path = alloc_strdup(m->path);
	f->fd = way == BY_PATH_THERE || way == BY_PATH_HERE ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	elf_version(EV_CURRENT);
	f->elf = elf_begin(fd, ELF_C_READ, NULL);
	f = load(f, tid);
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
	f->fd = -1;
	elf_version(EV_CURRENT);
	f->elf = elf_memory(p, len);
	return load(f, 0);
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

void elf_file_python(const struct elf_file *f, uint64_t *runtime, uint64_t *version)
{
	const char *name;
	GElf_Sym y;

	*runtime = *version = 0;
	for (uint32_t t = 0; t < f->ntables; t++) {
		for (uint32_t i = 0; gelf_getsym(f->table[t].data, (int)i, &y); i++) {
			if (y.st_shndx == SHN_UNDEF || !(name = symbol_at(f, i | t << 31, &y)))
				continue;
			if (!strcmp(name, "_PyRuntime"))
				*runtime = y.st_value;
			else if (!strcmp(name, "Py_Version"))
				*version = y.st_value;
		}
	}
	if (!*runtime || !*version)
		*runtime = *version = 0;
}

Dwarf_CFI *elf_file_cfi(const struct elf_file *f)
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
	struct stat st;

	if (dwelf_dwarf_gnu_debugaltlink(d, &name, &id) <= 0 ||
	    snprintf(path, sizeof(path), "%.*s%s",
		     name[0] == '/' ? 0 : (int)(strrchr(from, '/') + 1 - from), from,
		     name) >= (int)sizeof(path) ||
	    !realpath(path, real) || strncmp(real, ELF_DEBUG_ROOT, strlen(ELF_DEBUG_ROOT)) != 0)
		return NULL;
	return dwarf_of(open_regular(-1, real, &st));
}

static void look(struct elf_file *f, int tid)
{
	char path[PATH_MAX];
	struct stat st;
	enum way way;
	int fd = f->fd;

	f->looked = true;
	f->fd = -1;
	if (fd < 0)
		fd = open_mapped(tid, &f->mapping, &st, &way);
	else if (fstat(fd, &st) < 0)
		return;
	if (fd >= 0 && !same_file(&st, &f->st)) {
		close(fd);
		fd = -1;
	}
	f->dwarf = dwarf_of(fd);
	if (!f->dwarf) {
		f->dwarf = dwarf_of(elf_debug_open(&f->link, f->path, tid, path));
		f->shared = f->dwarf ? shared_of(f->dwarf, path) : NULL;
	}
	/* Without one libdw would look for it by itself, anywhere. */
	if (f->dwarf)
		dwarf_setalt(f->dwarf, f->shared ? f->shared : f->dwarf);
}

unsigned int elf_file_sources(struct elf_file *f, int tid, uint64_t vaddr,
			      struct elf_source v[ELF_SOURCES_MAX])
{
	unsigned int n;

	memset(v, 0, ELF_SOURCES_MAX * sizeof(v[0]));
	n = elf_go_sources(&f->go, vaddr, v);
	if (n)
		return n;
	if (!f->looked && f->path)
		look(f, tid);
	return f->dwarf ? dwarf_lines(f->dwarf, vaddr, v) : 0;
}
