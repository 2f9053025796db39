// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON objects of a recording as events. Pure; every count is bounded by what the line holds. */
#include "config.h"

#include "record/read-event.h"

#include <string.h>

#include "base/alloc.h"
#include "cmsg/cmsg.h"
#include "event/ask.h"
#include "record/read-json.h"
#include "record/record.h"

static void get_holes(struct arena *a, const struct jval *o, struct hdr *h)
{
	const struct jval *list = jval_get(o, "holes");
	size_t n = jval_size(list);

	if (!n)
		return;
	h->holes = arena_array(a, struct hole, n);
	h->nholes = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		const struct jval *v = jval_at(list, i);

		h->holes[i].off = (uint32_t)jval_int(jval_at(v, 0));
		h->holes[i].len = (uint32_t)jval_int(jval_at(v, 1));
	}
}

static uint8_t get_unseen(const struct jval *o)
{
	const struct jval *list = jval_get(o, "unseen");
	uint8_t unseen = 0;

	for (size_t i = 0; i < jval_size(list); i++) {
		const char *what = jval_text(jval_at(list, i));

		if (what && !strcmp(what, "pointers"))
			unseen |= HDR_UNSEEN_PTRS;
		else if (what && !strcmp(what, "room"))
			unseen |= HDR_UNSEEN_ROOM;
		else if (what && !strcmp(what, "flags"))
			unseen |= HDR_UNSEEN_FLAGS;
		else if (what && !strcmp(what, "iovlen"))
			unseen |= HDR_UNSEEN_IOVLEN;
	}
	return unseen;
}

static void get_hdr(struct arena *a, const struct jval *msg, const char *key, struct hdr *h)
{
	const struct jval *o = jval_get(msg, key);

	if (!jval_is(o, JVAL_OBJECT))
		return;
	h->have = !jval_is(jval_get(o, "have"), JVAL_FALSE);
	h->unseen = get_unseen(o);
	h->name_ptr = rec_pointer(o, "name_ptr");
	h->namelen = rec_int(o, "namelen", 0);
	h->iov_ptr = rec_pointer(o, "iov_ptr");
	h->iovlen = rec_u64(o, "iovlen");
	h->control_ptr = rec_pointer(o, "control_ptr");
	h->controllen = rec_u64(o, "controllen");
	h->flags = (uint32_t)rec_int(o, "flags", 0);
	rec_bytes(a, o, "name", h->name_ptr, &h->name);
	rec_bytes(a, o, "control", h->control_ptr, &h->control);
	get_holes(a, o, h);
}

static void get_route(struct arena *a, const struct jval *o, struct route_fact *r)
{
	o = jval_get(o, "route");
	if (!jval_is(o, JVAL_OBJECT))
		return;
	r->have = true;
	r->err = (int)rec_int(o, "err", 0);
	r->source = rec_addr(a, o, "source");
	r->oif = (uint32_t)rec_int(o, "oif", 0);
	r->candidates = (uint32_t)rec_int(o, "candidates", 0);
}

static void get_wire(struct arena *a, const struct jval *o, struct wire_fact *w)
{
	o = jval_get(o, "wire");
	if (!jval_is(o, JVAL_OBJECT))
		return;
	w->have = true;
	w->local = rec_addr(a, o, "local");
	w->packet = rec_u64(o, "packet");
}

static void get_tried(struct arena *a, const struct jval *o, struct tried *t)
{
	o = jval_get(o, "tried");
	if (!jval_is(o, JVAL_OBJECT))
		return;
	t->what = rec_text(a, o, "what");
	t->failed = rec_text(a, o, "failed");
	t->source = rec_addr(a, o, "source");
}

static void get_iov(struct arena *a, const struct jval *o, struct msg *m)
{
	const struct jval *list = jval_get(o, "iov");
	size_t n = jval_size(list);

	if (jval_is(list, JVAL_ARRAY)) {
		m->iov = arena_array(a, struct iov, n ? n : 1);
		m->niov = (uint32_t)n;
	}
	for (size_t i = 0; i < n; i++) {
		const struct jval *v = jval_at(list, i);
		struct iov *iov = &m->iov[i];

		iov->base = rec_pointer(v, "base");
		iov->len = rec_u64(v, "len");
		rec_bytes(a, v, "data", iov->base, &iov->data);
	}
	rec_bytes(a, o, "iov_raw", 0, &m->iov_raw);
	m->total = rec_u64(o, "total");
}

