// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls of a log as events. Pure. Which arguments strace prints when: its own sources' net.c, msghdr.c. */
#include "config.h"

#include "strace/call.h"

#include <limits.h>
#include <string.h>

#include "cmsg/cmsg.h"
#include "event/names.h"
#include "strace/values.h"

/* By name, the calls that we read. */
#define CALL_NAMES(X)                                                                              \
	X("sendmsg", CALL_SENDMSG)                                                                 \
	X("recvmsg", CALL_RECVMSG)                                                                 \
	X("sendmmsg", CALL_SENDMMSG)                                                               \
	X("recvmmsg", CALL_RECVMMSG)                                                               \
	X("recvmmsg_time64", CALL_RECVMMSG)                                                        \
	X("sendto", CALL_SENDTO)                                                                   \
	X("recvfrom", CALL_RECVFROM)                                                               \
	X("send", CALL_SEND)                                                                       \
	X("recv", CALL_RECV)                                                                       \
	X("write", CALL_WRITE)                                                                     \
	X("read", CALL_READ)                                                                       \
	X("writev", CALL_WRITEV)                                                                   \
	X("readv", CALL_READV)                                                                     \
	X("socket", CALL_SOCKET)                                                                   \
	X("bind", CALL_BIND)                                                                       \
	X("connect", CALL_CONNECT)                                                                 \
	X("setsockopt", CALL_SETSOCKOPT)                                                           \
	X("io_uring_setup", CALL_IO_URING_SETUP)                                                   \
	X("io_uring_enter", CALL_IO_URING_ENTER)                                                   \
	X("execve", CALL_EXECVE)                                                                   \
	X("execveat", CALL_EXECVE)                                                                 \
	X("close", STRACE_CLOSE)                                                                   \
	X("close_range", STRACE_CLOSE_RANGE)                                                       \
	X("dup", STRACE_DUP)                                                                       \
	X("dup2", STRACE_DUP2)                                                                     \
	X("dup3", STRACE_DUP3)                                                                     \
	X("fcntl", STRACE_FCNTL)                                                                   \
	X("fcntl64", STRACE_FCNTL)                                                                 \
	X("accept", STRACE_ACCEPT)                                                                 \
	X("accept4", STRACE_ACCEPT)                                                                \
	X("socketpair", STRACE_SOCKETPAIR)                                                         \
	X("getsockname", STRACE_GETSOCKNAME)                                                       \
	X("getpeername", STRACE_GETPEERNAME)                                                       \
	X("getsockopt", STRACE_GETSOCKOPT)                                                         \
	X("fork", STRACE_FORK)                                                                     \
	X("vfork", STRACE_FORK)                                                                    \
	X("clone", STRACE_CLONE)                                                                   \
	X("clone3", STRACE_CLONE)

#define NAMED(name, call) { name, call },
#define LENGTH(name, call) sizeof(name) - 1,

static const struct {
	const char *name;
	unsigned int call;
} call_names[] = { CALL_NAMES(NAMED) };

static const unsigned char call_lengths[] = { CALL_NAMES(LENGTH) };

/* Asked of each line: most are of no length or of few names. */
unsigned int strace_call_find(const char *name, size_t len)
{
	const unsigned char *end = call_lengths + sizeof(call_lengths), *p = call_lengths;

	for (; len < UCHAR_MAX && (p = memchr(p, (int)len, (size_t)(end - p))); p++) {
		if (!memcmp(call_names[p - call_lengths].name, name, len))
			return call_names[p - call_lengths].call;
	}
	return STRACE_NONE;
}

/* Is it there as a number, if only -1? */
static bool fd_is_known(const struct strace_text *x)
{
	const struct val *v = val_at(x->args, 0);

	return v && v->kind == VAL_NUMBER && !v->name;
}

int strace_fd_arg(const struct strace_text *x, unsigned int n)
{
	const struct val *v = val_at(x->args, n);

	return v && v->kind == VAL_NUMBER && !v->name ? (int)v->num : -1;
}

