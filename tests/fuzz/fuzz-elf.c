// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: no file that a process has mapped makes the reader of ELF files, or what follows its call frame information and
 * its lines, misbehave or take long.
 *
 * Input: the file.  It is opened as a mapped one is, asked for the functions and lines of addresses that its headers
 * speak of and of some that they don't, and walked through by its call frame information on a stack of its bytes.
 */
#include "config.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FUZZ_CORPUS "corpus-elf"
#include "fuzz/fuzz-main.h"

#include "base/alloc.h"
#include "stack/elf-file.h"
/* the file under test: what it needs of a process is below */
#include "stack/unwind-dwarf.c"

static struct {
	struct unwind_image image;
	struct unwind_map map;
	const uint8_t *data;
	size_t size;
} process;

struct unwind_image *walk_image(struct walk *w, uint64_t pc, const struct unwind_map **map)
{
	(void)w;
	(void)pc;
	*map = &process.map;
	return &process.image;
}

struct elf_file *unwind_image_file(struct unwind_image *im, const struct unwind_map *map, int tid,
				   const struct memory *mem)
{
	(void)map;
	(void)tid;
	(void)mem;
	return im->file;
}

bool walk_read_word(struct walk *w, uint64_t addr, uint64_t *v)
{
	*v = 0;
	if (process.size < w->reg.word)
		return false;
	memcpy(v, process.data + addr % (process.size - w->reg.word + 1), w->reg.word);
	return true;
}

static void walk(uint64_t pc, unsigned int word)
{
	struct walk w = { .reg.word = word };
	bool exact = true;

	w.reg.v[arch_native->pc] = pc;
	w.reg.v[arch_native->sp] = 64;
	for (unsigned int i = 0; i < WALK_FRAMES && dwarf_step(&w, &exact) == DWARF_STEP; i++)
		;
}

static void ask(struct elf_file *f, uint64_t vaddr)
{
	struct elf_source v[ELF_SOURCES_MAX];
	struct elf_function asked[2] = { { .vaddr = vaddr }, { .vaddr = vaddr + 64 } };
	unsigned int n = elf_file_sources(f, getpid(), vaddr, v);

	elf_file_functions(f, getpid(), asked, 2);
	for (unsigned int i = 0; i < 2; i++)
		alloc_free(asked[i].name);
	if (n > ELF_SOURCES_MAX)
		abort();
	for (unsigned int i = 0; i < n; i++) {
		if (v[i].symbol && strlen(v[i].symbol) == SIZE_MAX)
			abort();
		if (v[i].file && strlen(v[i].file) == SIZE_MAX)
			abort();
	}
	walk(vaddr, 8);
	if (arch_native->regs32)
		walk(vaddr, 4);
}

/* Every address that the headers may mean: whatever stands at eight bytes of the file's first kilobytes. */
static void ask_all(struct elf_file *f, const uint8_t *data, size_t size)
{
	uint64_t v, seen = 1;

	for (size_t at = 0; at + sizeof(v) <= size && at < 1024; at += sizeof(v)) {
		memcpy(&v, data + at, sizeof(v));
		if (v == seen || v > UINT64_MAX - 64)
			continue;
		seen = v;
		ask(f, v);
		ask(f, v + 5);
	}
	ask(f, UINT64_MAX);
}

static const char *write_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("file", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	return ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size ? NULL : path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_mapping m = { .path = write_file(data, size), .end = size };
	struct stat st;
	void *copy;

	if (!m.path || stat(m.path, &st))
		return 0;
	m.dev = (uint64_t)major(st.st_dev) << 32 | minor(st.st_dev);
	m.inode = st.st_ino;
	process.data = data;
	process.size = size;
	process.image.file = elf_file_open(getpid(), &m);
	if (process.image.file) {
		ask_all(process.image.file, data, size);
		elf_file_put(process.image.file);
	}
	/* as the vdso is: its image in memory */
	copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	process.image.file = elf_file_of_memory(copy, size);
	if (process.image.file) {
		ask_all(process.image.file, data, size);
		elf_file_put(process.image.file);
	}
	elf_files_free();
	return 0;
}
