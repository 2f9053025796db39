// SPDX-License-Identifier: LGPL-2.1-or-later
/* Linux's tools/perf/Documentation/jitdump-specification.txt; in the machine's byte order, else it is not read. */
#include "config.h"

#include "stack/jitdump.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"

enum {
	RECORDS_MAX = 1 << 20, /* at a time */
	PART_MAX = 256 * 1024, /* of a record that is looked at: what follows a name is code */
	LINES_MAX = 8192,
	HEADER = 40,
	RECORD = 16, /* kind, size, time */
	CODE_LOAD = 0,
	DEBUG_INFO = 2,
};

/* What was said of code that is still to come. */
struct pending {
	uint64_t addr;
	struct jit_line *lines;
	uint32_t n;
};

static const char *string_of(struct reader *r, size_t *len)
{
	const unsigned char *end = r->failed ? NULL : memchr(r->p, 0, r->left);

	if (!end)
		return NULL;
	*len = (size_t)(end - r->p);
	return (const char *)read_bytes(r, *len + 1);
}

static void debug_info(struct jit_codes *j, struct reader *r, struct pending *p)
{
	uint64_t addr = read_u64(r), n = read_u64(r);
	const char *file = NULL;
	size_t len;

	*p = (struct pending){ .addr = addr };
	if (n > LINES_MAX)
		n = LINES_MAX;
	p->lines = r->failed || !n ? NULL : jit_room(j, n * sizeof(*p->lines));
	for (uint64_t i = 0; p->lines && i < n; i++) {
		struct jit_line l = { .addr = read_u64(r) };

		l.line = read_u32(r);
		read_u32(r);

		const char *name = string_of(r, &len);
		char *copy;

		if (!name)
			break;
		/* "\xff": the same file as before */
		if (strcmp(name, "\xff") != 0 && (!file || strcmp(name, file) != 0)) {
			copy = jit_room(j, len + 1);
			if (!copy)
				break;
			memcpy(copy, name, len);
			file = copy;
		}
		l.file = file;
		if (file)
			p->lines[p->n++] = l;
	}
}

/* Code: its name, and in front of that six numbers and two of 4 bytes. */
static void code_load(struct jit_codes *j, struct reader *r, struct pending *p)
{
	size_t len;

	read_u64(r); /* pid, tid */
	read_u64(r); /* vma */

	uint64_t addr = read_u64(r), size = read_u64(r);

	read_u64(r);

	const char *name = string_of(r, &len);

	if (name)
		jit_add(j, addr, size, name, len, p->lines, p->lines && p->addr == addr ? p->n : 0);
	*p = (struct pending){ 0 };
}

uint64_t jitdump_read(struct jit_codes *j, int fd, uint64_t at)
{
	static const uint32_t magic = 0x4a695444; /* "JiTD" */
	static unsigned char part[PART_MAX];
	struct pending p = { 0 };
	uint32_t head[4];
	uint64_t done;

	if (!at) {
		if (pread(fd, head, sizeof(head), 0) != sizeof(head) || head[0] != magic ||
		    head[2] < HEADER)
			return 0;
		at = head[2];
	}
	done = at; /* what is said of code that isn't there yet is read again */
	for (unsigned int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = pread(fd, head, RECORD, (off_t)at);

		if (n != RECORD || head[1] < RECORD)
			break;

		size_t want = head[1] - RECORD < PART_MAX ? head[1] - RECORD : PART_MAX;

		/* Half a record: it is being written. */
		if (want && pread(fd, part, 1, (off_t)(at + head[1] - 1)) != 1)
			break;
		if (head[0] == CODE_LOAD || head[0] == DEBUG_INFO) {
			n = pread(fd, part, want, (off_t)(at + RECORD));

			struct reader r = reader_of(part, n > 0 ? (size_t)n : 0);

			if (head[0] == DEBUG_INFO)
				debug_info(j, &r, &p);
			else
				code_load(j, &r, &p);
		}
		if (!p.lines)
			done = at + head[1];
		at += head[1];
	}
	return done;
}
