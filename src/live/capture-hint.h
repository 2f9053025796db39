/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a task keeps from message to message, so that the next one is read in one go. */
#ifndef CMSGTRACE_LIVE_CAPTURE_HINT_H
#define CMSGTRACE_LIVE_CAPTURE_HINT_H

#include <stdint.h>

enum { CAPTURE_PLACES = 4, CAPTURE_SPANS = 6 };

/* Where its last messages lay. Zeroed at first. */
struct capture_hint {
	struct capture_place {
		uint64_t key; /* address of the msghdr (or vector), | 1 for receives; 0: unused */
		uint32_t n;
		struct {
			uint64_t addr;
			uint32_t len;
		} span[CAPTURE_SPANS];
	} place[CAPTURE_PLACES];
	uint32_t next;
};

#endif
