// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tasks, descriptors and sockets of a log. Pure. */
#include "config.h"

#include "strace/state.h"

#include <string.h>

#include "base/alloc.h"

/* A log may fork without end, and each child gets its parent's descriptors: all of them together count. */
enum {
	TASKS_MAX = 65536,
	FDS_MAX = 65536,
	SLOTS_MAX = 1 << 18,
	SOCKS_MAX = 2 * 65536,
	CLOSED_MAX = 4096
};

/* An open socket: descriptors of any task point to it. */
struct open_sock {
	struct strace_state *st;
	unsigned int refs;
	struct sock *now;
};

struct strace_fds {
	struct strace_state *st;
	unsigned int refs; /* threads share theirs */
	struct map map;    /* fd -> open_sock, its address made odd where it closes on exec */
	struct map closed; /* fd -> the line that closed it, where nothing opened it again */
};

static void *slot_of(struct open_sock *s, bool cloexec)
{
	return (char *)s + cloexec;
}

static bool slot_cloexec(const void *slot)
{
	return (uintptr_t)slot & 1;
}

static struct open_sock *slot_sock(void *slot)
{
	return slot ? (void *)((char *)slot - slot_cloexec(slot)) : NULL;
}

static void open_unref(struct open_sock *s)
{
	if (--s->refs)
		return;
	s->st->socks--;
	sock_unref(s->now);
	alloc_free(s);
}

static struct strace_fds *fds_new(struct strace_state *st)
{
	struct strace_fds *f = alloc_zeroed(1, sizeof(*f));

	f->st = st;
	f->refs = 1;
	return f;
}

static void closed_forget(struct strace_fds *f, int fd)
{
	if (map_remove(&f->closed, (uint64_t)(uint32_t)fd))
		f->st->slots--;
}

static void slot_put(struct strace_fds *f, int fd, struct open_sock *s, bool cloexec)
{
	struct open_sock *before = slot_sock(map_get(&f->map, (uint64_t)(uint32_t)fd));

	if (fd < 0 || (!before && (f->map.n >= FDS_MAX || f->st->slots >= SLOTS_MAX)))
		return;
	s->refs++;
	if (before)
		open_unref(before);
	else
		f->st->slots++;
	map_put(&f->map, (uint64_t)(uint32_t)fd, slot_of(s, cloexec));
	closed_forget(f, fd);
}

static struct strace_fds *fds_copy(const struct strace_fds *from)
{
	struct strace_fds *f = fds_new(from->st);
	struct map_slot *s;

	if (from->st->slots >= SLOTS_MAX)
		return f;
	f->map = map_copy(&from->map);
	f->closed = map_copy(&from->closed);
	f->st->slots += f->map.n + f->closed.n;
	for (size_t i = 0; (s = map_next(&f->map, &i));)
		slot_sock(s->value)->refs++;
	return f;
}

static void slot_free(struct strace_fds *f, void *slot)
{
	f->st->slots--;
	open_unref(slot_sock(slot));
}

static void fds_unref(struct strace_fds *f)
{
	struct map_slot *s;

	if (--f->refs)
		return;
	for (size_t i = 0; (s = map_next(&f->map, &i));)
		slot_free(f, s->value);
	f->st->slots -= f->closed.n;
	map_free(&f->map);
	map_free(&f->closed);
	alloc_free(f);
}

static void task_free(struct strace_task *t)
{
	fds_unref(t->fds);
	proc_unref(t->proc);
	alloc_free(t);
}

void strace_state_free(struct strace_state *st)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&st->tasks, &i));)
		task_free(s->value);
	map_free(&st->tasks);
	st->last = st->cloner = NULL;
}

static void task_inherit(struct strace_task *t, const struct strace_task *parent, bool share)
{
	if (share) {
		t->fds = parent->fds;
		t->fds->refs++;
	} else {
		t->fds = fds_copy(parent->fds);
	}
	t->abi = parent->abi;
	t->proc = proc_ref(parent->proc);
	memcpy(t->comm, parent->comm, sizeof(t->comm));
}

static struct strace_task *task_new(struct strace_state *st, int tid)
{
	struct strace_task *t = alloc_zeroed(1, sizeof(*t));

	t->tid = t->tgid = tid;
	t->abi = abi_native();
	map_put(&st->tasks, (uint64_t)(uint32_t)tid, t);
	return t;
}

struct strace_task *strace_task_get(struct strace_state *st, int tid)
{
	struct strace_task *t, *parent;

	if (st->last && st->last->tid == tid)
		return st->last;
	t = map_get(&st->tasks, (uint64_t)(uint32_t)tid);
	if (!t) {
		/* a log without ends of tasks: start anew */
		if (st->tasks.n >= TASKS_MAX || st->slots >= SLOTS_MAX || st->socks >= SOCKS_MAX)
			strace_state_free(st);
		parent = st->cloner ? st->cloner : st->last;
		t = task_new(st, tid);
		if (parent)
			task_inherit(t, parent, parent == st->cloner && parent->sharing);
		else
			t->fds = fds_new(st);
		if (parent && parent == st->cloner && parent->is_thread)
			t->tgid = parent->tgid;
	}
	st->last = t;
	return t;
}

