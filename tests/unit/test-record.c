// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: an event of every kind, with every member set, comes back from its recording as it was; a
 * recording of a recording is the same bytes; damage is told and survived; memory stays bounded.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "check/check.h"
#include "event/ask.h"
#include "cmsg/cmsg.h"
#include "record/read.h"
#include "record/record.h"
#include "kernel/model.h"
#include "report/report.h"

/* The streams of these tests gather in memory: this one stands for the library's, which writes. */
void stream_flush(struct stream *s)
{
	(void)s;
}

struct memory {
	const char *p;
	size_t len, at, chunk;
};

static long memory_read(void *ctx, char *p, size_t n)
{
	struct memory *m = ctx;

	if (m->chunk && n > m->chunk)
		n = m->chunk;
	if (n > m->len - m->at)
		n = m->len - m->at;
	memcpy(p, m->p + m->at, n);
	m->at += n;
	return (long)n;
}

/* What a run would be: checks each event, and hands it to a jsonl report (and to look()). */
struct sink {
	struct check *check;
	struct stream out;
	struct report *report;
	const struct finding *found;
	void (*look)(const struct event *ev);
	uint64_t events, calls, told;
	char said[4096];
	struct source *source;
	int rc;
};

static void sink_judge(void *ctx, struct event *ev, const struct ask *ask)
{
	struct sink *s = ctx;

	if (!ev->no)
		ev->no = s->calls + 1;
	s->calls = ev->no;
	cmsg_walk_event(ev);
	s->found = check_event(s->check, ev, ask);
}

static void sink_emit(void *ctx, struct event *ev, const struct ask *ask)
{
	struct sink *s = ctx;

	if (s->look)
		s->look(ev);
	s->events++;
	report_event(s->report, ev, ask);
	for (const struct finding *f = s->found; f; f = f->next)
		report_finding(s->report, f);
	s->found = NULL;
	event_free(ev);
}

static void sink_say(void *ctx, const char *text)
{
	struct sink *s = ctx;

	s->told++;
	strncat(s->said, text, sizeof(s->said) - strlen(s->said) - 2);
	strcat(s->said, "\n");
}

static void sink_init(struct sink *s)
{
	static const struct check_opts opts = { .release = KERNEL_RELEASE(6, 18, 0) };

	*s = (struct sink){ .out = { .fd = -1 } };
	s->check = check_new(&opts);
	s->report = report_jsonl_new(&s->out, NULL);
}

static void sink_start(struct sink *s, const struct record_header *h)
{
	const struct run_info run = {
		.tool = h ? h->tool : "cmsgtrace 0.1",
		.kernel = h ? h->kernel : "6.18.44",
		.machine = h ? h->machine : "x86_64",
		.argc = h ? h->argc : 2,
		.argv = h ? h->argv : (char *[]){ "./server", "a\xff\"b", NULL },
		.started_ns = h ? h->started_ns : 1700000000123456789,
	};

	report_start(s->report, &run);
}

static void sink_end(struct sink *s)
{
	const struct run_end end = { .check = s->check, .events = s->events, .exit = 3 };

	report_end(s->report, &end);
}

static void sink_free(struct sink *s)
{
	report_free(s->report);
	check_free(s->check);
	buf_free(&s->out.buf);
	event_pool_free();
}

static void replay(struct sink *s, const char *p, size_t len, size_t chunk,
		   void (*look)(const struct event *))
{
	struct memory m = { .p = p, .len = len, .chunk = chunk };
	const struct input in = { .read = memory_read, .ctx = &m, .name = "f.jsonl" };
	const struct consumer c = { .ctx = s, .judge = sink_judge, .emit = sink_emit };
	struct lines l;

	sink_init(s);
	s->look = look;
	lines_init(&l, &in);
	s->source = record_reader_new(&l, sink_say, s);
	s->rc = -EINVAL;
	if (s->source) {
		sink_start(s, record_reader_header(s->source));
		s->rc = s->source->run(s->source, &c);
		sink_end(s);
		s->source->free(s->source);
	}
	lines_free(&l);
}

static struct bytes slice(struct event *ev, const void *p, size_t len, uint64_t claimed,
			  uint64_t addr, enum bytes_why why)
{
	return (struct bytes){ arena_memdup(&ev->arena, p, len), len, claimed, addr, why };
}

