// SPDX-License-Identifier: LGPL-2.1-or-later
/* The registry of levels, and lookups in it.  The commonest come first. */
#include "config.h"

#include <string.h>

#include "cmsg/table.h"

const struct cmsg_level *const cmsg_levels[] = {
	&cmsg_level_socket,     &cmsg_level_ip,        &cmsg_level_ipv6,    &cmsg_level_udp,
	&cmsg_level_tcp,        &cmsg_level_tls,       &cmsg_level_netlink, &cmsg_level_packet,
	&cmsg_level_alg,        &cmsg_level_vsock,     &cmsg_level_sctp,    &cmsg_level_can_raw,
	&cmsg_level_can_j1939,  &cmsg_level_bluetooth, &cmsg_level_hci,     &cmsg_level_misdn,
	&cmsg_level_ieee802154, &cmsg_level_rds,       &cmsg_level_rxrpc,   &cmsg_level_tipc,
	&cmsg_level_llc,        &cmsg_level_iucv,      &cmsg_level_dccp,    NULL,
};

static const struct cmsg_type *level_find(const struct cmsg_level *l, int32_t type)
{
	for (unsigned int i = 0; i < l->n; i++) {
		if (l->types[i].type == type)
			return &l->types[i];
	}
	return NULL;
}

const struct cmsg_type *cmsg_type_find(int32_t level, int32_t type, enum sock_kind kind)
{
	const struct cmsg_level *usual = NULL;

	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		if ((*l)->level != level)
			continue;
		if ((*l)->kinds >> kind & 1)
			return level_find(*l, type);
		if (!(*l)->kinds)
			usual = *l;
	}
	return usual ? level_find(usual, type) : NULL;
}

static bool within(uint64_t len, uint16_t least, uint16_t most)
{
	return len >= least && (len <= most || most == SIZE_MAX_NONE);
}

bool cmsg_type_fits(const struct cmsg_type *t, uint64_t len)
{
	if (t->either)
		return len == t->size || len == t->size_max;
	return within(len, t->size, t->size_max ? t->size_max : t->size);
}

bool cmsg_send_fits(const struct cmsg_type *t, const struct cmsg_send *s, uint64_t len)
{
	return s->most ? within(len, s->least, s->most) : cmsg_type_fits(t, len);
}

const char *cmsg_level_own_name(int32_t level, enum sock_kind kind)
{
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		if ((*l)->level == level && (*l)->kinds >> kind & 1)
			return (*l)->name;
	}
	return NULL;
}

const char *cmsg_level_name_on(int32_t level, enum sock_kind kind)
{
	const char *own = cmsg_level_own_name(level, kind);

	return own ? own : cmsg_level_name(level);
}

static bool name_is(const char *name, const char *s, size_t len)
{
	return name && !strncmp(name, s, len) && !name[len];
}

static const struct cmsg_type *type_in(const struct cmsg_level *l, const char *name, size_t len)
{
	for (unsigned int i = 0; i < l->n; i++) {
		const struct cmsg_type *t = &l->types[i];

		if (name_is(t->name, name, len) || name_is(t->alias, name, len))
			return t;
	}
	return NULL;
}

const struct cmsg_type *cmsg_type_of_level(int32_t level, const char *name, size_t len)
{
	const char *known = cmsg_level_name(level);

	for (const struct cmsg_level *const *l = cmsg_levels; known && *l; l++) {
		/* the number may be another level's, too */
		if ((*l)->level == level && !strcmp((*l)->name, known))
			return type_in(*l, name, len);
	}
	return NULL;
}

const struct cmsg_type *cmsg_type_by_name(const char *name, size_t len)
{
	const char *slash = memchr(name, '/', len);
	size_t level_len = slash ? (size_t)(slash - name) : 0;
	const struct cmsg_type *t = NULL;

	if (slash) {
		name = slash + 1;
		len -= level_len + 1;
	}
	for (const struct cmsg_level *const *l = cmsg_levels; *l && !t; l++) {
		if (!slash || name_is((*l)->name, slash - level_len, level_len))
			t = type_in(*l, name, len);
	}
	return t;
}
