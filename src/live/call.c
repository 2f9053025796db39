// SPDX-License-Identifier: LGPL-2.1-or-later
/* From the beginning to the end of one call, and the event that comes of it. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "procfs/procfs.h"
#include "live/state.h"
#include "live/waits.h"
#include "stack/unwind.h"

/* What calls under way may hold together, before each that begins keeps little of what it offers. */
enum { HELD_AMPLY = 16 << 20 };

static bool carries_datagrams(const struct sock *s)
{
	return s && (s->has & SOCK_HAS_TYPE) && (s->type == SOCK_DGRAM || s->type == SOCK_RAW);
}

static void remember_datagrams(struct task *t, const struct event *ev)
{
	if (carries_datagrams(ev->sock))
		process_dgram_set(t->process, ev->fd, true);
}

void live_find_sockets(struct live *l, struct process *p)
{
	auto_dir DIR *dir = opendir(procfs_path(p->tgid, "fd").s);
	int fd;

	waits_maps(p);
	while ((fd = procfs_next(dir)) >= 0) {
		if (fd >= DGRAM_FDS)
			continue;

		struct sock *s = facts_sock(l->facts, p->tgid, fd, NULL);

		if (!s)
			waits_fd(p, fd);
		process_dgram_set(p, fd, carries_datagrams(s));
		packets_watch_fd(l, p->tgid, fd, s);
		sock_unref(s);
	}
}

/* ---- its beginning ---- */

/* A call that is told of anyway and is of interest only on some descriptors. Sets *sock where looked up. */
static bool demanded(struct live *l, struct task *t, const struct call_entry *e,
		     const uint64_t *args, struct sock **sock)
{
	struct process *p = t->process;
	int fd = (int)args[0];

	if (e->call == CALL_IO_URING_ENTER) {
		if (p->uring_told)
			return false;
		p->uring_told = true;
		return true;
	}
	if (*sock)
		return carries_datagrams(*sock);
	if (!process_dgram(p, fd))
		return false;
	*sock = facts_sock(l->facts, p->tgid, fd, NULL);
	if (carries_datagrams(*sock))
		return true;
	process_dgram_set(p, fd, false); /* closed, and the number used again */
	return false;
}

static bool wants_event(struct live *l, struct task *t, const struct call_entry *e,
			const uint64_t *args, struct sock **sock)
{
	if (l->hush & LIVE_MUTE)
		return false;
	if (t->hidden)
		return e->prints && e->name && !strncmp(e->name, "execve", 6);
	if (e->use == USE_DEMAND)
		return ((l->can & ENGINE_EVERY_CALL) || *sock) && demanded(l, t, e, args, sock);
	return e->use == USE_EVENT;
}

static bool maps_code(const uint64_t *args)
{
	return args[2] & PROT_EXEC;
}

static bool maps_file(const uint64_t *args)
{
	return !(args[3] & MAP_ANONYMOUS);
}

static bool wants_side(const struct call_entry *e, const uint64_t *args)
{
	switch (e->side) {
	case SIDE_MAPS:
		return maps_code(args) || maps_file(args);
	case SIDE_COMM:
		return args[0] == PR_SET_NAME;
	case SIDE_FDS:
		return strncmp(e->name, "fcntl", 5) || args[1] == F_DUPFD ||
		       args[1] == F_DUPFD_CLOEXEC;
	case SIDE_IDS:
		return true;
	case SIDE_WAITS:
	case SIDE_NONE:
	case SIDE_TRACED:
	case SIDE_SECCOMP:
		break;
	}
	return false;
}

static struct event *call_event(struct live *l, struct task *t, const struct call_entry *e,
				const struct call_begin *b)
{
	struct event *ev = live_event(l, t, EVENT_CALL);

	if (b->ns)
		ev->enter_ns = b->ns;
	ev->abi = b->abi;
	ev->call = e->call;
	ev->nr = (uint32_t)b->nr;
	ev->name = e->name ? e->name : arena_printf(&ev->arena, "syscall_%#x", ev->nr);
	ev->print = e->prints;
	ev->end = CALL_PENDING;
	ev->exit_ns = 0;
	memcpy(ev->args, b->args, sizeof(ev->args));
	return ev;
}

/* Its event, with all that it offers; NULL where the call behind a multiplexer is none of ours. */
static struct event *offered(struct live *l, struct task *t, const struct call_entry *e,
			     const struct call_begin *b)
{
	struct event *ev = call_event(l, t, e, b);

	l->capture.frugal = l->held > HELD_AMPLY;
	capture_enter(&l->capture, ev, l->engine->memory(l->e, t), &t->hint);
	if (!ev->socketcall)
		return ev;
	if (ev->call != CALL_OTHER) {
		ev->name = call_rows[ev->call].name;
		ev->print = calls_prints(l->calls, ev->call);
	} else if (!ev->print) {
		event_free(ev);
		return NULL;
	}
	return ev;
}