/* The mistake the project exists for: IP_PKTINFO's bytes at level 6. */
static const unsigned char control[28] = { 28, 0, 0, 0, 0, 0, 0,   0,  6,   0,  0, 0, 8, 0,
					   0,  0, 2, 0, 0, 0, 198, 51, 100, 53, 0, 0, 0, 0 };

static struct sock *make_sock(void)
{
	struct sock *s = sock_new();
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(53) };

	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_COOKIE |
		 SOCK_HAS_INODE | SOCK_HAS_NETNS | SOCK_HAS_PEER | SOCK_HAS_UID;
	s->domain = AF_INET6;
	s->type = SOCK_DGRAM;
	s->protocol = IPPROTO_UDP;
	s->cookie = UINT64_MAX;
	s->inode = 1ULL << 60;
	s->netns = 4026531840;
	s->uid = 65534;
	s->local = addr_of(&any, sizeof(any));
	for (unsigned int i = 0; i < OPT_COUNT; i += 2)
		sock_opt_set(s, i, (int32_t)i - 5);
	sock_opt_set(s, OPT_UDP_CORK, 0);
	sock_derive(s);
	return s;
}

static struct proc *make_proc(void)
{
	struct proc *p = proc_new();

	p->has = PROC_HAS_EXE | PROC_HAS_IDS | PROC_HAS_CAPS | PROC_HAS_NOFILE | PROC_HAS_NFDS |
		 PROC_HAS_NETNS | PROC_HAS_USERNS | PROC_HAS_NET_CAPS | PROC_HAS_NSPID;
	p->ids_foreign = true;
	p->nspid = 7;
	p->tgid = 4240;
	p->exe = alloc_strdup("/usr/sbin/\xc3(bad utf8");
	p->uid = 1;
	p->euid = UINT32_MAX;
	p->sgid = 7;
	p->caps = UINT64_MAX;
	p->caps_in_netns = true;
	p->nofile = UINT64_MAX;
	p->nfds = 12;
	p->netns = 4026531840;
	p->userns = 4026531837;
	return p;
}

static void fill_msg(struct event *ev, struct msg *m)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(35224) };
	static const unsigned char mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 7 };

	memcpy(&to.sin6_addr, mapped, 16);
	m->in.have = true;
	m->in.name_ptr = 0x7ffc00001000;
	m->in.namelen = 28;
	m->in.iov_ptr = 0x7ffc00002000;
	m->in.iovlen = 2;
	m->in.control_ptr = 0x7ffc00003000;
	m->in.controllen = 28;
	m->in.flags = MSG_EOR;
	m->in.name = slice(ev, &to, sizeof(to), sizeof(to), m->in.name_ptr, BYTES_WHOLE);
	m->in.control = slice(ev, control, 28, 28, m->in.control_ptr, BYTES_WHOLE);
	m->out = m->in;
	m->out.iovlen = 0xdeadbeef00000002;
	m->out.namelen = INT64_MIN;
	m->sent = m->have_len = true;
	m->len = 1302;
	m->niov = 2;
	m->iov = arena_array(&ev->arena, struct iov, 2);
	m->iov[0].base = 0x1000;
	m->iov[0].len = 1300;
	m->iov[0].data = slice(ev, "abc\0\377", 5, 1300, 0x1000, BYTES_LIMIT);
	m->iov[1].base = 0x2000;
	m->iov[1].len = 2;
	m->iov[1].data = (struct bytes){ .claimed = 2, .addr = 0x2000, .why = BYTES_FAULT };
	m->iov_raw = (struct bytes){ .claimed = 16, .addr = 0x77, .why = BYTES_GONE };
	m->total = 1302;
}

static struct event *make_call(struct sock *s, struct proc *p)
{
	struct event *ev = event_new();