static void get_msg(struct arena *a, const struct jval *o, struct msg *m)
{
	get_hdr(a, o, "in", &m->in);
	get_hdr(a, o, "out", &m->out);
	m->made_up = rec_true(o, "made_up");
	m->sent = rec_true(o, "sent");
	m->have_len = jval_is(jval_get(o, "len"), JVAL_INT);
	m->len = (uint32_t)rec_int(o, "len", 0);
	get_iov(a, o, m);
	get_route(a, o, &m->route);
	get_wire(a, o, &m->wire);
	get_tried(a, o, &m->tried);
}

static void get_timeout(const struct jval *o, const char *key, struct timeout_arg *t)
{
	const struct jval *v = jval_get(o, key);

	if (!jval_is(v, JVAL_OBJECT))
		return;
	t->have = true;
	t->sec = rec_int(v, "sec", 0);
	t->nsec = rec_int(v, "nsec", 0);
}

static void get_stack(struct event *ev, const struct jval *o)
{
	struct arena *a = &ev->arena;
	const struct jval *list = jval_get(o, "stack");
	size_t n = jval_size(list);

	ev->stack.number = rec_u64(o, "stack_number");
	if (!jval_is(list, JVAL_ARRAY))
		return;
	ev->stack.have = true;
	ev->stack.n = (uint32_t)n;
	ev->stack.frames = arena_array(a, struct frame, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		const struct jval *v = jval_at(list, i);
		struct frame *f = &ev->stack.frames[i];

		f->pc = rec_u64(v, "pc");
		f->module = rec_text(a, v, "module");
		f->module_off = rec_u64(v, "module_off");
		f->function = rec_text(a, v, "function");
		f->function_off = rec_u64(v, "function_off");
		f->file = rec_text(a, v, "file");
		f->line = (uint32_t)rec_int(v, "line", 0);
	}
}

static void get_flow(struct arena *a, const struct jval *o, struct flow *f)
{
	o = jval_get(o, "flow");
	f->have = jval_is(o, JVAL_OBJECT);
	f->source = rec_addr(a, o, "source");
	f->oif = (uint32_t)rec_int(o, "oif", 0);
	f->oif_unknown = rec_true(o, "oif_unknown");
	f->mark = (uint32_t)rec_int(o, "mark", 0);
	f->tos = (uint8_t)rec_int(o, "tos", 0);
	f->protocol = (uint8_t)rec_int(o, "protocol", 0);
	f->uid = (uint32_t)rec_int(o, "uid", UINT32_MAX);
}

/* The lists are built from their ends, so that they come out in the order of the recording. */
static void get_asked(struct event *ev, const struct jval *o)
{
	struct arena *a = &ev->arena;
	const struct jval *list = jval_get(o, "fd_paths");

	for (size_t i = jval_size(list); i-- > 0;) {
		const struct jval *v = jval_at(list, i);
		const char *path = rec_text(a, v, "path");

		event_add_fd_path(ev, (int)rec_int(v, "fd", -1), path ? path : "");
	}
	list = jval_get(o, "ifnames");
	for (size_t i = jval_size(list); i-- > 0;) {
		const struct jval *v = jval_at(list, i);
		const char *name = rec_text(a, v, "name");

		event_add_ifname(ev, (uint32_t)rec_int(v, "index", 0), name ? name : "");
	}
	list = jval_get(o, "answers");
	for (size_t i = 0; i < jval_size(list); i++) {
		const struct jval *v = jval_at(list, i);
		unsigned int kind = rec_word(v, "asked", question_kinds, ASK_KINDS, ASK_KINDS);
		struct answer answer = {
			.question = { .kind = kind,
				      .addr = rec_addr(a, v, "addr"),
				      .oif = (uint32_t)rec_int(v, "oif", 0),
				      .number = rec_int(v, "number", 0) },
			.result = (int)rec_int(v, "result", 0),
			.late = rec_true(v, "late"),
			.inode = (uint64_t)rec_int(v, "inode", 0),
		};

		const char *name = rec_text(a, v, "name");

		if (name)
			memccpy(answer.name, name, '\0', sizeof(answer.name) - 1);
		get_flow(a, v, &answer.question.flow);
		get_route(a, v, &answer.route);
		if (kind < ASK_KINDS)
			event_add_answer(ev, &answer);
	}
}

