// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SOL_SOCKET.
 * Kernel: net/core/sock.c __sock_cmsg_send(), net/core/scm.c.
 */
#include "config.h"

#include <errno.h>

#include "cmsg/scm-send.h"
#include "cmsg/stamps.h"
#include "cmsg/table.h"

static void decode_rights(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_array(e, NULL);
	while (r.left >= 4)
		emit_fd(e, NULL, read_s32(&r));
	emit_end(e);
}

static void emit_id(struct emit *e, const char *name, uint32_t id)
{
	if (id == UINT32_MAX)
		emit_s64(e, name, -1);
	else
		emit_u64(e, name, id);
}

static void decode_credentials(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_pid(e, "pid", read_s32(&r));
	emit_id(e, "uid", read_u32(&r));
	emit_id(e, "gid", read_u32(&r));
	emit_end(e);
}

static void decode_pidfd(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_fd(e, NULL, read_s32(&r));
}

static void decode_devmem(struct emit *e, const struct cmsg *c)
{
	struct reader r = cmsg_reader(c);

	emit_struct(e, NULL);
	emit_u64(e, "frag_offset", read_u64(&r));
	emit_u64(e, "frag_size", read_u32(&r));
	emit_u64(e, "frag_token", read_u32(&r));
	emit_u64(e, "dmabuf_id", read_u32(&r));
	emit_hex(e, "flags", read_u32(&r));
	emit_end(e);
}

/* Sent: the id of the binding.  Received: where a fragment is. */
static void decode_devmem_dmabuf(struct emit *e, const struct cmsg *c)
{
	if (c->data_len >= 24)
		decode_devmem(e, c);
	else
		decode_u32s(e, c);
}

enum { PRIORITY_UNPRIVILEGED_MAX = 6 }; /* TC_PRIO_INTERACTIVE */

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
	if (j->kind == SOCK_KIND_TCP4 || j->kind == SOCK_KIND_TCP6) {
		judge_reject(j, CHECK_STATE, EINVAL,
			     "TCP numbers its timestamps by bytes and takes no id");
		return;
	}
	if (!sock_opt_known(j->sk, OPT_SO_TIMESTAMPING))
		judge_unknown(j, "the socket's timestamping flags are not known");
	else if (!(sock_opt(j->sk, OPT_SO_TIMESTAMPING) & SOF_OPT_ID))
		judge_reject(j, CHECK_STATE, EINVAL, "the socket has no SOF_TIMESTAMPING_OPT_ID");
}

/* Looked at by TCP's own code only, after the list was parsed: see late_tcp(). */
static void dmabuf_check(struct judge *j)
{
	int32_t v;

	if (judge_int(j, &v))
		j->dmabuf_by = v ? (int)j->i : -1;
}

/* On unless switched off, since 6.16; older kernels have no such option. */
static enum cmsg_comes rights_come(const struct cmsg_type *t, const struct sock *s)
{
	return !sock_opt_known(s, t->recv.option) || sock_opt(s, t->recv.option) ? COMES_AT_TIMES
										 : COMES_NEVER;
}

static const char stamping[] = "only where a timestamp was taken";

/* Only packet sockets are asked for it, and it takes a rare device: not known is off. */
static enum cmsg_comes wifi_comes(const struct cmsg_type *t, const struct sock *s)
{
	return sock_opt(s, t->recv.option) ? COMES_AT_TIMES : COMES_NEVER;
}

/* Only a traced setsockopt() tells, no getsockopt(): not known is off. */
static enum cmsg_comes inq_comes(const struct cmsg_type *t, const struct sock *s)
{
	return sock_opt(s, t->recv.option) ? COMES_ALWAYS : COMES_NEVER;
}

/* Sockets whose sendmsg() calls __sock_cmsg_send(), TCP aside: there most has no effect. */
#define ON_SOCK_CMSG                                                                               \
	(ON_UDP | ON_RAW | ON_PING | ON(PACKET) | ON(CAN_RAW) | ON(BT_L2CAP) | ON(BT_SCO) |        \
	 ON(BT_ISO))
/* Sockets whose recvmsg() calls sock_recv_cmsgs(): drops, mark and priority of a packet. */
#define ON_RECV_CMSGS (ON_UDP | ON_RAW | ON(PACKET) | ON_CAN)
#define ON_STAMPED                                                                                 \
	(ON_UDP | ON_RAW | ON_PING | ON_TCP | ON(MPTCP) | ON(PACKET) | ON(UNIX_DGRAM) |            \
	 ON(UNIX_SEQPACKET) | ON_CAN | ON_BLUETOOTH | ON(SCTP))

