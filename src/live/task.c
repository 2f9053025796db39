// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of tasks, by number and as a dense array for rounds over all. */
#include "config.h"

#include "live/task.h"

#include "base/alloc.h"

static size_t at_least(size_t size, size_t least)
{
	return size > least ? size : least;
}

struct task *tasks_find(const struct tasks *tt, int tid)
{
	return map_get(&tt->by_tid, (uint64_t)tid);
}

struct process *process_find(const struct tasks *tt, int tgid)
{
	return map_get(&tt->by_tgid, (uint64_t)tgid);
}

struct task *tasks_add(struct tasks *tt, int tid, int tgid)
{
	struct task *t = alloc_zeroed(1, at_least(tt->task_size, sizeof(*t)));
	struct process *p = process_find(tt, tgid);

	if (!p) {
		p = alloc_zeroed(1, at_least(tt->process_size, sizeof(*p)));
		p->tgid = tgid;
		map_put(&tt->by_tgid, (uint64_t)tgid, p);
	}
	p->ntasks++;
	t->tid = tid;
	t->process = p;
	if (tt->n == tt->room) {
		tt->room = tt->room ? tt->room * 2 : 16;
		tt->v = alloc_resize(tt->v, tt->room * sizeof(*tt->v));
	}
	t->index = tt->n;
	tt->v[tt->n++] = t;
	map_put(&tt->by_tid, (uint64_t)tid, t);
	return t;
}

int tasks_drop(struct tasks *tt, struct task *t)
{
	struct process *p = t->process;
	struct task *last = tt->v[--tt->n];
	int gone = 0;

	tt->v[t->index] = last;
	last->index = t->index;
	map_remove(&tt->by_tid, (uint64_t)t->tid);
	alloc_free(t);
	if (!--p->ntasks) {
		gone = p->tgid;
		map_remove(&tt->by_tgid, (uint64_t)p->tgid);
		if (tt->process_gone)
			tt->process_gone(tt->ctx, p);
		fds_free(&p->fds);
		received_forget(&p->received);
		alloc_free(p);
	}
	return gone;
}

void tasks_rename(struct tasks *tt, struct task *t, int tid)
{
	map_remove(&tt->by_tid, (uint64_t)t->tid);
	t->tid = tid;
	map_put(&tt->by_tid, (uint64_t)tid, t);
}

void tasks_free(struct tasks *tt)
{
	while (tt->n) {
		struct task *t = tt->v[tt->n - 1];

		sock_unref(t->call.sock);
		event_free(t->call.ev);
		tasks_drop(tt, t);
	}
	alloc_free(tt->v);
	map_free(&tt->by_tid);
	map_free(&tt->by_tgid);
	*tt = (struct tasks){ 0 };
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
