// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory maps: proc_pid_maps(5).  ELF headers: elf(5); .eh_frame_hdr: Linux Standard Base Core 5.0,
 * 10.6.2.  May open /proc/TID/maps and read the tracee's memory.
 */
#include "config.h"

#include "procfs/procfs.h"
#include "stack/unwind-maps.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"

enum {
	TEXT_MAX =
		32 * 1024 * 1024, /* of /proc/TID/maps: 65530 mappings with long paths are less */
	PHDRS_MAX = 64,
	/* Encodings of pointers, LSB 10.5.1. */
	DW_EH_PE_UDATA4 = 0x03,
	DW_EH_PE_DATAREL_SDATA4 = 0x3b,
	DW_EH_PE_PCREL_SDATA4 = 0x1b,
	EH_FRAME_HDR_SIZE = 12,
	VDSO_MAX = 64 * 1024,
};

static int read_text(int tid, char **text)
{
	size_t len = 0, room = 64 * 1024;
	int fd = procfs_open(tid, "maps");

	if (fd < 0)
		return fd;
	*text = alloc_bytes(room);
	for (;;) {
		ssize_t n = read(fd, *text + len, room - len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (room - len - 1 < 4096) {
			if (room >= TEXT_MAX)
				break;
			room *= 2;
			*text = alloc_resize(*text, room);
		}
	}
	close(fd);
	(*text)[len] = '\0';
	if (len)
		return 0;
	alloc_free(*text); /* a zombie, or a kernel thread */
	*text = NULL;
	return -ESRCH;
}

/* "7f00-7f10 r-xp 00001000 fd:01 1234    /path": one line, terminated. */
static bool parse_line(char *line, struct unwind_map *m)
{
	char *p = line;

	memset(m, 0, sizeof(*m));
	m->start = strtoull(p, &p, 16);
	if (*p++ != '-')
		return false;
	m->end = strtoull(p, &p, 16);
	if (*p++ != ' ' || strlen(p) < 5)
		return false;
	m->write = p[1] == 'w';
	m->exec = p[2] == 'x';
	p += 4;
	m->off = strtoull(p, &p, 16);
	m->dev = strtoull(p, &p, 16);
	if (*p++ != ':')
		return false;
	m->dev = m->dev << 32 | strtoull(p, &p, 16);
	m->inode = strtoull(p, &p, 10);
	while (*p == ' ')
		p++;
	m->path = p;
	return m->start < m->end;
}

static bool has_file(const struct unwind_map *m)
{
	return m->inode || !strcmp(m->path, "[vdso]");
}

/* Does m continue the file of the mapping before?  Images start where offset 0 is mapped. */
static void place_image(struct unwind_maps *maps, struct unwind_map *m)
{
	if (!has_file(m))
		return;
	if (!m->off) {
		const struct unwind_map *last = maps->n ? &maps->map[maps->n - 1] : NULL;

		/* Small files: two segments can share the first page. */
		if (last && last->image && last->end == m->start && last->inode == m->inode &&
		    last->dev == m->dev)
			m->image = last->image;
		else
			m->image = ++maps->nimage;
		return;
	}
	/* .bss and other anonymous pieces may lie between. */
	for (unsigned int i = maps->n; i-- > 0 && maps->n - i < 16;) {
		const struct unwind_map *before = &maps->map[i];

		if (before->inode == m->inode && before->dev == m->dev) {
			m->image = before->image;
			return;
		}
	}
}

int unwind_maps_read(struct unwind_maps *m, int tid)
{
	char *text = NULL, *next;
	unsigned int room = 0;
	int err = read_text(tid, &text);

	memset(m, 0, sizeof(*m));
	if (err)
		return err;
	m->text = text;
	for (char *line = text; line && *line; line = next) {
		struct unwind_map one;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(line, &one))
			continue;
		if (m->n == room) {
			room = room ? 2 * room : 64;
			m->map = alloc_resize(m->map, room * sizeof(*m->map));
		}
		place_image(m, &one);
		m->map[m->n++] = one;
	}
	if (m->nimage)
		m->image = alloc_zeroed(m->nimage, sizeof(*m->image));
	return 0;
}

void unwind_maps_free(struct unwind_maps *m)
{
	for (unsigned int i = 0; i < m->nimage; i++)
		elf_file_put(m->image[i].file);
	alloc_free(m->image);
	alloc_free(m->map);
	alloc_free(m->text);
	memset(m, 0, sizeof(*m));
}

const struct unwind_map *unwind_maps_find(const struct unwind_maps *m, uint64_t addr)
{
	unsigned int lo = 0, hi = m->n;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (addr >= m->map[mid].end)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->n && addr >= m->map[lo].start ? &m->map[lo] : NULL;
}

static const struct unwind_map *next_code(const struct unwind_maps *m, unsigned int *i)
{
	while (*i < m->n) {
		const struct unwind_map *map = &m->map[(*i)++];

		if (map->exec)
			return map;
	}
	return NULL;
}

bool unwind_maps_same_code(const struct unwind_maps *a, const struct unwind_maps *b)
{
	unsigned int ia = 0, ib = 0;

	for (;;) {
		const struct unwind_map *x = next_code(a, &ia), *y = next_code(b, &ib);

		if (!x || !y)
			return !x && !y;
		if (x->start != y->start || x->end != y->end || x->off != y->off ||
		    x->dev != y->dev || x->inode != y->inode || strcmp(x->path, y->path))
			return false;
	}
}

