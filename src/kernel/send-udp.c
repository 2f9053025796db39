// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_UDP on send, and what segmentation checks later.  Pure.  Kernel: net/ipv4/udp.c. */
#include "config.h"

#include <errno.h>

#include "kernel/judge.h"

enum { SEGMENTS_OLD = 64, SEGMENTS = 128 };

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

static const struct row rows[] = {
	{ .type = 103, /* UDP_SEGMENT */
	  .size = 2,
	  .slot = SLOT_SEGMENT,
	  .effect = "cuts the payload into datagrams of this size",
	  .size_why = "UDP_SEGMENT takes exactly 2 bytes, a u16",
	  .check = segment_check },
};

const struct level level_udp = {
	.level = L_UDP,
	.since = KERNEL_RELEASE(4, 18, 0),
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.kernel = "net/ipv4/udp.c __udp_cmsg_send()",
	.unknown = "UDP_SEGMENT is the only SOL_UDP message that can be sent",
};

/* udp_send_skb() and udp_v6_send_skb(): after routing, when the datagram is built. */
void judge_segment_late(struct judge *j)
{
	static const char where[] = "net/ipv4/udp.c udp_send_skb()";
	int32_t size = j->out->gso;

	if (j->gso_by < 0 || size <= 0)
		return;

	uint64_t limit = judge_since(j, KERNEL_RELEASE(6, 9, 0)) ? SEGMENTS : SEGMENTS_OLD;

	if (j->m->total > limit * (uint64_t)size) {
		judge_reject_late(j, j->gso_by, CHECK_VALUE, EINVAL,
				  limit == SEGMENTS ? "more than 128 segments"
						    : "more than 64 segments",
				  where);
		return;
	}
	switch (judge_opt(j, OPT_SO_NO_CHECK)) {
	case YES:
		judge_reject_late(j, j->gso_by, CHECK_STATE, EINVAL,
				  "segmentation needs checksums, and SO_NO_CHECK is on", where);
		return;
	case MAYBE:
		judge_assume(j, "SO_NO_CHECK is off");
		break;
	case NO:
		break;
	}
	if (j->kind == SOCK_KIND_UDPLITE4 || j->kind == SOCK_KIND_UDPLITE6) {
		judge_reject_late(j, j->gso_by, CHECK_STATE, EIO, "UDP-Lite can't be segmented",
				  where);
		return;
	}
	judge_assume(j, "a segment fits the route's MTU");
}