	ev->kind = EVENT_CALL;
	ev->no = 57;
	ev->tid = 4242;
	ev->tgid = 4240;
	memcpy(ev->comm, "sixteen-bytes-xx", 16);
	ev->proc = proc_ref(p);
	ev->sock = sock_ref(s);
	ev->ntasks = 3;
	ev->enter_ns = 1700000000123456789;
	ev->exit_ns = 1700000000123459999;
	ev->abi = abi_native();
	ev->call = CALL_SENDMSG;
	ev->name = "sendmsg";
	ev->nr = 46;
	ev->args[0] = 7;
	ev->args[1] = 0x7ffc00000000;
	ev->args[5] = UINT64_MAX;
	ev->end = CALL_RETURNED;
	ev->result = 1302;
	ev->fd = 7;
	ev->flags = MSG_DONTWAIT | 0x80000;
	ev->print = true;
	ev->msg = arena_array(&ev->arena, struct msg, 1);
	ev->nmsg = 1;
	ev->vlen = 1;
	fill_msg(ev, &ev->msg[0]);
	return ev;
}

static void add_number(struct event *ev, enum question_kind kind, int number, int result, bool late)
{
	const struct answer a = { .question = { .kind = kind, .number = number },
				  .result = result,
				  .late = late };

	event_add_answer(ev, &a);
}

static void fill_rest(struct event *ev)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct answer a = { .question = { .kind = ASK_ROUTE, .oif = 4 } };

	ev->timeout_in = (struct timeout_arg){ true, -1, 999999999 };
	ev->timeout_out = (struct timeout_arg){ true, INT64_MIN, 0 };
	ev->opt = slice(ev, "\1\0\0\0", 4, 4, 0x99, BYTES_WHOLE);
	ev->stack.have = true;
	ev->stack.n = 2;
	ev->stack.frames = arena_array(&ev->arena, struct frame, 2);
	ev->stack.frames[0] =
		(struct frame){ 0xffffffffff600000, "[vsyscall]", 1, "f\xff", 2, "a.c", 12 };
	ev->stack.frames[1].pc = 1;
	event_add_ifname(ev, 2, "eth0");
	event_add_ifname(ev, 9, "");
	event_add_fd_path(ev, 1, "/dev/null");
	event_add_fd_path(ev, -2, "socket:[1]");
	a.question.addr = addr_of(&sin, sizeof(sin));
	a.question.flow = (struct flow){ .have = true,
					 .source = a.question.addr,
					 .oif = 5,
					 .oif_unknown = true,
					 .mark = 0x80000001,
					 .uid = 0,
					 .tos = 0xb8,
					 .protocol = 17 };
	a.route =
		(struct route_fact){ .have = true, .err = -ENETUNREACH, .oif = 3, .candidates = 2 };
	event_add_answer(ev, &a);
	a = (struct answer){ .question = { .kind = ASK_IS_LOCAL, .addr = a.question.addr },
			     .result = -EPERM };
	event_add_answer(ev, &a);
	add_number(ev, ASK_FD_OPEN, 7, 1, true);
	add_number(ev, ASK_PID_EXISTS, 4711, 0, false);
	add_number(ev, ASK_OPTMEM_MAX, 0, 131072, false);
	add_number(ev, ASK_PEER_PASSCRED, 0, 1, false);
	a = (struct answer){ .question = { .kind = ASK_UNIX_PEER }, .inode = 0xffffffff };
	event_add_answer(ev, &a);
}

static struct event *make_other(enum event_kind kind)
{
	struct event *ev = event_new();
	unsigned char info[128];

	memset(info, 0xa5, sizeof(info));
	ev->kind = kind;
	ev->tid = 4242;
	ev->print = kind != EVENT_NOTE;
	ev->enter_ns = 5;
	ev->sig = 11;
	ev->core = true;
	ev->status = 256;
	ev->other_pid = 9;
	ev->left_known = kind == EVENT_EXITED || kind == EVENT_KILLED;
	if (kind == EVENT_EXITED) {
		static const struct left_fd left[] = { { 5, 41 }, { 7, 41 } };

		ev->nleft = 2;
		ev->left = arena_memdup(&ev->arena, left, sizeof(left));
	}
	ev->siginfo = slice(ev, info, 128, 128, 0, BYTES_WHOLE);
	ev->note = arena_strdup(&ev->arena, "caf\xc3\xa9 \x01\x7f \xff");
	return ev;
}

