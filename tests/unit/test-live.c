// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: what live/ makes of an engine's words, without a process.  The engines are scripts; one tells while its
 * tasks stand still, as ptrace does, the other after the fact, from records, as a program in the kernel would.
 * Their tasks' memory is a table of ranges of our own.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "bpf/watcher.h"
#include "cmsg/cmsg.h"
#include "engines.h"
#include "event/ask.h"
#include "live/live.h"
#include "ptrace/ptrace.h"

/* Numbers that no task of this machine has: above the kernel's PID_MAX_LIMIT. */
enum { PID_A = 50000000, TID_A2, TID_A3, PID_B };

/* --- the engines --- */

enum { RANGES = 8, NR_SOCKETCALL = 102 };

static struct {
	const void *p;
	size_t len;
} range[RANGES];
static unsigned int nrange;
static bool memory_gone;

static size_t readable(uint64_t addr, size_t len)
{
	for (unsigned int i = 0; i < nrange; i++) {
		uint64_t at = (uintptr_t)range[i].p;

		if (addr >= at && addr - at < range[i].len) {
			size_t left = range[i].len - (size_t)(addr - at);

			return left < len ? left : len;
		}
	}
	return 0;
}

static ssize_t table_readv(const struct memory *m, void *to, const struct iovec *remote,
			   unsigned int n)
{
	size_t total = 0;

	(void)m;
	if (memory_gone)
		return -ESRCH;
	for (unsigned int i = 0; i < n; i++) {
		size_t got = readable((uintptr_t)remote[i].iov_base, remote[i].iov_len);

		memcpy((char *)to + total, remote[i].iov_base, got);
		total += got;
		if (got < remote[i].iov_len)
			break;
	}
	return total ? (ssize_t)total : -EFAULT;
}

static const struct memory table = { .readv = table_readv };

struct puppet {
	struct task task;
	int mark; /* the engine's own */
};

struct stage {
	struct process process;
	int mark;
};

static void (*script)(struct live *l);
static struct live *live;
static unsigned int stages_gone;

static void *script_new(struct live *l, const struct live_opts *o)
{
	(void)o;
	return l;
}

static int script_start(void *e)
{
	(void)e;
	return 0;
}

static void script_run(void *e)
{
	script(e);
}

static void script_interrupt(void *e, int sig)
{
	(void)e;
	(void)sig;
}

static int script_wait_status(const void *e)
{
	(void)e;
	return 3 << 8;
}

static const struct memory *script_memory(void *e, struct task *t)
{
	(void)e;
	(void)t;
	return &table;
}

static void script_process_gone(void *e, struct process *p)
{
	(void)e;
	assert_int_equal(((struct stage *)p)->mark, p->tgid);
	stages_gone++;
}

static void script_free(void *e)
{
	(void)e;
}

#define BY_SCRIPT                                                                                  \
	.new = script_new, .start = script_start, .run = script_run,                               \
	.interrupt = script_interrupt, .wait_status = script_wait_status, .memory = script_memory, \
	.free = script_free

static const struct engine stopping = {
	.name = "stopping",
	.can = ENGINE_STOPS,
	.task_size = sizeof(struct puppet),
	.process_size = sizeof(struct stage),
	.process_gone = script_process_gone,
	BY_SCRIPT,
};

static const struct engine recorded = { .name = "recorded", .can = ENGINE_EVERY_CALL, BY_SCRIPT };

/* --- the consumer: what it is told, one word each, and the calls' events --- */

enum { EVENTS_MAX = 16 };

static char told[1024];
static struct event *events[EVENTS_MAX];
static unsigned int nevents;
static int stack_answer;

static void note(const char *what, const struct event *ev)
{
	static const char *const kinds[] = {
		[EVENT_SIGNAL] = "signal",     [EVENT_EXITED] = "exited",
		[EVENT_KILLED] = "killed",     [EVENT_SUPERSEDED] = "superseded",
		[EVENT_ATTACHED] = "attached", [EVENT_DETACHED] = "detached",
	};
	static const char *const ends[] = { "returned", "pending", "died", "left" };
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%s%s:%s:%d", n ? " " : "", what,
		 ev->kind == EVENT_CALL ? ev->name : kinds[ev->kind], ev->tid - PID_A);
	n = strlen(told);
	if (ev->kind == EVENT_CALL && strcmp(what, "enter"))
		snprintf(told + n, sizeof(told) - n, ":%s", ends[ev->end]);
}

