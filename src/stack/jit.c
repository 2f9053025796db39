// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Linux's tools/perf/Documentation/jit-interface.txt: a line for each piece of code, "START SIZE NAME", in hex.  It is
 * believed where the process's user or root owns it, for /tmp is everybody's; all of it may be garbage.
 */
#include "config.h"

#include "stack/jit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "procfs/procfs.h"
#include "stack/jitdump.h"
#include "stack/open.h"

enum {
	READ_MAX = 64 * 1024 * 1024, /* bytes of a map, at a time */
	LINE_MAX_HERE = 4096,        /* of the file */
	AGAIN = 1000000000,          /* ns: code that is known may have been replaced */
};

/* --- the map --- */

static void parse_line(struct jit *j, char *line, size_t len)
{
	char *p, *q;
	uint64_t start = strtoull(line, &p, 16);
	uint64_t size = strtoull(p, &q, 16);

	if (p != line && q != p && *q == ' ')
		jit_add(&j->codes, start, size, q + 1, len - (size_t)(q + 1 - line), NULL, 0);
}

/* Whole lines from at on; how many bytes they are. */
static uint64_t parse_map(struct jit *j, int fd, uint64_t at)
{
	static char buf[256 * 1024];
	uint64_t begin = at;
	ssize_t n;

	while (at - begin < READ_MAX && (n = pread(fd, buf, sizeof(buf) - 1, (off_t)at)) > 0) {
		char *line = buf, *end;

		buf[n] = '\0';
		while ((end = memchr(line, '\n', (size_t)(buf + n - line)))) {
			*end = '\0';
			if (end - line <= LINE_MAX_HERE)
				parse_line(j, line, (size_t)(end - line));
			line = end + 1;
		}
		if (line == buf && (size_t)n < sizeof(buf) - 1)
			break; /* it is being written */
		at += line == buf ? (uint64_t)n : (uint64_t)(line - buf);
	}
	return at;
}

static void forget(struct jit *j)
{
	jit_codes_free(&j->codes);
	j->map = j->dump = (struct jit_source){ 0 };
}

/* Is there something new in it?  Another file makes us forget what the last one said. */
static bool grew(struct jit *j, struct jit_source *s, const struct stat *st)
{
	if (s->inode &&
	    (s->dev != st->st_dev || s->inode != st->st_ino || (uint64_t)st->st_size < s->done))
		forget(j);
	s->dev = st->st_dev;
	s->inode = st->st_ino;
	return (uint64_t)st->st_size > s->done;
}

static bool belongs(int tgid, const struct stat *st)
{
	struct stat process;

	return !st->st_uid ||
	       (!stat(procfs_path(tgid, "status").s, &process) && process.st_uid == st->st_uid);
}

static void read_map(struct jit *j, int tgid)
{
	uint64_t pid = inner_tid(tgid);
	struct stat st;
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/tmp/perf-%llu.map", (unsigned long long)pid);
	fd = pid ? open_in_root(tgid, path, &st) : -1;
	if (fd < 0)
		return;
	if (belongs(tgid, &st) && grew(j, &j->map, &st))
		j->map.done = parse_map(j, fd, j->map.done);
	close(fd);
}

/* A compiler maps its dump to say where it is. */
static void read_dump(struct jit *j, const struct unwind_maps *maps, int tgid)
{
	for (unsigned int i = 0; i < maps->n; i++) {
		const struct unwind_map *m = &maps->map[i];
		const char *slash = m->exec && m->inode ? strrchr(m->path, '/') : NULL;
		struct stat st;
		int fd;

		if (!slash || strncmp(slash, "/jit-", 5) != 0 || !strstr(slash, ".dump"))
			continue;
		fd = open_in_root(tgid, m->path, &st);
		if (fd < 0)
			return;
		if (st.st_ino == m->inode && belongs(tgid, &st) && grew(j, &j->dump, &st))
			j->dump.done = jitdump_read(&j->codes, fd, j->dump.done);
		close(fd);
		return;
	}
}

static void refresh(struct jit *j, const struct unwind_maps *maps, int tgid)
{
	j->asked = true;
	j->asked_at = clock_ns(CLOCK_MONOTONIC_COARSE);
	read_map(j, tgid);
	read_dump(j, maps, tgid);
	jit_codes_sort(&j->codes);
}

void jit_begin(struct jit *j)
{
	j->asked = false;
}

bool jit_find(struct jit *j, const struct unwind_maps *maps, int tgid, uint64_t pc,
	      struct jit_place *place)
{
	const struct jit_code *c = jit_code_at(&j->codes, pc);

	if (!j->asked && (!c || clock_ns(CLOCK_MONOTONIC_COARSE) - j->asked_at > AGAIN)) {
		refresh(j, maps, tgid);
		c = jit_code_at(&j->codes, pc);
	}
	if (!c)
		return false;
	*place = (struct jit_place){ c->function, c->file, pc - c->start, c->line };
	for (uint32_t i = 0; i < c->nlines && c->lines[i].addr - c->shift <= pc; i++) {
		place->file = c->lines[i].file;
		place->line = c->lines[i].line;
	}
	return true;
}

void jit_free(struct jit *j)
{
	forget(j);
	memset(j, 0, sizeof(*j));
}
