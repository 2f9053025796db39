// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the calls of a log change of sockets, descriptors and tasks. Pure. */
#include "config.h"

#include "strace/call.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cmsg/cmsg.h"
#include "event/ask.h"
#include "event/names.h"
#include "strace/values.h"

/* What is off in a socket that was just made. */
static const enum sock_opt fresh_opts[] = {
	OPT_SO_BINDTODEVICE,     OPT_SO_BROADCAST,   OPT_SO_PASSCRED,    OPT_SO_PASSSEC,
	OPT_SO_PASSPIDFD,        OPT_SO_TIMESTAMP,   OPT_SO_TIMESTAMPNS, OPT_SO_TIMESTAMPING,
	OPT_SO_TIMESTAMPING_NEW, OPT_SO_TXTIME,      OPT_SO_RXQ_OVFL,    OPT_SO_RCVMARK,
	OPT_SO_RCVPRIORITY,      OPT_SO_WIFI_STATUS, OPT_SO_INQ,         OPT_SO_ZEROCOPY,
	OPT_SO_NO_CHECK,         OPT_SO_REUSEPORT,   OPT_SO_ACCEPTCONN,
};

static const enum sock_opt fresh_inet_opts[] = {
	OPT_IP_PKTINFO,
	OPT_IP_RECVTTL,
	OPT_IP_RECVTOS,
	OPT_IP_RECVOPTS,
	OPT_IP_RETOPTS,
	OPT_IP_PASSSEC,
	OPT_IP_RECVORIGDSTADDR,
	OPT_IP_CHECKSUM,
	OPT_IP_RECVFRAGSIZE,
	OPT_IP_RECVERR,
	OPT_IP_FREEBIND,
	OPT_IP_TRANSPARENT,
	OPT_IP_UNICAST_IF,
	OPT_IP_MULTICAST_IF,
	OPT_IPV6_RECVPKTINFO,
	OPT_IPV6_RECVHOPLIMIT,
	OPT_IPV6_RECVTCLASS,
	OPT_IPV6_FLOWINFO,
	OPT_IPV6_RECVHOPOPTS,
	OPT_IPV6_RECVRTHDR,
	OPT_IPV6_RECVDSTOPTS,
	OPT_IPV6_RECVORIGDSTADDR,
	OPT_IPV6_RECVFRAGSIZE,
	OPT_IPV6_RECVPATHMTU,
	OPT_IPV6_RECVERR,
	OPT_IPV6_2292PKTINFO,
	OPT_IPV6_2292HOPLIMIT,
	OPT_IPV6_UNICAST_IF,
	OPT_IPV6_MULTICAST_IF,
	OPT_IPV6_FREEBIND,
	OPT_IPV6_TRANSPARENT,
	OPT_UDP_CORK,
	OPT_UDP_SEGMENT,
	OPT_UDP_GRO,
	OPT_UDP_ENCAP,
	OPT_TCP_INQ,
	OPT_TCP_ULP,
};

static int effective_protocol(int domain, int type, int protocol)
{
	if (protocol || (domain != AF_INET && domain != AF_INET6))
		return protocol;
	return type == SOCK_STREAM ? IPPROTO_TCP : type == SOCK_DGRAM ? IPPROTO_UDP : protocol;
}

static void fresh_facts(struct sock *s)
{
	static const unsigned char any[16];
	bool inet = s->domain == AF_INET || s->domain == AF_INET6;

	s->has |= SOCK_HAS_PEER;
	for (size_t i = 0; i < sizeof(fresh_opts) / sizeof(fresh_opts[0]); i++)
		sock_opt_set(s, fresh_opts[i], 0);
	if (!inet)
		return;
	for (size_t i = 0; i < sizeof(fresh_inet_opts) / sizeof(fresh_inet_opts[0]); i++) {
		const struct sock_opt_row *row = &sock_opt_rows[fresh_inet_opts[i]];

		if (s->domain == AF_INET && row->families & SOCK_FAM_INET6)
			continue;
		if (row->families & SOCK_FAM_UDP && s->protocol != IPPROTO_UDP)
			continue;
		if (row->families & SOCK_FAM_TCP && s->protocol != IPPROTO_TCP)
			continue;
		sock_opt_set(s, fresh_inet_opts[i], 0);
	}
	s->local = s->domain == AF_INET ? addr_of_in(any, 0) : addr_of_in6(any, 0, 0);
}

