// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * System call stops: from entry to exit of one call, and the event that comes of it.  The task is kept
 * stopped only for what must be read from it.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "ptrace/state.h"

static bool carries_datagrams(const struct sock *s)
{
	return s && (s->has & SOCK_HAS_TYPE) && (s->type == SOCK_DGRAM || s->type == SOCK_RAW);
}

static void remember_datagrams(struct tracee *tr, const struct event *ev)
{
	if (carries_datagrams(ev->sock))
		process_dgram_set(tr->process, ev->fd, true);
}

/* At attaching: sockets that only read() and write() will use are found now or never. */
void trace_find_datagrams(struct trace *t, struct process *p)
{
	char path[64];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", p->tgid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		int fd = atoi(d->d_name);

		if (d->d_name[0] == '.' || fd < 0 || fd >= DGRAM_FDS)
			continue;

		struct sock *s = facts_sock(t->facts, p->tgid, fd, NULL);

		process_dgram_set(p, fd, carries_datagrams(s));
		packets_watch_fd(t, p->tgid, fd, s);
		sock_unref(s);
	}
	closedir(dir);
}

/* A call that stops anyway and is of interest only on some descriptors. Sets *sock where looked up. */
static bool demanded(struct trace *t, struct tracee *tr, const struct call_entry *e,
		     const uint64_t *args, struct sock **sock)
{
	struct process *p = tr->process;
	int fd = (int)args[0];

	if (e->call == CALL_IO_URING_ENTER) {
		if (p->uring_told)
			return false;
		p->uring_told = true;
		return true;
	}
	if (!process_dgram(p, fd))
		return false;
	*sock = facts_sock(t->facts, p->tgid, fd, NULL);
	if (carries_datagrams(*sock))
		return true;
	process_dgram_set(p, fd, false); /* closed, and the number used again */
	sock_unref(*sock);
	*sock = NULL;
	return false;
}

static bool wants_event(struct trace *t, struct tracee *tr, const struct call_entry *e,
			const uint64_t *args, struct sock **sock)
{
	if (t->mute)
		return false;
	if (tr->hidden)
		return e->prints && e->name && !strncmp(e->name, "execve", 6);
	if (e->use == USE_DEMAND)
		return !t->seccomp && demanded(t, tr, e, args, sock);
	return e->use == USE_EVENT;
}

static bool wants_side(const struct call_entry *e, const uint64_t *args)
{
	switch (e->side) {
	case SIDE_MAPS:
		return args[2] & PROT_EXEC;
	case SIDE_COMM:
		return args[0] == PR_SET_NAME;
	case SIDE_FDS:
		return strncmp(e->name, "fcntl", 5) || args[1] == F_DUPFD ||
		       args[1] == F_DUPFD_CLOEXEC;
	case SIDE_IDS:
		return true;
	case SIDE_NONE:
		break;
	}
	return false;
}

static const struct memory *memory_of(struct trace *t, struct tracee *tr)
{
	int file = t->proc_ok ? process_memory(&t->tasks, tr) - 1 : -1;

	ptrace_memory_init(&t->memory, tr->tid, file);
	return &t->memory.memory;
}

static struct event *call_event(struct trace *t, struct tracee *tr, const struct abi *abi,
				const struct call_entry *e, uint64_t nr, const uint64_t *args)
{
	struct event *ev = trace_event(t, tr, EVENT_CALL);

	ev->abi = abi;
	ev->call = e->call;
	ev->nr = (uint32_t)nr;
	ev->name = e->name ? e->name : arena_printf(&ev->arena, "syscall_%#x", ev->nr);
	ev->print = e->prints;
	ev->end = CALL_PENDING;
	ev->exit_ns = 0;
	memcpy(ev->args, args, sizeof(ev->args));
	return ev;
}

/* What is asked of the live system while the call runs: its descriptor still means the same. */
static void call_facts(struct trace *t, struct tracee *tr, struct event *ev, struct sock *sock)
{
	unsigned int flags = call_rows[ev->call].flags;

	ev->proc = facts_proc(t->facts, ev->tgid);
	ev->sock = sock;
	if (!sock && ev->fd >= 0 && (flags & (CALL_SENDS | CALL_RECEIVES | CALL_STATE)))
		ev->sock = fds_sock(&tr->process->fds, t->facts, t->fds_generation, ev);
	packets_watch(t, ev);
	if (t->o.paths && ev->fd >= 0)
		trace_fd_path(ev, ev->fd);
	if (t->o.paths && call_sends(ev->call))
		trace_rights_paths(ev);
}

