// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A consumer for tests of the engine alone: counts what arrives, prints one line an event where asked,
 * and ends with a line of JSON.
 *   engine-probe [options] COMMAND ARG...  |  engine-probe [options] -p PID...
 */
#include "event/ask.h"
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "engines.h"
#include "live/live.h"

struct probe {
	struct live *t;
	bool verbose, judge_stacks;
	bool all; /* print every call */
	const char *names;
	unsigned long max;
	unsigned long kinds[EVENT_NOTE + 1], ends[CALL_LEFT + 1], calls[CALL_COUNT];
	unsigned long errors, restarts, enters, judges, socks, stacks, frames, datas;
	struct map per_tid;
	FILE *out;
};

static struct probe probe;

static void on_signal(int sig)
{
	live_interrupt(probe.t, sig);
}

static void enter(void *ctx, struct event *ev)
{
	struct probe *p = ctx;

	(void)ev;
	p->enters++;
}

static void judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct probe *p = ctx;

	p->judges++;
	if (p->judge_stacks && ask && !ask->stack(ask->ctx, ev))
		p->frames += ev->stack.n;
}

static const char *const kind_names[] = {
	[EVENT_CALL] = "call",         [EVENT_SIGNAL] = "signal",
	[EVENT_STOPPED] = "stopped",   [EVENT_EXITED] = "exited",
	[EVENT_KILLED] = "killed",     [EVENT_SUPERSEDED] = "superseded",
	[EVENT_ATTACHED] = "attached", [EVENT_DETACHED] = "detached",
	[EVENT_NOTE] = "note",
};
static const char *const end_names[] = {
	[CALL_RETURNED] = "returned",
	[CALL_PENDING] = "pending",
	[CALL_DIED] = "died",
	[CALL_LEFT] = "left",
};

static void print(struct probe *p, const struct event *ev)
{
	fprintf(p->out, "%d %d %.16s %s", ev->tid, ev->tgid, ev->comm, kind_names[ev->kind]);
	if (ev->kind == EVENT_CALL) {
		fprintf(p->out, " %s %s fd=%d nmsg=%u %s %lld", ev->abi->name, ev->name, ev->fd,
			ev->nmsg, end_names[ev->end], (long long)ev->result);
		if (ev->sock)
			fprintf(p->out, " %s", sock_kind_name(sock_kind(ev->sock)));
		for (const struct fd_path *f = ev->fd_paths; f; f = f->next)
			fprintf(p->out, " %d<%s>", f->fd, f->path);
	} else {
		fprintf(p->out, " sig=%d status=%d other=%d%s%s", ev->sig, ev->status,
			ev->other_pid, ev->note ? " " : "", ev->note ? ev->note : "");
	}
	putc('\n', p->out);
}

static void emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct probe *p = ctx;

	(void)ask;
	p->kinds[ev->kind]++;
	if (ev->kind == EVENT_CALL) {
		unsigned long *n = map_get(&p->per_tid, (uint64_t)ev->tid);

		if (!n) {
			n = alloc_zeroed(1, sizeof(*n));
			map_put(&p->per_tid, (uint64_t)ev->tid, n);
		}
		++*n;
		p->ends[ev->end]++;
		p->calls[ev->call]++;
		p->errors += event_error(ev) != 0;
		p->restarts += event_restarts(ev);
		p->socks += ev->sock != NULL;
		p->stacks += ev->stack.have;
		p->datas += ev->nmsg && ev->msg[0].niov && ev->msg[0].iov[0].data.len;
	}
	if (p->verbose && (ev->kind != EVENT_CALL || ev->print || p->all))
		print(p, ev);
	event_free(ev);
}

static bool enough(void *ctx)
{
	struct probe *p = ctx;

	return p->max && p->kinds[EVENT_CALL] >= p->max;
}

