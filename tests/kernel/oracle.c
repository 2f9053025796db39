// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: for every kind of socket that this machine has, the model names the errno that the kernel
 * gives, over all levels, types, lengths, edge values, malformed lists, several messages, random
 * lists; native and 32-bit calls; as root, as nobody and with single capabilities.
 * oracle [seed] [rounds]: rounds multiplies the random part.  ORACLE_LONG=1: the whole sweep.
 * ORACLE_SUBJECTS: a text with the names of those that are sent to.
 */
#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../i386.h"
#include "oracle.h"

static const char *const aspects[ASPECTS] = {
	[LEVELS] = "all levels and types",       [LENGTHS] = "lengths 0 ... 64",
	[VALUES] = "edge values and privileges", [MALFORMED] = "malformed lists",
	[SEVERAL] = "several messages",          [RANDOM] = "random lists",
};

struct job {
	const struct identity *id;
	const char *abi; /* NULL: native */
	bool perturb;
};

struct result {
	struct count count[SUBJECTS_MAX][ASPECTS];
	bool ran, done; /* done: it came to its end */
	char skipped[80];
	uint64_t model_ns, model_n;
	struct blame blame[SUBJECTS_MAX];
};

/* ---- workers ---- */

static void time_model(struct bench *b, struct subject *s, struct result *r)
{
	enum { TURNS = 100000 };
	struct list l = list_begin();
	struct timespec t0, t1;
	static const unsigned char p[12] = { [4] = 127, [7] = 1 };

	list_add(b, &l, 0, 8, p, sizeof(p), UINT64_MAX); /* IP_PKTINFO */
	b->env.ask = NULL;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (unsigned int i = 0; i < TURNS; i++)
		shoot_model(b, s, &l);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	b->env.ask = &b->ask;
	r->model_ns = (uint64_t)(t1.tv_sec - t0.tv_sec) * 1000000000 + (uint64_t)t1.tv_nsec -
		      (uint64_t)t0.tv_nsec;
	r->model_n = TURNS;
}

/* In the short run a part is left out where another job proves the same. */
static bool worth(const struct bench *b, const struct subject *s, unsigned int aspect)
{
	if (b->blame && s->base)
		return false; /* it can't be sent from at all */
	if (sweep_all)
		return true;
	if (aspect == LEVELS)
		return !s->variant && !b->id->caps;
	return aspect == VALUES || aspect == SEVERAL || aspect == RANDOM || !b->id->caps;
}

static void work(const struct job *job, struct result *r)
{
	const char *why = arena_enter(), *only = getenv("ORACLE_SUBJECTS");
	struct bench b;

	if (why) {
		snprintf(r->skipped, sizeof(r->skipped), "%s", why);
		return;
	}
	subjects_open();
	if (!identity_take(job->id)) {
		snprintf(r->skipped, sizeof(r->skipped), "its rights can't be taken on");
		return;
	}
	bench_begin(&b, job->id, job->abi);
	if (job->abi && !runs_i386()) {
		snprintf(r->skipped, sizeof(r->skipped), NO_I386);
		return;
	}
	if (job->perturb && !perturb_begin(&b)) {
		snprintf(r->skipped, sizeof(r->skipped), "capabilities can't be lowered");
		return;
	}
	r->ran = true;
	for (unsigned int i = 0; i < nsubjects; i++) {
		b.blame = job->perturb ? &r->blame[i] : NULL;
		for (unsigned int a = 0; subjects[i].fd >= 0 && a < ASPECTS; a++) {
			if (getenv("ORACLE_ASPECT") && atoi(getenv("ORACLE_ASPECT")) != (int)a)
				continue;
			if (only && !strstr(only, subjects[i].name))
				continue;
			if (worth(&b, &subjects[i], a))
				parts[a](&b, &subjects[i], &r->count[i][a]);
		}
	}
	if (!job->id->uid && !job->abi && !job->perturb)
		time_model(&b, &subjects[0], r);
	r->done = true;
}

static unsigned int tests;
static bool failed;

static void tap(bool ok, const char *kind, const char *job, const char *aspect,
		const struct count *c)
{
	failed |= !ok;
	printf("%sok %u - %s, %s: %s (%llu sent, %llu agreed, %llu of them refused, %llu not proven)\n",
	       ok ? "" : "not ", ++tests, kind, job, aspect, (unsigned long long)c->sent,
	       (unsigned long long)c->agreed, (unsigned long long)c->refused,
	       (unsigned long long)c->unproven);
}

static void report_blame(const struct result *r, const char *name, struct blame *all)
{
	for (unsigned int i = 0; i < nsubjects; i++) {
		const struct blame *t = &r->blame[i];

		if (!t->blamed)
			continue;
		failed |= t->wrong != 0;
		printf("%sok %u - %s, %s: what is blamed, changed, lets it pass (%llu blamed, %llu at "
		       "once, %llu with further faults)\n",
		       t->wrong ? "not " : "", ++tests, subjects[i].name, name,
		       (unsigned long long)t->blamed, (unsigned long long)t->at_once,
		       (unsigned long long)t->later);
		all->blamed += t->blamed;
		all->at_once += t->at_once;
		all->later += t->later;
		all->wrong += t->wrong;
	}
}

static void report(const struct job *job, const struct result *r, struct count *total,
		   struct blame *blame)
{
	char name[80];

