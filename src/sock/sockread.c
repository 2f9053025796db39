// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket facts by getsockopt(2), getsockname(2), getpeername(2), fstat(2).  Options come from
 * sock_opt_rows[] only: reading one of them has no side effect.  SO_ERROR isn't among them and never
 * will be: reading it would take the pending error away from the tracee.
 * Kernel: net/core/sock.c sk_getsockopt(), net/ipv4/ip_sockglue.c, net/ipv6/ipv6_sockglue.c
 */
#include "config.h"

#include "sock/sockread.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* linux/in6.h: IPV6_PREFER_SRC_PUBTMP_DEFAULT | _HOME */
enum { ADDR_PREFERENCES_DEFAULT = 0x500 };

int sockread_cookie(int own, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);

	return getsockopt(own, SOL_SOCKET, O_SO_COOKIE, cookie, &len) ? -errno : 0;
}

static bool read_int(int own, int level, int optname, int *v)
{
	socklen_t len = sizeof(*v);

	*v = 0;
	return !getsockopt(own, level, optname, v, &len);
}

static bool read_domain(struct sock *s, int own)
{
	if (read_int(own, SOL_SOCKET, SO_DOMAIN, &s->domain))
		s->has |= SOCK_HAS_DOMAIN;
	if (read_int(own, SOL_SOCKET, SO_TYPE, &s->type))
		s->has |= SOCK_HAS_TYPE;
	if (read_int(own, SOL_SOCKET, SO_PROTOCOL, &s->protocol))
		s->has |= SOCK_HAS_PROTOCOL;
	return s->has & SOCK_HAS_DOMAIN;
}

/*
 * A raw or ping socket connected to port 0 has a peer although getpeername() says ENOTCONN
 * (inet_getname() looks at the port): there the refusal tells nothing.
 */
static bool peer_refusal_tells(const struct sock *s)
{
	enum sock_kind k = sock_kind(s);

	return k != SOCK_KIND_RAW4 && k != SOCK_KIND_RAW6 && k != SOCK_KIND_PING4 &&
	       k != SOCK_KIND_PING6;
}

void sockread_names(struct sock *s, int own)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	memset(&ss, 0, sizeof(ss));
	memset(&s->local, 0, sizeof(s->local));
	memset(&s->peer, 0, sizeof(s->peer));
	s->has &= ~(unsigned int)SOCK_HAS_PEER;
	if (!getsockname(own, (struct sockaddr *)&ss, &len))
		s->local = addr_of(&ss, len);

	memset(&ss, 0, sizeof(ss));
	len = sizeof(ss);
	if (!getpeername(own, (struct sockaddr *)&ss, &len)) {
		s->peer = addr_of(&ss, len);
		s->has |= SOCK_HAS_PEER;
	} else if (errno == EOPNOTSUPP || (errno == ENOTCONN && peer_refusal_tells(s))) {
		s->has |= SOCK_HAS_PEER; /* it is known that there is none */
	}
}

unsigned int sockread_families(const struct sock *s)
{
	unsigned int fam = SOCK_FAM_ANY;
	bool inet = s->domain == AF_INET || s->domain == AF_INET6;

	if (inet)
		fam |= SOCK_FAM_INET;
	if (s->domain == AF_INET6)
		fam |= SOCK_FAM_INET6;
	if (inet && s->type == SOCK_DGRAM)
		fam |= SOCK_FAM_DGRAM_INET;
	if (inet && s->type == SOCK_RAW)
		fam |= SOCK_FAM_RAW;
	else if (inet && (s->protocol == IPPROTO_UDP || s->protocol == IPPROTO_UDPLITE))
		fam |= SOCK_FAM_UDP;
	else if (inet && s->type == SOCK_STREAM)
		fam |= SOCK_FAM_TCP;
	if (s->domain == AF_UNIX)
		fam |= SOCK_FAM_UNIX;
	if (s->domain == AF_PACKET)
		fam |= SOCK_FAM_PACKET;
	if (s->domain == AF_NETLINK)
		fam |= SOCK_FAM_NETLINK;
	return fam;
}

/* The option number that is on, of an OLD and a NEW one; 0 where both are off. */
static bool read_stamp(int own, int old, int new, int *v)
{
	int on;

	if (!read_int(own, SOL_SOCKET, old, &on))
		return false;
	*v = on ? old : 0;
	if (!on && read_int(own, SOL_SOCKET, new, &on) && on)
		*v = new;
	return true;
}

/*
 * SO_TXTIME gives its clock and flags but not whether it is on.  Clock 0 is CLOCK_REALTIME, which no
 * queueing discipline takes and only CAP_NET_ADMIN may set: it reads as off.
 */
static bool read_txtime(int own, int optname, int *v)
{
	struct {
		int clock;
		uint32_t flags;
	} t = { 0, 0 };
	socklen_t len = sizeof(t);

	if (getsockopt(own, SOL_SOCKET, optname, &t, &len))
		return false;
	*v = t.clock || t.flags;
	return true;
}

