// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT501: a send with UDP_SEGMENT that goes over one of its limits. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum { SEGMENTS_OLD = 64, SEGMENTS = 128, DATAGRAM_MAX = 65507, DATAGRAM6_MAX = 65527 };

static int index_of(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == L_UDP && m->cmsg[i].type == T_UDP_SEGMENT)
			return (int)i;
	}
	return -1;
}

/* The segment size in effect: the message's own, else the socket's; 0 none. */
static uint32_t segment_of(const struct event *ev, const struct msg *m)
{
	int i = index_of(m);
	uint16_t given;

	if (m->outcome && m->outcome->gso >= 0)
		return (uint32_t)m->outcome->gso;
	if (i < 0)
		return (uint32_t)sock_opt(ev->sock, OPT_UDP_SEGMENT);
	/* the send failed before it was read */
	if (m->cmsg[i].data_len != sizeof(given))
		return 0;
	memcpy(&given, m->cmsg[i].data, sizeof(given));
	return given;
}

/* There is none: is that known? */
static bool known_segment(struct check *c, const struct rule *r)
{
	const struct msg *m = check_msg(c)->m;
	int i = index_of(m);

	return i >= 0 ? known_payload(c, r, &m->cmsg[i]) : known_opt(c, r, OPT_UDP_SEGMENT);
}

static void explain(struct check *c, struct finding *f, int err, uint32_t seg, uint32_t limit)
{
	const struct check_msg *cur = check_msg(c);
	uint64_t total = cur->m->total, n = seg ? (total + seg - 1) / seg : 0;
	uint32_t most = addr_is_v4(&cur->dest) ? DATAGRAM_MAX : DATAGRAM6_MAX;

	if (err == EINVAL && n > limit)
		finding_message(
			c, f,
			"%llu bytes in segments of %u are %llu datagrams: one send may hold %u",
			(unsigned long long)total, seg, (unsigned long long)n, limit);
	else if (err == EINVAL)
		finding_message(c, f,
				"segmentation of %llu bytes by %u is refused: it needs checksums "
				"(SO_NO_CHECK must be off)",
				(unsigned long long)total, seg);
	else if (err == EMSGSIZE && total > most)
		finding_message(c, f, "%llu bytes in one segmented send: the whole may hold %u",
				(unsigned long long)total, most);
	else if (err == EMSGSIZE)
		finding_message(
			c, f,
			"a segment of %u bytes and its headers are larger than the route's MTU",
			seg);
	else
		finding_message(c, f, "segmentation is not possible on this route: %s",
				cur->kind == SOCK_KIND_UDPLITE4 || cur->kind == SOCK_KIND_UDPLITE6
					? "UDP-Lite has none"
					: "IPsec, or a device without checksum offload");
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int err = -event_error(ev);
	uint32_t release = check_release(c), seg = segment_of(ev, m);

	if (release && release < KERNEL_RELEASE(4, 18, 0)) /* it has no such message or option */
		return;
	if (cur->left || (err != EINVAL && err != EMSGSIZE && err != EIO) || !known_kind(c, r) ||
	    !sock_kind_is_udp(cur->kind) || (!seg && !known_segment(c, r)) || !seg)
		return;

	uint32_t limit = !release || release >= KERNEL_RELEASE(6, 9, 0) ? SEGMENTS : SEGMENTS_OLD;
	bool many = m->total > (uint64_t)limit * seg;
	const struct outcome *o = m->outcome;

	if (err == EINVAL && !many && !sock_opt(ev->sock, OPT_SO_NO_CHECK))
		return; /* something else is wrong: CT104, CT106 … */
	if (o && o->known && o->err && o->cmsg >= 0 && o->cmsg != index_of(m))
		return;

	struct finding *f =
		finding_start(c, r, r->severity, (int)cur->index, index_of(m), say_errno(err));

	if (!f)
		return;
	explain(c, f, err, seg, limit);
	finding_note(c, f, "so %s fails with %s, and nothing is sent", say_call(ev),
		     say_errno(err));
	finding_note(c, f, "the segment size comes from %s",
		     index_of(m) >= 0 ? "the control message UDP_SEGMENT"
				      : "the socket option UDP_SEGMENT");
	finding_note(c, f, "kernel: %s",
		     cur->kind == SOCK_KIND_UDP6 && !cur->mapped
			     ? "net/ipv6/udp.c udp_v6_send_skb()"
			     : "net/ipv4/udp.c udp_send_skb()");
	finding_done(c, f);
}

const struct rule ct501 = {
	.id = "CT501",
	.name = "gso-limits",
	.severity = SEVERITY_ERROR,
	.title = "a send with UDP_SEGMENT goes over one of its limits",
	.explains = EXPLAINS_REFUSAL,
	.what = "A segmented send failed: more segments than one call may hold (64, and 128 since about\n"
		"6.9), more than 65507 bytes in all, a segment that does not fit the route's MTU, or a route\n"
		"that can't be segmented for.\n"
		"EINVAL: too many segments, or SO_NO_CHECK. EMSGSIZE: too large. EIO: not on this route.",
	.why = "The errno tells three different reactions apart: send less at once, use smaller segments,\n"
	       "or stop using UDP_SEGMENT on this path. A program that treats them alike loses packets or\n"
	       "falls back for good.",
	.kernel =
		"net/ipv4/udp.c udp_send_skb(), net/ipv6/udp.c udp_v6_send_skb(): UDP_MAX_SEGMENTS, hlen +\n"
		"gso_size against the MTU, then checksum offload and xfrm.",
	.bad = "#include <netinet/udp.h>\n"
	       "#include <stdint.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "/* 64000 bytes by 400: 160 datagrams */\n"
	       "void cut(struct msghdr *m, uint16_t size)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_UDP;\n"
	       "	c->cmsg_type = UDP_SEGMENT;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(size));\n"
	       "	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
	       "}\n",
	.good = "#include <netinet/udp.h>\n"
		"#include <stdint.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"enum { SEGMENTS = 64 };\n"
		"\n"
		"void cut(struct msghdr *m, uint16_t size)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	if (m->msg_iov->iov_len > (size_t)size * SEGMENTS)\n"
		"		m->msg_iov->iov_len = (size_t)size * SEGMENTS; /* the rest with the next call */\n"
		"	c->cmsg_level = SOL_UDP;\n"
		"	c->cmsg_type = UDP_SEGMENT;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(size));\n"
		"	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
		"}\n",
	.remedy =
		"EINVAL: at most 64 segments a call (128 where the kernel is known to be new enough).\n"
		"EMSGSIZE: at most 65507 bytes (65487 over IPv6 as a rule) a call; segments no larger than\n"
		"the path's MTU less 28 bytes (48 over IPv6).\n"
		"EIO: send one datagram a call on this path, and try again when the route changes.",
	.send = check,
};
