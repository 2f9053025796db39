// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING, old and new: the times that arrive, when they do, and what a send
 * may ask for.  Kernel: net/socket.c __sock_recv_timestamp(), net/core/sock.c __sock_cmsg_send().
 */
#include "config.h"

#include "cmsg/stamps.h"

#include <errno.h>
#include <stdio.h>

#include "cmsg/judge.h"
#include "cmsg/table.h"

void decode_timeval_old(struct emit *e, const struct cmsg *c)
{
	decode_timeval(e, c, emit_abi(e)->kword);
}

void decode_timespec_old(struct emit *e, const struct cmsg *c)
{
	decode_timespec(e, c, emit_abi(e)->kword);
}

void decode_timeval_new(struct emit *e, const struct cmsg *c)
{
	decode_timeval(e, c, 8);
}

void decode_timespec_new(struct emit *e, const struct cmsg *c)
{
	decode_timespec(e, c, 8);
}

/* Kernel: include/uapi/linux/net_tstamp.h */
static const struct names timestamping_names = NAMES(
	"SOF_???", VALUE(1 << 0, "SOF_TIMESTAMPING_TX_HARDWARE"),
	VALUE(1 << 1, "SOF_TIMESTAMPING_TX_SOFTWARE"),
	VALUE(1 << 2, "SOF_TIMESTAMPING_RX_HARDWARE"),
	VALUE(1 << 3, "SOF_TIMESTAMPING_RX_SOFTWARE"), VALUE(1 << 4, "SOF_TIMESTAMPING_SOFTWARE"),
	VALUE(1 << 5, "SOF_TIMESTAMPING_SYS_HARDWARE"),
	VALUE(1 << 6, "SOF_TIMESTAMPING_RAW_HARDWARE"), VALUE(1 << 7, "SOF_TIMESTAMPING_OPT_ID"),
	VALUE(1 << 8, "SOF_TIMESTAMPING_TX_SCHED"), VALUE(1 << 9, "SOF_TIMESTAMPING_TX_ACK"),
	VALUE(1 << 10, "SOF_TIMESTAMPING_OPT_CMSG"), VALUE(1 << 11, "SOF_TIMESTAMPING_OPT_TSONLY"),
	VALUE(1 << 12, "SOF_TIMESTAMPING_OPT_STATS"),
	VALUE(1 << 13, "SOF_TIMESTAMPING_OPT_PKTINFO"),
	VALUE(1 << 14, "SOF_TIMESTAMPING_OPT_TX_SWHW"), VALUE(1 << 15, "SOF_TIMESTAMPING_BIND_PHC"),
	VALUE(1 << 16, "SOF_TIMESTAMPING_OPT_ID_TCP"),
	VALUE(1 << 17, "SOF_TIMESTAMPING_OPT_RX_FILTER"),
	VALUE(1 << 18, "SOF_TIMESTAMPING_TX_COMPLETION"));

/*
 * Received: three timespecs (software, unused, raw hardware).  Sent: the flags for this message, an
 * u32.  Of what was cut off, the timespecs that are whole.
 */
static void decode_timestamping(struct emit *e, const struct cmsg *c, unsigned int word)
{
	struct reader r = cmsg_reader(c);
	char text[32];

	if (c->data_len == 4) {
		emit_array(e, NULL);
		emit_flags(e, NULL, read_u32(&r), &timestamping_names);
		emit_end(e);
		return;
	}
	emit_array(e, NULL);
	for (int i = 0; i < 3 && r.left >= 2 * word; i++)
		emit_time(e, &r, word, "tv_nsec");
	if (r.left && c->data_len < 3 * 2 * word)
		emit_bytes(e, NULL, r.p, r.left);
	emit_end(e);
	if (c->data_len < 3 * 2 * word) {
		snprintf(text, sizeof(text), "%u of %u bytes", c->data_len, 3 * 2 * word);
		emit_comment(e, text);
	}
}

void decode_timestamping_old(struct emit *e, const struct cmsg *c)
{
	decode_timestamping(e, c, emit_abi(e)->kword);
}

void decode_timestamping_new(struct emit *e, const struct cmsg *c)
{
	decode_timestamping(e, c, 8);
}

void decode_ts_pktinfo(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_ifindex(e, "if_index", read_u32(&r));
	emit_u64(e, "pkt_length", read_u32(&r));
	emit_end(e);
}

void timestamping_check(struct judge *j)
{
	uint32_t mask = SOF_TX_RECORD;
	int32_t v;

	if (judge_since(j, KERNEL_RELEASE(6, 15, 0)))
		mask |= SOF_TX_COMPLETION;
	if (judge_int(j, &v) && ((uint32_t)v & ~mask))
		judge_reject(j, CHECK_VALUE, EINVAL,
			     "only the bits that ask for transmit timestamps are taken "
			     "(SOF_TIMESTAMPING_TX_*)");
}

/*
 * The option's value is the number of the one that is on, OLD or NEW.  One of the two kinds at a time;
 * the kernel reports SO_TIMESTAMP_NEW for both.
 */
enum cmsg_comes stamp_comes(const struct cmsg_type *t, const struct sock *s)
{
	if (t->recv.option == OPT_SO_TIMESTAMP && sock_opt(s, OPT_SO_TIMESTAMPNS))
		return COMES_NEVER;
	if (!sock_opt_known(s, t->recv.option))
		return COMES_UNSURE;
	return sock_opt(s, t->recv.option) == t->type ? COMES_ALWAYS : COMES_NEVER;
}

enum cmsg_comes stamping_comes(const struct cmsg_type *t, const struct sock *s)
{
	const int32_t flags = sock_opt(s, OPT_SO_TIMESTAMPING);
	const bool stamps = sock_opt(s, OPT_SO_TIMESTAMP) || sock_opt(s, OPT_SO_TIMESTAMPNS);

	if (!sock_opt_known(s, OPT_SO_TIMESTAMPING))
		return COMES_UNSURE;
	if (!(flags & (SOF_SOFTWARE | SOF_RAW_HARDWARE)) ||
	    (t->type == O_SO_TIMESTAMPING_NEW) != (sock_opt(s, OPT_SO_TIMESTAMPING_NEW) != 0))
		return COMES_NEVER;
	/* AF_UNIX stamps only what it is asked for by SO_TIMESTAMP(NS), and then here too */
	if (sock_kind_is_unix(sock_kind(s)) && !(stamps && (flags & SOF_SOFTWARE)))
		return COMES_NEVER;
	return (flags & SOF_SOFTWARE) && (stamps || (flags & SOF_RX_SOFTWARE)) ? COMES_ALWAYS
									       : COMES_AT_TIMES;
}
