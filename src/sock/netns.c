// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The table of network namespaces: which one a socket is in, the sockets that ask in it, and the news
 * that make what was learned of it void.  Kernel: net/core/net_namespace.c, net/core/rtnetlink.c
 */
#include "config.h"

#include "sock/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "procfs/procfs.h"
#include "sock/enter.h"
#include "sock/nl.h"
#include "uapi/uapi.h"

enum {
	HEAR_EVERY_NS = 200000,    /* a namespace's changes are looked for at most this often */
	NAMES_EVERY_NS = 10000000, /* … and before an interface's name is shown */
	HEAR_MAX = 256,            /* messages read at once */
};

/* ---- the table ---- */

static struct netns *netns_by_cookie(struct spaces *s, uint64_t cookie)
{
	struct netns *ns = s->first;

	while (ns && ns->cookie != cookie)
		ns = ns->next;
	return ns;
}

static struct netns *netns_by_ino(struct spaces *s, uint64_t ino)
{
	struct netns *ns = s->first;

	while (ns && ns->ino != ino)
		ns = ns->next;
	return ns;
}

/* Made where it is new. */
static struct netns *netns_get(struct spaces *s, uint64_t ino)
{
	struct netns *ns = netns_by_ino(s, ino);

	if (ns)
		return ns;
	ns = alloc_zeroed(1, sizeof(*ns));
	ns->ino = ino;
	ns->ask = ns->news = ns->diag = ns->tap = -1;
	ns->next = s->first;
	s->first = ns;
	return ns;
}

static void netns_forget(struct netns *ns)
{
	ns->have_addrs = false;
	alloc_free(ns->addrs);
	ns->addrs = NULL;
	ns->naddrs = ns->nloopback = 0;
	map_free_values(&ns->ifnames);
	map_free_values(&ns->routes);
}

static void netns_close(struct netns *ns)
{
	netns_forget(ns);
	fd_close(ns->ask);
	fd_close(ns->news);
	fd_close(ns->diag);
	fd_close(ns->tap);
	alloc_free(ns->ports);
	ns->ports = NULL;
	ns->nports = ns->hear_all = 0;
	ns->tap_err = 0;
	ns->ask = ns->news = ns->diag = ns->tap = -1;
	ns->tried = false;
	ns->err = 0;
}

static void netns_free(struct spaces *s, struct netns *ns)
{
	struct netns **at = &s->first;

	while (*at != ns)
		at = &(*at)->next;
	*at = ns->next;
	netns_close(ns);
	alloc_free(ns);
}

void netns_free_all(struct spaces *s)
{
	while (s->first)
		netns_free(s, s->first);
}

void netns_user_came(struct spaces *s, uint64_t ino, int tgid)
{
	struct netns *ns = netns_get(s, ino);

	ns->users++;
	ns->tgid = tgid;
}

void netns_user_gone(struct spaces *s, uint64_t ino)
{
	struct netns *ns = netns_by_ino(s, ino);

	if (ns && ns->users)
		ns->users--;
	/* Also those that only a passed socket led to: they are found again where they are needed. */
	for (struct netns *next = s->first; (ns = next);) {
		next = ns->next;
		if (!ns->users && ns->ino != s->own)
			netns_free(s, ns);
	}
}

/* ---- which one is it? ---- */

enum { IOCTL_SIOCGSKNS = 0x894C }; /* linux/sockios.h */

/* Linux 5.14; 0 unknown. */
static uint64_t netns_cookie(int own)
{
	uint64_t cookie;
	socklen_t len = sizeof(cookie);

	return getsockopt(own, SOL_SOCKET, O_SO_NETNS_COOKIE, &cookie, &len) ? 0 : cookie;
}

int netns_open_by_socket(int own)
{
	int fd = ioctl(own, IOCTL_SIOCGSKNS);

	return fd < 0 ? -errno : fd;
}

/* fd is closed; 0 unknown. */
static uint64_t netns_inode(int fd)
{
	struct stat st;
	uint64_t ino = fd >= 0 && !fstat(fd, &st) ? st.st_ino : 0;

	fd_close(fd);
	return ino;
}

uint64_t netns_of_socket(struct spaces *s, int own)
{
	uint64_t cookie = netns_cookie(own);
	struct netns *ns = cookie ? netns_by_cookie(s, cookie) : NULL;
	uint64_t ino;

	if (ns)
		return ns->ino;
	ino = netns_inode(netns_open_by_socket(own));
	if (!ino && cookie) {
		/* Not allowed to ask.  Ours can be recognised by a socket of our own. */
		int ours = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (ours >= 0 && netns_cookie(ours) == cookie)
			ino = s->own;
		fd_close(ours);
	}
	if (!ino)
		return 0;
	ns = netns_get(s, ino);
	if (ns->cookie && ns->cookie != cookie)
		netns_close(ns); /* The kernel gave the number to another namespace. */
	ns->cookie = cookie;
	return ino;
}

/* ---- entering ---- */

static int hear_groups(int news)
{
	struct sockaddr_nl nl = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV4_RULE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE |
			     1U << (RTNLGRP_IPV6_RULE - 1) | 1U << (RTNLGRP_NEXTHOP - 1),
	};

	return bind(news, (struct sockaddr *)&nl, sizeof(nl)) ? -errno : 0;
}

/* fd, closed where it is of another namespace than ns. */
static int netns_or_close(const struct netns *ns, int fd)
{
	struct stat st;

	if (fd < 0 || (!fstat(fd, &st) && st.st_ino == ns->ino))
		return fd;
	close(fd);
	return -EACCES;
}

