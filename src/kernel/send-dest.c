// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel checks before it looks at control messages: the msghdr, the destination.  Pure.
 * Kernel: net/socket.c, net/compat.c, and each protocol's sendmsg.  doc/kernel.md 0, 1.8, 2.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>

#include "kernel/parser.h"

enum {
	CONTROL_ON_STACK = 36, /* sizeof(struct cmsghdr) + 20: ____sys_sendmsg() */
	NEVER_TOO_LONG = 512,  /* whatever net.core.optmem_max is: not worth a question */
	OPTMEM_MAX_OLD = 20480,
	OPTMEM_MAX = 131072, /* since 6.8 */
	IOV_LIMIT = 1024,
	SIN6_LEN_RFC2133 = 24,
	NATIVE_HDR = 16,
};

static const char socket_c[] = "net/socket.c ____sys_sendmsg()";
static const char compat_c[] = "net/compat.c cmsghdr_from_user_compat_to_kern()";

static bool fail(struct judge *j, int err, const char *why, const char *kernel)
{
	judge_fail(j, err, why, kernel);
	return false;
}

/* The list as a 32-bit caller's is converted: its length on the kernel's side, or a refusal. */
static bool compat_list(struct judge *j, uint64_t *len)
{
	const struct hdr *h = &j->m->in;
	uint64_t next = 0;

	*len = 0;
	if (!h->control_ptr || h->controllen < cmsg_hdr_size(j->ev->abi))
		return fail(j, EINVAL,
			    h->control_ptr ? "a 32-bit caller's control data is less than a header"
					   : "a 32-bit caller's msg_control is NULL",
			    compat_c);
	for (uint32_t i = 0; i < j->m->ncmsg; i++) {
		const struct cmsg *c = &j->m->cmsg[i];

		if (c->len < cmsg_hdr_size(j->ev->abi) || c->len > h->controllen - c->offset) {
			judge_fail(j, EINVAL, "cmsg_len is less than a header or beyond the data",
				   compat_c);
			j->out->cmsg = (int)i;
			return false;
		}
		*len += (NATIVE_HDR + c->len - cmsg_hdr_size(j->ev->abi) + 7) & ~7ULL;
		next = c->offset + cmsg_align(j->ev->abi, c->len);
	}
	if (h->control.why == BYTES_FAULT)
		return fail(j, EFAULT, "the control data can't be read", compat_c);
	if (h->control.len < h->controllen) {
		j->doubt = true;
		return true;
	}
	if (next < h->controllen)
		return fail(j, EINVAL,
			    "bytes that are no header are left at the end (a 32-bit caller's tail)",
			    compat_c);
	return true;
}

/* As it is where the socket lives; 0: not known. */
static uint64_t optmem_max(struct judge *j)
{
	const struct question q = { .kind = ASK_OPTMEM_MAX };
	int max = judge_ask(j, &q);

	return max > 0 ? (uint64_t)max : 0;
}

static bool control_size(struct judge *j, uint64_t len)
{
	uint64_t max = 0;
	bool assumed = true;
	const bool compat = j->ev->abi->compat;

	if (len <= CONTROL_ON_STACK)
		return true;
	if (len > NEVER_TOO_LONG)
		max = optmem_max(j);
	if (!max)
		max = judge_since(j, KERNEL_RELEASE(6, 8, 0)) ? OPTMEM_MAX : OPTMEM_MAX_OLD;
	else
		assumed = false;
	if (len > max / 2 &&
	    j->kind == SOCK_KIND_ALG) /* its own state is charged to the same account */
		j->doubt = true;
	if (len > max / 2 && assumed)
		judge_assume(j, "net.core.optmem_max has its default");
	if (len >= max)
		return fail(j, compat ? ENOMEM : ENOBUFS,
			    "the control data is not less than net.core.optmem_max",
			    compat ? compat_c : "net/core/sock.c sock_kmalloc()");
	return true;
}

static bool control(struct judge *j)
{
	const struct hdr *h = &j->m->in;
	uint64_t len = h->controllen;

	if (!len)
		return true;
	if (len > INT32_MAX)
		return fail(j, ENOBUFS, "msg_controllen is more than INT_MAX", socket_c);
	if (j->ev->abi->compat)
		return compat_list(j, &len) && control_size(j, len);
	if (!control_size(j, len))
		return false;
	if (!h->control_ptr)
		return fail(j, EFAULT, "msg_control is NULL and msg_controllen is not 0", socket_c);
	if (h->control.why == BYTES_FAULT)
		return fail(j, EFAULT, "the control data can't be read", socket_c);
	/* what stands behind a malformed header nobody reads */
	if (h->control.len < len && !cmsg_walk_broke(j->m))
		j->doubt = true;
	return true;
}