static void after_socket(struct strace_text *x, int fd)
{
	uint64_t domain, protocol;
	bool cloexec, have_protocol;
	struct sock *s;
	int type;

	if (!strace_num(val_at(x->args, 0), &names_family, &domain)) {
		strace_fd_close(x->task, fd);
		return;
	}
	have_protocol = strace_num(val_at(x->args, 2), &names_ipproto, &protocol);

	bool have_type = strace_socket_type(val_at(x->args, 1), &type, &cloexec);

	s = strace_fd_open(x->state, x->task, fd, cloexec);
	if (!s)
		return;
	strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, (int)domain);
	if (have_type)
		strace_set_int(s, SOCK_HAS_TYPE, &s->type, type);
	if (have_type && have_protocol)
		strace_set_int(s, SOCK_HAS_PROTOCOL, &s->protocol,
			       effective_protocol((int)domain, type, (int)protocol));
	fresh_facts(s);
}

static void after_socketpair(struct strace_text *x)
{
	const struct val *list = val_at(x->args, 3);
	int first = -1;

	for (const struct val *c = list ? list->child : NULL; c; c = c->next) {
		int fd = (int)c->num;

		if (c->kind != VAL_NUMBER || first == fd)
			continue;
		first = fd;
		after_socket(x, fd);
		strace_learn_path_of(x, fd, c);

		struct sock *s = strace_fd_change(x->state, x->task, fd);

		if (s)
			s->has &= ~(unsigned int)SOCK_HAS_PEER; /* connected, to an unnamed one */
	}
}

static struct addr addr_arg(struct strace_text *x, unsigned int n)
{
	struct event *scratch = event_new();
	struct bytes b = strace_sockaddr(scratch, val_at(x->args, n), 0);
	struct addr a = { .len = 0 };

	if (b.why == BYTES_WHOLE)
		a = addr_of(b.p, b.len);
	event_free(scratch);
	return a;
}

static void after_accept(struct strace_text *x, int fd)
{
	const struct sock *listener = strace_fd_sock(x->task, strace_fd_arg(x, 0));
	struct addr peer = addr_arg(x, 1);
	struct sock facts = { .has = 0 }, *s;

	if (listener)
		facts = *listener;
	s = strace_fd_open(x->state, x->task, fd, false);
	if (!s)
		return;
	s->has |= facts.has & (SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL);
	s->domain = facts.domain;
	s->type = facts.type;
	s->protocol = facts.protocol;
	sock_derive(s);
	s->peer = peer;
	if (peer.len)
		s->has |= SOCK_HAS_PEER;
}

/* Connecting a datagram socket pins the route's source address: it is not known any more. */
static void after_connect(struct strace_text *x, int fd)
{
	struct addr a = addr_arg(x, 1);
	struct sock *s = strace_fd_change(x->state, x->task, fd);

	if (!s)
		return;
	if (a.len && addr_family(&a) == AF_UNSPEC) {
		s->peer.len = 0;
		s->has |= SOCK_HAS_PEER;
		return;
	}
	s->has &= ~(unsigned int)SOCK_HAS_PEER;
	s->peer = a;
	if (a.len)
		s->has |= SOCK_HAS_PEER;
	if (addr_is_wildcard(&s->local))
		s->local.len = 0;
}

static int opt_of(struct strace_text *x)
{
	const struct val *name = val_at(x->args, 2);
	int32_t level;
	bool known = strace_level(val_at(x->args, 1), &level);

	for (unsigned int i = 0; i < cmsg_opt_count(); i++) {
		const struct sock_opt_row *row = cmsg_opt_row(i);

		if (val_is(name, row->name))
			return (int)i;
		if (name && name->kind == VAL_NUMBER && known && level == row->level &&
		    (int)name->num == row->optname)
			return (int)i;
	}
	if (name && name->kind == VAL_NAME) { /* SO_TIMESTAMP_OLD and its like */
		static const struct {
			const char *name;
			int opt;
		} more[] = {
			{ "SO_TIMESTAMP_OLD", OPT_SO_TIMESTAMP },
			{ "SO_TIMESTAMP_NEW", OPT_SO_TIMESTAMP },
			{ "SO_TIMESTAMPNS_OLD", OPT_SO_TIMESTAMPNS },
			{ "SO_TIMESTAMPNS_NEW", OPT_SO_TIMESTAMPNS },
			{ "SO_TIMESTAMPING_OLD", OPT_SO_TIMESTAMPING },
			{ "SO_TIMESTAMPING_NEW", OPT_SO_TIMESTAMPING },
			{ "IP_ORIGDSTADDR", OPT_IP_RECVORIGDSTADDR },
			{ "IPV6_ORIGDSTADDR", OPT_IPV6_RECVORIGDSTADDR },
		};

		for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
			if (val_is(name, more[i].name))
				return more[i].opt;
		}
	}
	return -1;
}

