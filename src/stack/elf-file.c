// SPDX-License-Identifier: LGPL-2.1-or-later
/* ELF files of traced processes, by elfutils: elf(5).  Opens them, and their debug information. */
#include "config.h"

#include "stack/elf-file.h"

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <endian.h>
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
	TABLES_MAX = 512 * 1024 * 1024, /* bytes of tables that are kept of all files */
	MINI_MAX = 64 * 1024 * 1024,    /* of unpacked MiniDebugInfo */
	DWARF_MAX = 512 * 1024 * 1024,  /* of unpacked debug information: libdw unpacks it all */
	KEEP_MAX = 64,                  /* files that nobody uses are kept up to this number */
	OPEN_MAX = 128,                 /* files that are open */
};

struct elf_file {
	struct elf_file *next;
	unsigned int refs;
	struct stat st; /* its identity; zeroed: an image in memory */
	struct elf_mapping mapping;
	char *path;
	void *image, *mini;
	Elf *elf;
	struct elf_bytes bytes,
		debug_bytes; /* the file's, and those of another one that has its symbols */
	bool has_debug;      /* the latter is a file */
	struct elf_link link;
	struct elf_symbols symbols;
	uint64_t spent; /* on tables */
	struct gopclntab go;
	Dwarf_CFI *cfi;
	bool looked; /* for what follows */
	Dwarf *dwarf, *shared;
};

static struct elf_file *files;

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

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

