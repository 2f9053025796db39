// SPDX-License-Identifier: LGPL-2.1-or-later
/* SOL_SOCKET as most protocols read it on send.  Pure.  Kernel: net/core/sock.c __sock_cmsg_send(). */
#include "config.h"

#include <errno.h>

#include "kernel/judge.h"

enum { PRIORITY_UNPRIVILEGED_MAX = 6 }; /* TC_PRIO_INTERACTIVE */

#define TCP (KIND(TCP4) | KIND(TCP6))

static enum truth raw_or_admin(const struct judge *j)
{
	return truth_or(judge_net_capable(j, CAPABILITY_NET_RAW),
			judge_net_capable(j, CAPABILITY_NET_ADMIN));
}

static void need_raw_or_admin(struct judge *j, const char *why)
{
	switch (raw_or_admin(j)) {
	case NO:
		judge_reject(j, CHECK_PRIVILEGE, EPERM, why);
		break;
	case MAYBE:
		judge_unknown(j, "the sender's capabilities are not known");
		break;
	case YES:
		break;
	}
}

static void mark_before(struct judge *j)
{
	need_raw_or_admin(j, "SO_MARK needs CAP_NET_RAW or CAP_NET_ADMIN");
}

static void priority_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v) && (v < 0 || v > PRIORITY_UNPRIVILEGED_MAX))
		need_raw_or_admin(j,
				  "a priority outside 0 ... 6 needs CAP_NET_RAW or CAP_NET_ADMIN");
}

static void timestamping_check(struct judge *j)
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

static void txtime_before(struct judge *j)
{
	switch (judge_opt(j, OPT_SO_TXTIME)) {
	case NO:
		judge_reject(j, CHECK_STATE, EINVAL,
			     "SO_TXTIME is not switched on for this socket");
		break;
	case MAYBE:
		judge_unknown(j, "it is not known whether SO_TXTIME is on");
		break;
	case YES:
		break;
	}
}

static void ts_id_before(struct judge *j)
{
	if (KIND(TCP4) == 1ULL << j->kind || KIND(TCP6) == 1ULL << j->kind) {
		judge_reject(j, CHECK_STATE, EINVAL,
			     "TCP numbers its timestamps by bytes and takes no id");
		return;
	}
	if (!sock_opt_known(j->sk, OPT_SO_TIMESTAMPING))
		judge_unknown(j, "the socket's timestamping flags are not known");
	else if (!(sock_opt(j->sk, OPT_SO_TIMESTAMPING) & SOF_OPT_ID))
		judge_reject(j, CHECK_STATE, EINVAL, "the socket has no SOF_TIMESTAMPING_OPT_ID");
}

/* Looked at by TCP's own code only, after the list was parsed: see tcp_late() in parsers.c. */
static void dmabuf_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v))
		j->dmabuf_by = v ? (int)j->i : -1;
}

static const struct row rows[] = {
	{ .type = 1, /* SCM_RIGHTS */
	  .size_max = ROW_LONGER,
	  .idle = UINT64_MAX,
	  .idle_why = "descriptors are passed by AF_UNIX only; here they are not even looked at" },
	{ .type = 2, /* SCM_CREDENTIALS */
	  .size_max = ROW_LONGER,
	  .idle = UINT64_MAX,
	  .idle_why =
		  "credentials are passed by AF_UNIX and AF_NETLINK only; here they are not looked at" },
	{ .type = 12, /* SO_PRIORITY */
	  .size = 4,
	  .slot = SLOT_PRIORITY,
	  .since = KERNEL_RELEASE(6, 14, 0),
	  .effect = "sets the packet's priority",
	  .size_why = "SO_PRIORITY takes exactly 4 bytes",
	  .idle = TCP,
	  .idle_why = "TCP checks it and takes the socket's own SO_PRIORITY",
	  .check = priority_check },
	{ .type = 36, /* SO_MARK */
	  .size = 4,
	  .slot = SLOT_MARK,
	  .since = KERNEL_RELEASE(4, 7, 0),
	  .effect = "sets the packet's mark, for its route too",
	  .size_why = "SO_MARK takes exactly 4 bytes",
	  .idle = TCP,
	  .idle_why = "TCP checks it and takes the socket's own SO_MARK",
	  .before = mark_before },
	{ .type = 37, /* SO_TIMESTAMPING_OLD */
	  .size = 4,
	  .slot = SLOT_TIMESTAMPING,
	  .since = KERNEL_RELEASE(4, 7, 0),
	  .effect = "chooses the transmit timestamps of this call",
	  .size_why = "SO_TIMESTAMPING takes exactly 4 bytes",
	  .check = timestamping_check },
	{ .type = 61, /* SCM_TXTIME */
	  .size = 8,
	  .slot = SLOT_TXTIME,
	  .since = KERNEL_RELEASE(4, 19, 0),
	  .effect = "tells the fq or etf qdisc when to send it; without one it leaves at once",
	  .size_why = "SCM_TXTIME takes exactly 8 bytes",
	  .idle = TCP,
	  .idle_why = "TCP checks it and never uses it",
	  .before = txtime_before },
	{ .type = 65, /* SO_TIMESTAMPING_NEW */
	  .size = 4,
	  .slot = SLOT_TIMESTAMPING,
	  .since = KERNEL_RELEASE(5, 1, 0),
	  .effect = "chooses the transmit timestamps of this call",
	  .size_why = "SO_TIMESTAMPING takes exactly 4 bytes",
	  .check = timestamping_check },
	{ .type = 79, /* SCM_DEVMEM_DMABUF */
	  .size = 4,
	  .slot = SLOT_DMABUF,
	  .since = KERNEL_RELEASE(6, 16, 0),
	  .effect = "sends from the bound dma-buf",
	  .size_why = "SCM_DEVMEM_DMABUF takes exactly 4 bytes",
	  .idle = ~TCP,
	  .idle_why = "only TCP sends from device memory",
	  .check = dmabuf_check },
	{ .type = 81, /* SCM_TS_OPT_ID */
	  .size = 4,
	  .slot = SLOT_TS_ID,
	  .since = KERNEL_RELEASE(6, 13, 0),
	  .effect = "comes back in ee_data of this packet's timestamps",
	  .size_why = "SCM_TS_OPT_ID takes exactly 4 bytes",
	  .before = ts_id_before },
};

const struct level level_socket = {
	.level = L_SOCKET,
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.kernel = "net/core/sock.c __sock_cmsg_send()",
	.unknown = "no such SOL_SOCKET message can be sent here",
};