static void get_left(struct event *ev, const struct jval *o)
{
	const struct jval *list = jval_get(o, "left");
	size_t n = jval_size(list);

	ev->left_known = jval_is(list, JVAL_ARRAY);
	ev->nleft = (uint32_t)n;
	ev->left = n ? arena_array(&ev->arena, struct left_fd, n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct jval *v = jval_at(list, i);

		ev->left[i] = (struct left_fd){ .fd = (int)rec_int(v, "fd", -1),
						.event = (uint64_t)rec_int(v, "event", 0) };
	}
}

static void get_call_args(struct event *ev, const struct jval *o)
{
	const struct jval *args = jval_get(o, "args");
	const char *as = jval_text(jval_get(o, "as"));
	const char *abi = jval_text(jval_get(o, "abi"));

	ev->abi = abi ? abi_by_name(abi) : abi_native();
	ev->call = call_of_name(ev->name);
	if (as)
		ev->call = call_of_name(as);
	ev->nr = (uint32_t)rec_int(o, "nr", 0);
	ev->socketcall = rec_true(o, "socketcall");
	for (size_t i = 0; i < 6 && i < jval_size(args); i++)
		rec_maybe(jval_at(args, i), &ev->args[i]);
}

static const char *get_call(struct event *ev, const struct jval *o,
			    const struct record_known *known)
{
	struct arena *a = &ev->arena;
	const struct jval *msgs = jval_get(o, "msgs");
	const struct jval *sock = jval_get(o, "sock");
	size_t n = jval_size(msgs);

	ev->name = rec_text(a, o, "call");
	if (!ev->name)
		return "a call without its name";
	get_call_args(ev, o);
	if (!ev->abi)
		return "a call of an ABI that this program doesn't know";
	ev->end = rec_word(o, "end", record_ends, record_nends, CALL_PENDING);
	ev->assumed = jval_get(o, "assumed");
	ev->result = rec_int(o, ev->assumed ? "assumed" : "result", 0);
	ev->fd = (int)rec_int(o, "fd", -1);
	ev->flags = (uint32_t)rec_int(o, "flags", 0);
	if (sock)
		ev->sock = known->sock(known->ctx, rec_u64(sock, "id"));
	get_timeout(o, "timeout_in", &ev->timeout_in);
	get_timeout(o, "timeout_out", &ev->timeout_out);
	rec_bytes(a, o, "opt", 0, &ev->opt);
	ev->vlen = rec_u64(o, "vlen");
	if (n > EVENT_MSGS_MAX)
		return "a call of more messages than the kernel takes";
	if (jval_is(msgs, JVAL_ARRAY)) {
		ev->msg = arena_array(a, struct msg, n ? n : 1);
		ev->nmsg = (uint32_t)n;
	}
	for (size_t i = 0; i < n; i++)
		get_msg(a, jval_at(msgs, i), &ev->msg[i]);
	return NULL;
}

const char *record_event(struct event *ev, unsigned int kind, const struct jval *o,
			 const struct record_known *known)
{
	struct arena *a = &ev->arena;
	const char *comm = rec_text(a, o, "comm");
	const char *wrong = NULL;

	ev->kind = kind;
	ev->no = rec_u64(o, "no");
	ev->tid = (int)rec_int(o, "tid", 0);
	ev->tgid = (int)rec_int(o, "tgid", 0);
	if (comm)
		memccpy(ev->comm, comm, '\0', sizeof(ev->comm));
	if (jval_get(o, "proc"))
		ev->proc = known->proc(known->ctx, rec_u64(o, "proc"));
	ev->ntasks = (uint32_t)rec_int(o, "tasks", 0);
	ev->threads = (uint32_t)rec_int(o, "threads", 0);
	ev->enter_ns = rec_u64(o, "enter");
	ev->exit_ns = rec_u64(o, "exit");
	ev->log = rec_text(a, jval_get(o, "log"), "file");
	ev->log_line = rec_u64(jval_get(o, "log"), "line");
	ev->print = !jval_is(jval_get(o, "print"), JVAL_FALSE);
	if (kind == EVENT_CALL)
		wrong = get_call(ev, o, known);
	ev->sig = (int)rec_int(o, "sig", 0);
	ev->core = rec_true(o, "core");
	ev->status = (int)rec_int(o, "status", 0);
	ev->other_pid = (int)rec_int(o, "other_pid", 0);
	get_left(ev, o);
	rec_bytes(a, o, "siginfo", 0, &ev->siginfo);
	if (kind == EVENT_SIGNAL)
		ev->name = rec_text(a, o, "syscall");
	ev->note = rec_text(a, o, "note");
	get_stack(ev, o);
	get_asked(ev, o);
	return wrong;
}