/* What both classes of program headers say. */
struct segment {
	uint32_t type;
	uint64_t off, vaddr, memsz;
};

static struct segment parse_phdr(const unsigned char *p, bool is64)
{
	if (is64) {
		Elf64_Phdr h;

		memcpy(&h, p, sizeof(h));
		return (struct segment){ h.p_type, h.p_offset, h.p_vaddr, h.p_memsz };
	}

	Elf32_Phdr h;

	memcpy(&h, p, sizeof(h));
	return (struct segment){ h.p_type, h.p_offset, h.p_vaddr, h.p_memsz };
}

static unsigned int read_segments(const struct memory *mem, uint64_t base, struct segment *v)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf64_Ehdr h64;
		Elf32_Ehdr h32;
	} e;
	unsigned char raw[PHDRS_MAX * sizeof(Elf64_Phdr)];

	if (memory_read(mem, base, &e, sizeof(e)) != sizeof(e) ||
	    memcmp(e.ident, ELFMAG, SELFMAG) != 0)
		return 0;

	bool is64 = e.ident[EI_CLASS] == ELFCLASS64;
	unsigned int n = is64 ? e.h64.e_phnum : e.h32.e_phnum;
	uint64_t off = is64 ? e.h64.e_phoff : e.h32.e_phoff;
	size_t size = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (n > PHDRS_MAX || (is64 ? e.h64.e_phentsize : e.h32.e_phentsize) != size ||
	    memory_read(mem, base + off, raw, n * size) != (ssize_t)(n * size))
		return 0;
	for (unsigned int i = 0; i < n; i++)
		v[i] = parse_phdr(raw + i * size, is64);
	return n;
}

/* Only the form that all linkers write: a sorted table of 32-bit offsets. */
static void read_eh_frame_hdr(struct unwind_image *im, const struct memory *mem, uint64_t addr)
{
	unsigned char raw[EH_FRAME_HDR_SIZE];

	if (memory_read(mem, addr, raw, sizeof(raw)) != sizeof(raw))
		return;

	struct reader r = reader_of(raw, sizeof(raw));

	if (read_u8(&r) != 1 || read_u8(&r) != DW_EH_PE_PCREL_SDATA4 ||
	    read_u8(&r) != DW_EH_PE_UDATA4 || read_u8(&r) != DW_EH_PE_DATAREL_SDATA4)
		return;
	read_u32(&r); /* eh_frame_ptr: the table's entries point there already */

	uint64_t count = read_u32(&r);

	if (!count)
		return;
	im->eh_frame_hdr = addr;
	im->table = addr + EH_FRAME_HDR_SIZE;
	im->table_len = count * 8;
}

static void look(struct unwind_image *im, const struct unwind_map *first, const struct memory *mem)
{
	struct segment seg[PHDRS_MAX];
	unsigned int n = read_segments(mem, first->start, seg);
	uint64_t eh = 0;
	bool have_bias = false;

	im->looked = true;
	for (unsigned int i = 0; i < n && !have_bias; i++) {
		/* The first one holds the headers, and with them file offset 0. */
		if (seg[i].type != PT_LOAD)
			continue;
		im->bias = first->start - (seg[i].vaddr - seg[i].off);
		have_bias = true;
	}
	if (!have_bias)
		return;
	im->elf = true;
	im->lo = UINT64_MAX;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t lo = seg[i].vaddr + im->bias;

		if (seg[i].type == PT_GNU_EH_FRAME)
			eh = lo;
		if (seg[i].type != PT_LOAD)
			continue;
		if (lo < im->lo)
			im->lo = lo;
		if (lo + seg[i].memsz > im->hi)
			im->hi = lo + seg[i].memsz;
	}
	if (eh)
		read_eh_frame_hdr(im, mem, eh);
}

static const struct unwind_map *first_of(const struct unwind_maps *m, const struct unwind_map *map)
{
	const struct unwind_map *first = map;

	for (const struct unwind_map *i = map; i >= m->map; i--) {
		if (i->image == map->image && !i->off)
			first = i;
	}
	return first;
}

struct unwind_image *unwind_maps_image(struct unwind_maps *m, const struct unwind_map *map,
				       const struct memory *mem)
{
	if (!map->image)
		return NULL;

	struct unwind_image *im = &m->image[map->image - 1];

	if (!im->looked)
		look(im, first_of(m, map), mem);
	return im->elf ? im : NULL;
}

struct elf_file *unwind_image_file(struct unwind_image *im, const struct unwind_map *map, int tid,
				   const struct memory *mem)
{
	size_t len = (size_t)(map->end - map->start);

	if (im->opened)
		return im->file;
	im->opened = true;
	if (map->inode) {
		im->file =
			elf_file_open(tid, &(struct elf_mapping){ map->path, map->start, map->end,
								  map->dev, map->inode });
	} else if (len <= VDSO_MAX) { /* [vdso]: there is no file */
		unsigned char *raw = alloc_bytes(len);

		if (memory_read(mem, map->start, raw, len) == (ssize_t)len)
			im->file = elf_file_of_memory(raw, len);
		else
			alloc_free(raw);
	}
	return im->file;
}
