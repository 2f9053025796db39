// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory and registers of a task at its call, from the call's record. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "arch/abi.h"
#include "bpf/state.h"

bool record_is_sound(const struct rec_call *r, size_t size)
{
	const char *end;

	if (size < sizeof(*r) || r->nbytes > size - sizeof(*r) ||
	    (r->nbytes && r->nbytes < sizeof(struct rec_part)) ||
	    r->sock.local_len > REC_SOCKADDR || r->sock.peer_len > REC_SOCKADDR)
		return false;
	end = (const char *)(r + 1) + r->nbytes;
	for (const struct rec_part *p = record_part(r); p; p = record_next_part(r, p)) {
		if (p->len > (size_t)(end - (const char *)(p + 1)))
			return false;
	}
	return true;
}

const struct rec_part *record_part(const struct rec_call *r)
{
	return r->nbytes ? (const struct rec_part *)(r + 1) : NULL;
}

const struct rec_part *record_next_part(const struct rec_call *r, const struct rec_part *p)
{
	const char *end = (const char *)(r + 1) + r->nbytes;
	const char *next = (const char *)(p + 1) + ((p->len + 7) & ~7u);

	/* parts are aligned as their lengths are rounded up */
	return end - next >= (ptrdiff_t)sizeof(*p) ? (const void *)next : NULL;
}

const struct rec_part *record_registers(const struct rec_call *r)
{
	const struct rec_part *p = record_part(r);

	while (p && p->when != REC_REGISTERS)
		p = record_next_part(r, p);
	return p;
}

static bool holds(const struct rec_part *p, uint64_t addr)
{
	return p->when != REC_REGISTERS && addr >= p->addr && addr - p->addr < p->len;
}

/* The part that holds addr: of the moment that is looked at, else of the other, which nothing changed since. */
static const struct rec_part *part_in(const struct rec_call *rec, enum rec_when when, uint64_t addr)
{
	const struct rec_part *other = NULL;

	for (const struct rec_part *p = record_part(rec); p; p = record_next_part(rec, p)) {
		if (!holds(p, addr))
			continue;
		if (p->when == when)
			return p;
		if (!other)
			other = p;
	}
	return other;
}

static const struct rec_part *part_of(struct record_memory *m, uint64_t addr)
{
	const struct rec_part *p = m->last ? record_next_part(m->rec, m->last) : NULL;

	if (p && p->when == m->when && holds(p, addr))
		return m->last = p;
	p = part_in(m->rec, m->when, addr);
	if (p && p->when == m->when)
		return m->last = p;
	return p || !m->beside ? p : part_in(m->beside, m->when, addr);
}

size_t record_read(struct record_memory *m, char *to, uint64_t addr, size_t len)
{
	size_t got = 0;

	while (got < len) {
		const struct rec_part *p = part_of(m, addr + got);
		size_t n, off;

		if (!p)
			break;
		off = (size_t)(addr + got - p->addr);
		n = p->len - off < len - got ? p->len - off : len - got;
		if (to)
			memcpy(to + got, (const char *)(p + 1) + off, n);
		got += n;
	}
	return got;
}

static ssize_t record_readv(const struct memory *memory, void *to, const struct iovec *remote,
			    unsigned int n)
{
	struct record_memory *m = (struct record_memory *)memory;
	size_t total = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint64_t addr = (uintptr_t)remote[i].iov_base;
		size_t got = record_read(m, (char *)to + total, addr, remote[i].iov_len);

		if (!got && m->tgid) { /* code, and what belongs to it: else nobody asks */
			struct iovec local = { (char *)to + total, remote[i].iov_len };
			ssize_t r = process_vm_readv(m->tgid, &local, 1, &remote[i], 1, 0);

			/* its first thread may have ended before the others */
			if (r < 0 && errno == ESRCH)
				r = process_vm_readv(m->tid, &local, 1, &remote[i], 1, 0);
			got = r > 0 ? (size_t)r : 0;
		}
		total += got;
		if (got < remote[i].iov_len)
			break;
	}
	return total ? (ssize_t)total : -EFAULT;
}

static bool record_taken(const struct memory *memory, uint64_t addr, size_t len)
{
	struct record_memory m = *(const struct record_memory *)memory;

	return record_read(&m, NULL, addr, len) == len;
}

/* Did the programs leave out what is at addr, so that nobody knows whether it could be read? */
static bool record_left_out(const struct memory *memory, uint64_t addr)
{
	const struct record_memory *m = (const struct record_memory *)memory;

	for (const struct rec_part *p = record_part(m->rec); p; p = record_next_part(m->rec, p)) {
		if (p->fault && addr == p->addr + p->len)
			return false;
	}
	return true;
}

void memory_of(struct watcher *w, const struct rec_call *r)
{
	const struct rec_call *kept = r->stack ? stacks_kept(w, r->stack) : NULL;

	w->memory = (struct record_memory){
		.memory = { .readv = record_readv, .left_out = record_left_out, .apart = true },
		.rec = r,
		.when = REC_ENTRY,
	};
	w->stack = (struct record_memory){
		.memory = { .readv = record_readv,
			    .taken = record_taken,
			    .late = true,
			    .apart = true },
		.rec = kept ? kept : r,
		.beside = kept ? r : NULL,
		.when = REC_LEAVE,
		.tgid = (int)r->head.tgid,
		.tid = (int)r->head.tid,
	};
}

struct record_memory memory_as_it_is(int tgid)
{
	static const struct rec_call nothing;

	return (struct record_memory){
		.memory = { .readv = record_readv, .late = true, .apart = true },
		.rec = &nothing,
		.tgid = tgid,
		.tid = tgid,
	};
}

const struct memory *watcher_memory(void *e, struct task *t)
{
	struct watcher *w = e;

	(void)t;
	w->memory.last = NULL;
	return &w->memory.memory;
}

const struct memory *watcher_stack(void *e, struct task *t)
{
	struct watcher *w = e;

	(void)t;
	w->stack.last = NULL;
	return &w->stack.memory;
}

int watcher_registers(void *e, struct task *t, struct registers *to)
{
	const struct watcher *w = e;
	const struct rec_call *r = w->stack.rec;
	/* The kernel's own order is the user's but for what stands behind. */
	struct user_regs_struct regs = { 0 };
	const struct rec_part *p = record_registers(r);
	int err;

	(void)t;
	if (!p)
		return -ENODATA;
	memcpy(&regs, p + 1, p->len < sizeof(regs) ? p->len : sizeof(regs));
	err = arch_native->registers(to, &regs, sizeof(regs));
	if (r->arch != abi_native()->audit_arch) {
		if (!arch_native->regs32)
			return -ENOSYS;
		to->word = 4;
	}
	return err;
}