static const struct val *named_or(const struct strace_text *x, const char *name, unsigned int n)
{
	const struct val *v = val_member(x->args, name);

	return v ? v : val_at(x->args, n);
}

/* ---- one message ---- */

static bool is_null(const struct val *v)
{
	return !v || val_is(v, "NULL") || (v->kind == VAL_NUMBER && !v->num);
}

/* A pointer as the log shows it: itself, NULL, or what it points to. */
static uint64_t pointer_of(const struct val *v)
{
	return !v ? WORD_UNKNOWN : is_null(v) ? 0 : v->kind == VAL_NUMBER ? v->num : WORD_UNKNOWN;
}

static void take_iov(struct event *ev, struct msg *m, struct hdr *h, const struct val *v)
{
	unsigned int n = 0;
	uint64_t num;

	if (is_null(v))
		return;
	h->iov_ptr = v->kind == VAL_NUMBER ? v->num : WORD_UNKNOWN;
	if (v->kind != VAL_ARRAY)
		return;
	for (const struct val *c = v->child; c; c = c->next)
		n += c->kind == VAL_STRUCT;
	m->iov = arena_array(&ev->arena, struct iov, n ? n : 1);
	for (const struct val *c = v->child; c; c = c->next) {
		const struct val *base = val_member(c, "iov_base");
		const struct val *len = val_member(c, "iov_len");
		struct iov *iov = &m->iov[m->niov];

		if (c->kind != VAL_STRUCT)
			continue;
		base = base ? base : val_at(c, 0);
		len = len ? len : val_at(c, 1);
		if (!strace_num(len, NULL, &num))
			num = base && base->kind == VAL_STRING ? base->len : 0;
		iov->len = num;
		iov->base = pointer_of(base);
		iov->data = strace_payload(ev, base, num);
		m->total += num;
		m->niov++;
	}
	if (v->cut)
		m->iov_raw.why = BYTES_NOT_LOGGED;
	if (!h->iovlen)
		h->iovlen = n;
}

static void take_name(struct event *ev, struct hdr *h, const struct val *v, bool have_len)
{
	if (!v) { /* redacted, or cut off */
		h->name_ptr = WORD_UNKNOWN;
		h->name.why = BYTES_NOT_LOGGED;
	}
	if (is_null(v))
		return;
	h->name_ptr = v->kind == VAL_NUMBER ? v->num : WORD_UNKNOWN;
	h->name = strace_sockaddr(ev, v, have_len ? h->namelen : 0);
	if (!have_len)
		h->namelen = (int64_t)h->name.claimed;
}

static void take_control(struct event *ev, struct hdr *h, const struct val *v, bool have_len)
{
	if (is_null(v))
		return;
	if (v->kind == VAL_NUMBER) { /* strace could not read it, or -e abbrev */
		h->control_ptr = v->num;
		h->control.claimed = h->controllen;
		h->control.addr = v->num;
		h->control.why = BYTES_NOT_LOGGED;
		return;
	}
	h->control_ptr = WORD_UNKNOWN;
	strace_control(ev, v, h, have_len);
	if (!have_len && !h->controllen) /* nothing of it can be read: no block of length 0 */
		h->control_ptr = 0;
}

/* The value before "=>", which is what was offered. */
static bool offered(const struct val *v, uint64_t *num)
{
	return v && val_was(v) && strace_num(val_was(v), NULL, num);
}

/* A number at the very end of a line that was cut may have lost digits. */
static bool whole_num(const struct strace_text *x, const struct val *v, uint64_t *num)
{
	return strace_num(v, NULL, num) && !(x->cut && v->text + v->len >= x->args_end);
}