static void on_enter(void *ctx, struct event *ev)
{
	(void)ctx;
	note("enter", ev);
}

static void on_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	(void)ctx;
	note(ask ? "judge" : "judge-blind", ev);
	for (uint32_t i = 0; i < ev->nmsg; i++)
		cmsg_walk(ev, &ev->msg[i]);
	if (ask)
		stack_answer = ask->stack(ask->ctx, ev);
}

static void on_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	(void)ctx;
	(void)ask;
	note("emit", ev);
	assert_true(nevents < EVENTS_MAX);
	events[nevents++] = ev;
}

static bool prints(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "sendmsg") || !strcmp(name, "recvmsg") || !strcmp(name, "execve");
}

static void play(const struct engine *engine, void (*fn)(struct live *l))
{
	static const struct live_opts o = {
		.follow = true, .strsize = 32, .received = true, .prints = prints
	};
	const struct consumer c = { .enter = on_enter, .judge = on_judge, .emit = on_emit };

	script = fn;
	live = live_new(&o, engine);
	assert_int_equal(live_run(live, &c), 0);
	assert_int_equal(live_wait_status(live), 3 << 8);
}

static int open_stage(void **state)
{
	(void)state;
	told[0] = '\0';
	nrange = nevents = stages_gone = 0;
	memory_gone = false;
	stack_answer = 0;
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	while (nevents)
		event_free(events[--nevents]);
	live_free(live);
	live = NULL;
	return 0;
}

/* --- props --- */

static char payload[] = "question", name[16] = "name";
static union {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr hdr;
} control;
static struct iovec iov;
static struct msghdr hdr;

static void readable_too(const void *p, size_t len)
{
	assert_true(nrange < RANGES);
	range[nrange].p = p;
	range[nrange++].len = len;
}

/* A message whose parts can be read, but for those that are left out. */
enum { NO_HEADER = 1, NO_CONTROL = 2, NO_PAYLOAD = 4 };

static void lay_out(unsigned int without)
{
	iov = (struct iovec){ payload, sizeof(payload) };
	hdr = (struct msghdr){
		.msg_name = name,
		.msg_namelen = sizeof(name),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	*(int *)CMSG_DATA(&control.hdr) = 7;
	readable_too(name, sizeof(name));
	readable_too(&iov, sizeof(iov));
	if (!(without & NO_HEADER))
		readable_too(&hdr, sizeof(hdr));
	if (!(without & NO_CONTROL))
		readable_too(control.buf, sizeof(control.buf));
	if (!(without & NO_PAYLOAD))
		readable_too(payload, sizeof(payload));
}

static struct task *task_of(struct live *l, int tid, int tgid, const struct task *parent)
{
	struct task *t = live_task_new(l, tid, tgid, parent);

	if (l && live_tasks(l)->task_size == sizeof(struct puppet)) {
		((struct puppet *)t)->mark = tid;
		((struct stage *)t->process)->mark = tgid;
	}
	return t;
}

static struct call_begin call_of(long nr, uint64_t a, uint64_t b)
{
	return (struct call_begin){ .abi = abi_native(), .nr = (uint64_t)nr, .args = { a, b } };
}

static bool begins(struct live *l, struct task *t, long nr, int fd)
{
	const struct call_begin b = call_of(nr, (uint64_t)(unsigned int)fd, (uintptr_t)&hdr);

	return live_call_begins(l, t, &b);
}

static void ends(struct live *l, struct task *t, int64_t value)
{
	const struct call_result r = { .value = value, .failed = value < 0 };
	struct event *ev = live_call_ended(l, t, &r);

	if (ev)
		live_tell(l, ev);
}

static struct sock *unix_sock(void)
{
	struct sock *s = sock_new();

	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE;
	s->domain = AF_UNIX;
	s->type = SOCK_DGRAM;
	sock_derive(s);
	return s;
}

/* --- calls --- */

static void one_call(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	assert_false(begins(l, t, SYS_getpid, 0));
	assert_false(live_wants_end(t));
	assert_true(begins(l, t, SYS_sendmsg, 5));
	assert_true(live_wants_end(t));
	live_call_goes_on(l, t);
	ends(l, t, sizeof(payload));
	assert_false(live_wants_end(t));
}

static void check_one_call(void)
{
	const struct event *ev = events[0];

	assert_string_equal(told,
			    "enter:sendmsg:0 judge:sendmsg:0:returned emit:sendmsg:0:returned");
	assert_int_equal(ev->fd, 5);
	assert_true(ev->msg->in.have && ev->msg->have_len);
	assert_int_equal(ev->msg->len, sizeof(payload));
	assert_memory_equal(ev->msg->in.control.p, control.buf, sizeof(control.buf));
	assert_memory_equal(ev->msg->iov->data.p, payload, sizeof(payload));
	assert_int_equal(ev->msg->ncmsg, 1);
	assert_int_equal(stack_answer, -ENOSYS); /* neither engine has stacks */
}

static void a_call_is_one_event(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, one_call);
	check_one_call();
}

