// SPDX-License-Identifier: LGPL-2.1-or-later
/* Internet addresses in little memory, for tables of many. */
#include "config.h"

#include "check/inet.h"

#include <netinet/in.h>
#include <string.h>

struct inet inet_of(const struct addr *a)
{
	struct inet i = { 0 };

	if (!addr_is_inet(a))
		return i;
	i.port = addr_port(a);
	if (addr_family(a) == AF_INET) {
		i.family = AF_INET;
		memcpy(i.a, &((const struct sockaddr_in *)&a->ss)->sin_addr, 4);
		return i;
	}

	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)&a->ss;

	if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
		i.family = AF_INET;
		memcpy(i.a, &sin6->sin6_addr.s6_addr[12], 4);
		return i;
	}
	i.family = AF_INET6;
	memcpy(i.a, &sin6->sin6_addr, 16);
	if (addr_is_linklocal(a))
		i.scope = sin6->sin6_scope_id;
	return i;
}

struct addr inet_addr_of(const struct inet *i)
{
	if (i->family == AF_INET)
		return addr_of_in(i->a, i->port);
	if (i->family == AF_INET6)
		return addr_of_in6(i->a, i->port, i->scope);
	return addr_of(NULL, 0);
}

bool inet_same_host(const struct inet *a, const struct inet *b)
{
	if (a->family != b->family || memcmp(a->a, b->a, sizeof(a->a)))
		return false;
	return !a->scope || !b->scope || a->scope == b->scope;
}