bool judge_header(struct judge *j)
{
	const struct hdr *h = &j->m->in;

	if (j->m->made_up)
		return true;
	if (!h->have) {
		j->doubt = true;
		return false;
	}
	if (j->ev->abi->word == 8 && (j->ev->flags & F_CMSG_COMPAT))
		return fail(j, EINVAL, "MSG_CMSG_COMPAT can't be given",
			    "net/socket.c __sys_sendmsg()");
	if (h->name_ptr && h->namelen < 0)
		return fail(j, EINVAL, "msg_namelen is negative", "net/socket.c __copy_msghdr()");
	if (h->name_ptr && h->namelen > 0 && h->name.why == BYTES_FAULT)
		return fail(j, EFAULT, "msg_name can't be read", "net/socket.c __copy_msghdr()");
	if (h->iovlen > IOV_LIMIT)
		return fail(j, EMSGSIZE, "msg_iovlen is more than 1024",
			    "net/socket.c __copy_msghdr()");
	if (h->iovlen && j->m->iov_raw.why == BYTES_FAULT)
		return fail(j, EFAULT, "msg_iov can't be read", "lib/iov_iter.c __import_iovec()");
	return control(j);
}

/* ---- destinations ---- */

struct name {
	bool given, read;
	uint64_t len; /* as the kernel sees it */
	uint16_t family, port;
};

static struct name name_of(const struct judge *j)
{
	const struct hdr *h = &j->m->in;
	struct name n = { .given = h->name_ptr && h->namelen > 0 };

	if (!n.given)
		return n;
	n.len = (uint64_t)h->namelen > sizeof(struct sockaddr_storage)
			? sizeof(struct sockaddr_storage)
			: (uint64_t)h->namelen;
	n.read = h->name.p && h->name.len >= (n.len < 4 ? n.len : 4);
	if (n.read && h->name.len >= 2)
		memcpy(&n.family, h->name.p, 2);
	if (n.read && h->name.len >= 4)
		n.port = (uint16_t)(h->name.p[2] << 8 | h->name.p[3]);
	return n;
}

static bool connected(struct judge *j, const char *kernel)
{
	if (!j->sk || !(j->sk->has & SOCK_HAS_PEER)) {
		judge_assume(j, "the socket is connected");
		return true;
	}
	if (!j->sk->peer.len)
		return fail(j, EDESTADDRREQ, "no destination: the socket is not connected", kernel);
	return true;
}

static bool udp4_dest(struct judge *j, const struct name *n)
{
	static const char where[] = "net/ipv4/udp.c udp_sendmsg()";

	if (j->m->total > UINT16_MAX)
		return fail(j, EMSGSIZE, "the payload is longer than 65535 bytes", where);
	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "UDP has no MSG_OOB", where);
	if (!n->given)
		return connected(j, where);
	if (n->len < sizeof(struct sockaddr_in))
		return fail(j, EINVAL, "msg_namelen is less than a sockaddr_in", where);
	if (!n->read)
		return j->doubt = true;
	if (n->family != AF_INET && n->family != AF_UNSPEC)
		return fail(j, EAFNOSUPPORT, "the destination is not of AF_INET", where);
	if (!n->port)
		return fail(j, EINVAL, "the destination's port is 0", where);
	return true;
}

static bool udp6_mapped_dest(struct judge *j, const struct name *n)
{
	static const char where[] = "net/ipv4/udp.c udp_sendmsg()";

	if (judge_opt(j, OPT_IPV6_V6ONLY) == YES)
		return fail(j, ENETUNREACH, "IPV6_V6ONLY is on and the destination is IPv4",
			    "net/ipv6/udp.c udpv6_sendmsg()");
	if (j->m->total > UINT16_MAX)
		return fail(j, EMSGSIZE, "the payload is longer than 65535 bytes", where);
	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "UDP has no MSG_OOB", where);
	if (n->given && n->len < sizeof(struct sockaddr_in))
		return fail(j, EINVAL, "msg_namelen is less than a sockaddr_in", where);
	if (n->given && n->read && !n->port)
		return fail(j, EINVAL, "the destination's port is 0", where);
	return true;
}

static bool udp6_dest(struct judge *j, const struct name *n)
{
	static const char where[] = "net/ipv6/udp.c udpv6_sendmsg()";

	if (n->given && n->len < 2)
		return fail(j, EINVAL, "msg_namelen is less than an address family", where);
	if (n->given && !n->read)
		return j->doubt = true;
	if (n->given && n->family == AF_INET6 && n->len < SIN6_LEN_RFC2133)
		return fail(j, EINVAL, "msg_namelen is less than a sockaddr_in6", where);
	if (n->given && n->family != AF_INET6 && n->family != AF_INET && n->family != AF_UNSPEC)
		return fail(j, EINVAL, "the destination is not of AF_INET6", where);
	if (j->path == PATH_MAPPED)
		return udp6_mapped_dest(j, n);
	if (!n->given || n->family == AF_UNSPEC)
		return connected(j, where);
	if (!n->port)
		return fail(j, EINVAL, "the destination's port is 0", where);
	return true;
}