static int open_mapped(int tid, const struct elf_mapping *m, struct stat *st)
{
	/* Some filesystems (btrfs, overlayfs) have another device for stat() than for maps: the second round. */
	for (unsigned int i = 0; i < 2 * WAYS; i++) {
		int fd = open_way(i % WAYS, tid, m, st);

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
			f->debug_bytes.image = f->mini;
			f->debug_bytes.len = len;
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

static uint64_t spent; /* by all files on tables that they keep */

static void spend(struct elf_file *f, uint64_t bytes)
{
	f->spent += bytes;
	spent += bytes;
}

static void load_symbols(struct elf_file *f, int tid)
{
	char path[PATH_MAX];
	Elf *other;

	if (!elf_symbols_add(&f->symbols, f->elf, &f->bytes, SHT_SYMTAB) && f->path) {
		f->debug_bytes.fd = elf_debug_open(&f->link, f->path, tid, path);
		other = f->debug_bytes.fd < 0 ? NULL
					      : elf_begin(f->debug_bytes.fd, ELF_C_READ, NULL);
		f->has_debug =
			other && elf_symbols_add(&f->symbols, other, &f->debug_bytes, SHT_SYMTAB);
		elf_end(other);
	}
	if (!f->symbols.n) {
		other = mini_of(f);
		f->symbols.both =
			other && elf_symbols_add(&f->symbols, other, &f->debug_bytes, SHT_SYMTAB);
		elf_end(other);
	}
	elf_symbols_add(&f->symbols, f->elf, &f->bytes, SHT_DYNSYM);
}

/* --- descriptors: of few files at a time, and of none that nobody uses, whose file system may be unmounted --- */

static void close_one(struct elf_bytes *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

static void close_bytes(struct elf_file *f)
{
	close_one(&f->bytes);
	close_one(&f->debug_bytes);
}

/* Of too many those that were found first. */
static void close_others(const struct elf_file *but)
{
	unsigned int n = 0;

	for (struct elf_file *f = files; f; f = f->next) {
		if (f != but && f->bytes.fd >= 0 && ++n >= OPEN_MAX)
			close_bytes(f);
	}
}

/* So that its bytes can be read: the very file, which may lie there no more. */
static void open_again(struct elf_file *f, int tid)
{
	char path[PATH_MAX];
	struct stat st;

	if (f->path && f->bytes.fd < 0) {
		f->bytes.fd = open_mapped(tid, &f->mapping, &st);
		if (f->bytes.fd >= 0 && !same_file(&st, &f->st))
			close_one(&f->bytes);
	}
	if (f->has_debug && f->debug_bytes.fd < 0)
		f->debug_bytes.fd = elf_debug_open(&f->link, f->path, tid, path);
	close_others(f);
}

void elf_file_functions(struct elf_file *f, int tid, struct elf_function *v, unsigned int n)
{
	struct go_place go;
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++) {
		v[i].name = NULL;
		if (!gopclntab_find(&f->go, v[i].vaddr, &go))
			continue;
		v[i].name = alloc_strdup(go.function);
		v[i].off = v[i].vaddr - go.entry;
		found++;
	}
	if (found == n)
		return;
	open_again(f, tid);
	spend(f, elf_symbols_find(&f->symbols, v, n, TABLES_MAX - spent));
}

/* --- files --- */

static void elf_file_free(struct elf_file *f)
{
	dwarf_cfi_end(f->cfi);
	dwarf_end(f->dwarf);
	dwarf_end(f->shared);
	elf_end(f->elf);
	close_bytes(f);
	elf_symbols_free(&f->symbols);
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
	load_symbols(f, tid);
	spend(f, elf_go_load(f->elf, &f->go, TABLES_MAX - spent));
	if (gelf_getclass(f->elf) == ELFCLASS32 || !has_search_table(f->elf))
		f->cfi = dwarf_getcfi_elf(f->elf);
	elf_cntl(f->elf, ELF_C_FDDONE);
	return f;
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
	int fd = open_mapped(tid, m, &st);
	struct elf_file *f = files;

	if (fd < 0)
		return NULL;
	while (f && !same_file(&f->st, &st))
		f = f->next;
	if (f) {
		if (f->bytes.fd < 0)
			f->bytes.fd = fd;
		else
			close(fd);
		f->refs++;
		return f;
	}
	f = alloc_zeroed(1, sizeof(*f));
	f->st = st;
	f->mapping = *m;
	f->mapping.path = f->path = alloc_strdup(m->path);
	f->bytes.fd = fd;
	f->debug_bytes.fd = -1;
	elf_version(EV_CURRENT);
	f->elf = elf_begin(fd, ELF_C_READ, NULL);
	f = load(f, tid);
	if (f) {
		f->next = files;
		files = f;
		trim(KEEP_MAX);
		close_others(f);
	}
	return f;
}

struct elf_file *elf_file_of_memory(void *p, size_t len)
{
	struct elf_file *f = alloc_zeroed(1, sizeof(*f));

	f->image = p;
	f->bytes = (struct elf_bytes){ .image = p, .len = len, .fd = -1 };
	f->debug_bytes.fd = -1;
	elf_version(EV_CURRENT);
	f->elf = elf_memory(p, len);
	return load(f, 0);
}

void elf_file_put(struct elf_file *f)
{
	if (!f || --f->refs)
		return;
	if (f->image)
		elf_file_free(f);
	else
		close_bytes(f);
}

void elf_files_free(void)
{
	trim(0);
}

void elf_file_python(const struct elf_file *f, uint64_t *runtime, uint64_t *version)
{
	static const char *const names[] = { "_PyRuntime", "Py_Version" };
	uint64_t v[2];

	elf_symbols_values(&f->symbols, names, v, 2);
	*runtime = v[1] ? v[0] : 0;
	*version = v[0] ? v[1] : 0;
}

Dwarf_CFI *elf_file_cfi(const struct elf_file *f)
{
	return f->cfi;
}

/* --- source lines --- */

/* Bytes that a section takes when it is unpacked: "ZLIB" and the length, as older tools wrote it, or a header. */
static uint64_t unpacked(Elf_Scn *scn, const GElf_Shdr *sh, const char *name)
{
	const Elf_Data *raw;
	GElf_Chdr c;
	uint64_t len;

	if (sh->sh_flags & SHF_COMPRESSED)
		return gelf_getchdr(scn, &c) ? c.ch_size : UINT64_MAX;
	if (!name || strncmp(name, ".zdebug", 7) != 0)
		return 0;
	raw = elf_rawdata(scn, NULL);
	if (!raw || !raw->d_buf || raw->d_size < 12)
		return 0;
	memcpy(&len, (const char *)raw->d_buf + 4, sizeof(len));
	return be64toh(len);
}

/* A file of a few MB can hold sections of many GB. */
static bool is_bounded(int fd)
{
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	Elf_Scn *scn = NULL;
	uint64_t left = DWARF_MAX;
	size_t names;
	bool bounded = elf && elf_getshdrstrndx(elf, &names) == 0;

	while (bounded && (scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		uint64_t len = gelf_getshdr(scn, &sh)
				       ? unpacked(scn, &sh, elf_strptr(elf, names, sh.sh_name))
				       : 0;

		bounded = len <= left;
		left -= len;
	}
	elf_end(elf);
	return bounded;
}

static Dwarf *dwarf_of(int fd)
{
	Dwarf *d = fd < 0 || !is_bounded(fd) ? NULL : dwarf_begin(fd, DWARF_C_READ);

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

	f->looked = true;
	open_again(f, tid);
	f->dwarf = dwarf_of(fcntl(f->bytes.fd, F_DUPFD_CLOEXEC, 0));
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