/* A recording of one call with everything, one of each other kind. */
static void record_all(struct sink *s)
{
	struct sock *sock = make_sock();
	struct proc *proc = make_proc();

	sink_init(s);
	sink_start(s, NULL);
	for (int i = 0; i < 3; i++) {
		struct event *ev = make_call(sock, proc);

		ev->no = (uint64_t)i + 1;
		fill_rest(ev);
		if (i == 1) { /* a call of another name, and one that is still running */
			ev->call = CALL_OTHER;
			ev->end = CALL_PENDING;
			ev->result = 0;
		}
		sink_judge(s, ev, NULL);
		sink_emit(s, ev, NULL);
	}
	for (unsigned int k = EVENT_SIGNAL; k <= EVENT_NOTE; k++)
		sink_emit(s, make_other(k), NULL);
	sock_unref(sock);
	proc_unref(proc);
	sink_end(s);
}

static void same_bytes(const struct bytes *a, const struct bytes *b)
{
	assert_int_equal(a->len, b->len);
	assert_int_equal(a->claimed, b->claimed);
	assert_int_equal(a->addr, b->addr);
	assert_int_equal(a->why, b->why);
	assert_int_equal(!a->p, !b->p);
	if (a->len)
		assert_memory_equal(a->p, b->p, a->len);
}

static void same_hdr(const struct hdr *a, const struct hdr *b)
{
	assert_int_equal(a->have, b->have);
	assert_true(a->name_ptr == b->name_ptr && a->namelen == b->namelen);
	assert_true(a->iov_ptr == b->iov_ptr && a->iovlen == b->iovlen);
	assert_true(a->control_ptr == b->control_ptr && a->controllen == b->controllen);
	assert_int_equal(a->flags, b->flags);
	same_bytes(&a->name, &b->name);
	same_bytes(&a->control, &b->control);
}

static void same_msg(const struct msg *a, const struct msg *b)
{
	same_hdr(&a->in, &b->in);
	same_hdr(&a->out, &b->out);
	assert_true(a->made_up == b->made_up && a->sent == b->sent);
	assert_true(a->have_len == b->have_len && a->len == b->len);
	assert_int_equal(a->niov, b->niov);
	for (unsigned int i = 0; i < a->niov; i++) {
		assert_true(a->iov[i].base == b->iov[i].base && a->iov[i].len == b->iov[i].len);
		same_bytes(&a->iov[i].data, &b->iov[i].data);
	}
	same_bytes(&a->iov_raw, &b->iov_raw);
	assert_int_equal(a->total, b->total);
	assert_int_equal(a->route.have, b->route.have);
}

static void same_stack(const struct stack *a, const struct stack *b)
{
	assert_true(a->have == b->have && a->n == b->n);
	for (unsigned int i = 0; i < a->n; i++) {
		const struct frame *f = &a->frames[i], *g = &b->frames[i];

		assert_true(f->pc == g->pc && f->module_off == g->module_off &&
			    f->function_off == g->function_off && f->line == g->line);
		assert_int_equal(!f->function, !g->function);
		if (f->function)
			assert_string_equal(f->function, g->function);
		if (f->file)
			assert_string_equal(f->file, g->file);
		if (f->module)
			assert_string_equal(f->module, g->module);
	}
}

static void same_sock(const struct sock *a, const struct sock *b)
{
	assert_int_equal(a->has, b->has);
	assert_true(a->domain == b->domain && a->type == b->type && a->protocol == b->protocol);
	assert_true(a->cookie == b->cookie && a->inode == b->inode && a->netns == b->netns);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->local.len, b->local.len);
	assert_memory_equal(&a->local.ss, &b->local.ss, a->local.len);
	assert_int_equal(a->peer.len, b->peer.len);
	assert_memory_equal(a->opt_has, b->opt_has, sizeof(a->opt_has));
	assert_memory_equal(a->opt, b->opt, sizeof(a->opt));
}

static void same_proc(const struct proc *a, const struct proc *b)
{
	assert_int_equal(a->has, b->has);
	assert_string_equal(a->exe, b->exe);
	assert_true(a->uid == b->uid && a->euid == b->euid && a->suid == b->suid);
	assert_true(a->gid == b->gid && a->egid == b->egid && a->sgid == b->sgid);
	assert_true(a->caps == b->caps && a->caps_in_netns == b->caps_in_netns);
	assert_true(a->nofile == b->nofile && a->nfds == b->nfds && a->tgid == b->tgid);
	assert_true(a->netns == b->netns && a->userns == b->userns);
	assert_true(a->nspid == b->nspid && a->ids_foreign == b->ids_foreign);
}

