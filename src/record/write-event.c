// SPDX-License-Identifier: LGPL-2.1-or-later
/* One event as JSON Lines records. Members that are absent are not known; see cmsgtrace-events(5). */
#include "config.h"

#include "record/write.h"

#include <signal.h>
#include <string.h>

#include "cmsg/cmsg.h"
#include "event/ask.h"
#include "event/names.h"
#include "report/fields-json.h"

/* Number of snapshot p; *fresh where it must be written first. The oldest makes room for it. */
static uint64_t seen_number(struct jsonl_seen *s, void *p, void *(*ref)(const void *),
			    void (*unref)(void *), bool *fresh)
{
	uint64_t *known = map_get(&s->ids, (uintptr_t)p);

	*fresh = !known;
	if (known)
		return (uint64_t)(uintptr_t)known;

	uint64_t no = s->next++;
	void **slot = &s->ring[no % RECORD_REMEMBERED];

	if (*slot) {
		map_remove(&s->ids, (uintptr_t)*slot);
		unref(*slot);
	}
	*slot = ref(p);
	map_put(&s->ids, (uintptr_t)p, (void *)(uintptr_t)no);
	return no;
}

static void *take_sock(const void *s)
{
	return sock_ref(s);
}

static void drop_sock(void *s)
{
	sock_unref(s);
}

static void *take_proc(const void *p)
{
	return proc_ref(p);
}

static void drop_proc(void *p)
{
	proc_unref(p);
}

static void put_name(struct json *j, const char *key, const char *name)
{
	if (name)
		jput_str(j, key, name);
}

void jsonl_put_addr(struct json *j, const char *key, const struct addr *a)
{
	if (!a->len)
		return;
	jput_object(j, key);
	jput_addr_text(j, "text", a);
	jput_hexbytes(j, "hex", &a->ss, a->len);
	jput_object_end(j);
}

void jsonl_put_word(struct json *j, const char *key, uint64_t v)
{
	if (v == WORD_UNKNOWN)
		jput_null(j, key);
	else
		jput_hex(j, key, v);
}

void jsonl_put_bytes(struct json *j, const char *key, const struct bytes *b, uint64_t addr)
{
	if (!b->p && !b->claimed && !b->addr && b->why == BYTES_WHOLE)
		return;
	jput_object(j, key);
	if (b->p)
		jput_hexbytes(j, "hex", b->p, b->len);
	if (b->claimed != b->len)
		jput_hex(j, "claimed", b->claimed);
	if (b->why != BYTES_WHOLE)
		jput_str(j, "why", record_whys[b->why]);
	if (b->addr != addr)
		jsonl_put_word(j, "addr", b->addr);
	jput_object_end(j);
}

void jsonl_put_route(struct json *j, const char *key, const struct route_fact *r)
{
	char tmp[16];

	if (!r->have)
		return;
	jput_object(j, key);
	if (r->err) {
		jput_s64(j, "err", r->err);
		jput_str(j, "errno", jsonl_errno(-r->err, tmp));
	}
	jsonl_put_addr(j, "source", &r->source);
	if (r->oif)
		jput_u64(j, "oif", r->oif);
	if (r->candidates)
		jput_u64(j, "candidates", r->candidates);
	jput_object_end(j);
}

static void put_sock_facts(struct json *j, const struct sock *s)
{
	if (s->has & SOCK_HAS_DOMAIN) {
		jput_s64(j, "domain", s->domain);
		put_name(j, "domain_name", names_find(&names_family, (uint64_t)s->domain));
	}
	if (s->has & SOCK_HAS_TYPE) {
		jput_s64(j, "socktype", s->type);
		put_name(j, "socktype_name", names_find(&names_socktype, (uint64_t)s->type));
	}
	if (s->has & SOCK_HAS_PROTOCOL)
		jput_s64(j, "protocol", s->protocol);
	if (s->has & SOCK_HAS_COOKIE)
		jput_hex(j, "cookie", s->cookie);
	if (s->has & SOCK_HAS_INODE)
		jput_hex(j, "inode", s->inode);
	if (s->has & SOCK_HAS_NETNS)
		jput_hex(j, "netns", s->netns);
	if (s->has & SOCK_HAS_UID)
		jput_u64(j, "uid", s->uid);
	jsonl_put_addr(j, "local", &s->local);
	if (s->has & SOCK_HAS_PEER && !s->peer.len)
		jput_null(j, "peer"); /* known: there is none */
	jsonl_put_addr(j, "peer", &s->peer);
}

