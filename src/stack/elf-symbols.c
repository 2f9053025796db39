// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions by their addresses: elf(5).  By pread(2): a mapped file could be truncated under us. */
#include "config.h"

#include "stack/elf-symbols.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
	TABLE_MAX = 256 * 1024 * 1024, /* bytes of a symbol or string table */
	/* Whole entries of both classes; two pages, of which each is dear to touch the first time. */
	PIECE = 336 * sizeof(Elf64_Sym),
	NAME_PIECE = 256,
	NAME_MAX_LEN = 1024 * 1024,
	BACK_MAX = 16,   /* functions that may lie inside another one */
	SORT_AFTER = 16, /* passes take as long as to sort the table */
	TIES_MAX = 64,   /* names of one address that are compared */
};

/* How many bytes of want there are. */
static size_t read_at(const struct elf_bytes *from, uint64_t at, void *to, size_t want)
{
	ssize_t n;

	if (!from->image) {
		n = from->fd < 0 || at > INT64_MAX ? 0 : pread(from->fd, to, want, (off_t)at);
		return n < 0 ? 0 : (size_t)n;
	}
	if (at >= from->len)
		return 0;
	if (want > from->len - at)
		want = from->len - at;
	memcpy(to, from->image + at, want);
	return want;
}

bool elf_symbols_add(struct elf_symbols *s, Elf *elf, const struct elf_bytes *from, GElf_Word type)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh, names;
	GElf_Ehdr e;

	while ((scn = elf_nextscn(elf, scn)) && (!gelf_getshdr(scn, &sh) || sh.sh_type != type))
		;
	if (!scn || sh.sh_size > TABLE_MAX || !gelf_getshdr(elf_getscn(elf, sh.sh_link), &names) ||
	    names.sh_size > TABLE_MAX || !gelf_getehdr(elf, &e) ||
	    e.e_ident[EI_DATA] != (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB))
		return false;
	s->table[s->n++] = (struct symbol_table){
		.from = from,
		.at = sh.sh_offset,
		.len = sh.sh_size,
		.names = names.sh_offset,
		.names_len = names.sh_size,
		.entry = gelf_getclass(elf) == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym),
	};
	return true;
}

static inline Elf64_Sym symbol_of(const struct symbol_table *t, const unsigned char *raw)
{
	Elf64_Sym y;
	Elf32_Sym narrow;

	if (t->entry == sizeof(y)) {
		memcpy(&y, raw, sizeof(y));
		return y;
	}
	memcpy(&narrow, raw, sizeof(narrow));
	return (Elf64_Sym){ .st_name = narrow.st_name,
			    .st_info = narrow.st_info,
			    .st_other = narrow.st_other,
			    .st_shndx = narrow.st_shndx,
			    .st_value = narrow.st_value,
			    .st_size = narrow.st_size };
}

/* A table's defined symbols of some types, the table read a piece at a time. */
struct pass {
	const struct symbol_table *t;
	unsigned int types;       /* a bit each: 1 << STT_FUNC */
	size_t info_at, shndx_at; /* in a symbol */
	size_t have, used;        /* bytes of the piece */
	uint64_t read;            /* bytes of the table */
	uint32_t next;            /* symbol's number */
};

enum { FUNCTIONS = 1 << STT_FUNC | 1 << STT_GNU_IFUNC };

static unsigned char piece[PIECE];

_Static_assert(PIECE % sizeof(Elf32_Sym) == 0, "no entry lies in two pieces");

static struct pass pass_of(const struct symbol_table *t, unsigned int types)
{
	bool wide = t->entry == sizeof(Elf64_Sym);

	return (struct pass){
		.t = t,
		.types = types,
		.info_at = wide ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info),
		.shndx_at = wide ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx),
	};
}

static bool pass_read(struct pass *p)
{
	uint64_t left = p->t->len - p->read;

	p->have =
		read_at(p->t->from, p->t->at + p->read, piece, left < PIECE ? (size_t)left : PIECE);
	p->used = 0;
	p->read += p->have;
	return p->have >= p->t->entry;
}