static const struct answer *number_of(const struct event *ev, enum question_kind kind, int number)
{
	const struct question q = { .kind = kind, .number = number };

	return event_answer(ev, &q);
}

static void same_flow(const struct flow *f)
{
	assert_true(f->have && f->oif == 5 && f->oif_unknown && f->mark == 0x80000001);
	assert_true(!f->uid && f->tos == 0xb8 && f->protocol == 17);
	assert_int_equal(f->source.len, sizeof(struct sockaddr_in));
}

static void same_asked(const struct event *ev)
{
	assert_string_equal(event_ifname((struct event *)ev, NULL, 2), "eth0");
	assert_string_equal(event_ifname((struct event *)ev, NULL, 9), "");
	assert_null(event_ifname((struct event *)ev, NULL, 3));
	assert_string_equal(event_fd_path(ev, -2), "socket:[1]");

	const struct answer *a = ev->answers;

	assert_int_equal(a->question.kind, ASK_ROUTE);
	assert_int_equal(a->question.addr.len, sizeof(struct sockaddr_in));
	assert_true(a->question.oif == 4 && a->route.have && a->route.err == -ENETUNREACH);
	assert_true(a->route.oif == 3 && a->route.candidates == 2 && !a->route.source.len);
	same_flow(&a->question.flow);
	assert_int_equal(a->next->question.kind, ASK_IS_LOCAL);
	assert_int_equal(a->next->result, -EPERM);
	assert_false(a->next->question.flow.have);
	assert_int_equal(number_of(ev, ASK_FD_OPEN, 7)->result, 1);
	assert_true(number_of(ev, ASK_FD_OPEN, 7)->late);
	assert_null(number_of(ev, ASK_FD_OPEN, 8));
	assert_int_equal(number_of(ev, ASK_PID_EXISTS, 4711)->result, 0);
	assert_false(number_of(ev, ASK_PID_EXISTS, 4711)->late);
	assert_int_equal(number_of(ev, ASK_OPTMEM_MAX, 0)->result, 131072);
	assert_int_equal(number_of(ev, ASK_PEER_PASSCRED, 0)->result, 1);
	assert_int_equal(number_of(ev, ASK_UNIX_PEER, 0)->inode, 0xffffffff);
	for (unsigned int i = 1; i < 7; i++)
		a = a->next;
	assert_null(a->next);
}

static void look_call(const struct event *got)
{
	struct sock *sock = make_sock();
	struct proc *proc = make_proc();
	struct event *want = make_call(sock, proc);

	fill_rest(want);
	assert_true(got->tid == want->tid && got->tgid == want->tgid);
	assert_memory_equal(got->comm, want->comm, 16);
	assert_true(got->ntasks == 3 && got->enter_ns == want->enter_ns &&
		    got->exit_ns == want->exit_ns);
	assert_ptr_equal(got->abi, want->abi);
	assert_string_equal(got->name, want->name);
	assert_int_equal(got->call, got->no == 2 ? CALL_OTHER : CALL_SENDMSG);
	assert_int_equal(got->end, got->no == 2 ? CALL_PENDING : CALL_RETURNED);
	assert_int_equal(got->result, got->no == 2 ? 0 : 1302);
	assert_memory_equal(got->args, want->args, sizeof(got->args));
	assert_true(got->fd == 7 && got->flags == want->flags && got->print && got->vlen == 1);
	assert_memory_equal(&got->timeout_in, &want->timeout_in, sizeof(got->timeout_in));
	assert_memory_equal(&got->timeout_out, &want->timeout_out, sizeof(got->timeout_out));
	same_bytes(&got->opt, &want->opt);
	assert_int_equal(got->nmsg, 1);
	same_msg(&got->msg[0], &want->msg[0]);
	same_stack(&got->stack, &want->stack);
	same_sock(got->sock, sock);
	same_proc(got->proc, proc);
	same_asked(got);
	event_free(want);
	sock_unref(sock);
	proc_unref(proc);
}