static void take_hdr(const struct strace_text *x, struct event *ev, struct msg *m,
		     const struct val *v, bool receives)
{
	struct hdr *h = receives ? &m->out : &m->in;
	const struct val *namelen = val_member(v, "msg_namelen");
	const struct val *controllen = val_member(v, "msg_controllen");
	const struct val *control = val_member(v, "msg_control");
	const struct val *iov = val_member(v, "msg_iov");
	bool have_namelen, have_controllen;
	uint64_t num;

	h->have = true;
	h->unseen = HDR_UNSEEN_PTRS;
	have_namelen = whole_num(x, namelen, &num);
	if (have_namelen)
		h->namelen = (int32_t)num;
	have_controllen = whole_num(x, controllen, &num);
	if (have_controllen)
		h->controllen = num;
	if (strace_num(val_member(v, "msg_iovlen"), NULL, &num))
		h->iovlen = num;
	else if (!iov || iov->cut || x->cut)
		h->unseen |= HDR_UNSEEN_IOVLEN;
	if (strace_num(val_member(v, "msg_flags"), &names_msg_flags, &num))
		h->flags = (uint32_t)num;
	else
		h->unseen |= HDR_UNSEEN_FLAGS;
	take_name(ev, h, val_member(v, "msg_name"), have_namelen);
	take_iov(ev, m, h, iov);
	if (!control && val_member(v, "cmsg_level")) /* its name was lost */
		control = v;
	take_control(ev, h, control, have_controllen);
	if (x->cut && !have_controllen) /* there may have been more */
		h->unseen |= HDR_UNSEEN_ROOM;
	if (!receives)
		return;
	/* "128 => 16" only where the two differ */
	m->in.namelen = offered(namelen, &num) ? (int32_t)num : h->namelen;
	m->in.name_ptr = h->name_ptr;
	m->in.have = true;
	m->in.unseen = HDR_UNSEEN_PTRS | HDR_UNSEEN_ROOM;
	if (offered(controllen, &num)) {
		m->in.unseen = HDR_UNSEEN_PTRS;
		m->in.controllen = num;
		m->in.control_ptr = h->control_ptr ? h->control_ptr : WORD_UNKNOWN;
	}
}

static void take_len(struct event *ev, struct msg *m, uint64_t len)
{
	(void)ev;
	m->have_len = true;
	m->len = (uint32_t)len;
}

/* A receive that failed shows only what was offered. */
static void one_message(struct strace_text *x, struct event *ev, struct msg *m, const struct val *v)
{
	bool receives = call_receives(ev->call);

	if (!v || v->kind == VAL_NUMBER) {
		x->missing = v || !fd_is_known(x) ? NULL : "its msghdr";
		return;
	}
	if (receives && ev->result < 0) {
		uint64_t num;

		m->in.unseen = HDR_UNSEEN_PTRS | HDR_UNSEEN_ROOM;
		if (strace_num(val_member(v, "msg_namelen"), NULL, &num))
			m->in.namelen = (int32_t)num;
		return;
	}
	take_hdr(x, ev, m, v, receives);
}

/* A string that lost its closing quote swallows the rest of the line: the control block is in there. */
static const struct val *swallowed(const struct strace_text *x, struct event *ev,
				   const struct val *v)
{
	static const char word[] = "msg_control=";
	size_t len = (size_t)(x->args_end - x->args->text);
	const char *p = memmem(x->args->text, len, word, sizeof(word) - 1);
	struct val *all, *more;

	if (!p)
		return v;
	more = strace_parse(&ev->arena, p, x->args_end);
	all = arena_memdup(&ev->arena, v, sizeof(*v));
	if (!all->child) {
		all->child = more->child;
		return all;
	}
	all->child = arena_memdup(&ev->arena, all->child, sizeof(*all->child));

	struct val *last = all->child;

	while (last->next)
		last = last->next = arena_memdup(&ev->arena, last->next, sizeof(*last));
	last->next = more->child;
	return all;
}

/* Is any member there, be it without the braces? */
static bool has_msghdr(const struct val *args)
{
	static const char *const members[] = {
		"msg_name",       "msg_namelen", "msg_iov",   "msg_control",
		"msg_controllen", "cmsg_level",  "msg_flags",
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (val_member(args, members[i]))
			return true;
	}
	return false;
}