void strace_task_gone(struct strace_state *st, int tid)
{
	struct strace_task *t = map_remove(&st->tasks, (uint64_t)(uint32_t)tid);

	if (!t)
		return;
	if (st->last == t)
		st->last = NULL;
	if (st->cloner == t)
		st->cloner = NULL;
	task_free(t);
}

void strace_task_forked(struct strace_state *st, struct strace_task *parent, int child, bool share,
			bool thread)
{
	struct strace_task *t = map_get(&st->tasks, (uint64_t)(uint32_t)child);

	if (t == parent || st->tasks.n >= TASKS_MAX)
		return;
	if (t) { /* it was seen before its parent's call ended */
		if (thread)
			t->tgid = parent->tgid;
		return;
	}
	t = task_new(st, child);
	task_inherit(t, parent, share);
	if (thread)
		t->tgid = parent->tgid;
}

static void fds_close_cloexec(struct strace_fds *f)
{
	struct map_slot *s;
	int closing[256];
	unsigned int n;

	do { /* removing while iterating isn't allowed: some at a time */
		n = 0;
		for (size_t i = 0; n < 256 && (s = map_next(&f->map, &i));) {
			if (slot_cloexec(s->value))
				closing[n++] = (int)s->key;
		}
		for (unsigned int i = 0; i < n; i++)
			slot_free(f, map_remove(&f->map, (uint64_t)(uint32_t)closing[i]));
	} while (n);
}

void strace_task_exec(struct strace_task *t, const char *exe)
{
	struct proc *p = proc_new();

	if (t->fds->refs > 1) { /* exec unshares */
		struct strace_fds *own = fds_copy(t->fds);

		fds_unref(t->fds);
		t->fds = own;
	}
	fds_close_cloexec(t->fds);
	p->tgid = t->tgid;
	p->has = PROC_HAS_EXE;
	p->exe = alloc_strdup(exe);
	proc_unref(t->proc);
	t->proc = p;
}

struct sock *strace_fd_sock(const struct strace_task *t, int fd)
{
	struct open_sock *s = slot_sock(map_get(&t->fds->map, (uint64_t)(uint32_t)fd));

	return s ? s->now : NULL;
}

struct sock *strace_fd_open(struct strace_state *st, struct strace_task *t, int fd, bool cloexec)
{
	struct open_sock *s;

	strace_fd_close(t, fd);
	if (st->socks >= SOCKS_MAX)
		return NULL;
	s = alloc_zeroed(1, sizeof(*s));
	s->st = st;
	s->refs = 1;
	st->socks++;
	s->now = sock_new();
	s->now->has = SOCK_HAS_COOKIE;
	s->now->cookie = ++st->cookies;

	struct sock *now = s->now;

	slot_put(t->fds, fd, s, cloexec);
	if (s->refs == 1) { /* too many: it belongs to nobody */
		open_unref(s);
		return NULL;
	}
	s->refs--;
	return now;
}

struct sock *strace_fd_change(struct strace_state *st, struct strace_task *t, int fd)
{
	struct open_sock *s = slot_sock(map_get(&t->fds->map, (uint64_t)(uint32_t)fd));
	struct sock *fresh;

	if (!s)
		return strace_fd_open(st, t, fd, false);
	fresh = sock_new();
	*fresh = *s->now;
	fresh->refs = 1;
	sock_unref(s->now);
	s->now = fresh;
	return fresh;
}

void strace_fd_dup(struct strace_task *t, int from, int to, bool cloexec)
{
	struct open_sock *s = slot_sock(map_get(&t->fds->map, (uint64_t)(uint32_t)from));

	if (from == to)
		return;
	if (s)
		slot_put(t->fds, to, s, cloexec);
	else
		strace_fd_close(t, to);
}

void strace_fd_close(struct strace_task *t, int fd)
{
	void *slot = map_remove(&t->fds->map, (uint64_t)(uint32_t)fd);

	if (slot)
		slot_free(t->fds, slot);
}

void strace_fd_closed(struct strace_task *t, int fd, uint64_t line)
{
	struct strace_fds *f = t->fds;

	strace_fd_close(t, fd);
	if (fd < 0 || f->closed.n >= CLOSED_MAX || f->st->slots >= SLOTS_MAX)
		return;
	closed_forget(f, fd);
	map_put(&f->closed, (uint64_t)(uint32_t)fd, (void *)(uintptr_t)line);
	f->st->slots++;
}

uint64_t strace_fd_closed_by(const struct strace_task *t, int fd)
{
	return (uintptr_t)map_get(&t->fds->closed, (uint64_t)(uint32_t)fd);
}

void strace_fd_opened(struct strace_task *t, int fd)
{
	closed_forget(t->fds, fd);
}

void strace_fd_close_range(struct strace_task *t, uint64_t first, uint64_t last)
{
	struct map_slot *s;
	int closing[256];
	unsigned int n;

	do {
		n = 0;
		for (size_t i = 0; n < 256 && (s = map_next(&t->fds->map, &i));) {
			if (s->key >= first && s->key <= last)
				closing[n++] = (int)s->key;
		}
		for (unsigned int i = 0; i < n; i++)
			strace_fd_close(t, closing[i]);
	} while (n);
}