static void a_record_makes_the_same_event(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, one_call);
	check_one_call();
}

static void a_call_without_end(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	begins(l, t, SYS_sendmsg, 5);
	live_call_goes_on(l, t);
	begins(l, t, SYS_recvmsg, 5);
	live_call_goes_on(l, t);
	ends(l, t, -EAGAIN);
}

static void a_call_whose_end_is_never_seen_is_pending(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, a_call_without_end);
	assert_string_equal(told,
			    "enter:sendmsg:0 judge-blind:sendmsg:0:pending emit:sendmsg:0:pending "
			    "enter:recvmsg:0 judge:recvmsg:0:returned emit:recvmsg:0:returned");
	assert_false(events[0]->msg->have_len);
	assert_int_equal(events[1]->result, -EAGAIN);
}

static void an_end_without_call(struct live *l)
{
	ends(l, task_of(l, PID_A, PID_A, NULL), 0);
}

static void an_end_whose_call_was_not_seen_is_none(void **state)
{
	(void)state;
	play(&stopping, an_end_without_call);
	assert_string_equal(told, "");
}

static void a_header_is_missing(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	begins(l, t, SYS_sendmsg, 5);
	ends(l, t, -EFAULT);
}

static void memory_that_cant_be_read_is_a_value(void **state)
{
	(void)state;
	lay_out(NO_HEADER);
	play(&stopping, a_header_is_missing);
	assert_int_equal(events[0]->result, -EFAULT);
	assert_int_equal(events[0]->nmsg, 1);
	assert_false(events[0]->msg->in.have);
}

static void parts_that_cant_be_read_say_so(void **state)
{
	const struct msg *m;

	(void)state;
	lay_out(NO_CONTROL | NO_PAYLOAD);
	play(&recorded, one_call);
	m = events[0]->msg;
	assert_true(m->in.have);
	assert_int_equal(m->in.name.len, sizeof(name));
	assert_int_equal(m->in.control.len, 0);
	assert_int_equal(m->in.control.claimed, sizeof(control.buf));
	assert_int_equal(m->in.control.why, BYTES_FAULT);
	assert_int_equal(m->iov->data.why, BYTES_FAULT);
}

static void memory_goes_away(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	begins(l, t, SYS_recvmsg, 5);
	live_call_goes_on(l, t);
	memory_gone = true;
	ends(l, t, sizeof(payload));
}

static void memory_that_is_gone_at_the_end_leaves_the_result(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, memory_goes_away);
	assert_int_equal(events[0]->result, sizeof(payload));
	assert_true(events[0]->msg->in.have);
	assert_false(events[0]->msg->out.have);
}

/* --- facts --- */

static int pair[2];

/* Our own process has the socket: what is asked of it can be answered. */
static void asked_in_time(struct live *l)
{
	struct task *t = task_of(l, getpid(), getpid(), NULL);

	begins(l, t, SYS_sendmsg, pair[0]);
	assert_null(t->call.ev->sock);
	live_call_goes_on(l, t);
	assert_non_null(t->call.ev->sock);
	ends(l, t, sizeof(payload));
}

static void never_asked(struct live *l)
{
	struct task *t = task_of(l, getpid(), getpid(), NULL);

	begins(l, t, SYS_sendmsg, pair[0]);
	ends(l, t, sizeof(payload));
}