/* sendmsg(7, {…}, 0): where the braces were lost, the members are among the arguments. */
static void take_msg_call(struct strace_text *x, struct event *ev)
{
	const struct val *v = val_at(x->args, 1), *flags = val_at(x->args, 2);
	struct msg *m = arena_new(&ev->arena, struct msg);
	uint64_t num;

	ev->msg = m;
	ev->nmsg = 1;
	ev->args[1] = pointer_of(v);
	if (!v || (v->kind != VAL_STRUCT && v->kind != VAL_NUMBER) || val_named(v, "msg_name"))
		v = has_msghdr(x->args) ? x->args : NULL;
	if (v && !val_member(x->args, "msg_control") && !val_member(x->args, "cmsg_level"))
		v = swallowed(x, ev, v);
	one_message(x, ev, m, v);
	if (flags && !flags->name && strace_num(flags, &names_msg_flags, &num))
		ev->args[2] = ev->flags = (uint32_t)num;
	if (ev->result >= 0) {
		m->sent = true;
		take_len(ev, m, (uint64_t)ev->result);
	}
}

static void take_timeout(const struct val *v, struct timeout_arg *t)
{
	const struct val *nsec = val_member(v, "tv_nsec");
	uint64_t sec, num;

	if (!nsec || !strace_num(val_member(v, "tv_sec"), NULL, &sec) ||
	    !strace_num(nsec, NULL, &num))
		return;
	*t = (struct timeout_arg){ true, (int64_t)sec, (int64_t)num };
}

static bool is_message(const struct val *v)
{
	return v->kind == VAL_STRUCT &&
	       (val_member(v, "msg_hdr") || val_member(v, "msg_name") || val_member(v, "msg_iov"));
}

static void take_mmsg_call(struct strace_text *x, struct event *ev)
{
	const struct val *vec = val_at(x->args, 1);
	unsigned int n = 0;
	uint64_t num;

	if (strace_num(named_or(x, "vlen", 2), NULL, &num))
		ev->args[2] = ev->vlen = num;
	if (strace_num(val_at(x->args, 3), &names_msg_flags, &num))
		ev->args[3] = ev->flags = (uint32_t)num;
	take_timeout(val_at(x->args, 4), &ev->timeout_in);
	ev->args[4] = pointer_of(val_at(x->args, 4));
	ev->args[1] = pointer_of(vec);
	take_timeout(x->result.left, &ev->timeout_out);
	if (!vec || vec->kind != VAL_ARRAY)
		return;
	for (const struct val *c = vec->child; c && n < EVENT_MSGS_MAX; c = c->next)
		n += is_message(c);
	ev->msg = arena_array(&ev->arena, struct msg, n ? n : 1);
	for (const struct val *c = vec->child; c && ev->nmsg < n; c = c->next) {
		struct msg *m = &ev->msg[ev->nmsg];
		const struct val *len = val_member(c, "msg_len");

		if (!is_message(c))
			continue;
		one_message(x, ev, m, val_member(c, "msg_hdr") ? val_member(c, "msg_hdr") : c);
		m->sent = (int64_t)ev->nmsg < ev->result;
		if (m->sent && strace_num(len, NULL, &num))
			take_len(ev, m, num);
		ev->nmsg++;
	}
}

