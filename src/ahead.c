// SPDX-License-Identifier: LGPL-2.1-or-later
/* A reader's two halves in two threads. */
#include "config.h"

#include "ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/alloc.h"

enum { BATCHES = 16 }; /* what a reader may be ahead by: tens of KiB each, of a recording more */

struct ahead {
	struct source *source;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		struct batch batch;
		char apart[CACHE_LINES];
	} batches[BATCHES];
	unsigned int filled, taken; /* so far; the difference is what waits to be taken */
	bool ended;                 /* the batch filled last was the last */
	bool stopped;               /* nobody will take any more */
};

unsigned int ahead_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned int)CPU_COUNT(&set);
}

/* The next batch to fill; NULL: nobody wants it.  Where many wait, more of the work is the reader's. */
static struct batch *room(struct ahead *a)
{
	struct batch *b = &a->batches[a->filled % BATCHES].batch;
	bool stopped;

	pthread_mutex_lock(&a->lock);
	while (a->filled - a->taken == BATCHES && !a->stopped)
		pthread_cond_wait(&a->changed, &a->lock);
	stopped = a->stopped;
	b->early = a->filled - a->taken >= BATCHES / 2;
	pthread_mutex_unlock(&a->lock);
	return stopped ? NULL : b;
}

static void *fill(void *arg)
{
	struct ahead *a = arg;
	struct batch *b;
	bool more = true;

	while (more && (b = room(a))) {
		batch_reset(b);
		more = a->source->gather(a->source, b);
		pthread_mutex_lock(&a->lock);
		a->filled++;
		a->ended = !more;
		pthread_cond_signal(&a->changed);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

struct ahead *ahead_start(struct source *s)
{
	struct ahead *a = alloc_zeroed(1, sizeof(*a));
	sigset_t all, old;
	int err;

	a->source = s;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	sigfillset(&all); /* they are for the caller's thread */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&a->thread, NULL, fill, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!err)
		return a;
	alloc_free(a);
	return NULL;
}

/* The next batch to take, waited for; NULL: the last was taken. */
static struct batch *next(struct ahead *a, const struct consumer *c)
{
	bool there;

	pthread_mutex_lock(&a->lock);
	if (a->filled == a->taken && !a->ended) {
		/* who follows a program's log through a pipe sees what is there */
		pthread_mutex_unlock(&a->lock);
		if (c->idle)
			c->idle(c->ctx);
		pthread_mutex_lock(&a->lock);
	}
	while (a->filled == a->taken && !a->ended)
		pthread_cond_wait(&a->changed, &a->lock);
	there = a->filled != a->taken;
	pthread_mutex_unlock(&a->lock);
	return there ? &a->batches[a->taken % BATCHES].batch : NULL;
}

static void give_back(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->taken++;
	/* the reader is woken for several at once: to wake it takes longer than to fill one */
	if (a->filled - a->taken <= BATCHES / 2)
		pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

void ahead_drop(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->stopped = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	for (unsigned int i = 0; i < BATCHES; i++)
		batch_free(&a->batches[i].batch);
	alloc_free(a);
}

int ahead_run(struct ahead *a, const struct consumer *c, void (*step)(void *ctx),
	      void (*stop)(void *ctx), void *ctx)
{
	struct source *s = a->source;
	struct batch *b;
	bool on = true;

	while (on && (b = next(a, c))) {
		on = s->take(s, b, c);
		give_back(a);
		step(ctx);
	}
	if (!on)
		stop(ctx);
	ahead_drop(a);
	return s->finish(s, on);
}