static enum sock_kind kind_after(const struct engine *engine, void (*fn)(struct live *l))
{
	lay_out(0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	play(engine, fn);
	close(pair[0]);
	close(pair[1]);
	return sock_kind(events[0]->sock);
}

static void facts_are_asked_while_the_call_runs(void **state)
{
	(void)state;
	assert_int_equal(kind_after(&stopping, asked_in_time), SOCK_KIND_UNIX_DGRAM);
}

static void a_call_that_ended_before_is_asked_of_a_task_that_stands_still(void **state)
{
	(void)state;
	assert_int_equal(kind_after(&stopping, never_asked), SOCK_KIND_UNIX_DGRAM);
}

static void a_call_that_ended_before_is_not_guessed_of_a_task_that_runs(void **state)
{
	(void)state;
	assert_int_equal(kind_after(&recorded, never_asked), SOCK_KIND_UNKNOWN);
}

static struct sock *brought;

/* Both tasks have ended long since; their records come in one go. */
static void a_batch(struct live *l)
{
	struct task *a = task_of(l, PID_A, PID_A, NULL), *b = task_of(l, PID_B, PID_B, NULL);
	struct call_begin first = call_of(SYS_sendmsg, 5, (uintptr_t)&hdr), second = first;
	const struct call_result r1 = { .value = 9, .ns = 1200 }, r2 = { .value = 9, .ns = 1300 };

	brought = unix_sock();
	first.ns = 1000;
	first.sock = sock_ref(brought);
	second.ns = 1100;
	live_call_begins(l, a, &first);
	live_call_begins(l, b, &second);
	live_tell(l, live_call_ended(l, a, &r1));
	live_tell(l, live_call_ended(l, b, &r2));
	live_task_gone(l, a, 0);
	live_task_gone(l, b, SIGKILL);
}

static void a_batch_brings_its_times_and_sockets(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, a_batch);
	assert_int_equal(events[0]->enter_ns, 1000);
	assert_int_equal(events[0]->exit_ns, 1200);
	assert_int_equal(events[1]->enter_ns, 1100);
	assert_int_equal(events[1]->exit_ns, 1300);
	assert_ptr_equal(events[0]->sock, brought);
	assert_null(events[1]->sock);
	assert_int_equal(events[2]->kind, EVENT_EXITED);
	assert_int_equal(events[3]->kind, EVENT_KILLED);
	event_free(events[--nevents]);
	event_free(events[--nevents]);
	event_free(events[--nevents]);
	event_free(events[--nevents]);
	assert_int_equal(brought->refs, 1); /* whatever was given away came back */
	sock_unref(brought);
}

static void sockets_nobody_takes(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);
	struct call_begin b = call_of(SYS_getpid, 0, 0),
			  c = call_of(SYS_sendmsg, 5, (uintptr_t)&hdr);

	brought = unix_sock();
	b.sock = sock_ref(brought);
	assert_false(live_call_begins(l, t, &b));
	assert_int_equal(brought->refs, 1);
	c.sock = sock_ref(brought);
	assert_true(live_call_begins(l, t, &c)); /* and the run ends */
}

static void a_socket_that_no_event_takes_is_given_back(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, sockets_nobody_takes);
	live_free(live);
	live = NULL;
	assert_int_equal(brought->refs, 1);
	sock_unref(brought);
}

/* --- tasks --- */

static void dies_inside(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	task_of(l, TID_A2, PID_A, t);
	begins(l, t, SYS_recvmsg, 5);
	live_call_goes_on(l, t);
	live_task_gone(l, t, SIGKILL);
	assert_null(live_task_find(l, PID_A));
	assert_int_equal(stages_gone, 0);
	live_task_gone(l, live_task_find(l, TID_A2), 4 << 8);
	assert_int_equal(stages_gone, 1);
	assert_int_equal(live_tasks(l)->n, 0);
}

static void a_task_that_dies_inside_a_call_ends_it(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, dies_inside);
	assert_string_equal(told, "enter:recvmsg:0 judge-blind:recvmsg:0:died emit:recvmsg:0:died "
				  "emit:killed:0 emit:exited:1");
	assert_int_equal(events[1]->sig, SIGKILL);
	assert_int_equal(events[2]->status, 4);
}

static void left_inside(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	begins(l, t, SYS_recvmsg, 5);
	live_hush(l, LIVE_ENDING);
	live_task_left(l, t);
}

static void a_task_that_is_left_inside_a_call_leaves_it_open(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, left_inside);
	assert_string_equal(told, "enter:recvmsg:0 judge-blind:recvmsg:0:left emit:recvmsg:0:left "
				  "emit:detached:0");
}

