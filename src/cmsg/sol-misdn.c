// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_MISDN, whose number is that of SOL_IP: only ISDN sockets have it.
 * Kernel: drivers/isdn/mISDN/socket.c mISDN_sock_cmsg().
 */
#include "config.h"

#include "cmsg/table.h"

static void decode_tstamp(struct emit *e, const struct cmsg *c)
{
	decode_timeval(e, c, emit_abi(e)->kword);
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_MISDN, 1, "MISDN_TIME_STAMP"),
		.size = 16,
		.size32 = 8,
		.kinds = ON(ISDN),
		.since = KERNEL_RELEASE(2, 6, 27),
		.effect = "time of arrival as struct timeval",
		.kernel = "drivers/isdn/mISDN/socket.c mISDN_sock_cmsg()",
		.decode = decode_tstamp,
		.recv = { .from = FROM_UNSUMMED, .option_name = "MISDN_TIME_STAMP" },
	},
};

const struct cmsg_level cmsg_level_misdn = {
	.level = L_MISDN,
	.name = "SOL_MISDN",
	.types = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.kinds = ON(ISDN),
};
