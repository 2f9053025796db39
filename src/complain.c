// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the tool says of its own failures. */
#include "config.h"

#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("cmsgtrace: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