static void look(const struct event *got)
{
	if (got->kind == EVENT_CALL) {
		look_call(got);
		return;
	}

	struct event *want = make_other(got->kind);

	assert_int_equal(got->print, want->print);
	assert_true(got->sig == 11 && got->core && got->status == 256 && got->other_pid == 9);
	assert_true(got->left_known == (got->kind == EVENT_EXITED || got->kind == EVENT_KILLED));
	assert_int_equal(got->nleft, got->kind == EVENT_EXITED ? 2 : 0);
	if (got->nleft)
		assert_true(got->left[1].fd == 7 && got->left[1].event == 41);
	same_bytes(&got->siginfo, &want->siginfo);
	assert_string_equal(got->note, want->note);
	event_free(want);
}

static void an_event_of_every_kind_comes_back_as_it_was(void **state)
{
	struct sink live, again;

	(void)state;
	record_all(&live);
	replay(&again, live.out.buf.p, live.out.buf.len, 0, look);
	assert_string_equal(again.said, "");
	assert_int_equal(again.rc, 0);
	assert_int_equal(again.events, 11);
	sink_free(&live);
	sink_free(&again);
}

static void a_recording_of_a_recording_is_the_same_bytes(void **state)
{
	struct sink live, again;

	(void)state;
	record_all(&live);
	for (size_t chunk = 0; chunk < 3; chunk++) {
		replay(&again, live.out.buf.p, live.out.buf.len, chunk, NULL);
		assert_string_equal(buf_cstr(&live.out.buf), buf_cstr(&again.out.buf));
		sink_free(&again);
	}
	sink_free(&live);
}

static void findings_are_made_anew(void **state)
{
	struct sink live, again;

	(void)state;
	record_all(&live);
	assert_non_null(strstr(buf_cstr(&live.out.buf), "\"rule\":\"CT101\""));
	assert_non_null(strstr(buf_cstr(&live.out.buf), "\"what\":\"ignore\""));
	replay(&again, live.out.buf.p, live.out.buf.len, 0, NULL);
	assert_int_equal(check_count(live.check, SEVERITY_NOTE),
			 check_count(again.check, SEVERITY_NOTE));
	sink_free(&live);
	sink_free(&again);
}

static void a_recording_cut_at_any_byte_is_read_to_its_last_whole_line(void **state)
{
	struct sink live, again;
	size_t header;

	(void)state;
	record_all(&live);
	header = (size_t)(strchr(buf_cstr(&live.out.buf), '\n') + 1 - live.out.buf.p);
	for (size_t len = header; len < live.out.buf.len - 1; len += 7) {
		replay(&again, live.out.buf.p, len, 0, NULL);
		assert_int_equal(again.rc, 0);
		assert_non_null(strstr(again.said, "has no end"));
		sink_free(&again);
	}
	sink_free(&live);
}

