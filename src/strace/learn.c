// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the line of a call shows of its socket: -y and -yy behind descriptors, addresses. Pure. */
#include "config.h"

#include "strace/call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "strace/values.h"
#include "uapi/uapi.h"

/* ---- what -y and -yy print behind a descriptor ---- */

static const struct {
	const char *name; /* as /proc/PID/fd/N's system.sockprotoname has it */
	int domain, type, protocol;
} protocols[] = {
	{ "UDP", AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDPv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDPLITE", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDPLITEv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "TCP", AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ "TCPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ "MPTCP", AF_INET, SOCK_STREAM, PROTOCOL_MPTCP },
	{ "MPTCPv6", AF_INET6, SOCK_STREAM, PROTOCOL_MPTCP },
	{ "PING", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ "PINGv6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	{ "RAW", AF_INET, SOCK_RAW, -1 },
	{ "RAWv6", AF_INET6, SOCK_RAW, -1 },
	{ "UNIX", AF_UNIX, -1, 0 },
	{ "UNIX-STREAM", AF_UNIX, SOCK_STREAM, 0 },
	{ "UNIX-DGRAM", AF_UNIX, SOCK_DGRAM, 0 },
	{ "UNIX-SEQPACKET", AF_UNIX, SOCK_SEQPACKET, 0 },
	{ "NETLINK", AF_NETLINK, -1, -1 },
	{ "PACKET", AF_PACKET, -1, -1 },
};

/* "127.0.0.1:53", "[::1]:53" */
static struct addr host_port(const char *p, size_t len)
{
	char text[64];
	unsigned char raw[16];
	struct addr none = { .len = 0 };
	bool v6 = len && *p == '[';
	const char *colon = len ? memrchr(p, ':', len) : NULL;
	size_t n;
	uint64_t port;

	if (!colon || !strace_number(colon + 1, p + len, &port))
		return none;
	p += v6;
	n = (size_t)(colon - p) - v6;
	if ((size_t)(colon - p) < v6 || n >= sizeof(text))
		return none;
	memcpy(text, p, n);
	text[n] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, raw) != 1)
		return none;
	return v6 ? addr_of_in6(raw, (uint16_t)port, 0) : addr_of_in(raw, (uint16_t)port);
}

bool strace_set_int(struct sock *s, unsigned int bit, int *slot, int v)
{
	if (v < 0 || (s->has & bit))
		return false;
	s->has |= bit;
	*slot = v;
	sock_derive(s);
	return true;
}

/* Does what is known of s contradict row i: another socket behind the same number? */
static bool contradicts(const struct sock *s, size_t i, uint64_t inode)
{
	return s && (((s->has & SOCK_HAS_DOMAIN) && s->domain != protocols[i].domain) ||
		     ((s->has & SOCK_HAS_TYPE) && protocols[i].type >= 0 &&
		      s->type != protocols[i].type) ||
		     ((s->has & SOCK_HAS_INODE) && inode && s->inode != inode));
}

static void learn_detail(struct sock *s, const char *p, size_t len)
{
	const char *arrow = memmem(p, len, "->", 2);
	struct addr local = host_port(p, arrow ? (size_t)(arrow - p) : len);
	bool stale = addr_is_wildcard(&local) && s->has & SOCK_HAS_PEER && s->peer.len;

	/* strace asks once for each socket, and a connected one has an address */
	if (!s->local.len && !stale)
		s->local = local;
	if (arrow && !(s->has & SOCK_HAS_PEER)) {
		s->peer = host_port(arrow + 2, len - (size_t)(arrow + 2 - p));
		if (s->peer.len)
			s->has |= SOCK_HAS_PEER;
	}
}

static void learn_protocol(struct strace_text *x, int fd, size_t i, const char *p, size_t len)
{
	struct sock *s = strace_fd_sock(x->task, fd);
	uint64_t inode = 0;
	size_t digits = strace_number(p, p + len, &inode);
	bool bare = digits == len || (digits && protocols[i].domain == AF_UNIX);

	if (!bare)
		inode = 0;
	if (contradicts(s, i, inode))
		s = NULL;
	else if (s && (s->has & SOCK_HAS_DOMAIN) && (s->has & SOCK_HAS_TYPE) &&
		 (s->has & SOCK_HAS_PROTOCOL) && (!inode || (s->has & SOCK_HAS_INODE)) &&
		 (bare || (s->local.len && (s->has & SOCK_HAS_PEER))))
		return;
	s = s ? strace_fd_change(x->state, x->task, fd)
	      : strace_fd_open(x->state, x->task, fd, false);
	if (!s)
		return;
	strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, protocols[i].domain);
	strace_set_int(s, SOCK_HAS_TYPE, &s->type, protocols[i].type);
	strace_set_int(s, SOCK_HAS_PROTOCOL, &s->protocol, protocols[i].protocol);
	if (inode) {
		s->has |= SOCK_HAS_INODE;
		s->inode = inode;
	}
	if (!bare && (s->domain == AF_INET || s->domain == AF_INET6))
		learn_detail(s, p, len);
}

