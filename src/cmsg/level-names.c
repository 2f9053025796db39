// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of levels, with and without a table.  Where strace has a name it is strace's.
 * Kernel: include/linux/socket.h SOL_*, include/uapi/linux/can/.
 */
#include "config.h"

#include "base/names.h"
#include "cmsg/cmsg.h"

static const struct name level_v[] = {
	{ 0, "SOL_IP" },
	{ 1, "SOL_SOCKET" },
	{ 6, "SOL_TCP" },
	{ 17, "SOL_UDP" },
	{ 18, "SOL_RFCOMM" },
	{ 40, "AF_VSOCK" }, /* the level of its socket options; SOL_VSOCK is that of its messages */
	{ 41, "SOL_IPV6" },
	{ 58, "SOL_ICMPV6" },
	{ 100, "SOL_CAN_BASE" },
	{ 101, "SOL_CAN_RAW" },
	{ 106, "SOL_CAN_ISOTP" },
	{ 107, "SOL_CAN_J1939" },
	{ 132, "SOL_SCTP" },
	{ 136, "SOL_UDPLITE" },
	{ 255, "SOL_RAW" },
	{ 256, "SOL_IPX" },
	{ 257, "SOL_AX25" },
	{ 258, "SOL_ATALK" },
	{ 259, "SOL_NETROM" },
	{ 260, "SOL_ROSE" },
	{ 261, "SOL_DECNET" },
	{ 262, "SOL_X25" },
	{ 263, "SOL_PACKET" },
	{ 264, "SOL_ATM" },
	{ 265, "SOL_AAL" },
	{ 266, "SOL_IRDA" },
	{ 267, "SOL_NETBEUI" },
	{ 268, "SOL_LLC" },
	{ 269, "SOL_DCCP" },
	{ 270, "SOL_NETLINK" },
	{ 271, "SOL_TIPC" },
	{ 272, "SOL_RXRPC" },
	{ 273, "SOL_PPPOL2TP" },
	{ 274, "SOL_BLUETOOTH" },
	{ 275, "SOL_PNPIPE" },
	{ 276, "SOL_RDS" },
	{ 277, "SOL_IUCV" },
	{ 278, "SOL_CAIF" },
	{ 279, "SOL_ALG" },
	{ 280, "SOL_NFC" },
	{ 281, "SOL_KCM" },
	{ 282, "SOL_TLS" },
	{ 283, "SOL_XDP" },
	{ 284, "SOL_MPTCP" },
	{ 285, "SOL_MCTP" },
	{ 286, "SOL_SMC" },
	{ 287, "SOL_VSOCK" },
};
static const struct names level_names = NAMES(level_v, "SOL_???");

const char *cmsg_level_name(int32_t level)
{
	return level < 0 ? NULL : names_find(&level_names, (uint64_t)level);
}

bool cmsg_level_by_name(const char *name, size_t len, int32_t *level)
{
	uint64_t v;

	if (!names_value(&level_names, name, len, &v))
		return false;
	*level = (int32_t)v;
	return true;
}
