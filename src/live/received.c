// SPDX-License-Identifier: LGPL-2.1-or-later
/* Descriptors that were received, until somebody uses or closes them.  Kernel: net/core/scm.c scm_detach_fds() */
#include "config.h"

#include "live/received.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/alloc.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum {
	RECEIVED_MAX = 256, /* remembered at a time */
	BUDGET = 2000,      /* calls that a process is stopped at for this, in all */
	POLLED_MAX = 64,
};

struct received {
	unsigned int n;
	struct left_fd v[RECEIVED_MAX];
	unsigned int budget; /* used up so far; where it is gone, nothing more is watched */
	bool unsure;         /* of some nobody knows what became */
};

static void drop(struct received *r, unsigned int i)
{
	r->v[i] = r->v[--r->n];
}

static void drop_range(struct received *r, uint64_t first, uint64_t last)
{
	for (unsigned int i = r->n; i-- > 0;) {
		if ((uint64_t)r->v[i].fd >= first && (uint64_t)r->v[i].fd <= last)
			drop(r, i);
	}
}

static void drop_fd(struct received *r, uint64_t arg)
{
	int fd = (int)arg;

	if (fd >= 0)
		drop_range(r, (uint64_t)fd, (uint64_t)fd);
}

static void add(struct received *r, int fd, uint64_t event)
{
	drop_fd(r, (uint64_t)fd); /* it was closed, unseen */
	if (r->n == RECEIVED_MAX || r->budget >= BUDGET)
		r->unsure = true;
	else
		r->v[r->n++] = (struct left_fd){ .fd = fd, .event = event };
}

/* The descriptors of one message: received, or sent on. */
static void take_rights(struct received *r, const struct event *ev, const struct cmsg *c)
{
	for (uint32_t k = 0; k + sizeof(int) <= c->data_len; k += sizeof(int)) {
		int fd;

		memcpy(&fd, c->data + k, sizeof(fd));
		if (call_sends(ev->call))
			drop_fd(r, (uint64_t)fd);
		else
			add(r, fd, ev->no);
	}
}

static bool is_rights(const struct cmsg *c)
{
	return c->level == L_SOCKET && c->type == T_RIGHTS && c->data_len >= sizeof(int);
}

void received_call(struct received **r, const struct event *ev, bool watched)
{
	if (!sock_kind_is_unix(sock_kind(ev->sock)) || ev->result < 0)
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		const struct msg *m = &ev->msg[i];

		for (uint32_t k = 0; k < m->ncmsg; k++) {
			if (!is_rights(&m->cmsg[k]) || (!*r && call_sends(ev->call)))
				continue;
			if (!*r)
				*r = alloc_zeroed(1, sizeof(**r));
			if (watched)
				take_rights(*r, ev, &m->cmsg[k]);
			else
				(*r)->unsure = true;
		}
	}
}

/* Arguments that are descriptors, where it is not just the first; bit 7: others, in memory. */
static const struct {
	const char *name;
	uint8_t args;
} uses[] = {
	{ "mmap", 1 << 4 },
	{ "mmap2", 1 << 4 },
	{ "epoll_ctl", 1 | 4 },
	{ "sendfile", 3 },
	{ "sendfile64", 3 },
	{ "splice", 1 | 4 },
	{ "tee", 3 },
	{ "copy_file_range", 1 | 4 },
	{ "select", 1 << 7 },
	{ "_newselect", 1 << 7 },
	{ "pselect6", 1 << 7 },
	{ "pselect6_time64", 1 << 7 },
	{ "bpf", 1 << 7 },
	{ "io_uring_register", 1 << 7 },
	{ "io_submit", 1 << 7 },
	{ "io_uring_enter", 1 << 7 },
	{ "exit", 0 },
	{ "exit_group", 0 },
	{ "kill", 0 },
	{ "tgkill", 0 },
	{ "tkill", 0 },
	{ "wait4", 0 },
	{ "umask", 0 },
	{ "prctl", 0 },
	{ "socketcall", 1 << 7 },
};

static void drop_polled(struct received *r, const struct memory *mem, uint64_t addr, uint64_t n)
{
	struct pollfd v[POLLED_MAX];
	size_t len = (n < POLLED_MAX ? (size_t)n : POLLED_MAX) * sizeof(v[0]);
	ssize_t got = memory_read(mem, addr, v, len);

	if (got < 0 || (size_t)got < len || n > POLLED_MAX) {
		received_shared(r);
		return;
	}
	for (size_t i = 0; i < len / sizeof(v[0]); i++) {
		if (v[i].fd >= 0)
			drop_fd(r, (uint64_t)v[i].fd);
	}
}

/* A look at the flags is no use. */
static bool only_flags(const char *name, const uint64_t *args)
{
	return (!strcmp(name, "fcntl") || !strcmp(name, "fcntl64")) &&
	       (args[1] == F_GETFD || args[1] == F_SETFD || args[1] == F_GETFL);
}

void received_entry(struct received *r, const struct memory *mem, const char *name,
		    const uint64_t *args, bool paid)
{
	uint8_t which = 1;

	if (!r || !r->n)
		return;
	if (paid && ++r->budget >= BUDGET) {
		r->n = 0;
		r->unsure = true;
		return;
	}
	if (!name || only_flags(name, args))
		return;
	if (!strcmp(name, "close_range")) {
		drop_range(r, (uint32_t)args[0], (uint32_t)args[1]);
		return;
	}
	if (!strcmp(name, "poll") || !strncmp(name, "ppoll", 5)) {
		drop_polled(r, mem, args[0], args[1]);
		return;
	}
	if (!strcmp(name, "dup2") || !strcmp(name, "dup3"))
		drop_fd(r, args[1]); /* it is closed by that */
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (!strcmp(uses[i].name, name))
			which = uses[i].args;
	}
	if (which & 1 << 7)
		received_shared(r);
	for (unsigned int i = 0; i < 6; i++) {
		if (which >> i & 1)
			drop_fd(r, args[i]);
	}
}

bool received_watch(const struct received *r)
{
	return r && r->n;
}

void received_shared(struct received *r)
{
	if (r)
		r->n = 0;
}

void received_forget(struct received **r)
{
	alloc_free(*r);
	*r = NULL;
}

void received_left(const struct received *r, struct event *ev)
{
	if (!r || (r->unsure && !r->n))
		return;
	ev->left_known = true;
	ev->nleft = r->n;
	ev->left = r->n ? arena_memdup(&ev->arena, r->v, r->n * sizeof(r->v[0])) : NULL;
}
