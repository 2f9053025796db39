// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket addresses by value. */
#include "config.h"

#include "event/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/hash.h"

struct addr addr_of(const void *p, size_t len)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (!p || len < sizeof(a.family))
		return a;
	if (len > sizeof(a.ss))
		len = sizeof(a.ss);
	memcpy(&a.ss, p, len);
	a.len = (uint32_t)len;
	return a;
}

static const struct sockaddr_in *addr_sin(const struct addr *a)
{
	return (const struct sockaddr_in *)&a->ss;
}

static const struct sockaddr_in6 *addr_sin6(const struct addr *a)
{
	return (const struct sockaddr_in6 *)&a->ss;
}

/* An IPv6 sockaddr may come without its scope id: 24 bytes (RFC 2133). */
enum { SIN6_LEN_RFC2133 = 24 };

static bool addr_is_sin(const struct addr *a)
{
	return a->len >= sizeof(struct sockaddr_in) && a->family == AF_INET;
}

static bool addr_is_sin6(const struct addr *a)
{
	return a->len >= SIN6_LEN_RFC2133 && a->family == AF_INET6;
}

struct addr addr_of_in(const void *in_addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	memcpy(&sin.sin_addr, in_addr, sizeof(sin.sin_addr));
	return addr_of(&sin, sizeof(sin));
}

struct addr addr_of_in6(const void *in6_addr, uint16_t port, uint32_t scope_id)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_scope_id = scope_id,
	};

	memcpy(&sin6.sin6_addr, in6_addr, sizeof(sin6.sin6_addr));
	return addr_of(&sin6, sizeof(sin6));
}

int addr_family(const struct addr *a)
{
	return a->len >= sizeof(a->family) ? a->family : AF_UNSPEC;
}

uint16_t addr_port(const struct addr *a)
{
	if (addr_is_sin(a))
		return ntohs(addr_sin(a)->sin_port);
	if (addr_is_sin6(a))
		return ntohs(addr_sin6(a)->sin6_port);
	return 0;
}

bool addr_is_inet(const struct addr *a)
{
	return addr_is_sin(a) || addr_is_sin6(a);
}

bool addr_is_mapped(const struct addr *a)
{
	return addr_is_sin6(a) && IN6_IS_ADDR_V4MAPPED(&addr_sin6(a)->sin6_addr);
}

bool addr_is_v4(const struct addr *a)
{
	return addr_is_sin(a) || addr_is_mapped(a);
}

/* The IPv4 address in host order; only where addr_is_v4(). */
static uint32_t addr_v4(const struct addr *a)
{
	uint32_t v;

	if (addr_is_sin(a))
		return ntohl(addr_sin(a)->sin_addr.s_addr);
	memcpy(&v, &addr_sin6(a)->sin6_addr.s6_addr[12], sizeof(v));
	return ntohl(v);
}

bool addr_is_wildcard(const struct addr *a)
{
	if (addr_is_v4(a))
		return addr_v4(a) == INADDR_ANY;
	return addr_is_sin6(a) && IN6_IS_ADDR_UNSPECIFIED(&addr_sin6(a)->sin6_addr);
}

bool addr_is_loopback(const struct addr *a)
{
	if (addr_is_v4(a))
		return addr_v4(a) >> 24 == 127;
	return addr_is_sin6(a) && IN6_IS_ADDR_LOOPBACK(&addr_sin6(a)->sin6_addr);
}

bool addr_is_multicast(const struct addr *a)
{
	if (addr_is_v4(a))
		return addr_v4(a) >> 28 == 0xe;
	return addr_is_sin6(a) && IN6_IS_ADDR_MULTICAST(&addr_sin6(a)->sin6_addr);
}

bool addr_is_linklocal(const struct addr *a)
{
	if (addr_is_v4(a))
		return addr_v4(a) >> 16 == 0xa9fe;
	return addr_is_sin6(a) && IN6_IS_ADDR_LINKLOCAL(&addr_sin6(a)->sin6_addr);
}

bool addr_is_broadcast(const struct addr *a)
{
	return addr_is_v4(a) && addr_v4(a) == INADDR_BROADCAST;
}

struct addr addr_unmapped(const struct addr *a)
{
	if (!addr_is_mapped(a))
		return *a;
	return addr_of_in(&addr_sin6(a)->sin6_addr.s6_addr[12], addr_port(a));
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	if (addr_is_v4(a) && addr_is_v4(b))
		return addr_v4(a) == addr_v4(b);
	if (addr_is_v4(a) || addr_is_v4(b))
		return false;
	if (addr_is_sin6(a) && addr_is_sin6(b)) {
		uint32_t sa = addr_sin6(a)->sin6_scope_id, sb = addr_sin6(b)->sin6_scope_id;

		if (sa && sb && sa != sb)
			return false;
		return IN6_ARE_ADDR_EQUAL(&addr_sin6(a)->sin6_addr, &addr_sin6(b)->sin6_addr);
	}
	return a->len == b->len && !memcmp(&a->ss, &b->ss, a->len);
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && addr_port(a) == addr_port(b);
}

uint64_t addr_hash(const struct addr *a)
{
	uint64_t h = HASH_START;
	uint16_t port = addr_port(a);

	if (addr_is_v4(a)) {
		uint32_t v = addr_v4(a);

		h = hash_bytes(h, &v, sizeof(v));
	} else if (addr_is_sin6(a)) {
		h = hash_bytes(h, &addr_sin6(a)->sin6_addr, 16);
	} else {
		return hash_bytes(h, &a->ss, a->len);
	}
	return hash_bytes(h, &port, sizeof(port));
}

void addr_put_host(struct buf *b, const struct addr *a)
{
	char text[INET6_ADDRSTRLEN];

	if (addr_is_sin(a)) {
		inet_ntop(AF_INET, &addr_sin(a)->sin_addr, text, sizeof(text));
		buf_str(b, text);
	} else if (addr_is_sin6(a)) {
		inet_ntop(AF_INET6, &addr_sin6(a)->sin6_addr, text, sizeof(text));
		buf_str(b, text);
		if (a->len >= sizeof(struct sockaddr_in6) && addr_sin6(a)->sin6_scope_id &&
		    addr_is_linklocal(a)) {
			buf_char(b, '%');
			buf_u64(b, addr_sin6(a)->sin6_scope_id);
		}
	} else if (addr_family(a) == AF_UNIX) {
		const char *path = ((const struct sockaddr_un *)&a->ss)->sun_path;
		size_t len = a->len - offsetof(struct sockaddr_un, sun_path);

		if (len && !path[0]) {
			buf_char(b, '@');
			path++;
			len--;
		} else {
			len = strnlen(path, len);
		}
		buf_escaped(b, path, len);
	} else if (a->len) {
		buf_printf(b, "address of family %d", addr_family(a));
	} else {
		buf_lit(b, "unknown");
	}
}

void addr_put(struct buf *b, const struct addr *a)
{
	if (addr_is_sin6(a))
		buf_char(b, '[');
	addr_put_host(b, a);
	if (addr_is_sin6(a))
		buf_char(b, ']');
	if (addr_is_inet(a)) {
		buf_char(b, ':');
		buf_u64(b, addr_port(a));
	}
}
