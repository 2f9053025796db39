// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names, addresses and payloads of a log as numbers and bytes. Pure. */
#include "config.h"

#include "strace/values.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "cmsg/cmsg.h"
#include "event/names.h"

enum { ERRNO_LAST = 133, INTERFACE_MADE_UP = 1000 };

/* One name of a table, or a number. */
static bool one_value(const char *p, size_t len, const struct names *t, uint64_t *num)
{
	while (len && (*p == ' ' || *p == '\t')) {
		p++;
		len--;
	}
	while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	if (t && names_value(t, p, len, num))
		return true;
	return len && strace_number(p, p + len, num) == len;
}

bool strace_num(const struct val *v, const struct names *t, uint64_t *num)
{
	const char *p, *end;
	uint64_t all = 0;

	if (!v)
		return false;
	if (v->kind == VAL_NUMBER) {
		*num = v->num;
		return true;
	}
	if (v->kind != VAL_NAME)
		return false;
	if (!v->flags)
		return t && names_value(t, v->text, v->len, num);
	for (p = v->text, end = p + v->len; p < end;) {
		const char *bar = memchr(p, '|', (size_t)(end - p));
		const char *comment = memmem(p, (size_t)((bar ? bar : end) - p), "/*", 2);
		uint64_t one;

		if (!one_value(p, (size_t)((comment ? comment : bar ? bar : end) - p), t, &one))
			return false;
		all |= one;
		p = bar ? bar + 1 : end;
	}
	*num = all;
	return true;
}

int strace_errno(const char *name, size_t len)
{
	static const char *const restarts[] = {
		"ERESTARTSYS", "ERESTARTNOINTR",        "ERESTARTNOHAND",
		"ENOIOCTLCMD", "ERESTART_RESTARTBLOCK",
	};

	for (int e = 1; e <= ERRNO_LAST; e++) {
		const char *n = strerrorname_np(e);

		if (n && strlen(n) == len && !memcmp(n, name, len))
			return e;
	}
	for (int i = 0; i < 5; i++) {
		if (strlen(restarts[i]) == len && !memcmp(restarts[i], name, len))
			return 512 + i;
	}
	return 0;
}

/* "1.2.3.4" within inet_addr(…), inet_pton(…) or bare; with -X raw its bytes, with -xx spelled \x31\x2e…. */
bool strace_host(struct event *ev, const struct val *v, int family, void *to)
{
	size_t len, size = family == AF_INET ? 4 : 16;
	unsigned char *p;
	char text[64];

	if (!v)
		return false;
	if (v->kind == VAL_CALL) {
		for (const struct val *c = v->child; c; c = c->next) {
			if (c->kind == VAL_STRING)
				return strace_host(ev, c, family, to);
		}
		return false;
	}
	if (v->kind != VAL_STRING || v->len >= 4 * sizeof(text))
		return false;
	p = strace_string(&ev->arena, v, &len);
	if (len >= sizeof(text))
		return false;
	memcpy(text, p, len);
	text[len] = '\0';
	if (strlen(text) == len && inet_pton(family, text, to) == 1)
		return true;
	if (len == size)
		memcpy(to, p, size);
	return len == size;
}

/* The address within a sockaddr_in6 or in6_pktinfo: inet_pton(AF_INET6, "::1", &sin6_addr). */
const struct val *strace_in6(const struct val *v, const char *member)
{
	const struct val *named = val_member(v, member);

	if (named)
		return named;
	for (const struct val *c = v ? v->child : NULL; c; c = c->next) {
		if (c->kind == VAL_CALL && c->len == 9 && !memcmp(c->text, "inet_pton", 9))
			return c;
	}
	return NULL;
}

/* htons(53), htonl(0), 53; with -X raw "\x00\x35", as it lies in memory. */
static bool get_wrapped(struct event *ev, const struct val *v, uint64_t *num)
{
	if (v && v->kind == VAL_STRING) {
		size_t len;
		unsigned char *p = strace_string(&ev->arena, v, &len);
		struct reader r = reader_of(p, len);

		*num = len == 2 ? read_be16(&r) : read_be32(&r);
		return len == 2 || len == 4;
	}
	if (v && v->kind == VAL_CALL)
		v = v->child;
	return strace_num(v, NULL, num);
}

