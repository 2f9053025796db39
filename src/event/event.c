// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events: their pool, and what one asks of them. */
#include "config.h"

#include "event/event.h"

#include <string.h>

#include "base/alloc.h"

enum { POOL_MAX = 64, ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516 };

static struct event *pool[POOL_MAX];
static unsigned int pool_n;

struct event *event_new(void)
{
	if (pool_n)
		return pool[--pool_n];

	struct event *ev = alloc_zeroed(1, sizeof(*ev));

	ev->fd = -1;
	return ev;
}

void event_free(struct event *ev)
{
	if (!ev)
		return;
	sock_unref(ev->sock);
	proc_unref(ev->proc);

	struct arena arena = ev->arena;

	arena_reset(&arena);
	*ev = (struct event){ .arena = arena, .fd = -1 };
	if (pool_n < POOL_MAX) {
		pool[pool_n++] = ev;
	} else {
		arena_free(&ev->arena);
		alloc_free(ev);
	}
}

void event_pool_free(void)
{
	while (pool_n) {
		struct event *ev = pool[--pool_n];

		arena_free(&ev->arena);
		alloc_free(ev);
	}
}

uint32_t event_attempted(const struct event *ev)
{
	if (!(call_rows[ev->call].flags & CALL_VECTOR))
		return ev->nmsg;
	if (ev->result < 0)
		return ev->nmsg ? 1 : 0;
	return ev->result < (int64_t)ev->nmsg ? (uint32_t)ev->result + 1 : ev->nmsg;
}

bool event_handled(const struct event *ev, uint32_t i)
{
	if (ev->result < 0)
		return false;
	return !(call_rows[ev->call].flags & CALL_VECTOR) || (int64_t)i < ev->result;
}

int event_error(const struct event *ev)
{
	if (ev->kind == EVENT_CALL && ev->end == CALL_RETURNED && ev->result < 0 &&
	    ev->result >= -4095)
		return (int)ev->result;
	return 0;
}

bool event_restarts(const struct event *ev)
{
	int err = -event_error(ev);

	return err >= ERESTARTSYS && err <= ERESTART_RESTARTBLOCK && err != 515;
}

void event_add_ifname(struct event *ev, uint32_t index, const char *name)
{
	struct ifname *n = arena_new(&ev->arena, struct ifname);

	n->index = index;
	memccpy(n->name, name, '\0', sizeof(n->name) - 1);
	n->next = ev->ifnames;
	ev->ifnames = n;
}

const struct fd_path *event_fd(const struct event *ev, int fd)
{
	for (const struct fd_path *p = ev->fd_paths; p; p = p->next) {
		if (p->fd == fd)
			return p;
	}
	return NULL;
}

const char *event_fd_path(const struct event *ev, int fd)
{
	const struct fd_path *p = event_fd(ev, fd);

	return p ? p->path : NULL;
}

struct fd_path *event_add_fd_path(struct event *ev, int fd, const char *path)
{
	struct fd_path *p = arena_new(&ev->arena, struct fd_path);

	p->fd = fd;
	p->path = arena_strdup(&ev->arena, path);
	p->next = ev->fd_paths;
	ev->fd_paths = p;
	return p;
}