/* By a process that lives in it, else by the socket itself. */
static int netns_fd(struct spaces *s, const struct netns *ns, const struct event *ev)
{
	int tgids[2] = { ev->tgid, ns->tgid }, fd = -EACCES;

	for (unsigned int i = 0; i < 2 && fd < 0; i++) {
		if (tgids[i] > 0)
			fd = netns_or_close(ns, procfs_open(tgids[i], "ns/net"));
	}
	if (fd < 0 && ev->sock && ev->fd >= 0)
		fd = netns_or_close(ns, s->by_socket(s->ctx, ev));
	return fd < 0 ? -EACCES : fd;
}

/* What is wanted, made in ns.  0 or -errno. */
static int netns_make(struct spaces *s, const struct netns *ns, const struct event *ev,
		      struct enter_want *wants, unsigned int n)
{
	bool other = ns->ino != s->own;
	int fd = other ? netns_fd(s, ns, ev) : -1;
	int rc = other && fd < 0 ? fd : enter_make(fd, wants, n);

	fd_close(fd);
	return rc;
}

static int netns_enter(struct spaces *s, struct netns *ns, const struct event *ev)
{
	struct enter_want wants[] = {
		{ .domain = AF_NETLINK, .type = SOCK_RAW, .protocol = NETLINK_ROUTE },
		{ .domain = AF_NETLINK, .type = SOCK_RAW, .protocol = NETLINK_ROUTE },
		{ .domain = AF_NETLINK,
		  .type = SOCK_RAW,
		  .protocol = NETLINK_SOCK_DIAG,
		  .optional = true },
	};
	int rc = netns_make(s, ns, ev, wants, 3);

	if (rc)
		return rc;
	ns->ask = wants[0].fd;
	ns->news = wants[1].fd;
	ns->diag = wants[2].fd;
	rc = hear_groups(ns->news);
	if (!rc)
		ns->cookie = netns_cookie(ns->ask);
	return rc;
}

static void netns_open(struct spaces *s, struct netns *ns, const struct event *ev)
{
	int rc = netns_enter(s, ns, ev);
	char what[256];

	if (rc) {
		netns_close(ns);
		ns->err = rc;
		snprintf(what, sizeof(what),
			 "the network namespace of process %d can't be entered (%s): its routes, "
			 "addresses and interface names are unknown",
			 ev->tgid, strerror(-rc));
		s->miss(s->ctx, what);
	}
	ns->tried = true;
}

int netns_optmem_max(struct spaces *s, struct netns *ns, const struct event *ev)
{
	struct enter_want file = { .path = "/proc/sys/net/core/optmem_max" };
	char text[24];
	long v;

	if (ns->optmem_max)
		return ns->optmem_max;
	ns->optmem_max = netns_make(s, ns, ev, &file, 1);
	if (ns->optmem_max)
		return ns->optmem_max;
	v = procfs_take(file.fd, text, sizeof(text)) > 0 ? strtol(text, NULL, 10) : 0;
	ns->optmem_max = v > 0 && v <= INT_MAX ? (int)v : -ENODATA;
	return ns->optmem_max;
}

int netns_make_tap(struct spaces *s, struct netns *ns, const struct event *ev)
{
	/* Protocol 0: it hears nothing before its filter is in place and it is bound. */
	struct enter_want want = { .domain = AF_PACKET, .type = SOCK_DGRAM };
	int rc = netns_make(s, ns, ev, &want, 1);

	if (!rc)
		ns->tap = want.fd;
	return rc;
}

/* ---- news ---- */

/* Any change drops all that was learned: changes are rare beside messages. */
static void netns_hear(struct netns *ns, uint64_t now)
{
	bool changed = false;
	char text[256];

	ns->heard_ns = now;
	for (unsigned int i = 0; i < HEAR_MAX; i++) {
		ssize_t n = recv(ns->news, text, sizeof(text), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		changed = true; /* ENOBUFS: there were more than fit */
	}
	if (changed)
		netns_forget(ns);
}

/* The namespace of ev's socket, else of its process, entered; its news are not read yet. */
static struct netns *netns_entered(struct spaces *s, const struct event *ev, int *err)
{
	uint64_t ino = 0;
	struct netns *ns;

	if (ev->sock)
		ino = ev->sock->has & SOCK_HAS_NETNS ? ev->sock->netns : 0;
	else if (ev->proc && ev->proc->has & PROC_HAS_NETNS)
		ino = ev->proc->netns;
	*err = -ENODATA;
	if (!ino)
		return NULL;
	ns = netns_get(s, ino);
	if (!ns->tried)
		netns_open(s, ns, ev);
	*err = ns->err;
	return ns->err ? NULL : ns;
}

struct netns *netns_of_event(struct spaces *s, const struct event *ev, int *err)
{
	struct netns *ns = netns_entered(s, ev, err);
	uint64_t now = ns ? clock_ns(CLOCK_MONOTONIC) : 0;

	if (ns && now - ns->heard_ns >= HEAR_EVERY_NS)
		netns_hear(ns, now);
	return ns;
}

struct netns *netns_to_name(struct spaces *s, const struct event *ev)
{
	int err;
	struct netns *ns = netns_entered(s, ev, &err);
	uint64_t now = ns ? clock_ns(CLOCK_MONOTONIC_COARSE) : 0;

	/* heard_ns may be some ms ahead of the coarse clock */
	if (ns && now > ns->heard_ns && now - ns->heard_ns >= NAMES_EVERY_NS)
		netns_hear(ns, now);
	return ns;
}