static const struct cmsg_type rows[] = {
	{
		ROW(L_SOCKET, 1, "SCM_RIGHTS"),
		.size = 4,
		.size_max = 253 * 4,
		.kinds = ON_UNIX,
		.effect = "passes file descriptors (int each, at most 253); ignored on UDP, TCP, "
			  "raw and packet sockets",
		.kernel = "net/core/scm.c __scm_send()",
		.decode = decode_rights,
		.send = {
			.by = BY_SCM,
			.most = SIZE_MAX_NONE,
			.does = "passes the descriptors",
			.before = scm_rights_before,
			.check = scm_rights_check,
		},
		.send_other = {
			.by = BY_SOCK,
			.most = SIZE_MAX_NONE,
			.idle = UINT64_MAX,
			.idle_why = "descriptors are passed by AF_UNIX only; here they are not even looked at",
		},
		.recv = {
			.from = FROM_SCM,
			.nth = 3,
			.option = OPT_SO_PASSRIGHTS,
			.option_name = "",
			.varies = true,
			.when = "only where descriptors were passed",
			.comes = rights_come,
		},
	},
	{
		ROW(L_SOCKET, 2, "SCM_CREDENTIALS"),
		.size = 12,
		.kinds = ON_UNIX | ON(NETLINK) | ON_BLUETOOTH,
		.kinds_send = ON_UNIX | ON(NETLINK),
		.effect = "process, user and group of the sender; dropped where the receiver has "
			  "no SO_PASSCRED",
		.kernel = "net/core/scm.c __scm_send()",
		.decode = decode_credentials,
		.send = {
			.by = BY_SCM,
			.slot = SLOT_CREDENTIALS,
			.does = "gives the receiver these credentials, if it has SO_PASSCRED",
			.size_why = "SCM_CREDENTIALS takes a 12-byte ucred only",
			.check = scm_credentials_check,
		},
		.send_other = {
			.by = BY_SOCK,
			.most = SIZE_MAX_NONE,
			.idle = UINT64_MAX,
			.idle_why = "credentials are passed by AF_UNIX and AF_NETLINK only; here they are not looked at",
		},
		.recv = { .from = FROM_SCM, .nth = 1, .option = OPT_SO_PASSCRED },
	},
	{
		ROW(L_SOCKET, 3, "SCM_SECURITY"),
		.size = 1,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_UNIX | ON(NETLINK),
		.since = KERNEL_RELEASE(2, 6, 18),
		.effect = "security label of the sender, where an LSM gives labels",
		.kernel = "include/net/scm.h scm_passec()",
		.decode = decode_string,
		.recv = {
			.from = FROM_SCM,
			.nth = 2,
			.option = OPT_SO_PASSSEC,
			.varies = true,
			.when = "only where a security module labels sockets",
		},
	},
	{
		ROW(L_SOCKET, 4, "SCM_PIDFD"),
		.size = 4,
		.kinds = ON_UNIX,
		.since = KERNEL_RELEASE(6, 5, 0),
		.effect = "a new descriptor that refers to the sending process",
		.kernel = "net/core/scm.c scm_pidfd_recv()",
		.decode = decode_pidfd,
		.recv = { .from = FROM_SCM, .nth = 4, .option = OPT_SO_PASSPIDFD },
	},
	{
		ROW(L_SOCKET, 12, "SO_PRIORITY"),
		.size = 4,
		.kinds = ON_SOCK_CMSG | ON_RECV_CMSGS,
		.kinds_send = ON_SOCK_CMSG,
		.kinds_recv = ON_RECV_CMSGS,
		.since = KERNEL_RELEASE(6, 14, 0),
		.effect = "priority of this packet; more than 6 needs CAP_NET_RAW or "
			  "CAP_NET_ADMIN; no effect on TCP",
		.kernel = "net/core/sock.c __sock_cmsg_send()",
		.decode = decode_u32s,
		.send = {
			.by = BY_SOCK,
			.slot = SLOT_PRIORITY,
			.does = "sets the packet's priority",
			.size_why = "SO_PRIORITY takes exactly 4 bytes",
			.idle = ON_TCP,
			.idle_why = "TCP checks it and takes the socket's own SO_PRIORITY",
			.check = priority_check,
		},
		.recv = { .from = FROM_SOCK, .nth = 3, .option = OPT_SO_RCVPRIORITY },
	},
	{
		ROW(L_SOCKET, 29, "SO_TIMESTAMP_OLD"),
		.alias = "SCM_TIMESTAMP",
		.size = 16,
		.size32 = 8,
		.kinds = ON_STAMPED,
		.effect = "time of arrival as struct timeval",
		.kernel = "net/socket.c __sock_recv_timestamp()",
		.decode = decode_timeval_old,
		.recv = {
			.from = FROM_STAMPS,
			.nth = 1,
			.option = OPT_SO_TIMESTAMP,
			.comes = stamp_comes,
		},
	},
	{
		ROW(L_SOCKET, 35, "SO_TIMESTAMPNS_OLD"),
		.alias = "SCM_TIMESTAMPNS",
		.size = 16,
		.size32 = 8,
		.kinds = ON_STAMPED,
		.since = KERNEL_RELEASE(2, 6, 22),
		.effect = "time of arrival as struct timespec",
		.kernel = "net/socket.c __sock_recv_timestamp()",
		.decode = decode_timespec_old,
		.recv = {
			.from = FROM_STAMPS,
			.nth = 2,
			.option = OPT_SO_TIMESTAMPNS,
			.comes = stamp_comes,
		},
	},
	{
		ROW(L_SOCKET, 36, "SO_MARK"),
		.size = 4,
		.kinds = ON_SOCK_CMSG | ON_RECV_CMSGS,
		.kinds_send = ON_SOCK_CMSG,
		.kinds_recv = ON_RECV_CMSGS,
		.since = KERNEL_RELEASE(4, 7, 0),
		.effect = "firewall and routing mark of this packet; needs CAP_NET_RAW or "
			  "CAP_NET_ADMIN; no effect on TCP; received since 5.19",
		.kernel = "net/core/sock.c __sock_cmsg_send()",
		.decode = decode_hex32s,
		.send = {
			.by = BY_SOCK,
			.slot = SLOT_MARK,
			.does = "sets the packet's mark, for its route too",
			.size_why = "SO_MARK takes exactly 4 bytes",
			.idle = ON_TCP,
			.idle_why = "TCP checks it and takes the socket's own SO_MARK",
			.before = mark_before,
		},
		.recv = {
			.from = FROM_SOCK,
			.nth = 2,
			.option = OPT_SO_RCVMARK,
			.since = KERNEL_RELEASE(5, 19, 0),
		},
	},
	{
		ROW(L_SOCKET, 37, "SO_TIMESTAMPING_OLD"),
		.alias = "SCM_TIMESTAMPING",
		.size = 4,
		.size_max = 48,
		.kinds = ON_STAMPED,
		.kinds_send = ON_SOCK_CMSG | ON_TCP,
		.since = KERNEL_RELEASE(2, 6, 30),
		.effect = "sent (u32 flags, since 4.7): which transmit timestamps this message "
			  "asks for; received: software, unused and hardware time",
		.kernel = "net/core/sock.c __sock_cmsg_send(), net/socket.c "
			  "__sock_recv_timestamp()",
		.decode = decode_timestamping_old,
		.send = {
			.by = BY_SOCK,
			.since = KERNEL_RELEASE(4, 7, 0),
			.least = 4,
			.most = 4,
			.slot = SLOT_TIMESTAMPING,
			.does = "chooses the transmit timestamps of this call",
			.size_why = "SO_TIMESTAMPING takes exactly 4 bytes",
			.check = timestamping_check,
		},
		.recv = {
			.from = FROM_STAMPS,
			.nth = 3,
			.option = OPT_SO_TIMESTAMPING,
			.size = 48,
			.size32 = 24,
			.when = stamping,
			.comes = stamping_comes,
		},
	},
	{
		ROW(L_SOCKET, 40, "SO_RXQ_OVFL"),
		.size = 4,
		.kinds = ON_RECV_CMSGS,
		.since = KERNEL_RELEASE(2, 6, 33),
		.effect = "packets dropped so far because the receive buffer was full; only if "
			  "there are any",
		.kernel = "net/socket.c sock_recv_drops()",
		.decode = decode_u32s,
		.recv = {
			.from = FROM_SOCK,
			.nth = 1,
			.option = OPT_SO_RXQ_OVFL,
			.when = "only after messages were dropped",
		},
	},
	{
		ROW(L_SOCKET, 41, "SO_WIFI_STATUS"),
		.alias = "SCM_WIFI_STATUS",
		.size = 4,
		.kinds = ON_UDP | ON_RAW | ON(PACKET),
		.since = KERNEL_RELEASE(3, 3, 0),
		.effect = "error queue: 1 if the receiver of a sent frame acknowledged it",
		.kernel = "net/socket.c __sock_recv_wifi_status()",
		.decode = decode_s32s,
		.recv = {
			.from = FROM_WIFI,
			.nth = 1,
			.option = OPT_SO_WIFI_STATUS,
			.when = "only from wireless interfaces",
			.comes = wifi_comes,
		},
	},
	{
		ROW(L_SOCKET, 54, "SCM_TIMESTAMPING_OPT_STATS"),
		.size = 4,
		.size_max = SIZE_MAX_NONE,
		.kinds = ON_TCP | ON(CAN_J1939),
		.since = KERNEL_RELEASE(4, 10, 0),
		.effect = "error queue: statistics of the connection as netlink attributes, with "
			  "SOF_TIMESTAMPING_OPT_STATS",
		.kernel = "net/ipv4/tcp.c tcp_get_timestamping_opt_stats()",
		.decode = decode_opt_stats,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_TIMESTAMPING" },
	},
	{
		ROW(L_SOCKET, 58, "SCM_TIMESTAMPING_PKTINFO"),
		.size = 16,
		.kinds = ON_UDP | ON_RAW | ON_PING | ON_TCP | ON(PACKET),
		.since = KERNEL_RELEASE(4, 13, 0),
		.effect = "interface and length of a packet that the hardware stamped, with "
			  "SOF_TIMESTAMPING_OPT_PKTINFO",
		.kernel = "net/socket.c put_ts_pktinfo()",
		.decode = decode_ts_pktinfo,
		.recv = { .from = FROM_UNSUMMED, .option_name = "SO_TIMESTAMPING" },
	},
	{
		ROW(L_SOCKET, 61, "SO_TXTIME"),
		.alias = "SCM_TXTIME",
		.size = 8,
		.kinds = ON_UDP | ON_RAW | ON_PING | ON(PACKET),
		.since = KERNEL_RELEASE(4, 19, 0),
		.effect = "time at which to send (ns of the clock that SO_TXTIME chose); needs "
			  "SO_TXTIME and an fq or etf queue",
		.kernel = "net/core/sock.c __sock_cmsg_send()",
		.decode = decode_u64s,
		.send = {
			.by = BY_SOCK,
			.slot = SLOT_TXTIME,
			.does = "tells the fq or etf qdisc when to send it; without one it leaves at once",
			.size_why = "SCM_TXTIME takes exactly 8 bytes",
			.idle = ON_TCP,
			.idle_why = "TCP checks it and never uses it",
			.before = txtime_before,
		},
	},
	{
		ROW(L_SOCKET, 63, "SO_TIMESTAMP_NEW"),
		.alias = "SCM_TIMESTAMP_NEW",
		.size = 16,
		.kinds = ON_STAMPED,
		.since = KERNEL_RELEASE(5, 1, 0),
		.effect = "time of arrival, 64-bit seconds and microseconds",
		.kernel = "net/socket.c __sock_recv_timestamp()",
		.decode = decode_timeval_new,
		.recv = {
			.from = FROM_STAMPS,
			.nth = 1,
			.option = OPT_SO_TIMESTAMP,
			.option_name = "SO_TIMESTAMP_NEW",
			.comes = stamp_comes,
		},
	},
	{
		ROW(L_SOCKET, 64, "SO_TIMESTAMPNS_NEW"),
		.alias = "SCM_TIMESTAMPNS_NEW",
		.size = 16,
		.kinds = ON_STAMPED,
		.since = KERNEL_RELEASE(5, 1, 0),
		.effect = "time of arrival, 64-bit seconds and nanoseconds",
		.kernel = "net/socket.c __sock_recv_timestamp()",
		.decode = decode_timespec_new,
		.recv = {
			.from = FROM_STAMPS,
			.nth = 2,
			.option = OPT_SO_TIMESTAMPNS,
			.option_name = "SO_TIMESTAMPNS_NEW",
			.comes = stamp_comes,
		},
	},
	{
		ROW(L_SOCKET, 65, "SO_TIMESTAMPING_NEW"),
		.alias = "SCM_TIMESTAMPING_NEW",
		.size = 4,
		.size_max = 48,
		.kinds = ON_STAMPED,
		.kinds_send = ON_SOCK_CMSG | ON_TCP,
		.since = KERNEL_RELEASE(5, 1, 0),
		.effect = "as SO_TIMESTAMPING_OLD, with 64-bit times",
		.kernel = "net/core/sock.c __sock_cmsg_send(), net/socket.c "
			  "__sock_recv_timestamp()",
		.decode = decode_timestamping_new,
		.send = {
			.by = BY_SOCK,
			.least = 4,
			.most = 4,
			.slot = SLOT_TIMESTAMPING,
			.does = "chooses the transmit timestamps of this call",
			.size_why = "SO_TIMESTAMPING takes exactly 4 bytes",
			.check = timestamping_check,
		},
		.recv = {
			.from = FROM_STAMPS,
			.nth = 3,
			.option = OPT_SO_TIMESTAMPING,
			.option_name = "SO_TIMESTAMPING_NEW",
			.size = 48,
			.when = stamping,
			.comes = stamping_comes,
		},
	},
	{
		ROW(L_SOCKET, 78, "SCM_DEVMEM_LINEAR"),
		.size = 24,
		.kinds = ON_TCP,
		.since = KERNEL_RELEASE(6, 12, 0),
		.effect = "device memory TCP: a fragment that was copied to the linear buffer, "
			  "with MSG_SOCK_DEVMEM",
		.kernel = "net/ipv4/tcp.c tcp_recvmsg_dmabuf()",
		.decode = decode_devmem,
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_SOCKET, 79, "SCM_DEVMEM_DMABUF"),
		.size = 4,
		.size_max = 24,
		.kinds = ON_TCP,
		.since = KERNEL_RELEASE(6, 12, 0),
		.effect = "device memory TCP: where a received fragment is in the dmabuf; sent "
			  "(u32, since 6.16): id of the binding to send from, with MSG_ZEROCOPY",
		.kernel = "net/ipv4/tcp.c tcp_recvmsg_dmabuf(), net/core/sock.c "
			  "__sock_cmsg_send()",
		.decode = decode_devmem_dmabuf,
		.send = {
			.by = BY_SOCK,
			.since = KERNEL_RELEASE(6, 16, 0),
			.least = 4,
			.most = 4,
			.slot = SLOT_DMABUF,
			.does = "sends from the bound dma-buf",
			.size_why = "SCM_DEVMEM_DMABUF takes exactly 4 bytes",
			.idle = ~ON_TCP,
			.idle_why = "only TCP sends from device memory",
			.check = dmabuf_check,
		},
		.recv = { .from = FROM_UNSUMMED },
	},
	{
		ROW(L_SOCKET, 81, "SCM_TS_OPT_ID"),
		.size = 4,
		.kinds = ON_UDP | ON_RAW | ON_PING | ON(PACKET),
		.since = KERNEL_RELEASE(6, 13, 0),
		.effect = "key under which this message's transmit timestamp comes back; needs "
			  "SOF_TIMESTAMPING_OPT_ID; EINVAL on TCP",
		.kernel = "net/core/sock.c __sock_cmsg_send()",
		.decode = decode_u32s,
		.send = {
			.by = BY_SOCK,
			.slot = SLOT_TS_ID,
			.does = "comes back in ee_data of this packet's timestamps",
			.size_why = "SCM_TS_OPT_ID takes exactly 4 bytes",
			.before = ts_id_before,
		},
	},
	{
		ROW(L_SOCKET, 84, "SCM_INQ"),
		.size = 4,
		.kinds = ON(UNIX_STREAM),
		.since = KERNEL_RELEASE(6, 17, 0),
		.effect = "bytes left to read",
		.kernel = "net/unix/af_unix.c unix_stream_recvmsg()",
		.decode = decode_s32s,
		.recv = { .from = FROM_PROTOCOL, .nth = 1, .option = OPT_SO_INQ, .comes = inq_comes },
	},
};

const struct cmsg_level cmsg_level_socket = CMSG_LEVEL(L_SOCKET, "SOL_SOCKET", rows);