static void put_sock(struct jsonl *r, const struct sock *s, uint64_t no)
{
	struct json *j = &r->json;

	jput_object(j, NULL);
	jput_str(j, "type", "sock");
	jput_u64(j, "id", no);
	jput_str(j, "kind", sock_kind_name(sock_kind(s)));
	put_sock_facts(j, s);
	jput_object(j, "opts");
	for (unsigned int i = 0; i < cmsg_opt_count(); i++) {
		if (sock_opt_known(s, i))
			jput_s64(j, cmsg_opt_row(i)->name, s->opt[i]);
	}
	jput_object_end(j);
	jput_object_end(j);
	buf_char(j->out, '\n');
	j->comma = false;
}

static void put_ids(struct json *j, const char *key, uint32_t real, uint32_t effective,
		    uint32_t saved)
{
	jput_array(j, key);
	jput_u64(j, NULL, real);
	jput_u64(j, NULL, effective);
	jput_u64(j, NULL, saved);
	jput_array_end(j);
}

static void put_proc(struct jsonl *r, const struct proc *p, uint64_t no)
{
	struct json *j = &r->json;

	jput_object(j, NULL);
	jput_str(j, "type", "proc");
	jput_u64(j, "id", no);
	jput_s64(j, "tgid", p->tgid);
	if (p->has & PROC_HAS_EXE && p->exe)
		jput_text(j, "exe", p->exe, strlen(p->exe));
	if (p->has & PROC_HAS_IDS) {
		put_ids(j, "uids", p->uid, p->euid, p->suid);
		put_ids(j, "gids", p->gid, p->egid, p->sgid);
	}
	if (p->has & PROC_HAS_CAPS)
		jput_hex(j, "caps", p->caps);
	if (p->ids_foreign)
		jput_bool(j, "ids_foreign", true);
	if (p->has & PROC_HAS_NSPID)
		jput_s64(j, "nspid", p->nspid);
	if (p->has & PROC_HAS_NET_CAPS)
		jput_bool(j, "caps_in_netns", p->caps_in_netns);
	if (p->has & PROC_HAS_NOFILE)
		jput_hex(j, "nofile", p->nofile);
	if (p->has & PROC_HAS_NFDS)
		jput_u64(j, "nfds", p->nfds);
	if (p->has & PROC_HAS_NETNS)
		jput_hex(j, "netns", p->netns);
	if (p->has & PROC_HAS_USERNS)
		jput_hex(j, "userns", p->userns);
	jput_object_end(j);
	buf_char(j->out, '\n');
	j->comma = false;
}

void jsonl_put_log(struct json *j, const struct event *ev)
{
	if (!ev->log_line)
		return;
	jput_object(j, "log");
	if (ev->log)
		jput_text(j, "file", ev->log, strlen(ev->log));
	jput_u64(j, "line", ev->log_line);
	jput_object_end(j);
}

static void put_task(struct json *j, const struct event *ev, uint64_t proc)
{
	jput_s64(j, "tid", ev->tid);
	if (ev->tgid)
		jput_s64(j, "tgid", ev->tgid);
	if (ev->comm[0])
		jput_text(j, "comm", ev->comm, strnlen(ev->comm, sizeof(ev->comm)));
	if (ev->proc)
		jput_u64(j, "proc", proc);
	if (ev->ntasks)
		jput_u64(j, "tasks", ev->ntasks);
	if (ev->threads)
		jput_u64(j, "threads", ev->threads);
	if (ev->enter_ns)
		jput_u64(j, "enter", ev->enter_ns);
	if (ev->exit_ns)
		jput_u64(j, "exit", ev->exit_ns);
	jsonl_put_log(j, ev);
	if (!ev->print)
		jput_bool(j, "print", false);
}

static void put_result(struct json *j, const struct event *ev)
{
	char tmp[16];

	jput_str(j, "end", record_ends[ev->end]);
	if (ev->end != CALL_RETURNED && !ev->result)
		return;
	jput_s64(j, ev->assumed ? "assumed" : "result", ev->result);
	if (event_error(ev))
		jput_str(j, "errno", jsonl_errno(-event_error(ev), tmp));
}

