/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory map of a process, and the ELF images in it: what walking and naming both look things up in.  The
 * map owns its paths.  Read from /proc/TID/maps, ELF headers from the process's memory.
 */
#ifndef CMSGTRACE_STACK_UNWIND_MAPS_H
#define CMSGTRACE_STACK_UNWIND_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "stack/elf-file.h"

/* What a walk had looked at by then: so many reads, and registers beside pc, sp and fp, a bit each. */
struct walk_point {
	unsigned int reads;
	uint64_t used;
};

/* A frame: exact where pc is the instruction that runs next, not a return address. */
struct stack_pc {
	uint64_t pc, sp;
	bool exact;
	struct walk_point by;
};

/* One loaded ELF file. Addresses are the process's. */
struct unwind_image {
	bool looked;           /* the headers were read, or can't be */
	bool elf;              /* they are an ELF file's */
	uint64_t bias;         /* address = vaddr in the file + bias */
	uint64_t lo, hi;       /* all of its segments */
	uint64_t eh_frame_hdr; /* 0: none, or in a form that we don't know */
	uint64_t table, table_len;
	bool opened;           /* what follows is known */
	struct elf_file *file; /* NULL: none, or it can't be read */
};

struct unwind_map {
	uint64_t start, end, off;
	uint64_t dev, inode;
	bool exec, write;
	const char *path;   /* "" for anonymous memory; shared by neighbours of one file */
	unsigned int image; /* + 1, index into images; 0: no ELF image starts here or before */
};

struct unwind_maps {
	struct unwind_map *map;
	unsigned int n;
	struct unwind_image *image;
	unsigned int nimage;
	char *text; /* holds the paths */
};

/* 0 or negative errno. */
int unwind_maps_read(struct unwind_maps *m, int tid);
void unwind_maps_free(struct unwind_maps *m);
/* The mapping that holds addr, or NULL. */
const struct unwind_map *unwind_maps_find(const struct unwind_maps *m, uint64_t addr);
/* Do both have the same executable mappings?  Then what was cached about code still holds. */
bool unwind_maps_same_code(const struct unwind_maps *a, const struct unwind_maps *b);
/* The ELF image that a mapping belongs to, its headers read; NULL where it is none. */
struct unwind_image *unwind_maps_image(struct unwind_maps *m, const struct unwind_map *map,
				       const struct memory *mem);
/* The file of the image that map belongs to, as task tid sees it, or NULL; the image holds it. */
struct elf_file *unwind_image_file(struct unwind_image *im, const struct unwind_map *map, int tid,
				   const struct memory *mem);
#endif
