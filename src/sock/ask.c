// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Answers to the questions of event/ask.h.  A source that is settled before the kernel's route lookup is
 * found out here; the lookup is its own.
 * Kernel: net/ipv4/udp.c udp_sendmsg(), net/ipv6/udp.c udpv6_sendmsg(), net/ipv6/datagram.c
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/host.h"
#include "procfs/procfs.h"
#include "sock/facts.h"
#include "sock/netns.h"
#include "sock/priv.h"
#include "sock/route.h"

/* Other threads change a process's descriptors while one of them stands still. */
static bool has_threads(int tgid)
{
	enum { ALONE = 3 }; /* links of a folder with one more in it */
	struct stat st;

	return stat(procfs_path(tgid, "task").s, &st) || st.st_nlink > ALONE;
}

static int answer_fd_open(const struct event *ev, int64_t fd)
{
	if (fd < 0)
		return 0;
	/* the link itself, whatever the descriptor is */
	if (!faccessat(AT_FDCWD, procfs_path(ev->tid, "fd/%lld", (long long)fd).s, F_OK,
		       AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT && proc_fds_readable(ev->tid) ? 0 : -EACCES;
}

/* Soft limit of that name as /proc/PID/limits has it; prlimit() asks for CAP_SYS_RESOURCE. */
static int answer_limit(const struct event *ev, const char *name)
{
	char line[128], path[48];
	unsigned long long v = 0;
	int found = -ENODATA;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", ev->tid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (found < 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)))
			continue;
		if (sscanf(line + strlen(name), "%llu", &v) != 1 || v > INT32_MAX)
			v = INT32_MAX; /* unlimited */
		found = (int)v;
	}
	fclose(f);
	return found;
}

static int answer_fds_below(const struct event *ev, int64_t number)
{
	return procfs_count(procfs_path(ev->tid, "fd").s, number);
}

/* Only where its pid namespace is ours do numbers mean the same. */
static int answer_pid_exists(const struct event *ev, int pid)
{
	if (pid <= 0)
		return 0;
	if (!proc_shares_pids(ev->tgid))
		return -ENODATA;
	if (!kill(pid, 0) || errno == EPERM)
		return 1;
	/* a group or a session without its leader keeps the number in use */
	return !kill(-pid, 0) || errno == EPERM;
}

/* Only where a traced process holds the other end can its options be read.  1, 0, -errno */
static int answer_peer_opt(struct facts *f, const struct event *ev, enum sock_opt o)
{
	uint64_t inode = sockdiag_unix_peer(f, ev);
	struct sock *s = inode ? proc_find_socket(f, ev->tgid, inode) : NULL;
	int on = sock_opt_known(s, o) ? sock_opt(s, o) != 0 : -ENODATA;

	sock_unref(s);
	return on;
}

static int answer_optmem_max(struct facts *f, const struct event *ev)
{
	int err;
	struct netns *ns = netns_of_event(&f->spaces, ev, &err);

	return ns ? netns_optmem_max(&f->spaces, ns, ev) : err;
}

static int answer_keeps_txtime(struct facts *f, const struct event *ev, uint32_t index,
			       char name[16])
{
	int err;
	struct netns *ns = netns_of_event(&f->spaces, ev, &err);

	return ns ? netns_keeps_txtime(ns, index, name) : err;
}

static int answer_ifname(struct facts *f, const struct event *ev, uint32_t index, char name[16])
{
	struct netns *ns = netns_to_name(&f->spaces, ev);
	const char *found = ns ? netns_ifname(ns, index) : NULL;

	if (!found)
		return -ENODATA;
	memccpy(name, found, '\0', 15);
	return 0;
}

static struct route_key key_of(const struct addr *dest)
{
	struct route_key k;

	memset(&k, 0, sizeof(k));
	k.family = (uint8_t)dest->family;
	k.uid = UINT32_MAX;
	memcpy(k.dst, host_addr_bytes(dest), k.family == AF_INET ? 4 : 16);
	return k;
}

/* ---- is it one of ours? ---- */

/* 1, 0 or -errno; a is unmapped. */
static int is_local(void *ctx, const struct addr *a)
{
	struct netns *ns = ctx;
	struct route_key key = key_of(a);
	const struct route_answer *answer;
	int rc;

	if (addr_is_multicast(a) || addr_is_wildcard(a) || addr_is_broadcast(a))
		return 0;
	rc = netns_has_addr(ns, key.family, key.dst);
	if (rc)
		return rc;
	/* "ip route add local …": the address needn't be on any interface. */
	answer = route_ask(ns, &key, &rc);
	if (!answer)
		return rc;
	return !answer->err && answer->type == RTN_LOCAL;
}

static int answer_is_local(struct facts *f, const struct event *ev, const struct addr *addr)
{
	struct addr a = addr_unmapped(addr);
	struct netns *ns;
	int err;

	if (!addr_is_inet(&a))
		return -EAFNOSUPPORT;
	ns = netns_of_event(&f->spaces, ev, &err);
	return ns ? is_local(ns, &a) : err;
}

/* net/ipv6/addrconf.c ipv6_chk_addr_and_flags(): of link scope (::1 too) it has to be the interface's own. */
static int answer_source6(struct facts *f, const struct event *ev, const struct addr *a,
			  uint32_t oif)
{
	bool strict = addr_is_linklocal(a) || addr_is_loopback(a);
	int err, why = SOURCE6_FOREIGN;
	struct netns *ns = netns_of_event(&f->spaces, ev, &err);

	if (a->family != AF_INET6 || addr_is_mapped(a))
		return -EAFNOSUPPORT;
	if (!ns || (err = netns_read_addrs(ns)))
		return err;
	for (unsigned int i = 0; i < ns->naddrs; i++) {
		const struct host_addr *own = &ns->addrs[i];

		if (own->family != AF_INET6 || memcmp(own->addr, host_addr_bytes(a), 16))
			continue;
		if (strict && oif && own->ifindex != oif)
			why = why ? why : SOURCE6_ELSEWHERE;
		else if (!own->usable)
			why = SOURCE6_TENTATIVE;
		else
			return SOURCE6_FITS;
	}
	if (why)
		return why;

	struct route_key key = key_of(a);
	const struct route_answer *answer = route_ask(ns, &key, &err);

	if (!answer)
		return err;
	if (answer->err || answer->type == RTN_UNICAST || answer->type == RTN_UNREACHABLE)
		return SOURCE6_FOREIGN;
	/* an anycast address is one */
	return answer->type == RTN_LOCAL ? SOURCE6_ROUTED : -ENODATA;
}

/* user_namespaces(7): lines of first id inside, first outside, how many. */
static int answer_mapped(const struct event *ev, const char *map, int64_t id)
{
	unsigned long long inside, outside, n;
	char text[16384];
	int used;

	if (procfs_read(procfs_path(ev->tgid, "%s", map).s, text, sizeof(text)) < 0)
		return -ENODATA;
	for (const char *at = text;
	     sscanf(at, "%llu %llu %llu%n", &inside, &outside, &n, &used) == 3; at += used) {
		if ((uint64_t)id >= inside && (uint64_t)id - inside < n)
			return 1;
	}
	return 0;
}

/* ---- the question ---- */

static void key_fill_ports(struct route_key *key, const struct flow *flow)
{
	key->sport = addr_port(&flow->source);
	key->dport = addr_port(&flow->dest);
}

static struct route_key key_of_flow(struct netns *ns, const struct flow *flow)
{
	struct route_key key = key_of(&flow->dest);

	key.oif = flow->oif;
	key.mark = flow->mark;
	key.tos = flow->tos;
	key.uid = flow->uid;
	key.proto = flow->protocol;
	if (!netns_read_addrs(ns) && ns->ports_count)
		key_fill_ports(&key, flow);
	return key;
}

/* In key's family; for what is link-local with its interface. */
static struct addr source_addr(const struct route_key *key, const uint8_t *bytes, uint16_t port,
			       uint32_t oif)
{
	if (key->family == AF_INET)
		return addr_of_in(bytes, port);

	struct addr a = addr_of_in6(bytes, port, 0);

	return addr_is_linklocal(&a) ? addr_of_in6(bytes, port, oif) : a;
}

static uint32_t candidates(struct netns *ns, const struct addr *dest)
{
	return netns_read_addrs(ns) ? 0 : host_candidates(ns->addrs, ns->naddrs, dest);
}

/* IPv4 lookups refuse a foreign source, but for a transparent socket, which can't be told to them. */
static bool source_fits_lookup(struct netns *ns, const struct sock *s, const struct addr *source)
{
	return source->family != AF_INET || !sock_opt(s, OPT_IP_TRANSPARENT) ||
	       is_local(ns, source) > 0;
}

static int answer_route(struct facts *f, const struct event *ev, const struct flow *flow,
			struct route_fact *out)
{
	const struct sock *s = ev->sock;
	struct route_answer *answer;
	struct route_key key;
	struct addr source;
	struct netns *ns;
	int rc, settled;

	if (!s || !flow->have)
		return -EAFNOSUPPORT;
	ns = netns_of_event(&f->spaces, ev, &rc);
	if (!ns)
		return rc;
	settled = host_settled_source(s, flow, is_local, ns, &source);
	if (settled < 0)
		return settled;
	if (!settled && (facts_sock_odd(f, s, flow->dest.family) || flow->oif_unknown))
		return -ENODATA;
	key = key_of_flow(ns, flow);
	if (settled && source_fits_lookup(ns, s, &source)) {
		key.has_src = 1;
		memcpy(key.src, host_addr_bytes(&source), key.family == AF_INET ? 4 : 16);
	}
	answer = route_ask(ns, &key, &rc);
	if (answer && answer->several && !key.dport) {
		key_fill_ports(&key, flow);
		answer = route_ask(ns, &key, &rc);
	}
	if (!answer)
		return rc;
	if (!answer->err && !settled && !answer->has_source)
		return -ENODATA;
	if (!answer->counted) {
		answer->candidates = candidates(ns, &flow->dest);
		answer->counted = true;
	}
	out->have = true;
	out->err = answer->err;
	out->oif = answer->oif;
	out->candidates = answer->candidates;
	if (settled)
		out->source = source;
	else if (!answer->err)
		out->source =
			source_addr(&key, answer->source, addr_port(&flow->source), answer->oif);
	return 0;
}

int facts_answer(struct facts *f, const struct event *ev, const struct question *q,
		 struct answer *a)
{
	switch (q->kind) {
	case ASK_ROUTE:
		return answer_route(f, ev, &q->flow, &a->route);
	case ASK_IS_LOCAL:
		return answer_is_local(f, ev, &q->addr);
	case ASK_FD_OPEN:
		a->late = a->late || has_threads(ev->tgid);
		return answer_fd_open(ev, q->number);
	case ASK_NOFILE:
		return answer_limit(ev, "Max open files ");
	case ASK_MEMLOCK:
		return answer_limit(ev, "Max locked memory ");
	case ASK_UNIX_WAITS:
		return sockdiag_unix_waits(f, ev);
	case ASK_KEEPS_TXTIME:
		return answer_keeps_txtime(f, ev, (uint32_t)q->number, a->name);
	case ASK_FDS_BELOW:
		a->late = a->late || has_threads(ev->tgid);
		return answer_fds_below(ev, q->number);
	case ASK_PID_EXISTS:
		return answer_pid_exists(ev, (int)q->number);
	case ASK_OPTMEM_MAX:
		return answer_optmem_max(f, ev);
	case ASK_PEER_PASSCRED:
		return answer_peer_opt(f, ev, OPT_SO_PASSCRED);
	case ASK_PEER_PASSRIGHTS:
		return answer_peer_opt(f, ev, OPT_SO_PASSRIGHTS);
	case ASK_SOURCE6:
		return answer_source6(f, ev, &q->addr, q->oif);
	case ASK_UID_MAPPED:
		return answer_mapped(ev, "uid_map", q->number);
	case ASK_GID_MAPPED:
		return answer_mapped(ev, "gid_map", q->number);
	case ASK_UNIX_PEER:
		a->inode = sockdiag_unix_peer(f, ev);
		return 0;
	case ASK_IFNAME:
		return answer_ifname(f, ev, (uint32_t)q->number, a->name);
	default:
		return -ENOSYS;
	}
}
