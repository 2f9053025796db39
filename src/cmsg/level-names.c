// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of levels, with and without a table.  Where strace has a name it is strace's.
 * Kernel: include/linux/socket.h SOL_*, include/uapi/linux/can/.
 */
#include "config.h"

#include "base/names.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

#define LEVEL(name, number) VALUE(number, "SOL_" #name),
static const struct names level_names =
	NAMES("SOL_???", UAPI_LEVELS(LEVEL, LEVEL) VALUE(L_AF_VSOCK, "AF_VSOCK"));

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
