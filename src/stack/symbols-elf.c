// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Function names out of ELF symbol tables: elf(5).  Opens files of traced processes, which may be of any
 * content: all offsets and counts are checked, and nothing is mapped (a file can be truncated under us).
 */
#include "config.h"

#include "stack/symbols.h"

#include "stack/open.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
	SECTIONS_MAX = 1 << 16,
	TABLE_MAX = 256 * 1024 * 1024, /* bytes of a symbol or string table */
	NOTES_MAX = 64 * 1024,
	KEEP_MAX = 64, /* tables that nobody uses are kept up to this number */
	BACK_MAX = 16, /* functions that may lie inside another one */
};

struct symbol {
	uint64_t addr;
	uint32_t size;
	uint32_t name; /* offset in names */
	uint32_t rank; /* of several names for one address the lowest counts */
};

struct symtab {
	struct symtab *next;
	unsigned int refs;
	bool shared; /* in the list, by the file's identity: */
	dev_t dev;
	ino_t ino;
	off_t file_size;
	struct timespec mtime;

	struct symbol *v;
	size_t n;
	char *names;
	size_t names_len;
};

static struct symtab *tables;

/* Where bytes come from: a file or memory. */
struct input {
	int fd; /* -1: memory */
	const unsigned char *p;
	uint64_t size;
};

/* One section header of either class. */
struct section {
	uint32_t type, link;
	uint64_t addr, off, size, entsize;
};