/* sendto(fd, buf, len, flags, name, namelen), and read/write with fewer. */
static void take_buffer_call(struct strace_text *x, struct event *ev, bool has_flags, bool has_name)
{
	bool receives = call_receives(ev->call);
	const struct val *buf = val_at(x->args, 1), *name = val_at(x->args, 4);
	const struct val *namelen = val_at(x->args, 5);
	struct msg *m = arena_new(&ev->arena, struct msg);
	struct hdr *h = receives ? &m->out : &m->in;
	uint64_t num = 0;

	ev->msg = m;
	ev->nmsg = 1;
	m->made_up = m->in.have = true;
	m->in.iovlen = 1;
	if (receives && ev->result >= 0) {
		m->out.have = true;
		m->out.iovlen = 1;
	}
	if (strace_num(val_at(x->args, 2), NULL, &num))
		ev->args[2] = num;
	m->iov = arena_new(&ev->arena, struct iov);
	m->niov = 1;
	m->iov->len = m->total = num;
	m->iov->base = pointer_of(buf);
	m->iov->data = strace_payload(ev, buf,
				      receives ? (ev->result > 0 ? (uint64_t)ev->result : 0) : num);
	ev->args[1] = m->iov->base;
	if (has_flags && strace_num(val_at(x->args, 3), &names_msg_flags, &num))
		ev->args[3] = ev->flags = (uint32_t)num;
	if (ev->result >= 0) {
		m->sent = true;
		take_len(ev, m, (uint64_t)ev->result);
	}
	if (!has_name)
		return;
	ev->args[4] = pointer_of(name);
	ev->args[5] = pointer_of(namelen);
	if (receives && ev->result < 0)
		return;
	if (namelen && namelen->kind == VAL_ARRAY)
		namelen = namelen->child;

	bool have_len = strace_num(namelen, NULL, &num);

	if (have_len)
		h->namelen = (int32_t)num;
	take_name(ev, h, name, have_len);
	if (receives) {
		m->in.name_ptr = h->name_ptr;
		m->in.namelen = offered(namelen, &num) ? (int32_t)num : h->namelen;
	}
	if (!receives && (have_len || h->namelen))
		ev->args[5] = (uint64_t)h->namelen;
}

/* ---- calls that change sockets ---- */

/* An option as strace names it: by the options that are known, else by the message it brings. */
static bool option_number(const struct val *v, int32_t level, uint64_t *num)
{
	int32_t type;

	if (strace_num(v, NULL, num))
		return true;
	for (unsigned int i = 0; i < cmsg_opt_count(); i++) {
		const struct sock_opt_row *row = cmsg_opt_row(i);

		/* that one is read by another option's number */
		if (i == OPT_SO_BINDTODEVICE || row->level != level || !val_is(v, row->name))
			continue;
		*num = (uint64_t)row->optname;
		return true;
	}
	if (!strace_cmsg_type(v, level, &type))
		return false;
	*num = (uint64_t)type;
	return true;
}

static void take_opt(struct strace_text *x, struct event *ev)
{
	const struct val *v = val_at(x->args, 3);
	int32_t level = 0, number;
	uint64_t num;

	if (strace_level(val_at(x->args, 1), &level))
		ev->args[1] = (uint64_t)level;
	if (option_number(val_at(x->args, 2), level, &num))
		ev->args[2] = num;
	if (strace_num(val_at(x->args, 4), NULL, &num))
		ev->args[4] = num;
	if (v && v->kind == VAL_ARRAY)
		v = v->child;
	if (!strace_num(v, NULL, &num))
		return;
	number = (int32_t)num;
	ev->opt = (struct bytes){ .p = arena_memdup(&ev->arena, &number, 4),
				  .len = 4,
				  .claimed = 4,
				  .addr = WORD_UNKNOWN };
}

static void take_addr(struct strace_text *x, struct event *ev)
{
	uint64_t num = 0;

	strace_num(val_at(x->args, 2), NULL, &num);
	ev->opt = strace_sockaddr(ev, val_at(x->args, 1), (int64_t)num);
	ev->args[1] = WORD_UNKNOWN;
	ev->args[2] = num;
}

static const struct names socket_types =
	NAMES(NULL, VALUE(1, "SOCK_STREAM"), VALUE(2, "SOCK_DGRAM"), VALUE(3, "SOCK_RAW"),
	      VALUE(4, "SOCK_RDM"), VALUE(5, "SOCK_SEQPACKET"), VALUE(6, "SOCK_DCCP"),
	      VALUE(10, "SOCK_PACKET"), VALUE(0x800, "SOCK_NONBLOCK"),
	      VALUE(0x80000, "SOCK_CLOEXEC"), VALUE(0x80000, "O_CLOEXEC"));

