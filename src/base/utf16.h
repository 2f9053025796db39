/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UTF-16 as UTF-8: an input in front of another. What is no character becomes U+FFFD. */
#ifndef CMSGTRACE_BASE_UTF16_H
#define CMSGTRACE_BASE_UTF16_H

#include <stdbool.h>

#include "base/lines.h"

struct utf16 {
	struct input in; /* its bytes */
	bool big;        /* the high byte comes first */
	unsigned char raw[4096];
	size_t have;   /* bytes of a unit that isn't whole yet */
	uint32_t high; /* a surrogate that waits for its second half, or 0 */
};

/* As read() of struct input; ctx is a struct utf16. */
long utf16_read(void *ctx, char *p, size_t n);

#endif