/* SO_TIMESTAMP is known by the number that is on: OLD or NEW. */
static int32_t opt_value(struct strace_text *x, int opt, int32_t v)
{
	const struct val *name = val_at(x->args, 2);
	bool newer = name && name->kind == VAL_NAME && name->len > 4 &&
		     !memcmp(name->text + name->len - 4, "_NEW", 4);

	if (opt == OPT_SO_TIMESTAMP)
		return v ? (newer ? 63 : 29) : 0;
	if (opt == OPT_SO_TIMESTAMPNS)
		return v ? (newer ? 64 : 35) : 0;
	return v;
}

static void after_option(struct strace_text *x, int fd)
{
	const struct val *v = val_at(x->args, 3);
	int opt = opt_of(x);
	struct sock *s;
	uint64_t num;

	if (opt < 0)
		return;
	s = strace_fd_change(x->state, x->task, fd);
	if (!s)
		return;
	if (v && v->kind == VAL_ARRAY)
		v = v->child;
	if (opt == OPT_TCP_ULP && v && v->kind == VAL_STRING)
		sock_opt_set(s, opt, v->len == 3 && !memcmp(v->text, "tls", 3) ? 1 : 4);
	else if (opt == OPT_SO_TXTIME && v && v->kind == VAL_STRUCT)
		sock_opt_set(s, opt, 1);
	else if (strace_num(v, NULL, &num))
		sock_opt_set(s, opt, opt_value(x, opt, (int32_t)num));
	else /* it changed to something that we can't read */
		s->opt_has[opt / 64] &= ~(1ULL << (opt % 64));
}

static void after_getsockopt(struct strace_text *x, int fd)
{
	const struct val *name = val_at(x->args, 2), *v = val_at(x->args, 3);
	struct sock *s;
	uint64_t num;
	bool cloexec;
	int type;

	if (v && v->kind == VAL_ARRAY)
		v = v->child;
	if (val_is(name, "SO_TYPE") && strace_socket_type(v, &type, &cloexec)) {
		s = strace_fd_change(x->state, x->task, fd);
		if (s)
			strace_set_int(s, SOCK_HAS_TYPE, &s->type, type);
	} else if (val_is(name, "SO_DOMAIN") && strace_num(v, &names_family, &num)) {
		s = strace_fd_change(x->state, x->task, fd);
		if (s)
			strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, (int)num);
	} else if (val_is(name, "SO_PROTOCOL") && strace_num(v, &names_ipproto, &num)) {
		s = strace_fd_change(x->state, x->task, fd);
		if (s)
			strace_set_int(s, SOCK_HAS_PROTOCOL, &s->protocol, (int)num);
	}
}

static void after_name(struct strace_text *x, int fd, bool peer)
{
	struct addr a = addr_arg(x, 1);
	struct sock *s;

	if (!a.len)
		return;
	s = strace_fd_change(x->state, x->task, fd);
	if (!s)
		return;
	strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, addr_family(&a));
	if (peer) {
		s->peer = a;
		s->has |= SOCK_HAS_PEER;
	} else {
		s->local = a;
	}
}

static void after_fcntl(struct strace_text *x, int fd, int64_t value)
{
	const struct val *cmd = val_at(x->args, 1);

	if (val_is(cmd, "F_DUPFD"))
		strace_fd_dup(x->task, fd, (int)value, false);
	else if (val_is(cmd, "F_DUPFD_CLOEXEC"))
		strace_fd_dup(x->task, fd, (int)value, true);
}

static bool args_say(const struct strace_text *x, const char *word)
{
	/* clone3({flags=…} => {parent_tid=[8]}, 88): what was offered stands before the arrow */
	const struct val *first = x->args ? x->args->child : NULL;
	const struct val *flags =
		val_member(first && val_was(first) ? val_was(first) : x->args, "flags");

	return flags && memmem(flags->text, flags->len, word, strlen(word));
}

static void after_exec(struct strace_text *x)
{
	const struct val *path = val_at(x->args, x->name_len == 8 ? 1 : 0); /* execveat */
	struct arena scratch = { 0 };
	size_t len;

	if (path && path->kind == VAL_STRING && !path->cut) {
		unsigned char *p = strace_string(&scratch, path, &len);

		strace_task_exec(x->task, (const char *)p); /* the arena's zero ends it */
	} else {
		strace_task_exec(x->task, "");
	}
	arena_free(&scratch);
}

