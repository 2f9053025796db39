// SPDX-License-Identifier: LGPL-2.1-or-later
/* --read: recordings and logs as sources. */
#include "config.h"

#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ahead.h"
#include "base/alloc.h"
#include "base/lines.h"
#include "base/utf16.h"
#include "record/read.h"
#include "sniff.h"
#include "strace/read.h"
#include "strace/unwrap.h"
#include "unpack.h"
#include "progress.h"
#include "complain.h"

enum { JSON_BYTES = 64 * 1024 }; /* in which a logger's object names its text */

struct file {
	struct replay *replay;
	int fd;
	uint64_t size; /* of a regular file, when it was opened; else 0 */
	uint64_t got;
	struct buf again; /* bytes that were looked at before anybody knew what they are … */
	size_t again_at;  /* … of which so many were read again */
	pid_t unpacker;   /* the process that fd is read from, or 0 */
	struct utf16 wide;
	struct lines lines;
	struct source *source;
	struct ahead *ahead; /* that reads it, or NULL */
	bool alone;          /* it is read by the thread that judges */
	bool recording;
};

struct replay {
	struct file *files;
	unsigned int n;
	_Atomic uint64_t got; /* bytes of all files */
	struct progress *progress;
	int signals;       /* a signalfd while it runs, else -1 */
	int stop;          /* an eventfd: written to, nothing is read any more */
	atomic_int signal; /* that ended it */
};

/* No thread reads on, wherever it waits. */
static void stop_reading(void *ctx)
{
	struct replay *r = ctx;

	if (r->stop >= 0)
		eventfd_write(r->stop, 1);
}

/* false: a signal asks for the end, or nobody wants more. By each thread that reads. */
static bool wait_for(struct replay *r, int fd)
{
	struct pollfd p[] = { { .fd = r->signals, .events = POLLIN },
			      { .fd = r->stop, .events = POLLIN },
			      { .fd = fd, .events = POLLIN } };
	struct signalfd_siginfo si;

	while (poll(p, 3, -1) < 0 && errno == EINTR)
		;
	if (p[0].revents & POLLIN && read(r->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		r->signal = (int)si.ssi_signo;
		stop_reading(r);
	}
	return !r->signal && !(p[1].revents & POLLIN);
}

static long read_file(void *ctx, char *p, size_t n)
{
	struct file *f = ctx;
	ssize_t got;

	if (f->again_at < f->again.len) {
		got = (ssize_t)(f->again.len - f->again_at);
		got = (size_t)got < n ? got : (ssize_t)n;
		memcpy(p, f->again.p + f->again_at, (size_t)got);
		f->again_at += (size_t)got;
		return got;
	}
	do {
		if (!wait_for(f->replay, f->fd))
			return 0;
		got = read(f->fd, p, n);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return -errno;
	f->got += (uint64_t)got;
	f->replay->got += (uint64_t)got;
	if (f->alone)
		progress_at(f->replay->progress, f->replay->got);
	return got;
}

static void say(void *ctx, const char *text)
{
	progress_clear(((struct replay *)ctx)->progress);
	complain("%s", text);
}

static uint64_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) || !S_ISREG(st.st_mode) ? 0 : (uint64_t)st.st_size;
}

/* Starts anew with another input, at the file's beginning. */
static void begin_again(struct file *f, const struct input *in)
{
	lines_free(&f->lines);
	lines_init(&f->lines, in);
}

/* What it is packed in is taken off, so that lines come out of it. false: told why not. */
static bool unwrap(struct file *f, const struct input *in)
{
	const struct input wide = { .read = utf16_read, .ctx = &f->wide, .name = in->name };
	const char *p;
	size_t n = lines_peek(&f->lines, &p, SNIFF_BYTES);
	char tool[16];
	int fd;

	if (f->size && sniff_packed(p, n, tool)) {
		fd = unpack_start(tool, f->fd, &f->unpacker);
		if (fd < 0) {
			complain("%s: error: compressed with %s, which can't be run: %s", in->name,
				 tool, strerror(-fd));
			return false;
		}
		close(f->fd);
		f->fd = fd;
		f->size = 0;
		begin_again(f, in);
		n = lines_peek(&f->lines, &p, SNIFF_BYTES);
	}
	if (sniff_wide(p, n, &f->wide.big)) {
		buf_add(&f->again, f->lines.buf + f->lines.start, f->lines.len);
		f->wide.in = *in;
		begin_again(f, &wide);
	}
	return true;
}

/* Complains of files that are something else; a byte order mark belongs to no line. */
static bool begins_well(struct file *f)
{
	struct buf why = { 0 };
	const char *p;
	size_t n = lines_peek(&f->lines, &p, SNIFF_BYTES);
	bool foreign = sniff_foreign(p, n, f->lines.in.name, &why);

	if (foreign)
		complain("%s: error: %s", f->lines.in.name, buf_cstr(&why));
	else
		lines_drop(&f->lines, sniff_bom(p, n));
	buf_free(&why);
	return !foreign;
}

/* Is it JSON that a logger wrote, with a line of text in each object? Looks at the first one, and waits for no more. */
static bool holds_text(struct lines *l)
{
	const char *p;
	size_t want = 256, n;

	do {
		want *= 2;
		n = lines_peek(l, &p, want);
	} while (n == want && !memchr(p, '\n', n) && want < JSON_BYTES);
	return strace_unwraps(p, n);
}

static bool open_one(struct replay *r, struct file *f, const char *name)
{
	struct input in = { .read = read_file, .ctx = f, .name = name };

	f->replay = r;
	f->fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC)
				  : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (f->fd < 0) {
		complain("can't read %s: %s", name, strerror(errno));
		return false;
	}
	f->size = size_of(f->fd);
	lines_init(&f->lines, &in);
	if (!unwrap(f, &in) || !begins_well(f))
		return false;
	f->recording = record_looks_like(&f->lines) && !holds_text(&f->lines);
	f->source = f->recording ? record_reader_new(&f->lines, say, r)
				 : strace_reader_new(&f->lines, say, r);
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

	r->signals = -1;
	r->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->files = alloc_zeroed(o->read.n, sizeof(*r->files));
	for (r->n = 0; r->n < o->read.n; r->n++) {
		if (!open_one(r, &r->files[r->n], o->read.v[r->n])) {
			r->n++;
			replay_free(r);
			return NULL;
		}
	}
	if (r->files[0].recording)
		take_header(record_reader_header(r->files[0].source), info);
	return r;
}

bool replay_is_recording(const struct replay *r)
{
	return r->files[0].recording;
}

static void clear(void *ctx)
{
	progress_clear(((struct replay *)ctx)->progress);
}

void replay_progress(struct replay *r, bool always, const struct pipeline *p, struct outputs *x)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		if (!r->files[i].size && !always)
			return; /* a pipe: who knows */
		total += r->files[i].size;
	}
	if (!always && total <= PROGRESS_FROM)
		return;
	r->progress = progress_new(total, p);
	if (r->progress)
		outputs_before_terminal(x, clear, r);
}

/* They are read like a file, so that none comes between a look and a wait.  Ignored ones stay ignored. */
static int take_signals(sigset_t *old)
{
	static const int ours[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction sa;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!sigaction(ours[i], NULL, &sa) && sa.sa_handler != SIG_IGN)
			sigaddset(&set, ours[i]);
	}
	sigprocmask(SIG_BLOCK, &set, old);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void step(void *ctx)
{
	struct replay *r = ctx;

	progress_at(r->progress, r->got);
}

/* 0, or a negative errno: told. */
static int run_one(struct file *f, const struct consumer *c)
{
	struct replay *r = f->replay;
	int err;

	f->alone = !f->ahead;
	err = f->ahead ? ahead_run(f->ahead, c, step, stop_reading, r)
		       : f->source->run(f->source, c);

	f->ahead = NULL;
	progress_clear(r->progress);
	close(f->fd);
	f->fd = -1;
	if (f->unpacker && !unpack_end(f->unpacker) && f->lines.eof && !r->signal &&
	    !c->enough(c->ctx)) {
		complain("%s: error: it can't be unpacked to its end", f->lines.in.name);
		err = -EBADMSG;
	}
	f->unpacker = 0;
	if (f->lines.err)
		complain("can't read %s: %s", f->lines.in.name, strerror(-f->lines.err));
	if (f->lines.eof && !f->lines.err && !r->signal && !c->enough(c->ctx) && f->got < f->size) {
		complain("%s: error: it shrank while it was read: %llu of %llu bytes were there",
			 f->lines.in.name, (unsigned long long)f->got, (unsigned long long)f->size);
		return -EBADMSG;
	}
	return err;
}

/* Those whose turn comes next are read beside it, so that every CPU has some. */
static void read_ahead(struct replay *r, unsigned int from, unsigned int cpus)
{
	for (unsigned int i = from; i < r->n && i < from + cpus - 1; i++) {
		if (!r->files[i].ahead)
			r->files[i].ahead = ahead_start(r->files[i].source);
	}
}

int replay_run(struct replay *r, const struct consumer *c)
{
	unsigned int cpus = ahead_cpus(), i;
	int err = 0;
	sigset_t old;

	r->signals = take_signals(&old);
	for (i = 0; i < r->n && !r->signal && !c->enough(c->ctx); i++) {
		read_ahead(r, i, cpus);

		int one = run_one(&r->files[i], c);

		if (one < 0)
			err = one;
	}
	if (i < r->n)
		stop_reading(r);
	for (; i < r->n; i++) {
		if (r->files[i].ahead)
			ahead_drop(r->files[i].ahead);
	}
	progress_free(r->progress);
	r->progress = NULL;
	if (r->signals >= 0)
		close(r->signals);
	r->signals = -1;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

int replay_signal(const struct replay *r)
{
	return r->signal;
}

void replay_end(const struct replay *r, struct run_end *end)
{
	const struct file *last = &r->files[r->n - 1];
	struct record_end e;

	end->cut = r->signal != 0;
	if (!last->recording)
		return;
	e = record_reader_end(last->source);
	end->exit = e.exit;
	end->engine = e.engine;
	end->cut |= e.cut || !e.have;
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
		if (f->unpacker)
			unpack_end(f->unpacker);
		buf_free(&f->again);
	}
	if (r->stop >= 0)
		close(r->stop);
	alloc_free(r->files);
	alloc_free(r);
}
