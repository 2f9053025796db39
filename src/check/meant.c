// SPDX-License-Identifier: LGPL-2.1-or-later
/* Guessing the intent of a misplaced control message, where only one guess is possible. */
#include "config.h"

#include "check/meant.h"

#include <string.h>

#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* Options whose number is mistaken for that of the message that they enable. */
static const struct meant_option options[] = {
	{ L_IP, 12, "IP_RECVTTL", "IP_TTL" },
	{ L_IP, 13, "IP_RECVTOS", "IP_TOS" },
	{ L_IP, 6, "IP_RECVOPTS", "IP_RETOPTS" },
	{ L_IPV6, 49, "IPV6_RECVPKTINFO", "IPV6_PKTINFO" },
	{ L_IPV6, 51, "IPV6_RECVHOPLIMIT", "IPV6_HOPLIMIT" },
	{ L_IPV6, 53, "IPV6_RECVHOPOPTS", "IPV6_HOPOPTS" },
	{ L_IPV6, 56, "IPV6_RECVRTHDR", "IPV6_RTHDR" },
	{ L_IPV6, 58, "IPV6_RECVDSTOPTS", "IPV6_DSTOPTS" },
	{ L_IPV6, 66, "IPV6_RECVTCLASS", "IPV6_TCLASS" },
	{ L_IPV6, 16, "IPV6_UNICAST_HOPS", "IPV6_HOPLIMIT" },
	{ L_IPV6, 18, "IPV6_MULTICAST_HOPS", "IPV6_HOPLIMIT" },
	{ L_UDP, T_UDP_GRO, "UDP_GRO", "UDP_SEGMENT" },
	{ L_SOCKET, 16, "SO_PASSCRED", "SCM_CREDENTIALS" },
	{ L_SOCKET, 17, "SO_PEERCRED", "SCM_CREDENTIALS" },
};

const struct meant_option *meant_option_of(const struct cmsg *cm)
{
	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == cm->level && options[i].option == cm->type)
			return &options[i];
	}
	return NULL;
}

/* Does the parser that this message meets read the row? */
static bool is_read(const struct check_msg *m, const struct cmsg_type *row)
{
	if (!cmsg_type_takes(row, m->kind))
		return false;
	if (m->path_known && meant_other_family(m, row->level)) /* but for the mapped pktinfo */
		return m->mapped && row->level == L_IPV6 && row->type == T_IPV6_PKTINFO;
	return true;
}

/* The one row with that level (or any) and type that takes len bytes here; NULL: none, or several. */
static const struct cmsg_type *only_row(const struct check_msg *m, bool any_level, int32_t level,
					int32_t type, uint32_t len)
{
	const struct cmsg_type *found = NULL;

	for (unsigned int i = 0; cmsg_levels[i]; i++) {
		const struct cmsg_level *l = cmsg_levels[i];

		if (!any_level && l->level != level)
			continue;
		for (unsigned int k = 0; k < l->n; k++) {
			const struct cmsg_type *row = &l->types[k];

			if (row->type != type || !cmsg_type_fits(row, len) || !is_read(m, row))
				continue;
			if (found && found != row)
				return NULL;
			found = row;
		}
	}
	return found;
}

bool meant_of(struct check *c, const struct cmsg *cm, struct meant *out)
{
	const struct check_msg *m = check_msg(c);
	uint32_t len = sizes_payload(m->ev, cm);

	*out = (struct meant){ 0 };
	if (meant_option_of(cm)) /* the type is one of its own level */
		return false;
	if (cm->level == L_BSD_SOCKET) {
		out->row = only_row(m, false, L_SOCKET, cm->type, len);
		out->how = "0xffff is SOL_SOCKET on BSD, macOS and Windows";
	}
	if (!out->row) {
		out->row = only_row(m, true, 0, cm->type, len);
		out->how = "same type";
	}
	if (!out->row) {
		out->row = only_row(m, false, cm->type, cm->level, len);
		out->how = "level and type are swapped";
	}
	/* cmsg_len of 4 bytes: with level 0, SOL_IP, its type stands where the level is looked for */
	if (!out->row && m->ev->abi->word == 8) {
		out->row = only_row(m, false, L_IP, cm->level, len + 4);
		out->shifted = out->row != NULL;
		out->how =
			"its header is laid out for 32 bits: cmsg_len is a size_t of 8 bytes here";
	}
	if (out->row && out->row->level == cm->level && out->row->type == cm->type)
		out->row = NULL;
	return out->row != NULL;
}

bool meant_is_source(const struct cmsg_type *row)
{
	if (!row)
		return false;
	if (row->level == L_IP)
		return row->type == T_IP_PKTINFO;
	return row->level == L_IPV6 &&
	       (row->type == T_IPV6_PKTINFO || row->type == T_IPV6_2292PKTINFO);
}

struct addr meant_source(const struct cmsg_type *row, const struct cmsg *cm)
{
	struct addr a = addr_of(NULL, 0);

	if (row->level == L_IP && cm->data_len >= 12)
		a = addr_of_in(cm->data + 4, 0);
	else if (row->level == L_IPV6 && cm->data_len >= 20)
		a = addr_of_in6(cm->data, 0, 0);
	if (addr_is_wildcard(&a))
		a.len = 0;
	return a;
}

int meant_ignored_source(struct check *c, const struct msg *m, struct meant *out)
{
	for (uint32_t i = 0; m->verdict && i < m->ncmsg; i++) {
		const struct verdict *v = &m->verdict[i];
		const struct cmsg *cm = &m->cmsg[i];

		if (v->what != VERDICT_IGNORE || v->ignored == WHY_OVERRIDDEN)
			continue;
		if (meant_is_source(cm->row)) {
			*out = (struct meant){ .row = cm->row, .how = "" };
			return (int)i;
		}
		if (meant_of(c, cm, out) && meant_is_source(out->row))
			return (int)i;
	}
	return -1;
}

bool meant_other_family(const struct check_msg *cm, int32_t level)
{
	switch (cm->kind) {
	case SOCK_KIND_UDP4:
	case SOCK_KIND_UDPLITE4:
	case SOCK_KIND_RAW4:
	case SOCK_KIND_PING4:
		return level == L_IPV6;
	case SOCK_KIND_UDP6:
	case SOCK_KIND_UDPLITE6:
		return cm->path_known && level == (cm->mapped ? L_IPV6 : L_IP);
	case SOCK_KIND_RAW6:
	case SOCK_KIND_PING6:
		return level == L_IP;
	default:
		return false;
	}
}
