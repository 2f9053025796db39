// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kernel releases as numbers.  Pure. */
#include "config.h"

#include "kernel/model.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SUBLEVEL_MAX = 255 }; /* the kernel's own LINUX_VERSION_CODE stops there, too */

static const char debian[] = " Debian ";

void model_kernel_name(const char *release, const char *version, char *name, size_t size)
{
	const char *own = strstr(version, debian);
	const size_t n = own ? strlen(debian) + strcspn(own + strlen(debian), " ") : 0;

	snprintf(name, size, "%s%.*s", release, (int)n, own ? own : "");
}

uint32_t model_release(const char *text)
{
	const char *own = text ? strstr(text, debian) : NULL;
	uint32_t part[3] = { 0 };
	unsigned int n = 0;

	if (own)
		text = own + strlen(debian);
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

bool model_proven(uint32_t release)
{
	/* tests/vm/kernels.py runs them under the first two, make check under the machine's own */
	static const uint32_t series[] = {
		KERNEL_RELEASE(6, 1, 0),
		KERNEL_RELEASE(6, 12, 0),
		KERNEL_RELEASE(6, 18, 0),
	};

	for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
		if (release >> 8 == series[i] >> 8)
			return true;
	return false;
}