/* What the engine knew of its socket. */
static void take_sock(const struct live *l, struct task *t, struct event *ev)
{
	ev->sock = t->call.sock;
	t->call.sock = NULL;
	if (l->o.paths)
		live_sock_path(ev, ev->fd);
}

/* The task runs on: what its process is like is known, or is still so; its descriptors may be others. */
static void take_facts(struct live *l, struct task *t, struct event *ev)
{
	ev->proc = facts_proc(l->facts, ev->tgid);
	take_sock(l, t, ev);
}

/* What is asked of the live system while the call runs: its descriptor still means the same. */
static void call_facts(struct live *l, struct task *t)
{
	struct event *ev = t->call.ev;
	unsigned int flags = call_rows[ev->call].flags;

	t->call.asked = true;
	ev->proc = facts_proc(l->facts, ev->tgid);
	take_sock(l, t, ev);
	if (!ev->sock && ev->fd >= 0 && (flags & (CALL_SENDS | CALL_RECEIVES | CALL_STATE)))
		ev->sock = fds_sock(&t->process->fds, l->facts, l->fds_generation, ev);
	packets_watch(l, ev);
	if (l->o.paths && ev->fd >= 0)
		live_fd_path(ev, ev->fd);
	if (l->o.paths && call_sends(ev->call))
		live_rights_paths(ev);
}

/* What is to be changed of the call before it is made: msg[].tried. */
static void ask_amend(struct live *l, struct task *t, struct event *ev)
{
	if (!t->call.asked)
		call_facts(l, t);
	l->judging = ev;
	l->c->amend(l->c->ctx, ev, &l->ask);
	l->judging = NULL;
}

bool live_call_begins(struct live *l, struct task *t, const struct call_begin *b)
{
	const struct call_entry *e = b->entry ? b->entry : calls_find(l->calls, b->abi, b->nr);
	struct sock *sock = b->sock;
	struct event *ev = NULL;

	live_call_lost(l, t, CALL_PENDING);
	if (e->side == SIDE_WAITS)
		waits_call(l, t, e, b->args);
	if (wants_event(l, t, e, b->args, &sock))
		ev = offered(l, t, e, b);
	if (!ev) {
		sock_unref(sock);
		sock = NULL;
		if (!wants_side(e, b->args))
			return false;
	}
	t->call.entry = e;
	t->call.ev = ev;
	t->call.maps_code = maps_code(b->args);
	t->call.maps_file = maps_file(b->args);
	t->call.held = ev ? arena_size(&ev->arena) : 0;
	l->held += t->call.held;
	t->call.sock = sock;
	t->call.asked = false;
	if (ev && l->c->enter)
		l->c->enter(l->c->ctx, ev);
	if (ev && packets_watch_first(l, ev))
		call_facts(l, t);
	if (ev && l->o.amend && call_sends(ev->call))
		ask_amend(l, t, ev);
	return true;
}

void live_call_goes_on(struct live *l, struct task *t)
{
	if (t->call.ev && !t->call.asked)
		call_facts(l, t);
}

/* ---- its end ---- */

static void call_is_over(struct live *l, struct task *t)
{
	l->held -= t->call.held;
	t->call.held = 0;
	t->call.entry = NULL;
	t->call.ev = NULL;
}

