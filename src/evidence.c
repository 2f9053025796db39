// SPDX-License-Identifier: LGPL-2.1-or-later
/* --net: stands between a source and the pipeline, and answers what a log can't be asked. */
#include "config.h"

#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "complain.h"
#include "net/net.h"

enum { TEXT_MAX = 256 << 20 /* bytes of one file */ };

struct evidence {
	struct consumer inner;
	struct net *net;         /* NULL: no --net */
	const struct ask *asked; /* the source's own, while an event is with the pipeline */
	struct ask ask;
	bool quiet;
};

/* ---- --net ---- */

/* 0 or -errno; -EFBIG: too long to be ip's. */
static int read_whole(const char *name, struct buf *to)
{
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC)
				   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	ssize_t n = fd < 0 ? -1 : 1;
	int err;

	while (fd >= 0 && n > 0 && to->len <= TEXT_MAX) {
		n = read(fd, buf_reserve(to, 1 << 16), 1 << 16);
		to->len += n > 0 ? (size_t)n : 0;
	}
	err = n < 0 ? -errno : to->len > TEXT_MAX ? -EFBIG : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static bool read_net(struct evidence *e, const char *name)
{
	struct buf text = { 0 };
	int err = read_whole(name, &text);
	unsigned int taken = err ? 0 : net_read(e->net, text.p, text.len);

	buf_free(&text);
	if (err)
		complain("can't read %s: %s", name, strerror(-err));
	else if (!taken)
		complain("%s: error: nothing that ip addr, ip route or ip rule prints", name);
	return taken;
}

static bool answer(void *ctx, const struct event *ev, const struct question *q, struct answer *a)
{
	struct evidence *e = ctx;

	if (e->asked && e->asked->answer && e->asked->answer(e->asked->ctx, ev, q, a))
		return true;
	return e->net && net_answer(e->net, ev, q, a);
}

/* ---- between source and pipeline ---- */

static void evidence_enter(void *ctx, struct event *ev)
{
	struct evidence *e = ctx;

	e->inner.enter(e->inner.ctx, ev);
}

static void evidence_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct evidence *e = ctx;

	e->asked = ask;
	e->inner.judge(e->inner.ctx, ev, &e->ask);
}

static void evidence_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct evidence *e = ctx;

	e->asked = ask;
	e->inner.emit(e->inner.ctx, ev, &e->ask);
}

static void evidence_idle(void *ctx)
{
	struct evidence *e = ctx;

	e->inner.idle(e->inner.ctx);
}

static bool evidence_enough(void *ctx)
{
	struct evidence *e = ctx;

	return e->inner.enough(e->inner.ctx);
}

struct consumer evidence_consumer(struct evidence *e, const struct consumer *inner)
{
	e->inner = *inner;
	return (struct consumer){
		.ctx = e,
		.enter = evidence_enter,
		.judge = evidence_judge,
		.emit = evidence_emit,
		.idle = evidence_idle,
		.enough = evidence_enough,
	};
}

struct evidence *evidence_open(const struct options *o)
{
	struct evidence *e = alloc_zeroed(1, sizeof(*e));

	e->ask = (struct ask){ .ctx = e, .answer = answer };
	e->quiet = o->quiet;
	e->net = o->net.n ? net_new() : NULL;
	for (unsigned int i = 0; i < o->net.n; i++) {
		if (!read_net(e, o->net.v[i])) {
			e->quiet = true;
			evidence_free(e);
			return NULL;
		}
	}
	return e;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	for (unsigned int i = 0; e->net && !e->quiet && net_missing(e->net, i); i++)
		complain("--net: note: not in the files: %s", net_missing(e->net, i));
	net_free(e->net);
	alloc_free(e);
}