static bool read_ulp(int own, int level, int optname, int *v)
{
	static const char *const known[] = { "tls", "espintcp", "smc" };
	char name[16] = "";
	socklen_t len = sizeof(name) - 1;

	if (getsockopt(own, level, optname, name, &len))
		return false;
	if (!len || !name[0]) {
		*v = 0;
		return true;
	}
	for (unsigned int i = 0; i < 3; i++) {
		if (!strcmp(name, known[i])) {
			*v = (int)i + 1;
			return true;
		}
	}
	*v = 4;
	return true;
}

static bool read_option(const struct sock *s, int own, enum sock_opt o, int *v)
{
	const struct sock_opt_row *row = cmsg_opt_row(o);

	switch (o) {
	case OPT_SO_TIMESTAMP:
		return read_stamp(own, row->optname, O_SO_TIMESTAMP_NEW, v);
	case OPT_SO_TIMESTAMPNS:
		return read_stamp(own, row->optname, O_SO_TIMESTAMPNS_NEW, v);
	case OPT_SO_TIMESTAMPING_NEW:
		/* The kernel gives the flags by the NEW number only where NEW was set. */
		if (!read_int(own, row->level, row->optname, v))
			return false;
		*v = *v || sock_opt(s, OPT_SO_TIMESTAMP) == O_SO_TIMESTAMP_NEW ||
		     sock_opt(s, OPT_SO_TIMESTAMPNS) == O_SO_TIMESTAMPNS_NEW;
		return true;
	case OPT_SO_TXTIME:
		return read_txtime(own, row->optname, v);
	case OPT_TCP_ULP:
		return read_ulp(own, row->level, row->optname, v);
	case OPT_IP_UNICAST_IF:
	case OPT_IPV6_UNICAST_IF:
		if (!read_int(own, row->level, row->optname, v))
			return false;
		*v = (int)ntohl((uint32_t)*v);
		return true;
	default:
		return read_int(own, row->level, row->optname, v);
	}
}

static void read_options(struct sock *s, int own, struct sockread_memo *memo)
{
	uint64_t *lacks = memo->lacks[sock_kind(s)];
	unsigned int fam = sockread_families(s);

	for (unsigned int o = 0; o < cmsg_opt_count(); o++) {
		uint64_t bit = 1ULL << (o % 64);
		int v;

		if (!(cmsg_opt_row(o)->families & fam) || (lacks[o / 64] & bit))
			continue;
		if (read_option(s, own, o, &v))
			sock_opt_set(s, o, v);
		else if (errno == ENOPROTOOPT || errno == EOPNOTSUPP)
			lacks[o / 64] |= bit;
	}
}

static void read_extra(const struct sock *s, int own, struct sockread_extra *extra)
{
	char options[40];
	socklen_t len = sizeof(options);
	int prefs;

	if (s->type != SOCK_DGRAM && s->type != SOCK_RAW)
		return;
	if (s->domain == AF_INET || s->domain == AF_INET6)
		extra->odd4 = !getsockopt(own, IPPROTO_IP, IP_OPTIONS, options, &len) && len;
	if (s->domain == AF_INET6)
		extra->odd6 = read_int(own, IPPROTO_IPV6, O_IPV6_ADDR_PREFERENCES, &prefs) &&
			      prefs != ADDR_PREFERENCES_DEFAULT;
}

void sockread_all(struct sock *s, int own, struct sockread_memo *memo, struct sockread_extra *extra)
{
	struct stat st;

	if (!sockread_cookie(own, &s->cookie))
		s->has |= SOCK_HAS_COOKIE;
	*extra = (struct sockread_extra){ 0 };
	if (!fstat(own, &st)) {
		s->inode = st.st_ino;
		s->uid = st.st_uid;
		s->has |= SOCK_HAS_INODE | SOCK_HAS_UID;
	}
	if (!read_domain(s, own))
		return;
	/* MPTCP says TCP here where it fell back; the kind, and so the memo, must know it first. */
	if (s->type == SOCK_STREAM && s->protocol == IPPROTO_TCP) {
		const struct sock_opt_row *row = &sock_opt_rows[OPT_TCP_MPTCP];
		int v;

		if (read_int(own, row->level, row->optname, &v))
			sock_opt_set(s, OPT_TCP_MPTCP, v);
	}
	sock_derive(s);
	read_options(s, own, memo);
	read_extra(s, own, extra);
	sockread_names(s, own);
}

/* Has the kernel still to choose the rest of this name, at the first send or by an autobind? */
static bool name_is_open(const struct sock *s)
{
	uint32_t id;

	switch (s->domain) {
	case AF_INET:
	case AF_INET6:
		return !addr_port(&s->local);
	case AF_UNIX: /* autobind needs SO_PASSCRED */
		return s->local.len <= sizeof(sa_family_t) && sock_opt(s, OPT_SO_PASSCRED);
	case AF_NETLINK:   /* nl_pid */
	case FAMILY_VSOCK: /* svm_port */
		memcpy(&id, (const char *)&s->local.ss + 4, sizeof(id));
		return !id || id == UINT32_MAX;
	default:
		return false;
	}
}

bool sockread_unsettled(const struct sock *s)
{
	if (!(s->has & SOCK_HAS_DOMAIN) || name_is_open(s))
		return true;
	/* A stream that is connecting gets its peer some time after connect() returned. */
	return s->type == SOCK_STREAM && !s->peer.len && !sock_opt(s, OPT_SO_ACCEPTCONN);
}