static bool get_fact(const struct jval *o, const char *key, unsigned int bit, unsigned int *has)
{
	if (!jval_get(o, key))
		return false;
	*has |= bit;
	return true;
}

struct sock *record_sock(struct arena *scratch, const struct jval *o)
{
	struct sock *s = sock_new();
	const struct jval *opts = jval_get(o, "opts");

	if (get_fact(o, "domain", SOCK_HAS_DOMAIN, &s->has))
		s->domain = (int)rec_int(o, "domain", 0);
	if (get_fact(o, "socktype", SOCK_HAS_TYPE, &s->has))
		s->type = (int)rec_int(o, "socktype", 0);
	if (get_fact(o, "protocol", SOCK_HAS_PROTOCOL, &s->has))
		s->protocol = (int)rec_int(o, "protocol", 0);
	if (get_fact(o, "cookie", SOCK_HAS_COOKIE, &s->has))
		s->cookie = rec_u64(o, "cookie");
	if (get_fact(o, "inode", SOCK_HAS_INODE, &s->has))
		s->inode = rec_u64(o, "inode");
	if (get_fact(o, "netns", SOCK_HAS_NETNS, &s->has))
		s->netns = rec_u64(o, "netns");
	if (get_fact(o, "uid", SOCK_HAS_UID, &s->has))
		s->uid = (uint32_t)rec_int(o, "uid", 0);
	s->local = rec_addr(scratch, o, "local");
	if (get_fact(o, "peer", SOCK_HAS_PEER, &s->has))
		s->peer = rec_addr(scratch, o, "peer");
	for (unsigned int i = 0; i < cmsg_opt_count(); i++) {
		const struct jval *v = jval_get(opts, cmsg_opt_row(i)->name);

		if (jval_is(v, JVAL_INT))
			sock_opt_set(s, i, (int32_t)jval_int(v));
	}
	sock_derive(s);
	return s;
}

static void get_ids(const struct jval *o, const char *key, uint32_t *real, uint32_t *effective,
		    uint32_t *saved)
{
	const struct jval *v = jval_get(o, key);

	*real = (uint32_t)jval_int(jval_at(v, 0));
	*effective = (uint32_t)jval_int(jval_at(v, 1));
	*saved = (uint32_t)jval_int(jval_at(v, 2));
}

struct proc *record_proc(struct arena *scratch, const struct jval *o)
{
	struct proc *p = proc_new();

	p->tgid = (int)rec_int(o, "tgid", 0);
	if (get_fact(o, "exe", PROC_HAS_EXE, &p->has)) {
		const char *exe = rec_text(scratch, o, "exe");

		p->exe = alloc_strdup(exe ? exe : "");
	}
	if (get_fact(o, "uids", PROC_HAS_IDS, &p->has)) {
		get_ids(o, "uids", &p->uid, &p->euid, &p->suid);
		get_ids(o, "gids", &p->gid, &p->egid, &p->sgid);
	}
	if (get_fact(o, "caps", PROC_HAS_CAPS, &p->has))
		p->caps = rec_u64(o, "caps");
	p->ids_foreign = rec_true(o, "ids_foreign");
	if (get_fact(o, "nspid", PROC_HAS_NSPID, &p->has))
		p->nspid = (int)rec_int(o, "nspid", 0);
	if (get_fact(o, "caps_in_netns", PROC_HAS_NET_CAPS, &p->has))
		p->caps_in_netns = rec_true(o, "caps_in_netns");
	if (get_fact(o, "nofile", PROC_HAS_NOFILE, &p->has))
		p->nofile = rec_u64(o, "nofile");
	if (get_fact(o, "nfds", PROC_HAS_NFDS, &p->has))
		p->nfds = (uint32_t)rec_int(o, "nfds", 0);
	if (get_fact(o, "netns", PROC_HAS_NETNS, &p->has))
		p->netns = rec_u64(o, "netns");
	if (get_fact(o, "userns", PROC_HAS_USERNS, &p->has))
		p->userns = rec_u64(o, "userns");
	return p;
}