/* socket:[123] of -y: another number is another socket. */
static void learn_inode(struct strace_text *x, int fd, uint64_t inode)
{
	struct sock *s = strace_fd_sock(x->task, fd);

	if (s && (s->has & SOCK_HAS_INODE) && s->inode == inode)
		return;
	if (s && (s->has & SOCK_HAS_INODE))
		s = strace_fd_open(x->state, x->task, fd, false);
	else
		s = strace_fd_change(x->state, x->task, fd);
	if (!s)
		return;
	s->has |= SOCK_HAS_INODE;
	s->inode = inode;
}

void strace_learn_path(struct strace_text *x, int fd, const char *p, size_t len)
{
	const char *detail = memmem(p, len, ":[", 2);
	uint64_t inode;

	if (fd < 0 || !len)
		return;
	if (!detail || *p == '/') { /* no socket: an earlier close was not logged */
		strace_fd_close(x->task, fd);
		return;
	}

	size_t name = (size_t)(detail - p);
	const char *rest = detail + 2;
	const char *end = memrchr(p, ']', len);

	if (!end || end < rest)
		end = p + len;
	if (name == 6 && !memcmp(p, "socket", 6)) {
		if (strace_number(rest, end, &inode))
			learn_inode(x, fd, inode);
		return;
	}
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strlen(protocols[i].name) == name && !memcmp(protocols[i].name, p, name)) {
			learn_protocol(x, fd, i, rest, (size_t)(end - rest));
			return;
		}
	}
}

void strace_learn_path_of(struct strace_text *x, int fd, const struct val *v)
{
	size_t len;
	const char *path = val_path(v, &len);

	if (path)
		strace_learn_path(x, fd, path, len);
}

/* ---- what the address and the control messages of a message show of a socket that is not known ---- */

static const struct val *name_of(const struct strace_text *x)
{
	if (x->call == CALL_SENDTO || x->call == CALL_RECVFROM)
		return val_at(x->args, 4);
	return val_member(x->args, "msg_name");
}

/*
 * Only sockets of datagrams take and give names of IP in messages; with a port it is UDP (raw and ping sockets have
 * none), of which UDP-Lite is the rare kind.  Of other families the name that a receive gives tells.
 */
static bool name_facts(struct strace_text *x, struct sock *s)
{
	const struct val *v = name_of(x);
	struct event *scratch;
	struct bytes b;
	struct addr a;
	bool port;

	if (!v || v->kind != VAL_STRUCT)
		return false;
	scratch = event_new();
	b = strace_sockaddr(scratch, v, 0);
	a = addr_of(b.p, b.len);
	port = b.len >= 4 && (b.p[2] || b.p[3]);
	event_free(scratch);
	switch (addr_family(&a)) {
	case AF_INET:
	case AF_INET6:
		strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, addr_family(&a));
		if (port) {
			strace_set_int(s, SOCK_HAS_TYPE, &s->type, SOCK_DGRAM);
			strace_set_int(s, SOCK_HAS_PROTOCOL, &s->protocol, IPPROTO_UDP);
		}
		return true;
	case AF_UNIX:
	case AF_NETLINK:
	case AF_PACKET:
		if (!call_receives(x->call))
			return false;
		strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, addr_family(&a));
		return true;
	default:
		return false;
	}
}

/*
 * The family of the sockets that alone give such a control message; -1: more than one does. Those of IPv4 come to
 * AF_INET6 sockets, too, and credentials to netlink's.
 */
static int family_giving(int32_t level, int32_t type)
{
	if (level == L_SOCKET && type == T_RIGHTS)
		return AF_UNIX;
	return level == L_NETLINK ? AF_NETLINK : level == L_PACKET ? AF_PACKET : -1;
}

static int control_family(const struct val *v)
{
	int32_t level, type;
	bool known = false;
	int family = -1;

	for (const struct val *c = v->child; c && family < 0; c = c->next) {
		if (val_named(c, "cmsg_level"))
			known = strace_level(c, &level);
		else if (known && val_named(c, "cmsg_type"))
			family =
				strace_cmsg_type(c, level, &type) ? family_giving(level, type) : -1;
		else
			family = control_family(c);
	}
	return family;
}

static bool message_facts(struct strace_text *x, struct sock *s)
{
	return name_facts(x, s) ||
	       (call_receives(x->call) &&
		strace_set_int(s, SOCK_HAS_DOMAIN, &s->domain, control_family(x->args)));
}

struct sock *strace_learn_unnamed(struct strace_text *x)
{
	struct sock *s = sock_new();

	if (message_facts(x, s))
		return s;
	sock_unref(s);
	return NULL;
}

static void learn_message(struct strace_text *x, int fd)
{
	const struct sock *known = strace_fd_sock(x->task, fd);
	struct sock facts = { .has = 0 }, *s;

	if (fd < 0 || (known && (known->has & SOCK_HAS_DOMAIN)) || !message_facts(x, &facts))
		return;
	s = strace_fd_change(x->state, x->task, fd);
	if (s)
		message_facts(x, s);
}

void strace_learn_before(struct strace_text *x)
{
	const struct val *v = val_at(x->args, 0);
	int fd = strace_fd_arg(x, 0);

	switch (x->call) {
	case CALL_SOCKET:
	case CALL_EXECVE:
	case STRACE_SOCKETPAIR:
	case STRACE_FORK:
	case STRACE_CLONE:
	case STRACE_CLOSE_RANGE:
		return;
	default:
		break;
	}
	if (v)
		strace_learn_path_of(x, fd, v);
	if (strace_call_moves(x->call))
		learn_message(x, fd);
}
