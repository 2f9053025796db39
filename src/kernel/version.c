// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kernel releases as numbers.  Pure. */
#include "config.h"

#include "kernel/model.h"

#include <stddef.h>

enum { SUBLEVEL_MAX = 255 }; /* the kernel's own LINUX_VERSION_CODE stops there, too */

uint32_t model_release(const char *text)
{
	uint32_t part[3] = { 0 };
	unsigned int n = 0;

	while (text && n < 3 && *text >= '0' && *text <= '9') {
		for (; *text >= '0' && *text <= '9'; text++) {
			part[n] = part[n] * 10 + (uint32_t)(*text - '0');
			if (part[n] > UINT16_MAX)
				return 0;
		}
		n++;
		if (*text != '.')
			break;
		text++;
	}
	if (n < 2 || part[0] > UINT8_MAX || part[1] > UINT8_MAX)
		return 0;
	return KERNEL_RELEASE(part[0], part[1], part[2] < SUBLEVEL_MAX ? part[2] : SUBLEVEL_MAX);
}
