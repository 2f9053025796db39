// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Netlink messages in a buffer: their headers as strace prints them (netlink(7), struct nlmsghdr); the
 * payload of families that strace decodes further stays bytes here.  Pure.
 */
#include "config.h"

#include "report/text-impl.h"
#include "report/text-names.h"

void text_netlink(struct text_ctx *x, const struct bytes *data, uint64_t addr, uint64_t len)
{
	text_string(x, data, addr, len, len < 16 ? QUOTE_HEX : x->hex);
}