static void bad_lines_are_told_and_skipped(void **state)
{
	static const char head[] =
		"{\"type\":\"header\",\"format\":\"cmsgtrace\",\"version\":\"1.7\",\"new\":[1]}\n";
	static const struct {
		const char *line, *told;
	} bad[] = {
		{ "{\"type\":\"call\"", "f.jsonl:2: error: not JSON" },
		{ "[1,2]", "f.jsonl:2: error: not a JSON object" },
		{ "{\"a\":1}", "f.jsonl:2: error: an object without its type" },
		{ "{\"type\":\"call\",\"call\":\"send\",\"abi\":\"pdp11\"}",
		  "f.jsonl:2: error: a call of an ABI" },
		{ "{\"type\":\"call\",\"no\":1}", "f.jsonl:2: error: a call without its name" },
		{ "{\"type\":\"x\",\"n\":99999999999999999999999}", "f.jsonl:2: error: not JSON" },
		{ head, "f.jsonl:2: error: a second header" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b = { 0 };
		struct sink s;

		buf_str(&b, head);
		buf_str(&b, bad[i].line);
		buf_str(&b, "\n{\"type\":\"exited\",\"tid\":3}\n{\"type\":\"later\"}\n"
			    "{\"type\":\"end\",\"events\":1}\n");
		replay(&s, b.p, b.len, 0, NULL);
		assert_non_null(strstr(s.said, bad[i].told));
		assert_int_equal(s.told, 1);
		assert_int_equal(s.rc, -EBADMSG);
		assert_int_equal(s.events, 1);
		sink_free(&s);
		buf_free(&b);
	}
}

static void other_major_versions_and_other_files_are_refused(void **state)
{
	static const char *const heads[] = {
		"{\"type\":\"header\",\"format\":\"cmsgtrace\",\"version\":\"2.0\"}\n",
		"{\"type\":\"header\",\"format\":\"cmsgtrace\",\"version\":\"10\"}\n",
		"{\"type\":\"header\",\"format\":\"cmsgtrace\"}\n",
		"{\"type\":\"header\",\"format\":\"other\",\"version\":\"1.0\"}\n",
		"{\"type\":\"call\",\"format\":\"cmsgtrace\",\"version\":\"1.0\"}\n",
		"\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct sink s;

		replay(&s, heads[i], strlen(heads[i]), 0, NULL);
		assert_null(s.source);
		assert_int_equal(s.told, 1);
		assert_non_null(strstr(s.said, "f.jsonl:"));
		sink_free(&s);
	}
}

static void nesting_and_hostile_counts_are_survived(void **state)
{
	struct buf b = { 0 };
	struct sink s;

	(void)state;
	buf_str(&b, "{\"type\":\"header\",\"format\":\"cmsgtrace\",\"version\":\"1.0\"}\n{\"a\":");
	buf_pad(&b, '[', 1000000);
	buf_str(&b,
		"\n{\"type\":\"call\",\"call\":\"sendmsg\",\"sock\":{\"id\":\"0xffffffffffffffff\"},"
		"\"proc\":77,\"msgs\":[1,null,{\"in\":{\"control\":{\"hex\":\"abc\"}}},"
		"{\"in\":{\"control\":{\"hex\":\"zz\",\"claimed\":\"0xffffffffffffffff\"}}}]}\n"
		"{\"type\":\"end\"}\n");
	replay(&s, b.p, b.len, 4096, NULL);
	assert_int_equal(s.events, 1);
	assert_int_equal(s.told, 1);
	sink_free(&s);
	buf_free(&b);
}

/* More sockets than are remembered: they are written again, and the copy is the same. */
static void more_sockets_than_are_remembered_come_back(void **state)
{
	enum { MANY = RECORD_REMEMBERED + 100 };
	struct sock **socks = calloc(MANY, sizeof(*socks));
	struct sink live, again;

	(void)state;
	sink_init(&live);
	sink_start(&live, NULL);
	for (int i = 0; i < 2 * MANY; i++) {
		int k = i % MANY;
		struct event *ev = event_new();

		if (!socks[k])
			socks[k] = make_sock();
		socks[k]->cookie = (uint64_t)k;
		ev->kind = EVENT_CALL;
		ev->name = "socket";
		ev->abi = abi_native();
		ev->call = CALL_SOCKET;
		ev->print = true;
		ev->sock = sock_ref(socks[k]);
		sink_judge(&live, ev, NULL);
		sink_emit(&live, ev, NULL);
	}
	sink_end(&live);
	replay(&again, live.out.buf.p, live.out.buf.len, 0, NULL);
	assert_string_equal(again.said, "");
	assert_string_equal(buf_cstr(&live.out.buf), buf_cstr(&again.out.buf));
	for (int i = 0; i < MANY; i++)
		sock_unref(socks[i]);
	free(socks);
	sink_free(&live);
	sink_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_of_every_kind_comes_back_as_it_was),
		cmocka_unit_test(a_recording_of_a_recording_is_the_same_bytes),
		cmocka_unit_test(findings_are_made_anew),
		cmocka_unit_test(a_recording_cut_at_any_byte_is_read_to_its_last_whole_line),
		cmocka_unit_test(bad_lines_are_told_and_skipped),
		cmocka_unit_test(other_major_versions_and_other_files_are_refused),
		cmocka_unit_test(nesting_and_hostile_counts_are_survived),
		cmocka_unit_test(more_sockets_than_are_remembered_come_back),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