static void side_effect(struct live *l, struct task *t, const struct call_entry *e)
{
	int tgid = t->process->tgid;

	switch (e->side) {
	case SIDE_MAPS:
		if (t->call.maps_file)
			waits_maps(t->process);
		if (l->unwinder && t->call.maps_code)
			unwind_libunwind.changed(l->unwinder, tgid);
		break;
	case SIDE_COMM:
		t->comm_known = false;
		break;
	case SIDE_FDS:
		l->fds_generation++;
		break;
	case SIDE_IDS:
		facts_proc_changed(l->facts, tgid);
		break;
	case SIDE_WAITS:
	case SIDE_NONE:
	case SIDE_TRACED:
	case SIDE_SECCOMP:
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

static void new_socket(struct live *l, struct task *t, struct event *ev)
{
	l->fds_generation++;
	if (!ev->sock && l->can & ENGINE_STOPS)
		ev->sock = facts_sock(l->facts, ev->tgid, (int)ev->result, NULL);
	if (l->o.paths && l->can & ENGINE_STOPS)
		live_fd_path(ev, (int)ev->result);
	else if (l->o.paths)
		live_sock_path(ev, (int)ev->result);
	if (carries_datagrams(ev->sock))
		process_dgram_set(t->process, (int)ev->result, true);
}

/* -y: what a call of no interest by itself has made; -yy: a connection's addresses, too. */
static void new_descriptor(struct live *l, struct event *ev)
{
	if (!l->o.paths || !(l->can & ENGINE_STOPS) || ev->call != CALL_OTHER || !ev->name ||
	    !call_makes_fd(ev->name))
		return;
	live_fd_path(ev, (int)ev->result);
	if (ev->fd < 0 && !ev->sock && !strncmp(ev->name, "accept", 6)) {
		ev->fd = (int)ev->result;
		ev->sock = facts_sock(l->facts, ev->tgid, ev->fd, NULL);
	}
}

static bool sets_inq(const struct event *ev)
{
	const struct sock_opt_row *row = &sock_opt_rows[OPT_SO_INQ];

	return (int)ev->args[1] == row->level && (int)ev->args[2] == row->optname && ev->opt.p &&
	       ev->opt.len >= sizeof(int);
}

/* The call succeeded: what it changes of a socket. */
static void sock_effect(struct live *l, struct task *t, struct event *ev)
{
	switch (ev->call) {
	case CALL_SOCKET:
		new_socket(l, t, ev);
		break;
	case CALL_SETSOCKOPT:
		if (ev->sock && sets_inq(ev))
			facts_sock_inq(l->facts, ev->sock, *ev->opt.p);
		/* fall through */
	case CALL_BIND:
	case CALL_CONNECT:
		if (ev->sock)
			facts_sock_changed(l->facts, ev->sock);
		l->fds_generation++; /* other descriptors, of any process, may be this socket */
		break;
	case CALL_RECVMSG:
	case CALL_RECVMMSG:
		if (sock_kind_is_unix(sock_kind(ev->sock)) && got_control(ev))
			l->fds_generation++; /* it may have brought descriptors */
		break;
	case CALL_IO_URING_SETUP:
		t->process->uring_told = true; /* by this event */
		break;
	case CALL_OTHER:
		new_descriptor(l, ev);
		break;
	default:
		break;
	}
}

static void judge(struct live *l, struct event *ev, const struct ask *ask)
{
	l->judging = ask ? ev : NULL;
	if (ask && l->o.stacks && ev->print)
		ask->stack(ask->ctx, ev);
	if (ask && l->o.stacks > 1 && ev->print)
		ask->lines(ask->ctx, ev);
	if (l->c->judge)
		l->c->judge(l->c->ctx, ev, ask);
	l->judging = NULL;
}

struct event *live_call_ended(struct live *l, struct task *t, const struct call_result *r)
{
	const struct call_entry *e = t->call.entry;
	struct event *ev = t->call.ev;

	if (ev && !t->call.asked) {
		/* a task that stands still has the descriptor that the call had; one that runs may not */
		if (l->can & ENGINE_STOPS)
			call_facts(l, t);
		else
			take_facts(l, t, ev);
	}
	call_is_over(l, t);
	if (e && !r->failed)
		side_effect(l, t, e);
	if (!ev)
		return NULL;
	ev->exit_ns = r->ns ? r->ns : live_now();
	ev->end = CALL_RETURNED;
	ev->result = r->value;
	capture_exit(&l->capture, ev, l->engine->memory(l->e, t), &t->hint);
	if (!r->failed)
		sock_effect(l, t, ev);
	else if (r->value == -EBADF || r->value == -ENOTSOCK)
		fds_forget(&t->process->fds, ev->fd);
	remember_datagrams(t, ev);
	if (l->o.paths && l->can & ENGINE_STOPS && call_receives(ev->call))
		live_rights_paths(ev);
	packets_match(l, ev);
	if (l->engine->packets)
		l->engine->packets(l->e, t, ev);
	judge(l, ev, &l->ask);
	if (l->o.received)
		received_call(&t->process->received, ev,
			      (l->can & ENGINE_EVERY_CALL) ||
				      (l->can & ENGINE_STOPS && t->process->ntasks == 1));
	return ev;
}

void live_call_lost(struct live *l, struct task *t, enum call_end end)
{
	struct event *ev = t->call.ev;

	call_is_over(l, t);
	if (!ev)
		return;
	if (!t->call.asked)
		take_sock(l, t, ev);
	ev->end = end;
	ev->exit_ns = live_now();
	packets_unmatched(l, ev);
	judge(l, ev, NULL);
	l->c->emit(l->c->ctx, ev, NULL);
}

/* ---- calls of no interest by themselves ---- */

bool live_wants_every_call(const struct task *t)
{
	return received_watch(t->process->received);
}

void live_call_passes(struct live *l, struct task *t, const struct abi *abi, uint64_t nr,
		      const uint64_t *args, bool paid)
{
	received_entry(t->process->received, l->engine->memory(l->e, t),
		       calls_find(l->calls, abi, nr)->name, args, paid);
}
