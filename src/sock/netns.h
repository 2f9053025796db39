/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network namespaces: netlink sockets made inside each (they stay bound to it): one for questions, one
 * that hears of changes, one for sock_diag.  An open one keeps its namespace alive, so that it is closed when the
 * last traced process in it is gone.
 */
#ifndef CMSGTRACE_SOCK_NETNS_H
#define CMSGTRACE_SOCK_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "event/event.h"
#include "kernel/host.h"

struct netns {
	struct netns *next;
	uint64_t ino;    /* of /proc/PID/ns/net; reused by the kernel after the namespace's end */
	uint64_t cookie; /* never reused; 0 unknown */
	unsigned int users;
	int tgid; /* a process that was seen in it */

	bool tried;
	int err;             /* negative errno: it can't be entered */
	int ask, news, diag; /* netlink sockets, or -1; diag: a kernel may lack it */
	int tap;             /* tap.c: packet socket, or -1 */
	int tap_err;         /* why there is none, or why it hears nothing new; negative errno */
	uint8_t *ports;      /* bitmap of the ports that it listens for, or NULL */
	unsigned int nports;
	unsigned int hear_all; /* calls under way whose socket has no port yet */
	uint32_t seq;
	uint64_t heard_ns; /* when news were read last */
	int optmem_max;    /* net.core.optmem_max; 0 not read yet, or negative errno */

	/* what was learned; dropped at each change */
	bool have_addrs;
	bool ports_count;               /* a rule looks at ports or protocol */
	struct host_addr *addrs;        /* by family and bytes */
	unsigned int naddrs, nloopback; /* nloopback: how many stand for a whole prefix */
	struct map ifnames;             /* index -> char[16] */
	struct map routes;              /* hash -> allocated, of route.c */
};

/* All that were met, and what their owner lends. */
struct spaces {
	struct netns *first; /* latest first */
	uint64_t own;        /* inode of ours */
	/* a new descriptor of the namespace of ev's socket, by the socket itself; negative errno */
	int (*by_socket)(void *ctx, const struct event *ev);
	void (*miss)(void *ctx, const char *what); /* says once what could not be learned */
	void *ctx;
};

/* Inode of the namespace of the socket that own is a descriptor of; 0 where it can't be told. */
uint64_t netns_of_socket(struct spaces *s, int own);
/* A new descriptor of that namespace: needs CAP_NET_ADMIN there; negative errno. */
int netns_open_by_socket(int own);

/*
 * The namespace of ev's socket (else of its process), entered, its news read: what it has cached is
 * true.  NULL and *err where that can't be; said once.
 */
struct netns *netns_of_event(struct spaces *s, const struct event *ev, int *err);
/* The same for what is only shown, names: the news may be 10 ms old, which is a call less a message. */
struct netns *netns_to_name(struct spaces *s, const struct event *ev);

/* addrs.c: reads addresses and rules where they aren't known; 0 or -errno. */
int netns_read_addrs(struct netns *ns);
/* addrs.c: is it the address of an interface, or in the prefix of a loopback one?  1, 0 or -errno. */
int netns_has_addr(struct netns *ns, uint8_t family, const uint8_t *addr);

/* addrs.c: name of an interface, "" where there is none; NULL unknown.  Valid until the next call. */
const char *netns_ifname(struct netns *ns, uint32_t index);

/*
 * qdisc.c: does a queueing discipline of the interface keep packets until their SCM_TXTIME?  1, 0 (name: the
 * first of them), or -errno where it isn't known, since packets go on to another interface.
 */
int netns_keeps_txtime(struct netns *ns, uint32_t ifindex, char name[16]);

/* net.core.optmem_max as it is in there, read once; negative errno. */
int netns_optmem_max(struct spaces *s, struct netns *ns, const struct event *ev);

/* Makes ns->tap, a packet socket that isn't bound yet.  0 or -errno. */
int netns_make_tap(struct spaces *s, struct netns *ns, const struct event *ev);

void netns_user_came(struct spaces *s, uint64_t ino, int tgid);
void netns_user_gone(struct spaces *s, uint64_t ino);
void netns_free_all(struct spaces *s);

#endif
