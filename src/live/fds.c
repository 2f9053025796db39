// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which socket a descriptor is, remembered. */
#include "config.h"

#include "live/fds.h"

#include "sock/facts.h"
#include "sock/sockread.h"

enum { FDS_TRUST_NS = 50 * 1000 * 1000 };

static struct fd_sock *fds_slot(struct fds *m, int fd)
{
	return &m->v[(unsigned int)fd & (FDS_REMEMBERED - 1)];
}

struct sock *fds_sock(struct fds *m, struct facts *f, uint64_t generation, const struct event *ev)
{
	struct fd_sock *s = fds_slot(m, ev->fd);

	/* enter_ns is the wall clock: where that was set back, the difference is huge */
	if (s->sock && s->fd == ev->fd && s->generation == generation &&
	    ev->enter_ns - s->ns < FDS_TRUST_NS)
		return sock_ref(s->sock);
	sock_unref(s->sock);
	s->sock = NULL;

	struct sock *sock = facts_sock(f, ev->tgid, ev->fd, NULL);

	if (sock && !sockread_unsettled(sock)) {
		s->sock = sock_ref(sock);
		s->fd = ev->fd;
		s->generation = generation;
		s->ns = ev->enter_ns;
	}
	return sock;
}

void fds_forget(struct fds *m, int fd)
{
	struct fd_sock *s = fds_slot(m, fd);

	if (fd < 0 || s->fd != fd)
		return;
	sock_unref(s->sock);
	s->sock = NULL;
}

void fds_free(struct fds *m)
{
	for (unsigned int i = 0; i < FDS_REMEMBERED; i++)
		sock_unref(m->v[i].sock);
}