static void after_task(struct strace_text *x, int child)
{
	bool share = x->call == STRACE_CLONE && args_say(x, "CLONE_FILES");
	bool thread = x->call == STRACE_CLONE && args_say(x, "CLONE_THREAD");

	if (x->state->cloner == x->task)
		x->state->cloner = NULL;
	if (child > 0)
		strace_task_forked(x->state, x->task, child, share, thread);
}

/* Calls that give a new descriptor. */
static void learn_new_fd(struct strace_text *x, int fd)
{
	int value = (int)x->result.value, type;
	bool cloexec;

	strace_fd_opened(x->task, value);
	switch (x->call) {
	case CALL_SOCKET:
		after_socket(x, value);
		break;
	case STRACE_ACCEPT:
		after_accept(x, value);
		break;
	case STRACE_DUP:
	case STRACE_DUP2:
		strace_fd_dup(x->task, fd, value, false);
		break;
	case STRACE_DUP3:
		strace_fd_dup(x->task, fd, value,
			      strace_socket_type(val_at(x->args, 2), &type, &cloexec) && cloexec);
		break;
	default:
		return;
	}
	if (x->result.path)
		strace_learn_path(x, value, x->result.path, x->result.path_len);
}

/* A descriptor of the message is not open: the one that it has, or one that the log closed. */
void strace_answer_ebadf(const struct strace_text *x, struct event *ev)
{
	struct reader r;

	if (!ev->sock || ev->nmsg != 1 || strace_fd_closed_by(x->task, ev->fd))
		return; /* it may be the socket */
	cmsg_walk(ev, &ev->msg[0]);
	if (ev->msg[0].ncmsg != 1 || ev->msg[0].cmsg[0].level != SOL_SOCKET ||
	    ev->msg[0].cmsg[0].type != SCM_RIGHTS)
		return;
	r = reader_of(ev->msg[0].cmsg[0].data, ev->msg[0].cmsg[0].data_len);
	for (bool alone = r.left < 8; r.left >= 4;) {
		struct answer a = { .question = { .kind = ASK_FD_OPEN } };
		int fd = read_s32(&r);
		uint64_t line = strace_fd_closed_by(x->task, fd);

		a.question.number = fd;
		if (line)
			snprintf(a.name, sizeof(a.name), "line %u", (unsigned int)line);
		if (line || alone)
			event_add_answer(ev, &a);
	}
}

void strace_learn_after(struct strace_text *x)
{
	const struct strace_result *r = &x->result;
	uint64_t first, last;
	int fd;

	if (strace_call_moves(x->call))
		return;
	fd = strace_fd_arg(x, 0);
	if (x->call == STRACE_CLOSE) {
		if (r->have && !r->value && x->line)
			strace_fd_closed(x->task, fd, x->line);
		else
			strace_fd_close(x->task, fd); /* also where it failed, but for EBADF */
		return;
	}
	if (x->call == CALL_CONNECT && r->have && r->value == -EINPROGRESS) {
		after_connect(x, fd);
		return;
	}
	if (!r->have || r->unknown || r->value < 0) {
		if (x->call == STRACE_CLONE || x->call == STRACE_FORK)
			after_task(x, -1);
		return;
	}
	switch (x->call) {
	case CALL_BIND:
		after_name(x, fd, false);
		break;
	case CALL_CONNECT:
		after_connect(x, fd);
		break;
	case CALL_SETSOCKOPT:
		after_option(x, fd);
		break;
	case CALL_EXECVE:
		after_exec(x);
		break;
	case STRACE_SOCKETPAIR:
		after_socketpair(x);
		break;
	case STRACE_GETSOCKNAME:
	case STRACE_GETPEERNAME:
		after_name(x, fd, x->call == STRACE_GETPEERNAME);
		break;
	case STRACE_GETSOCKOPT:
		after_getsockopt(x, fd);
		break;
	case STRACE_FCNTL:
		after_fcntl(x, fd, r->value);
		break;
	case STRACE_CLOSE_RANGE:
		if (strace_num(val_at(x->args, 0), NULL, &first) &&
		    strace_num(val_at(x->args, 1), NULL, &last))
			strace_fd_close_range(x->task, first, last);
		break;
	case STRACE_FORK:
	case STRACE_CLONE:
		after_task(x, (int)r->value);
		break;
	default:
		learn_new_fd(x, fd);
	}
}