static void put_timeout(struct json *j, const char *key, const struct timeout_arg *t)
{
	if (!t->have)
		return;
	jput_object(j, key);
	jput_s64(j, "sec", t->sec);
	jput_s64(j, "nsec", t->nsec);
	jput_object_end(j);
}

static void put_stack(struct json *j, const struct stack *s)
{
	if (s->number)
		jput_hex(j, "stack_number", s->number);
	if (!s->have)
		return;
	jput_array(j, "stack");
	for (unsigned int i = 0; i < s->n; i++) {
		const struct frame *f = &s->frames[i];

		jput_object(j, NULL);
		jput_hex(j, "pc", f->pc);
		if (f->module)
			jput_text(j, "module", f->module, strlen(f->module));
		if (f->module_off)
			jput_hex(j, "module_off", f->module_off);
		if (f->function)
			jput_text(j, "function", f->function, strlen(f->function));
		if (f->function_off)
			jput_hex(j, "function_off", f->function_off);
		if (f->file)
			jput_text(j, "file", f->file, strlen(f->file));
		if (f->line)
			jput_u64(j, "line", f->line);
		jput_object_end(j);
	}
	jput_array_end(j);
}

static void put_flow(struct json *j, const struct flow *f)
{
	if (!f->have)
		return;
	jput_object(j, "flow");
	jsonl_put_addr(j, "source", &f->source);
	if (f->oif)
		jput_u64(j, "oif", f->oif);
	if (f->oif_unknown)
		jput_bool(j, "oif_unknown", true);
	if (f->mark)
		jput_u64(j, "mark", f->mark);
	if (f->tos)
		jput_u64(j, "tos", f->tos);
	if (f->protocol)
		jput_u64(j, "protocol", f->protocol);
	if (f->uid != UINT32_MAX)
		jput_u64(j, "uid", f->uid);
	jput_object_end(j);
}

static void put_answer(struct json *j, const struct answer *a)
{
	const struct question *q = &a->question;

	jput_object(j, NULL);
	jput_str(j, "asked", question_kinds[q->kind]);
	jsonl_put_addr(j, "addr", &q->addr);
	if (q->number)
		jput_s64(j, "number", q->number);
	if (q->oif)
		jput_u64(j, "oif", q->oif);
	put_flow(j, &q->flow);
	jput_s64(j, "result", a->result);
	if (a->late)
		jput_bool(j, "late", true);
	if (a->inode)
		jput_u64(j, "inode", a->inode);
	if (a->name[0])
		jput_text(j, "name", a->name, strlen(a->name));
	jsonl_put_route(j, "route", &a->route);
	jput_object_end(j);
}

/* What was asked while the event was judged and written: last, since writing asks too. */
static void put_asked(struct json *j, const struct event *ev)
{
	if (ev->fd_paths)
		jput_array(j, "fd_paths");
	for (const struct fd_path *p = ev->fd_paths; p; p = p->next) {
		jput_object(j, NULL);
		jput_s64(j, "fd", p->fd);
		if (p->path)
			jput_text(j, "path", p->path, strlen(p->path));
		jput_object_end(j);
	}
	if (ev->fd_paths)
		jput_array_end(j);
	if (ev->ifnames)
		jput_array(j, "ifnames");
	for (const struct ifname *n = ev->ifnames; n; n = n->next) {
		jput_object(j, NULL);
		jput_u64(j, "index", n->index);
		jput_text(j, "name", n->name, strnlen(n->name, sizeof(n->name)));
		jput_object_end(j);
	}
	if (ev->ifnames)
		jput_array_end(j);
	if (ev->answers)
		jput_array(j, "answers");
	for (const struct answer *a = ev->answers; a; a = a->next)
		put_answer(j, a);
	if (ev->answers)
		jput_array_end(j);
}

static const char *row_name(const struct event *ev)
{
	return ev->name ? ev->name : call_rows[ev->call].name;
}

