/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the facts of a socket that we hold a descriptor of. Only questions that change nothing. */
#ifndef CMSGTRACE_SOCK_SOCKREAD_H
#define CMSGTRACE_SOCK_SOCKREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "event/sock.h"

/* Options that this kernel doesn't have on sockets of a kind: asked once, never again. */
struct sockread_memo {
	uint64_t lacks[SOCK_KIND_COUNT][(OPT_ROOM + 63) / 64];
};

/* What route lookups need of a socket beside its snapshot. */
struct sockread_extra {
	bool odd4; /* has IP options: a source route goes another way */
	bool odd6; /* has preferences for its source address, which a lookup can't be told */
};

/* Which rows of sock_opt_rows[] this socket has: enum sock_fam. */
unsigned int sockread_families(const struct sock *s);
/* 0, or -errno: -ENOTSOCK. */
int sockread_cookie(int own, uint64_t *cookie);
/* Local address and peer. */
void sockread_names(struct sock *s, int own);
/* Everything but the namespace. */
void sockread_all(struct sock *s, int own, struct sockread_memo *memo,
		  struct sockread_extra *extra);
/* May the local name or the peer still change without a system call that names them? */
bool sockread_unsettled(const struct sock *s);

#endif
