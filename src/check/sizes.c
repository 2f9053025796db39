// SPDX-License-Identifier: LGPL-2.1-or-later
/* Payload sizes against what a type takes. */
#include "config.h"

#include "check/sizes.h"

#include "check/internal.h"
#include "check/say.h"
#include "uapi/uapi.h"

uint32_t sizes_payload(const struct event *ev, const struct cmsg *cm)
{
	uint32_t hdr = cmsg_hdr_size(ev->abi);

	return cm->len < hdr || cm->len > UINT32_MAX ? 0 : (uint32_t)cm->len - hdr;
}

bool sizes_is_rights(const struct cmsg *cm)
{
	return cm->level == L_SOCKET && cm->type == T_RIGHTS;
}

uint32_t sizes_fds(const struct event *ev, const struct cmsg *cm)
{
	return sizes_is_rights(cm) ? sizes_payload(ev, cm) / 4 : 0;
}

bool sizes_wrong(const struct event *ev, const struct cmsg *cm)
{
	return cm->row && cmsg_type_sent(cm->row) &&
	       !(cm->faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND)) &&
	       !cmsg_type_fits(cm->row, sizes_payload(ev, cm));
}

bool sizes_is_space(const struct event *ev, const struct cmsg *cm)
{
	if (!sizes_wrong(ev, cm))
		return false;

	uint64_t space = cmsg_align(ev->abi, cm->row->size);

	/* in a 32-bit program that of one or two bytes: an int is the likelier mistake */
	if (space == sizeof(int))
		return false;
	return space != cm->row->size && sizes_payload(ev, cm) == space;
}

const char *sizes_text(struct check *c, const struct cmsg_type *row)
{
	if (!row->size_max)
		return say_count(c, row->size, "byte");
	if (row->either)
		return arena_printf(&c->arena, "%u or %s", row->size,
				    say_count(c, row->size_max, "byte"));
	if (row->size_max == SIZE_MAX_NONE)
		return arena_printf(&c->arena, "at least %s", say_count(c, row->size, "byte"));
	return arena_printf(&c->arena, "%u to %s", row->size, say_count(c, row->size_max, "byte"));
}
