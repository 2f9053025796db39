/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FNV-1a of 64 bits, spelled out because a fingerprint must never change from release to release. */
#ifndef CMSGTRACE_BASE_HASH_H
#define CMSGTRACE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325ULL

/* h is HASH_START, or the hash of what comes before. */
static inline uint64_t hash_bytes(uint64_t h, const void *p, size_t len)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < len; i++)
		h = (h ^ u[i]) * 0x100000001b3ULL;
	return h;
}

#endif
