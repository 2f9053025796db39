// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_UDP.  Kernel: net/ipv4/udp.c __udp_cmsg_send(), include/linux/udp.h udp_cmsg_recv(). */
#include "config.h"

#include "cmsg/judge.h"
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

static void segment_check(struct judge *j)
{
	const unsigned char *d = judge_data(j, 2);
	uint16_t size;

	if (!d)
		return;
	memcpy(&size, d, sizeof(size));
	j->gso_by = (int)j->i;
	j->out->gso = size;
	if (!size)
		j->v->why = "no segmentation for this call, whatever the socket's UDP_SEGMENT says";
	else if (j->m->total <= size)
		judge_ignore(
			j, WHY_NO_EFFECT,
			"the payload is no longer than one segment: it is sent as one datagram");
}

static const struct cmsg_type rows[] = {
	{
		ROW(L_UDP, 103, "UDP_SEGMENT"),
		.size = 2,
		.kinds = ON(UDP4) | ON(UDP6),
		.since = KERNEL_RELEASE(4, 18, 0),
		.effect = "splits the data into datagrams of this size (u16, not int); 0 "
			  "switches a socket's UDP_SEGMENT off for this call; EIO on UDPLITE",
		.kernel = "net/ipv4/udp.c __udp_cmsg_send()",
		.decode = decode_segment,
		.send = {
			.by = BY_UDP,
			.slot = SLOT_SEGMENT,
			.does = "cuts the payload into datagrams of this size",
			.size_why = "UDP_SEGMENT takes exactly 2 bytes, a u16",
			.check = segment_check,
		},
	},
	{
		ROW(L_UDP, 104, "UDP_GRO"),
		.size = 4,
		.kinds = ON(UDP4) | ON(UDP6),
		.since = KERNEL_RELEASE(5, 0, 0),
		.effect = "size of the datagrams that the data was put together from (int, not "
			  "u16)",
		.kernel = "include/linux/udp.h udp_cmsg_recv()",
		.decode = decode_s32s,
		.recv = {
			.from = FROM_PROTOCOL,
			.nth = 1,
			.option = OPT_UDP_GRO,
			.when = "only where several datagrams were joined",
		},
	},
};

const struct cmsg_level cmsg_level_udp = CMSG_LEVEL(L_UDP, "SOL_UDP", rows);