static void exec_by_thread(struct live *l)
{
	struct task *leader = task_of(l, PID_A, PID_A, NULL);
	struct task *thread = task_of(l, TID_A2, PID_A, leader);

	begins(l, leader, SYS_recvmsg, 5);
	live_call_goes_on(l, leader);
	begins(l, thread, SYS_execve, 0);
	live_call_goes_on(l, thread);
	assert_ptr_equal(live_task_executed(l, PID_A, TID_A2), thread);
	assert_null(live_task_find(l, TID_A2));
	assert_ptr_equal(live_task_find(l, PID_A), thread);
	assert_int_equal(((struct puppet *)thread)->mark,
			 TID_A2); /* the engine's part moved along */
	assert_int_equal(thread->process->ntasks, 1);
	ends(l, thread, 0);
	assert_null(live_task_executed(l, PID_B, PID_B)); /* nobody knows that one */
}

static void a_thread_that_executes_takes_the_leaders_place(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, exec_by_thread);
	assert_string_equal(told, "enter:recvmsg:0 enter:execve:1 "
				  "judge-blind:recvmsg:0:died emit:recvmsg:0:died "
				  "emit:superseded:0 "
				  "judge:execve:0:returned emit:execve:0:returned");
	assert_int_equal(events[1]->other_pid, TID_A2);
}

static void before_its_program(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	t->hidden = true;
	assert_false(begins(l, t, SYS_sendmsg, 5));
	assert_true(begins(l, t, SYS_execve, 0));
	assert_ptr_equal(live_task_executed(l, PID_A, PID_A), t);
	ends(l, t, 0);
	assert_true(begins(l, t, SYS_sendmsg, 5));
	ends(l, t, sizeof(payload));
}

static void nothing_is_shown_of_a_command_before_its_execve(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, before_its_program);
	assert_string_equal(told,
			    "enter:execve:0 judge:execve:0:returned emit:execve:0:returned "
			    "enter:sendmsg:0 judge:sendmsg:0:returned emit:sendmsg:0:returned");
}

static void at_the_end(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	live_task_shown(l, t);
	live_hush(l, LIVE_MUTE);
	assert_false(begins(l, t, SYS_sendmsg, 5));
	live_task_shown(l, t);
	live_tell(l, live_event(l, t, EVENT_SIGNAL));
	live_task_left(l, t);
}

static void a_muted_run_only_says_what_it_lets_go(void **state)
{
	(void)state;
	lay_out(0);
	play(&stopping, at_the_end);
	assert_string_equal(told, "emit:attached:0 emit:detached:0");
}

/* --- descriptors that were received --- */

static void receives_one(struct live *l, struct task *t)
{
	struct call_begin b = call_of(SYS_recvmsg, 5, (uintptr_t)&hdr);

	b.sock = unix_sock();
	live_call_begins(l, t, &b);
	ends(l, t, sizeof(payload));
}

static void received_and_closed(struct live *l)
{
	const uint64_t seven[6] = { 7 };
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	assert_false(live_wants_every_call(t));
	receives_one(l, t);
	assert_true(live_wants_every_call(t));
	live_call_passes(l, t, abi_native(), SYS_close, seven, true);
	assert_false(live_wants_every_call(t));
	live_task_gone(l, t, 0);
}

static void received_and_kept(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	receives_one(l, t);
	live_task_gone(l, t, 0);
}

static void received_and_shared(struct live *l)
{
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	receives_one(l, t);
	task_of(l, TID_A2, PID_A, t); /* a thread has them too, and is watched too */
	assert_true(live_wants_every_call(t));
	task_of(l, PID_B, PID_B, t);
	assert_false(live_wants_every_call(t));
}

/* A 32-bit program's calls on sockets go through one, whose arguments are in memory. */
static void used_by_socketcall(struct live *l)
{
	static const uint32_t eight[4] = { 8 }, seven[4] = { 7 };
	const uint64_t socket[6] = { 1, 0x1000 }, send[6] = { 9, (uintptr_t)eight },
		       used[6] = { 9, (uintptr_t)seven };
	const struct abi *abi = abi_by_name("i386");
	struct task *t = task_of(l, PID_A, PID_A, NULL);

	readable_too(eight, sizeof(eight));
	readable_too(seven, sizeof(seven));
	receives_one(l, t);
	live_call_passes(l, t, abi, NR_SOCKETCALL, socket, true);
	live_call_passes(l, t, abi, NR_SOCKETCALL, send, true);
	assert_true(live_wants_every_call(t));
	live_call_passes(l, t, abi, NR_SOCKETCALL, used, true);
	assert_false(live_wants_every_call(t));
}

static void a_received_descriptor_is_used_through_socketcall(void **state)
{
	(void)state;
	if (!abi_by_name("i386"))
		skip();
	lay_out(0);
	play(&recorded, used_by_socketcall);
}

