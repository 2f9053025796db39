// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options of sockets, and the control messages that they make a receive bring.  Pure. */
#include "config.h"

#include <stddef.h>

#include "cmsg/cmsg.h"

/* The o-th of the rows' own options, or where they stop how many there are. */
static const struct sock_opt_row *own_option(unsigned int o, const struct cmsg_type *of,
					     unsigned int *n)
{
	*n = 0;
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; i < (*l)->n; i++) {
			const struct cmsg_type *t = &(*l)->types[i];

			if (!t->recv.own.name)
				continue;
			if (t == of || (!of && *n == o))
				return &t->recv.own;
			++*n;
		}
	}
	return NULL;
}

unsigned int cmsg_opt_count(void)
{
	static unsigned int all; /* the rows are constant: counted once */
	unsigned int n;

	if (!all) {
		own_option(OPT_ROOM, NULL, &n);
		all = OPT_COUNT + n;
	}
	return all;
}

const struct sock_opt_row *cmsg_opt_row(unsigned int o)
{
	unsigned int n;

	return o < OPT_COUNT ? &sock_opt_rows[o] : own_option(o - OPT_COUNT, NULL, &n);
}

enum sock_opt cmsg_type_opt(const struct cmsg_type *t)
{
	unsigned int n;

	if (!t->recv.own.name)
		return t->recv.option;
	own_option(0, t, &n);
	return (enum sock_opt)(OPT_COUNT + n);
}

const char *cmsg_type_option(const struct cmsg_type *t)
{
	if (t->recv.option_name)
		return *t->recv.option_name ? t->recv.option_name : NULL;
	return t->recv.from > FROM_UNSUMMED ? cmsg_opt_row(cmsg_type_opt(t))->name : NULL;
}
