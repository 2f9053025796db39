// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records of the ring, told to live: tasks, calls, signals. */
#include "config.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "arch/abi.h"
#include "base/clock.h"
#include "bpf/state.h"

/* ---- tasks ---- */

static uint64_t real_time(const struct watcher *w, uint64_t ns)
{
	return ns + (uint64_t)w->clock;
}

/* NULL: none that is traced. */
static struct task *task_of(struct watcher *w, const struct rec_head *h, const char *comm)
{
	struct task *t = live_task_find(w->live, (int)h->tid);

	if (!t && !w->o->follow)
		return NULL;
	if (!t) {
		t = live_task_new(w->live, (int)h->tid, (int)h->tgid, NULL);
		live_task_shown(w->live, t);
	}
	memcpy(t->comm, comm, sizeof(t->comm));
	t->comm_known = true;
	return t;
}

static void forked(struct watcher *w, const struct rec_task *r)
{
	struct task *parent = live_task_find(w->live, (int)r->head.tid);
	struct task *child;

	if (!w->o->follow || live_task_find(w->live, (int)r->child))
		return;
	child = live_task_new(w->live, (int)r->child, (int)r->child_tgid, parent);
	memcpy(child->comm, r->comm, sizeof(child->comm));
	child->comm_known = true;
	live_task_shown(w->live, child);
}

static void signalled(struct watcher *w, const struct rec_task *r)
{
	/* who has ended is sent signals of its children all the same, and ignores them: it is not to come back by that */
	struct task *t = live_task_find(w->live, (int)r->head.tid);
	unsigned char info[128] = { 0 };
	struct event *ev;

	/* SIGKILL stands for whatever ends it: its end tells what */
	if (!t || t->hidden || r->child == SIGKILL)
		return;
	ev = live_event(w->live, t, EVENT_SIGNAL);
	ev->enter_ns = ev->exit_ns = real_time(w, r->head.ns);
	ev->sig = (int)r->child;
	if (r->ninfo) {
		memcpy(info, r->info, sizeof(r->info));
		ev->siginfo = (struct bytes){
			.p = arena_memdup(&ev->arena, info, sizeof(info)),
			.len = sizeof(info),
			.claimed = sizeof(info),
		};
	}
	live_tell(w->live, ev);
}

static void ended(struct watcher *w, struct task *t, int status)
{
	struct command *c = &w->command;

	if (t->hidden) /* it never executed anything: why stands in the pipe */
		command_report(c);
	if (!c->not_executed)
		t->hidden = false;
	/* as -D has it, it is nobody's child of ours */
	if (t->process->tgid == c->pid && t->process->ntasks == 1 && w->o->daemonize)
		c->status = status;
	live_task_gone(w->live, t, status);
}

static void unseen(struct watcher *w, const struct rec_task *r)
{
	struct task *t = task_of(w, &r->head, r->comm);
	struct event *ev;

	if (!t || t->process->uring_told)
		return;
	t->process->uring_told = true;
	ev = live_event(w->live, t, EVENT_NOTE);
	ev->note = "receives by multishot requests of an io_uring: their messages are not seen";
	live_tell(w->live, ev);
}

static void task_record(struct watcher *w, const struct rec_task *r)
{
	struct task *t;

	switch (r->head.type) {
	case REC_FORK:
		forked(w, r);
		break;
	case REC_EXEC:
		t = live_task_find(w->live, (int)r->head.tid);
		if (t && t->hidden)
			command_report(&w->command);
		stacks_forget(w, (int)r->head.tgid);
		t = task_of(w, &r->head, r->comm);
		if (!t)
			break;
		((struct watched_process *)t->process)->mapped = false;
		t = live_task_executed(w->live, (int)r->head.tid, (int)r->child);
		if (t)
			stacks_process(w, t);
		break;
	case REC_EXIT:
		t = live_task_find(w->live, (int)r->head.tid);
		packets_forget(w, r->head.tid, 0);
		if (t && live_tasks(w->live)->n == 1)
			watcher_tell_losses(w);
		if (t)
			ended(w, t, r->status);
		break;
	case REC_SIGNAL:
		signalled(w, r);
		break;
	case REC_UNSEEN:
		unseen(w, r);
		break;
	}
}

/* ---- calls ---- */

/* Its messages are seen: that a ring is made or entered is nothing to tell. */
static bool only_ring(const struct watcher *w, const struct call_entry *e)
{
	return w->sees_uring && !e->prints &&
	       (e->call == CALL_IO_URING_SETUP || e->call == CALL_IO_URING_ENTER);
}

