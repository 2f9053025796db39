/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CMSGTRACE_BASE_CLOCK_H
#define CMSGTRACE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* ns; CLOCK_MONOTONIC_COARSE is CLOCK_MONOTONIC as of the last tick: cheaper, some ms old. */
static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif
