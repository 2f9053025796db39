// SPDX-License-Identifier: LGPL-2.1-or-later
/* Suppressions and the baseline: their files. */
#include "config.h"

#include "accepted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "check/baseline.h"
#include "check/suppress.h"
#include "report/stream.h"
#include "stack/open.h"
#include "complain.h"
#include "own-file.h"
#include "read-file.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024 };

/* What is opened before the run, so that it can be, and written at its end. */
struct written {
	const char *what, *name; /* name NULL: nothing is written, "-": standard output */
	int fd;
};

struct accepted {
	const struct options *o;
	struct suppressions *suppressions;
	struct baseline *baseline;
	struct suppressions *generated; /* what the lines of --gen-suppressions match */
	struct buf lines;               /* … themselves */
	struct buf files;               /* names of those that were read */
	struct written to_baseline, to_suppressions;
};

static void say(void *ctx, const char *text)
{
	(void)ctx;
	complain("%s", text);
}

/* The whole file into b; 0 or negative errno. */
static int slurp(const char *name, struct buf *b)
{
	return read_file(open(name, O_RDONLY | O_CLOEXEC), b, FILE_MAX_BYTES);
}

/* Why a file that nobody named is not to be trusted, or NULL. */
static const char *untrusted(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no regular file";
	if (st->st_uid && st->st_uid != geteuid())
		return "it is another user's";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "others can write it";
	return NULL;
}

/*
 * A default file may be absent, or out of reach: su and setpriv keep the HOME of another user.  One that
 * was named may not.
 */
static bool take_suppressions(struct accepted *a, const char *name, const struct buf *text)
{
	buf_str(&a->files, a->files.len ? ", " : "");
	buf_str(&a->files, name);
	own_file_spare(name);
	return suppress_add(a->suppressions, name, text->p, text->len, say, NULL);
}

/* Of the directory that we happen to be in.  Opened only where it is what it should be: to open a device acts. */
static bool add_local_suppressions(struct accepted *a, const char *name)
{
	struct stat st = { .st_mode = 0 };
	int fd = open_regular(-1, name, &st);
	const char *why = st.st_mode ? untrusted(&st) : NULL;
	struct buf text = { 0 };
	bool ok = true;

	if (fd < 0 && !st.st_mode)
		return true;
	if (!why) {
		int err = read_file(fd, &text, FILE_MAX_BYTES);

		fd = -1; /* it closed that */
		if (err)
			why = strerror(-err);
		else
			ok = take_suppressions(a, name, &text);
	}
	if (fd >= 0)
		close(fd);
	if (why)
		complain("%s is not used: %s (--suppressions=%s uses it)", name, why, name);
	buf_free(&text);
	return ok;
}

static bool add_suppressions(struct accepted *a, const char *name, bool must_exist)
{
	struct buf text = { 0 };
	int err = slurp(name, &text);
	bool ok = (err == -ENOENT || err == -ENOTDIR || err == -EACCES) && !must_exist;

	if (!err)
		ok = take_suppressions(a, name, &text);
	else if (!ok)
		complain("can't read the suppressions in %s: %s", name, strerror(-err));
	buf_free(&text);
	return ok;
}

static bool add_default_suppressions(struct accepted *a)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct buf path = { 0 };
	bool ok;

	if (config && *config)
		buf_printf(&path, "%s/cmsgtrace/suppressions", config);
	else if (home && *home)
		buf_printf(&path, "%s/.config/cmsgtrace/suppressions", home);
	ok = add_local_suppressions(a, ".cmsgtrace.supp") &&
	     (!path.len || add_suppressions(a, buf_cstr(&path), false));
	buf_free(&path);
	return ok;
}

static bool read_baseline(struct accepted *a, const char *name)
{
	struct buf text = { 0 };
	int err = slurp(name, &text);
	const char *wrong = NULL;

	if (err) {
		complain("can't read the baseline in %s: %s (--write-baseline=%s makes it)", name,
			 strerror(-err), name);
		return false;
	}
	buf_str(&a->files, a->files.len ? ", " : "");
	buf_str(&a->files, name);
	a->baseline = baseline_new();
	wrong = baseline_read(a->baseline, text.p, text.len);
	if (wrong)
		complain("%s: %s", name, wrong);
	buf_free(&text);
	return !wrong;
}

/* A line, where none of those before is of this finding, too: it would match nothing. */
static void generate(struct accepted *a, const struct finding *f)
{
	size_t from = a->lines.len;

	if (suppress_find(a->generated, f))
		return;
	suppress_put(&a->lines, f);
	suppress_add(a->generated, "--gen-suppressions", a->lines.p + from, a->lines.len - from,
		     say, NULL);
}

static void mark(void *ctx, struct finding *f)
{
	struct accepted *a = ctx;

	f->suppressed = suppress_find(a->suppressions, f);
	if (!f->suppressed && a->baseline)
		f->known = baseline_has(a->baseline, f);
	if (a->o->gen_suppressions && !f->suppressed)
		generate(a, f);
}

static void accepted_free(struct accepted *a)
{
	suppress_free(a->suppressions);
	if (a->baseline)
		baseline_free(a->baseline);
	suppress_free(a->generated);
	buf_free(&a->lines);
	buf_free(&a->files);
	if (a->to_baseline.fd >= 0)
		close(a->to_baseline.fd);
	if (a->to_suppressions.fd >= 0)
		close(a->to_suppressions.fd);
	alloc_free(a);
}

struct accepted *accepted_open(const struct options *o, struct check_opts *co)
{
	struct accepted *a = alloc_zeroed(1, sizeof(*a));
	bool ok = true;

	a->o = o;
	a->to_baseline = (struct written){ "baseline", o->write_baseline, -1 };
	a->to_suppressions = (struct written){ "suppressions", o->gen_suppressions, -1 };
	a->suppressions = suppress_new();
	a->generated = suppress_new();
	for (unsigned int i = 0; i < o->suppressions.n; i++)
		ok &= add_suppressions(a, o->suppressions.v[i], true);
	if (!o->suppressions.n)
		ok &= add_default_suppressions(a);
	if (o->baseline)
		ok &= read_baseline(a, o->baseline);
	if (!ok) {
		accepted_free(a);
		return NULL;
	}
	co->mark = mark;
	co->mark_ctx = a;
	return a;
}

const char *accepted_files(const struct accepted *a)
{
	return a->files.len ? buf_cstr((struct buf *)&a->files) : NULL;
}

static bool wrote(const struct written *w, int err)
{
	if (err < 0)
		complain("can't write the %s to %s: %s", w->what, w->name, own_file_why(err));
	return err >= 0;
}

static bool is_stdout(const struct written *w)
{
	return !strcmp(w->name, "-");
}

/* What a file holds stays, until there is something else for it to hold: --baseline may be the same one. */
static bool open_written(struct written *w)
{
	if (!w->name)
		return true;
	w->fd = is_stdout(w) ? own_copy(STDOUT_FILENO) : own_file(w->name, true, 0666);
	return wrote(w, w->fd);
}

bool accepted_open_files(struct accepted *a)
{
	if (!open_written(&a->to_baseline))
		return false;
	if (a->o->baseline) /* written anew by --write-baseline, but by nothing else */
		own_file_spare(a->o->baseline);
	return open_written(&a->to_suppressions);
}

/* 0, or 125 after complaining. */
static int write_out(struct written *w, const struct buf *b)
{
	struct stream s = { .buf = *b, .fd = w->fd };

	/* EINVAL: it is no file */
	if (!is_stdout(w) && ftruncate(w->fd, 0) < 0 && errno != EINVAL)
		s.err = errno;
	stream_flush(&s);
	if (close(w->fd) < 0 && !s.err)
		s.err = errno;
	w->fd = -1;
	return wrote(w, -s.err) ? 0 : EXIT_TOOL;
}

int accepted_close(struct accepted *a, const struct check *check)
{
	struct buf line = { 0 };
	int status = 0;

	if (!check) {
		accepted_free(a);
		return 0;
	}
	for (size_t i = 0; suppress_unused(a->suppressions, &i, &line); buf_clear(&line))
		complain("%s", buf_cstr(&line));
	buf_clear(&line);
	for (size_t i = 0; a->baseline && baseline_vanished(a->baseline, &i, &line);
	     buf_clear(&line))
		complain("in the baseline, and gone: %s", buf_cstr(&line));
	buf_clear(&line);
	if (a->to_baseline.name) {
		baseline_put(&line, check);
		status |= write_out(&a->to_baseline, &line);
	}
	if (a->to_suppressions.name)
		status |= write_out(&a->to_suppressions, &a->lines);
	buf_free(&line);
	accepted_free(a);
	return status;
}