	snprintf(name, sizeof(name), "%s%s%s%s", job->id->name,
		 job->perturb ? " without capabilities" : "", job->abi ? ", " : "",
		 job->abi ? job->abi : "");
	if (!r->ran) {
		printf("ok %u - %s # SKIP %s\n", ++tests, name, r->skipped);
		return;
	}
	failed |= !r->done;
	printf("%sok %u - %s: the worker came to its end\n", r->done ? "" : "not ", ++tests, name);
	for (unsigned int i = 0; i < nsubjects; i++) {
		for (unsigned int a = 0; subjects[i].fd >= 0 && a < ASPECTS; a++) {
			const struct count *c = &r->count[i][a];

			if (!c->sent)
				continue;
			tap(!c->disagreed, subjects[i].name, name, aspects[a], c);
			total[i].sent += c->sent;
			total[i].agreed += c->agreed;
			total[i].refused += c->refused;
			total[i].unproven += c->unproven;
			total[i].disagreed += c->disagreed;
			for (unsigned int k = 0; k < REASONS && c->reason[k].why; k++)
				count_reason(&total[i], c->reason[k].why, c->reason[k].n);
		}
	}
	if (job->perturb)
		report_blame(r, name, blame);
	if (r->model_n)
		printf("# the model takes %llu ns for a message with one IP_PKTINFO (walk included)\n",
		       (unsigned long long)(r->model_ns / r->model_n));
}

static void totals(const struct count *total)
{
	struct count all = { 0 };

	for (unsigned int i = 0; i < nsubjects; i++) {
		const struct count *c = &total[i];

		if (subjects[i].fd < 0) {
			printf("ok %u - %s # SKIP not proven: %s\n", ++tests, subjects[i].name,
			       subjects[i].missing);
			continue;
		}
		printf("# total %-26s %8llu sent %8llu agreed %8llu refused %6llu not proven %llu wrong\n",
		       subjects[i].name, (unsigned long long)c->sent, (unsigned long long)c->agreed,
		       (unsigned long long)c->refused, (unsigned long long)c->unproven,
		       (unsigned long long)c->disagreed);
		for (unsigned int k = 0; k < REASONS && c->reason[k].why; k++)
			printf("#       %llu not proven: %s\n", (unsigned long long)c->reason[k].n,
			       c->reason[k].why);
		all.sent += c->sent;
		all.agreed += c->agreed;
		all.unproven += c->unproven;
		all.disagreed += c->disagreed;
	}
	printf("# all: %llu sent, %llu agreed, %llu not proven, %llu wrong\n",
	       (unsigned long long)all.sent, (unsigned long long)all.agreed,
	       (unsigned long long)all.unproven, (unsigned long long)all.disagreed);
}

enum { JOBS_MAX = 16, WORKERS = 2 };

static unsigned int make_jobs(struct job *jobs)
{
	unsigned int n = 0;

	jobs[n++] = (struct job){ .id = &identities[0] };
	jobs[n++] = (struct job){ .id = &identities[0], .perturb = true };
#ifdef __x86_64__
	jobs[n++] = (struct job){ .id = &identities[0], .abi = "i386" };
	jobs[n++] = (struct job){ .id = &identities[0], .abi = "i386", .perturb = true };
	jobs[n++] = (struct job){ .id = &identities[1], .abi = "i386" };
#endif
	for (unsigned int i = 1; i < nidentities; i++)
		jobs[n++] = (struct job){ .id = &identities[i] };
	return n;
}

static void run_jobs(const struct job *jobs, unsigned int n, struct result *results)
{
	unsigned int running = 0;

	for (unsigned int i = 0; i < n; i++) {
		pid_t pid;

		fflush(stdout);
		if (running == WORKERS && wait(NULL) > 0)
			running--;
		pid = fork();
		if (!pid) {
			setvbuf(stdout, NULL, _IOLBF, 4096);
			work(&jobs[i], &results[i]);
			fflush(stdout);
			_exit(0);
		}
		running += pid > 0;
	}
	while (running && wait(NULL) > 0)
		running--;
}

int main(int argc, char **argv)
{
	static struct count total[SUBJECTS_MAX];
	static struct blame blame;
	struct job jobs[JOBS_MAX];
	const unsigned int n = make_jobs(jobs);
	const struct rlimit files = { 4096, 4096 };
	struct result *results = mmap(NULL, sizeof(*results) * n, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec t0, t1;
	struct utsname u;

	oracle_seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	rounds = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	sweep_all = getenv("ORACLE_LONG");
	if (results == MAP_FAILED)
		return 99;
	uname(&u);
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN); /* EPIPE is one more errno to compare */
	printf("# kernel %s, seed %llu\n", u.release, (unsigned long long)oracle_seed);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	families_begin();
	run_jobs(jobs, n, results);
	if (!arena_enter()) /* where they are made: names, and which are missing */
		subjects_open();
	for (unsigned int i = 0; i < n; i++)
		report(&jobs[i], &results[i], total, &blame);
	totals(total);
	printf("# blamed: %llu, passed once that was changed: %llu, with further faults: %llu, "
	       "wrongly: %llu\n",
	       (unsigned long long)blame.blamed, (unsigned long long)blame.at_once,
	       (unsigned long long)blame.later, (unsigned long long)blame.wrong);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	printf("# %ld seconds\n1..%u\n", (long)(t1.tv_sec - t0.tv_sec), tests);
	return failed;
}