static void call_record(struct watcher *w, const struct rec_call *r)
{
	struct task *t = task_of(w, &r->head, r->comm);
	struct call_begin b = {
		.abi = abi_of(r->arch, r->request ? 0 : r->nr),
		.nr = r->nr,
		.ns = real_time(w, r->enter_ns),
	};
	const struct call_result result = {
		.value = r->result,
		.failed = r->result < 0 && r->result > -4096,
		.ns = real_time(w, r->head.ns),
	};
	struct event *ev;

	if (!t || !b.abi)
		return;
	if (r->request)
		b.entry = &w->requests[r->nr % REQUESTS];
	else if (only_ring(w, calls_find(live_calls(w->live), b.abi, r->nr)))
		return;
	memcpy(b.args, r->args, sizeof(b.args));
	b.sock = watcher_sock(w, &r->sock);
	memory_of(w, r);
	stacks_see(w, t);
	if (live_call_begins(w->live, t, &b)) {
		w->memory.when = REC_LEAVE;
		if (r->died)
			live_call_lost(w->live, t, CALL_DIED);
		else if ((ev = live_call_ended(w->live, t, &result)))
			live_tell(w->live, ev);
	}
	packets_forget(w, r->head.tid, r->request);
}

/* A program that never pauses fills the ring as fast as we read: of losses, for one, something is to be heard all the same. */
enum { TURN = 4096 };

/* Do its lengths keep within it?  What follows trusts them. */
static bool is_sound(const void *data, size_t size)
{
	const struct rec_head *h = data;

	if (size < sizeof(*h))
		return false;
	switch (h->type) {
	case REC_CALL:
		return record_is_sound(data, size);
	case REC_LEFT:
	case REC_TAKEN:
	case REC_CAME:
	case REC_WATCH:
		return size >= sizeof(struct rec_packet) &&
		       ((const struct rec_packet *)data)->nhead <= REC_HEAD;
	default:
		return size >= sizeof(struct rec_task);
	}
}

int watcher_record(void *ctx, void *data, size_t size)
{
	struct watcher *w = ctx;
	const struct rec_head *h = data;

	if (!is_sound(data, size))
		return 0;
	switch (h->type) {
	case REC_CALL:
		call_record(w, data);
		break;
	case REC_LEFT:
	case REC_TAKEN:
	case REC_CAME:
	case REC_WATCH:
		packets_take(w, data);
		break;
	default:
		task_record(w, data);
	}
	if (watcher_ends(w))
		return -EINTR;
	return ++w->nread < TURN ? 0 : -EAGAIN;
}

/* ---- the ring ---- */

/* By their operation: include/uapi/linux/io_uring.h */
static const struct call_entry requests[REQUESTS] = {
	[9] = { .name = "io_uring_sendmsg", .call = CALL_SENDMSG, .use = USE_EVENT },
	[10] = { .name = "io_uring_recvmsg", .call = CALL_RECVMSG, .use = USE_EVENT },
	[26] = { .name = "io_uring_send", .call = CALL_SEND, .use = USE_EVENT },
	[27] = { .name = "io_uring_recv", .call = CALL_RECV, .use = USE_EVENT },
	[47] = { .name = "io_uring_send_zc", .call = CALL_SEND, .use = USE_EVENT },
	[48] = { .name = "io_uring_sendmsg_zc", .call = CALL_SENDMSG, .use = USE_EVENT },
};

static int64_t clock_offset(void)
{
	return (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC));
}

void watcher_requests(struct watcher *w)
{
	memcpy(w->requests, requests, sizeof(requests));
	for (unsigned int i = 0; i < REQUESTS; i++)
		w->requests[i].prints = calls_prints(live_calls(w->live), requests[i].call);
}

int watcher_ring_open(struct watcher *w)
{
	w->ring = ring_buffer__new(watcher_ring_map(w), watcher_record, w, NULL);
	return w->ring ? 0 : -errno;
}

void watcher_ring_close(struct watcher *w)
{
	ring_buffer__free(w->ring);
	w->ring = NULL;
}

int watcher_ring_fd(const struct watcher *w)
{
	return ring_buffer__epoll_fd(w->ring);
}

int watcher_read(struct watcher *w)
{
	w->clock = clock_offset();
	w->nread = 0;
	return ring_buffer__consume(w->ring);
}