static void a_received_descriptor_is_watched_until_it_is_closed(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, received_and_closed);
	assert_true(events[1]->left_known);
	assert_int_equal(events[1]->nleft, 0);
}

static void a_received_descriptor_that_is_kept_is_told_at_the_end(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, received_and_kept);
	assert_int_equal(events[1]->nleft, 1);
	assert_int_equal(events[1]->left[0].fd, 7);
}

static void a_received_descriptor_that_a_child_has_too_is_not_watched(void **state)
{
	(void)state;
	lay_out(0);
	play(&recorded, received_and_shared);
}

/* --- the engines that there are --- */

static void every_engine_is_whole(void **state)
{
	(void)state;
	for (unsigned int i = 0; engines[i]; i++) {
		const struct engine *e = engines[i];

		assert_ptr_equal(engine_find(e->name), e);
		assert_non_null(strstr(ENGINE_NAMES, e->name));
		assert_non_null(strstr(ENGINE_CHOICE, e->name));
		assert_true(e->new && e->start && e->run && e->interrupt && e->wait_status &&
			    e->memory && e->free);
		assert_true(e->task_size >= sizeof(struct task));
		assert_true(e->process_size >= sizeof(struct process));
	}
	assert_null(engine_find("auto"));
}

static void a_filter_is_for_commands_whose_children_are_followed(void **state)
{
	char *argv[] = { name, NULL };
	const char *why;
	int pid = 1;

	(void)state;
	assert_ptr_equal(engine_auto(&(struct live_opts){ .argv = argv, .follow = true }, &why),
			 &engine_seccomp);
	assert_null(why);
	assert_ptr_equal(engine_auto(&(struct live_opts){ .argv = argv }, &why), &engine_syscall);
	assert_ptr_equal(
		engine_ptrace(&(struct live_opts){ .pids = &pid, .npids = 1, .follow = true }),
		&engine_syscall);
}

static void what_runs_is_stopped_where_ebpf_shows_less_or_is_not_to_be_had(void **state)
{
	int pid = 1;
	struct live_opts o = { .pids = &pid, .npids = 1, .follow = true };
	const char *why;

	(void)state;
	if (engine_bpf.refusal()) {
		assert_ptr_equal(engine_auto(&o, &why), &engine_syscall);
		assert_non_null(why);
	} else {
		assert_ptr_equal(engine_auto(&o, &why), &engine_bpf);
		assert_null(why);
	}
	o.paths = true;
	assert_ptr_equal(engine_auto(&o, &why), &engine_syscall);
	assert_non_null(why);
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(a_call_is_one_event),
		PLAYED(a_record_makes_the_same_event),
		PLAYED(a_call_whose_end_is_never_seen_is_pending),
		PLAYED(an_end_whose_call_was_not_seen_is_none),
		PLAYED(memory_that_cant_be_read_is_a_value),
		PLAYED(parts_that_cant_be_read_say_so),
		PLAYED(memory_that_is_gone_at_the_end_leaves_the_result),
		PLAYED(facts_are_asked_while_the_call_runs),
		PLAYED(a_call_that_ended_before_is_asked_of_a_task_that_stands_still),
		PLAYED(a_call_that_ended_before_is_not_guessed_of_a_task_that_runs),
		PLAYED(a_batch_brings_its_times_and_sockets),
		PLAYED(a_socket_that_no_event_takes_is_given_back),
		PLAYED(a_task_that_dies_inside_a_call_ends_it),
		PLAYED(a_task_that_is_left_inside_a_call_leaves_it_open),
		PLAYED(a_thread_that_executes_takes_the_leaders_place),
		PLAYED(nothing_is_shown_of_a_command_before_its_execve),
		PLAYED(a_muted_run_only_says_what_it_lets_go),
		PLAYED(a_received_descriptor_is_watched_until_it_is_closed),
		PLAYED(a_received_descriptor_that_is_kept_is_told_at_the_end),
		PLAYED(a_received_descriptor_is_used_through_socketcall),
		PLAYED(a_received_descriptor_that_a_child_has_too_is_not_watched),
		cmocka_unit_test(every_engine_is_whole),
		cmocka_unit_test(a_filter_is_for_commands_whose_children_are_followed),
		cmocka_unit_test(what_runs_is_stopped_where_ebpf_shows_less_or_is_not_to_be_had),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
