// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sockets by /proc and xattr: the kernel names a socket's protocol in system.sockprotoname.
 * Kernel: net/socket.c sockfs_xattr_get()
 */
#include "config.h"

#include "sock/sockdiag.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A name in struct proto, and what it says of the socket. */
struct proto_name {
	const char *name;
	int domain, type, protocol; /* -1: it doesn't say */
};

static const struct proto_name proto_names[] = {
	{ "TCP", AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ "TCPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ "UDP", AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDPv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDPLITEv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "PING", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ "PINGv6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	{ "RAW", AF_INET, SOCK_RAW, -1 },
	{ "RAWv6", AF_INET6, SOCK_RAW, -1 },
	{ "MPTCP", AF_INET, SOCK_STREAM, 262 },
	{ "MPTCPv6", AF_INET6, SOCK_STREAM, 262 },
	{ "UNIX", AF_UNIX, -1, 0 },
	{ "UNIX-STREAM", AF_UNIX, SOCK_STREAM, 0 },
	{ "NETLINK", AF_NETLINK, -1, -1 },
	{ "PACKET", AF_PACKET, -1, -1 },
};

static void put_proto(struct sock *s, const char *name)
{
	for (size_t i = 0; i < sizeof(proto_names) / sizeof(proto_names[0]); i++) {
		const struct proto_name *p = &proto_names[i];

		if (strcmp(p->name, name))
			continue;
		s->domain = p->domain;
		s->has |= SOCK_HAS_DOMAIN;
		if (p->type >= 0) {
			s->type = p->type;
			s->has |= SOCK_HAS_TYPE;
		}
		if (p->protocol >= 0) {
			s->protocol = p->protocol;
			s->has |= SOCK_HAS_PROTOCOL;
		}
		return;
	}
}

int sockdiag_sock(struct facts *f, const struct proc_slot *p, int fd, struct sock **found)
{
	char path[48], link[64], name[32];
	unsigned long long inode;
	ssize_t n;

	(void)f;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", p->via, fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return errno == ENOENT ? -EBADF : -errno;
	link[n] = '\0';
	if (sscanf(link, "socket:[%llu]", &inode) != 1)
		return 0;

	struct sock *s = sock_new();

	s->inode = inode;
	s->has |= SOCK_HAS_INODE;
	n = getxattr(path, "system.sockprotoname", name, sizeof(name) - 1);
	if (n > 0) {
		name[n] = '\0';
		put_proto(s, name);
	}
	*found = s;
	return 0;
}