static void put_call_args(struct json *j, const struct event *ev)
{
	if (ev->abi)
		jput_str(j, "abi", ev->abi->name);
	jput_str(j, "call", row_name(ev));
	if (call_of_name(row_name(ev)) != ev->call)
		jput_str(j, "as", call_rows[ev->call].name);
	if (ev->nr)
		jput_u64(j, "nr", ev->nr);
	if (ev->socketcall)
		jput_bool(j, "socketcall", true);

	unsigned int n = 6;

	while (n && !ev->args[n - 1])
		n--;
	jput_array(j, "args");
	for (unsigned int i = 0; i < n; i++)
		jsonl_put_word(j, NULL, ev->args[i]);
	jput_array_end(j);
}

static void put_call(struct json *j, struct event *ev, uint64_t sock, const struct ask *ask)
{
	put_call_args(j, ev);
	put_result(j, ev);
	if (ev->fd != -1)
		jput_s64(j, "fd", ev->fd);
	if (ev->flags) {
		struct buf b = { 0 };

		jput_u64(j, "flags", ev->flags);
		names_put_flags(&b, &names_msg_flags, ev->flags);
		jput_strn(j, "flags_name", b.p, b.len);
		buf_free(&b);
	}
	if (ev->sock) {
		jput_object(j, "sock");
		jput_u64(j, "id", sock);
		jput_str(j, "kind", sock_kind_name(sock_kind(ev->sock)));
		if (ev->sock->has & SOCK_HAS_COOKIE)
			jput_hex(j, "cookie", ev->sock->cookie);
		jput_object_end(j);
	}
	put_timeout(j, "timeout_in", &ev->timeout_in);
	put_timeout(j, "timeout_out", &ev->timeout_out);
	jsonl_put_bytes(j, "opt", &ev->opt, 0);
	if (ev->vlen)
		jput_hex(j, "vlen", ev->vlen);
	if (!ev->msg)
		return;
	jput_array(j, "msgs");
	for (unsigned int i = 0; i < ev->nmsg; i++)
		jsonl_put_msg(j, ev, &ev->msg[i], ask);
	jput_array_end(j);
}

static void put_other(struct json *j, const struct event *ev)
{
	if (ev->sig) {
		jput_s64(j, "sig", ev->sig);
		const char *abbrev = names_signal(ev->sig);

		if (abbrev) {
			char name[24] = "SIG";

			strncat(name, abbrev, sizeof(name) - 4);
			jput_str(j, "sig_name", name);
		}
	}
	if (ev->core)
		jput_bool(j, "core", true);
	if (ev->status || ev->kind == EVENT_EXITED)
		jput_s64(j, "status", ev->status);
	if (ev->other_pid)
		jput_s64(j, "other_pid", ev->other_pid);
	if (ev->left_known)
		jput_array(j, "left");
	for (uint32_t i = 0; i < ev->nleft; i++) {
		jput_object(j, NULL);
		jput_s64(j, "fd", ev->left[i].fd);
		jput_u64(j, "event", ev->left[i].event);
		jput_object_end(j);
	}
	if (ev->left_known)
		jput_array_end(j);
	jsonl_put_bytes(j, "siginfo", &ev->siginfo, 0);
	if (ev->kind == EVENT_SIGNAL && ev->name)
		jput_str(j, "syscall", ev->name);
	if (ev->note)
		jput_text(j, "note", ev->note, strlen(ev->note));
}

void jsonl_put_event(struct jsonl *r, struct event *ev, const struct ask *ask)
{
	struct json *j = &r->json;
	uint64_t sock = 0, proc = 0;
	bool fresh;

	if (ev->sock) {
		sock = seen_number(&r->socks, ev->sock, take_sock, drop_sock, &fresh);
		if (fresh)
			put_sock(r, ev->sock, sock);
	}
	if (ev->proc) {
		proc = seen_number(&r->procs, ev->proc, take_proc, drop_proc, &fresh);
		if (fresh)
			put_proc(r, ev->proc, proc);
	}
	jput_object(j, NULL);
	jput_str(j, "type", record_kinds[ev->kind]);
	if (ev->no)
		jput_u64(j, "no", ev->no);
	put_task(j, ev, proc);
	if (ev->kind == EVENT_CALL)
		put_call(j, ev, sock, ask);
	put_other(j, ev);
	put_stack(j, &ev->stack);
	put_asked(j, ev);
	jput_object_end(j);
	buf_char(j->out, '\n');
	j->comma = false;
}