bool strace_socket_type(const struct val *v, int *type, bool *cloexec)
{
	uint64_t num;

	*cloexec = false;
	if (!strace_num(v, &socket_types, &num))
		return false;
	*type = (int)(num & 0xf);
	*cloexec = num & 0x80000;
	return true;
}

static void take_socket(struct strace_text *x, struct event *ev)
{
	uint64_t num;
	bool cloexec;
	int type;

	if (strace_num(val_at(x->args, 0), &names_family, &num))
		ev->args[0] = num;
	if (strace_socket_type(val_at(x->args, 1), &type, &cloexec))
		ev->args[1] = (uint64_t)type | (cloexec ? 0x80000 : 0);
	if (strace_num(val_at(x->args, 2), &names_ipproto, &num))
		ev->args[2] = num;
}

static void take_args(struct strace_text *x, struct event *ev)
{
	switch (ev->call) {
	case CALL_SENDMSG:
	case CALL_RECVMSG:
		take_msg_call(x, ev);
		break;
	case CALL_SENDMMSG:
	case CALL_RECVMMSG:
		take_mmsg_call(x, ev);
		break;
	case CALL_SENDTO:
	case CALL_RECVFROM:
		take_buffer_call(x, ev, true, true);
		break;
	case CALL_SEND:
	case CALL_RECV:
		take_buffer_call(x, ev, true, false);
		break;
	case CALL_WRITE:
	case CALL_READ:
		take_buffer_call(x, ev, false, false);
		break;
	case CALL_SETSOCKOPT:
		take_opt(x, ev);
		break;
	case CALL_BIND:
	case CALL_CONNECT:
		take_addr(x, ev);
		break;
	case CALL_SOCKET:
		take_socket(x, ev);
		break;
	default:
		break;
	}
}

/* No result to be read: the line was cut or redacted.  What was sent is taken to have been sent. */
static void assume_result(struct strace_text *x, struct event *ev)
{
	const struct msg *m = ev->nmsg ? &ev->msg[0] : NULL;

	ev->end = CALL_RETURNED;
	ev->assumed = true;
	x->missing = "its result";
	if (call_rows[ev->call].flags & CALL_VECTOR)
		ev->result = ev->nmsg;
	else if (m)
		ev->result = (int64_t)m->total;
}

/* Not of these: their first argument is no descriptor. */
static bool of_socket(enum call call)
{
	return call != CALL_SOCKET && call != CALL_EXECVE;
}

void strace_event_of_line(struct strace_text *x, struct event *ev)
{
	const struct strace_result *r = &x->result;

	ev->kind = EVENT_CALL;
	ev->call = x->call;
	ev->name = arena_strndup(&ev->arena, x->name, x->name_len);
	ev->print = call_sends(x->call) || call_receives(x->call);
	for (unsigned int i = 0; i < call_rows[x->call].nargs; i++)
		ev->args[i] = WORD_UNKNOWN;
	ev->result = r->value;
	ev->end = r->unknown ? CALL_DIED : CALL_RETURNED;
	if (of_socket(ev->call)) {
		ev->fd = strace_fd_arg(x, 0);
		if (fd_is_known(x))
			ev->args[0] = (uint64_t)(int64_t)ev->fd;
	}
	take_args(x, ev);
	if (!r->have)
		assume_result(x, ev);
}

void strace_event_of_task(struct strace_text *x, struct event *ev)
{
	struct strace_task *t = x->task;

	ev->tid = t->tid;
	ev->tgid = t->tgid;
	memcpy(ev->comm, t->comm, sizeof(ev->comm));
	ev->proc = proc_ref(t->proc);
	if (of_socket(ev->call))
		ev->sock =
			ev->fd < 0 ? strace_learn_unnamed(x) : sock_ref(strace_fd_sock(t, ev->fd));
	t->abi = ev->abi; /* control messages may have shown that it is a 32-bit process */
}

bool strace_event(struct strace_text *x, struct event *ev)
{
	if (x->call >= CALL_COUNT)
		return false;
	ev->abi = x->task->abi;
	strace_event_of_line(x, ev);
	strace_event_of_task(x, ev);
	return true;
}
