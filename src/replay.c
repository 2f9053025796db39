// SPDX-License-Identifier: LGPL-2.1-or-later
/* --read: recordings and logs as sources. */
#include "config.h"

#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "event/lines.h"
#include "event/record-read.h"
#include "event/strace-read.h"

struct file {
	int fd;
	struct lines lines;
	struct source *source;
	bool recording;
};

struct replay {
	struct file *files;
	unsigned int n;
};

static long read_file(void *ctx, char *p, size_t n)
{
	ssize_t got;

	do
		got = read(((struct file *)ctx)->fd, p, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	complain("%s", text);
}

static bool open_one(struct file *f, const char *name)
{
	struct input in = { .read = read_file, .ctx = f, .name = name };

	f->fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC)
				  : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (f->fd < 0) {
		complain("can't read %s: %s", name, strerror(errno));
		return false;
	}
	lines_init(&f->lines, &in);
	f->recording = record_looks_like(&f->lines);
	f->source = f->recording ? record_reader_new(&f->lines, say, NULL)
				 : strace_reader_new(&f->lines, say, NULL);
	return f->source != NULL;
}

static void take_header(const struct record_header *h, struct run_info *info)
{
	info->tool = h->tool;
	info->kernel = h->kernel;
	info->machine = h->machine;
	info->argc = h->argc;
	info->argv = h->argv;
	info->started_ns = h->started_ns;
}

struct replay *replay_open(const struct options *o, struct run_info *info)
{
	struct replay *r = alloc_zeroed(1, sizeof(*r));

	r->files = alloc_zeroed(o->read.n, sizeof(*r->files));
	for (r->n = 0; r->n < o->read.n; r->n++) {
		if (!open_one(&r->files[r->n], o->read.v[r->n])) {
			r->n++;
			replay_free(r);
			return NULL;
		}
	}
	if (r->files[0].recording)
		take_header(record_reader_header(r->files[0].source), info);
	return r;
}

int replay_run(struct replay *r, const struct consumer *c)
{
	int err = 0;

	for (unsigned int i = 0; i < r->n && !c->enough(c->ctx); i++) {
		struct file *f = &r->files[i];
		int one = f->source->run(f->source, c);

		if (f->lines.err)
			complain("can't read %s: %s", f->lines.in.name, strerror(-f->lines.err));
		if (one < 0)
			err = one;
	}
	return err;
}

void replay_end(const struct replay *r, struct run_end *end)
{
	const struct file *last = &r->files[r->n - 1];
	struct record_end e;

	if (!last->recording)
		return;
	e = record_reader_end(last->source);
	end->exit = e.exit;
	end->cut = e.cut || !e.have;
}

void replay_free(struct replay *r)
{
	if (!r)
		return;
	for (unsigned int i = 0; i < r->n; i++) {
		struct file *f = &r->files[i];

		if (f->source)
			f->source->free(f->source);
		lines_free(&f->lines);
		if (f->fd >= 0)
			close(f->fd);
	}
	alloc_free(r->files);
	alloc_free(r);
}