/* Tables have tens of thousands, so that those of other types are left out before anything else is done with them. */
static inline bool pass_next(struct pass *p, Elf64_Sym *y)
{
	const size_t entry = p->t->entry;

	do {
		while (p->used + entry <= p->have) {
			const unsigned char *raw = piece + p->used;

			p->used += entry;
			p->next++;
			if (!(p->types >> ELF64_ST_TYPE(raw[p->info_at]) & 1) ||
			    !(raw[p->shndx_at] | raw[p->shndx_at + 1])) /* SHN_UNDEF */
				continue;
			*y = symbol_of(p->t, raw);
			return true;
		}
	} while (pass_read(p));
	return false;
}

/* --- names --- */

static const struct symbol_table *table_of(const struct elf_symbols *s, uint32_t at)
{
	return &s->table[at >> 31];
}

static bool symbol_at(const struct elf_symbols *s, uint32_t at, Elf64_Sym *y)
{
	const struct symbol_table *t = table_of(s, at);
	unsigned char raw[sizeof(*y)];

	if (read_at(t->from, t->at + (uint64_t)(at & INT32_MAX) * t->entry, raw, t->entry) !=
	    t->entry)
		return false;
	*y = symbol_of(t, raw);
	return y->st_name < t->names_len;
}

/* A name's beginning; how many bytes of want. */
static size_t read_name(const struct symbol_table *t, uint32_t name, char *to, size_t want)
{
	uint64_t left = name < t->names_len ? t->names_len - name : 0;

	return read_at(t->from, t->names + name, to, left < want ? (size_t)left : want);
}

/* Whole, without its version ("name@@VERSION"); the caller frees it.  NULL: it can't be read. */
static char *name_of(const struct elf_symbols *s, uint32_t at)
{
	char *name = NULL, *end;
	Elf64_Sym y;

	if (!symbol_at(s, at, &y))
		return NULL;
	for (size_t want = NAME_PIECE; want <= NAME_MAX_LEN; want *= 16) {
		size_t got;

		name = alloc_resize(name, want);
		got = read_name(table_of(s, at), y.st_name, name, want);
		end = memchr(name, '\0', got);
		if (end) {
			name[strcspn(name, "@")] = '\0';
			return name;
		}
		if (got < want)
			break;
	}
	alloc_free(name);
	return NULL;
}

/*
 * Which of several names for one address a person knows best, the lowest: exported before local ones ("kill" before
 * "__GI___kill"), then those with fewer leading underscores, then the file's order.
 */
static uint32_t rank_of(const struct elf_symbols *s, uint32_t at)
{
	uint32_t index = at & INT32_MAX, underscores = 0;
	char name[8];
	size_t n;
	Elf64_Sym y;

	if (!symbol_at(s, at, &y) ||
	    !(n = read_name(table_of(s, at), y.st_name, name, sizeof(name))))
		return UINT32_MAX;
	while (underscores < n && underscores < 7 && name[underscores] == '_')
		underscores++;
	return (uint32_t)(ELF64_ST_BIND(y.st_info) == STB_LOCAL) << 31 | underscores << 28 |
	       (index < 1U << 28 ? index : (1U << 28) - 1);
}

/* --- the function that holds an address --- */

/* The innermost ones so far, of those with a size and of those without one. */
struct best {
	struct symbol sized, bare;
	bool have_sized, have_bare;
	unsigned int ties;
	uint64_t last; /* start before the address */
};

static void better(const struct elf_symbols *s, struct best *b, struct symbol *best, bool *have,
		   const struct symbol *y)
{
	if (!*have || y->addr > best->addr ||
	    (y->addr == best->addr && b->ties++ < TIES_MAX &&
	     rank_of(s, y->at) < rank_of(s, best->at)))
		*best = *y;
	*have = true;
}

/* Symbols come in no order: what is asked first is false of most, and what isn't takes no branch. */
static inline void consider(const struct elf_symbols *s, struct best *b, uint64_t vaddr,
			    const struct symbol *y)
{
	uint64_t start = y->addr <= vaddr ? y->addr : 0;

	b->last = start > b->last ? start : b->last;
	if (vaddr - y->addr < y->size)
		better(s, b, &b->sized, &b->have_sized, y);
	else if (!y->size && y->addr <= vaddr)
		better(s, b, &b->bare, &b->have_bare, y);
}