/*
 * if_nametoindex("eth0"): its number isn't logged.  The loopback interface is 1 in every namespace; others
 * get one that belongs to their name for this event.
 */
bool strace_ifindex(struct event *ev, const struct val *v, uint32_t *index)
{
	uint64_t num, hash = INTERFACE_MADE_UP;
	char name[16];
	size_t len;

	if (strace_num(v, NULL, &num)) {
		*index = (uint32_t)num;
		return true;
	}
	if (!v || v->kind != VAL_CALL || !v->child || v->child->kind != VAL_STRING)
		return false;

	unsigned char *p = strace_string(&ev->arena, v->child, &len);

	if (!len || len >= sizeof(name))
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + p[i];
	*index = strcmp(name, "lo") ? INTERFACE_MADE_UP + (uint32_t)(hash % 100000) : 1;
	if (!event_ifname(ev, NULL, *index))
		event_add_ifname(ev, *index, name);
	return true;
}

static int family_of(const struct val *v)
{
	const struct val *named = val_member(v, "sa_family");
	uint64_t num;

	if (named && strace_num(named, &names_family, &num))
		return (int)num;
	if (val_is(named, "AF_LOCAL") || val_is(named, "AF_FILE") || val_member(v, "sun_path"))
		return AF_UNIX;
	if (val_member(v, "sin_addr") || val_member(v, "sin_port"))
		return AF_INET;
	if (val_member(v, "sin6_port") || val_member(v, "sin6_flowinfo") ||
	    val_member(v, "sin6_scope_id") || strace_in6(v, "sin6_addr"))
		return AF_INET6;
	if (val_member(v, "nl_pid"))
		return AF_NETLINK;
	if (val_member(v, "sll_protocol"))
		return AF_PACKET;
	return -1;
}

static struct bytes sockaddr_bytes(struct event *ev, const void *p, size_t known, size_t whole,
				   int64_t namelen)
{
	size_t len = namelen > 0 && (size_t)namelen < whole ? (size_t)namelen : whole;

	return (struct bytes){
		.p = arena_memdup(&ev->arena, p, known),
		.len = known < len ? known : len,
		.claimed = len,
		.addr = WORD_UNKNOWN,
		.why = known < len ? BYTES_NOT_LOGGED : BYTES_WHOLE,
	};
}

static struct bytes get_in(struct event *ev, const struct val *v, int64_t namelen)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	bool port, addr;
	uint64_t num;

	port = get_wrapped(ev, val_member(v, "sin_port"), &num);
	if (port)
		sin.sin_port = htons((uint16_t)num);
	addr = port && strace_host(ev, val_member(v, "sin_addr"), AF_INET, &sin.sin_addr);
	return sockaddr_bytes(ev, &sin, addr ? sizeof(sin) : port ? 4 : 2, sizeof(sin), namelen);
}

static struct bytes get_in6(struct event *ev, const struct val *v, int64_t namelen)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	bool port, addr;
	uint32_t index;
	uint64_t num;

	port = get_wrapped(ev, val_member(v, "sin6_port"), &num);
	if (port)
		sin6.sin6_port = htons((uint16_t)num);
	if (get_wrapped(ev, val_member(v, "sin6_flowinfo"), &num))
		sin6.sin6_flowinfo = htonl((uint32_t)num);
	addr = port && strace_host(ev, strace_in6(v, "sin6_addr"), AF_INET6, &sin6.sin6_addr);
	if (strace_ifindex(ev, val_member(v, "sin6_scope_id"), &index))
		sin6.sin6_scope_id = index;
	return sockaddr_bytes(ev, &sin6, addr ? sizeof(sin6) : port ? 8 : 2, sizeof(sin6), namelen);
}