static void on_entry(struct trace *t, struct tracee *tr, const struct abi *abi, uint64_t nr,
		     const uint64_t *args)
{
	const struct call_entry *e = calls_find(t->calls, abi, nr);
	struct sock *sock = NULL;
	struct event *ev = NULL;

	tr->entry = NULL;
	tr->skip_exit = false;
	if (wants_event(t, tr, e, args, &sock)) {
		ev = call_event(t, tr, abi, e, nr, args);
		capture_enter(&t->capture, ev, memory_of(t, tr), &tr->hint);
		if (ev->socketcall) {
			/* the call behind the multiplexer decides */
			if (ev->call != CALL_OTHER) {
				ev->name = call_rows[ev->call].name;
				ev->print = calls_prints(t->calls, ev->call);
			} else if (!ev->print) {
				event_free(ev);
				ev = NULL;
			}
		}
	}
	if (!ev && !wants_side(e, args)) {
		tr->skip_exit = !t->seccomp; /* there, the exit needs no stop at all */
		trace_resume(t, tr, 0);
		return;
	}
	tr->entry = e;
	tr->ev = ev;
	if (ev && t->c->enter)
		t->c->enter(t->c->ctx, ev);
	if (ev && packets_watch_first(t, ev)) {
		call_facts(t, tr, ev, sock);
		trace_resume(t, tr, 0);
		return;
	}
	trace_resume(t, tr, 0);
	if (ev)
		call_facts(t, tr, ev, sock);
}

static void side_effect(struct trace *t, struct tracee *tr, const struct call_entry *e)
{
	int tgid = tr->process->tgid;

	switch (e->side) {
	case SIDE_MAPS:
		if (t->unwinder)
			unwind_libunwind.changed(t->unwinder, tgid);
		break;
	case SIDE_COMM:
		tr->comm_known = false;
		break;
	case SIDE_FDS:
		t->fds_generation++;
		break;
	case SIDE_IDS:
		facts_proc_changed(t->facts, tgid);
		break;
	case SIDE_NONE:
		break;
	}
}

static bool got_control(const struct event *ev)
{
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		if (ev->msg[i].out.controllen)
			return true;
	}
	return false;
}

/* The call succeeded: what it changes of a socket. */
static void sock_effect(struct trace *t, struct tracee *tr, struct event *ev)
{
	switch (ev->call) {
	case CALL_SOCKET:
		t->fds_generation++;
		ev->sock = facts_sock(t->facts, ev->tgid, (int)ev->result, NULL);
		if (t->o.paths)
			trace_fd_path(ev, (int)ev->result);
		if (carries_datagrams(ev->sock))
			process_dgram_set(tr->process, (int)ev->result, true);
		break;
	case CALL_BIND:
	case CALL_CONNECT:
	case CALL_SETSOCKOPT:
		if (ev->sock)
			facts_sock_changed(t->facts, ev->sock);
		t->fds_generation++; /* other descriptors, of any process, may be this socket */
		break;
	case CALL_RECVMSG:
	case CALL_RECVMMSG:
		if (sock_kind_is_unix(sock_kind(ev->sock)) && got_control(ev))
			t->fds_generation++; /* it may have brought descriptors */
		break;
	case CALL_IO_URING_SETUP:
		tr->process->uring_told = true; /* by this event */
		break;
	default:
		break;
	}
}

static void judge(struct trace *t, struct event *ev, const struct ask *ask)
{
	ev->no = ++t->events;
	t->judging = ask ? ev : NULL;
	if (ask && t->o.stacks && ev->print)
		ask->stack(ask->ctx, ev);
	if (ask && t->o.stacks > 1 && ev->print)
		ask->lines(ask->ctx, ev);
	if (t->c->judge)
		t->c->judge(t->c->ctx, ev, ask);
	t->judging = NULL;
}

