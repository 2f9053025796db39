// SPDX-License-Identifier: LGPL-2.1-or-later
/* Guessing the intent of a misplaced control message, where only one guess is possible. */
#include "config.h"

#include "check/meant.h"

#include <string.h>

#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* Numbers of options that are mistaken for that of another message than the one they ask for. */
static const struct {
	int32_t level, number;
	struct meant_option is;
} options[] = {
	{ L_IP, O_IP_RECVOPTS, { "IP_RECVOPTS", "IP_RETOPTS" } },
	{ L_IPV6, O_IPV6_UNICAST_HOPS, { "IPV6_UNICAST_HOPS", "IPV6_HOPLIMIT" } },
	{ L_IPV6, O_IPV6_MULTICAST_HOPS, { "IPV6_MULTICAST_HOPS", "IPV6_HOPLIMIT" } },
	{ L_UDP, T_UDP_GRO, { "UDP_GRO", "UDP_SEGMENT" } },
	{ L_SOCKET, O_SO_PEERCRED, { "SO_PEERCRED", "SCM_CREDENTIALS" } },
};

/* Does the option of that number ask for messages of this row, which has another, and can they be sent? */
static bool asks_for(int32_t number, const struct cmsg_type *row)
{
	return row->recv.from > FROM_UNSUMMED && cmsg_type_sent(row) && row->type != number &&
	       sock_opt_rows[row->recv.option].level == row->level &&
	       sock_opt_rows[row->recv.option].optname == number;
}

bool meant_option_of(const struct cmsg *cm, struct meant_option *out)
{
	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == cm->level && options[i].number == cm->type) {
			*out = options[i].is;
			return true;
		}
	}
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; (*l)->level == cm->level && i < (*l)->n; i++) {
			const struct cmsg_type *row = &(*l)->types[i];

			if (!asks_for(cm->type, row))
				continue;
			out->name = sock_opt_rows[row->recv.option].name;
			out->message = row->name;
			return true;
		}
	}
	return false;
}

/* Does the parser that this message meets read the row? */
static bool is_read(const struct check_msg *m, const struct cmsg_type *row)
{
	if (!cmsg_type_takes(row, m->kind) ||
	    (row->level == L_TLS && sock_opt(m->ev->sock, OPT_TCP_ULP) != ULP_TLS))
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
	struct meant_option option;

	*out = (struct meant){ 0 };
	if (meant_option_of(cm, &option)) /* the type is one of its own level */
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