static bool prints(void *ctx, const char *name)
{
	const char *names = ((struct probe *)ctx)->names;
	size_t len = strlen(name);

	if (!names)
		return false;
	if (!strcmp(names, "all"))
		return true;
	for (const char *s = names; (s = strstr(s, name)); s += len) {
		if ((s == names || s[-1] == ',') && (!s[len] || s[len] == ','))
			return true;
	}
	return false;
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "engine-probe: %s\n", text);
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static void summary(struct probe *p, int status)
{
	unsigned long *v = alloc_zeroed(p->per_tid.n + 1, sizeof(*v));
	size_t i = 0, n = 0;
	struct map_slot *s;
	struct rusage u;

	while ((s = map_next(&p->per_tid, &i))) {
		v[n++] = *(unsigned long *)s->value;
		alloc_free(s->value);
	}
	qsort(v, n, sizeof(*v), compare);
	getrusage(RUSAGE_SELF, &u);
	fprintf(p->out, "{\"status\":%d", status);
	for (size_t k = 0; k < sizeof(kind_names) / sizeof(kind_names[0]); k++)
		fprintf(p->out, ",\"%s\":%lu", kind_names[k], p->kinds[k]);
	for (size_t k = 0; k < sizeof(end_names) / sizeof(end_names[0]); k++)
		fprintf(p->out, ",\"end_%s\":%lu", end_names[k], p->ends[k]);
	for (size_t k = 0; k < CALL_COUNT; k++) {
		if (p->calls[k])
			fprintf(p->out, ",\"%s\":%lu", k ? call_rows[k].name : "other",
				p->calls[k]);
	}
	fprintf(p->out, ",\"errors\":%lu,\"restarts\":%lu,\"enters\":%lu,\"judges\":%lu", p->errors,
		p->restarts, p->enters, p->judges);
	fprintf(p->out, ",\"socks\":%lu,\"stacks\":%lu,\"frames\":%lu,\"datas\":%lu", p->socks,
		p->stacks, p->frames, p->datas);
	fprintf(p->out, ",\"tids\":%zu,\"least\":%lu,\"median\":%lu", n, n ? v[0] : 0,
		n ? v[n / 2] : 0);
	fprintf(p->out, ",\"cpu_us\":%lld}\n",
		(long long)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
			u.ru_stime.tv_usec);
	alloc_free(v);
}

static void catch (int sig)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(sig, &sa, NULL);
}

int main(int argc, char **argv)
{
	struct live_opts o = {
		.follow = true, .strsize = 32, .prints = prints, .prints_ctx = &probe, .say = say
	};
	const struct consumer c = {
		.ctx = &probe, .enter = enter, .judge = judge, .emit = emit, .enough = enough
	};
	int pids[64], opt, status, err;
	char *env[16] = { NULL };
	unsigned int nenv = 0;
	const struct engine *engine = NULL;

	probe.out = stdout;
	while ((opt = getopt(argc, argv, "+p:s:e:vVkKFSBYDo:m:d:u:E:q")) != -1) {
		switch (opt) {
		case 'p':
			if (o.npids < 64)
				pids[o.npids++] = atoi(optarg);
			break;
		case 's':
			o.strsize = (unsigned int)atoi(optarg);
			break;
		case 'e':
			probe.names = optarg;
			break;
		case 'V':
			probe.all = true; /* fall through */
		case 'v':
			probe.verbose = true;
			break;
		case 'k':
			o.stacks = true;
			break;
		case 'K':
			probe.judge_stacks = true;
			break;
		case 'F':
			o.follow = false;
			break;
		case 'S':
			engine = engine_find("syscall");
			break;
		case 'B':
			engine = engine_find("bpf");
			break;
		case 'Y':
			o.paths = true;
			break;
		case 'D':
			o.daemonize = true;
			break;
		case 'o':
			probe.out = fopen(optarg, "we");
			if (!probe.out)
				return 125;
			break;
		case 'm':
			probe.max = strtoul(optarg, NULL, 10);
			break;
		case 'd':
			o.duration_ns = strtoul(optarg, NULL, 10) * 1000000;
			break;
		case 'u':
			o.user = optarg;
			break;
		case 'E':
			if (nenv < 15)
				env[nenv++] = optarg;
			break;
		case 'q':
			o.quiet = 1;
			break;
		default:
			return 125;
		}
	}
	o.pids = pids;
	o.env = nenv ? env : NULL;
	o.argv = argv[optind] ? &argv[optind] : NULL;
	probe.t = live_new(&o, engine ? engine : engine_ptrace(&o));
	catch (SIGINT);
	catch (SIGTERM);
	err = live_run(probe.t, &c);
	status = live_wait_status(probe.t);
	summary(&probe, status);
	fclose(probe.out);
	map_free(&probe.per_tid);
	live_free(probe.t);
	event_pool_free();
	if (err && status < 0)
		return 125;
	if (status >= 0 && WIFSIGNALED(status)) {
		struct rlimit none = { 0 };

		setrlimit(RLIMIT_CORE, &none);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	return status < 0 ? 0 : WEXITSTATUS(status);
}