static struct bytes get_un(struct event *ev, const struct val *v, int64_t namelen)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct val *path = val_member(v, "sun_path");
	size_t len = 0, off = offsetof(struct sockaddr_un, sun_path);

	if (path && path->kind == VAL_STRING) {
		unsigned char *p = strace_string(&ev->arena, path, &len);
		bool abstract = path->abstract;

		if (len > sizeof(sun.sun_path) - 1)
			len = sizeof(sun.sun_path) - 1;
		memcpy(sun.sun_path + abstract, p, len);
		len += 1; /* the NUL before or behind it */
	}
	return sockaddr_bytes(ev, &sun, off + len, off + len, namelen);
}

static struct bytes get_nl(struct event *ev, const struct val *v, int64_t namelen)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	uint64_t num;

	if (strace_num(val_member(v, "nl_pid"), NULL, &num))
		nl.nl_pid = (uint32_t)num;
	if (strace_num(val_member(v, "nl_groups"), NULL, &num))
		nl.nl_groups = (uint32_t)num;
	return sockaddr_bytes(ev, &nl, sizeof(nl), sizeof(nl), namelen);
}

/* {sa_family=AF_X, sa_data="\x01…"} */
static struct bytes get_other(struct event *ev, const struct val *v, int family, int64_t namelen)
{
	const struct val *data = val_member(v, "sa_data");
	unsigned char raw[sizeof(struct sockaddr_storage)] = { 0 };
	uint16_t fam = (uint16_t)family;
	size_t len = 0, whole = namelen > 2 ? (size_t)namelen : 2;

	memcpy(raw, &fam, sizeof(fam));
	if (data && data->kind == VAL_STRING) {
		unsigned char *p = strace_string(&ev->arena, data, &len);

		if (len > sizeof(raw) - 2)
			len = sizeof(raw) - 2;
		memcpy(raw + 2, p, len);
	}
	return sockaddr_bytes(ev, raw, 2 + len, whole > 2 + len ? whole : 2 + len, namelen);
}

struct bytes strace_sockaddr(struct event *ev, const struct val *v, int64_t namelen)
{
	int family = v && v->kind == VAL_STRUCT ? family_of(v) : -1;

	switch (family) {
	case -1:
		return (struct bytes){ .claimed = namelen > 0 ? (uint64_t)namelen : 0,
				       .addr = WORD_UNKNOWN,
				       .why = BYTES_NOT_LOGGED };
	case AF_INET:
		return get_in(ev, v, namelen);
	case AF_INET6:
		return get_in6(ev, v, namelen);
	case AF_UNIX:
		return get_un(ev, v, namelen);
	case AF_NETLINK:
		return get_nl(ev, v, namelen);
	default:
		return get_other(ev, v, family, namelen);
	}
}

bool strace_level(const struct val *v, int32_t *level)
{
	uint64_t num;

	if (!v)
		return false;
	if (v->kind == VAL_NAME && cmsg_level_by_name(v->text, v->len, level))
		return true;
	if (strace_num(v, &names_ipproto, &num)) {
		*level = (int32_t)num;
		return true;
	}
	return false;
}

bool strace_cmsg_type(const struct val *v, int32_t level, int32_t *type)
{
	const struct cmsg_type *row;
	uint64_t num;

	if (strace_num(v, NULL, &num)) {
		*type = (int32_t)num;
		return true;
	}
	if (!v || v->kind != VAL_NAME)
		return false;
	row = cmsg_type_of_level(level, v->text, v->len);
	if (!row)
		row = cmsg_type_by_name(v->text, v->len);
	if (row)
		*type = row->type;
	return row != NULL;
}

struct bytes strace_payload(struct event *ev, const struct val *v, uint64_t claimed)
{
	struct bytes b = { .claimed = claimed, .why = BYTES_NOT_LOGGED };

	if (!v || v->kind != VAL_STRING) {
		if (!claimed)
			b.why = BYTES_WHOLE;
		return b;
	}
	b.p = strace_string(&ev->arena, v, &b.len);
	if (claimed < b.len)
		b.len = claimed;
	if (b.len == claimed)
		b.why = BYTES_WHOLE;
	return b;
}