static bool raw4_dest(struct judge *j, const struct name *n)
{
	static const char where[] = "net/ipv4/raw.c raw_sendmsg()";

	if (j->m->total > UINT16_MAX)
		return fail(j, EMSGSIZE, "the payload is longer than 65535 bytes", where);
	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "raw sockets have no MSG_OOB", where);
	if (!n->given)
		return connected(j, where);
	if (n->len < sizeof(struct sockaddr_in))
		return fail(j, EINVAL, "msg_namelen is less than a sockaddr_in", where);
	if (!n->read)
		return j->doubt = true;
	if (n->family != AF_INET && n->family != AF_UNSPEC)
		return fail(j, EAFNOSUPPORT, "the destination is not of AF_INET", where);
	return true;
}

static bool raw6_dest(struct judge *j, const struct name *n)
{
	static const char where[] = "net/ipv6/raw.c rawv6_sendmsg()";

	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "raw sockets have no MSG_OOB", where);
	if (!n->given)
		return connected(j, where);
	if (n->len < SIN6_LEN_RFC2133)
		return fail(j, EINVAL, "msg_namelen is less than a sockaddr_in6", where);
	if (!n->read)
		return j->doubt = true;
	if (n->family != AF_INET6 && n->family != AF_UNSPEC)
		return fail(j, EAFNOSUPPORT, "the destination is not of AF_INET6", where);
	if (n->port && n->port > UINT8_MAX)
		return fail(j, EINVAL, "the destination's port is no protocol number", where);
	return true;
}

static bool ping_dest(struct judge *j, const struct name *n)
{
	static const char common[] = "net/ipv4/ping.c ping_common_sendmsg()";
	const bool v6 = j->kind == SOCK_KIND_PING6;
	const char *where =
		v6 ? "net/ipv6/ping.c ping_v6_sendmsg()" : "net/ipv4/ping.c ping_v4_sendmsg()";

	if (j->m->total > UINT16_MAX)
		return fail(j, EMSGSIZE, "the payload is longer than 65535 bytes", common);
	if (j->m->total < 8)
		return fail(j, EINVAL, "the payload is less than an ICMP header", common);
	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "ping sockets have no MSG_OOB", common);
	judge_assume(j, "the payload is an ICMP echo request");
	if (!n->given)
		return connected(j, where);
	if (n->len < (v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)))
		return fail(j, EINVAL, "msg_namelen is less than a socket address", where);
	if (!n->read)
		return j->doubt = true;
	if (n->family != (v6 ? AF_INET6 : AF_INET))
		return fail(j, EAFNOSUPPORT, "the destination is of another family", where);
	if (v6 && addr_is_mapped(&j->dest))
		return fail(j, EINVAL, "ping sockets don't send to v4-mapped addresses", where);
	return true;
}

/*
 * TCP parses first and tells an error of that only once it knows that it could send; but one kind of
 * error (device memory without zerocopy) it tells at once.
 */
void judge_tcp_state(struct judge *j)
{
	if (j->dmabuf_by >= 0 && j->out->cmsg == j->dmabuf_by && j->out->err)
		return;
	if ((j->ev->flags & F_FASTOPEN) || !j->sk || !(j->sk->has & SOCK_HAS_PEER) ||
	    j->sk->peer.len)
		return;
	judge_assume(j, "no connection is being set up");
	judge_fail(j, EPIPE, "the socket is not connected", "net/ipv4/tcp.c tcp_sendmsg_locked()");
}

static bool netlink_dest(struct judge *j)
{
	static const char where[] = "net/netlink/af_netlink.c netlink_sendmsg()";

	if (j->ev->flags & F_OOB)
		return fail(j, EOPNOTSUPP, "netlink has no MSG_OOB", where);
	if (!j->m->total)
		return fail(j, ENODATA, "the message is empty", where);
	return true;
}

/* Its parser comes after the state. */
static bool dccp_dest(struct judge *j)
{
	if (!j->sk || !(j->sk->has & SOCK_HAS_PEER) || j->sk->peer.len)
		return true;
	return fail(j, EPIPE, "the socket is not connected", "net/dccp/proto.c dccp_sendmsg()");
}

bool judge_dest(struct judge *j)
{
	const struct name n = name_of(j);

	switch (j->kind) {
	case SOCK_KIND_UDP4:
	case SOCK_KIND_UDPLITE4:
		return udp4_dest(j, &n);
	case SOCK_KIND_UDP6:
	case SOCK_KIND_UDPLITE6:
		return udp6_dest(j, &n);
	case SOCK_KIND_RAW4:
		return raw4_dest(j, &n);
	case SOCK_KIND_RAW6:
		return raw6_dest(j, &n);
	case SOCK_KIND_PING4:
	case SOCK_KIND_PING6:
		return ping_dest(j, &n);
	case SOCK_KIND_NETLINK:
		return netlink_dest(j);
	case SOCK_KIND_DCCP:
		return dccp_dest(j);
	default: /* AF_UNIX looks at its control messages before anything else */
		return true;
	}
}