/* Assembly often has no size: such a function reaches to the next one. */
static void conclude(const struct elf_symbols *s, struct best *b, struct elf_function *to)
{
	if (b->have_bare && b->bare.addr == b->last)
		better(s, b, &b->sized, &b->have_sized, &b->bare);
	to->name = b->have_sized ? name_of(s, b->sized.at) : NULL;
	to->off = to->vaddr - b->sized.addr;
}

/* Each function of the tables to one of them. */
static void pass_over(struct elf_symbols *s, struct elf_function *v, struct best *best,
		      unsigned int n)
{
	size_t functions = 0;
	Elf64_Sym y;

	for (unsigned int t = 0; t < s->n && (!t || s->both || !functions); t++) {
		struct pass p = pass_of(&s->table[t], FUNCTIONS);

		while (pass_next(&p, &y)) {
			struct symbol f = {
				.addr = y.st_value,
				.size = y.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)y.st_size,
				.at = (p.next - 1) | t << 31,
			};

			functions++;
			if (!v)
				s->sorted[s->nsorted++] = f;
			for (unsigned int i = 0; i < n; i++) {
				if (!v[i].name)
					consider(s, &best[i], v[i].vaddr, &f);
			}
		}
	}
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* How many bytes it keeps. */
static uint64_t sort(struct elf_symbols *s, uint64_t limit)
{
	uint64_t most = 0;

	for (unsigned int t = 0; t < s->n; t++)
		most += s->table[t].len / s->table[t].entry;
	if (!most || most * sizeof(*s->sorted) > limit)
		return 0;
	s->sorted = alloc_bytes(most * sizeof(*s->sorted));
	pass_over(s, NULL, NULL, 0);
	s->sorted = alloc_resize(s->sorted, (s->nsorted + 1) * sizeof(*s->sorted));
	qsort(s->sorted, s->nsorted, sizeof(*s->sorted), by_address);
	return s->nsorted * sizeof(*s->sorted);
}

/* Where in the sorted symbols those end that start at vaddr or before. */
static size_t end_of(const struct elf_symbols *s, uint64_t vaddr)
{
	size_t lo = 0, hi = s->nsorted;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->sorted[mid].addr <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint64_t elf_symbols_find(struct elf_symbols *s, struct elf_function *v, unsigned int n,
			  uint64_t limit)
{
	struct best best[ELF_ASK_MAX];
	uint64_t kept = 0;

	memset(best, 0, n * sizeof(best[0]));
	if (!s->sorted && ++s->passes == SORT_AFTER)
		kept = sort(s, limit);
	if (!s->sorted)
		pass_over(s, v, best, n);
	for (unsigned int i = 0; i < n; i++) {
		size_t to = end_of(s, v[i].vaddr);

		if (v[i].name)
			continue;
		for (size_t k = to > BACK_MAX ? to - BACK_MAX : 0; k < to; k++)
			consider(s, &best[i], v[i].vaddr, &s->sorted[k]);
		conclude(s, &best[i], &v[i]);
	}
	return kept;
}

/* --- variables --- */

void elf_symbols_values(const struct elf_symbols *s, const char *const *names, uint64_t *v,
			unsigned int n)
{
	char near[4096]; /* names of neighbours are neighbours, mostly */
	Elf64_Sym y;

	memset(v, 0, n * sizeof(v[0]));
	for (unsigned int t = 0; t < s->n; t++) {
		struct pass p = pass_of(&s->table[t], 1 << STT_OBJECT);
		uint64_t start = 0, end = 0;

		while (pass_next(&p, &y)) {
			for (unsigned int i = 0; i < n; i++) {
				size_t len = strlen(names[i]) + 1;

				if (y.st_name < start || y.st_name + len > end) {
					start = y.st_name;
					end = start + read_name(p.t, y.st_name, near, sizeof(near));
				}
				if (y.st_name + len <= end &&
				    !memcmp(near + (y.st_name - start), names[i], len))
					v[i] = y.st_value;
			}
		}
	}
}

void elf_symbols_free(struct elf_symbols *s)
{
	alloc_free(s->sorted);
	memset(s, 0, sizeof(*s));
}
