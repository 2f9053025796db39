// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of traced tasks, by number and as a dense array for rounds over all. */
#include "config.h"

#include "live/tracee.h"

#include <unistd.h>

#include "base/alloc.h"
#include "ptrace/memory.h"

enum {
	MEMORY_AFTER =
		32, /* looks, two a message: opening the file costs as much as it saves on those */
	MEMORY_FILES_MAX = 128,
};

struct tracee *tracees_find(const struct tracees *tt, int tid)
{
	return map_get(&tt->by_tid, (uint64_t)tid);
}

struct process *process_find(const struct tracees *tt, int tgid)
{
	return map_get(&tt->by_tgid, (uint64_t)tgid);
}

struct tracee *tracees_add(struct tracees *tt, int tid, int tgid)
{
	struct tracee *tr = alloc_zeroed(1, sizeof(*tr));
	struct process *p = process_find(tt, tgid);

	if (!p) {
		p = alloc_zeroed(1, sizeof(*p));
		p->tgid = tgid;
		map_put(&tt->by_tgid, (uint64_t)tgid, p);
	}
	p->ntasks++;
	tr->tid = tid;
	tr->process = p;
	if (tt->n == tt->room) {
		tt->room = tt->room ? tt->room * 2 : 16;
		tt->v = alloc_resize(tt->v, tt->room * sizeof(*tt->v));
	}
	tr->index = tt->n;
	tt->v[tt->n++] = tr;
	map_put(&tt->by_tid, (uint64_t)tid, tr);
	return tr;
}

int tracees_drop(struct tracees *tt, struct tracee *tr)
{
	struct process *p = tr->process;
	struct tracee *last = tt->v[--tt->n];
	int gone = 0;

	tt->v[tr->index] = last;
	last->index = tr->index;
	map_remove(&tt->by_tid, (uint64_t)tr->tid);
	alloc_free(tr);
	if (!--p->ntasks) {
		gone = p->tgid;
		map_remove(&tt->by_tgid, (uint64_t)p->tgid);
		process_memory_close(tt, p);
		fds_free(&p->fds);
		received_forget(&p->received);
		alloc_free(p);
	}
	return gone;
}

void tracees_rename(struct tracees *tt, struct tracee *tr, int tid)
{
	map_remove(&tt->by_tid, (uint64_t)tr->tid);
	tr->tid = tid;
	map_put(&tt->by_tid, (uint64_t)tid, tr);
}

void tracees_free(struct tracees *tt)
{
	while (tt->n) {
		struct tracee *tr = tt->v[tt->n - 1];

		event_free(tr->ev);
		tracees_drop(tt, tr);
	}
	alloc_free(tt->v);
	map_free(&tt->by_tid);
	map_free(&tt->by_tgid);
	*tt = (struct tracees){ 0 };
}

void process_dgram_set(struct process *p, int fd, bool is)
{
	uint64_t bit = 1ULL << (fd & 63);

	if (fd < 0 || fd >= DGRAM_FDS)
		return;
	if (is)
		p->dgram[fd / 64] |= bit;
	else
		p->dgram[fd / 64] &= ~bit;
}

bool process_dgram(const struct process *p, int fd)
{
	return fd >= 0 && fd < DGRAM_FDS && (p->dgram[fd / 64] >> (fd & 63) & 1);
}

int process_memory(struct tracees *tt, struct tracee *tr)
{
	struct process *p = tr->process;
	int fd;

	if (p->looks != MEMORY_AFTER && ++p->looks == MEMORY_AFTER &&
	    tt->memory_files < MEMORY_FILES_MAX) {
		fd = ptrace_memory_open(tr->tid);
		p->memory_file = fd < 0 ? 0 : fd + 1;
		tt->memory_files += fd >= 0;
	}
	return p->memory_file;
}

void process_memory_close(struct tracees *tt, struct process *p)
{
	if (p->memory_file) {
		close(p->memory_file - 1);
		tt->memory_files--;
	}
	p->memory_file = 0;
	p->looks = 0;
}
