// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_UDP.  Kernel: net/ipv4/udp.c __udp_cmsg_send(), include/linux/udp.h udp_cmsg_recv(). */
#include "config.h"

#include "cmsg/table.h"

static void decode_segment(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	/* An int here is the classic mistake: show it as the number that was meant. */
	if (c->data_len == 4) {
		decode_s32s(e, c);
		return;
	}
	emit_array(e, NULL);
	while (r.left >= 2)
		emit_u64(e, NULL, read_u16(&r));
	emit_end(e);
}

static const struct cmsg_type rows[] = {
	{
		.level = L_UDP,
		.type = 103,
		.name = "UDP_SEGMENT",
		.dir = CMSG_DIR_SEND,
		.size = 2,
		.kinds = ON(UDP4) | ON(UDP6),
		.since = "4.18",
		.effect = "splits the data into datagrams of this size (u16, not int); 0 "
			  "switches a socket's UDP_SEGMENT off for this call; EIO on UDPLITE",
		.kernel = "net/ipv4/udp.c __udp_cmsg_send()",
		.decode = decode_segment,
	},
	{
		.level = L_UDP,
		.type = 104,
		.name = "UDP_GRO",
		.dir = CMSG_DIR_RECV,
		.size = 4,
		.kinds = ON(UDP4) | ON(UDP6),
		.since = "5.0",
		.option = "UDP_GRO",
		.effect = "size of the datagrams that the data was put together from (int, not "
			  "u16)",
		.kernel = "include/linux/udp.h udp_cmsg_recv()",
		.decode = decode_s32s,
	},
};

const struct cmsg_level cmsg_level_udp = CMSG_LEVEL(L_UDP, "SOL_UDP", rows);