/* The call ended with result; failed is the kernel's opinion of it (addresses may look negative). */
static struct event *call_ended(struct trace *t, struct tracee *tr, int64_t result, bool failed)
{
	const struct call_entry *e = tr->entry;
	struct event *ev = tr->ev;

	tr->entry = NULL;
	tr->ev = NULL;
	if (e && !failed)
		side_effect(t, tr, e);
	if (!ev)
		return NULL;
	ev->exit_ns = clock_ns(CLOCK_REALTIME);
	ev->end = CALL_RETURNED;
	ev->result = result;
	capture_exit(&t->capture, ev, memory_of(t, tr), &tr->hint);
	if (!failed)
		sock_effect(t, tr, ev);
	else if (result == -EBADF || result == -ENOTSOCK)
		fds_forget(&tr->process->fds, ev->fd);
	remember_datagrams(tr, ev);
	if (t->o.paths && call_receives(ev->call))
		trace_rights_paths(ev);
	packets_match(t, ev);
	judge(t, ev, &t->ask);
	if (t->o.received)
		received_call(&tr->process->received, ev, !t->seccomp || tr->process->ntasks == 1);
	return ev;
}

void trace_last_stop(struct trace *t, struct tracee *tr)
{
	struct __ptrace_syscall_info info;
	struct event *ev;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tr->tid, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT)
		return;
	/* our interrupt made it return: it will be restarted, unseen */
	if (info.exit.is_error && info.exit.rval <= -512 && info.exit.rval >= -516)
		return;
	ev = call_ended(t, tr, info.exit.rval, info.exit.is_error);
	if (ev)
		t->c->emit(t->c->ctx, ev, &t->ask);
}

void trace_call_ends(struct trace *t, struct tracee *tr, enum call_end end)
{
	struct event *ev = tr->ev;

	tr->entry = NULL;
	tr->ev = NULL;
	if (!ev)
		return;
	ev->end = end;
	ev->exit_ns = clock_ns(CLOCK_REALTIME);
	packets_unmatched(t, ev);
	judge(t, ev, NULL);
	t->c->emit(t->c->ctx, ev, NULL);
}

static void watched_entry(struct trace *t, struct tracee *tr, const struct abi *abi,
			  const struct __ptrace_syscall_info *info)
{
	uint64_t args[6];

	memcpy(args, info->entry.args, sizeof(args));
	received_entry(tr->process->received, memory_of(t, tr),
		       calls_find(t->calls, abi, info->entry.nr)->name, args, t->seccomp);
}

void trace_syscall_stop(struct trace *t, struct tracee *tr)
{
	struct __ptrace_syscall_info info;
	const struct abi *abi;
	struct event *ev;

	if (tr->skip_exit) {
		/* If this were not the exit, the next one would say so: see below. */
		tr->skip_exit = false;
		trace_resume(t, tr, 0);
		return;
	}
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tr->tid, sizeof(info), &info) < 0) {
		trace_resume(t, tr, 0); /* gone */
		return;
	}
	switch (info.op) {
	case PTRACE_SYSCALL_INFO_ENTRY:
	case PTRACE_SYSCALL_INFO_SECCOMP:
		/* both begin with the number and the arguments */
		abi = abi_of(info.arch, info.entry.nr);
		trace_call_ends(t, tr, CALL_PENDING); /* an exit that we were not shown */
		if (abi && received_watch(tr->process->received) &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY)
			watched_entry(t, tr, abi, &info);
		if (t->seccomp && info.op == PTRACE_SYSCALL_INFO_ENTRY)
			break; /* the filter has its own stop for what concerns us */
		if (abi) {
			on_entry(t, tr, abi, info.entry.nr, info.entry.args);
			return;
		}
		break;
	case PTRACE_SYSCALL_INFO_EXIT:
		/* After attaching, the first one may be that of a call whose entry we didn't see. */
		ev = call_ended(t, tr, info.exit.rval, info.exit.is_error);
		trace_resume(t, tr, 0);
		if (ev)
			t->c->emit(t->c->ctx, ev, &t->ask);
		return;
	}
	trace_resume(t, tr, 0);
}