static bool input_read(const struct input *in, uint64_t off, void *to, size_t len)
{
	if (off > in->size || len > in->size - off)
		return false;
	if (in->fd < 0) {
		memcpy(to, in->p + off, len);
		return true;
	}
	while (len) {
		ssize_t n = pread(in->fd, to, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to = (char *)to + n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static void *input_copy(const struct input *in, uint64_t off, uint64_t len)
{
	if (!len || len > TABLE_MAX || off > in->size || len > in->size - off)
		return NULL;

	void *p = alloc_bytes((size_t)len);

	if (input_read(in, off, p, (size_t)len))
		return p;
	alloc_free(p);
	return NULL;
}

static struct section parse_section(const unsigned char *p, bool is64)
{
	if (is64) {
		Elf64_Shdr h;

		memcpy(&h, p, sizeof(h));
		return (struct section){ h.sh_type,   h.sh_link, h.sh_addr,
					 h.sh_offset, h.sh_size, h.sh_entsize };
	}

	Elf32_Shdr h;

	memcpy(&h, p, sizeof(h));
	return (struct section){ h.sh_type,   h.sh_link, h.sh_addr,
				 h.sh_offset, h.sh_size, h.sh_entsize };
}

struct elf_view {
	struct input in;
	bool is64;
	struct section *sec; /* owned */
	size_t nsec;
};

static bool elf_open(struct elf_view *e)
{
	Elf64_Ehdr h64;
	Elf32_Ehdr h32;
	unsigned char ident[EI_NIDENT];
	static const unsigned char order =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

	e->sec = NULL;
	e->nsec = 0;
	if (!input_read(&e->in, 0, ident, sizeof(ident)) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    ident[EI_DATA] != order)
		return false;
	e->is64 = ident[EI_CLASS] == ELFCLASS64;
	if (!(e->is64 ? input_read(&e->in, 0, &h64, sizeof(h64))
		      : input_read(&e->in, 0, &h32, sizeof(h32))))
		return false;

	uint64_t off = e->is64 ? h64.e_shoff : h32.e_shoff;
	size_t n = e->is64 ? h64.e_shnum : h32.e_shnum;
	size_t size = e->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);

	if (!off || !n || n > SECTIONS_MAX || (e->is64 ? h64.e_shentsize : h32.e_shentsize) != size)
		return false;

	auto_free unsigned char *raw = input_copy(&e->in, off, n * size);

	if (!raw)
		return false;
	e->sec = alloc_zeroed(n, sizeof(*e->sec));
	e->nsec = n;
	for (size_t i = 0; i < n; i++)
		e->sec[i] = parse_section(raw + i * size, e->is64);
	return true;
}

static const struct section *find_section(const struct elf_view *e, uint32_t type)
{
	for (size_t i = 0; i < e->nsec; i++) {
		if (e->sec[i].type == type)
			return &e->sec[i];
	}
	return NULL;
}

static bool parse_symbol(const unsigned char *p, bool is64, struct symbol *s, unsigned char *info)
{
	uint16_t shndx;
	uint64_t size;

	if (is64) {
		Elf64_Sym y;

		memcpy(&y, p, sizeof(y));
		*info = y.st_info;
		shndx = y.st_shndx;
		size = y.st_size;
		*s = (struct symbol){ .addr = y.st_value, .name = y.st_name };
	} else {
		Elf32_Sym y;

		memcpy(&y, p, sizeof(y));
		*info = y.st_info;
		shndx = y.st_shndx;
		size = y.st_size;
		*s = (struct symbol){ .addr = y.st_value, .name = y.st_name };
	}
	s->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	/* STT_* are the same numbers in both classes. */
	return shndx != SHN_UNDEF &&
	       (ELF64_ST_TYPE(*info) == STT_FUNC || ELF64_ST_TYPE(*info) == STT_GNU_IFUNC);
}

/*
 * Which of several names a person knows best: exported before local ones ("kill" before "__GI___kill"), then
 * those with fewer leading underscores, then the file's order.
 */
static uint32_t rank_of(const char *name, unsigned char info, size_t index)
{
	uint32_t underscores = (uint32_t)strspn(name, "_");

	if (underscores > 7)
		underscores = 7;
	return (uint32_t)(ELF64_ST_BIND(info) == STB_LOCAL) << 31 | underscores << 28 |
	       (uint32_t)(index < 1U << 28 ? index : (1U << 28) - 1);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static struct symtab *load_table(const struct elf_view *e, const struct section *s)
{
	size_t size = e->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	if (!s || s->link >= e->nsec || s->entsize != size)
		return NULL;

	const struct section *str = &e->sec[s->link];
	auto_free unsigned char *raw = input_copy(&e->in, s->off, s->size);
	char *names = raw ? input_copy(&e->in, str->off, str->size) : NULL;

	if (!names)
		return NULL;

	struct symtab *t = alloc_zeroed(1, sizeof(*t));
	size_t n = (size_t)(s->size / size);

	t->refs = 1;
	t->names = names;
	t->names_len = (size_t)str->size;
	names[t->names_len - 1] = '\0';
	t->v = alloc_bytes(n * sizeof(*t->v));
	for (size_t i = 0; i < n; i++) {
		struct symbol *y = &t->v[t->n];
		unsigned char info;

		if (!parse_symbol(raw + i * size, e->is64, y, &info) || y->name >= t->names_len)
			continue;
		y->rank = rank_of(names + y->name, info, i);
		/* "name@@VERSION" */
		names[y->name + strcspn(names + y->name, "@")] = '\0';
		t->n++;
	}
	t->v = alloc_resize(t->v, t->n * sizeof(*t->v));
	qsort(t->v, t->n, sizeof(*t->v), by_address);
	return t;
}

/*
 * The build id names the file's debug information, if that is installed: /usr/lib/debug of our own root,
 * as the one of a container seldom has any.
 */
static int open_debug_file(const struct elf_view *e)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < e->nsec; i++) {
		const struct section *s = &e->sec[i];
		Elf64_Nhdr note; /* the same in both classes */
		unsigned char id[64];
		char path[256] = "/usr/lib/debug/.build-id/";
		size_t len = strlen(path);

		if (s->type != SHT_NOTE || s->size > NOTES_MAX ||
		    !input_read(&e->in, s->off, &note, sizeof(note)) ||
		    note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz < 2 ||
		    note.n_descsz > sizeof(id) ||
		    !input_read(&e->in, s->off + sizeof(note) + 4, id, note.n_descsz))
			continue;
		for (uint32_t k = 0; k < note.n_descsz; k++) {
			path[len++] = hex[id[k] >> 4];
			path[len++] = hex[id[k] & 15];
			if (!k)
				path[len++] = '/';
		}
		memcpy(path + len, ".debug", sizeof(".debug"));
		return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	return -1;
}

static struct symtab *load_debug_file(const struct elf_view *e)
{
	struct symtab *t = NULL;
	struct stat st;
	struct elf_view d = { .in.fd = open_debug_file(e) };

	if (d.in.fd < 0)
		return NULL;
	if (fstat(d.in.fd, &st) == 0 && S_ISREG(st.st_mode)) {
		d.in.size = (uint64_t)st.st_size;
		if (elf_open(&d))
			t = load_table(&d, find_section(&d, SHT_SYMTAB));
		alloc_free(d.sec);
	}
	close(d.in.fd);
	return t;
}

static struct symtab *load(const struct input *in)
{
	struct elf_view e = { .in = *in };
	struct symtab *t = NULL;

	if (elf_open(&e)) {
		t = load_table(&e, find_section(&e, SHT_SYMTAB));
		if (!t && in->fd >= 0)
			t = load_debug_file(&e);
		if (!t)
			t = load_table(&e, find_section(&e, SHT_DYNSYM));
	}
	alloc_free(e.sec);
	return t;
}

static void destroy(struct symtab *t)
{
	alloc_free(t->v);
	alloc_free(t->names);
	alloc_free(t);
}

/* Forgets unused tables until at most keep are left. */
static void trim(unsigned int keep)
{
	struct symtab **at = &tables;
	unsigned int n = 0;

	while (*at) {
		struct symtab *t = *at;

		if (++n <= keep || t->refs) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		destroy(t);
	}
}

static bool same_file(const struct symtab *t, const struct stat *st)
{
	return t->dev == st->st_dev && t->ino == st->st_ino && t->file_size == st->st_size &&
	       t->mtime.tv_sec == st->st_mtim.tv_sec && t->mtime.tv_nsec == st->st_mtim.tv_nsec;
}

struct symtab *symtab_of_file(int tid, const char *path)
{
	int fd = open_mapped(tid, path);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return NULL;
	}
	for (struct symtab *t = tables; t; t = t->next) {
		if (same_file(t, &st)) {
			close(fd);
			t->refs++;
			return t;
		}
	}

	struct input in = { .fd = fd, .size = (uint64_t)st.st_size };
	struct symtab *t = load(&in);

	close(fd);
	if (!t)
		return NULL;
	t->shared = true;
	t->dev = st.st_dev;
	t->ino = st.st_ino;
	t->file_size = st.st_size;
	t->mtime = st.st_mtim;
	t->next = tables;
	tables = t;
	trim(KEEP_MAX);
	return t;
}

struct symtab *symtab_of_memory(const void *p, size_t len)
{
	struct input in = { .fd = -1, .p = p, .size = len };

	return load(&in);
}

void symtab_unref(struct symtab *t)
{
	if (!t || --t->refs || t->shared)
		return;
	destroy(t);
}

void symtab_forget(void)
{
	trim(0);
}

const char *symtab_find(const struct symtab *t, uint64_t vaddr, uint64_t *off)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) { /* the first that starts behind vaddr */
		size_t mid = (lo + hi) / 2;

		if (t->v[mid].addr <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}

	const struct symbol *best = NULL;

	for (size_t i = lo, steps = 0; i-- > 0 && steps < BACK_MAX; steps++) {
		const struct symbol *s = &t->v[i];

		if (best && s->addr != best->addr)
			break;
		/* Assembly often has no size: such a function reaches to the next one. */
		if (s->size ? vaddr - s->addr < s->size : s->addr == t->v[lo - 1].addr)
			best = s;
	}
	if (!best)
		return NULL;
	*off = vaddr - best->addr;
	return t->names + best->name;
}
